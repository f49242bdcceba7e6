"""Near dependencies of several columns on one: few rows break them, and chance does not explain them.

What a part already determines, exactly or nearly, is not looked at; a left side with too few repeated rows, or one
with so many values that their lookup costs too much, ends the branch: both only get worse with more columns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from math import comb

import numpy as np

from colprofile.counting.dependencies.exact import MOST_COMBINATIONS, Combination, Dependencies, run_all
from colprofile.counting.dependencies.relation import Composite, Groups, Relation
from colprofile.counting.dependencies.savings import Worth
from colprofile.measures.determination import mu_plus
from colprofile.measures.sums import PairSums

_SAMPLE = 1 << 16
_SLACK = 0.015
"""One row of a sample changes its violating rows by at most one, so their share exceeds its mean by this with
probability at most exp(−2 · 0.015² · 65,536) = 2e-13 (McDiarmid), and the mean is at most the table's share."""


@dataclass(frozen=True)
class Thresholds:
    """What counts as a near dependency.

    Attributes
    ----------
    share
        At most this share of the rows breaks it (g3).
    mu_plus
        At least so strong when corrected for chance.
    support
        At least this share of the complete rows shares its left side with another row; fewer make it like a key.
    """

    share: float = 0.05
    mu_plus: float = 0.9
    support: float = 0.5

    def accept(self, sums: PairSums, repeated: int) -> bool:
        """Whether a dependency of y on x, exact or near, is strong; ``Worth`` says whether chance explains it."""
        if not sums.rows or sums.distinct_y < 2 or repeated < self.support * sums.rows:
            return False
        against, strength = sums.rows - sums.best_y_by_x, mu_plus(sums)
        return against <= self.share * sums.rows and strength is not None and strength >= self.mu_plus


@dataclass
class Near:
    """Near dependencies, and the level up to which all were looked at; ``barren`` left sides repeat too few rows."""

    found: list[Composite] = field(default_factory=list)
    barren: set[Combination] = field(default_factory=set)
    searched: int = 1
    is_complete: bool = True


def near_dependencies(
    relation: Relation,
    exact: Dependencies,
    explained: Iterable[tuple[int, int]],
    worth: Worth | None,
    most: int,
    thresholds: Thresholds,
    *,
    executor: Executor,
    stop: threading.Event,
    progress: Callable[[str, int, int], None],
) -> Near:
    """Return the near dependencies with two to ``most`` columns on the left.

    Parameters
    ----------
    relation, exact
        The table and its exact dependencies.
    explained
        (x, y) where the column x alone determines y nearly.
    worth
        Judges whether a combination says more than its parts; it should know all single columns. None takes every
        combination none of whose parts is near.
    most, executor, stop, progress
        As ``minimal_dependencies``.
    """
    search = _Search(relation, exact, set(explained), worth, thresholds)
    near = Near()
    for level in range(2, min(most, len(search.columns)) + 1):
        if comb(len(search.columns), level) > MOST_COMBINATIONS or stop.is_set():
            break
        tasks = [partial(search.extend, prefix, stop) for prefix in combinations(search.columns, level - 1)]
        results = run_all(executor, tasks, stop, partial(progress, f"looking for near dependencies on {level}"))
        for found, barren, hopeless in results:
            near.found += found
            search.barren |= barren
            search.closed |= hopeless
        search.closed |= {(composite.columns, composite.target) for composite in near.found}
        if stop.is_set():
            break
        near.searched = level
    near.barren = search.barren
    near.is_complete = not stop.is_set()
    return near


Found = tuple[list[Composite], set[Combination], set[tuple[Combination, int]]]


class _Search:
    """One search, and what it learned on lower levels.

    ``barren`` holds left sides with too little support, ``closed`` pairs of left side and target that need no further
    column: already determined, or out of reach.
    """

    def __init__(
        self,
        relation: Relation,
        exact: Dependencies,
        explained: set[tuple[int, int]],
        worth: Worth | None,
        thresholds: Thresholds,
    ) -> None:
        self.relation = relation
        self.exact = exact
        self.worth = worth
        self.thresholds = thresholds
        self.columns = [j for j, values in enumerate(relation.distinct) if 1 < values < relation.rows]
        self.barren: set[Combination] = set()
        self.closed: set[tuple[Combination, int]] = {((x,), y) for x, y in explained}
        self.sample = relation.sample(_SAMPLE) if relation.rows > 4 * _SAMPLE else None

    def extend(self, prefix: Combination, stop: threading.Event) -> Found:
        """Look at a prefix with each later column."""
        result: Found = ([], set(), set())
        if self._is_barren(prefix):
            return result
        groups: list[Groups] = []
        for last in self.columns:
            if last <= prefix[-1] or stop.is_set():
                continue
            combination = (*prefix, last)
            if self._is_barren(combination):
                continue
            targets = self._targets(combination)
            if self.sample is not None and targets:
                targets = self._plausible(self.sample, combination, targets)
            if targets:
                groups = groups or [self.relation.groups(prefix)]
                self._look(self.relation.refine(groups[0], last), targets, result)
        return result

    def _is_barren(self, combination: Combination) -> bool:
        """Whether a part has too little support, identifies the rows, or determines another part."""
        if self.exact.has_unique_part(combination):
            return True
        for size in range(1, len(combination) + 1):
            for part in combinations(combination, size):
                if part in self.barren:
                    return True
                if not self.exact.determined.get(part, frozenset()).isdisjoint(combination):
                    return True
        return False

    def _targets(self, combination: Combination) -> list[int]:
        done = set(self.exact.closure(combination))
        for size in range(1, len(combination)):
            for part in combinations(combination, size):
                done |= {j for j in self.columns if (part, j) in self.closed}
                if self.worth is not None:
                    done |= {j for j in self.columns if self.worth.is_explained(part, j)}
        return [j for j in self.columns if j not in done]

    def _plausible(self, sample: Relation, combination: Combination, targets: list[int]) -> list[int]:
        """Return the targets that a sample does not rule out."""
        groups = sample.groups(combination)
        limit = int((self.thresholds.share + _SLACK) * sample.rows)
        return [j for j in targets if groups.rows_against(sample.codes[j], sample.width(j), limit) is not None]

    def _look(self, groups: Groups, targets: list[int], result: Found) -> None:
        found, barren, hopeless = result
        if groups.repeated < self.thresholds.support * groups.rows:
            barren.add(groups.columns)
            return
        for target in targets:
            codes, width = self.relation.codes[target], self.relation.width(target)
            if groups.rows_against(codes, width, self._most_against(groups, target)) is None:
                continue
            if not self._is_within_reach(groups, target):
                hopeless.add((groups.columns, target))
                continue
            sums, expected = groups.sums(codes, width)
            if not self.thresholds.accept(sums, groups.repeated):
                continue
            if self.worth is None or self.worth.is_worth(groups.columns, target, sums):
                found.append(Composite(groups.columns, target, sums, expected, groups.repeated))

    def _most_against(self, groups: Groups, target: int) -> int:
        """Return how many rows may break a dependency that is near: by the share, and by what μ+ leaves.

        Within a group Σ p² ≤ max p, so that n · (1 − pdep(Y|X)) is at least the rows against it. Where most groups are
        a single row, few rows are enough.
        """
        rows = groups.rows
        most = self.thresholds.share * rows
        is_whole = not groups.counts[0] and not self.relation.has_nulls(target)
        if is_whole and rows > 1 and self.thresholds.mu_plus > 0:  # below 0 μ+ is shown as 0
            wrong = 1 - float((self.relation.counts[target][1:].astype(np.float64) ** 2).sum()) / rows**2
            most = min(most, (1 - self.thresholds.mu_plus) * wrong * rows * (rows - groups.size) / (rows - 1))
        return int(most + 1e-6)

    def _is_within_reach(self, groups: Groups, target: int) -> bool:
        """Whether a lookup by the groups can save enough: its table alone grows with every column on the left."""
        if self.worth is None or groups.counts[0] or self.relation.has_nulls(target):
            return True  # the marginals of the complete rows are only known once they are counted
        return self.worth.affords(groups.size, target)
