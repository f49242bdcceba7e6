"""Dictionaries: the values behind a column's codes, their order and their place on a numeric axis.

Positions count from 0: position p is code p + 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.saved_values import blob_of, joined_texts, unscaled, word_of
from colprofile.values import Value

Positions = npt.NDArray[np.int64]
Axis = npt.NDArray[np.float64]

FEW = 2048
"""Up to so many values are converted and sorted all at once: histograms list them all, and each call costs more."""


class Dictionary(ABC):
    """The distinct values of a column."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many values there are."""

    @property
    @abstractmethod
    def order(self) -> Positions:
        """Positions in the database's order of the values."""

    @property
    def axis(self) -> Axis | None:
        """float64[size]: numbers as they are, temporal values in microseconds; None where there is no axis."""
        return None

    @property
    def axis_type(self) -> pa.DataType | None:
        """The Arrow type that says how places on the axis are shown; None shows them as numbers."""
        return None

    @abstractmethod
    def convert(self, positions: Positions) -> list[Value]:
        """Return the values at these positions as JSON scalars."""

    def values(self, positions: Positions) -> list[Value]:
        """Return the values at these positions as JSON scalars; of few they are converted once."""
        if self.size > FEW:
            return self.convert(positions)
        known = self._every_value
        return [known[p] for p in positions.tolist()]

    @cached_property
    def _every_value(self) -> list[Value]:
        return self.convert(np.arange(self.size))

    @abstractmethod
    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each value is, −1 where it is not: the inverse of ``values``."""

    def first(self, positions: Positions, limit: int, *, is_last: bool = False) -> Positions:
        """Return the first ``limit`` of these positions in the database's order of the values, or from the last."""
        is_given = np.zeros(self.size, bool)
        is_given[positions] = True
        found = self.order[is_given[self.order]]
        return (found[::-1] if is_last else found)[:limit]

    def texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return the text form of every value: int64[size + 1] offsets into UTF-8 bytes."""
        return joined_texts([str(value) for value in self.values(np.arange(self.size))])

    def keys(self, positions: Positions) -> list[str] | None:
        """Return what equal values have in common, at these positions; None where that is what ``values`` returns."""
        return None

    def positions_of_keys(self, keys: Sequence[str]) -> Positions:
        """Return where the value of each key is, −1 where it is not: the inverse of ``keys``."""
        return np.full(len(keys), -1, np.int64)

    def bucket_texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return what the hashes that tell the values' buckets are of, as ``texts`` does: the same for equal values."""
        return self.texts()


class WordDictionary(Dictionary):
    """Values of a fixed-width Arrow type, held as 64-bit words."""

    def __init__(self, words: npt.NDArray[np.uint64], arrow_type: pa.DataType) -> None:
        self._words = words
        self._type = arrow_type

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._words.size

    @property
    def _native(self) -> npt.NDArray[Any]:
        if pa.types.is_floating(self._type):
            return self._words.view(np.float64)
        if pa.types.is_unsigned_integer(self._type):
            return self._words
        return self._words.view(np.int64)

    @cached_property
    def order(self) -> Positions:
        """Ascending; NaN last, as DuckDB orders it."""
        return np.argsort(self._native, kind="stable")

    @cached_property
    def axis(self) -> Axis | None:
        """Numbers as they are, temporal values in microseconds."""
        kind = self._type
        if pa.types.is_boolean(kind):
            return None
        axis: Axis = self._native.astype(np.float64)
        if pa.types.is_decimal(kind):
            return np.asarray(axis / 10.0**kind.scale, np.float64)
        if not pa.types.is_temporal(kind):
            return axis
        is_infinite = np.abs(axis) >= (2.0**31 - 1 if pa.types.is_date32(kind) else 2.0**63)
        axis *= 86_400e6 if pa.types.is_date32(kind) else _MICROSECONDS[kind.unit]
        axis[is_infinite] = np.copysign(np.inf, axis[is_infinite])
        return axis

    @property
    def axis_type(self) -> pa.DataType | None:
        """The values' own type."""
        return self._type

    def convert(self, positions: Positions) -> list[Value]:
        """Return the values at these positions as JSON scalars."""
        chosen = self._native[positions]
        kind = self._type
        if pa.types.is_boolean(kind):
            return [bool(item) for item in chosen]
        if pa.types.is_floating(kind):
            return [float_value(item) for item in _shortest(chosen, kind)]
        if pa.types.is_decimal(kind):
            return [decimal_text(int(item), kind.scale) for item in chosen]
        if pa.types.is_temporal(kind):
            return temporal_texts(chosen, kind)
        return [int(item) for item in chosen]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each value is, −1 where it is not."""
        wanted = [word_of(value, self._type) for value in values]
        return _found(pa.array(self._words), pa.array(wanted, pa.uint64()))


_MICROSECONDS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}


class BytesDictionary(Dictionary):
    """Texts and blobs, held as byte strings one after the other."""

    def __init__(self, arena: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], arrow_type: pa.DataType) -> None:
        self._arena = arena
        self._ends = ends
        self._is_blob = pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type)

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._ends.size - 1

    @cached_property
    def _array(self) -> pa.Array:
        buffers = [None, pa.py_buffer(self._ends), pa.py_buffer(self._arena)]
        return pa.Array.from_buffers(pa.large_binary(), self.size, buffers)

    @cached_property
    def order(self) -> Positions:
        """Byte order, which for UTF-8 is DuckDB's."""
        return _positions_in(pc.sort_indices(self._array))

    def first(self, positions: Positions, limit: int, *, is_last: bool = False) -> Positions:
        """Return the first ``limit`` of these positions in byte order, or from the last.

        A few are found in one pass, where sorting millions of texts takes seconds.
        """
        if self.size <= FEW:
            return super().first(positions, limit, is_last=is_last)
        given = self._array.take(arrow_positions(positions))
        keys = [("", "descending" if is_last else "ascending")]
        found = pc.select_k_unstable(given, min(limit, positions.size), keys)
        chosen: Positions = positions[_positions_in(found)]
        return chosen

    def convert(self, positions: Positions) -> list[Value]:
        """Return the values at these positions: text as it is, blobs in DuckDB's text form."""
        items = self._array.take(arrow_positions(positions)).to_pylist()
        return [blob_text(item) if self._is_blob else item.decode("utf-8", "surrogateescape") for item in items]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each value is, −1 where it is not."""
        texts = [
            (blob_of(v) if self._is_blob else v.encode("utf-8", "surrogateescape")) if isinstance(v, str) else None
            for v in values
        ]
        return _found(self._array, pa.array(texts, pa.large_binary()))

    def texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return the text form of every value."""
        return super().texts() if self._is_blob else (self._ends, self._arena)


class LabelDictionary(Dictionary):
    """Values known by their text alone, already in the database's order: ENUM labels, ranked nested values.

    Where texts do not decide which values are equal, ``keys`` do.
    """

    def __init__(self, labels: Sequence[str | None], keys: Sequence[str | None] | None = None) -> None:
        self._labels = labels
        self._keys = keys

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._labels)

    @property
    def order(self) -> Positions:
        """The order of the labels."""
        return np.arange(len(self._labels), dtype=np.int64)

    def convert(self, positions: Positions) -> list[Value]:
        """Return the labels at these positions."""
        return [self._labels[p] for p in positions]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each label is, −1 where it is not."""
        return positions_among(self._labels, values)

    def keys(self, positions: Positions) -> list[str] | None:
        """Return the keys of the values at these positions."""
        return None if self._keys is None else [str(self._keys[p]) for p in positions.tolist()]

    def positions_of_keys(self, keys: Sequence[str]) -> Positions:
        """Return where the value of each key is, −1 where it is not."""
        return positions_among(self._keys or (), keys)

    def bucket_texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return the keys where there are keys."""
        return self.texts() if self._keys is None else joined_texts([str(key) for key in self._keys])


class IntegerDictionary(Dictionary):
    """Integers too wide for a word: HUGEINT or, with a ``scale``, decimals of which so many digits follow the point."""

    def __init__(self, numbers: Sequence[int], scale: int | None = None) -> None:
        self._numbers = numbers
        self._scale = scale

    @classmethod
    def of_texts(cls, texts: Dictionary) -> IntegerDictionary:
        """Return the integers behind a dictionary of their texts."""
        return cls([int(str(text)) for text in texts.values(np.arange(texts.size))])

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._numbers)

    @cached_property
    def order(self) -> Positions:
        """Numeric order."""
        return np.array(sorted(range(self.size), key=self._numbers.__getitem__), np.int64)

    @cached_property
    def axis(self) -> Axis | None:
        """The numbers as float64."""
        divisor = 10 ** (self._scale or 0)
        return np.array([number / divisor for number in self._numbers], np.float64)

    def convert(self, positions: Positions) -> list[Value]:
        """Return the integers at these positions, or the decimals' texts."""
        numbers = [self._numbers[p] for p in positions]
        return [number if self._scale is None else decimal_text(number, self._scale) for number in numbers]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each number is, −1 where it is not."""
        return positions_among(self._numbers, (unscaled(value, self._scale or 0) for value in values))


def positions_among(known: Iterable[Hashable], wanted: Iterable[Hashable]) -> Positions:
    """Return the position of each wanted item among the known ones, −1 where it is not one of them."""
    positions = {item: position for position, item in enumerate(known)}
    return np.array([positions.get(item, -1) for item in wanted], np.int64)


def arrow_positions(positions: Positions) -> pa.Array:
    """Return positions as Arrow array. ``pa.array`` and ``to_numpy`` would import pandas, which takes half a second."""
    return pa.Array.from_buffers(pa.int64(), positions.size, [None, pa.py_buffer(np.ascontiguousarray(positions))])


def _positions_in(indices: pa.Array) -> Positions:
    """Return the indices that Arrow has found, uint64 without NULL."""
    return np.frombuffer(indices.buffers()[1], np.uint64, len(indices), 8 * indices.offset).astype(np.int64)


def _found(values: pa.Array, wanted: pa.Array) -> Positions:
    """Return for each wanted value its position among the distinct values, −1 where it is not or is NULL."""
    result = np.full(len(wanted), -1, np.int64)
    hits = pc.index_in(values, value_set=wanted, skip_nulls=True)
    places = np.flatnonzero(hits.is_valid().to_numpy(zero_copy_only=False))
    result[hits.drop_null().to_numpy(zero_copy_only=False)] = places
    return result


def float_value(number: float) -> Value:
    """Return a finite float as it is, others in DuckDB's text form.

    >>> float_value(1.5), float_value(float("nan")), float_value(float("-inf"))
    (1.5, 'nan', '-inf')
    """
    number = float(number)
    return number if np.isfinite(number) else str(number)


def _shortest(values: npt.NDArray[np.float64], kind: pa.DataType) -> list[float]:
    """Return float64 of a FLOAT as the shortest decimal that reads back as the same float32: 0.1, not 0.10000000149."""
    if kind.bit_width == 64:
        return [float(item) for item in values]
    return [float(str(item)) for item in values.astype(np.float32)]


def decimal_text(unscaled: int, scale: int) -> str:
    """Return a DECIMAL's text form.

    >>> decimal_text(-5, 2), decimal_text(1234, 2), decimal_text(7, 0)
    ('-0.05', '12.34', '7')
    """
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    sign = "-" if unscaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits


def blob_text(blob: bytes) -> str:
    r"""Return DuckDB's text form of a BLOB.

    >>> print(blob_text(b"a\x00\xff"))
    a\x00\xFF
    """
    return "".join(chr(b) if 32 <= b < 127 and b not in b"\\'\"" else f"\\x{b:02X}" for b in blob)


def temporal_texts(values: npt.NDArray[np.int64], kind: pa.DataType) -> list[Value]:
    """Return DuckDB's text form of dates, times and timestamps given in the type's own unit."""
    if pa.types.is_date32(kind):
        return [_infinite(int(day), 2**31 - 1) or str(np.datetime64(int(day), "D")) for day in values]
    per_second = round(1e6 / _MICROSECONDS[kind.unit])
    if pa.types.is_time(kind):
        return [_clock(int(value), per_second) for value in values]
    suffix = "+00" if pa.types.is_timestamp(kind) and kind.tz else ""
    return [_infinite(int(value), 2**63 - 1) or _instant(int(value), per_second) + suffix for value in values]


def _infinite(value: int, limit: int) -> str | None:
    if abs(value) < limit:
        return None
    return "infinity" if value > 0 else "-infinity"


def _instant(value: int, per_second: int) -> str:
    days, rest = divmod(value, 86_400 * per_second)
    return f"{np.datetime64(days, 'D')} {_clock(rest, per_second)}"


def _clock(value: int, per_second: int) -> str:
    seconds, fraction = divmod(value, per_second)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if fraction:
        digits = len(str(per_second)) - 1
        text += f".{fraction:0{digits}}".rstrip("0")
    return text


def axis_labels(kind: pa.DataType | None) -> Callable[[Sequence[float]], list[float | str]]:
    """Return how edges on the axis of this Arrow type are shown: numbers as they are, microseconds as ISO text."""
    if kind is None or not pa.types.is_temporal(kind):
        return lambda edges: [float(edge) for edge in edges]
    if pa.types.is_time(kind):
        return lambda edges: [_clock(round(edge), 1_000_000) for edge in edges]
    if pa.types.is_date(kind):
        return lambda edges: [str(np.datetime64(int(edge // 86_400e6), "D")) for edge in edges]
    return lambda edges: [_instant(round(edge), 1_000_000) for edge in edges]
