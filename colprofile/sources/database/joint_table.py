"""JointTable: the joint counts of a few columns with few values, fetched whole; pairs are derived from it here.

All values cross as their numbers in the order of a column's plan, so that equality and order stay the database's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.marginal import Counts
from colprofile.counting.pairs import PairCount
from colprofile.measures.chance import expected_bits
from colprofile.measures.cuts import equal_mass_bins
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import pair_sums
from colprofile.sources.database.pair_sides import PairResult, PairSide, has_moments
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
        sa.case((key.is_not(None), sa.func.dense_rank().over(order_by=side.plan.order(key))))
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


def count_in_table(table: JointTable, i: int, j: int, x: PairSide, y: PairSide, bins: int) -> PairResult:
    """Return what counting the pair of the i-th and j-th column gives; ``bins`` is what equal-mass binning aims at."""
    whole = table.table(i, j)
    exact = _as_seen(whole, x, y)
    sums, expected = _sums(exact)
    binned, binned_expected = sums, expected
    if x.is_binned or y.is_binned:
        folded = whole
        if x.is_binned:
            folded = _folded(folded, table.marginals[i], bins)
        if y.is_binned:
            folded = _folded(folded.T, table.marginals[j], bins).T
        binned, binned_expected = _sums(_as_seen(folded, x, y))
    moments = _moments(whole[1:, 1:], x, y) if has_moments(x, y) else None
    return PairResult(PairCount(sums, expected, binned, binned_expected), moments)


def _as_seen(counts: Counts, x: PairSide, y: PairSide) -> Counts:
    """Return the table without the NULLs that are no values."""
    return counts[int(not x.is_null_a_value) :, int(not y.is_null_a_value) :]


def _sums(counts: Counts) -> tuple[PairSums, float]:
    by_x, by_y = counts.sum(axis=1), counts.sum(axis=0)
    return pair_sums(counts), float(expected_bits(by_x[by_x > 0], by_y[by_y > 0], False))


def _folded(counts: Counts, marginal: Counts, bins: int) -> Counts:
    """Return the table with the values of its rows added up into equal-mass bins, NULL's row first."""
    filled = marginal[1:]
    axis = equal_mass_bins(np.cumsum(filled), filled, bins) + 1
    folded = np.zeros((int(axis[-1]) + 1, counts.shape[1]), np.int64)
    folded[0] = counts[0]
    np.add.at(folded, axis, counts[1:])
    return folded


def _moments(counts: Counts, x: PairSide, y: PairSide) -> npt.NDArray[np.float64]:
    """Return n, Σx, Σy, Σx², Σy², Σxy of the standardised numbers over a table without NULLs."""
    u, v = _standardised(x), _standardised(y)
    by_x, by_y = counts.sum(axis=1), counts.sum(axis=0)
    return np.array([by_x.sum(), by_x @ u, by_y @ v, by_x @ (u * u), by_y @ (v * v), u @ counts @ v], np.float64)


def _standardised(side: PairSide) -> npt.NDArray[np.float64]:
    assert side.axis is not None and side.centre is not None
    return (side.axis - side.centre) / side.scale
