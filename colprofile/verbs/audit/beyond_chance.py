"""Exact dependencies whose left sides seldom repeat: a lookup saves little, but chance does not explain them.

Rows that repeat another in every column but keys are left out: they agree about everything, and prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.exact import Dependencies
from colprofile.counting.dependencies.parts import proper_parts
from colprofile.counting.dependencies.relation import MeasuredDependency, NullAsValue, Relation, measure
from colprofile.counting.dependencies.workers import Combination
from colprofile.measures.exactness import exactness_bits
from colprofile.verbs.audit.audited_table import AuditedTable


class BeyondChance:
    """Judges exact dependencies of a table whose rows are known."""

    def __init__(self, audited: AuditedTable) -> None:
        self._audited = audited
        self._relation = audited.relation

    @cached_property
    def _is_first(self) -> npt.NDArray[np.bool_]:
        """Which rows are the first of those that are equal in all columns but those whose values are all different."""
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

    def bits(self, columns: Combination, target: int) -> float:
        """Return −log2 of a bound of the probability that a dependency holds exactly by chance.

        The target is shuffled, and shuffled within the rows that are equal in part of the left side: it is the largest
        of the probabilities, so that no column stands on the left that only makes rows different.
        """
        relation, needed = self._relation, self._audited.needed_bits
        numbers, codes = relation.groups(columns).numbers, relation.codes[target]
        rows = self._is_first & (numbers != 0) & (codes != 0)
        left, right = numbers[rows], codes[rows]
        found = exactness_bits(left, right)
        for part in proper_parts(columns) if found >= needed else ():
            found = min(found, exactness_bits(left, right, relation.groups(part).numbers[rows]))
            if found < needed:
                break
        return found

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
                spare = (groups.rows - groups.size) * np.log2(relation.distinct[target])
                if spare < audited.needed_bits:  # no bound is smaller than one value of all for each further row
                    continue
                bits = self.bits(columns, target)
                if self.is_enough(bits):
                    yield measure(relation, groups, target), bits
