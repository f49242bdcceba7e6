"""Two histograms on common cells: the coarsest cut that both know, without a row lost or guessed where they agree."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.results.histogram import Histogram
from colprofile.values import Value, place_of, temporal_number
from colprofile.verbs.drift.common_tails import Rows, Tails, common_tails

TESTED_ROWS = 25
"""Rows that a bin of the test must hold on average on either side: the stale rows chose its edges, which shows in bins
of fewer."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Aligned:
    """Both sides' rows over the same cells: values that both know one by one first, then bins or buckets of the rest.

    Attributes
    ----------
    values
        The first cells' values.
    stale, fresh
        float64[cells]: rows, values first. Whole numbers unless bins had to be split.
    tails
        What the other cells are.
    """

    values: list[Value]
    stale: Rows
    fresh: Rows
    tails: Tails

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
            cell = self.tails.cell_of(value)
            if cell is None:
                extra.append(number)
            else:
                fresh[cell] += self.fresh[number]
                stale[cell] += self.stale[number]
        if self.tails.bounds.size and fresh.size > 2:
            fresh, stale = self._wider(fresh), self._wider(stale)
        fresh, stale = np.append(fresh, self.fresh[extra]), np.append(stale, self.stale[extra])
        return fresh, stale, np.arange(fresh.size)

    def _wider(self, counts: Rows) -> Rows:
        """Return bins with what lies outside added to the outermost, and so many neighbours joined as a test needs."""
        inner = counts[1:-1].copy()
        inner[0] += counts[0]
        inner[-1] += counts[-1]
        least = min(float(self.fresh.sum()), float(self.stale.sum()))
        width = max(1, -(-TESTED_ROWS * inner.size // max(1, int(least))))
        return np.add.reduceat(inner, np.arange(0, inner.size, width))


def value_keys(values: list[Value]) -> Rows:
    """Return an order of values that has nothing to do with how frequent they are, float64[values].

    Numbers and moments by their place, so that neighbours are pooled; other values by a hash.
    """
    places = [place_of(value) for value in values]
    return np.array(
        [
            place if math.isfinite(place) else float(zlib.crc32(repr(value).encode("utf-8", "replace")))
            for value, place in zip(values, places, strict=True)
        ]
    )


def align(stale: Histogram, fresh: Histogram, *, is_same_type: bool = True) -> Aligned:
    """Return both histograms on common cells.

    A value has a cell of its own where both sides know how many rows hold it: they list it, or list everything.
    Others go to the bins or buckets. Where both have bins, the stale side's are kept. Where these cut fresh bins, at
    most 64 of them are left, and a fresh bin that is cut is split so that no drift is invented.

    Parameters
    ----------
    is_same_type
        Whether equal values are written alike on both sides; else 1 and "1.00", or a day and its midnight, are one.

    Raises
    ------
    Incomparable
        One side has bins and the other buckets, or numbers of buckets that do not divide each other.
    """
    tails = common_tails(stale, fresh)
    key = _same if is_same_type else _canonical
    first = {key(value): (value, count) for value, count in zip(stale.values, stale.counts, strict=True)}
    second = {key(value): (value, count) for value, count in zip(fresh.values, fresh.counts, strict=True)}
    own: list[tuple[Value, int, int]] = []
    is_stale_hiding, is_fresh_hiding = not stale.is_complete, not fresh.is_complete
    for name in [*first, *(name for name in second if name not in first)]:
        value = (first.get(name) or second[name])[0]
        stale_rows = first[name][1] if name in first else 0
        fresh_rows = second[name][1] if name in second else 0
        is_hidden = (is_stale_hiding and name not in first) or (is_fresh_hiding and name not in second)
        cell = tails.cell_of(value) if is_hidden else None
        if cell is not None:
            tails.add(cell, stale_rows, fresh_rows)
        elif stale_rows or fresh_rows:
            own.append((value, stale_rows, fresh_rows))
    stale_tail, fresh_tail = tails.rows()
    return Aligned(
        [value for value, _, _ in own],
        np.concatenate([np.array([rows for _, rows, _ in own], np.float64), stale_tail]),
        np.concatenate([np.array([rows for _, _, rows in own], np.float64), fresh_tail]),
        tails,
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
