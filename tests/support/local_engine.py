"""LocalEngine: a table in partitions here, which repeats tasks, loses what it keeps, and changes, if told to."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from colprofile.sources.partitions.engine import Work
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.sources.workspace import Workspace

Partitions = list[list[pa.RecordBatch]]


@dataclass
class LocalEngine:
    """A table in partitions.

    Attributes
    ----------
    tables
        What the table holds at each look at it, the last at all others: of more than one, it changes.
    seed
        In which order partitions and blobs come; None for their own.
    keeps
        Whether blobs are kept; otherwise they are made anew each time.
    repeats
        Whether each task runs twice, the first result being lost.
    """

    schema: pa.Schema
    tables: list[Partitions]
    seed: int | None = None
    keeps: bool = True
    repeats: bool = False
    can_shuffle: bool = True
    description: str = "the local engine"
    looks: int = 0
    kept: int = 0
    shuffled_bytes: int = 0
    interrupted: bool = False
    works: list[Work] = field(default_factory=list)

    @classmethod
    def of(cls, *tables: pa.Table, partitions: int = 3, rows: int = 1000, **options: object) -> LocalEngine:
        """Return an engine that shows these tables one after the other, in so many partitions, one of them empty."""
        return cls(tables[0].schema, [_cut(table, partitions, rows) for table in tables], **options)  # type: ignore[arg-type]

    def map(self, columns: Sequence[int], work: Work, share: float | None = None, seed: int = 0) -> LocalBlobs:
        """Return what ``work`` makes of some columns of each partition."""
        assert share is None

        def partitions() -> list[list[pa.RecordBatch]]:
            table = self.tables[min(self.looks, len(self.tables) - 1)]
            self.looks += 1
            names = [f"c{i}" for i in range(len(columns))]
            return [
                [pa.RecordBatch.from_arrays([batch.column(i) for i in columns], names) for batch in partition]
                for partition in self.shuffled(table)
            ]

        return LocalBlobs(self, partitions).map(work)

    def shuffled(self, items: list) -> list:  # type: ignore[type-arg]
        """Return items in the engine's order."""
        if self.seed is None:
            return items
        return random.Random(self.seed + self.looks).sample(items, len(items))

    def count_rows(self) -> int:
        """Return how many rows there are."""
        return sum(batch.num_rows for partition in self.tables[0] for batch in partition)

    def is_sampled(self) -> bool:
        """Whether it draws a sample by itself."""
        return False

    def interrupt(self) -> None:
        """Remember that it was called."""
        self.interrupted = True

    def close(self) -> None:
        """Close nothing."""


@dataclass
class LocalBlobs:
    """Blobs that are made when they are asked for."""

    engine: LocalEngine
    partitions: Callable[[], list[list[pa.RecordBatch]]]

    def map(self, work: Work) -> LocalBlobs:
        """Return what ``work`` makes of each partition."""

        def partitions() -> list[list[pa.RecordBatch]]:
            inner = self.partitions()
            if self.engine.repeats:
                for partition in inner:
                    list(work(iter(partition)))
            return [list(work(iter(partition))) for partition in inner]

        return LocalBlobs(self.engine, partitions)

    def by_key(self, partitions: int) -> LocalBlobs:
        """Return the blobs of one key in one partition."""

        def shuffled() -> list[list[pa.RecordBatch]]:
            found: list[list[pa.RecordBatch]] = [[] for _ in range(partitions)]
            batches = [batch for partition in self.partitions() for batch in partition]
            for batch in self.engine.shuffled(batches):
                self.engine.shuffled_bytes += batch.nbytes
                for row in range(batch.num_rows):
                    found[hash(batch.column(0)[row].as_py()) % partitions].append(batch.slice(row, 1))
            return found

        return LocalBlobs(self.engine, shuffled)

    @contextlib.contextmanager
    def kept(self) -> Iterator[LocalBlobs]:
        """Keep the blobs until the block is left."""
        made: list[list[list[pa.RecordBatch]]] = []

        def partitions() -> list[list[pa.RecordBatch]]:
            if not self.engine.keeps:
                return self.partitions()
            if not made:
                made.append(self.partitions())
            return made[0]

        self.engine.kept += 1
        try:
            yield LocalBlobs(self.engine, partitions)
        finally:
            self.engine.kept -= 1

    def fetched(self) -> Iterator[tuple[int, bytes]]:
        """Yield all keys and bytes."""
        for partition in self.partitions():
            for batch in partition:
                yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)


def _cut(table: pa.Table, partitions: int, rows: int) -> Partitions:
    size = max(1, -(-table.num_rows // partitions))
    parts = [table.slice(begin, size).to_batches(max_chunksize=rows) for begin in range(0, table.num_rows, size)]
    return [[], *parts]


def local_source(engine: LocalEngine, fetch: str = "never") -> PartitionedSource:
    """Return the source of an engine."""
    return PartitionedSource(engine, None, Workspace(None, None), fetch=fetch)  # type: ignore[arg-type]
