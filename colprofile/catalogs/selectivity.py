"""PostgreSQL's arithmetic: the rows that its planner estimates from saved statistics.

Each function says which of the server's functions it follows (src/backend/utils/adt/selfuncs.c,
src/backend/statistics/). Selectivities are shares of all rows, NULL included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.catalogs.statistics import SavedColumn

FloatArray: TypeAlias = NDArray[np.float64]

DEFAULT_DISTINCT = 200.0
"""Distinct values where nothing is known (DEFAULT_NUM_DISTINCT)."""

HISTOGRAM_CUTOFF = 0.01
"""A range beyond the last bound still gets this share of one bin."""


def estimated_rows(selectivity: ArrayLike, rows: float) -> FloatArray:
    """Return the rows that ``EXPLAIN`` shows: whole ones, and never fewer than one (clamp_row_est).

    >>> estimated_rows([0.0, 0.0016, 0.5], 1000).tolist()
    [1.0, 2.0, 500.0]
    """
    return np.maximum(np.rint(np.asarray(selectivity, np.float64) * rows), 1.0)


@dataclass(frozen=True, slots=True)
class EstimateErrors:
    """Mean log2 of true / estimated over drawn predicates, its mean absolute value, and q-errors."""

    mean: float
    absolute: float
    q_error: float
    q_error_90: float
    q_error_max: float


def log_errors(true: FloatArray, estimated: FloatArray, weights: FloatArray) -> EstimateErrors:
    """Return the errors of estimates, weighted; both as shares of the rows, above 0."""
    logs = np.log2(true / estimated)
    sizes = np.abs(logs)
    mean = float(np.average(logs, weights=weights))
    absolute = float(np.average(sizes, weights=weights))
    order = np.argsort(sizes)
    upto = np.cumsum(weights[order])
    at_90 = float(sizes[order][np.searchsorted(upto, 0.9 * upto[-1])])
    return EstimateErrors(mean, absolute, 2.0**absolute, 2.0**at_90, 2.0 ** float(sizes.max()))


def distinct_values(column: SavedColumn, rows: float) -> float:
    """Return the distinct values that the planner assumes (get_variable_numdistinct)."""
    distinct = column.distinct if column.is_analyzed else 0.0
    if column.is_unique:
        distinct = -1.0 * (1.0 - column.null_share)
    elif not column.is_analyzed and column.base_type == "bool":
        distinct = 2.0
    if distinct > 0:
        return _whole(distinct)
    if rows <= 0:
        return DEFAULT_DISTINCT
    if distinct < 0:
        return _whole(-distinct * rows)
    return min(_whole(rows), DEFAULT_DISTINCT)


def other_selectivity(column: SavedColumn, rows: float) -> float:
    """Return the selectivity of ``column = value`` for a value that is not among the saved ones (var_eq_const)."""
    if column.is_unique and rows >= 1:
        return 1.0 / rows
    if not column.is_analyzed:
        return 1.0 / distinct_values(column, rows)
    return spread(column.frequencies, column.null_share, distinct_values(column, rows))


def spread(frequencies: Sequence[float] | FloatArray, null_share: float, distinct: float) -> float:
    """Return the share that each value beyond the most common ones gets: what they and NULL leave, in equal parts.

    Never more than the least common of the saved ones.

    >>> round(spread([0.5, 0.25], 0.05, 6), 6)
    0.05
    """
    shares = np.asarray(frequencies, np.float64)
    rest = min(max(1.0 - float(shares.sum()) - null_share, 0.0), 1.0)
    others = distinct - shares.size
    if others > 1:
        rest /= others
    return min(rest, float(shares[-1])) if shares.size else rest


def equality_selectivities(column: SavedColumn, rows: float) -> FloatArray:
    """Return the selectivity of ``column = value``: first for a value that is not saved, then for each saved one."""
    other = other_selectivity(column, rows)
    is_trusted = column.is_unique and rows >= 1
    return np.array([other, *([other] * len(column.frequencies) if is_trusted else column.frequencies)], np.float64)


def equality_errors(
    column: SavedColumn,
    saved: NDArray[np.int64],
    other_counts: NDArray[np.int64],
    other_values: NDArray[np.int64],
    *,
    rows: int,
    planner_rows: int,
) -> EstimateErrors | None:
    """Return the planner's errors for ``column = value`` with values drawn from the data; None without values.

    ``saved`` are the rows of each saved value, 0 where it no longer occurs; ``other_counts`` the counts that occur
    among other values, and ``other_values`` how many values have each. The table's rows, NULL included, are given as
    counted and as the planner assumes.
    """
    is_present = saved > 0
    counts = np.concatenate([saved[is_present], other_counts]).astype(np.float64)
    values = np.concatenate([np.ones(int(is_present.sum())), other_values])
    if not counts.size:
        return None
    known = equality_selectivities(column, planner_rows)
    shares = np.concatenate([known[1:][is_present], np.full(other_counts.size, known[0])])
    return log_errors(counts / rows, estimated_rows(shares, planner_rows) / planner_rows, counts * values)


def below_bounds(column: SavedColumn, saved_below: ArrayLike, rows: float) -> FloatArray:
    """Return the selectivity of ``column < bound`` for each saved bound (scalarltsel, ineq_histogram_selectivity).

    There must be two bounds at least; ``saved_below`` is the share of the most common values below each. The server
    looks the table's true extremes up where an index holds them; then it does without the cutoff.
    """
    bins = len(column.bounds) - 1
    share = np.arange(bins + 1) / bins
    others = distinct_values(column, rows) - len(column.frequencies)
    # A bound that is itself a row of the histogram's: "<" leaves its own equal share out.
    one_value = 1.0 / others if others > 1 else 0.0
    share[1:] -= one_value
    cutoff = HISTOGRAM_CUTOFF / bins
    share = np.clip(share, cutoff, 1 - cutoff)
    filled = 1.0 - column.null_share - sum(column.frequencies)
    return np.clip(np.asarray(saved_below, np.float64) + filled * share, 0.0, 1.0)


def with_dependency(given: ArrayLike, implied: ArrayLike, degree: float) -> FloatArray:
    """Return the selectivity of two equalities under a functional dependency (clauselist_apply_dependencies).

    f · min(P(a), P(b)) + (1 − f) · P(a) · P(b), f the dependency's degree.

    >>> with_dependency([0.5], [0.1], 1.0).tolist(), with_dependency([0.5], [0.1], 0.0).tolist()
    ([0.1], [0.05])
    """
    first, second = np.asarray(given, np.float64), np.asarray(implied, np.float64)
    return degree * np.minimum(first, second) + (1 - degree) * first * second


def with_combinations(simple: ArrayLike, saved: ArrayLike, base: ArrayLike, total: float) -> FloatArray:
    """Return the selectivity of equalities under a list of combinations (mcv_combine_selectivities).

    ``simple`` is what the columns' own statistics make of them; ``saved`` and ``base`` are the matching combinations'
    saved shares and what independence would give these, 0 where none matches; ``total`` is the share of all listed.

    >>> with_combinations([0.1, 0.1], [0.3, 0.0], [0.1, 0.0], 0.95).round(6).tolist()
    [0.3, 0.05]
    """
    rest = np.clip(np.asarray(simple, np.float64) - np.asarray(base, np.float64), 0.0, 1.0)
    rest = np.minimum(rest, 1.0 - total)
    return np.clip(np.asarray(saved, np.float64) + rest, 0.0, 1.0)


def group_rows(distinct: Sequence[float], rows: float) -> float:
    """Return the groups that the planner expects of GROUP BY several columns (estimate_num_groups).

    Their product, at most a tenth of the rows, but no fewer than the largest alone.

    >>> group_rows([16, 105], 336_776), group_rows([5000, 4000], 336_776)
    (1680.0, 33678.0)
    """
    product = float(np.prod(np.asarray(distinct, np.float64)))
    if rows <= 0:
        return product
    most = rows if len(distinct) == 1 else min(max(rows * 0.1, max(distinct)), rows)
    return _whole(min(product, most))


def _whole(amount: float) -> float:
    return max(1.0, float(np.rint(amount)))
