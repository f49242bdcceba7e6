"""SparkEngine: a Spark DataFrame as an Engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from colprofile.sources.partitions.engine import Work
from colprofile.sources.spark.jobs import SparkJobs, tried
from colprofile.sources.spark.recognise import is_connect

if TYPE_CHECKING:
    from colprofile.sources.spark.types import SparkColumn

_BLOBS = "key bigint, data binary"
_HIGHEST = (1 << 53) - 1


class SparkEngine:
    """A DataFrame, classic or of Spark Connect.

    Parameters
    ----------
    frame
        The DataFrame.
    columns
        How each of its columns is read; those without an expression are left out.
    description
        How results name it.
    close
        Closes the session, where it was opened for this.
    is_sampled
        Whether it is a query that draws a sample by itself.
    """

    can_shuffle = True

    def __init__(
        self,
        frame: Any,
        columns: Sequence[SparkColumn],
        description: str,
        *,
        close: Callable[[], object] = lambda: None,
        is_sampled: bool = False,
    ) -> None:
        self.frame, self.description = frame, description
        self._is_sampled = is_sampled
        # By their places: names may repeat, and may be anything.
        self._numbered = frame.toDF(*(f"c{i}" for i in range(len(columns))))
        counted = [(i, column) for i, column in enumerate(columns) if column.expression is not None]
        self._selected = [str(column.expression).replace("@", f"c{i}") for i, column in counted]
        self.schema = pa.schema([pa.field(frame.columns[i], column.type) for i, column in counted])
        self.jobs = SparkJobs(frame.sparkSession, description)
        self._close = close

    def map(self, columns: Sequence[int], work: Work, share: float | None = None, seed: int = 0) -> SparkBlobs:
        """Return what ``work`` makes of some columns of each partition."""

        def selected() -> Any:
            rows = self._numbered
            if share is not None:
                # Not sample(): what it draws depends on the order within partitions in ways of its own. And not rand()
                # alone: Sail draws the same numbers in every partition.
                drawn = rows.selectExpr("*", "spark_partition_id() as place", f"rand({int(seed)}L) as random")
                rows = drawn.where(f"(xxhash64(place, random) & {_HIGHEST}L) * {1 / (_HIGHEST + 1)!r}D < {share!r}D")
            return rows.selectExpr(*(f"{self._selected[number]} as c{i}" for i, number in enumerate(columns)))

        return SparkBlobs(self.jobs, self.jobs.run(selected)).map(work)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        return int(self.jobs.run(self.frame.count))

    def is_sampled(self) -> bool:
        """Whether it is a query that draws a sample by itself: a DataFrame does not tell."""
        return self._is_sampled

    def interrupt(self) -> None:
        """End the jobs of this engine on the cluster, and no others."""
        self.jobs.interrupt()

    def close(self) -> None:
        """Close the session, where it was opened for this."""
        self._close()


class SparkBlobs:
    """A DataFrame of blobs."""

    def __init__(self, jobs: SparkJobs, frame: Any) -> None:
        self._jobs, self._frame = jobs, frame

    def map(self, work: Work) -> SparkBlobs:
        """Return what ``work`` makes of each partition."""
        # Spark Connect asks the server for the schema already here.
        return SparkBlobs(self._jobs, self._jobs.run(lambda: self._frame.mapInArrow(work, _BLOBS)))

    def by_key(self, partitions: int) -> SparkBlobs:
        """Return the same blobs, those of one key in one of so many partitions."""
        return SparkBlobs(self._jobs, self._frame.repartition(partitions, "key"))

    @contextlib.contextmanager
    def kept(self) -> Iterator[SparkBlobs]:
        """Keep the blobs on the executors until the block is left."""
        try:
            yield SparkBlobs(self._jobs, self._jobs.run(self._frame.persist))
        finally:
            tried(self._frame.unpersist)

    def fetched(self) -> Iterator[tuple[int, bytes]]:
        """Yield all keys and bytes.

        Spark Connect sends what is ready while the job goes on. The classic client would run a job for each partition,
        one after the other: there one job sends all.
        """
        if is_connect(self._frame):
            rows = iter(self._frame.toLocalIterator())
            while (row := self._jobs.run(lambda: next(rows, None))) is not None:
                yield int(row[0]), bytes(row[1])
        else:
            for row in self._jobs.run(self._frame.collect):
                yield int(row[0]), bytes(row[1])
