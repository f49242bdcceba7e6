"""Near dependencies of several columns on one: few rows contradict them, and chance does not explain them.

What a part already determines, exactly or nearly, is not looked at. A left side with too few repeated rows ends the
branch: that only gets worse with more columns. Where a lookup by a left side has too many entries, the target is left
out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from colprofile.counting.dependencies.exact import ExactSearch
from colprofile.counting.dependencies.groups import Groups
from colprofile.counting.dependencies.matrix import Bools, Limits, Matrix
from colprofile.counting.dependencies.parts import EVERYTHING, KnownOfParts, mask_of, matrix_of
from colprofile.counting.dependencies.relation import MeasuredDependency, Relation, measure
from colprofile.counting.dependencies.savings import LookupSavings
from colprofile.counting.dependencies.workers import Combination, SearchedLevel, SearchOver
from colprofile.measures.thresholds import Thresholds

_TOLERANCE = 0.015
"""One row of a sample changes its violating rows beyond the allowed share by at most 1.05, so their share exceeds its
mean by this with probability at most exp(−2 · 0.015² · 65,536 / 1.05²) = 3e-12 (McDiarmid), and the mean is at most 0
where the table keeps to the allowed share."""


@dataclass
class NearDependencies:
    """What was found; ``levels`` says how far was searched, from two columns on the left on."""

    found: list[MeasuredDependency] = field(default_factory=list)
    levels: list[SearchedLevel] = field(default_factory=list)

    @property
    def searched(self) -> int:
        """Up to how many columns on the left everything was looked at."""
        return max((level.determinants for level in self.levels if level.is_complete), default=1)


@dataclass
class _Found:
    """What a prefix with further columns nearly determines, and the left sides with too few repeated rows."""

    looked_at: int = 0
    steps: int = 0
    found: list[MeasuredDependency] = field(default_factory=list)
    unsupported: list[Combination] = field(default_factory=list)


class NearSearch:
    """A search level by level, each after the same level of the exact search.

    Parameters
    ----------
    exact
        The search for exact dependencies.
    explained
        (x, y) where the column x alone determines y nearly.
    savings
        Judges whether a combination says more than its parts; it should know all single columns. None takes every
        combination without a near part.
    thresholds
        What a near dependency must reach.
    lefts, targets
        The columns that may stand on the left, and on the right; all where they are None.
    """

    def __init__(
        self,
        exact: ExactSearch,
        explained: Iterable[tuple[int, int]],
        savings: LookupSavings | None,
        thresholds: Thresholds,
        lefts: Collection[int] | None = None,
        targets: Collection[int] | None = None,
    ) -> None:
        self.near = NearDependencies()
        self._exact = exact
        self._relation: Relation = exact.relation
        self.workers = exact.workers
        self._savings = savings
        self._thresholds = thresholds
        rows = self._relation.rows
        able = [j for j in exact.columns if self._relation.distinct[j] < rows]
        self.columns = [j for j in able if lefts is None or j in lefts]
        self._others = ~mask_of(j for j in able if targets is None or j in targets)
        self._finished = KnownOfParts()
        for x, y in explained:
            self._finished.add((x,), mask_of([y]))
        self._matrix = Matrix.of(self._relation)
        self._is_whole = self._matrix.relation is self._relation
        self._limits = self._limits_of()

    def search(self, determinants: int) -> None:
        """Look at all left sides with so many columns."""
        if determinants > len(self.columns):
            return
        if self._savings is not None:
            for left, target in self._savings.explained():
                self._finished.add(left, mask_of([target]))

        def collect(results: list[_Found]) -> None:
            for result in results:
                self.near.found += result.found
                for each in result.found:
                    self._finished.add(each.columns, mask_of([each.target]))
                for left in result.unsupported:
                    self._finished.add(left, EVERYTHING)

        what = f"looking for near dependencies on {determinants} columns, combination"
        rows = self._relation.rows
        level = self.workers.search(what, self.columns, determinants, rows, self._extend, collect)
        self.near.levels.append(level)

    def _extend(self, prefix: Combination, lasts: Sequence[int]) -> _Found:
        """Return what a prefix with each of some further columns gives."""
        result = _Found()
        check = self.workers.check
        sample: Groups | None = None
        whole: Groups | None = None
        for chunk in self._matrix.chunks(lasts):
            if self.workers.is_over():
                break
            result.looked_at += len(chunk)
            chosen, wanted = self._chosen(prefix, chunk)
            if not chosen:
                continue
            try:
                sample = sample or self._matrix.relation.groups(sorted(prefix))
                tested = self._matrix.test(sample, chosen, wanted, self._limits)
                result.steps += tested.steps
                if self._is_whole:
                    too_few = tested.repeated < self._thresholds.repeated_share * tested.rows
                    result.unsupported += [tuple(sorted((*prefix, chosen[n]))) for n in np.flatnonzero(too_few)]
                for n in np.flatnonzero(tested.holds.any(axis=1)):
                    whole = whole or (sample if self._is_whole else self._relation.groups(sorted(prefix), check))
                    refined = self._relation.refine(whole, chosen[n], check)
                    self._judge(refined, np.flatnonzero(tested.holds[n]).tolist(), result)
            except SearchOver:
                result.looked_at -= len(chunk)
                break
        return result

    def _chosen(self, prefix: Combination, lasts: Sequence[int]) -> tuple[list[int], Bools]:
        """Return the columns that make promising left sides of a prefix, with the targets of each, bool[left, target].

        A left side is hopeless where a part has too few repeated rows, identifies the rows, or determines another part.
        """
        columns = len(self._relation.codes)
        every = (1 << columns) - 1
        determined = self._exact.known.of_parts(prefix, lasts)
        finished = self._finished.of_parts(prefix, lasts)
        chosen, masks = [], []
        for last, by_parts, done in zip(lasts, determined, finished, strict=True):
            left = tuple(sorted((*prefix, last)))
            known, inside = by_parts | self._exact.known.of(left), mask_of(left)
            if EVERYTHING in (known, done) or by_parts & inside:
                continue
            mask = (self._others | known | done | inside) & every
            if mask != every:
                chosen.append(last)
                masks.append(mask)
        return chosen, ~matrix_of(masks, columns)

    def _judge(self, groups: Groups, targets: list[int], result: _Found) -> None:
        """Add to ``result`` which of the targets that passed the kernel are strong, on all rows."""
        relation, savings = self._relation, self._savings
        result.steps += relation.rows
        if groups.repeated < self._thresholds.repeated_share * groups.rows:
            result.unsupported.append(groups.columns)
            return
        most = int(self._thresholds.violating_share * groups.rows + 1e-6)
        for target in targets:
            result.steps += relation.rows
            self.workers.check()
            if groups.violating_rows(target, most) is None:
                continue
            # Where there is NULL, the bits of the target in the complete rows are only known once they are counted.
            is_whole = groups.rows == relation.rows and not relation.has_nulls(target)
            if is_whole and savings is not None and groups.size > savings.most_groups(target):
                continue
            measured = measure(relation, groups, target)
            result.steps += 2 * relation.rows
            if measured.is_strong(self._thresholds) and (savings is None or savings.is_better_than_parts(measured)):
                result.found.append(measured)

    def _limits_of(self) -> Limits:
        """Return the limits for the kernel, which no near dependency exceeds: see ``Limits``.

        Within a group Σ p² ≤ max p, so that n · (1 − pdep(Y|X)) is at least the violating rows, and what μ+ allows of
        them is a limit too. Where most groups are a single row, that is few. A target with NULL has no such limits.
        """
        relation, thresholds = self._relation, self._thresholds
        filled = [j for j in range(len(relation.codes)) if not relation.has_nulls(j)]
        most_groups, most_wrong = np.full((2, len(relation.codes)), np.inf)
        if self._savings is not None:
            most_groups[filled] = [self._savings.most_groups(target) for target in filled]
        if not self._is_whole:
            return Limits(thresholds.violating_share, 0.0, most_groups, most_wrong, _TOLERANCE)
        rows = relation.rows
        for target in filled if rows > 1 and thresholds.mu_plus > 0 else ():  # below 0 μ+ is shown as 0
            shares = relation.counts[target][1:].astype(np.float64) / rows
            wrong = 1 - float(shares @ shares)
            most_wrong[target] = (1 - thresholds.mu_plus) * wrong * rows / (rows - 1)
        return Limits(thresholds.violating_share, thresholds.repeated_share, most_groups, most_wrong)


def near_dependencies(
    search: ExactSearch,
    explained: Iterable[tuple[int, int]],
    savings: LookupSavings | None,
    most: int,
    thresholds: Thresholds,
) -> NearDependencies:
    """Return the near dependencies with two to ``most`` columns on the left, after an exact search of as many.

    See ``NearSearch`` for the arguments.
    """
    near = NearSearch(search, explained, savings, thresholds)
    for level in range(2, most + 1):
        near.search(level)
    return near.near
