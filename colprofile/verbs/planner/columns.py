"""Columns: one column's saved statistics against its counts, with a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.analyze import MOST_TARGET, expected_statistics, sampling_noise
from colprofile.catalogs.counts import SavedValueCounts
from colprofile.catalogs.selectivity import (
    EstimateErrors,
    below_bounds,
    equality_errors,
    equality_selectivities,
    estimated_rows,
    log_errors,
    spread,
)
from colprofile.catalogs.statistics import SavedColumn
from colprofile.results.planner import ColumnStatistics, ColumnVerdict, WorstValue

FloatArray: TypeAlias = NDArray[np.float64]

TARGETS = (200, 500, 1000, 2000, 5000, MOST_TARGET)
"""Statistics targets that are tried, each costing ANALYZE a sample of 300 rows per unit."""

DISTINCT_FACTOR = 2.0
"""A number of distinct values that is wrong by this factor misleads joins and GROUP BY."""

COARSE_BITS = 0.5
"""Where fresh statistics leave at least so much, a factor of 1.4 on average, a larger target is worth its cost …"""

WORTH_BITS = 0.1
"""… if each step removes at least so much."""

WORST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would help a column: a statistics target, a number of distinct values, and the |log2| error it leaves."""

    target: int
    distinct: int | None
    error: float


def expected_error(
    counts: FloatArray, rows: int, target: int, *, is_unique: bool, distinct: int | None = None
) -> float:
    """Return the |log2| error, in bits, that a fresh ANALYZE is expected to leave: its sample's noise and its limits.

    ``counts`` are the rows of every value, the largest first. A unique index tells the planner all. ``distinct`` values
    may be set by hand, instead of what ANALYZE would estimate.
    """
    if not counts.size or is_unique:
        return 0.0
    expected = expected_statistics(counts, rows, target)
    null_share = max(0.0, 1.0 - float(counts.sum()) / rows)
    kept = counts[: expected.saved] / rows
    known = expected.distinct if distinct is None else float(distinct)
    shares = np.concatenate([kept, np.full(counts.size - expected.saved, spread(kept, null_share, known))])
    noise = sampling_noise(counts[: expected.saved], rows, expected.sample) @ counts[: expected.saved] / counts.sum()
    return log_errors(counts / rows, estimated_rows(shares, rows) / rows, counts).absolute + float(noise)


@dataclass(frozen=True, slots=True)
class FreshColumn:
    """What a fresh ANALYZE, with the advice, is expected to save of a column.

    ``threshold`` is the fewest rows of a value that is kept with its share; any other value gets ``other_share``.
    """

    threshold: float
    other_share: float

    def shares(self, counts: NDArray[np.int64], rows: int) -> FloatArray:
        """Return the selectivity that the planner would give to values with these rows."""
        return np.where(counts >= self.threshold, counts / rows, self.other_share)


def fresh_column(column: SavedColumn, counts: FloatArray, rows: int, remedy: Remedy | None) -> FreshColumn:
    """Return what a fresh ANALYZE would save of a column, with its remedy where it has one."""
    if column.is_unique:
        return FreshColumn(math.inf, 1.0 / rows)
    expected = expected_statistics(counts, rows, remedy.target if remedy else column.target)
    distinct = expected.distinct if remedy is None or remedy.distinct is None else float(remedy.distinct)
    null_share = max(0.0, 1.0 - float(counts.sum()) / rows)
    threshold = float(counts[expected.saved - 1]) if expected.saved else math.inf
    return FreshColumn(threshold, spread(counts[: expected.saved] / rows, null_share, distinct))


def range_errors(
    column: SavedColumn, counts: SavedValueCounts, rows: int, planner_rows: int
) -> tuple[float, float] | None:
    """Return the divergence over the bins in bits, and the largest difference of the shares below a bound."""
    if not counts.bin_rows.sum():
        return None
    bounds = len(column.bounds)
    by_bin = np.bincount(counts.saved_bins, weights=column.frequencies, minlength=bounds + 1)
    saved_below = np.cumsum(by_bin)[:bounds]
    below = below_bounds(column, saved_below, planner_rows)
    true_below = np.cumsum(counts.bin_rows)[:bounds] / rows
    filled = 1.0 - column.null_share
    estimated = np.diff(np.concatenate([[0.0], below, [filled]]))
    estimated = np.maximum(estimated, 1.0 / planner_rows)
    present = counts.bin_rows > 0
    true = counts.bin_rows[present] / rows
    bits = float(np.average(np.log2(true / estimated[present]), weights=true))
    return bits, float(np.abs(below - true_below).max())


def unseen_share(column: SavedColumn, counts: SavedValueCounts, filled: int) -> float | None:
    """Return the share of the filled rows that the statistics do not cover."""
    if not column.is_analyzed or not filled:
        return None
    others = float(counts.other_counts @ counts.other_values)
    if counts.bin_other_rows.size:
        outside = int(counts.bin_other_rows[0]) + int(counts.bin_other_rows[-1])
        # The last bound itself is inside, and one of the values counted from it on: it may hold the mean of the others.
        last = round(others / int(counts.other_values.sum())) if others else 0
        return max(0, outside - last) / filled
    if not column.values:
        return None
    is_whole_list = 0 < column.distinct <= len(column.values)
    return others / filled if is_whole_list else 0.0


def worst_values(column: SavedColumn, counts: SavedValueCounts, rows: int, planner_rows: int) -> tuple[WorstValue, ...]:
    """Return the values that the planner misjudges most, by rows × |log2 factor|."""
    other, *shares = (
        estimated_rows(equality_selectivities(column, planner_rows), planner_rows) / planner_rows
    ).tolist()
    found = [
        (text, count, share, True)
        for text, count, share in zip(column.values, counts.saved.tolist(), shares, strict=True)
        if count > 0
    ]
    found += [(text, count, other, False) for text, count in counts.worst]
    values = [
        WorstValue(text[:200], count, count / rows, share, count / rows / share, is_saved)
        for text, count, share, is_saved in found
    ]
    values.sort(key=lambda value: -value.rows * abs(math.log2(value.factor)))
    return tuple(values[:WORST_SHOWN])


def column_statistics(
    column: SavedColumn,
    counts: SavedValueCounts,
    rows: int,
    filled: int,
    planner_rows: int,
    min_bits: float,
) -> tuple[ColumnStatistics, Remedy | None]:
    """Return a column's statistics against its data, and what would help it."""
    undefined: dict[str, str] = {}
    every = counts.counts.astype(np.float64)
    errors = equality_errors(
        column, counts.saved, counts.other_counts, counts.other_values, rows=rows, planner_rows=planner_rows
    )
    ranges = range_errors(column, counts, rows, planner_rows)
    known = column.distinct_among(planner_rows)
    unseen = unseen_share(column, counts, filled)
    fresh = expected_error(every, rows, column.target, is_unique=column.is_unique) if every.size else None
    if errors is None:
        reason = "the table has no rows" if not rows else "every row is NULL"
        undefined |= dict.fromkeys(("kl_divergence", "q_error", "q_error_90", "q_error_max", "fresh_error"), reason)
    if ranges is None:
        undefined |= dict.fromkeys(("range_divergence", "range_distance"), _no_bins(column))
    if unseen is None:
        undefined["unseen_share"] = "nothing is saved of it" if filled else "it has no value"
    if not column.is_analyzed:
        undefined |= dict.fromkeys(("saved_null_share", "saved_distinct", "correlation"), "it was never analysed")
    elif column.correlation is None:
        undefined["correlation"] = "its type has no order, or it has one value"
    if known is None or not every.size:
        undefined["distinct_factor"] = "the catalog does not know" if every.size else "it has no value"
    verdict, reason, remedy = _verdict(column, every, rows, errors, ranges, unseen, known, fresh, min_bits)
    statistics = ColumnStatistics(
        name=column.name,
        type=column.type,
        rows=rows,
        nulls=rows - filled,
        distinct=int(every.size),
        is_analyzed=column.is_analyzed,
        statistics_target=column.target,
        saved_values=len(column.values),
        saved_bins=max(0, len(column.bounds) - 1),
        saved_null_share=column.null_share if column.is_analyzed else None,
        saved_distinct=known,
        correlation=column.correlation,
        kl_divergence=None if errors is None else errors.mean,
        q_error=None if errors is None else errors.q_error,
        q_error_90=None if errors is None else errors.q_error_90,
        q_error_max=None if errors is None else errors.q_error_max,
        unseen_share=unseen,
        range_divergence=None if ranges is None else ranges[0],
        range_distance=None if ranges is None else ranges[1],
        distinct_factor=None if known is None or not every.size else known / every.size,
        fresh_error=fresh,
        worst=worst_values(column, counts, rows, planner_rows) if rows else (),
        verdict=verdict,
        reason=reason,
        undefined=undefined,
    )
    return statistics, remedy


def _no_bins(column: SavedColumn) -> str:
    if not column.is_analyzed:
        return "it was never analysed"
    if column.bounds and not column.has_bins:
        return "its type is not compared by ranges"
    return "the catalog has no bins of it: the saved values are all, or it has no order"


def _verdict(
    column: SavedColumn,
    counts: FloatArray,
    rows: int,
    errors: EstimateErrors | None,
    ranges: tuple[float, float] | None,
    unseen: float | None,
    known: float | None,
    fresh: float | None,
    min_bits: float,
) -> tuple[ColumnVerdict, str, Remedy | None]:
    """Return the verdict, its evidence, and the remedy where there is one."""
    if errors is None or fresh is None:
        return "fine", "there is no value to estimate", None
    remedy = _remedy(column, counts, rows)
    if not column.is_analyzed:
        return "never analysed", f"the planner guesses: mean error {errors.absolute:.2f} bits", remedy
    expected = expected_statistics(counts, rows, column.target).distinct
    left = f"mean error {errors.absolute:.2f} bits"
    if remedy.distinct is not None and (ratio(known, counts.size) >= DISTINCT_FACTOR or errors.absolute >= COARSE_BITS):
        seen = f"{counts.size:,} distinct values, of which ANALYZE would see {expected:,.0f}"
        return "distinct", f"{seen}; {left}, then {remedy.error:.2f}", remedy
    if remedy.target != column.target and errors.absolute - remedy.error >= min_bits:
        targets = f"{fresh:.2f} with target {column.target:,}, {remedy.error:.2f} with {remedy.target:,}"
        return "coarse", f"{left}; ANALYZE leaves {targets}", remedy
    gain = max(errors.absolute - fresh, ranges[0] if ranges else 0.0)
    if gain >= min_bits or ratio(known, expected) >= DISTINCT_FACTOR:
        parts = [left]
        if ranges:
            parts.append(f"of ranges {ranges[0]:.2f}")
        if unseen:
            parts.append(f"{unseen:.1%} of the rows unseen" if unseen >= 0.001 else "a few rows unseen")
        return "stale", f"{', '.join(parts)}; a fresh ANALYZE leaves {fresh:.2f}", remedy
    if fresh >= COARSE_BITS:
        return "beyond help", f"{left}; no setting brings it below {remedy.error:.2f}", None
    return "fine", left, None


def ratio(estimated: float | None, true: float) -> float:
    """Return the factor, at least 1, by which a number is wrong; 1 where either is not known or 0."""
    return max(estimated / true, true / estimated) if estimated and true else 1.0


def _remedy(column: SavedColumn, counts: FloatArray, rows: int) -> Remedy:
    """Return the cheapest remedy that leaves a tolerable error, or else the best one.

    Cheapest first: ANALYZE alone, the number of distinct values set by hand, a larger target.
    """

    def left(target: int) -> Remedy:
        expected = expected_statistics(counts, rows, target).distinct
        distinct = counts.size if ratio(expected, counts.size) >= DISTINCT_FACTOR and not column.is_unique else None
        error = expected_error(counts, rows, target, is_unique=column.is_unique, distinct=distinct)
        return Remedy(target, distinct, error)

    best = left(column.target)
    for target in TARGETS:
        if best.error < COARSE_BITS:
            break
        candidate = left(target)
        is_wasteful = 300 * target > 2 * rows and target > 2 * counts.size
        if target > column.target and not is_wasteful and candidate.error < best.error - WORTH_BITS:
            best = candidate
    return best
