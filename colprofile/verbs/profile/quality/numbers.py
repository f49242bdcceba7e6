"""What is probably wrong in a numeric column: what is not finite, sentinels, mixed units, outliers, lost zeros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.dictionary import Axis, Positions
from colprofile.counting.marginal import Counts
from colprofile.counting.scratch import Scratch, blocks
from colprofile.verbs.profile.quality.column import Fault, QualityColumn

_SENTINEL = re.compile(r"-9|-?(9*[789]|7{2,}|8{2,})(?<=..)(\.0+)?|-?9{2,}\.9+")
_LIMITS = frozenset(
    {-1.0, 32767.0, -32768.0, 65535.0, 2147483647.0, -2147483648.0, 4294967295.0, 1e20, -1e20, 1e30, -1e30, 1e36}
)
_ENDS = 6
"""Values at either end that are looked at."""

_LEAST_ROWS = 50
_LEAST_VALUES = 20
_OUTLYING_SHARE = 0.005
_OUTLYING_VALUES = 5
_FAR = 3.0
_MANY_ROWS = 1000

_FACTORS = (60, 100, 1000, 3600, 1_000_000)
"""Quotients of units: minutes to hours, cm to m, mm to m or g to kg, seconds to hours, mg to kg."""

_ZIP_DIGITS = 5
_ZIP_SHARE = 0.6


@dataclass(frozen=True)
class Places:
    """A column's finite values where they lie, ascending: their places on the axis, rows and positions."""

    places: Axis
    counts: Counts
    positions: Positions

    @property
    def rows(self) -> int:
        """Rows of all of them."""
        return sum(int(self.counts[some].sum()) for some in blocks(self.counts.size))

    def are_whole(self) -> bool:
        """Whether all are whole numbers."""
        return all(bool((self.places[s] == np.round(self.places[s])).all()) for s in blocks(self.places.size))

    def without_positions(self, positions: Positions, scratch: Scratch | None) -> Places:
        """Return them without some positions; what is left goes to a file where there is one."""
        if scratch is None:
            is_kept = ~np.isin(self.positions, positions)
            return Places(self.places[is_kept], self.counts[is_kept], self.positions[is_kept])

        def left(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
            return (array[s][~np.isin(self.positions[s], positions)] for s in blocks(array.size))

        places, counts, kept = (
            scratch.stored(left(array), array.dtype) for array in (self.places, self.counts, self.positions)
        )
        return Places(places, counts, kept)

    def without(self, low: int, high: int) -> Places:
        """Return them without some at the low and at the high end."""
        kept = slice(low, self.places.size - high)
        return Places(self.places[kept], self.counts[kept], self.positions[kept])


def finite_places(column: QualityColumn) -> tuple[Places, Positions]:
    """Return a column's finite values, and the positions of the others: NaN and infinities."""
    axis, positions = column.marginal.dictionary.axis, column.marginal.occurring
    if axis is None:
        return Places(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64)), np.empty(0, np.int64)
    counts = column.counts
    if column.marginal.dictionary.scratch is None:
        axis, counts = axis[positions], counts[positions]
    # Infinities are at the ends, and NaN, which sorts as the largest, at the last.
    begin, end = int(np.searchsorted(axis, -np.inf, "right")), int(np.searchsorted(axis, np.inf, "left"))
    others = np.concatenate([positions[:begin], positions[end:]])
    return Places(axis[begin:end], counts[begin:end], positions[begin:end]), others


def number_issues(column: QualityColumn) -> Iterator[Fault]:
    """Yield what is probably wrong in a numeric column."""
    found, others = finite_places(column)
    if others.size:
        yield not_finite(column, others)
    if found.places.size < 2:
        return
    sentinels = _sentinels(column, found)
    if sentinels.size:
        yield column.fault("sentinel", "high", sentinels)
        found = found.without_positions(sentinels, column.marginal.dictionary.scratch)
    units = _mixed_units(column, found)
    if units is not None:
        yield units
    else:
        yield from _outliers(column, found)
    yield from _lost_zeros(column, found)


def end_faults(column: QualityColumn, *, is_time: bool) -> Iterator[Fault]:
    """Yield what the first and last values of a column alone can show: what is not finite, and sentinels."""
    found, others = finite_places(column)
    if others.size:
        yield not_finite(column, others)
    if found.places.size > 1 and not is_time:
        sentinels = _sentinels(column, found)
        if sentinels.size:
            yield column.fault("sentinel", "high", sentinels)


def not_finite(column: QualityColumn, others: Positions) -> Fault:
    """Return the remark on NaN and infinities, and on NULL beside them."""
    nulls = column.marginal.nulls
    beside = f"{nulls:,} {'row' if nulls == 1 else 'rows'}" if nulls else None
    return column.fault("not_finite", "medium", others, detail=beside)


def _sentinels(column: QualityColumn, found: Places) -> Positions:
    """Return the positions of sentinels: 999 and the like at either end, at least as far off as the others spread.

    One row is enough for a negative one among numbers that are not; else it takes two.
    """
    size = found.places.size
    ends = [*range(min(_ENDS, size)), *range(max(_ENDS, size - _ENDS), size)]
    values = column.marginal.dictionary.values(found.positions[ends])
    is_like = {end: _is_sentinel(value) for end, value in zip(ends, values, strict=True)}
    low = next((end for end in range(min(_ENDS, size)) if not is_like[end]), 0)
    high = next((end for end in range(min(_ENDS, size)) if not is_like[size - 1 - end]), 0)
    rest = found.without(low, high)
    if rest.places.size < 2 or rest.rows * 2 < found.rows:
        return np.empty(0, np.int64)
    first, last = float(rest.places[0]), float(rest.places[-1])
    chosen = []
    for end in [*range(low), *range(size - high, size)]:
        place, rows = float(found.places[end]), int(found.counts[end])
        distance = first - place if end < low else place - last
        is_clear = rows > 1 or (place < 0 <= first)
        if is_clear and distance >= max(last - first, 1e-300):
            chosen.append(int(found.positions[end]))
    return np.array(chosen, np.int64)


def _is_sentinel(value: object) -> bool:
    return not isinstance(value, bool) and (
        bool(_SENTINEL.fullmatch(str(value))) or (isinstance(value, (int, float, str)) and float(value) in _LIMITS)
    )


def _middle(found: Places) -> tuple[float, float, float]:
    """Return the quartiles."""
    wanted = found.rows * np.array([0.25, 0.5, 0.75])
    quartiles, before = np.zeros(3), 0
    for some in blocks(found.places.size):
        running = before + np.cumsum(found.counts[some])
        is_here = (wanted > before) & (wanted <= running[-1])
        quartiles[is_here] = found.places[some][np.searchsorted(running, wanted[is_here])]
        before = int(running[-1])
    first, median, third = quartiles.tolist()
    return first, median, third


def _outliers(column: QualityColumn, found: Places) -> Iterator[Fault]:
    """Yield the few rows that are far from all others, on the axis and on a logarithmic one.

    With u = asinh((x − median) / (third − first quartile)), the gap before them must be at least as wide as the way
    from the median to the next value, in u, and three times so on the axis. Of n rows from a distribution with a tail
    as heavy as any power law's, the largest lies so far off with a probability of about 1/n; below a thousand rows half
    as far again is asked for.
    """
    rows = found.rows
    if rows < _LEAST_ROWS or found.places.size < _LEAST_VALUES:
        return
    first, median, third = _middle(found)
    if third <= first or _are_numbers_of_rows(column, found):
        return
    ends = _OUTLYING_VALUES + 1
    far = 1.0 if rows >= _MANY_ROWS else 1.5
    chosen: list[int] = []
    for sign in (-1, 1):
        places = (found.places[:ends] if sign < 0 else found.places[::-1][:ends]) - median
        counts = found.counts[:ends] if sign < 0 else found.counts[::-1][:ends]
        positions = found.positions[:ends] if sign < 0 else found.positions[::-1][:ends]
        distances = np.maximum(0.0, sign * places)
        u = np.arcsinh(distances / (third - first))
        for amount in range(min(_OUTLYING_VALUES, distances.size - 1), 0, -1):
            inner = float(distances[amount])
            gap, gap_u = float(distances[amount - 1]) - inner, float(u[amount - 1] - u[amount])
            is_few = int(counts[:amount].sum()) <= max(1.0, _OUTLYING_SHARE * rows)
            if is_few and gap >= _FAR * inner and gap_u >= far * max(1.0, float(u[amount])):
                chosen += positions[:amount].tolist()
                break
    if chosen:
        yield column.fault("outliers", "medium", np.array(chosen, np.int64))


def _are_numbers_of_rows(column: QualityColumn, found: Places) -> bool:
    """Whether every value occurs once and is whole: the numbers of keys have gaps."""
    return found.rows == found.places.size and found.are_whole()


def _mixed_units(column: QualityColumn, found: Places) -> Fault | None:
    """Return the remark on positive numbers in two heaps, one the other in another unit; None where they are not.

    The heaps are parted by a gap wider, in logarithms, than either of them, and the smaller one, times 60, 100, 1,000,
    3,600 or 1,000,000, lies within the larger one with a median within a fifth of the other.
    """
    rows = found.rows
    if rows < _LEAST_ROWS or found.places.size < _LEAST_VALUES or found.places[0] <= 0:
        return None
    size, gap, cut = found.places.size, -1.0, 0
    for some in blocks(size - 1):
        steps = np.diff(np.log(found.places[some.start : some.stop + 1]))
        widest = int(np.argmax(steps))
        if steps[widest] > gap:
            gap, cut = float(steps[widest]), some.start + widest + 1
    first, before, after, last = np.log(found.places[[0, cut - 1, cut, size - 1]]).tolist()
    if gap <= max(before - first, last - after) or min(cut, size - cut) < 3:
        return None
    low, high = found.without(0, size - cut), found.without(cut, 0)
    is_low = low.rows * 2 < rows
    few, many = (low, high) if is_low else (high, low)
    if few.rows < 3:
        return None
    for factor in _FACTORS:
        scaled = few.places * factor if is_low else few.places / factor
        middle = _middle(Places(scaled, few.counts, few.positions))[1] / _middle(many)[1]
        is_within = scaled[0] >= many.places[0] * 0.9 and scaled[-1] <= many.places[-1] * 1.1
        if 0.8 < middle < 1.25 and is_within:
            return column.fault("units", "high", few.positions, detail=f"{'÷' if is_low else '×'}{factor:,}")
    return None


def is_zip_name(name: str) -> bool:
    """Whether a column is named as US zip or county codes are, which have five digits.

    >>> is_zip_name("zip"), is_zip_name("ZipCode"), is_zip_name("shipping_zip"), is_zip_name("zipper")
    (True, True, True, False)
    """
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    return any(word in ("zip", "zips", "zipcode", "fips") for word in words)


def _lost_zeros(column: QualityColumn, found: Places) -> Iterator[Fault]:
    """Yield zip and county codes held as whole numbers, most of five digits and some of three or four."""
    if not is_zip_name(column.name) or not found.places.size:
        return
    places, counts = found.places, found.counts
    is_whole = places == np.round(places)
    is_long = (places >= 10 ** (_ZIP_DIGITS - 1)) & (places < 10**_ZIP_DIGITS)
    is_lost = (places >= 100) & (places < 10 ** (_ZIP_DIGITS - 1))
    is_clear = counts[is_long].sum() >= _ZIP_SHARE * counts.sum()
    if is_clear and (is_whole & (is_long | is_lost)).all() and is_lost.any():
        yield column.fault("leading_zeros", "medium", found.positions[is_lost], detail=str(_ZIP_DIGITS))
