"""Hashes of a column's values that are equal where values are equal as written, whatever type they are stored in.

A number hashes as a number: 7, 7.00, the double 7.0 and the text ``7`` are one value. Only text that is written as a
number is written counts as one: ``007``, ``+7``, ``7.0`` and ``1e3`` are texts. FALSE and TRUE are the numbers 0 and 1,
as databases without booleans have them. A date equals the timestamp at its midnight, and both the text that is written
as they are (``2013-01-31``, ``2013-01-31 00:00:00``); a timestamp with a time zone equals others with one only. All
else hashes by its bytes: case and spaces count, whatever a database's collation says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.compiled import compiled, inlined
from colprofile.counting.dictionary import BytesDictionary, Dictionary, Positions, WordDictionary
from colprofile.counting.hashing import hash_bytes
from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.scratch import Scratch, blocks

Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

IN_MEMORY = 1 << 16
"""Up to so many hashes of a column stay in memory where there is a file for them."""

AT_ONCE = 1 << 22
"""Up to so many hashes are sorted at once."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FLOAT = np.uint64(0xD1B54A32D192ED03)
_DATE = np.uint64(0xA0761D6478BD642F)
_TIME = np.uint64(0xE7037ED1A0B428DB)
_ZONED = np.uint64(0x8CB92BA72F3D8DD7)
_MOST_SCALE = 12
"""Doubles with up to so many decimal places are looked at as decimals."""
_LAST = (1 << 64) - 1
_NO_DATE = -(1 << 62)
_SPACE, _DASH, _POINT, _ZERO, _NINE, _COLON = 32, 45, 46, 48, 57, 58


@dataclass(frozen=True)
class HashedValues:
    """A column's values as hashes.

    Attributes
    ----------
    hashes
        uint64[distinct], ascending, each once: texts such as ``7`` and numbers that are equal have the same.
    low, high
        The smallest and largest value where all are whole numbers of at most 64 bits, else None.
    """

    hashes: Hashes
    low: int | None
    high: int | None


def hashed_values(marginal: Marginal, scratch: Scratch | None = None) -> HashedValues:
    """Return the values that occur in a column as sorted hashes; those that are many go to temporary files.

    >>> from colprofile.counting.dictionary import LabelDictionary
    >>> words = WordDictionary(np.array([7, 12], np.uint64), pa.int64())
    >>> numbers = hashed_values(Marginal(0, np.array([1, 2]), words))
    >>> texts = hashed_values(Marginal(0, np.array([1, 1, 3]), LabelDictionary(["12", "7", "007"])))
    >>> np.isin(texts.hashes, numbers.hashes).sum(), numbers.low, numbers.high, texts.low
    (np.int64(2), 7, 12, None)
    """
    span = _Span()
    parts = _hashes(marginal.dictionary, marginal.counts, span)
    if scratch is None or marginal.distinct <= AT_ONCE:
        hashes = np.concatenate([np.empty(0, np.uint64), *parts])
        hashes.sort()
        hashes = _each_once(hashes)
        stored = hashes if scratch is None or hashes.size <= IN_MEMORY else scratch.stored([hashes], np.uint64)
        return HashedValues(stored, span.low, span.high)
    return HashedValues(
        scratch.stored(_sorted_parts(parts, marginal.distinct, scratch), np.uint64), span.low, span.high
    )


class _Span:
    """The smallest and largest of whole numbers; None of both once one is no whole number."""

    def __init__(self) -> None:
        self._values: list[int] = []
        self._is_whole = True

    def add(self, low: int, high: int) -> None:
        self._values += [low, high]

    def fail(self) -> None:
        self._is_whole = False

    @property
    def low(self) -> int | None:
        return min(self._values) if self._is_whole and self._values else None

    @property
    def high(self) -> int | None:
        return max(self._values) if self._is_whole and self._values else None


def _each_once(hashes: Hashes) -> Hashes:
    """Return ascending hashes without repeats."""
    is_new = hashes[1:] != hashes[:-1]
    return hashes if is_new.all() else hashes[np.append(True, is_new)]


def _sorted_parts(parts: Iterator[Hashes], size: int, scratch: Scratch) -> Iterator[Hashes]:
    """Yield hashes in ascending order: split by their first bits, so that a part can be sorted in memory."""
    bits = max(1, (size // AT_ONCE).bit_length())
    files = [scratch.file() for _ in range(1 << bits)]
    for hashes in parts:
        hashes.sort()
        bounds = np.searchsorted(hashes >> np.uint64(64 - bits), np.arange(len(files) + 1, dtype=np.uint64))
        for file, begin, end in zip(files, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            file.append(hashes[begin:end])
    for file in files:
        part = file.numbers(0, file.size // 8, np.uint64)
        scratch.discard(file)
        yield _each_once(np.sort(part)) if part.size else part


def _hashes(dictionary: Dictionary, counts: Counts, span: _Span) -> Iterator[Hashes]:
    """Yield the hashes of the values that occur, some at a time."""
    if isinstance(dictionary, WordDictionary):
        kind = dictionary.axis_type
        for some in blocks(dictionary.size):
            words = dictionary.words[some]
            yield word_hashes(words[counts[some] > 0], kind, span)
        return
    is_number = dictionary.axis is not None and not isinstance(dictionary, BytesDictionary)
    for some, offsets, data in dictionary.text_blocks():
        occurs = counts[some] > 0
        hashes, low, high = text_hashes(offsets, data, is_number=is_number, occurs=occurs)
        if occurs.any():
            span.fail() if low is None or high is None else span.add(low, high)
        yield hashes[occurs]


def text_hashes(
    offsets: Positions, data: Bytes, *, is_number: bool = False, occurs: npt.NDArray[np.bool_] | None = None
) -> tuple[Hashes, int | None, int | None]:
    """Return a hash of each text, and the smallest and largest where all that occur are whole numbers.

    Parameters
    ----------
    offsets, data
        As ``Dictionary.texts`` returns them.
    is_number
        Whether the texts are of numbers: then ``7.00`` is 7.
    occurs
        bool[texts]: those that rows have; by default all.
    """
    size = offsets.size - 1
    hashes, extremes = np.empty(size, np.uint64), np.zeros(3, np.int64)
    occurs = np.ones(size, bool) if occurs is None else occurs
    _hash_texts(_readonly(offsets), _readonly(data), is_number, _readonly(occurs), hashes, extremes)
    is_whole, low, high = extremes.tolist()
    return (hashes, low, high) if is_whole and occurs.any() else (hashes, None, None)


def word_hashes(words: Hashes, kind: pa.DataType, span: _Span) -> Hashes:
    """Return the hashes of fixed-width values, given their bits, and add their smallest and largest to ``span``."""
    if not words.size:
        return np.empty(0, np.uint64)
    if pa.types.is_floating(kind):
        return _double_hashes(words, span, is_single=kind.bit_width < 64)
    native = words.view(np.int64)
    if pa.types.is_temporal(kind):
        span.fail()
        return _moment_hashes(native, kind)
    if pa.types.is_unsigned_integer(kind):
        span.add(int(words.min()), int(words.max()))
        return number_hashes(words, np.zeros(words.size, bool), np.zeros(words.size, np.uint64))
    scales = np.zeros(words.size, np.uint64)
    if pa.types.is_decimal(kind):
        native = native.copy()
        for _ in range(kind.scale):
            is_done = native % 10 != 0
            if is_done.all():
                break
            native = np.where(is_done, native, native // 10)
            scales += ~is_done
        # Where all digits of a fraction are zeros it is a whole number; zero itself has no digit that is not.
        scales = np.where(native == 0, np.uint64(0), np.uint64(kind.scale) - scales)
    if pa.types.is_boolean(kind) or scales.any():
        span.fail()
    else:
        span.add(int(native.min()), int(native.max()))
    magnitudes = np.where(native < 0, (~native).view(np.uint64) + np.uint64(1), native.view(np.uint64))
    return number_hashes(magnitudes, native < 0, scales)


def number_hashes(magnitudes: Hashes, is_negative: npt.NDArray[np.bool_], scales: Hashes) -> Hashes:
    """Return the hashes of ± magnitude / 10^scale, where the last digit of a magnitude with a scale is no zero."""
    salts = _mixed((scales * np.uint64(2) + is_negative + np.uint64(1)) * _GOLDEN)
    return _mixed(magnitudes ^ salts)


def _mixed(words: Hashes) -> Hashes:
    """Return words with all bits mixed (splitmix64), one to one."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _double_hashes(words: Hashes, span: _Span, *, is_single: bool) -> Hashes:
    """Return the hashes of doubles: those of decimals with few digits are the decimals'."""
    values = words.view(np.float64)
    hashes = _mixed(words ^ _FLOAT)
    rest = np.flatnonzero(np.abs(values) < 2.0**53)  # neither NaN nor infinite
    is_whole = rest.size == values.size
    most = 2.0**24 if is_single else 2.0**53
    for scale in range(_MOST_SCALE + 1):
        some = values[rest]
        scaled = np.rint(some * 10.0**scale)
        nearest = scaled / 10.0**scale
        if is_single:
            nearest = nearest.astype(np.float32).astype(np.float64)
        is_decimal = (nearest == some) & (np.abs(scaled) < (most if scale else 2.0**53))
        found = scaled[is_decimal]
        scales = np.full(found.size, scale, np.uint64)
        hashes[rest[is_decimal]] = number_hashes(np.abs(found).astype(np.uint64), found < 0, scales)
        rest = rest[~is_decimal]
        if not rest.size:
            break
        is_whole = False
    if is_whole:
        span.add(int(values.min()), int(values.max()))
    else:
        span.fail()
    return hashes


def _moment_hashes(native: npt.NDArray[np.int64], kind: pa.DataType) -> Hashes:
    """Return the hashes of dates, times and timestamps."""
    if pa.types.is_date(kind):
        return _mixed(native.view(np.uint64) ^ _DATE)
    in_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
    days = np.floor_divide(native, 86_400 * in_second)
    seconds = (native - days * (86_400 * in_second)).view(np.uint64)
    hashes = _mixed(days.view(np.uint64) ^ _DATE)
    is_midnight = seconds == 0
    hashes = np.where(is_midnight, hashes, _mixed(hashes + seconds * np.uint64(10**9 // in_second)))
    if pa.types.is_time(kind):
        return hashes ^ _TIME
    return hashes ^ _ZONED if kind.tz else hashes


def _readonly(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view that cannot be written to: kernels are compiled for such arrays alone."""
    view = array.view()
    view.setflags(write=False)
    return view


@inlined
def _mix_word(word: Any) -> Any:
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@inlined
def _number_in(data: Any, position: Any, end: Any, is_number: Any) -> Any:
    """Return whether a text, its sign left out, is written as a number, its digits as one, and its decimal places."""
    number, scale = np.uint64(0), 0
    first = position
    point = -1
    is_written = position < end <= position + 40
    while is_written and position < end:
        digit = data[position]
        if digit == _POINT and point < 0 and position > first and position + 1 < end:
            point = position
        elif _ZERO <= digit <= _NINE:
            one = np.uint64(digit - _ZERO)
            is_written = number <= (np.uint64(_LAST) - one) // np.uint64(10)
            number = number * np.uint64(10) + one
        else:
            is_written = False
        position += 1
    if is_written and data[first] == _ZERO and end > first + 1 and point != first + 1:
        is_written = False
    if is_written and point >= 0:
        if not is_number and data[end - 1] == _ZERO:
            is_written = False
        scale = end - point - 1
        while scale > 0 and number % np.uint64(10) == 0:
            number //= np.uint64(10)
            scale -= 1
    return is_written, number, scale


@inlined
def _digits(data: Any, position: Any, end: Any) -> Any:
    """Return the number that some digits write, −1 where one is no digit."""
    number = np.int64(0)
    while position < end:
        digit = data[position]
        if not _ZERO <= digit <= _NINE:
            return np.int64(-1)
        number = number * np.int64(10) + np.int64(digit - _ZERO)
        position += 1
    return number


@inlined
def _date_in(data: Any, begin: Any) -> Any:
    """Return the days since 1970 of ten bytes that are written as a date, −2^62 of others."""
    year = _digits(data, begin, begin + 4)
    month = _digits(data, begin + 5, begin + 7)
    day = _digits(data, begin + 8, begin + 10)
    is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    last = 28 + int(is_leap) if month == 2 else 31 - (month - 1) % 7 % 2
    is_date = data[begin + 4] == _DASH and data[begin + 7] == _DASH and year > 0 and 1 <= month <= 12
    if not is_date or not 1 <= day <= last:
        return np.int64(_NO_DATE)
    years = year - int(month <= 2)  # those that begin in March
    months = (month + 9) % 12
    return years * 365 + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day - 719_469


@inlined
def _moment_in(data: Any, begin: Any, end: Any) -> Any:
    """Return days since 1970 and nanoseconds of the day of a text written as a date or timestamp, −2^62 of others."""
    length = end - begin
    if length < 10 or length > 29 or (length != 10 and length != 19 and length < 21):
        return np.int64(_NO_DATE), np.int64(0)
    days = _date_in(data, begin)
    if length == 10 or days == _NO_DATE:
        return days, np.int64(0)
    hour = _digits(data, begin + 11, begin + 13)
    minute = _digits(data, begin + 14, begin + 16)
    second = _digits(data, begin + 17, begin + 19)
    is_time = data[begin + 10] == _SPACE and data[begin + 13] == _COLON and data[begin + 16] == _COLON
    nanoseconds = np.int64(0)
    if length > 19:
        is_time = is_time and data[begin + 19] == _POINT
        nanoseconds = _digits(data, begin + 20, end)
        is_time = is_time and nanoseconds >= 0
        for _ in range(29 - length):
            nanoseconds *= np.int64(10)
    if not is_time or not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return np.int64(_NO_DATE), np.int64(0)
    return days, ((hour * 60 + minute) * 60 + second) * np.int64(10**9) + nanoseconds


@compiled
def _hash_texts(offsets: Any, data: Any, is_number: Any, occurs: Any, hashes: Any, extremes: Any) -> None:
    """Fill ``hashes``, uint64[n], and ``extremes``: whether all that occur are whole, the lowest and highest."""
    address = data.ctypes.data
    is_whole, is_first = True, True
    low: Any = 0
    high: Any = 0
    for i in range(hashes.size):
        begin, end = offsets[i], offsets[i + 1]
        is_negative = begin < end and data[begin] == _DASH
        is_written, number, scale = _number_in(data, begin + int(is_negative), end, is_number)
        if is_negative and number == 0:
            is_written = is_written and is_number
            is_negative = False
        if is_written:
            salt = _mix_word(np.uint64(scale * 2 + int(is_negative) + 1) * _GOLDEN)
            hashes[i] = _mix_word(number ^ salt)
        else:
            days, nanoseconds = _moment_in(data, begin, end)
            if days == _NO_DATE:
                hashes[i] = _mix_word(hash_bytes(address, data, begin, end - begin))
            else:
                hashes[i] = _mix_word(np.uint64(days) ^ _DATE)
                if nanoseconds:
                    hashes[i] = _mix_word(hashes[i] + np.uint64(nanoseconds))
        if not occurs[i]:
            continue
        is_whole = is_whole and is_written and scale == 0 and number < np.uint64(1 << 63)
        if is_whole:
            value = -np.int64(number) if is_negative else np.int64(number)
            low = value if is_first else min(low, value)
            high = value if is_first else max(high, value)
            is_first = False
    extremes[0] = int(is_whole)
    extremes[1] = low
    extremes[2] = high
