"""Two histograms on common cells: the coarsest cut that both know, without a row lost or guessed where they agree."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.results.histogram import Histogram, bucket_of
from colprofile.values import Value, place_of, temporal_number

Rows = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Incomparable(Exception):
    """The two histograms have no cells in common; the message says why."""


@dataclass(frozen=True)
class Aligned:
    """Both sides' rows over the same cells: values that both know one by one first, then bins or buckets of the rest.

    Attributes
    ----------
    values
        The first cells' values.
    stale, fresh
        float64[cells]: rows, values first. Whole numbers unless ``is_interpolated``.
    bounds
        float64[bins − 1]: bin i holds the places in (bounds[i − 1], bounds[i]], the first and last one are open.
        Empty where there are no bins.
    buckets
        How many buckets there are; 0 without.
    is_interpolated
        Whether a fresh bin had to be split.
    """

    values: list[Value]
    stale: Rows
    fresh: Rows
    bounds: Rows
    buckets: int
    is_interpolated: bool

    @property
    def has_tail(self) -> bool:
        """Whether some cells hold several values."""
        return self.stale.size > len(self.values)

    def tested(self) -> tuple[Rows, Rows, npt.NDArray[Any]]:
        """Return fresh and stale rows over cells that no side's counts chose, and keys to pool small ones by.

        Values are listed beside a tail because the stale side had many of them, which a test must not see: they go back
        to their bins or buckets, and what lies outside all bins to the outermost ones.
        """
        listed = len(self.values)
        if not self.has_tail:
            return self.fresh, self.stale, value_keys(self.values)
        fresh, stale = self.fresh[listed:].copy(), self.stale[listed:].copy()
        extra: list[int] = []
        for number, value in enumerate(self.values):
            cell = self.cell_of(value)
            if cell is None:
                extra.append(number)
            else:
                fresh[cell] += self.fresh[number]
                stale[cell] += self.stale[number]
        if self.bounds.size and fresh.size > 2:
            for side in (fresh, stale):
                side[1] += side[0]
                side[-2] += side[-1]
                side[0] = side[-1] = 0
        fresh, stale = np.append(fresh, self.fresh[extra]), np.append(stale, self.stale[extra])
        return fresh, stale, np.arange(fresh.size)

    def cell_of(self, value: Value) -> int | None:
        """Return the number of the bin or bucket that a listed value lies in; None for NaN and infinities."""
        if self.buckets:
            return bucket_of(value, self.buckets)
        place = place_of(value)
        return int(np.searchsorted(self.bounds, place, side="left")) if math.isfinite(place) else None


def value_keys(values: list[Value]) -> Indices:
    """Return an order of values that has nothing to do with how frequent they are."""
    return np.array([zlib.crc32(repr(value).encode("utf-8", "replace")) for value in values], np.int64)


def align(stale: Histogram, fresh: Histogram, *, is_same_type: bool = True) -> Aligned:
    """Return both histograms on common cells.

    A value has a cell of its own where both sides know how many rows hold it: they list it, or list everything.
    Others go to the bins or buckets. Where both have bins, the stale side's are kept; fresh rows of a bin that these
    cut are split as the stale side's are, as far as the bin allows, so that no drift is invented.

    Parameters
    ----------
    is_same_type
        Whether equal values are written alike on both sides; else 1 and "1.00", or a day and its midnight, are one.

    Raises
    ------
    Incomparable
        One side has bins and the other buckets, or numbers of buckets that do not divide each other.
    """
    bounds, buckets, stale_tail, fresh_tail, is_interpolated = _tails(stale, fresh)
    key = _same if is_same_type else _canonical
    first = {key(value): (value, count) for value, count in zip(stale.values, stale.counts, strict=True)}
    second = {key(value): (value, count) for value, count in zip(fresh.values, fresh.counts, strict=True)}
    own: list[tuple[Value, int, int]] = []
    is_stale_hiding, is_fresh_hiding = not stale.is_complete, not fresh.is_complete
    result = Aligned([], stale_tail, fresh_tail, bounds, buckets, is_interpolated)
    for name in [*first, *(name for name in second if name not in first)]:
        value = (first.get(name) or second[name])[0]
        stale_rows = first[name][1] if name in first else 0
        fresh_rows = second[name][1] if name in second else 0
        is_hidden = (is_stale_hiding and name not in first) or (is_fresh_hiding and name not in second)
        cell = result.cell_of(value) if is_hidden else None
        if cell is None:
            own.append((value, stale_rows, fresh_rows))
        else:
            stale_tail[cell] += stale_rows
            fresh_tail[cell] += fresh_rows
    own = [cell for cell in own if cell[1] or cell[2]]
    return Aligned(
        [value for value, _, _ in own],
        np.concatenate([np.array([rows for _, rows, _ in own], np.float64), stale_tail]),
        np.concatenate([np.array([rows for _, _, rows in own], np.float64), fresh_tail]),
        bounds,
        buckets,
        is_interpolated,
    )


def _same(value: Value) -> Any:
    return value


def _canonical(value: Value) -> Any:
    """Return what is equal for equal numbers and moments, however they are written."""
    if isinstance(value, str):
        moment = temporal_number(value, 1_000_000_000)
        if moment is not None:
            return ("moment", moment)
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            return value
    if isinstance(value, float):
        return Fraction(str(value))
    return value


def _tails(stale: Histogram, fresh: Histogram) -> tuple[Rows, int, Rows, Rows, bool]:
    """Return bounds, number of buckets, each side's rows in the tail's cells, and whether bins were split."""
    none: Rows = np.empty(0)
    if (stale.bin_counts and fresh.bucket_counts) or (stale.bucket_counts and fresh.bin_counts):
        raise Incomparable("one side's values have an order and the other's have none")
    if stale.bin_counts or fresh.bin_counts:
        return _binned(stale, fresh)
    if not (stale.bucket_counts or fresh.bucket_counts):
        return none, 0, none, none, False
    sizes = [len(side.bucket_counts) for side in (stale, fresh) if side.bucket_counts]
    if max(sizes) % min(sizes):
        raise Incomparable(f"one side has {sizes[0]} hash buckets and the other {sizes[1]}")
    return none, min(sizes), _folded(stale, min(sizes)), _folded(fresh, min(sizes)), False


def _folded(side: Histogram, buckets: int) -> Rows:
    counts = np.array(side.bucket_counts, np.float64)
    return counts.reshape(-1, buckets).sum(axis=0) if counts.size else np.zeros(buckets)


def _binned(stale: Histogram, fresh: Histogram) -> tuple[Rows, int, Rows, Rows, bool]:
    leading = stale if stale.bin_counts else fresh
    bounds, cumulative = _steps(leading)
    counts = np.concatenate([[0.0], np.diff(cumulative), [0.0]])
    if not (stale.bin_counts and fresh.bin_counts):
        empty = np.zeros(counts.size)
        return bounds, 0, *((counts, empty) if leading is stale else (empty, counts)), False
    places, steps = _steps(fresh)
    below = np.searchsorted(places, bounds, side="right") - 1
    low = np.where(below >= 0, steps[below.clip(0)], 0.0)
    is_exact = (below < 0) | (below == places.size - 1) | (places[below.clip(0)] == bounds)
    high = np.where(is_exact, low, steps[(below + 1).clip(0, places.size - 1)])
    reached = np.clip(cumulative / cumulative[-1] * steps[-1], low, high)
    fresh_counts = np.diff(np.concatenate([[0.0], reached, [steps[-1]]]))
    return bounds, 0, counts, fresh_counts, not bool(is_exact.all())


def _steps(side: Histogram) -> tuple[Rows, Rows]:
    """Return the bins' bounds and the rows at or below each; the lowest edge belongs to the first bin."""
    edges = np.array(side.edges, np.float64)
    edges[0] = np.nextafter(edges[0], -np.inf)
    return edges, np.concatenate([[0.0], np.cumsum(side.bin_counts, dtype=np.float64)])
