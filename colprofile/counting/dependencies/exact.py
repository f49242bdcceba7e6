"""The minimal exact dependencies and keys of a table, up to a number of determinants.

Level by level: pairs of rows refute most candidates (see ``agreements``), and the rest is checked on all rows. What a
part of a combination determines or identifies is not checked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, combinations
from math import comb

import numpy as np

from colprofile.counting.dependencies.agreements import Agreements, columns_of, mask_of
from colprofile.counting.dependencies.relation import Groups, Relation
from colprofile.counting.tasks import T, run_all

Combination = tuple[int, ...]

MOST_COMBINATIONS = 250_000
"""A level with more combinations than this is left out and reported so: 1,000 columns have 166 million triples."""

_FIRST_ROWS = 1 << 15  # rows whose neighbours in each column are the first evidence
_MORE_PAIRS = 1 << 9  # pairs of rows of a combination that the first evidence could not refute


@dataclass
class Dependencies:
    """What holds exactly, over the rows where none of the columns involved is NULL.

    ``determined`` has for each left side the columns that it determines and no part of it does; () determines the
    constant columns. ``unique`` are the minimal combinations that no two rows share, also those with NULL among their
    columns, which are no keys. Up to ``searched`` columns on the left everything was looked at.
    """

    determined: dict[Combination, frozenset[int]] = field(default_factory=dict)
    unique: list[Combination] = field(default_factory=list)
    searched: int = 0

    def determined_by_parts(self, combination: Combination) -> frozenset[int]:
        """Return the columns that proper parts of a combination determine, the empty one among them."""
        parts = ((), *proper_parts(combination))
        return frozenset().union(*(self.determined.get(part, frozenset()) for part in parts))

    def closure(self, columns: Iterable[int]) -> frozenset[int]:
        """Return the columns that these and their parts determine, themselves included."""
        chosen = tuple(sorted(columns))
        return frozenset(chosen) | self.determined_by_parts(chosen) | self.determined.get(chosen, frozenset())

    def has_unique_part(self, combination: Combination) -> bool:
        """Whether the combination or a part of it is shared by no two rows."""
        given = set(combination)
        return any(given.issuperset(part) for part in self.unique)


def proper_parts(combination: Combination) -> Iterator[Combination]:
    """Yield the parts of a combination, the smallest first, without the empty one and itself.

    >>> list(proper_parts((1, 2)))
    [(1,), (2,)]
    """
    for size in range(1, len(combination)):
        yield from combinations(combination, size)


@dataclass(frozen=True)
class Workers:
    """The threads of a search, which the kernels let run in parallel, and how it is watched and stopped.

    ``progress`` is called with (what, done, total) in the calling thread. Once ``stop`` is set, no task begins any
    more, and a search returns what it has found so far.
    """

    executor: Executor
    stop: threading.Event
    progress: Callable[[str, int, int], None]

    def run(self, what: str, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Return the results of tasks that were begun, in their order. If ``progress`` raises, all are cancelled."""
        return run_all(self.executor, tasks, self.stop, lambda done, total: self.progress(what, done, total))

    def levels(
        self, what: str, columns: Sequence[int], first: int, most: int, extend: Callable[[Combination], T]
    ) -> Iterator[tuple[int, list[T]]]:
        """Yield each level with what ``extend`` returns for its prefixes, the combinations of one column fewer.

        It ends before a level with more than MOST_COMBINATIONS, and once ``stop`` is set.
        """
        for level in range(first, min(most, len(columns)) + 1):
            if comb(len(columns), level) > MOST_COMBINATIONS or self.stop.is_set():
                return
            tasks = [partial(extend, prefix) for prefix in combinations(columns, level - 1)]
            yield level, self.run(f"{what} on {level}", tasks)


def minimal_dependencies(relation: Relation, most: int, workers: Workers) -> Dependencies:
    """Return all minimal exact dependencies and unique combinations with at most ``most`` columns on the left.

    To count NULL as a value, give it a code of its own in ``relation``.
    """
    found = Dependencies()
    constants = frozenset(j for j, values in enumerate(relation.distinct) if values <= 1)
    if constants:
        found.determined[()] = constants
    columns = [j for j in range(len(relation.codes)) if j not in constants]
    search = _Search(relation, found, columns, workers)
    search.gather()
    for level, results in workers.levels("checking dependencies", columns, 1, most, search.extend):
        for combination, targets, is_unique in chain.from_iterable(results):
            if targets:
                found.determined[combination] = targets
            if is_unique:
                found.unique.append(combination)
        if not workers.stop.is_set():
            found.searched = level
    found.unique.sort()
    return found


class _Search:
    """One search: the evidence so far and what was found on lower levels."""

    def __init__(self, relation: Relation, found: Dependencies, columns: Sequence[int], workers: Workers) -> None:
        self.relation = relation
        self.found = found
        self.columns = columns
        self.workers = workers
        self.evidence = Agreements(relation.codes)

    def gather(self) -> None:
        """Take the first evidence: rows that are neighbours in each column, among rows drawn at random."""
        rows = self.relation.rows
        if rows < 2 or not self.columns:
            return
        drawn = np.random.default_rng(0).choice(rows, min(rows, _FIRST_ROWS), replace=False)

        def look(column: int) -> None:
            codes = self.relation.codes[column][drawn]
            order = drawn[np.argsort(codes, kind="stable")]
            self.evidence.add(order[:-1], order[1:])

        self.workers.run("comparing rows", [partial(look, column) for column in self.columns])

    def extend(self, prefix: Combination) -> list[tuple[Combination, frozenset[int], bool]]:
        """Return (combination, what it determines, whether it is unique) for a prefix and each later column."""
        if prefix and self.found.has_unique_part(prefix):
            return []
        pairs = self.evidence.within(prefix) if prefix else None
        groups: Groups | None = None
        results = []
        for last in self.columns:
            if prefix and last <= prefix[-1]:
                continue
            if self.workers.stop.is_set():
                break
            combination = (*prefix, last)
            if self.found.has_unique_part(combination):
                continue
            known = self.found.determined_by_parts(combination) | set(combination)
            refuted, is_shared = self.evidence.refuted(combination, pairs)
            words = self.evidence.words
            candidates = columns_of(mask_of(self.columns, words) & ~refuted & ~mask_of(known, words))
            if not candidates and is_shared:
                continue
            if groups is None:
                groups = self.relation.groups(prefix)
            result = self._check(self.relation.refine(groups, last), candidates)
            if result[0] or result[1]:
                results.append((combination, *result))
        return results

    def _check(self, groups: Groups, candidates: list[int]) -> tuple[frozenset[int], bool]:
        """Return which candidates the groups determine, on all rows, and whether every group is one row."""
        if groups.is_unique:
            return frozenset(candidates), True
        if len(candidates) > 2:
            self.evidence.add(*groups.neighbours(_MORE_PAIRS))
            refuted, _ = self.evidence.refuted(groups.columns)
            candidates = columns_of(mask_of(candidates, self.evidence.words) & ~refuted)
        held = []
        for target in candidates:
            violation = groups.violation(self.relation.codes[target])
            if violation is None:
                held.append(target)
            else:
                self.evidence.add(np.array(violation[:1]), np.array(violation[1:]))
        return frozenset(held), False
