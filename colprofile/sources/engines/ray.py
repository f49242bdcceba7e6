"""RayEngine: a Dataset of Ray as an Engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from colprofile.sources.engines.answers import answer
from colprofile.sources.partitions.engine import Work
from colprofile.sources.partitions.streamed import StreamedBlobs


class RayEngine:
    """A Dataset: its blocks are packed where they are, and sent one after the other as they are done.

    Parameters
    ----------
    dataset
        The Dataset.
    names
        Its columns that are counted, as it knows them.
    schema
        How workers send them.
    read
        Returns a function that is sent to workers: it makes record batches of blocks, of the columns of these numbers.
    batch_format
        As what that function is given blocks: "pyarrow" or "pandas".
    description
        How results name it.
    """

    can_shuffle = False

    def __init__(
        self,
        dataset: Any,
        names: Sequence[str],
        schema: pa.Schema,
        read: Callable[[Sequence[int]], Callable[..., Iterator[Any]]],
        batch_format: str,
        description: str,
    ) -> None:
        self.dataset, self.schema, self.description = dataset, schema, description
        self._names, self._read, self._batch_format = names, read, batch_format
        self._running: list[Any] = []

    def map(self, columns: Sequence[int], work: Work, share: float | None = None, seed: int = 0) -> StreamedBlobs:
        """Return what ``work`` makes of some columns of each block."""
        read, names = self._read(columns), list(dict.fromkeys(self._names[number] for number in columns))

        def run(work: Work) -> Iterator[tuple[int, bytes]]:
            return self._run(names, block_task(read, work), share, seed)

        return StreamedBlobs(run, work)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        return int(answer(lambda: self.dataset.count(), self.description))

    def is_sampled(self) -> bool:
        """Whether it is a query that draws a sample by itself: a Dataset does not tell."""
        return False

    def interrupt(self) -> None:
        """End the tasks of this engine, and no others."""
        for packed in list(self._running):
            # A Dataset ends its tasks when it is deleted, which a thread that waits for them would put off.
            executor = getattr(packed, "_current_executor", None)
            if executor is not None:
                with contextlib.suppress(Exception):
                    executor.shutdown(force=True)

    def close(self) -> None:
        """Do nothing: the Dataset and its cluster are the user's."""

    def _run(
        self, names: Sequence[str], task: Callable[[Any], Any], share: float | None, seed: int
    ) -> Iterator[tuple[int, bytes]]:
        def begun() -> Any:
            rows = self.dataset.select_columns(names)
            if share is not None:
                rows = rows.random_sample(share, seed=seed)  # each row by itself, from a stream of numbers per task
            return rows.map_batches(task, batch_format=self._batch_format, batch_size=None)

        packed = answer(begun, self.description)
        self._running.append(packed)
        try:
            tables = iter(packed.iter_batches(batch_size=None, batch_format="pyarrow"))
            while (table := answer(lambda: next(tables, None), self.description)) is not None:
                yield from zip(table.column("key").to_pylist(), table.column("data").to_pylist(), strict=True)
        except BaseException:
            self.interrupt()
            raise
        finally:
            self._running.remove(packed)


def block_task(read: Callable[..., Iterator[Any]], work: Work) -> Callable[[Any], Any]:
    """Return what makes a table of blobs of a block. It goes to workers with its code, as ``shipped`` functions do."""

    def task(block: Any) -> Any:
        import pyarrow as pa

        blobs = list(work(read(iter([block]))))
        return pa.Table.from_batches(blobs, pa.schema([("key", pa.int64()), ("data", pa.binary())]))

    return task
