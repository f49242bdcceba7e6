"""Pearson's correlation from what counting a pair gives: Σ c·x·y over the joint cells and the complete marginals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from colprofile.counting.buffers import CodeArray
from colprofile.counting.marginal import Counts

Axis = npt.NDArray[np.float64]


def standardised(axis: Axis | None, counts: Counts) -> Axis | None:
    """Return the place of each code, centred on the mean and scaled by the standard deviation, 0 for NULL in front.

    None where there is no axis, or it holds NaN or infinities.

    Parameters
    ----------
    axis
        float64[size]: the number behind each code from 1.
    counts
        int64[size]: rows of each code from 1.
    """
    if axis is None or not axis.size or not counts.any() or not np.isfinite(axis).all():
        return None
    # The distance from one of the values is exact for values that lie close together; halves cannot overflow.
    distance = axis / 2 - axis[0] / 2
    small = distance / (np.abs(distance).max() or 1.0)
    mean = np.average(small, weights=counts)
    deviation = float(np.sqrt(np.average((small - mean) ** 2, weights=counts)))
    return np.concatenate([[0.0], (small - mean) / (deviation or 1.0)])


def pearson(cross: float, x: Axis, x_counts: Counts, y: Axis, y_counts: Counts) -> float | None:
    """Return r of two standardised columns from Σ c·x·y and the marginals of the complete rows.

    None where a side is constant over those rows.
    """
    rows = int(x_counts[1:].sum())
    if rows < 2:
        return None
    spread = 1.0
    means = []
    for axis, counts in ((x, x_counts), (y, y_counts)):
        weights = counts[: axis.size].astype(np.float64)
        mean = float(axis @ weights) / rows
        square = float((axis * axis) @ weights) / rows
        variance = square - mean * mean
        # Below the rounding of the squares a variance is that of a constant.
        if variance <= 1e-12 * max(square, 1e-300):
            return None
        means.append(mean)
        spread *= variance
    r = (cross / rows - means[0] * means[1]) / math.sqrt(spread)
    return min(1.0, max(-1.0, r))


@njit(nogil=True, cache=True)
def cross_of_table(table: Any, width: Any, x_axis: Any, y_axis: Any) -> Any:
    """Return Σ c·x·y over the cells of a counted table; NULL's row and column count nothing."""
    total = 0.0
    for i in range(1, x_axis.size):
        begin = i * width
        line = 0.0
        for j in range(1, y_axis.size):
            line += np.float64(table[begin + j]) * y_axis[j]
        total += line * x_axis[i]
    return total


@njit(nogil=True, cache=True)
def _add_products(x: Any, y: Any, x_axis: Any, y_axis: Any, totals: Any) -> None:
    """Add rows, Σx, Σy, Σx², Σy², Σxy over the complete rows to ``totals``."""
    for i in range(x.size):
        if x[i] == 0 or y[i] == 0:
            continue
        a = x_axis[x[i]]
        b = y_axis[y[i]]
        totals[0] += 1.0
        totals[1] += a
        totals[2] += b
        totals[3] += a * a
        totals[4] += b * b
        totals[5] += a * b


def pearson_of_rows(x: CodeArray, y: CodeArray, x_axis: Axis, y_axis: Axis) -> float | None:
    """Return r of two standardised columns straight from their codes, for pairs that are not counted."""
    totals = np.zeros(6)
    _add_products(x, y, x_axis, y_axis, totals)
    rows, sum_x, sum_y, square_x, square_y, cross = totals.tolist()
    if rows < 2:
        return None
    variance_x = square_x / rows - (sum_x / rows) ** 2
    variance_y = square_y / rows - (sum_y / rows) ** 2
    if variance_x <= 1e-12 * max(square_x / rows, 1e-300) or variance_y <= 1e-12 * max(square_y / rows, 1e-300):
        return None
    r = (cross / rows - sum_x / rows * sum_y / rows) / math.sqrt(variance_x * variance_y)
    return min(1.0, max(-1.0, r))
