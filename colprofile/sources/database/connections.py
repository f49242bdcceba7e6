"""SharedConnections: several connections on one snapshot, which share the jobs among them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import sqlalchemy as sa

from colprofile.errors import SourceError
from colprofile.sources.database.engines import spare_connections
from colprofile.sources.database.small_marginal import RowsOf
from colprofile.sources.database.transaction import ReadTransaction

T = TypeVar("T")

Waiting = Iterator[tuple[int, Callable[[RowsOf], T]]]
"""The jobs that nobody has begun, with their numbers."""

_CHECK_SECONDS = 0.1
"""Seconds between two checks of what is done."""


class SharedConnections:
    """A source's transaction ``first``, and further ones on its snapshot while there are jobs for them.

    ``snapshot`` is its exported name, None where no other connection can join. A connection that joins must be able to
    lock the relation ``clause`` at once. There are at most so many ``connections``, the first included.
    """

    def __init__(self, first: ReadTransaction, snapshot: str | None, clause: sa.FromClause, connections: int) -> None:
        self._first = first
        self._snapshot = snapshot
        self._clause = clause
        self._wanted = connections - 1
        self._working = {first}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __enter__(self) -> SharedConnections:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()

    def cancel(self) -> None:
        """Ask the database to cancel all running statements."""
        with self._lock:
            working = list(self._working)
        for transaction in working:
            transaction.cancel()

    def run(self, jobs: Sequence[Callable[[RowsOf], T]], progress: Callable[[int], None]) -> list[T]:
        """Return the jobs' results, in their order. The first job that fails also ends the statements of the others."""
        results: dict[int, T] = {}
        waiting = iter(enumerate(jobs))
        more = 0 if self._snapshot is None else min(self._wanted, len(jobs) - 1)
        if more > 0:
            self._first.name_resolution()  # while nobody else uses the connection
            more = spare_connections(self._first.engine, more)
        if more <= 0:
            for number, job in waiting:
                progress(number)
                results[number] = job(self._first.rows_of)
        else:
            self._together(waiting, results, more, progress)
        return [results[number] for number in range(len(jobs))]

    def _together(self, waiting: Waiting[T], results: dict[int, T], more: int, progress: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(1 + more) as executor:
            futures = [executor.submit(self._work, self._first, waiting, results)]
            futures += [executor.submit(self._join, waiting, results) for _ in range(more)]
            try:
                pending: set[Future[None]] = set(futures)
                while pending:
                    done, pending = wait(pending, _CHECK_SECONDS, FIRST_EXCEPTION)
                    for future in done:
                        future.result()
                    progress(len(results))
            except BaseException:
                self._stopped.set()
                while any(not future.done() for future in futures):
                    self.cancel()
                    wait(futures, _CHECK_SECONDS)
                raise

    def _join(self, waiting: Waiting[T], results: dict[int, T]) -> None:
        assert self._snapshot is not None
        try:
            transaction = self._first.joined(self._snapshot, self._clause)
        except SourceError:
            return  # the other connections do the work
        try:
            with self._lock:
                self._working.add(transaction)
            self._work(transaction, waiting, results)
        finally:
            with self._lock:
                self._working.discard(transaction)
            transaction.close()

    def _work(self, transaction: ReadTransaction, waiting: Waiting[T], results: dict[int, T]) -> None:
        while not self._stopped.is_set():
            with self._lock:
                found = next(waiting, None)
            if found is None:
                return
            number, job = found
            results[number] = job(transaction.rows_of)
