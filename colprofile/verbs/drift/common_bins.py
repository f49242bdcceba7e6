"""CommonBins: the bins or hash buckets that two histograms share, for the values that they do not list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from colprofile.results.histogram import Histogram, bucket_of
from colprofile.values import Value, axis_position

Rows = npt.NDArray[np.float64]

COARSE_BINS = 64
"""The most bins that are compared where the two sides' bins differ. With far fewer than 1,024, few rows are guessed."""


class Incomparable(Exception):
    """The two histograms have no cells in common; the message says why."""


@dataclass(frozen=True)
class CommonBins:
    """Both sides' rows in common bins or buckets.

    Bin i holds the positions in (bounds[i − 1], bounds[i]], the first and last one are open. The first bound lies just
    below the histogram's lowest edge: see ``edges``.

    Where fresh bins are cut by the bounds, ``possible`` holds the fewest and the most fresh rows that can lie at or
    below each bound, float64[bins − 1] each, and all of them; ``fresh`` then holds only rows added since.
    """

    bounds: Rows  # float64[bins − 1], empty without bins
    buckets: int  # how many; 0 without
    stale: Rows  # float64[cells]
    fresh: Rows
    possible: tuple[Rows, Rows, float] | None = None

    @property
    def edges(self) -> Rows:
        """The bounds as people know them: the first one is where the histogram's values begin, not one step below."""
        edges = self.bounds.copy()
        if edges.size:
            edges[0] = np.nextafter(edges[0], np.inf)
        if edges.size > 1 and np.nextafter(edges[0], np.inf) == edges[1]:
            edges[0] = edges[1]  # bins that hold one position only begin a step below it themselves
        return edges

    def cell_of(self, value: Value, key: Value) -> int | None:
        """Return the number of the bin or bucket that a value lies in; None for NaN and infinities, and without any.

        ``key`` is the value's own, or the value where texts decide what is equal.
        """
        if self.buckets:
            return bucket_of(key, self.buckets)
        position = axis_position(value)
        if not self.bounds.size or not math.isfinite(position):
            return None
        return int(np.searchsorted(self.bounds, position, side="left"))

    def add(self, cell: int, stale: int, fresh: int) -> None:
        """Add the rows of a value that not both sides list."""
        self.stale[cell] += stale
        self.fresh[cell] += fresh

    def with_rows_at_bounds(self, rows: Mapping[float, int]) -> CommonBins:
        """Return these with further fresh rows, by position, at bounds: either bin may have them."""
        edges = self.edges
        here = np.array([rows.get(float(edge), 0) for edge in edges], np.float64)
        is_first = np.append(True, np.diff(edges) > 0)
        low = np.cumsum(self.fresh)[:-1] + np.cumsum(here * is_first) - here
        high = low + here
        low[-1:] = high[-1:]  # no bin of the stale side lies above its last bound
        total = float(self.fresh.sum() + here[is_first].sum())
        return replace(self, fresh=np.zeros(self.fresh.size), possible=(low, high, total))

    def rows(self) -> tuple[Rows, Rows]:
        """Return both sides' rows by cell; rows of fresh bins that are cut fall like the stale ones, if they can."""
        if self.possible is None:
            return self.stale, self.fresh
        low, high, total = self.possible
        ratio = (total + float(self.fresh.sum())) / max(float(self.stale.sum()), 1.0)
        expected = (self.stale * ratio - self.fresh).clip(0)
        reached = np.empty(low.size)
        at = 0.0
        for number in range(low.size):
            at = reached[number] = min(max(at + float(expected[number]), float(low[number])), float(high[number]))
        return self.stale, self.fresh + np.diff(np.concatenate([[0.0], reached, [total]]))


def common_bins(stale: Histogram, fresh: Histogram) -> CommonBins:
    """Return the bins or buckets of both sides on common cells; without any where both list everything.

    Raises
    ------
    Incomparable
        One side has bins and the other buckets, or numbers of buckets that do not divide each other.
    """
    none: Rows = np.empty(0)
    if (stale.bin_counts and fresh.bucket_counts) or (stale.bucket_counts and fresh.bin_counts):
        raise Incomparable("one side's values have an order and the other's have none")
    if stale.bin_counts or fresh.bin_counts:
        return _binned(stale, fresh)
    if not (stale.bucket_counts or fresh.bucket_counts):
        return CommonBins(none, 0, none, none)
    sizes = [len(side.bucket_counts) for side in (stale, fresh) if side.bucket_counts]
    if max(sizes) % min(sizes):
        raise Incomparable(f"one side has {sizes[0]} hash buckets and the other {sizes[1]}")
    return CommonBins(none, min(sizes), _folded(stale, min(sizes)), _folded(fresh, min(sizes)))


def _folded(side: Histogram, buckets: int) -> Rows:
    counts = np.array(side.bucket_counts, np.float64)
    return counts.reshape(-1, buckets).sum(axis=0) if counts.size else np.zeros(buckets)


def _binned(stale: Histogram, fresh: Histogram) -> CommonBins:
    leading = stale if stale.bin_counts else fresh
    bounds, cumulative = _steps(leading)
    counts = _between(cumulative)
    if not (stale.bin_counts and fresh.bin_counts):
        empty = np.zeros(counts.size)
        return CommonBins(bounds, 0, counts, empty) if leading is stale else CommonBins(bounds, 0, empty, counts)
    positions, steps = _steps(fresh)
    low, high = _reached(positions, steps, bounds)
    if not np.any(low < high):
        return CommonBins(bounds, 0, counts, np.diff(np.concatenate([[0.0], low, [steps[-1]]])))
    kept = np.unique(np.append(np.arange(0, bounds.size, -(-bounds.size // COARSE_BINS)), bounds.size - 1))
    counts = _between(cumulative[kept])
    return CommonBins(bounds[kept], 0, counts, np.zeros(counts.size), (low[kept], high[kept], float(steps[-1])))


def _between(cumulative: Rows) -> Rows:
    """Return the rows of each bin, with an empty open one at either end."""
    return np.concatenate([[0.0], np.diff(cumulative), [0.0]])


def _reached(positions: Rows, steps: Rows, bounds: Rows) -> tuple[Rows, Rows]:
    """Return the fewest and the most rows that can lie at or below each bound, from those at or below ``positions``."""
    below = np.searchsorted(positions, bounds, side="right") - 1
    low = np.where(below >= 0, steps[below.clip(0)], 0.0)
    is_exact = (below < 0) | (below == positions.size - 1) | (positions[below.clip(0)] == bounds)
    return low, np.where(is_exact, low, steps[(below + 1).clip(0, positions.size - 1)])


def _steps(side: Histogram) -> tuple[Rows, Rows]:
    """Return the bins' bounds and the rows at or below each; the lowest edge belongs to the first bin."""
    edges = np.array(side.edges, np.float64)
    edges[0] = np.nextafter(edges[0], -np.inf)
    return edges, np.concatenate([[0.0], np.cumsum(side.bin_counts, dtype=np.float64)])
