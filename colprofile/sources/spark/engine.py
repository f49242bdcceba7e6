"""SparkEngine: a Spark DataFrame as an Engine."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from colprofile.sources.partitions.engine import Work
from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.quiet import quiet
from colprofile.sources.spark.recognise import is_connect
from colprofile.sources.spark.sessions import activate
from colprofile.stopping import Cancelled, left_alone

if TYPE_CHECKING:
    from colprofile.sources.spark.types import SparkColumn

T = TypeVar("T")

_BLOBS = "key bigint, data binary"
_HIGHEST = (1 << 53) - 1
_TRY_SECONDS = 1.0
_AGAIN_SECONDS = 0.1
_END_SECONDS = 60.0


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
        self.session = frame.sparkSession
        # By their places: names may repeat, and may be anything.
        self._numbered = frame.toDF(*(f"c{i}" for i in range(len(columns))))
        counted = [(i, column) for i, column in enumerate(columns) if column.expression is not None]
        self._selected = [str(column.expression).replace("@", f"c{i}") for i, column in counted]
        self.schema = pa.schema([pa.field(frame.columns[i], column.type) for i, column in counted])
        self._tag = f"colprofile-{uuid.uuid4().hex}"
        # A classic session only ends by tag what the same thread has begun.
        self._context = None if is_connect(frame) else self.session.sparkContext
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

        return SparkBlobs(self, self.run(selected)).map(work)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        return int(self.run(self.frame.count))

    def is_sampled(self) -> bool:
        """Whether it is a query that draws a sample by itself: a DataFrame does not tell."""
        return self._is_sampled

    def run(self, action: Callable[[], T]) -> T:
        """Return what an action gives; its jobs can be ended by ``interrupt``, and its errors are one line.

        Where the run is to end, a server that does not answer is not waited for.
        """
        ended = threading.Event()

        def tagged() -> T:
            try:
                with readable_errors(self.description), quiet(), self._tagged():
                    return action()
            finally:
                ended.set()

        try:
            return left_alone(tagged)
        except Cancelled:
            # The job may have been on its way to the server when it was first told, or Spark Connect begin it again.
            threading.Thread(target=self._end, args=(ended,), daemon=True).start()
            ended.wait(_TRY_SECONDS)
            raise

    def _end(self, ended: threading.Event) -> None:
        """Interrupt until what ran has ended."""
        latest = time.monotonic() + _END_SECONDS
        while not ended.wait(_AGAIN_SECONDS) and time.monotonic() < latest:
            self.interrupt()

    @contextlib.contextmanager
    def _tagged(self) -> Iterator[None]:
        context = self._context
        activate(self.session)
        add, remove = (
            (self.session.addTag, self.session.removeTag)
            if context is None
            else (context.addJobTag, context.removeJobTag)
        )
        add(self._tag)
        try:
            yield
        finally:
            remove(self._tag)

    def interrupt(self) -> None:
        """End the jobs of this engine on the cluster, and no others."""
        cancel = self.session.interruptTag if self._context is None else self._context.cancelJobsWithTag
        _tried(lambda: cancel(self._tag))

    def close(self) -> None:
        """Close the session, where it was opened for this."""
        self._close()


class SparkBlobs:
    """A DataFrame of blobs."""

    def __init__(self, engine: SparkEngine, frame: Any) -> None:
        self._engine, self._frame = engine, frame

    def map(self, work: Work) -> SparkBlobs:
        """Return what ``work`` makes of each partition."""
        # Spark Connect asks the server for the schema already here.
        return SparkBlobs(self._engine, self._engine.run(lambda: self._frame.mapInArrow(work, _BLOBS)))

    def by_key(self, partitions: int) -> SparkBlobs:
        """Return the same blobs, those of one key in one of so many partitions."""
        return SparkBlobs(self._engine, self._frame.repartition(partitions, "key"))

    @contextlib.contextmanager
    def kept(self) -> Iterator[SparkBlobs]:
        """Keep the blobs on the executors until the block is left."""
        try:
            yield SparkBlobs(self._engine, self._engine.run(self._frame.persist))
        finally:
            _tried(self._frame.unpersist)

    def fetched(self) -> Iterator[tuple[int, bytes]]:
        """Yield all keys and bytes.

        Spark Connect sends what is ready while the job goes on. The classic client would run a job for each partition,
        one after the other: there one job sends all.
        """
        if is_connect(self._frame):
            rows = iter(self._frame.toLocalIterator())
            while (row := self._engine.run(lambda: next(rows, None))) is not None:
                yield int(row[0]), bytes(row[1])
        else:
            for row in self._engine.run(self._frame.collect):
                yield int(row[0]), bytes(row[1])


def _tried(work: Callable[[], object]) -> None:
    """Ask Spark for something whose failure nobody can mend; a server that does not answer is not waited for."""

    def ask() -> None:
        with contextlib.suppress(Exception), quiet():
            work()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_TRY_SECONDS)
