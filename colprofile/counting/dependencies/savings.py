"""Whether a dependency of several columns says more than its parts, and more than chance."""

from __future__ import annotations

import math
from itertools import combinations

from colprofile.counting.dependencies.relation import Relation
from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import arrangement_bits, lookup_savings
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import entropies

MARGIN = 0.1
"""A further column on the left must save at least this share of the target's bits beyond what the best part saves."""

SAVED = 0.5
"""A lookup must save at least this share of the target's bits: with fewer, its left side is nearly a key."""


class Worth:
    """Judges dependencies by the bits that they save (see ``measures.lookup``).

    Parameters
    ----------
    relation
        The table.
    needed
        Bits that a dependency must save so that it is not one of chance, corrected for all that were looked at.
    """

    def __init__(self, relation: Relation, needed: float) -> None:
        self.relation = relation
        self.needed = needed
        self._known: dict[tuple[tuple[int, ...], int], float] = {}
        self._whole = [self._arrangement(j) for j in range(len(relation.codes))]

    def _arrangement(self, column: int) -> float:
        counts = self.relation.counts[column][1:]
        return arrangement_bits(int(counts.sum()), self.relation.distinct[column], entropy(counts) or 0.0)

    def affords(self, groups: int, target: int) -> bool:
        """Whether the table of a lookup with so many left sides leaves SAVED of a target without NULL."""
        return groups * math.log2(max(1, self.relation.distinct[target])) <= (1 - SAVED) * self._whole[target]

    def learn(self, columns: tuple[int, ...], target: int, sums: PairSums) -> float:
        """Return what columns save of a target, and remember it."""
        saved = self._known[columns, target] = lookup_savings(sums) or 0.0
        return saved

    def note(self, columns: tuple[int, ...], target: int, saved: float) -> None:
        """Remember what columns save of a target, known from elsewhere."""
        self._known[columns, target] = saved

    def saved(self, columns: tuple[int, ...], target: int) -> float:
        """Return the bits that columns save of a target, counted now unless known."""
        if (columns, target) not in self._known:
            groups = self.relation.groups(columns)
            sums, _ = groups.sums(self.relation.codes[target], self.relation.width(target))
            self.learn(columns, target, sums)
        return self._known[columns, target]

    def is_explained(self, columns: tuple[int, ...], target: int) -> bool:
        """Whether no further column can save enough beyond what these do: nobody saves more than all of it."""
        saved = self._known.get((columns, target))
        return saved is not None and self._whole[target] - saved < MARGIN * self._whole[target]

    def is_worth(self, columns: tuple[int, ...], target: int, sums: PairSums) -> bool:
        """Whether columns save enough of a target, and by MARGIN more than the best of their parts."""
        saved, bits = self.learn(columns, target, sums), entropies(sums)
        if bits is None or not is_enough(saved, self.needed, arrangement_bits(sums.rows, sums.distinct_y, bits.y)):
            return False
        parts = (part for size in range(1, len(columns)) for part in combinations(columns, size))
        return all(saved >= self.saved(part, target) + MARGIN * self._whole[target] for part in parts)


def is_enough(saved: float, needed: float, whole: float) -> bool:
    """Whether a lookup saves more than chance would, and SAVED of all the bits that there are.

    >>> is_enough(120.0, 40.0, 200.0), is_enough(90.0, 40.0, 200.0)
    (True, False)
    """
    return saved >= needed and saved >= SAVED * whole
