"""A column's histogram with every bar to be seen: cut off, on a log scale or zoomed, and it says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from colprofile.report import text
from colprofile.report.charts import HEIGHT, WIDTH, Chart, bars, places, steps
from colprofile.report.profile.zoom import zoom
from colprofile.results.column import ColumnProfile
from colprofile.values import Value

SPIKES = 3
"""Bars that are cut off at most, and at most a quarter of all."""

SPIKE = 5.0
"""A bar is a spike if it is this many times as high as the next one."""

SKEW = 60.0
"""A log scale is needed where the highest bar is this many times as high as the median one."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins to draw: edges, rows, how high they are drawn, and what a reader should know.

    ``ends`` are the smallest and the largest value drawn. ``top`` is the number of rows at the upper end of the axis;
    ``scale`` is "log" or "linear".
    """

    edges: tuple[float | str, ...]
    ends: tuple[Value, Value]
    counts: tuple[int, ...]
    scale: Literal["linear", "log"]
    top: float
    notes: tuple[str, ...]

    @property
    def is_cut(self) -> bool:
        """Whether a bar is higher than the axis."""
        return self.scale == "linear" and max(self.counts) > self.top


def bins(column: ColumnProfile) -> Bins | None:
    """Return the bins of a column's histogram as they are drawn; None for a column without an axis."""
    found = column.distribution
    if found is None or not any(found.counts):
        return None
    notes = [f"{text.plural(found.left_out, 'row')} beyond any axis (NaN, infinite)"] if found.left_out else []
    edges, counts = _ends_at_the_data(found.edges, column.maximum), found.counts
    ends = (found.edges[0], found.edges[-1]) if found.left_out else (column.minimum, column.maximum)
    zoomed = zoom(column)
    if zoomed is not None:
        edges, ends, counts = zoomed
        outside = sum(found.counts) - sum(counts)
        shown = f"{text.data_value(ends[0], 24)} … {text.data_value(ends[1], 24)}"
        notes.append(f"zoomed to the middle: {text.plural(outside, 'row')} outside of {shown}")
    scale, top, note = _scale(counts)
    return Bins(edges, ends, counts, scale, top, (*notes, *([note] if note else [])))


def _scale(counts: Sequence[int]) -> tuple[Literal["linear", "log"], float, str]:
    """Return how bars are drawn, the rows at the upper end of the axis, and what to say of it.

    >>> _scale([5, 7, 6, 4])
    ('linear', 7.0, '')
    >>> _scale([900, 7, 6, 4, 5, 6, 4, 3])
    ('linear', 9.1, '1 bar is cut off; it has 900 rows')
    >>> _scale([100000, 10000, 900, 90, 40, 10, 3, 1, 1, 1])[0]
    'log'
    """
    filled = sorted((count for count in counts if count), reverse=True)
    most = float(filled[0])
    for spikes in range(1, min(SPIKES, len(filled) // 4) + 1):
        rest = filled[spikes:]
        if filled[spikes - 1] >= SPIKE * rest[0] and rest[0] < SKEW * rest[len(rest) // 2]:
            bars_off = "1 bar is cut off; it has" if spikes == 1 else f"{spikes} bars are cut off; the highest has"
            return "linear", round(1.3 * rest[0], 1), f"{bars_off} {text.plural(filled[0], 'row')}"
    if len(filled) >= 8 and most >= SKEW * filled[len(filled) // 2]:
        return "log", most, "log scale"
    return "linear", most, ""


def heights(found: Bins) -> list[float]:
    """Return how high each bar is, in units of a chart; no bar with rows vanishes.

    >>> heights(Bins((0, 1, 2, 3), (0, 2), (0, 1, 40), "linear", 20, ()))
    [0.0, 1.6, 32.0]
    """
    if found.scale == "log":
        most = math.log1p(found.top)
        return [max(1.0, HEIGHT * math.log1p(count) / most) if count else 0.0 for count in found.counts]
    return [max(1.0, min(1.0, count / found.top) * HEIGHT) if count else 0.0 for count in found.counts]


def chart(column: ColumnProfile) -> Chart | None:
    """Return the histogram of a column as a drawing: its bins, or its most frequent values as bars."""
    found = bins(column)
    if found is not None:
        first, last = (text.data_value(end, 30) for end in found.ends)
        label = f"Distribution from {first} to {last}, {text.plural(len(found.counts), 'bin')}"
        note = "; ".join(found.notes)
        across = places(found.edges)
        label = f"{label}; {note}" if note else label
        return Chart((("", steps(heights(found), across)), *_cuts(found, across)), WIDTH, label, first, last, note)
    counts = [top.count for top in column.top_values]
    if not counts:
        return None
    label = f"Rows of the {text.plural(len(counts), 'most frequent value')}"
    return Chart((("", bars(counts, max(counts))),), max(4, len(counts)) * 4, label)


def _cuts(found: Bins, across: Sequence[float]) -> list[tuple[str, str]]:
    """Return the marks of the bars that are cut off: a gap through their tops."""
    cut = [
        f"M{across[at]:.4g} 4.5H{across[at + 1]:.4g}V3H{across[at]:.4g}z"
        for at, count in enumerate(found.counts)
        if found.scale == "linear" and count > found.top
    ]
    return [("cut", "".join(cut))] if cut else []


def _ends_at_the_data(edges: tuple[float | str, ...], maximum: object) -> tuple[float | str, ...]:
    """Return edges of which the last is not beyond the largest value; a bin of one whole number keeps its width.

    >>> _ends_at_the_data((1, 14, 27), 20), _ends_at_the_data((1, 2, 3), 2), _ends_at_the_data((0.0, 1.0), 1.0)
    ((1, 14, 21), (1, 2, 3), (0.0, 1.0))
    """
    last, before = edges[-1], edges[-2]
    if isinstance(last, str) or isinstance(before, str) or not isinstance(maximum, (int, float)) or last <= maximum:
        return edges
    return (*edges[:-1], min(last, max(maximum, before) + 1))
