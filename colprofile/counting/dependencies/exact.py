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
from itertools import combinations
from math import comb

import numpy as np

from colprofile.counting.dependencies.agreements import Agreements, columns_of, mask_of
from colprofile.counting.dependencies.relation import Groups, Relation
from colprofile.counting.tasks import run_all

Combination = tuple[int, ...]

MOST_COMBINATIONS = 250_000
"""A level with more combinations than this is left out and reported so: 1,000 columns have 166 million triples."""

_FIRST_ROWS = 1 << 15  # rows whose neighbours in each column are the first evidence
_MORE_PAIRS = 1 << 9  # pairs of rows of a combination that the first evidence could not refute


@dataclass
class Dependencies:
    """What holds exactly, over the rows where none of the columns involved is NULL.

    Attributes
    ----------
    determined
        Left side → the columns that it determines and no part of it does. () determines the constant columns.
    unique
        Minimal combinations that no two rows share. Those with NULL among their columns are included, but are no keys.
    searched
        The level (columns on the left side) up to which everything was looked at.
    is_complete
        False where the search was stopped within a level.
    """

    determined: dict[Combination, frozenset[int]] = field(default_factory=dict)
    unique: list[Combination] = field(default_factory=list)
    searched: int = 0
    is_complete: bool = True

    def determined_by_parts(self, combination: Combination) -> frozenset[int]:
        """Return the columns that proper parts of a combination determine, the empty one among them."""
        parts = ((), *(part for part in parts_of(combination) if part != combination))
        found: set[int] = set()
        return frozenset(found.union(*(self.determined.get(part, frozenset()) for part in parts)))

    def closure(self, columns: Iterable[int]) -> frozenset[int]:
        """Return the columns that these and their parts determine, themselves included."""
        chosen = tuple(sorted(columns))
        return frozenset(chosen) | self.determined_by_parts(chosen) | self.determined.get(chosen, frozenset())

    def has_unique_part(self, combination: Combination) -> bool:
        """Whether the combination or a part of it is shared by no two rows."""
        given = set(combination)
        return any(given.issuperset(part) for part in self.unique)


def parts_of(combination: Combination) -> Iterator[Combination]:
    """Yield the parts of a combination, the smallest first and itself last, without the empty one.

    >>> list(parts_of((1, 2)))
    [(1,), (2,), (1, 2)]
    """
    for size in range(1, len(combination) + 1):
        yield from combinations(combination, size)


def minimal_dependencies(
    relation: Relation,
    most: int,
    *,
    executor: Executor,
    stop: threading.Event,
    progress: Callable[[str, int, int], None],
) -> Dependencies:
    """Return all minimal exact dependencies and unique combinations with at most ``most`` columns on the left.

    Parameters
    ----------
    relation
        The table. To count NULL as a value, give it a code of its own.
    most
        Most columns on the left side: 1 or more.
    executor
        Threads to search on; the kernels release the GIL.
    stop
        Once set, what was found so far is returned.
    progress
        Called with (what, done, total) in the calling thread.
    """
    found = Dependencies()
    constants = frozenset(j for j, values in enumerate(relation.distinct) if values <= 1)
    if constants:
        found.determined[()] = constants
    columns = [j for j in range(len(relation.codes)) if j not in constants]
    search = _Search(relation, found, columns)
    search.gather(executor, stop)
    for level in range(1, min(most, len(columns)) + 1):
        if comb(len(columns), level) > MOST_COMBINATIONS or stop.is_set():
            break
        tasks = [partial(search.extend, prefix, stop) for prefix in combinations(columns, level - 1)]
        results = run_all(executor, tasks, stop, partial(progress, f"checking dependencies on {level}"))
        for prefix_found in results:
            for combination, targets, is_unique in prefix_found:
                if targets:
                    found.determined[combination] = targets
                if is_unique:
                    found.unique.append(combination)
        if stop.is_set():
            break
        found.searched = level
    found.is_complete = not stop.is_set()
    found.unique.sort()
    return found


class _Search:
    """One search: the evidence so far and what was found on lower levels."""

    def __init__(self, relation: Relation, found: Dependencies, columns: Sequence[int]) -> None:
        self.relation = relation
        self.found = found
        self.columns = columns
        self.evidence = Agreements(relation.codes)

    def gather(self, executor: Executor, stop: threading.Event) -> None:
        """Take the first evidence: rows that are neighbours in each column, among rows drawn at random."""
        rows = self.relation.rows
        if rows < 2 or not self.columns:
            return
        drawn = np.random.default_rng(0).choice(rows, min(rows, _FIRST_ROWS), replace=False)

        def look(column: int) -> None:
            codes = self.relation.codes[column][drawn]
            order = drawn[np.argsort(codes, kind="stable")]
            self.evidence.add(order[:-1], order[1:])

        run_all(executor, [partial(look, column) for column in self.columns], stop, lambda done, total: None)

    def extend(self, prefix: Combination, stop: threading.Event) -> list[tuple[Combination, frozenset[int], bool]]:
        """Return (combination, what it determines, whether it is unique) for a prefix and each later column."""
        if prefix and self.found.has_unique_part(prefix):
            return []
        pairs = self.evidence.within(prefix) if prefix else None
        groups: Groups | None = None
        results = []
        for last in self.columns:
            if prefix and last <= prefix[-1]:
                continue
            if stop.is_set():
                break
            combination = (*prefix, last)
            if self.found.has_unique_part(combination):
                continue
            known = self.found.determined_by_parts(combination) | set(combination)
            refuted, is_shared = self.evidence.refuted(combination, pairs)
            candidates = self._candidates(known, refuted)
            if not candidates and is_shared:
                continue
            if groups is None:
                groups = self.relation.groups(prefix)
            result = self._check(self.relation.refine(groups, last), candidates)
            if result[0] or result[1]:
                results.append((combination, *result))
        return results

    def _candidates(self, known: frozenset[int] | set[int], refuted: np.ndarray) -> list[int]:
        words = self.evidence.words
        possible = mask_of(self.columns, words) & ~refuted & ~mask_of(known, words)
        return columns_of(possible)

    def _check(self, groups: Groups, candidates: list[int]) -> tuple[frozenset[int], bool]:
        """Return which candidates the groups determine, on all rows, and whether every group is one row."""
        if groups.is_unique:
            return frozenset(candidates), True
        if len(candidates) > 2:
            self.evidence.add(*groups.neighbours(_MORE_PAIRS))
            refuted, _ = self.evidence.refuted(groups.columns)
            kept = mask_of(candidates, self.evidence.words) & ~refuted
            candidates = columns_of(kept)
        held = []
        for target in candidates:
            violation = groups.violation(self.relation.codes[target])
            if violation is None:
                held.append(target)
            else:
                self.evidence.add(np.array(violation[:1]), np.array(violation[1:]))
        return frozenset(held), False
