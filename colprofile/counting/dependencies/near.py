"""Near dependencies of several columns on one: few rows contradict them, and chance does not explain them.

What a part already determines, exactly or nearly, is not looked at. A left side with too few repeated rows, or with so
many values that their lookup costs too much, ends the branch: both only get worse with more columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from colprofile.counting.dependencies.exact import Combination, Dependencies, Workers, proper_parts
from colprofile.counting.dependencies.relation import Groups, MeasuredDependency, Relation, measure
from colprofile.counting.dependencies.savings import LookupSavings
from colprofile.measures.thresholds import Thresholds

_SAMPLE = 1 << 16
_TOLERANCE = 0.015
"""One row of a sample changes its violating rows by at most one, so their share exceeds its mean by this with
probability at most exp(−2 · 0.015² · 65,536) = 2e-13 (McDiarmid), and the mean is at most the table's share."""


@dataclass
class NearDependencies:
    """What was found, of a table or of one prefix.

    ``unsupported`` holds left sides with too few repeated rows. ``finished`` holds left sides and targets that need no
    further column: the target is already determined, or its lookup costs too much. Up to ``searched`` columns on the
    left everything was looked at.
    """

    found: list[MeasuredDependency] = field(default_factory=list)
    unsupported: set[Combination] = field(default_factory=set)
    finished: set[tuple[Combination, int]] = field(default_factory=set)
    searched: int = 1


def near_dependencies(
    relation: Relation,
    exact: Dependencies,
    explained: Iterable[tuple[int, int]],
    savings: LookupSavings | None,
    most: int,
    thresholds: Thresholds,
    workers: Workers,
) -> NearDependencies:
    """Return the near dependencies with two to ``most`` columns on the left.

    ``explained`` holds (x, y) where the column x alone determines y nearly. ``savings`` judges whether a combination
    says more than its parts; it should know all single columns. None takes every combination without a near part.
    """
    near = NearDependencies(finished={((x,), y) for x, y in explained})
    search = _Search(relation, exact, near, savings, thresholds, workers)
    for level, results in workers.levels("looking for near dependencies", search.columns, 2, most, search.extend):
        for result in results:
            near.found += result.found
            near.unsupported |= result.unsupported
            near.finished |= result.finished | {(each.columns, each.target) for each in result.found}
        if not workers.stop.is_set():
            near.searched = level
    return near


@dataclass
class _Search:
    """One search, and what it found on lower levels."""

    relation: Relation
    exact: Dependencies
    near: NearDependencies
    savings: LookupSavings | None
    thresholds: Thresholds
    workers: Workers

    def __post_init__(self) -> None:
        rows = self.relation.rows
        self.columns = [j for j, values in enumerate(self.relation.distinct) if 1 < values < rows]
        self.sample = self.relation.sample(_SAMPLE) if rows > 4 * _SAMPLE else None

    def extend(self, prefix: Combination) -> NearDependencies:
        """Return what a prefix with each later column gives."""
        result = NearDependencies()
        if self._is_hopeless(prefix):
            return result
        groups: Groups | None = None
        for last in self.columns:
            if last <= prefix[-1] or self.workers.stop.is_set():
                continue
            combination = (*prefix, last)
            if self._is_hopeless(combination):
                continue
            targets = self._targets(combination)
            if self.sample is not None and targets:
                targets = self._plausible(self.sample, combination, targets)
            if targets:
                groups = groups or self.relation.groups(prefix)
                self._judge(self.relation.refine(groups, last), targets, result)
        return result

    def _is_hopeless(self, combination: Combination) -> bool:
        """Whether a part has too few repeated rows, identifies the rows, or determines another part."""
        return self.exact.has_unique_part(combination) or any(
            part in self.near.unsupported or not self.exact.determined.get(part, frozenset()).isdisjoint(combination)
            for part in (*proper_parts(combination), combination)
        )

    def _targets(self, combination: Combination) -> list[int]:
        """Return the columns that the combination may nearly determine and no part of it does."""
        known = self.exact.closure(combination)
        parts = list(proper_parts(combination))

        def is_finished(part: Combination, target: int) -> bool:
            is_explained = self.savings is not None and self.savings.is_explained(part, target)
            return is_explained or (part, target) in self.near.finished

        return [j for j in self.columns if j not in known and not any(is_finished(part, j) for part in parts)]

    def _plausible(self, sample: Relation, combination: Combination, targets: list[int]) -> list[int]:
        """Return the targets that a sample does not rule out."""
        groups = sample.groups(combination)
        limit = int((self.thresholds.violating_share + _TOLERANCE) * sample.rows)
        return [j for j in targets if groups.violating_rows(sample.codes[j], sample.width(j), limit) is not None]

    def _judge(self, groups: Groups, targets: list[int], result: NearDependencies) -> None:
        if groups.repeated < self.thresholds.repeated_share * groups.rows:
            result.unsupported.add(groups.columns)
            return
        for target in targets:
            codes, width = self.relation.codes[target], self.relation.width(target)
            # Where there is NULL, the marginals of the complete rows are only known once they are counted.
            is_whole = not groups.counts[0] and not self.relation.has_nulls(target)
            if groups.violating_rows(codes, width, self._most_violating(groups, target, is_whole)) is None:
                continue
            # The table of a lookup grows with every column on the left.
            if is_whole and self.savings is not None and not self.savings.can_save_enough(groups.size, target):
                result.finished.add((groups.columns, target))
                continue
            measured = measure(self.relation, groups, target)
            if not measured.is_strong(self.thresholds):
                continue
            if self.savings is None or self.savings.is_better_than_parts(measured):
                result.found.append(measured)

    def _most_violating(self, groups: Groups, target: int, is_whole: bool) -> int:
        """Return how many rows may contradict a near dependency: by the share, and by what μ+ allows.

        Within a group Σ p² ≤ max p, so that n · (1 − pdep(Y|X)) is at least the violating rows. Where most groups are
        a single row, few rows are enough.
        """
        rows = groups.rows
        most = self.thresholds.violating_share * rows
        if is_whole and rows > 1 and self.thresholds.mu_plus > 0:  # below 0 μ+ is shown as 0
            wrong = 1 - float((self.relation.counts[target][1:].astype(np.float64) ** 2).sum()) / rows**2
            most = min(most, (1 - self.thresholds.mu_plus) * wrong * rows * (rows - groups.size) / (rows - 1))
        return int(most + 1e-6)
