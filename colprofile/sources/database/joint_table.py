"""JointTable: the joint counts of a few columns with few values, fetched whole; pairs are derived from it here.

All values cross as their numbers in the order of a column's plan, so that equality and order stay the database's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.correlation import (
    Axis,
    cross_of_table,
    rank_axis,
    rank_correlation,
    standardised,
    sum_of_squares,
)
from colprofile.counting.marginal import Counts
from colprofile.counting.pairs import PairCount, Sums, table_sums
from colprofile.counting.strength import Bins, Resolutions, binned_table, counted, strongest
from colprofile.measures.cuts import FINEST, equal_mass_bins
from colprofile.measures.resolutions import Strength
from colprofile.sources.database.pair_sides import PairSide, has_moments
from colprofile.sources.database.small_marginal import RowsOf, summed_by

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class JointTable:
    """Joint counts of columns.

    Attributes
    ----------
    codes
        One int64[cells] per column: each cell's value, from 1 in the display order; 0 is NULL.
    counts
        int64[cells]: the cells' rows.
    """

    codes: tuple[Codes, ...]
    counts: Counts

    @cached_property
    def marginals(self) -> tuple[Counts, ...]:
        """Of each column the rows by code, NULL's first."""
        return tuple(summed_by(codes, self.counts) for codes in self.codes)

    def table(self, i: int, j: int) -> Counts:
        """Return the joint counts of two columns, array of shape (values of i + 1, values of j + 1), NULL first."""
        height, width = self.marginals[i].size, self.marginals[j].size
        return summed_by(self.codes[i] * width + self.codes[j], self.counts, height * width).reshape(height, width)


def fetch_joint_table(sides: Sequence[PairSide], clause: sa.FromClause, rows_of: RowsOf) -> JointTable:
    """Return the joint counts of some columns, NULL among their values."""
    keys = [side.plan.key for side in sides]
    counted = sa.select(*(key.label(f"k{i}") for i, key in enumerate(keys)), sa.func.count().label("c"))
    table = counted.select_from(clause).group_by(*keys).subquery("g")
    ranks = [
        sa.case((key.is_not(None), sa.func.dense_rank().over(order_by=side.plan.ascending(key))))
        for side, key in ((side, table.c[f"k{i}"]) for i, side in enumerate(sides))
    ]
    found = rows_of(sa.select(*(rank.label(f"r{i}") for i, rank in enumerate(ranks)), table.c.c))
    columns = list(zip(*found, strict=True)) if found else [()] * (len(keys) + 1)
    return JointTable(tuple(_coded(ranks) for ranks in columns[:-1]), np.array(columns[-1], np.int64))


def _coded(ranks: Sequence[int | None]) -> Codes:
    """Return ranks as codes from 1 without gaps: some databases give NULL the first rank, others the last."""
    given: Codes = np.array([0 if rank is None else int(rank) for rank in ranks], np.int64)
    known, codes = np.unique(given, return_inverse=True)
    return codes.astype(np.int64) + int(known.size > 0 and known[0] != 0)


def count_in_table(table: JointTable, i: int, j: int, x: PairSide, y: PairSide, rows: int, tests: int) -> PairCount:
    """Return what counting the pair of the i-th and j-th column gives, one of ``tests`` pairs over ``rows`` rows."""
    if x.width < y.width:
        return count_in_table(table, j, i, y, x, rows, tests).exchanged()
    whole = table.table(i, j)
    axes = (_axis(x, table.marginals[i]), _axis(y, table.marginals[j])) if has_moments(x, y) else (None, None)
    complete = table_sums(counted(whole), whole.shape[0], whole.shape[1], axes)
    seen = _as_seen(_as_seen(whole, x).T, y).T
    exact = table_sums(counted(seen), *seen.shape) if x.is_null_a_value or y.is_null_a_value else complete
    lookups = [
        _lookup(side, table.marginals[place], size)
        for side, place, size in zip((x, y), (i, j), seen.shape, strict=True)
    ]

    def look(resolutions: Resolutions) -> Strength:
        bins = [lookup(level) for lookup, level in zip(lookups, resolutions.levels, strict=True)]
        return resolutions.of_table(*binned_table(counted(seen), seen.shape[1], *bins))

    strength = strongest(x, y, exact.sums, exact.expected, exact.counts, rows, tests, look)
    return PairCount(exact.sums, exact.expected, strength, complete.pearson, _spearman(whole, complete, x, y))


def _as_seen(counts: Counts, side: PairSide) -> Counts:
    """Return the table with the row of NULL where the column has it: the last where NULL is a value."""
    if not side.is_null_a_value:
        return counts
    return np.concatenate([np.zeros_like(counts[:1]), counts[1:], counts[:1]])


def _lookup(side: PairSide, marginal: Counts, size: int) -> Callable[[int | None], tuple[Bins, int]]:
    """Return what gives each code's bin in a halving, and how many there are with 0; of ``size`` codes as they are."""
    filled = marginal[1:]

    def at(level: int | None) -> tuple[Bins, int]:
        if level is None or side.cut is None:
            return np.arange(size), size
        finest = np.concatenate([[0], equal_mass_bins(np.cumsum(filled), filled, FINEST) + 1])
        if side.is_null_a_value:
            finest = np.append(finest, finest[-1] + 1)
        bins, number = side.cut.level(level)
        return bins[finest], number + 1

    return at


def _axis(side: PairSide, marginal: Counts) -> Axis | None:
    """Return where each code lies on the standardised axis, NULL's first."""
    assert side.axis is not None
    return standardised(side.axis, marginal[1:])


def _spearman(whole: Counts, complete: Sums, x: PairSide, y: PairSide) -> float | None:
    if complete.counts is None or not (x.has_ranks and y.has_ranks):
        return None
    ranks = [rank_axis(np.arange(1, counts.size), counts) for counts in complete.counts]
    cross = cross_of_table(counted(whole), whole.shape[1], *ranks)
    return rank_correlation(cross, *map(sum_of_squares, ranks, complete.counts))
