"""Both distributions of a column over the same bars, for a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from colprofile.measures.cuts import even_edges
from colprofile.results.drift import Overlay
from colprofile.values import Value, axis_position, value_at
from colprofile.verbs.drift.common_bins import Rows
from colprofile.verbs.drift.common_cells import CommonCells

BARS = 24
VALUES = 12
_TAILS = 0.005


def overlaid_histograms(cells: CommonCells, family: str, low: float, high: float) -> Overlay | None:
    """Return both sides' shares by bars: of equal width on the axis, or of the most frequent values without one.

    ``low`` and ``high`` are the ends of both sides' range, where the open bins end; NaN where there is none.
    """
    if not cells.fresh.sum() or not cells.stale.sum():
        return None
    stale, fresh = cells.stale / cells.stale.sum(), cells.fresh / cells.fresh.sum()
    if family in ("number", "moment") or family.startswith("time"):
        drawn = _by_position(cells, stale, fresh, family, (low, high))
        if drawn is not None:
            return drawn
    listed = len(cells.values)
    most = np.argsort(-np.maximum(stale, fresh)[:listed], kind="stable")[:VALUES]
    return _overlay((), [cells.values[number] for number in most.tolist()], stale[most], fresh[most])


def _by_position(
    cells: CommonCells, stale: Rows, fresh: Rows, family: str, ends: tuple[float, float]
) -> Overlay | None:
    if cells.bins.buckets:
        return None
    lows, highs = _extents(cells, *ends)
    has_position = np.isfinite(lows) & np.isfinite(highs) & ((stale > 0) | (fresh > 0))
    if not has_position.any():
        return None
    lows, highs = lows[has_position], highs[has_position]
    old, new = stale[has_position], fresh[has_position]
    drawn = _edges(lows, highs, old + new)
    if drawn is None:
        return None
    edges, reach = drawn
    bar_edges, values = ([value_at(float(edge), family) for edge in places] for places in (edges, reach))
    shares = _spread(lows, highs, old, edges), _spread(lows, highs, new, edges)
    return _overlay(bar_edges, (), *shares, ends=tuple(values))


def _extents(cells: CommonCells, low: float, high: float) -> tuple[Rows, Rows]:
    """Return where each cell begins and ends; the open ones end where the range does."""
    positions = np.array([axis_position(value) for value in cells.values], np.float64)
    bounds = cells.bins.edges
    if not bounds.size:
        return positions, positions
    first = low if low < bounds[0] else bounds[0]
    last = high if high > bounds[-1] else bounds[-1]
    return np.concatenate([positions, [first], bounds]), np.concatenate([positions, bounds, [last]])


def _edges(lows: Rows, highs: Rows, mass: Rows) -> tuple[Rows, tuple[float, float]] | None:
    """Return equal-width edges and what they reach: everything, or the middle 99 % where that is a small part of it.

    Bars of whole numbers end one beyond the largest, so that it has a place; the last of them may be narrower.
    """
    low, high = float(lows.min()), float(highs.max())
    if not math.isfinite(high - low):
        return None
    order = np.argsort(highs, kind="stable")
    reached = np.cumsum(mass[order]) / mass.sum()
    inner = highs[order][np.searchsorted(reached, [_TAILS, 1 - _TAILS]).clip(0, highs.size - 1)]
    if 0 < inner[1] - inner[0] < (high - low) / 3:
        low, high = float(inner[0]), float(inner[1])
    is_whole = bool(np.all(lows == highs) and np.all(lows == np.round(lows)) and max(abs(low), abs(high)) < 2**52)
    if is_whole:
        width = max(1.0, math.ceil((high - low + 1) / BARS))
        edges = low + width * np.arange(int((high - low) // width) + 2, dtype=np.float64)
        return np.minimum(edges, high + 1), (low, high)
    if low == high:
        return np.array([low, high]), (low, high)
    return even_edges(low, high, BARS), (low, high)


def _spread(lows: Rows, highs: Rows, shares: Rows, edges: Rows) -> Rows:
    """Return each bar's share: points where they lie, bins spread evenly, everything beyond in the outermost bars."""
    is_point = highs <= lows
    points = np.searchsorted(edges[1:-1], lows[is_point], side="right")
    bars: Rows = np.bincount(points, shares[is_point], edges.size - 1).astype(np.float64)
    low, high = lows[~is_point, None], highs[~is_point, None]
    reached = ((edges[1:-1] - low) / (high - low)).clip(0, 1)
    ends = np.zeros((reached.shape[0], 1))
    parts = np.diff(np.hstack([ends, reached, ends + 1]), axis=1)
    spread: Rows = bars + shares[~is_point] @ parts
    return spread


def _overlay(
    edges: Sequence[float | str],
    values: Sequence[Value],
    stale: Rows,
    fresh: Rows,
    ends: tuple[float | str, ...] = (),
) -> Overlay:
    shares = tuple(stale.tolist()), tuple(fresh.tolist())
    return Overlay(tuple(edges), tuple(values), *shares, _rest(stale), _rest(fresh), ends)


def _rest(shares: Rows) -> float:
    """Return what is left of 1, at least 0."""
    rest = 1.0 - float(shares.sum())
    return rest if rest > 1e-9 else 0.0
