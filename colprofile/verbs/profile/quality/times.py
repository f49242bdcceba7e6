"""What is probably wrong in a column of dates or timestamps: sentinels, infinities, gaps in a regular series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.dictionary import Axis
from colprofile.counting.marginal import DAY, Counts
from colprofile.verbs.profile.quality.column import Fault, QualityColumn
from colprofile.verbs.profile.quality.numbers import Places, finite_places

_SENTINELS = frozenset(
    {"0001-01-01", "1111-11-11", "1601-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01"}
    | {"1904-01-01", "1970-01-01", "2099-12-31", "2100-01-01", "2199-12-31", "2999-01-01", "2999-12-31", "3000-01-01"}
    | {"9999-01-01", "9999-12-30", "9999-12-31"}
)
_YEAR = 365.25 * DAY
_SPIKE = 10

_LEAST_TIMES = 10
_LEAST_SHARE = 0.6
"""Share of the steps that must have the commonest length."""

_MOST_CELLS = 5_000_000
_EXPECTED = 0.5
_SAME_COUNT = 0.9
_CELLS_AROUND = 10
_SURE = 25.0
"""Events missed in a row for a gap to be none by chance: e^−25."""

_UNITS = (("week", 7 * DAY), ("day", DAY), ("hour", 3600e6), ("minute", 60e6), ("second", 1e6))


def time_issues(column: QualityColumn) -> Iterator[Fault]:
    """Yield what is probably wrong in a column of dates or timestamps."""
    found, others = finite_places(column)
    if others.size:
        yield column.fault("not_finite", "low", others)
    if found.places.size < 2:
        return
    low, high = _sentinels(column, found)
    if low or high:
        ends = np.concatenate([found.positions[:low], found.positions[found.positions.size - high :]])
        yield column.fault("sentinel", "medium", ends)
        found = found.without(low, high)
    gap = _gap(column, found)
    if gap is not None:
        yield gap


def _sentinels(column: QualityColumn, found: Places) -> tuple[int, int]:
    """Return how many times at either end are sentinels, 0 or 1: known dates, by their distance or as a spike.

    They are at least as far from the others as these spread; or a year off and ten times as frequent as any other.
    """
    ends = [0, found.places.size - 1]
    values = column.marginal.dictionary.values(found.positions[ends])
    is_known = [str(value)[:10] in _SENTINELS for value in values]
    rest = found.without(int(is_known[0]), int(is_known[1]))
    if not rest.places.size:
        return 0, 0
    is_sentinel = []
    spread, most = float(rest.places[-1] - rest.places[0]), int(rest.counts.max())
    for end, known, near in zip(ends, is_known, (rest.places[0], rest.places[-1]), strict=True):
        distance, rows = abs(float(found.places[end] - near)), int(found.counts[end])
        is_far = distance >= max(spread, _YEAR) and rest.places.size > 1
        is_spike = distance >= _YEAR and rows >= _SPIKE and rows >= _SPIKE * most
        is_sentinel.append(known and bool(is_far or is_spike))
    return int(is_sentinel[0]), int(is_sentinel[1])


def _rows_around(cells: Counts, counts: Counts) -> npt.NDArray[np.float64]:
    """Return for each step how many rows as many cells before it have, or after it, whichever has fewer."""
    running = np.append(0, np.cumsum(np.bincount(cells, counts)))
    lengths = np.maximum(np.diff(cells) - 1, _CELLS_AROUND)
    begin, end = cells[:-1] + 1, cells[1:]
    before = running[begin] - running[np.maximum(0, begin - lengths)]
    after = running[np.minimum(running.size - 1, end + lengths)] - running[end]
    return np.asarray(np.minimum(before, after) * (np.diff(cells) - 1) / lengths)


@dataclass(frozen=True)
class _Grid:
    """A regular series: the cell of each time, the name of a step, and how many steps its week or day has."""

    cells: Counts
    step: str
    period: int


def _gap(column: QualityColumn, found: Places) -> Fault | None:
    """Return the remark on times that a regular series misses.

    Nights and weekends without a time are left out. Where every time has equally many rows, each missing time counts;
    where rows are events, only those in a row that would have had so many events that chance does not explain them.
    """
    # More times than cells that a series may have are none of one.
    grid = _grid(found.places) if _LEAST_TIMES <= found.places.size <= _MOST_CELLS + 1 else None
    if grid is None:
        return None
    size = int(grid.cells[-1]) + 1
    is_there = np.zeros(size, bool)
    is_there[grid.cells] = True
    slots = np.arange(size) % grid.period
    possible = np.bincount(slots, minlength=grid.period)
    share = np.bincount(grid.cells % grid.period, minlength=grid.period) / np.maximum(possible, 1)
    if float(np.mean(found.counts == np.bincount(found.counts).argmax())) >= _SAME_COUNT:
        is_expected = share >= _EXPECTED * np.median(share[share > 0.05])
        is_missing, rate = ~is_there & is_expected[slots], np.zeros(0)
    else:
        rate = np.bincount(grid.cells % grid.period, found.counts, grid.period) / np.maximum(possible, 1)
        is_missing = ~is_there
    missing = np.flatnonzero(is_missing)
    if not missing.size:
        return None
    gaps = np.searchsorted(grid.cells, missing) - 1
    lengths = np.bincount(gaps, minlength=found.places.size)[:-1]
    if rate.size:
        expected = np.bincount(gaps, rate[slots[missing]], found.places.size)[:-1]
        lengths = np.where(np.minimum(expected, _rows_around(grid.cells, found.counts)) >= _SURE, lengths, 0)
    rows, longest = int(lengths.sum()), int(np.argmax(lengths))
    if not 0 < rows <= found.places.size:
        return None
    is_clear = int(lengths[longest]) >= 3 or rows >= 0.02 * found.places.size
    sides = found.positions[longest : longest + 2]
    return column.fault(
        "gap",
        "medium" if is_clear else "low",
        np.empty(0, np.int64),
        rows=rows,
        shown=sides,
        detail=grid.step,
    )


def steps_without_time(places: Axis) -> int:
    """Return how many steps between the first and last time of a regular series have none; 0 where it is none."""
    grid = _grid(places)
    return 0 if grid is None else int(grid.cells[-1]) + 1 - places.size


def _grid(places: Any) -> _Grid | None:
    """Return the regular series that times are of; None where they are not."""
    moments = np.round(places).astype(np.int64)
    steps = np.diff(moments)
    if int(np.median(steps)) >= 27 * int(DAY):
        return _months(moments)
    lengths, amounts = np.unique(steps, return_counts=True)
    step = int(lengths[np.argmax(amounts)])
    is_regular = amounts.max() >= _LEAST_SHARE * steps.size and not (lengths % step).any()
    if not is_regular or (moments[-1] - moments[0]) // step > _MOST_CELLS:
        return None
    cells = (moments - moments[0]) // step
    return _Grid(cells, _name(step), _period(step, int(moments[-1] - moments[0])))


def _period(step: int, span: int) -> int:
    """Return how many steps a week has, or a day; 1 where the series is shorter than three of them."""
    for period in (7 * int(DAY), int(DAY)):
        if step < period and period % step == 0 and span >= 3 * period:
            return period // step
    return 1


def _months(moments: Counts) -> _Grid | None:
    """Return a series by months or years: every time on the same day of the month, or on its last."""
    days = moments.astype("datetime64[us]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    of_month = (days - months).astype(np.int64)
    is_last = (days + 1).astype("datetime64[M]") != months
    clock = moments - days.astype("datetime64[us]").astype(np.int64)
    if (clock != clock[0]).any() or not (is_last.all() or (of_month == of_month[0]).all()):
        return None
    numbers = months.astype(np.int64)
    lengths, amounts = np.unique(np.diff(numbers), return_counts=True)
    step = int(lengths[np.argmax(amounts)])
    if step < 1 or amounts.max() < _LEAST_SHARE * (numbers.size - 1) or (lengths % step).any():
        return None
    name = {1: "month", 12: "year"}.get(step, f"{step} months")
    return _Grid((numbers - numbers[0]) // step, name, 1)


def _name(step: int) -> str:
    """Return how long a step is.

    >>> _name(3_600_000_000), _name(900_000_000), _name(86_400_000_000)
    ('hour', '15 minutes', 'day')
    """
    for noun, length in _UNITS:
        if step % length == 0:
            amount = int(step // length)
            return noun if amount == 1 else f"{amount:,} {noun}s"
    return f"{step / 1e6:g} seconds"
