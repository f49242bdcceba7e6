"""Changes that are expected: of keys, timestamps, growing ids, and text whose values come and go."""

from __future__ import annotations

import math

import numpy as np

from colprofile.counting.cells import TAIL_CELLS
from colprofile.measures.divergence import kl_divergence
from colprofile.measures.two_samples import pooled_g_test
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import Explanation
from colprofile.results.histogram import bucket_of
from colprofile.values import axis_position, value_family
from colprofile.verbs.drift.common_bins import Rows
from colprofile.verbs.drift.common_cells import value_keys
from colprofile.verbs.drift.compare import Comparison

NEARLY_UNIQUE = 0.9
"""A key-like column has at least this many distinct values per row …"""

MANY_ROWS = 20
"""… in at least so many rows."""

SHAPE_KEPT = 0.15
"""The quantiles of a range that moved with its shape kept lie within this part of the range of where they were."""

MANY_VALUES = 64
"""Numbers with fewer values are not ids: a month that moves from 6 to 7 is a drift."""

HIGH_CARDINALITY = 0.1
"""Text with at least this many distinct values per row, or too many to be listed, has values that come and go."""

HEAVY = 10
"""A value of so many times the mean rows per value (and 2/1,024 of all) is too frequent to come and go unnoticed."""

_FEW_BUCKETS = 64


def explain(found: Comparison, tolerance: float, significance: float) -> tuple[Explanation, str] | None:
    """Return which expected change explains a column's difference, with a sentence that says so; None if none does."""
    stale, fresh = found.stale, found.fresh
    family = value_family(fresh.kind, fresh.type)
    is_key = is_nearly_unique(stale) and is_nearly_unique(fresh)
    if family == "text":
        if is_key:
            return "key", "nearly every value occurs once on both sides, as in a key, so new values are expected"
        if _is_turnover(found, significance):
            return "turnover", (
                "text with many values: some disappeared and others are new, and no value became more or less "
                "frequent than that explains"
            )
        return None
    is_clock = family == "moment"
    is_id = family == "number" and isinstance(fresh.minimum, int) and isinstance(stale.minimum, int)
    if not is_clock and not (is_id and min(stale.distinct, fresh.distinct) > MANY_VALUES):
        return None
    ranges = _range(stale), _range(fresh)
    if not all(map(math.isfinite, (*ranges[0], *ranges[1]))):
        return None
    if (is_clock or is_key or _follows(*ranges)) and _has_moved(*ranges) and _keeps_shape(stale, fresh):
        return "moved", "the range moved and the distribution kept its shape, as with time or a counter"
    if (is_clock or is_key) and ranges[1][1] > ranges[0][1] and _is_same_inside(found, tolerance, significance):
        return "grown", "new values lie beyond the stale range, and nothing changed within it"
    return None


def is_nearly_unique(column: ColumnProfile) -> bool:
    """Whether nearly every value occurs once."""
    filled = column.rows - column.nulls
    return filled >= MANY_ROWS and column.distinct >= NEARLY_UNIQUE * filled


def _range(column: ColumnProfile) -> tuple[float, float]:
    return axis_position(column.minimum), axis_position(column.maximum)


def _has_moved(stale: tuple[float, float], fresh: tuple[float, float]) -> bool:
    return (fresh[0] - stale[0]) * (fresh[1] - stale[1]) > 0


def _follows(stale: tuple[float, float], fresh: tuple[float, float]) -> bool:
    """Whether the fresh range begins where the stale one ends, or a little later."""
    gap = fresh[0] - stale[1]
    return 0 <= gap <= max(stale[1] - stale[0], fresh[1] - fresh[0])


def _keeps_shape(stale: ColumnProfile, fresh: ColumnProfile) -> bool:
    old, new = _relative_quantiles(stale), _relative_quantiles(fresh)
    if old is None or new is None:
        return True  # a single moment has no shape
    return bool(np.all(np.abs(old - new) <= SHAPE_KEPT))


def _relative_quantiles(column: ColumnProfile) -> Rows | None:
    low, high = _range(column)
    if low == high:
        return None
    return (np.array([axis_position(item.value) for item in column.quantiles]) - low) / (high - low)


def _is_same_inside(found: Comparison, tolerance: float, significance: float) -> bool:
    """Whether only cells without stale rows have changed."""
    seen = found.cells.stale > 0
    fresh, stale = found.cells.fresh[seen], found.cells.stale[seen]
    if not fresh.sum():
        return False
    positions = [axis_position(value) for value in found.cells.values]
    keys = np.array([*positions, *np.full(seen.size - len(positions), np.inf)])[seen]
    bits = kl_divergence(fresh, stale) or 0.0
    test = pooled_g_test(fresh, stale, keys)
    return bits <= tolerance or (test is not None and test.p_value > significance)


def _is_turnover(found: Comparison, significance: float) -> bool:
    """Whether values that come and go, each with all of its rows, explain the difference.

    Rows then fall to hash buckets in clusters, so that counts vary Σc²/Σc times as much as single rows would
    (the design effect of cluster sampling; Kish 1965). Frequent values must be the same on both sides.
    """
    stale, fresh, cells = found.stale, found.fresh, found.cells
    buckets = cells.bins.buckets
    is_high = all(side.distinct >= HIGH_CARDINALITY * (side.rows - side.nulls) for side in (stale, fresh))
    if buckets == 1 or not (buckets or is_high):
        return False
    listed = len(cells.values)
    sides = cells.fresh, cells.stale
    limits = [_heavy_from(side) for side in (fresh, stale)]
    if buckets:
        is_head = np.ones(listed, bool)
        rest = tuple(side[listed:] for side in sides)
        if any(_largest(side, set(cells.values)) > limit for side, limit in zip((fresh, stale), limits, strict=True)):
            return False
    else:
        is_head = (cells.fresh > limits[0]) | (cells.stale > limits[1])
        numbers = np.array([bucket_of(key, _FEW_BUCKETS) for key in cells.keys], np.int64)[~is_head]
        rest = tuple(np.bincount(numbers, side[~is_head], _FEW_BUCKETS).astype(np.float64) for side in sides)
    heads = [np.append(side[:listed][is_head], part.sum()) for side, part in zip(sides, rest, strict=True)]
    keys = np.append(value_keys(cells.values, cells.keys)[is_head], -1)
    head = pooled_g_test(heads[0], heads[1], keys)
    if head is not None and head.p_value <= significance:
        return False
    test = pooled_g_test(rest[0], rest[1], np.arange(rest[0].size))
    if test is None or test.statistic is None or not test.degrees_of_freedom:
        return True
    left_out: set[object] = {value for value, is_one in zip(cells.values, is_head, strict=True) if is_one}
    n, m = rest[0].sum(), rest[1].sum()
    effect = (_cluster(fresh, left_out) / n + _cluster(stale, left_out) / m) / (1 / n + 1 / m)
    from scipy.special import chdtrc

    return float(chdtrc(test.degrees_of_freedom, test.statistic / effect)) > significance


def _heavy_from(column: ColumnProfile) -> float:
    """Return the rows from which a value is too frequent to be one of many that come and go."""
    filled = column.rows - column.nulls
    return max(HEAVY * filled / max(column.distinct, 1), 2 * filled / TAIL_CELLS)


def _largest(column: ColumnProfile, listed: set[object]) -> int:
    """Return the rows of the most frequent value that is not listed."""
    return max((rows for rows, number in unlisted_counts(column, listed).items() if number > 0), default=0)


def _cluster(column: ColumnProfile, listed: set[object]) -> float:
    """Return Σc²/Σc over the column's values that are not listed: the mean size of a row's value."""
    counts = unlisted_counts(column, listed)
    squares = sum(rows * rows * number for rows, number in counts.items())
    total = sum(rows * number for rows, number in counts.items())
    return max(1.0, squares / total) if total else 1.0


def unlisted_counts(column: ColumnProfile, listed: set[object]) -> dict[int, int]:
    """Return how many values have each count, those listed left out."""
    counts = dict(column.fingerprint)
    histogram = column.histogram
    for value, rows in zip(histogram.values, histogram.counts, strict=True):
        if value in listed and counts.get(rows):
            counts[rows] -= 1
    return counts
