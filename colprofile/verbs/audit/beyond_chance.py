"""Exact dependencies whose left sides seldom repeat: a lookup saves little, but chance does not explain them.

Rows that repeat another in every column but keys may be copies, which agree about everything: they are left out, unless
no more rows share the left side than independent columns would.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.exact import Dependencies
from colprofile.counting.dependencies.groups import Groups
from colprofile.counting.dependencies.parts import proper_parts
from colprofile.counting.dependencies.relation import (
    MeasuredDependency,
    NullAsValue,
    Relation,
    expected_equal_pairs,
    measure,
)
from colprofile.counting.dependencies.workers import Combination
from colprofile.measures.exactness import exactness_bits
from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.verbs.audit.audited_table import AuditedTable

MOST_ROWS = 1 << 18
"""Rows that share their left side, and rows that do not, that are looked at."""

_LARGE = 64  # rows of a group; with more it proves no less

Bools = npt.NDArray[np.bool_]


class BeyondChance:
    """Judges exact dependencies of a table whose rows are known."""

    def __init__(self, audited: AuditedTable) -> None:
        self._audited = audited
        self._relation = audited.relation
        self._by_size: dict[int, npt.NDArray[np.float64]] = {}

    @cached_property
    def _is_original(self) -> Bools:
        """bool[rows]: the first of the rows that are equal in all columns but those whose values are all different."""
        relation = self._relation
        chosen = [j for j, distinct in enumerate(relation.distinct) if distinct < relation.rows]
        is_first = np.ones(relation.rows, np.bool_)
        if chosen:
            codes = NullAsValue([relation.codes[j] for j in chosen], [relation.width(j) for j in chosen])
            whole = Relation(codes, [np.concatenate([[0], relation.counts[j]]) for j in chosen])
            firsts = whole.groups(range(len(chosen))).one_of_each(is_first)
            is_first[:] = False
            is_first[firsts] = True
        return is_first

    def bits(self, groups: Groups, target: int) -> float:
        """Return −log2 of a bound of the probability that a dependency holds exactly by chance.

        The target is shuffled, and shuffled within the rows that are equal in part of the left side: it is the largest
        of the probabilities, so that no column stands on the left that only makes rows different. Of very many rows
        some are looked at, whatever their target: that these agree is no less probable.
        """
        if not groups.repeated:
            return 0.0
        relation = self._relation
        rows, left = _some_rows(groups)
        is_used = relation.codes[target][rows] != 0
        if not self._is_crossed(groups):
            is_used &= self._is_original[rows]
        rows, left = rows[is_used], left[is_used]
        right, found = relation.codes[target][rows], math.inf
        # Within the largest parts there is least to shuffle: they rule out most.
        for part in sorted([(), *proper_parts(groups.columns)], key=len, reverse=True):
            found = min(found, exactness_bits(left, right, self._numbers(part)[rows] if part else None))
            if found < self._audited.needed_bits:
                break
        return found

    def _expected_bits(self, groups: Groups, target: int) -> float:
        """Return −log2 of the probability if values were drawn one by one: a quick look that rules out most."""
        if not groups.repeated:
            return 0.0
        sizes = np.diff(groups.offsets)
        if not self._is_crossed(groups):
            sizes = np.add.reduceat(self._is_original[groups.members].astype(np.int64), groups.offsets[:-1])
        times = np.bincount(np.minimum(sizes, _LARGE))
        return float(times @ self._bits_by_size(target)[: times.size])

    def _bits_by_size(self, target: int) -> npt.NDArray[np.float64]:
        """Return for groups of 0 to _LARGE rows −log2 of the probability that values drawn for them are equal."""
        if target not in self._by_size:
            counts = self._relation.counts[target][1:]
            found, times = np.unique(counts[counts > 0], return_counts=True)
            shares = np.log2(found / counts.sum())
            powers = np.exp2(np.outer(np.arange(_LARGE + 1), shares)) @ times
            self._by_size[target] = np.where(np.arange(_LARGE + 1) > 1, -np.log2(np.maximum(powers, 1e-300)), 0.0)
        return self._by_size[target]

    def _numbers(self, columns: Combination) -> npt.NDArray[np.uint32]:
        """Return for each row the number of its group, as far as rows share theirs; 0 for all others."""
        if len(columns) == 1:
            return self._relation.codes[columns[0]]
        groups = self._relation.groups(columns)
        numbers = np.zeros(self._relation.rows, np.uint32)
        numbers[groups.members] = np.repeat(np.arange(1, groups.offsets.size), np.diff(groups.offsets))
        return numbers

    def _is_crossed(self, groups: Groups) -> bool:
        """Whether no more rows share a left side of several columns than if these were independent: none was copied."""
        from scipy.special import pdtrc

        if len(groups.columns) < 2:
            return False
        expected = expected_equal_pairs((self._relation.counts[j][1:] for j in groups.columns), self._relation.rows)
        sizes = np.diff(groups.offsets).astype(np.float64)
        seen = float((sizes * (sizes - 1)).sum()) / 2
        return bool(pdtrc(max(0.0, seen - 1), expected) > SIGNIFICANCE)

    def is_enough(self, bits: float) -> bool:
        """Whether chance does not explain what has so many bits, whatever else was looked at."""
        return bits >= self._audited.needed_bits

    def composites(self, exact: Dependencies, known: frozenset[int]) -> Iterator[tuple[MeasuredDependency, float]]:
        """Yield the dependencies of two columns and more that are beyond chance, with their bits.

        Left out are targets ``known``, equivalent columns but their representatives, and what measurements determine.
        """
        audited, relation = self._audited, self._relation
        able = {j for j, other in audited.representatives.items() if j == other} - audited.measured
        for columns, targets in exact.determined.items():
            if len(columns) < 2 or not able.issuperset(columns) or exact.has_unique_part(columns):
                continue
            groups = None
            for target in sorted(targets - known):
                if audited.representatives[target] != target or relation.distinct[target] < 2:
                    continue
                groups = groups or relation.groups(columns)
                if self._expected_bits(groups, target) < audited.needed_bits:
                    continue
                bits = self.bits(groups, target)
                if self.is_enough(bits):
                    yield measure(relation, groups, target), bits


def _some_rows(groups: Groups) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return rows with the numbers of their groups: those that share a group, and others, of each at most MOST_ROWS."""
    shared = int(np.searchsorted(groups.offsets, MOST_ROWS, "right")) - 1
    members = groups.members[: groups.offsets[shared]]
    numbers = np.repeat(np.arange(shared), np.diff(groups.offsets[: shared + 1]))
    singles = groups.singles
    singles = singles[:: max(1, -(-singles.size // MOST_ROWS))]
    rows = np.concatenate([members, singles]).astype(np.int64)
    return rows, np.concatenate([numbers, shared + np.arange(singles.size)]).astype(np.int64)
