"""PairSide: one column prepared for pairs, and what is known about a pair without counting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.marginal import Counts
from colprofile.counting.strength import Cut
from colprofile.measures import tables
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import exchanged
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.engine_sql import Expression, as_double, double


def balanced_case(is_before: Sequence[Expression], first: int = 1) -> Expression:
    """Return which bin a key is in, from ``first``: ``is_before`` says of each bin but the first if it comes before.

    A tree of comparisons: six for 64 bins.
    """
    if not is_before:
        return sa.literal_column(str(first))
    middle = len(is_before) // 2
    below = balanced_case(is_before[:middle], first)
    above = balanced_case(is_before[middle + 1 :], first + middle + 1)
    return sa.case((is_before[middle], below), else_=above)


@dataclass(frozen=True)
class PairSide:
    """One column prepared for pairs.

    Attributes
    ----------
    fingerprint
        (counts, how many values have each), NULL's own included where NULL is a value.
    width
        Codes of its values, as the kernels count them: NULL and labels that no row has are among them.
    cut
        How it is cut into bins; None where it is taken as it is.
    starts
        Where the bins of the finest cut begin, except the first and NULL's, as values to bind.
    centre, scale
        Of the numbers that Pearson's correlation is computed on; None where it is undefined.
    axis
        float64[distinct]: its values as numbers, in the database's order; None where they were not fetched.
    has_ranks
        Whether its values have an order that means something: numbers without NaN, and times.
    """

    plan: ColumnPlan
    fingerprint: tuple[Counts, Counts]
    width: int
    cut: Cut | None
    starts: tuple[Any, ...]
    nulls: int
    is_null_a_value: bool
    centre: float | None
    scale: float
    axis: npt.NDArray[np.float64] | None = None
    has_ranks: bool = False

    @cached_property
    def distinct(self) -> int:
        """Values, NULL among them where it is one."""
        return int(self.fingerprint[1].sum())

    @cached_property
    def filled(self) -> int:
        """Rows that hold one of them."""
        return int(self.fingerprint[0] @ self.fingerprint[1])

    @property
    def is_whole(self) -> bool:
        """Whether every row has a value."""
        return self.nulls == 0 or self.is_null_a_value

    @property
    def is_unique(self) -> bool:
        """No NULL and every value once: all of its pairs are known without counting."""
        counts, _ = self.fingerprint
        return self.is_whole and counts.size == 1 and int(counts[0]) == 1

    @property
    def is_constant(self) -> bool:
        """One value and no NULL: all of its pairs are known without counting."""
        return self.is_whole and self.distinct == 1

    def starts_at(self, level: int) -> tuple[Any, ...]:
        """Return where the bins of a halving begin, except the first and NULL's."""
        if self.cut is None or level == 0:
            return self.starts
        bins, _ = self.cut.level(level)
        return tuple(self.starts[i] for i in np.flatnonzero(np.diff(bins[1 : len(self.starts) + 2])))

    def bin(self, key: Expression, dialect: str, level: int = 0) -> Expression:
        """Return the bin of a key in a halving, from 1, the last being NULL's where it is a value."""
        starts = self.starts_at(level)
        if dialect == "postgresql" and self.plan.bind is not None:
            bounds = sa.bindparam(None, list(starts), type_=sa.ARRAY(self.plan.bind))
            bounds_as_typed = sa.cast(bounds, sa.ARRAY(self.plan.bind))
            binned: Expression = sa.func.width_bucket(sa.cast(key, self.plan.bind), bounds_as_typed) + 1
        else:
            binned = balanced_case([self.plan.is_before(key, value) for value in starts])
        if not self.is_null_a_value:
            return binned
        return sa.case((key.is_(None), sa.literal_column(str(len(starts) + 2))), else_=binned)

    def standardised(self, key: Expression) -> Expression:
        """Return the number behind a key, centred and scaled."""
        return (as_double(key) - double(self.centre)) / double(self.scale)


def correlation(moments: npt.NDArray[np.float64]) -> float | None:
    """Return Pearson's r from n, Σx, Σy, Σx², Σy² and Σxy; None where either side is constant."""
    if moments[0] < 1:
        return None
    n, x, y, xx, yy, xy = moments.tolist()
    variance_x, variance_y = xx - x * x / n, yy - y * y / n
    # Below rounding of n squares of size one a variance is that of a constant.
    if variance_x <= 1e-12 * max(xx, 1e-300) or variance_y <= 1e-12 * max(yy, 1e-300):
        return None
    return float(np.clip((xy - x * y / n) / np.sqrt(variance_x * variance_y), -1.0, 1.0))


def has_moments(x: PairSide, y: PairSide) -> bool:
    """Return whether Pearson's r can be defined."""
    return x.centre is not None and y.centre is not None and not (x.is_constant or y.is_constant)


def clogc_of(counts: Counts, many: Counts) -> float:
    """Return Σ c·log2 c over ``many`` values of each of the counts."""
    return float((counts * np.log2(counts.astype(np.float64))) @ many.astype(np.float64)) if counts.size else 0.0


def expected_with_unique(side: PairSide) -> float:
    """Return the entropy of a column: the expected bits of its pair with a unique column that has no NULL."""
    rows = side.filled
    return max(0.0, float(np.log2(rows) - clogc_of(*side.fingerprint) / rows)) if rows else 0.0


Fingerprint = tuple[Counts, Counts]


def sums_of(
    joint: Fingerprint, x: Fingerprint, y: Fingerprint, square_over: tuple[float, float], best: tuple[int, int]
) -> PairSums:
    """Return a pair's sums: from how often each count occurs in the joint table and in both marginals.

    What follows from both sides together is given: (Σ c²/n_x, Σ c²/n_y) and (Σ max c of each x, Σ max c of each y).
    """
    return PairSums(
        rows=int(joint[0] @ joint[1]),
        distinct_x=int(x[1].sum()),
        distinct_y=int(y[1].sum()),
        cells=int(joint[1].sum()),
        joint_clogc=clogc_of(*joint),
        x_clogc=clogc_of(*x),
        y_clogc=clogc_of(*y),
        square_over_x=square_over[0],
        square_over_y=square_over[1],
        x_square=_squares(x),
        y_square=_squares(y),
        best_y_by_x=best[0],
        best_x_by_y=best[1],
    )


def _squares(fingerprint: Fingerprint) -> float:
    counts, many = fingerprint
    return float((counts.astype(np.float64) ** 2) @ many)


def sums_with_constant(x: PairSide, y: PairSide) -> PairSums:
    """Return the sums of a pair with a constant column: its cells are the other column's values."""
    other = (y if x.is_constant else x).fingerprint
    rows = int(other[0] @ other[1])
    constant = (np.array([rows]), np.array([1])) if rows else other  # with no row neither has a value
    square_over = _squares(other) / rows if rows else 0.0, float(rows)
    sums = sums_of(other, constant, other, square_over=square_over, best=(int(other[0].max(initial=0)), rows))
    return sums if x.is_constant else exchanged(sums)


def sums_with_unique(x: PairSide, y: PairSide) -> PairSums:
    """Return the sums of a pair with a unique column: every joint cell holds one row."""
    counts, many = other = (y if x.is_unique else x).fingerprint
    sums = tables.sums_with_unique(int(counts @ many), int(many.sum()), clogc_of(*other), _squares(other))
    return sums if x.is_unique else exchanged(sums)
