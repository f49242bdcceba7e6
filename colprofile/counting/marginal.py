"""Marginal: one column's counts and values, and what follows from them without looking at a row again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from colprofile.counting.cells import HistogramCells, Shape
from colprofile.counting.dictionary import FEW, Axis, Dictionary, Positions
from colprofile.counting.histograms import marginal_cells
from colprofile.counting.scratch import blocks
from colprofile.values import Value

Counts = npt.NDArray[np.int64]


class Moments(NamedTuple):
    """Mean and spread of the finite values: their variance is scale² · squares / (n − 1).

    The squares are of distances from the mean in units of ``scale``, the distances themselves taken from the lowest
    value: no digit is lost far from zero, and the squares of the largest doubles do not overflow.
    """

    mean: float
    scale: float
    squares: float


class Span(NamedTuple):
    """Where the finite values lie on the axis and how many rows hold one.

    ``grain`` is the distance of neighbours where all lie on a grid: 1 for whole numbers, a day for dates, else None.
    """

    low: float
    high: float
    grain: float | None
    rows: int


DAY = 86_400e6
"""A day on the axis, in microseconds."""


def grain_of(axis_type: Any, low: float, high: float, is_whole: Callable[[], bool]) -> float | None:
    """Return the distance of neighbouring values where they lie on a grid; ``is_whole`` is asked for numbers only."""
    import pyarrow as pa

    if axis_type is not None and pa.types.is_date(axis_type):
        return DAY
    if axis_type is not None and pa.types.is_temporal(axis_type):
        return None
    return 1.0 if max(abs(low), abs(high)) < 2**52 and is_whole() else None


class ColumnMarginal(Protocol):
    """A column's counts, in memory or in a database, as its profile needs them."""

    @property
    def nulls(self) -> int:
        """NULL rows."""

    @property
    def filled(self) -> int:
        """Rows that are not NULL."""

    @property
    def distinct(self) -> int:
        """Distinct values that are not NULL."""

    @property
    def fingerprint(self) -> tuple[Counts, Counts]:
        """Distinct counts in ascending order and how many values have each."""

    @property
    def axis_type(self) -> Any:
        """The Arrow type that says how places on the axis are shown; None shows them as numbers."""

    def extremes(self) -> tuple[Value, Value]:
        """Return the first and last value in the database's order; there must be one."""

    def quantiles(self, probabilities: npt.NDArray[np.float64]) -> list[Value]:
        """Return for each probability p the smallest value with at least p of the rows at or below it."""

    def top(self, limit: int) -> list[tuple[Value, int]]:
        """Return the most frequent values with their rows, ties in the database's order."""

    def span(self) -> Span | None:
        """Return where the finite values lie; None without an axis or a finite value."""

    def moments(self) -> Moments:
        """Return mean and spread of the finite values; there must be one."""

    def bars(self, edges: npt.NDArray[np.float64]) -> list[int]:
        """Return the rows between edges on the axis, the first at or below all values; the last bin is closed."""

    def cells(self, like: Shape | None = None, *, room: int = 0, is_open: bool = False) -> HistogramCells:
        """Return the histogram: listed values and a tail, on the cells of another one where ``like`` is given."""


@dataclass(frozen=True)
class Marginal:
    """A column's distinct values and how many rows hold each.

    What is made from all values goes block by block: values in a file may be many more than memory holds.

    Attributes
    ----------
    nulls
        NULL rows.
    counts
        int64[size]: rows by position; labels of an ENUM may have none.
    dictionary
        The values by position.
    """

    nulls: int
    counts: Counts
    dictionary: Dictionary

    @cached_property
    def distinct(self) -> int:
        """Distinct values that are not NULL."""
        return sum(int(np.count_nonzero(self.counts[some])) for some in blocks(self.counts.size))

    @cached_property
    def filled(self) -> int:
        """Rows that are not NULL."""
        return sum(int(self.counts[some].sum()) for some in blocks(self.counts.size))

    @cached_property
    def fingerprint(self) -> tuple[Counts, Counts]:
        """Distinct counts in ascending order and how many values have each."""
        if self.counts.size <= FEW:
            found = sorted(Counter(self.counts.tolist()).items())
        else:
            many: Counter[int] = Counter()
            for some in blocks(self.counts.size):
                counts, values = np.unique(self.counts[some], return_counts=True)
                many.update(dict(zip(counts.tolist(), values.tolist(), strict=True)))
            found = sorted(many.items())
        values, multiplicity = np.array([item for item in found if item[0]], np.int64).reshape(-1, 2).T
        return values, multiplicity

    @cached_property
    def occurring(self) -> Positions:
        """Positions of the values that occur (labels of an ENUM may not), in the database's order."""
        order = self.dictionary.order
        return order if self.distinct == order.size else order[self.counts[order] > 0]

    @cached_property
    def cumulative(self) -> Counts:
        """Rows up to and including each value of ``occurring``."""
        scratch = self.dictionary.scratch
        if scratch is None:
            return np.cumsum(self.counts[self.occurring])
        return scratch.stored((before + np.cumsum(counts) for before, counts in self._running()), np.int64)

    def blocks(self) -> Iterator[Positions]:
        """Yield the positions of ``occurring``, some at a time."""
        if self.dictionary.scratch is not None:
            for some in blocks(self.counts.size):
                yield np.arange(some.start, some.stop)
            return
        for some in blocks(self.occurring.size):
            yield self.occurring[some]

    def _running(self) -> Iterator[tuple[int, Counts]]:
        """Yield the rows of the values in each block, and how many rows there are before it."""
        before = 0
        for positions in self.blocks():
            counts = self.counts[positions]
            yield before, counts
            before += int(counts.sum())

    def most_frequent(self, limit: int) -> Positions:
        """Return the positions of the ``limit`` most frequent values, ties in the database's order."""
        counts = self.counts
        if not limit:
            return np.empty(0, np.int64)
        if self.distinct > 4 * limit + 64:
            by_order = self._above(limit)
        else:
            candidates = np.flatnonzero(counts)
            by_order = self.occurring if counts.size <= FEW else self.dictionary.first(candidates, candidates.size)
        return by_order[np.argsort(-counts[by_order], kind="stable")[:limit]]

    def _above(self, limit: int) -> Positions:
        """Return the positions of the ``limit`` most frequent values, ties and all in the database's order."""
        amounts, many = self.fingerprint
        above = np.cumsum(many[::-1])
        threshold = int(amounts[::-1][np.searchsorted(above, limit)])
        chosen, tied, ties = [], [], 0
        for some in blocks(self.counts.size):
            part = self.counts[some]
            chosen.append(np.flatnonzero(part > threshold) + some.start)
            if self.dictionary.scratch is None or ties < limit:  # those in a file come in their order
                tied.append(np.flatnonzero(part == threshold) + some.start)
                ties += tied[-1].size
        more = np.concatenate(chosen)
        found = np.concatenate([more, self.dictionary.first(np.concatenate(tied), limit - more.size)])
        return self.dictionary.first(found, found.size)

    def finite_blocks(self) -> Iterator[tuple[Axis, Counts]]:
        """Yield the finite places on the axis, ascending, and their rows, some at a time; nothing without an axis."""
        axis = self.dictionary.axis
        if axis is None:
            return
        for positions in self.blocks():
            places = axis[positions]
            is_finite = np.isfinite(places)
            if is_finite.all():
                yield places, self.counts[positions]
            elif is_finite.any():
                yield places[is_finite], self.counts[positions[is_finite]]

    @property
    def axis_type(self) -> Any:
        """The Arrow type that says how places on the axis are shown; None shows them as numbers."""
        return self.dictionary.axis_type

    def extremes(self) -> tuple[Value, Value]:
        """Return the first and last value in the database's order; there must be one."""
        if self.counts.size <= FEW:
            low, high = self.dictionary.values(self.occurring[[0, -1]])
            return low, high
        if self.dictionary.scratch is not None:
            low, high = self.dictionary.values(np.array([0, self.counts.size - 1]))
            return low, high
        there = np.flatnonzero(self.counts)
        ends = [self.dictionary.first(there, 1, is_last=is_last) for is_last in (False, True)]
        low, high = self.dictionary.values(np.concatenate(ends))
        return low, high

    def quantiles(self, probabilities: npt.NDArray[np.float64]) -> list[Value]:
        """Return for each probability p the smallest value with at least p of the rows at or below it."""
        wanted = np.ceil(np.round(probabilities * self.filled, 9)).clip(1)
        found = np.zeros(wanted.size, np.int64)
        for (before, counts), positions in zip(self._running(), self.blocks(), strict=True):
            running = before + np.cumsum(counts)
            is_here = (wanted > before) & (wanted <= running[-1])
            found[is_here] = positions[np.searchsorted(running, wanted[is_here])]
        return self.dictionary.values(found)

    def top(self, limit: int) -> list[tuple[Value, int]]:
        """Return the most frequent values with their rows, ties in the database's order."""
        positions = self.most_frequent(limit)
        return list(zip(self.dictionary.values(positions), self.counts[positions].tolist(), strict=True))

    def span(self) -> Span | None:
        """Return where the finite values lie; None without an axis or a finite value."""
        return self._span

    @cached_property
    def _span(self) -> Span | None:
        low, high, rows, is_whole = None, 0.0, 0, True
        for places, counts in self.finite_blocks():
            low = float(places[0]) if low is None else low
            high = float(places[-1])
            rows += int(counts.sum())
            is_whole = is_whole and bool((places == np.round(places)).all())
        if low is None:
            return None
        return Span(low, high, grain_of(self.axis_type, low, high, lambda: is_whole), rows)

    def moments(self) -> Moments:
        """Return mean and spread of the finite values; there must be one."""
        span = self._span
        assert span is not None
        low = span.low
        scale = (span.high / 2 - low / 2) or 1.0
        total = sum(float(((p / 2 - low / 2) / scale * counts).sum()) for p, counts in self.finite_blocks())
        mean = total / span.rows
        squares = sum(
            float((((p / 2 - low / 2) / scale - mean) ** 2 * counts).sum()) for p, counts in self.finite_blocks()
        )
        return Moments(2 * (low / 2 + mean * scale), scale, 4 * squares)

    def bars(self, edges: npt.NDArray[np.float64]) -> list[int]:
        """Return the rows between edges on the axis, the first at or below all values; the last bin is closed."""
        bars = np.zeros(edges.size - 1, np.int64)
        for places, counts in self.finite_blocks():
            running = np.append(0, np.cumsum(counts))
            begins = np.append(np.searchsorted(places, edges[:-1]), places.size)
            bars += np.diff(running[begins])
        found: list[int] = bars.tolist()
        return found

    def cells(self, like: Shape | None = None, *, room: int = 0, is_open: bool = False) -> HistogramCells:
        """Return the histogram: listed values and a tail, on the cells of another one where ``like`` is given."""
        return marginal_cells(self, like, room, is_open)
