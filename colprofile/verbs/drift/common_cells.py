"""CommonCells: two histograms over the same cells, as fine as both allow, with every row in exactly one of them."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.results.histogram import Histogram
from colprofile.values import Value, axis_position
from colprofile.verbs.drift.common_bins import CommonBins, Incomparable, Rows, common_bins
from colprofile.verbs.drift.equal_values import Key, keys_of

TESTED_ROWS = 25
"""Rows that a tested bin must hold on average on either side: smaller bins show that stale rows chose the edges."""

SURE_DEVIATIONS = 3
"""Standard deviations by which a value's expected rows exceed those of the last listed one if it is surely listed."""


@dataclass(frozen=True)
class CommonCells:
    """Both sides' rows over the same cells: values that both know one by one first, then bins or buckets of the rest.

    Rows are float64[cells], and whole numbers unless bins had to be split.
    """

    values: list[Value]  # the first cells'
    keys: list[Value]  # what decides which values are equal: their keys, or themselves
    stale: Rows
    fresh: Rows
    bins: CommonBins  # what the other cells are

    @property
    def has_tail(self) -> bool:
        """Whether some cells hold several values."""
        return self.stale.size > len(self.values)

    def tested(self) -> tuple[Rows, Rows, npt.NDArray[Any]]:
        """Return fresh and stale rows over cells that no side's counts chose, and keys to pool small ones by.

        Where there is a tail, values are listed because they are frequent on the stale side, which would bias a test.
        So they return to their bins or buckets, and what lies outside all bins goes to the outermost ones.
        """
        listed = len(self.values)
        if not self.has_tail:
            return self.fresh, self.stale, value_keys(self.values, self.keys)
        if self.bins.buckets == 1:
            return self._surely_listed()
        fresh, stale = self.fresh[listed:].copy(), self.stale[listed:].copy()
        extra: list[int] = []
        for number, (value, key) in enumerate(zip(self.values, self.keys, strict=True)):
            cell = self.bins.cell_of(value, key)
            if cell is None:
                extra.append(number)
            else:
                fresh[cell] += self.fresh[number]
                stale[cell] += self.stale[number]
        if self.bins.bounds.size and fresh.size > 2:
            fresh, stale = self._wider(fresh), self._wider(stale)
        fresh, stale = np.append(fresh, self.fresh[extra]), np.append(stale, self.stale[extra])
        return fresh, stale, np.arange(fresh.size)

    def _surely_listed(self) -> tuple[Rows, Rows, npt.NDArray[Any]]:
        """Return the values that any stale sample would have listed, and all other rows in one cell.

        An optimizer lists the most common values of its sample. Of values about as frequent as the last of them, it
        lists those that happened to be drawn more often, so only values that are surely above it can be tested.
        """
        listed = len(self.values)
        fresh, stale = self.fresh[:listed], self.stale[:listed]
        both = self.fresh.sum() + self.stale.sum()
        expected = (fresh + stale) * (self.stale.sum() / max(both, 1.0))
        least = float(stale[stale > 0].min(initial=np.inf))
        is_sure = expected - SURE_DEVIATIONS * np.sqrt(expected) > least
        cells = [
            np.append(side[:listed][is_sure], side.sum() - side[:listed][is_sure].sum())
            for side in (self.fresh, self.stale)
        ]
        return cells[0], cells[1], np.arange(cells[0].size)

    def _wider(self, counts: Rows) -> Rows:
        """Return bins with what lies outside added to the outermost, and so many neighbours joined as a test needs."""
        inner = counts[1:-1].copy()
        inner[0] += counts[0]
        inner[-1] += counts[-1]
        least = min(float(self.fresh.sum()), float(self.stale.sum()))
        width = max(1, -(-TESTED_ROWS * inner.size // max(1, int(least))))
        return np.add.reduceat(inner, np.arange(0, inner.size, width))


def value_keys(values: list[Value], keys: list[Value]) -> Rows:
    """Return an order of values that has nothing to do with how frequent they are, float64[values].

    Numbers and times by their position, so that neighbours are pooled; other values by a hash of their keys.
    """
    positions = [axis_position(value) for value in values]
    return np.array(
        [
            position if math.isfinite(position) else float(zlib.crc32(repr(key).encode("utf-8", "replace")))
            for key, position in zip(keys, positions, strict=True)
        ]
    )


def align(
    stale: Histogram,
    fresh: Histogram,
    keys: tuple[Key, Key] = keys_of("", "", ""),
    *,
    is_keyed: bool = False,
    is_equi_depth: bool = False,
) -> CommonCells:
    """Return both histograms on common cells.

    A value has a cell of its own where both sides know how many rows hold it: they list it, or list everything.
    Others go to the bins or buckets. Where both have bins, the stale side's are kept. Where these cut fresh bins, at
    most 64 of them are left, and a fresh bin that is cut is split so that no drift is invented.

    Parameters
    ----------
    keys
        What is equal for equal values of the stale and of the fresh side: see ``equal_values``.
    is_keyed
        Whether the histograms' own keys decide which values are equal instead.
    is_equi_depth
        Whether the stale bins end at equal distances in the sorted rows, as an optimizer's do: the rows of a value at
        a bound may then belong to either bin. These values are listed with 0 stale rows.

    Raises
    ------
    Incomparable
        One side has bins and the other buckets, or numbers of buckets that do not divide each other, or buckets of
        keys that the other side does not have.
    """
    if not is_keyed and any(side.keys is not None and side.bucket_counts for side in (stale, fresh)):
        raise Incomparable("only one side's buckets follow the database's equality: profile the other side anew")
    bins = common_bins(stale, fresh)
    first, second = (
        side.by_key(is_keyed=True) if is_keyed else _by_key(side, key)
        for side, key in zip((stale, fresh), keys, strict=True)
    )
    at_bounds = {name for name, (_, rows) in first.items() if not rows} if is_equi_depth else set()
    if at_bounds:
        bins = bins.with_rows_at_bounds(
            {axis_position(first[name][0]): second[name][1] for name in at_bounds & second.keys()}
        )
    own: list[tuple[Value, Value, int, int]] = []
    is_stale_hiding, is_fresh_hiding = not stale.is_complete, not fresh.is_complete
    for name in [*first, *(name for name in second if name not in first)]:
        value = (first.get(name) or second[name])[0]
        stale_rows = first[name][1] if name in first else 0
        fresh_rows = second[name][1] if name in second else 0
        is_hidden = (is_stale_hiding and name not in first) or (is_fresh_hiding and name not in second)
        own_key = str(name) if is_keyed else value
        cell = bins.cell_of(value, own_key) if is_hidden else None
        if cell is not None:
            bins.add(cell, stale_rows, fresh_rows)
        elif (stale_rows or fresh_rows) and name not in at_bounds:
            own.append((value, own_key, stale_rows, fresh_rows))
    stale_tail, fresh_tail = bins.rows()
    return CommonCells(
        [value for value, _, _, _ in own],
        [key for _, key, _, _ in own],
        np.concatenate([np.array([rows for _, _, rows, _ in own], np.float64), stale_tail]),
        np.concatenate([np.array([rows for _, _, _, rows in own], np.float64), fresh_tail]),
        bins,
    )


def _by_key(histogram: Histogram, key: Key) -> dict[Any, tuple[Value, int]]:
    """Return the listed values with their rows; those with one key together, as the first of them."""
    found: dict[Any, tuple[Value, int]] = {}
    for value, count in zip(histogram.values, histogram.counts, strict=True):
        name = key(value)
        first, rows = found.get(name, (value, 0))
        found[name] = first, rows + count
    return found
