"""Source: anything whose columns can be read batch by batch for counting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from colprofile.inputs import InputReading

if TYPE_CHECKING:
    import pyarrow as pa

BaseKind = Literal["boolean", "categorical", "numeric", "temporal", "text", "nested"]

Fetch = Literal["auto", "always", "never"]
"""Whether rows of a database are fetched and counted here, or counted in the database."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as its source has it.

    Attributes
    ----------
    name
        Its name in the source.
    type
        The database's name of its type.
    kind
        What follows from the type alone; text may still turn out to be categorical.
    expression
        SQL that yields it in a form that can be encoded; None where it cannot be counted.
    reason
        Why it cannot be counted.
    is_integer_text
        Whether it arrives as the text of an integer too wide for Arrow.
    is_decimal_text
        Whether it arrives as the text of a decimal.
    is_ranked
        Whether it arrives as struct(rank, text), because only the database can compare its values.
    """

    name: str
    type: str
    kind: BaseKind
    expression: str | None
    reason: str | None = None
    is_integer_text: bool = False
    is_decimal_text: bool = False
    is_ranked: bool = False


@runtime_checkable
class Source(Protocol):
    """A table that can be read. Use it as a context manager: leaving it closes what it opened.

    A class that inherits from it knows neither rows nor bytes nor whether it is a sample, unless it says so.
    """

    description: str
    table: str | None
    columns: tuple[SourceColumn, ...]
    is_pushdown: bool
    """Whether to count inside the database, rather than to fetch rows and count them here."""

    has_row_numbers: bool = False
    """Whether batches come in an order that people know, such as that of a file, so that rows have numbers."""

    reading: InputReading | None = None
    """How files were read; None where there was nothing to find out, as in a database."""

    has_workers: bool = False
    """Whether its rows lie in the partitions of an engine, whose workers may be able to count them."""

    sampling_note: str | None = None
    """A sentence that the reader of a sample's figures should know."""

    def is_sampled(self) -> bool:
        """Whether the source draws a sample of rows by itself, so that a sample of it bounds nothing."""
        return False

    def count_rows(self) -> int:
        """Return how many rows there are."""
        ...

    def expected_rows(self) -> int:
        """Return about how many rows there are; 0 where that is not known without counting."""
        return 0

    def batches(self, columns: Sequence[SourceColumn]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema and an iterator of record batches, one field per column, all from one query.

        Sources that pack their rows give a column as a dictionary array of values of the schema's type.
        """
        ...

    def sampled_batches(
        self, columns: Sequence[SourceColumn], rows: int, size: int, seed: int
    ) -> AbstractContextManager[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open what ``batches`` returns, of ``size`` of the ``rows`` rows, drawn at random without replacement.

        The same seed draws the same rows, in the order of the source.
        """
        ...

    def stored_bytes(self) -> dict[str, int]:
        """Return bytes in storage by column name, for the columns whose size the source knows."""
        return {}

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        ...

    def __enter__(self) -> Source: ...

    def __exit__(self, *exception: object) -> None: ...
