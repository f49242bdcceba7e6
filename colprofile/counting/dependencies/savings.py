"""What lookups save: whether a dependency of several columns says more than its parts, and more than chance."""

from __future__ import annotations

import math

from colprofile.counting.dependencies.parts import proper_parts
from colprofile.counting.dependencies.relation import MeasuredDependency, Relation, measure
from colprofile.counting.dependencies.workers import Combination
from colprofile.measures.lookup import arrangement_bits, lookup_savings
from colprofile.measures.tables import entropies
from colprofile.measures.thresholds import THRESHOLDS

MARGIN = 0.1
"""A further column on the left must save at least this share of the target's bits beyond what the best part saves."""


class LookupSavings:
    """The bits that lookups save (see ``measures.lookup``), counted when asked for and remembered.

    ``needed`` are the bits that a dependency must save to be more than chance, corrected for all that there can be.
    """

    def __init__(self, relation: Relation, needed: float) -> None:
        self.relation = relation
        self.needed = needed
        self._saved: dict[tuple[Combination, int], float] = {}
        self._whole = [relation.arrangement_bits(j) for j in range(len(relation.codes))]

    def most_groups(self, target: int) -> float:
        """Return how many left sides a lookup of a target without NULL may have, so that its table is small enough."""
        entry = math.log2(max(1, self.relation.distinct[target]))
        return (1 - THRESHOLDS.saved_share) * self._whole[target] / entry if entry else math.inf

    def record(self, columns: Combination, target: int, saved: float) -> None:
        """Remember what columns save of a target."""
        self._saved[columns, target] = saved

    def saved(self, columns: Combination, target: int) -> float:
        """Return the bits that columns save of a target, counted now unless known."""
        if (columns, target) not in self._saved:
            self.record(columns, target, lookup_savings(measure(self.relation, columns, target).sums) or 0.0)
        return self._saved[columns, target]

    def explained(self) -> list[tuple[Combination, int]]:
        """Return left sides and targets of which no further column can save enough more: none can save all of it."""
        return [
            (columns, target)
            for (columns, target), saved in self._saved.items()
            if self._whole[target] - saved < MARGIN * self._whole[target]
        ]

    def is_better_than_parts(self, measured: MeasuredDependency) -> bool:
        """Whether a dependency saves enough of its target, and by MARGIN more than the best part of its left side."""
        columns, target, sums = measured.columns, measured.target, measured.sums
        saved, bits = lookup_savings(sums) or 0.0, entropies(sums)
        self.record(columns, target, saved)
        whole = arrangement_bits(sums.rows, sums.distinct_y, bits.y) if bits is not None else math.inf
        if not THRESHOLDS.saves_enough(saved, self.needed, whole):
            return False
        least = MARGIN * self._whole[target]
        return all(saved >= self.saved(part, target) + least for part in proper_parts(columns))
