"""Dictionaries: the values behind a column's codes, their order and their place on a numeric axis.

Positions count from 0: position p is code p + 1.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.saved_values import blob_of, joined_texts, unscaled, word_of
from colprofile.counting.scratch import Scratch, blocks
from colprofile.counting.value_texts import MICROSECONDS, blob_text, decimal_text, float_value, temporal_texts
from colprofile.values import Value

Positions = npt.NDArray[np.int64]
Axis = npt.NDArray[np.float64]

BLOCK_BYTES = 1 << 24
"""Bytes of texts worked on at a time, so that what is made from very many of them takes little memory."""

FEW = 2048
"""Up to so many values are converted and sorted all at once: histograms list them all, and each call costs more."""


class Dictionary(ABC):
    """The distinct values of a column."""

    scratch: Scratch | None = None
    """Where the values are, and where what is made of all of them goes too; None of those in memory.

    Values in a file are in the database's order, and all of them occur.
    """

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
        if self.scratch is not None:
            chosen = np.sort(positions)
            return (chosen[::-1] if is_last else chosen)[:limit]
        is_given = np.zeros(self.size, bool)
        is_given[positions] = True
        found = self.order[is_given[self.order]]
        return (found[::-1] if is_last else found)[:limit]

    def texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return the text form of every value: int64[size + 1] offsets into UTF-8 bytes."""
        return joined_texts([str(value) for value in self.values(np.arange(self.size))])

    def text_blocks(self, *, is_keyed: bool = False) -> Iterator[tuple[slice, Positions, npt.NDArray[np.uint8]]]:
        """Yield ``texts``, or ``bucket_texts`` if it ``is_keyed``, of some values at a time, and their positions."""
        offsets, data = self.bucket_texts() if is_keyed else self.texts()
        for some in blocks(self.size):
            yield some, offsets[some.start : some.stop + 1], data

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

    def __init__(self, words: npt.NDArray[np.uint64], arrow_type: pa.DataType, scratch: Scratch | None = None) -> None:
        self._words = words
        self._type = arrow_type
        self.scratch = scratch

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._words.size

    @property
    def words(self) -> npt.NDArray[np.uint64]:
        """The bits of each value."""
        return self._words

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
        return np.argsort(self._native, kind="stable") if self.scratch is None else all_positions(self, self.scratch)

    @cached_property
    def axis(self) -> Axis | None:
        """Numbers as they are, temporal values in microseconds."""
        if pa.types.is_boolean(self._type):
            return None
        if pa.types.is_floating(self._type):
            return self._native
        if self.scratch is None:
            return self._places(self._native)
        parts = (self._places(self._native[some]) for some in blocks(self.size))
        return self.scratch.stored(parts, np.float64)

    def _places(self, native: npt.NDArray[Any]) -> Axis:
        """Return where values lie on the axis."""
        kind = self._type
        axis: Axis = native.astype(np.float64)
        if pa.types.is_decimal(kind):
            axis /= 10.0**kind.scale
        if not pa.types.is_temporal(kind):
            return axis
        is_infinite = np.abs(axis) >= (2.0**31 - 1 if pa.types.is_date32(kind) else 2.0**63)
        axis *= 86_400e6 if pa.types.is_date32(kind) else MICROSECONDS[kind.unit]
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
        buffers = [None, pa.py_buffer(self._words)]
        return _found(pa.Array.from_buffers(pa.uint64(), self.size, buffers), pa.array(wanted, pa.uint64()))


class BytesDictionary(Dictionary):
    """Texts and blobs, held as byte strings one after the other."""

    def __init__(
        self,
        arena: npt.NDArray[np.uint8],
        ends: npt.NDArray[np.int64],
        arrow_type: pa.DataType,
        scratch: Scratch | None = None,
    ) -> None:
        self._arena = arena
        self._ends = ends
        self._is_blob = pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type)
        self.scratch = scratch

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._ends.size - 1

    @cached_property
    def array(self) -> pa.Array:
        """The byte strings."""
        buffers = [None, pa.py_buffer(self._ends), pa.py_buffer(self._arena)]
        return pa.Array.from_buffers(pa.large_binary(), self.size, buffers)

    @cached_property
    def order(self) -> Positions:
        """Byte order, which for UTF-8 is DuckDB's."""
        return byte_order(self.array) if self.scratch is None else all_positions(self, self.scratch)

    def first(self, positions: Positions, limit: int, *, is_last: bool = False) -> Positions:
        """Return the first ``limit`` of these positions in byte order, or from the last.

        A few are found in one pass, where sorting millions of texts takes seconds.
        """
        if self.size <= FEW or self.scratch is not None:
            return super().first(positions, limit, is_last=is_last)
        keys = [("", "descending" if is_last else "ascending")]
        best = positions[:0]
        for some in self.bounded_blocks(positions):
            best = np.concatenate([best, some])
            found = pc.select_k_unstable(self.array.take(arrow_positions(best)), min(limit, best.size), keys)
            best = best[numbers_of(found)]
        return best

    def bounded_blocks(self, positions: Positions) -> Iterator[Positions]:
        """Yield positions of which the byte strings take some megabytes at a time, one at least."""
        for some in blocks(positions.size):
            chosen = positions[some]
            running = np.cumsum(self._ends[chosen + 1] - self._ends[chosen])
            begin = 0
            while begin < chosen.size:
                before = int(running[begin - 1]) if begin else 0
                end = max(begin + 1, int(np.searchsorted(running, before + BLOCK_BYTES, side="right")))
                yield chosen[begin:end]
                begin = end

    def convert(self, positions: Positions) -> list[Value]:
        """Return the values at these positions: text as it is, blobs in DuckDB's text form."""
        items = self.array.take(arrow_positions(positions)).to_pylist()
        return [blob_text(item) if self._is_blob else item.decode("utf-8", "surrogateescape") for item in items]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each value is, −1 where it is not."""
        texts = [
            (blob_of(v) if self._is_blob else v.encode("utf-8", "surrogateescape")) if isinstance(v, str) else None
            for v in values
        ]
        return _found(self.array, pa.array(texts, pa.large_binary()))

    def texts(self) -> tuple[Positions, npt.NDArray[np.uint8]]:
        """Return the text form of every value."""
        return super().texts() if self._is_blob else (self._ends, self._arena)

    def text_blocks(self, *, is_keyed: bool = False) -> Iterator[tuple[slice, Positions, npt.NDArray[np.uint8]]]:
        """Yield the text forms of some values at a time."""
        begin = 0
        for some in blocks(self.size):
            for positions in self.bounded_blocks(np.arange(some.start, some.stop)):
                end = begin + positions.size
                if self._is_blob:
                    yield slice(begin, end), *joined_texts([str(value) for value in self.values(positions)])
                else:
                    yield slice(begin, end), self._ends[begin : end + 1], self._arena
                begin = end


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
        """The numbers as float64, infinite where they are beyond all doubles."""
        divisor = 10 ** (self._scale or 0)
        return np.array([_quotient(number, divisor) for number in self._numbers], np.float64)

    def convert(self, positions: Positions) -> list[Value]:
        """Return the integers at these positions, or the decimals' texts."""
        numbers = [self._numbers[p] for p in positions]
        return [number if self._scale is None else decimal_text(number, self._scale) for number in numbers]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each number is, −1 where it is not."""
        return positions_among(self._numbers, (unscaled(value, self._scale or 0) for value in values))


def _quotient(number: int, divisor: int) -> float:
    try:
        return number / divisor
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def positions_among(known: Iterable[Hashable], wanted: Iterable[Hashable]) -> Positions:
    """Return the position of each wanted item among the known ones, −1 where it is not one of them."""
    positions = {item: position for position, item in enumerate(known)}
    return np.array([positions.get(item, -1) for item in wanted], np.int64)


def arrow_positions(positions: Positions) -> pa.Array:
    """Return positions as Arrow array. ``pa.array`` and ``to_numpy`` would import pandas, which takes half a second."""
    return pa.Array.from_buffers(pa.int64(), positions.size, [None, pa.py_buffer(np.ascontiguousarray(positions))])


def numbers_of(array: pa.Array) -> Positions:
    """Return Arrow's integers or times, without NULL, as int64[array]; see ``arrow_positions``."""
    width = array.type.bit_width // 8
    kind = np.dtype(f"{'u' if pa.types.is_unsigned_integer(array.type) else 'i'}{width}")
    if not len(array):
        return np.empty(0, np.int64)
    return np.frombuffer(array.buffers()[1], kind, len(array), width * array.offset).astype(np.int64)


def byte_order(array: pa.Array) -> Positions:
    """Return the positions of byte strings in their order."""
    return numbers_of(pc.sort_indices(array))


def all_positions(dictionary: Dictionary, scratch: Scratch) -> Positions:
    """Return 0 … size − 1, mapped: the order of values that are sorted."""
    return scratch.stored((np.arange(some.start, some.stop) for some in blocks(dictionary.size)), np.int64)


def _found(values: pa.Array, wanted: pa.Array) -> Positions:
    """Return for each wanted value its position among the distinct values, −1 where it is not or is NULL."""
    result = np.full(len(wanted), -1, np.int64)
    for some in blocks(len(values)):
        part = values.slice(some.start, some.stop - some.start)
        hits = pc.index_in(part, value_set=wanted, skip_nulls=True)
        places = np.flatnonzero(hits.is_valid().to_numpy(zero_copy_only=False))
        result[hits.drop_null().to_numpy(zero_copy_only=False)] = places + some.start
    return result


def _shortest(values: npt.NDArray[np.float64], kind: pa.DataType) -> list[float]:
    """Return float64 of a FLOAT as the shortest decimal that reads back as the same float32: 0.1, not 0.10000000149."""
    if kind.bit_width == 64:
        return [float(item) for item in values]
    return [float(str(item)) for item in values.astype(np.float32)]
