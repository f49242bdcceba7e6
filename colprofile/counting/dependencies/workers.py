"""The threads of a search for dependencies, and what ends it: Ctrl-C, the clock, or the work that was allowed.

What ends a search by default is counted work, not time: the same table gives the same result on every machine, with any
number of threads. For that combinations are looked at in batches in a fixed order, and what a batch finds is only used
by later ones.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import combinations, islice
from math import comb
from typing import Any, Protocol, TypeVar

from colprofile.counting.tasks import T, run_all

Combination = tuple[int, ...]

BYTES_A_ROW = 16
"""What a task of a long table may take: two groupings of the rows, at most 8 bytes a row each."""

_BATCH = 64
_SMALL_BATCH = 16  # of a table so long that one combination may take a second
_LONG = 1 << 20
_MOST_AT_ONCE = 1 << 10


class Extended(Protocol):
    """What was found for a prefix with further columns: how many of them were looked at, in how many steps."""

    @property
    def looked_at(self) -> int:
        """Columns that were looked at."""

    @property
    def steps(self) -> int:
        """About how many rows were looked at."""


E = TypeVar("E", bound=Extended)


@dataclass(frozen=True)
class SearchedLevel:
    """How many of the combinations with so many columns on the left were looked at."""

    determinants: int
    combinations: int
    looked_at: int

    @property
    def is_complete(self) -> bool:
        """Whether all were looked at."""
        return self.looked_at == self.combinations


class SearchOver(Exception):
    """A task ended in the middle of its work, because the search was stopped or its time is used up."""


@dataclass
class Workers:
    """The threads of a search, which the kernels let run in parallel, and how it is watched and ended.

    Attributes
    ----------
    executor
        Runs the tasks.
    stop
        Once it is set no task begins any more, and a search returns what it has found so far.
    progress
        Called with (what, done, total) in the calling thread.
    deadline
        When a search ends, on the clock of ``time.monotonic``.
    steps
        How many steps may still be taken, each about the look at one row.
    memory
        Bytes that the tasks may take together: of long tables fewer are then looked at side by side.
    """

    executor: Executor
    stop: threading.Event
    progress: Callable[[str, int, int], None]
    deadline: float = math.inf
    steps: float = math.inf
    memory: float = math.inf

    def at_once(self, rows: int) -> int:
        """Return how many tasks of a table may run at once: at least one."""
        return max(1, int(min(self.memory / (BYTES_A_ROW * max(1, rows)), _MOST_AT_ONCE)))

    def check(self) -> None:
        """Raise SearchOver where a task must end now."""
        if self.is_over():
            raise SearchOver

    def is_over(self) -> bool:
        """Whether a task must end now."""
        return self.stop.is_set() or time.monotonic() >= self.deadline

    def is_ended(self) -> bool:
        """Whether nothing more is searched: it was stopped, or time or work are used up."""
        return self.is_over() or self.steps <= 0

    def _limited(self, rows: int, function: Callable[..., T]) -> Callable[..., T]:
        """Return a function of which no more calls run at once than memory has room for tasks of ``rows`` rows."""
        room = threading.BoundedSemaphore(self.at_once(rows))

        def within(*given: Any) -> T:
            with room:
                return function(*given)

        return within

    def run(self, what: str, tasks: Sequence[Callable[[], T]], rows: int = 0) -> list[T]:
        """Return the results of tasks that were begun, in their order. If ``progress`` raises, all are cancelled.

        Tasks that group ``rows`` rows run side by side only as far as the memory reaches.
        """
        call = self._limited(rows, lambda task: task())
        work = [partial(call, task) for task in tasks]
        return run_all(self.executor, work, self.stop, lambda done, total: self.progress(what, done, total))

    def search(
        self,
        what: str,
        columns: Sequence[int],
        determinants: int,
        rows: int,
        extend: Callable[[Combination, Sequence[int]], E],
        collect: Callable[[list[E]], object],
    ) -> SearchedLevel:
        """Look at all combinations of so many columns, those of the first columns first, until the search is ended.

        ``extend`` gets a prefix, and columns each of which makes it a combination. ``collect`` gets the results batch
        by batch.
        """
        total, looked_at = comb(len(columns), determinants), 0
        tasks = _prefixes(columns, determinants)
        size = _BATCH if rows <= _LONG else _SMALL_BATCH
        limited = self._limited(rows, extend)
        while not self.is_ended() and (batch := list(islice(tasks, size))):
            begun = looked_at
            work = [partial(limited, prefix, lasts) for prefix, lasts in batch]
            results = run_all(
                self.executor,
                work,
                self.stop,
                lambda done, of: self.progress(what, begun, total),  # noqa: B023
            )
            collect(results)
            looked_at += sum(each.looked_at for each in results)
            self.steps -= sum(each.steps for each in results)
        return SearchedLevel(determinants, total, looked_at)


def _prefixes(columns: Sequence[int], determinants: int) -> Iterator[tuple[Combination, Sequence[int]]]:
    """Yield prefixes with the columns before them, so that all combinations of the first k columns come first.

    >>> [(prefix, list(lasts)) for prefix, lasts in _prefixes("abc", 2)]
    [(('b',), ['a']), (('c',), ['a', 'b'])]
    >>> list(_prefixes("ab", 1)), list(_prefixes("a", 2))
    ([((), 'ab')], [])
    """
    if determinants == 1:
        if columns:
            yield (), columns
        return
    for highest in range(determinants - 1, len(columns)):
        for others in combinations(range(highest), determinants - 2):
            first = others[0] if others else highest
            if first:
                yield tuple(columns[j] for j in (*others, highest)), columns[:first]
