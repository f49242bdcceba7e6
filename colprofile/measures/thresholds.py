"""When a dependency is a finding: the thresholds, and what they are compared with.

A profile's findings, the audit and the search for determinants of several columns all ask here, so that they agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SIGNIFICANCE = 0.001
"""An audit of independent columns finds any dependency at all with at most this probability."""

MOST_DETERMINANTS = 3
"""Columns that an audit looks for on the left side of a dependency."""


@dataclass(frozen=True)
class Thresholds:
    """What a dependency must reach to be a finding.

    Attributes
    ----------
    violating_share
        At most this share of the rows violates it (g3).
    mu_plus
        Its μ+, which is corrected for chance, is at least this.
    repeated_share
        At least this share of the rows shares its left side with another row. With fewer, the left side is nearly a
        key, which determines everything.
    saved_share
        A lookup by the left side saves at least this share of the target's bits.
    dependence
        The dependence of the two columns of a pair, where it is known, is at least this.
    clear_dependence
        With less dependence than this the evidence is thin, and the finding says so.
    """

    violating_share: float = 0.05
    mu_plus: float = 0.9
    repeated_share: float = 0.5
    saved_share: float = 0.5
    dependence: float = 0.2
    clear_dependence: float = 0.7

    def is_strong(self, violating_share: float, mu_plus: float | None, repeated_share: float) -> bool:
        """Whether a dependency is strong by its share of violating rows, its μ+ and its repeated rows.

        μ+ is None where the target is constant or the left side a key: such a dependency is never a finding.
        """
        if mu_plus is None or mu_plus < self.mu_plus:
            return False
        return violating_share <= self.violating_share and repeated_share >= self.repeated_share

    def saves_enough(self, saved: float, needed: float, whole: float) -> bool:
        """Whether a lookup saves more bits than chance would, and enough of all the bits of its target.

        Parameters
        ----------
        saved
            ``lookup_savings``.
        needed
            ``needed_bits`` of the table.
        whole
            ``arrangement_bits`` of the target.

        Examples
        --------
        >>> Thresholds().saves_enough(120.0, 40.0, 200.0), Thresholds().saves_enough(90.0, 40.0, 200.0)
        (True, False)
        """
        return saved >= needed and saved >= self.saved_share * whole


THRESHOLDS = Thresholds()
"""What a dependency of one column, and by default one of several, must reach."""


def possible_dependencies(columns: int) -> int:
    """Return how many dependencies X → Y a table of so many columns can have, X of one to MOST_DETERMINANTS columns.

    The number does not depend on how many determinants are really looked for: what is a finding stays one when more
    are looked for.

    >>> possible_dependencies(3), possible_dependencies(1)
    (9, 1)
    """
    lefts = range(1, MOST_DETERMINANTS + 1)
    return max(1, sum(math.comb(columns, size) * (columns - size) for size in lefts))


def needed_bits(tests: int) -> float:
    """Return the bits that a dependency must save: p ≤ 2^−saved, times the tests, is at most SIGNIFICANCE (Bonferroni).

    >>> round(needed_bits(1), 2)
    9.97
    """
    return math.log2(tests / SIGNIFICANCE)
