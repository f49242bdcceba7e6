"""SampledSource: random rows of a source, read as if they were all there is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from colprofile.errors import ArgumentError
from colprofile.sources.base import Source, SourceColumn

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_ROWS = 2


class SampledSource(Source):
    """Random rows of a source, drawn without replacement: every set of rows is equally likely.

    Parameters
    ----------
    source
        What the rows are of; it is closed with this one.
    size
        A number of rows, or a share such as "10%". All rows are read where there are no more.
    seed
        Random seed. The same seed draws the same rows, in the order of the source.

    Attributes
    ----------
    sampled_rows
        How many rows were drawn, once they are; None where all rows were read.

    Raises
    ------
    ArgumentError
        The source is a query that samples by itself: what it leaves out is not known.
    """

    is_pushdown = False
    sampled_rows: int | None = None

    def __init__(self, source: Source, size: int | str, seed: int) -> None:
        self._source, self._size, self._seed = source, size, seed
        self._opened = contextlib.ExitStack()
        self.description, self.table, self.columns = source.description, source.table, source.columns
        self.reading, self.sampling_note = source.reading, source.sampling_note

    def count_rows(self) -> int:
        """Return how many rows are read."""
        rows = self._source.count_rows()
        return min(rows, sample_size(self._size, rows))

    def batches(self, columns: Sequence[SourceColumn]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return what the source's ``batches`` returns, of the drawn rows."""
        if self._source.is_sampled():
            raise ArgumentError(
                "sample_rows= of a query that samples by itself is not allowed: its rows may come in blocks of similar "
                "rows; name the whole table"
            )
        rows = self._source.count_rows()
        size = sample_size(self._size, rows)
        if rows <= size:
            return self._source.batches(columns)
        self.sampled_rows = size
        return self._opened.enter_context(self._source.sampled_batches(columns, rows, size, self._seed))

    def sampled_batches(
        self, columns: Sequence[SourceColumn], rows: int, size: int, seed: int
    ) -> contextlib.AbstractContextManager[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open a sample of the source as if it were asked for it itself."""
        return self._source.sampled_batches(columns, rows, size, seed)

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        self._source.interrupt()

    def __enter__(self) -> SampledSource:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._opened.close()
        finally:
            self._source.__exit__(*exception)


def sample_size(given: int | str, rows: int) -> int:
    """Return how many of the rows a sample has: a number is taken as it is, a share is rounded, 2 is the least.

    >>> sample_size(500, 1000), sample_size("10%", 1000), sample_size("0.01 %", 1000)
    (500, 100, 2)
    """
    return given if isinstance(given, int) else max(LEAST_ROWS, round(share_of(given) * rows))


def share_of(given: str) -> float:
    """Return the share that a text such as "10%" means.

    Raises
    ------
    ValueError
        It is none, or not above 0 and at most 100 %.
    """
    number = given.strip()
    share = float(number.removesuffix("%")) / 100
    if number.endswith("%") and 0 < share <= 1:
        return share
    raise ValueError(given)


def checked_sample(given: int | str | None) -> int | str | None:
    """Return a sample's size as it was given.

    Raises
    ------
    ArgumentError
        It is neither a number of rows nor a share.
    """
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and given >= LEAST_ROWS):
        return given
    with contextlib.suppress(ValueError):
        if isinstance(given, str) and share_of(given):
            return given
    raise ArgumentError(
        f"sample_rows={given!r} is not allowed: give a whole number of at least {LEAST_ROWS}, or a share such as '10%'"
    )
