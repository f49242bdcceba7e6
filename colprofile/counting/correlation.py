"""Pearson's and Spearman's correlation of a counted pair, from Σ c·x·y over the joint cells and its marginals."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled
from colprofile.counting.buffers import CodeArray
from colprofile.counting.marginal import Counts
from colprofile.counting.scratch import Scratch, blocks

Axis = npt.NDArray[np.float64]


def standardised(axis: Axis | None, counts: Counts, scratch: Scratch | None = None) -> Axis | None:
    """Return the place of each code, centred on the mean and scaled by the standard deviation, 0 for NULL in front.

    None where there is no axis, or it holds NaN or infinities.

    Parameters
    ----------
    axis
        float64[size]: the number behind each code from 1.
    counts
        int64[size]: rows of each code from 1.
    scratch
        Where the places go; the numbers are then ascending.
    """
    if axis is None or not axis.size or not counts.any() or not _is_finite(axis):
        return None
    if scratch is not None:
        return _standardised_in_blocks(axis, counts, scratch)
    # The distance from one of the values is exact for values that lie close together; halves cannot overflow.
    distance = axis / 2 - axis[0] / 2
    small = distance / (np.abs(distance).max() or 1.0)
    mean = np.average(small, weights=counts)
    deviation = float(np.sqrt(np.average((small - mean) ** 2, weights=counts)))
    return np.concatenate([[0.0], (small - mean) / (deviation or 1.0)])


def _is_finite(axis: Axis) -> bool:
    return all(bool(np.isfinite(axis[s]).all()) for s in blocks(axis.size))


def _standardised_in_blocks(axis: Axis, counts: Counts, scratch: Scratch) -> Axis:
    """Return what ``standardised`` does, of ascending numbers."""
    low = axis[0] / 2
    scale = float(axis[-1] / 2 - low) or 1.0
    rows = sum(int(counts[s].sum()) for s in blocks(axis.size))
    mean = sum(float(((axis[s] / 2 - low) / scale * counts[s]).sum()) for s in blocks(axis.size)) / rows
    squares = sum(float((((axis[s] / 2 - low) / scale - mean) ** 2 * counts[s]).sum()) for s in blocks(axis.size))
    deviation = math.sqrt(squares / rows) or 1.0
    places = (((axis[s] / 2 - low) / scale - mean) / deviation for s in blocks(axis.size))
    return scratch.stored(chain([np.zeros(1)], places), np.float64)


def pearson(cross: float, x: Axis, x_counts: Counts, y: Axis, y_counts: Counts) -> float | None:
    """Return r of two standardised columns from Σ c·x·y and the marginals of the complete rows.

    None where a column is constant over those rows.
    """
    return _correlation(int(x_counts[1:].sum()), _moments(x, x_counts), _moments(y, y_counts), cross)


def _moments(axis: Axis, counts: Counts) -> tuple[float, float]:
    """Return Σ x and Σ x² over the rows."""
    total = squares = 0.0
    for some in blocks(axis.size):
        places, weights = axis[some], counts[some].astype(np.float64)
        total += float(places @ weights)
        squares += float((places * places) @ weights)
    return total, squares


def pearson_of_rows(x: CodeArray, y: CodeArray, x_axis: Axis, y_axis: Axis) -> float | None:
    """Return r of two standardised columns straight from their codes, for pairs that are not counted."""
    rows, sum_x, sum_y, square_x, square_y, cross = _products(x, y, x_axis, y_axis)
    return _correlation(rows, (sum_x, square_x), (sum_y, square_y), cross)


def _correlation(rows: int, x: tuple[float, float], y: tuple[float, float], cross: float) -> float | None:
    """Return Pearson's r from (Σ x, Σ x²), (Σ y, Σ y²) and Σ x·y; None where a column is constant."""
    if rows < 2:
        return None
    spread = 1.0
    for total, squares in (x, y):
        variance = squares / rows - (total / rows) ** 2
        # Below the rounding of the squares a variance is that of a constant.
        if variance <= 1e-12 * max(squares / rows, 1e-300):
            return None
        spread *= variance
    r = (cross / rows - (x[0] / rows) * (y[0] / rows)) / math.sqrt(spread)
    return min(1.0, max(-1.0, r))


@compiled
def cross_of_table(table: Any, width: Any, x_axis: Any, y_axis: Any) -> Any:
    """Return Σ c·x·y over the cells of a counted table, without the row and the column of NULL."""
    total = 0.0
    for i in range(1, x_axis.size):
        begin = i * width
        line = 0.0
        for j in range(1, y_axis.size):
            line += np.float64(table[begin + j]) * y_axis[j]
        total += line * x_axis[i]
    return total


@compiled
def _products(x: Any, y: Any, x_axis: Any, y_axis: Any) -> Any:
    """Return rows, Σ x, Σ y, Σ x², Σ y² and Σ x·y over the complete rows."""
    rows = 0
    sum_x = sum_y = square_x = square_y = cross = 0.0
    for i in range(x.size):
        if x[i] == 0 or y[i] == 0:
            continue
        a = x_axis[x[i]]
        b = y_axis[y[i]]
        rows += 1
        sum_x += a
        sum_y += b
        square_x += a * a
        square_y += b * b
        cross += a * b
    return rows, sum_x, sum_y, square_x, square_y, cross


def rank_axis(order: npt.NDArray[np.int64], counts: Counts) -> Axis:
    """Return the place of each code on the axis of ranks: its mean rank as a share of the rows, centred; 0 for NULL.

    Parameters
    ----------
    order
        int64[distinct]: the codes in the order of their values.
    counts
        int64[size + 1]: rows of each code; that of NULL, 0, is left out.
    """
    axis = np.zeros(counts.size)
    total = sum(int(counts[order[some]].sum()) for some in blocks(order.size))
    before = 0
    for some in blocks(order.size if total else 0):
        rows = counts[order[some]]
        places = (before + np.cumsum(rows) - rows / 2) / total - 0.5
        axis[order[some]] = np.where(rows > 0, places, 0.0)
        before += int(rows.sum())
    return axis


def rank_correlation(cross: float, square_x: float, square_y: float) -> float | None:
    """Return Spearman's coefficient from Σ c·x·y, Σ c·x² and Σ c·y² on the axes of ranks, on which the mean is 0.

    None of a constant.
    """
    if square_x <= 0 or square_y <= 0:
        return None
    return float(np.clip(cross / math.sqrt(square_x * square_y), -1.0, 1.0))


def sum_of_squares(axis: Axis, counts: Counts) -> float:
    """Return Σ c·x² over the rows, from the rows of each code, int64[size + 1]."""
    return _moments(axis, counts)[1]


@compiled
def cross_of_rows(x: Any, y: Any, x_axis: Any, y_axis: Any) -> Any:
    """Return Σ x·y over the rows, of axes that are 0 for NULL."""
    first = second = third = fourth = 0.0
    quarter = x.size // 4
    for i in range(quarter):
        first += x_axis[x[i]] * y_axis[y[i]]
        second += x_axis[x[i + quarter]] * y_axis[y[i + quarter]]
        third += x_axis[x[i + 2 * quarter]] * y_axis[y[i + 2 * quarter]]
        fourth += x_axis[x[i + 3 * quarter]] * y_axis[y[i + 3 * quarter]]
    for i in range(4 * quarter, x.size):
        first += x_axis[x[i]] * y_axis[y[i]]
    return first + second + third + fourth


@compiled
def complete_counts(x: Any, y: Any, width_x: Any, width_y: Any) -> Any:
    """Return the rows by code of both columns over the complete rows, 0 for NULL: int64[width_x], int64[width_y]."""
    counts_x = np.zeros(width_x, np.int64)
    counts_y = np.zeros(width_y, np.int64)
    for i in range(x.size):
        if x[i] and y[i]:
            counts_x[x[i]] += 1
            counts_y[y[i]] += 1
    return counts_x, counts_y
