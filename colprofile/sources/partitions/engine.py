"""Engine and Blobs: what runs functions over the partitions of a table, and the bytes that come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Work = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]
"""What a worker does with the batches of one partition. It gives batches of blobs: key int64, data binary.

It runs where nothing of this package is installed, on Python, numpy and pyarrow alone: see ``shipped``.
"""

BLOB_BYTES = 1 << 26
"""A blob is made of about so many bytes of rows at most: messages of Spark Connect end at 128 MB."""


class Blobs(Protocol):
    """Keyed bytes in the partitions of an engine. Nothing runs before they are fetched or kept."""

    def map(self, work: Work) -> Blobs:
        """Return what ``work`` makes of each partition's blobs."""
        ...

    def by_key(self, partitions: int) -> Blobs:
        """Return the same blobs, those of one key in one of so many partitions."""
        ...

    def kept(self) -> AbstractContextManager[Blobs]:
        """Keep them on the workers, so that they are made once, until the block is left.

        An engine makes blobs anew that were lost with a worker, or all, where it cannot keep any: the same work over
        the same rows gives the same blobs, which who uses them twice has to check.
        """
        ...

    def fetched(self) -> Iterator[tuple[int, bytes]]:
        """Yield all keys and bytes, each once, however often an engine repeats a task."""
        ...


class Engine(Protocol):
    """A table in partitions."""

    description: str
    """How results name it."""

    schema: pa.Schema
    """Arrow types of the columns as workers see them; names may repeat."""

    can_shuffle: bool
    """Whether blobs can be brought together by key, and kept."""

    def map(self, columns: Sequence[int], work: Work, share: float | None = None, seed: int = 0) -> Blobs:
        """Return what ``work`` makes of some columns of each partition, by their numbers, named c0, c1 ….

        With a ``share`` of the rows alone, each drawn by itself with that probability.
        """
        ...

    def count_rows(self) -> int:
        """Return how many rows there are."""
        ...

    def is_sampled(self) -> bool:
        """Whether the table is a query that draws a sample by itself."""
        ...

    def interrupt(self) -> None:
        """End what runs for this table, from another thread, and nothing else."""
        ...

    def close(self) -> None:
        """Close what was opened for this table; what the user gave stays open."""
        ...
