"""Marginal: one column's counts and values, and what follows from them without looking at a row again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from colprofile.counting.cells import HistogramCells, Shape
from colprofile.counting.dictionary import FEW, Axis, Dictionary, Positions
from colprofile.counting.histograms import marginal_cells
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

    @property
    def distinct(self) -> int:
        """Distinct values that are not NULL."""
        return int(np.count_nonzero(self.counts))

    @cached_property
    def filled(self) -> int:
        """Rows that are not NULL."""
        return int(self.counts.sum())

    @cached_property
    def fingerprint(self) -> tuple[Counts, Counts]:
        """Distinct counts in ascending order and how many values have each."""
        if self.counts.size <= FEW:
            found = sorted(Counter(self.counts.tolist()).items())
            values, multiplicity = np.array([item for item in found if item[0]], np.int64).reshape(-1, 2).T
        else:
            values, multiplicity = np.unique(self.counts[self.counts > 0], return_counts=True)
        return values, multiplicity.astype(np.int64)

    @cached_property
    def occurring(self) -> Positions:
        """Positions of the values that occur (labels of an ENUM may not), in the database's order."""
        order = self.dictionary.order
        return order[self.counts[order] > 0]

    @cached_property
    def cumulative(self) -> Counts:
        """Rows up to and including each value of ``occurring``."""
        return np.cumsum(self.counts[self.occurring])

    def most_frequent(self, limit: int) -> Positions:
        """Return the positions of the ``limit`` most frequent values, ties in the database's order."""
        counts = self.counts
        candidates = np.flatnonzero(counts)
        if candidates.size > 4 * limit + 64:
            threshold = np.partition(counts, counts.size - limit)[counts.size - limit]
            above = np.flatnonzero(counts > threshold)
            tied = self.dictionary.first(np.flatnonzero(counts == threshold), limit - above.size)
            candidates = np.concatenate([above, tied])
        is_few = counts.size <= FEW and candidates.size <= 4 * limit + 64
        by_order = self.occurring if is_few else self.dictionary.first(candidates, candidates.size)
        return by_order[np.argsort(-counts[by_order], kind="stable")[:limit]]

    def finite(self) -> tuple[Axis, Counts]:
        """Return the finite places on the axis, ascending, and their rows; empty without an axis."""
        axis = self.dictionary.axis
        if axis is None:
            return np.empty(0), np.empty(0, np.int64)
        places = axis[self.occurring]
        is_finite = np.isfinite(places)
        return places[is_finite], self.counts[self.occurring][is_finite]

    @property
    def axis_type(self) -> Any:
        """The Arrow type that says how places on the axis are shown; None shows them as numbers."""
        return self.dictionary.axis_type

    def extremes(self) -> tuple[Value, Value]:
        """Return the first and last value in the database's order; there must be one."""
        if self.counts.size <= FEW:
            low, high = self.dictionary.values(self.occurring[[0, -1]])
            return low, high
        there = np.flatnonzero(self.counts)
        ends = [self.dictionary.first(there, 1, is_last=is_last) for is_last in (False, True)]
        low, high = self.dictionary.values(np.concatenate(ends))
        return low, high

    def quantiles(self, probabilities: npt.NDArray[np.float64]) -> list[Value]:
        """Return for each probability p the smallest value with at least p of the rows at or below it."""
        wanted = np.ceil(np.round(probabilities * self.filled, 9)).clip(1)
        return self.dictionary.values(self.occurring[np.searchsorted(self.cumulative, wanted)])

    def top(self, limit: int) -> list[tuple[Value, int]]:
        """Return the most frequent values with their rows, ties in the database's order."""
        positions = self.most_frequent(limit)
        return list(zip(self.dictionary.values(positions), self.counts[positions].tolist(), strict=True))

    def span(self) -> Span | None:
        """Return where the finite values lie; None without an axis or a finite value."""
        return self._span

    @cached_property
    def _span(self) -> Span | None:
        places, counts = self.finite()
        if not places.size:
            return None
        low, high = float(places[0]), float(places[-1])
        grain = grain_of(self.axis_type, low, high, lambda: bool((places == np.round(places)).all()))
        return Span(low, high, grain, int(counts.sum()))

    def moments(self) -> Moments:
        """Return mean and spread of the finite values; there must be one."""
        places, counts = self.finite()
        low = float(places[0])
        half = places / 2 - low / 2
        scale = float(half[-1]) or 1.0
        mean = float(np.average(half / scale, weights=counts))
        squares = float(((half / scale - mean) ** 2 * counts).sum())
        return Moments(2 * (low / 2 + mean * scale), scale, 4 * squares)

    def bars(self, edges: npt.NDArray[np.float64]) -> list[int]:
        """Return the rows between edges on the axis, the first at or below all values; the last bin is closed."""
        places, counts = self.finite()
        running = np.append(0, np.cumsum(counts))
        begins = np.append(np.searchsorted(places, edges[:-1]), places.size)
        bars: list[int] = np.diff(running[begins]).tolist()
        return bars

    def cells(self, like: Shape | None = None, *, room: int = 0, is_open: bool = False) -> HistogramCells:
        """Return the histogram: listed values and a tail, on the cells of another one where ``like`` is given."""
        return marginal_cells(self, like, room, is_open)
