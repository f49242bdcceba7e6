"""StreamedBlobs: what workers make of each partition, sent here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NoReturn

from colprofile.sources.partitions.engine import Blobs, Work

if TYPE_CHECKING:
    import pyarrow as pa

Run = Callable[[Work], Iterator[tuple[int, bytes]]]
"""Runs some work over all partitions, and yields the blobs that come of it."""


class StreamedBlobs:
    """Blobs of an engine that does not shuffle: they are fetched, and not brought together by key or kept."""

    def __init__(self, run: Run, work: Work) -> None:
        self._run, self._work = run, work

    def map(self, work: Work) -> StreamedBlobs:
        """Return what ``work`` makes of each partition's blobs."""
        before = self._work

        def both(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return work(before(batches))

        return StreamedBlobs(self._run, both)

    def by_key(self, partitions: int) -> NoReturn:
        """Raise TypeError: the engine says ``can_shuffle = False``."""
        raise TypeError("this engine does not shuffle: its can_shuffle says so")

    def kept(self) -> AbstractContextManager[Blobs]:
        """Raise TypeError: the engine says ``can_shuffle = False``."""
        raise TypeError("this engine keeps nothing on its workers: its can_shuffle says so")

    def fetched(self) -> Iterator[tuple[int, bytes]]:
        """Yield all keys and bytes."""
        return self._run(self._work)
