"""The middle of a histogram that a few far values squeeze into one or two bars, in bins of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from colprofile.results.column import ColumnProfile
from colprofile.values import axis_position, value_at, value_family

CROWDED = 0.9
"""Share of the rows in the two highest bars from which on the axis shows the middle only."""

EMPTY = 1 / 3
"""Share of the axis without rows, in one piece, from which on it does so too."""

FEW = 3
"""How many times as wide as the middle all values must reach for that."""

BARS = 40

Zoom = tuple[tuple[float | str, ...], tuple[float | str, float | str], tuple[int, ...]]
"""Edges, the smallest and the largest value that is drawn, and the rows of each bin."""


def zoom(column: ColumnProfile) -> Zoom | None:
    """Return bins of the middle of a column; None where its distribution shows it already.

    The middle reaches from the 5 % to the 95 % quantile, and half of that further on both sides, as far as there are
    values. Rows of the histogram's bins are spread evenly over each bin.
    """
    found, family = column.distribution, value_family(column.kind, column.type)
    if found is None or not _is_squeezed(found.counts):
        return None
    ends = {item.probability: axis_position(item.value) for item in column.quantiles}
    low, high = ends.get(0.05, math.nan), ends.get(0.95, math.nan)
    reach = axis_position(found.edges[-1]) - axis_position(found.edges[0])
    if not 0 < 2 * FEW * (high - low) < reach < math.inf:
        return None
    parts = list(_parts(column, low - (high - low) / 2, high + (high - low) / 2))
    if not parts:
        return None
    first, last = min(part[0] for part in parts), max(part[1] for part in parts)
    is_whole = family == "number" and all(low == high and low.is_integer() for low, high, _ in parts)
    if not first < last:
        return None
    width = max(1.0, math.ceil((last - first + 1) / BARS)) if is_whole else (last - first) / BARS
    amount = math.ceil((last - first + 1) / width) if is_whole else BARS
    counts = _spread(parts, first, width, amount)
    edges = [first + width * at for at in range(amount)] + [last + 1 if is_whole else last]
    return (
        tuple(value_at(edge, family) for edge in edges),
        (value_at(first, family), value_at(last, family)),
        tuple(counts),
    )


def _is_squeezed(counts: Sequence[int]) -> bool:
    """Whether bars stand so close together, or so far apart, that they hide what is between.

    >>> _is_squeezed([95, 3, 1, 1, 0]), _is_squeezed([2, 0, 0, 0, 50, 48, 40]), _is_squeezed([50, 20, 10, 5, 2, 1])
    (True, True, False)
    """
    empty = max(len(list(run)) if is_empty else 0 for is_empty, run in groupby(counts, lambda count: count == 0))
    is_crowded = sum(sorted(counts)[-2:]) >= CROWDED * sum(counts)
    return len(counts) >= 5 and (is_crowded or empty >= EMPTY * len(counts))


def _parts(column: ColumnProfile, low: float, high: float) -> Iterable[tuple[float, float, int]]:
    """Yield the values and bins that lie between two places: where each begins and ends, and its rows."""
    counted = column.histogram
    for value, rows in zip(counted.values, counted.counts, strict=True):
        place = axis_position(value)
        if rows and low <= place <= high:
            yield place, place, rows
    for start, end, rows in zip(counted.edges, counted.edges[1:], counted.bin_counts, strict=False):
        if rows and low <= start <= end <= high:
            yield start, end, rows


def _spread(parts: Iterable[tuple[float, float, int]], first: float, width: float, amount: int) -> list[int]:
    """Return the rows of each bin, whole rows: what is left over of a spread part goes to its last bin."""
    counts = [0] * amount
    for start, end, rows in parts:
        begin, stop = (min(amount - 1, int((place - first) / width)) for place in (start, end))
        left = rows
        for at in range(begin, stop):
            inside = first + width * (at + 1) - max(start, first + width * at)
            share = round(rows * inside / (end - start))
            counts[at] += share
            left -= share
        counts[stop] += left
    return counts
