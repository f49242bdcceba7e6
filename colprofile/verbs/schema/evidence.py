"""How many bits of evidence an inclusion is, from what both columns could hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from colprofile.measures.inclusion import exact_inclusion_bits, gap_bits, inclusion_bits
from colprofile.verbs.schema.table_values import ColumnValues

Places = npt.NDArray[np.int64]

_LETTERS = 26
_MOST_VALUES = 2.0**200
"""A column could hold at most this many: what follows from more is beyond all doubt anyway."""


def evidence_bits(column: ColumnValues, target: ColumnValues, orphans: int = 0) -> float:
    """Return −log2 of the probability that at most so many values of a column would be no value of the target.

    ``measures.inclusion.inclusion_bits`` of what the column could hold:

    - whole numbers: those from 0 or 1, or its smallest value if that is less, to its largest. The numbers 1 to 16 fit
      every key that begins at 1: 0 bits. Where there are orphans, to the 95 % quantile of its rows, as a single large
      value says nothing of the others;
    - other numbers: those between its smallest and largest that have as many decimal places;
    - dates and times: the days between its smallest and largest;
    - texts: 26 to the power of the length of its shorter values, twice the target's values at least.

    The target is taken to have its values evenly over its own range. An inclusion of several columns has the bits of
    the column with the fewest, and those of the combinations: of all that the columns' own values allow, the target
    has some.
    """
    values = 0 if column.hashes is None else column.hashes.size
    if column.low is not None and column.high is not None:
        low, high = min(column.low, 1), column.high
        if orphans:
            high = max(low, min(high, _quantile(column, high)))
        return inclusion_bits(high - low + 1, _in_range(target, low, high), values, orphans)
    return inclusion_bits(max(_domain(column), _text_domain(column, target)), _size(target), values, orphans)


def _domain(column: ColumnValues) -> float:
    """Return how many values a column could hold."""
    if column.low is not None and column.high is not None:
        return float(column.high - min(column.low, 1) + 1)
    kind = column.profile.kind
    return _days(column) if kind == "temporal" else _grid(column) if kind == "numeric" else _texts(column)


def _text_domain(column: ColumnValues, target: ColumnValues) -> float:
    return 0.0 if column.profile.kind in ("temporal", "numeric") else 2.0 * _size(target)


class Signs:
    """What speaks for an exact inclusion of columns in others, for many columns at once.

    Parameters
    ----------
    columns
        Those that are compared.
    """

    def __init__(self, columns: Sequence[ColumnValues]) -> None:
        nan = math.nan
        self._columns = columns
        self._low = np.array([nan if c.low is None else float(c.low) for c in columns])
        self._high = np.array([nan if c.high is None else float(c.high) for c in columns])
        self._told = np.array([0.0 if c.high is None else _digits(c.high) * math.log2(10) for c in columns])
        self._sizes = np.array([_size(c) for c in columns])
        self._domains = np.array([_domain(c) for c in columns])
        self._is_text = np.array([c.low is None and c.profile.kind not in ("temporal", "numeric") for c in columns])

    def bits(self, target: int, columns: Places) -> npt.NDArray[np.float64]:
        """Return ``evidence_bits`` of some columns and a target, given as places in the columns."""
        size, domains = self._sizes[target], self._domains[columns]
        low, high = np.fmin(self._low[columns], 1.0), self._high[columns]
        width = self._high[target] - self._low[target] + 1
        common = np.minimum(high, self._high[target]) - np.maximum(low, self._low[target]) + 1
        within = np.where(np.isnan(common), size, size * np.clip(common, 0.0, None) / width)
        within[np.isnan(high)] = size
        domains = np.where(self._is_text[columns], np.maximum(domains, 2 * size), domains)
        return exact_inclusion_bits(domains, within, self._sizes[columns])

    def reach(self, target: int, columns: Places) -> npt.NDArray[np.float64]:
        """Return ``reach_bits`` of some columns and a target."""
        gap = self._high[target] - self._high[columns] + self._low[columns] - self._low[target]
        is_within = (self._low[columns] >= self._low[target]) & (self._high[columns] <= self._high[target])
        width = self._high[target] - self._low[target] + 1
        span = np.log2(np.maximum(1.0, width / (1 + np.where(is_within, gap, 0.0))))
        reach: npt.NDArray[np.float64] = np.where(is_within, np.minimum(span, self._told[columns]), 0.0)
        return reach


def against_bits(column: ColumnValues, target: ColumnValues) -> float:
    """Return −log2 of the probability that references to random rows would all be to the target's smaller numbers.

    0 for other values than whole numbers.
    """
    if column.low is None or column.high is None or target.low is None or target.high is None:
        return 0.0
    values = 0 if column.hashes is None else column.hashes.size
    return gap_bits(_size(target), _in_range(target, target.low, column.high), values)


def reach_bits(column: ColumnValues, target: ColumnValues) -> float:
    """Return how closely a column's whole numbers span the target's: log2 of the target's range over what they miss.

    A column that counts or measures something ends where it likes: few of them end within a thousandth of a key's
    range. A round number tells less: at most log2 10 bits for each digit before its zeros, so that 1 to 9,999 tells 3.3
    of a key from 1 to 10,000. 0 for other values, and where the column has smaller or larger ones.
    """
    if column.low is None or column.high is None or target.low is None or target.high is None:
        return 0.0
    if not target.low <= column.low or not column.high <= target.high:
        return 0.0
    width = target.high - target.low + 1
    span = math.log2(max(1.0, width / (1 + target.high - column.high + column.low - target.low)))
    return min(span, _digits(column.high) * math.log2(10))


def _digits(number: int) -> int:
    """Return how many digits a number, or the next one, has before the zeros at its end."""
    return min(len(str(abs(each)).rstrip("0")) for each in (number, number + 1))


def _size(column: ColumnValues) -> float:
    return 0.0 if column.hashes is None else float(column.hashes.size)


def _in_range(target: ColumnValues, low: int, high: int) -> float:
    """Return about how many of the target's values lie in a range of whole numbers."""
    if target.low is None or target.high is None:
        return _size(target)
    common = min(high, target.high) - max(low, target.low) + 1
    return max(0.0, _size(target) * common / (target.high - target.low + 1))


def _quantile(column: ColumnValues, default: int) -> int:
    """Return the 95 % quantile of a column's whole numbers."""
    for quantile in column.profile.quantiles:
        if quantile.probability >= 0.95 and isinstance(quantile.value, int):
            return quantile.value
    return default


def _days(column: ColumnValues) -> float:
    try:
        ends = [np.datetime64(str(end)[:10], "D") for end in (column.profile.minimum, column.profile.maximum)]
    except ValueError:
        return _size(column)
    return max(_size(column), float((ends[1] - ends[0]).astype(int)) + 1)


def _grid(column: ColumnValues) -> float:
    """Return how many numbers of as many decimal places lie between a column's smallest and largest."""
    known = [column.profile.minimum, column.profile.maximum, *(top.value for top in column.profile.top_values)]
    places = max((len(str(value).partition(".")[2]) for value in known), default=0)
    try:
        width = float(Fraction(str(known[1])) - Fraction(str(known[0])))
    except (ValueError, OverflowError):  # NaN and infinity, or a width beyond the largest double
        return _size(column)
    return max(_size(column), min(_MOST_VALUES, width * 10.0 ** min(places, 6) + 1))


def _texts(column: ColumnValues) -> float:
    profile = column.profile
    known = [profile.minimum, profile.maximum, *(top.value for top in profile.top_values)]
    lengths = sorted(len(value) for value in known if isinstance(value, str))
    return min(_MOST_VALUES, float(_LETTERS) ** min(40, lengths[len(lengths) // 4])) if lengths else float(_LETTERS)
