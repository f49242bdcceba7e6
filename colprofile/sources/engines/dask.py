"""DaskEngine: a Dask DataFrame as an Engine, on the scheduler that the user has chosen."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from colprofile.sources.engines.answers import answer
from colprofile.sources.partitions import pandas_batches
from colprofile.sources.partitions.engine import Work
from colprofile.sources.partitions.shipped import shipped
from colprofile.sources.partitions.streamed import StreamedBlobs
from colprofile.stopping import check

if TYPE_CHECKING:
    from colprofile.sources.partitions.pandas_reader import PandasColumn
    from colprofile.sources.workspace import Workspace

T = TypeVar("T")

Task = Callable[[Any, int], list[tuple[int, bytes]]]
"""What a worker makes of a partition and its number: blobs."""

_HEADER = struct.Struct("<qq")


class DaskEngine:
    """A Dask DataFrame: the user's own scheduler runs its graph once for everything that is read together.

    Parameters
    ----------
    frame
        The DataFrame.
    columns
        How each of its columns, and each level of its index that holds something, is sent.
    description
        How results name it.
    workspace
        Where blobs wait that this machine's own schedulers make.
    """

    can_shuffle = False

    def __init__(self, frame: Any, columns: Sequence[PandasColumn], description: str, workspace: Workspace) -> None:
        self.frame, self.description = frame, description
        self._columns, self._workspace = columns, workspace
        self.schema = pa.schema([pa.field(column.name, column.type) for column in columns])
        self._ends: list[Callable[[], object]] = []

    def map(self, columns: Sequence[int], work: Work, share: float | None = None, seed: int = 0) -> StreamedBlobs:
        """Return what ``work`` makes of some columns of each partition."""
        chosen = [self._columns[number] for number in columns]
        names = list(self.frame.columns)
        places = [column.place for column in chosen if not column.is_index]
        frame = self.frame
        if len({*names}) == len(names):  # so that Dask reads no others
            places = sorted({*places})
            frame = frame[[names[place] for place in places]]
        else:
            places = list(range(len(names)))
        orders = [column.order(column.place if column.is_index else places.index(column.place)) for column in chosen]
        read = shipped(pandas_batches.record_batches, columns=orders)
        return StreamedBlobs(lambda work: self._run(frame, partition_task(read, work, share, seed)), work)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        client = self._client()
        if client is None:
            return int(self._answer(lambda: len(self.frame)))
        return sum(count for _, count in self._sent(client, self.frame, lambda frame, _: [(0, len(frame))]))

    def is_sampled(self) -> bool:
        """Whether it is a query that draws a sample by itself: a DataFrame does not tell."""
        return False

    def interrupt(self) -> None:
        """End what runs for this table: tasks that have begun go on where nothing can end them, and no others begin."""
        for end in list(self._ends):
            with contextlib.suppress(Exception):
                end()

    def close(self) -> None:
        """Do nothing: the frame and its cluster are the user's."""

    def _client(self) -> Any:
        """Return the client of the cluster that runs the graph; None where a scheduler of this machine does."""
        dask: Any = sys.modules["dask"]
        get = dask.base.get_scheduler(collections=[self.frame])
        client = getattr(get, "__self__", None)
        return client if type(client).__module__.startswith("distributed.") else None

    def _run(self, frame: Any, task: Task) -> Iterator[tuple[int, bytes]]:
        client = self._client()
        return self._stored(frame, task) if client is None else self._sent(client, frame, task)

    def _sent(self, client: Any, frame: Any, task: Callable[[Any, int], list[Any]]) -> Iterator[Any]:
        """Yield what comes from the workers of a cluster, partition by partition as they are done."""
        distributed: Any = sys.modules["distributed"]
        futures = self._answer(lambda: client.compute(self._tasks(frame, task)))

        def cancel() -> None:
            client.cancel(futures)

        with self._ended_by(cancel):
            done = distributed.as_completed(futures)
            while (future := self._answer(lambda: next(done, None))) is not None:
                yield from self._answer(future.result)
                future.release()

    def _stored(self, frame: Any, task: Task) -> Iterator[tuple[int, bytes]]:
        """Yield what threads or processes of this machine wrote to files, once all are done.

        One graph makes all of them, as partitions may come from a shuffle of the whole table.
        """
        folder = self._workspace.new_path()
        folder.mkdir()

        def remove() -> None:
            shutil.rmtree(folder, ignore_errors=True)

        with self._ended_by(remove):
            try:
                tasks = self._answer(lambda: self._tasks(frame, storing_task(task, str(folder))))
                dask: Any = sys.modules["dask"]
                self._answer(lambda: dask.compute(*tasks))
                for number in range(len(tasks)):
                    yield from _blobs(folder / str(number))
            finally:
                remove()

    def _tasks(self, frame: Any, task: Callable[[Any, int], Any]) -> list[Any]:
        """Return a delayed task for each partition."""
        dask: Any = sys.modules["dask"]
        do = dask.delayed(task, pure=False)
        return [do(partition, number) for number, partition in enumerate(frame.to_delayed())]

    @contextlib.contextmanager
    def _ended_by(self, end: Callable[[], object]) -> Iterator[None]:
        self._ends.append(end)
        try:
            yield
        except BaseException:
            end()
            raise
        finally:
            self._ends.remove(end)

    def _answer(self, work: Callable[[], T]) -> T:
        return answer(work, self.description)


def partition_task(read: Callable[..., Any], work: Work, share: float | None, seed: int) -> Task:
    """Return what makes blobs of a partition and its number; with a share, of rows drawn one by one.

    It goes to workers with its code, as ``shipped`` functions do.
    """

    def task(frame: Any, number: int) -> list[tuple[int, bytes]]:
        import numpy

        if share is not None:
            drawn = numpy.random.default_rng([seed, number]).random(len(frame)) < share
            frame = frame[drawn]
        blobs = work(read(iter([frame])))
        return [pair for blob in blobs for pair in zip(*(part.to_pylist() for part in blob.columns), strict=True)]

    return task


def storing_task(task: Task, folder: str) -> Callable[[Any, int], int]:
    """Return a task that writes the blobs to a file, so that no memory holds all; it fails once the folder is gone."""

    def stored(frame: Any, number: int) -> int:
        if not os.path.isdir(folder):
            raise RuntimeError("nobody waits for this any more")
        size = 0
        with open(os.path.join(folder, str(number)), "wb") as file:
            for key, data in task(frame, number):
                size += file.write(struct.pack("<qq", key, len(data)) + data)
        return size

    return stored


def _blobs(path: Path) -> Iterator[tuple[int, bytes]]:
    with open(path, "rb") as file:
        while header := file.read(_HEADER.size):
            check()
            key, length = _HEADER.unpack(header)
            yield key, file.read(length)
