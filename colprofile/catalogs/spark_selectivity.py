"""Spark's arithmetic: the rows that its optimizer estimates from saved statistics when CBO is on.

Follows FilterEstimation and EstimationUtils (sql/catalyst, plans/logical/statsEstimation). Selectivities are shares of
the rows that are not NULL; ``filled_share`` is that of those rows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.catalogs.spark import SparkBin, SparkColumn

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """A column's axis in parts within each of which every value is estimated alike.

    With k ``edges``, cell 2i holds the positions between edges i − 1 and i, and cell 2i + 1 edge i itself:
    ``selectivities`` are 2k + 1. Without edges there is one cell.
    """

    edges: tuple[float, ...]
    selectivities: tuple[float, ...]

    def find(self, positions: ArrayLike) -> NDArray[np.intp]:
        """Return the cell of each position."""
        places, edges = np.asarray(positions, np.float64), np.asarray(self.edges, np.float64)
        return np.searchsorted(edges, places, "left") + np.searchsorted(edges, places, "right")


def equality_cells(column: SparkColumn) -> Cells:
    """Return the selectivity of ``column = value`` for every value (FilterEstimation.evaluateEquality)."""
    if column.estimated != "values" or column.minimum is None or column.maximum is None:
        return Cells((), (whole_selectivity(column),))
    if column.bins:
        return histogram_cells(column.bins)
    share = _bounded(1.0, column.distinct or 0)
    if column.minimum == column.maximum:
        return Cells((column.minimum,), (0.0, share, 0.0))
    return Cells((column.minimum, column.maximum), (0.0, share, share, share, 0.0))


def whole_selectivity(column: SparkColumn) -> float:
    """Return the selectivity that every value of a column without an axis gets."""
    if column.estimated == "distinct":
        return _bounded(1.0, column.distinct or 0)
    return 1.0 if column.estimated == "every row" else 0.0


def histogram_cells(bins: Sequence[SparkBin]) -> Cells:
    """Return the selectivities under a histogram (EstimationUtils.numBinsHoldingRange).

    Σ over the bins that hold the value of (1 if the bin has a single value, else 1/distinct) / bins.

    >>> cells = histogram_cells([SparkBin(0, 4, 4), SparkBin(4, 4, 1), SparkBin(4, 9, 2)])
    >>> cells.edges, [round(share, 3) for share in cells.selectivities]
    ((0, 4, 9), [0.0, 0.083, 0.083, 0.583, 0.167, 0.167, 0.0])
    """
    edges = sorted({end for item in bins for end in (item.lower, item.upper)})
    shares = [0.0]
    for place, edge in enumerate(edges):
        shares.append(sum(_share(item) for item in bins if item.lower <= edge <= item.upper) / len(bins))
        after = edges[place + 1] if place + 1 < len(edges) else math.inf
        shares.append(sum(_share(item) for item in bins if item.lower <= edge and after <= item.upper) / len(bins))
    return Cells(tuple(edges), tuple(min(share, 1.0) for share in shares))


def _share(item: SparkBin) -> float:
    return 1.0 if item.lower == item.upper else _bounded(1.0, item.distinct)


def _bounded(amount: float, by: float) -> float:
    """Return a quotient as a probability (boundProbability)."""
    return min(amount / by, 1.0) if by else 1.0


def filled_share(column: SparkColumn, rows: int) -> float:
    """Return the share of rows that ``column IS NOT NULL`` keeps (evaluateNullCheck); 1 where nothing is saved."""
    if not column.is_analyzed or rows <= 0:
        return 1.0
    return 1.0 - min((column.nulls or 0) / rows, 1.0)


def estimated_rows(selectivity: ArrayLike, rows: int) -> FloatArray:
    """Return the rows that ``EXPLAIN COST`` shows: rows × selectivity, rounded up in decimal arithmetic.

    1/11 as a double is a little more than 1/11, so that 11 rows of it are 2.

    >>> estimated_rows([0.0, 0.0016, 0.5, 1 / 11], 11).tolist()
    [0.0, 1.0, 6.0, 2.0]
    """
    shares, places = np.unique(np.asarray(selectivity, np.float64), return_inverse=True)
    whole = [int((Decimal(rows) * Decimal(repr(share))).to_integral_value(ROUND_CEILING)) for share in shares.tolist()]
    return np.asarray(np.array(whole, np.float64)[places].reshape(np.shape(selectivity)), np.float64)


def fresh_bins(positions: FloatArray, counts: NDArray[np.int64], bins: int) -> tuple[SparkBin, ...]:
    """Return the histogram that ``ANALYZE`` would make of these positions, ascending, each with its rows.

    The ends are the values at the ranks ⌈p · rows⌉, each bin open at its lower end but for the first. Spark estimates
    both ranks and distinct values, to 0.01 % and about 5 %; here they are exact.

    >>> [(b.lower, b.upper, b.distinct) for b in fresh_bins(np.arange(8.0), np.ones(8, np.int64), 2)]
    [(0.0, 3.0, 4), (3.0, 7.0, 4)]
    """
    upto = np.cumsum(counts)
    ranks = np.maximum(np.ceil(np.arange(bins + 1) * int(upto[-1]) / bins), 1)
    ends = np.searchsorted(upto, ranks, "left")
    return tuple(
        SparkBin(
            float(positions[low]),
            float(positions[high]),
            max(1, int(high - low) + (1 if index == 0 else 0)),
        )
        for index, (low, high) in enumerate(itertools.pairwise(ends))
    )
