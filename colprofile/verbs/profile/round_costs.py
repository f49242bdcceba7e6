"""What it costs to count a pair, and to decide it from drawn rows instead: both in visits of a row, about a nanosecond.

A round of bounds that rules out nothing is lost time. A few pairs are looked at first, and show whether it pays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from colprofile.measures.cuts import FINEST

Pair = tuple[int, int]

PAIR_COST = 300_000
"""What a count costs however few rows there are."""

_CELL_COST = 450
"""What an interval costs for each cell of a sample."""

_DECISION_COST = 120
"""What it costs to decide that a bound is low enough, for each cell."""

_DRAWN_COST = 4
"""What each drawn row costs."""

_NARROW_COST = 2
"""How many visits of each row an exact count takes."""

_WIDE_COST = 20
"""How many, where the table of both columns' values does not fit the cache."""

_NARROW_CELLS = 1 << 16

_PILOT_SHARE = 32
"""One pair in this many shows whether it pays to look at the others."""

_LEAST_PILOT = 16


class Look(NamedTuple):
    """What some drawn rows say of a pair's mutual information.

    ``sides`` are lower bound, estimate and upper bound in bits, None where they cost more than a count; ``cost`` is
    what that took.
    """

    sides: tuple[float, float, float] | None
    cost: float

    @property
    def width(self) -> float:
        """How wide the interval is, in bits."""
        return math.inf if self.sides is None else self.sides[2] - self.sides[0]

    def needed(self, size: int, precision: float) -> float:
        """Return the rows that make it narrow enough, after ``size``: it narrows like the square root of the rows."""
        return size * (self.width / precision) ** 2


@dataclass(frozen=True)
class RoundCosts:
    """The costs for one table.

    Attributes
    ----------
    rows
        Rows of the table.
    values
        How many values each column has.
    are_cut
        Whether each column is cut into ranges too.
    """

    rows: int
    values: Sequence[int]
    are_cut: Sequence[bool]

    def exact(self, pair: Pair) -> float:
        """Return what an exact count costs."""
        x, y = (self.values[number] for number in pair)
        return PAIR_COST + self.rows * (_NARROW_COST if x * y <= _NARROW_CELLS else _WIDE_COST)

    def round(self, pair: Pair, size: int) -> float:
        """Return what bounding the dependence of a pair from ``size`` rows costs."""
        x, y = (self.values[number] for number in pair)
        tables = [min(size, x * y)]
        if x * y > FINEST * FINEST:
            is_cut = [self.are_cut[number] for number in pair]
            tables += [min(size, FINEST * FINEST)] * all(is_cut)
            tables += [
                min(size, FINEST * many)
                for many, is_other_cut in zip((x, y), is_cut[::-1], strict=True)
                if is_other_cut
            ]
        return _DRAWN_COST * size * len(tables) + _DECISION_COST * sum(tables)

    def look(self, cells: int, size: int) -> float:
        """Return what the interval of a pair costs from ``size`` rows with so many cells."""
        return PAIR_COST + _DRAWN_COST * size + _CELL_COST * cells

    def gain(self, looks: Mapping[Pair, Look], size: int, precision: float, most: int) -> float:
        """Return what looking at pairs saves in all: the exact counts that it spares, less what the looks cost.

        ``most`` are the rows up to which a later, larger look may be worth it.
        """
        gain = 0.0
        for pair, look in looks.items():
            gain -= look.cost
            needed = look.needed(size, precision)
            if needed <= size:
                gain += self.exact(pair)
            elif needed <= most:
                gain += max(0.0, self.exact(pair) - 2 * look.cost * needed / size)
        return gain


def pilot(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return a few of some pairs, evenly taken, and the others.

    >>> [len(part) for part in pilot([(0, y) for y in range(320)])]
    [16, 304]
    """
    step = max(1, len(pairs) // max(_LEAST_PILOT, len(pairs) // _PILOT_SHARE))
    return list(pairs[::step]), [pair for place, pair in enumerate(pairs) if place % step]
