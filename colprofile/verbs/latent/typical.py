"""The values that are typical of a latent class: more frequent in it than in the table."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from colprofile.results.latent import LatentColumn, Typical

Floats = npt.NDArray[np.float64]

MOST_VALUES = 16
"""Typical values listed for a class."""

_MOST_PER_COLUMN = 2
_LEAST_LIFT = 1.1
_LEAST_BITS = 0.01


def typical_values(
    shares: Floats, table_shares: Floats, spans: list[slice], columns: tuple[LatentColumn, ...]
) -> tuple[Typical, ...]:
    """Return the values that are more frequent in a class than in the table, most bits first."""
    found = []
    for span, column in zip(spans, columns, strict=True):
        candidates = _of_column(column, shares[span], table_shares[span])
        candidates.sort(key=lambda typical: -typical.bits)
        found += candidates[:_MOST_PER_COLUMN]
    found.sort(key=lambda typical: -typical.bits)
    return tuple(found[:MOST_VALUES])


def _of_column(column: LatentColumn, shares: Floats, table_shares: Floats) -> list[Typical]:
    ranges = [i for i, category in enumerate(column.categories) if category.kind == "range"]
    spans = [(i, i) for i, category in enumerate(column.categories) if category.kind != "range"]
    if ranges:
        spans.append(_best_range(shares[: len(ranges)], table_shares[: len(ranges)]))
    found = []
    for first, last in spans:
        share, whole = float(shares[first : last + 1].sum()), float(table_shares[first : last + 1].sum())
        lift = share / whole if whole else 0.0
        bits = share * math.log2(lift) if lift > 0 else 0.0
        if lift >= _LEAST_LIFT and bits >= _LEAST_BITS:
            begin, end = column.categories[first], column.categories[last]
            found.append(
                Typical(column.name, begin.kind, begin.value, begin.low, end.high, min(share, 1.0), whole, lift, bits)
            )
    return found


def _best_range(shares: Floats, table_shares: Floats) -> tuple[int, int]:
    """Return the first and last of the neighbouring bins with the most share · log2(lift)."""
    upto, whole = np.cumsum(np.append(0.0, shares)), np.cumsum(np.append(0.0, table_shares))
    best, at = -math.inf, (0, 0)
    for first in range(shares.size):
        share, table_share = upto[first + 1 :] - upto[first], whole[first + 1 :] - whole[first]
        safe = np.maximum(share, 1e-300)
        bits = np.where(share > 0, share * np.log2(safe / np.maximum(table_share, 1e-300)), 0.0)
        last = int(np.argmax(bits))
        if bits[last] > best:
            best, at = float(bits[last]), (first, first + last)
    return at
