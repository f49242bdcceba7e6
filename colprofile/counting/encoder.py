"""Encoders turn the Arrow arrays of a column into dictionary codes and collect the column's values.

Values are equal if they are in DuckDB: NaN equals NaN, −0.0 equals 0.0. NULL is code 0.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import (
    BytesDictionary,
    Dictionary,
    IntegerDictionary,
    LabelDictionary,
    WordDictionary,
    arrow_positions,
)
from colprofile.counting.hashing import encode_bytes, encode_words, fill_slots

Codes = npt.NDArray[np.uint32]

# Arrow's buffers are read-only. Kernels are compiled for such arrays alone, so ours are read-only too.
_NO_VALIDITY: npt.NDArray[np.uint8] = np.frombuffer(b"", np.uint8)

# Small, for tables of very many columns and few rows; growing costs little.
_INITIAL_CODES = 1 << 6
_INITIAL_BYTES = 1 << 10


_LARGE = 1 << 22
"""Values from which on a table is doubled where it is full, and not made four times as large."""

_LABEL_BYTES = 200
"""What a text takes in Python, with its place in a dictionary."""


class Encoder(Protocol):
    """Turns arrays of one column into codes and holds their values."""

    @property
    def highest(self) -> int:
        """The highest code so far."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the values and the table of them take, about."""

    def encode(self, array: pa.Array) -> Codes:
        """Return uint32[len(array)]: 0 for NULL, else codes from 1 in order of first appearance.

        The next call may overwrite the result.
        """

    def dictionary(self) -> Dictionary:
        """Return the values seen so far; it is the last call, as the encoder gives them away."""


def encode_packed(encoder: Encoder, array: pa.DictionaryArray) -> Codes:
    """Return the codes of rows that come as a dictionary array, of which the encoder sees the different values alone.

    The dictionary may hold values twice, NULL, and values that no row has, which get no code.
    """
    places = _numbers(array.indices)
    places += np.uint32(1)
    _clear_nulls(places, array.indices)
    values = array.dictionary
    used = np.flatnonzero(np.bincount(places, minlength=len(values) + 1)[1:])
    of_value = np.zeros(len(values) + 1, np.uint32)
    of_value[used + 1] = encoder.encode(values if used.size == len(values) else values.take(arrow_positions(used)))
    return of_value[places]


class _HashEncoder:
    """What both hash encoders hold: the table of the values seen so far, and space for the codes of one batch."""

    def __init__(self, arrow_type: pa.DataType) -> None:
        self._type = arrow_type
        self._codes: Codes = np.empty(0, np.uint32)
        self._slots = np.zeros(2 * _INITIAL_CODES, np.uint32)
        self._keys = np.zeros(_INITIAL_CODES, np.uint64)  # the values or their hashes, by code
        self.highest = 0

    def _space_for(self, rows: int) -> Codes:
        if self._codes.size < rows:
            self._codes = np.empty(rows, np.uint32)
        return self._codes[:rows]

    @property
    def nbytes(self) -> int:
        """Bytes of the table and of the keys in it."""
        return self._slots.nbytes + self.highest * self._keys.itemsize

    def _grow(self, *, is_hashed: bool) -> None:
        self._slots = np.empty(0, np.uint32)  # before the new one is there
        self._keys = _grown(self._keys, self.highest + 1, _factor(self._keys.size) * self._keys.size)
        self._slots = np.zeros(2 * self._keys.size, np.uint32)
        fill_slots(self._keys, is_hashed, self.highest, self._slots)


class WordEncoder(_HashEncoder):
    """Encodes values of up to 64 bits: integers, floats, booleans, dates, times, timestamps, narrow decimals."""

    def encode(self, array: pa.Array) -> Codes:
        """Encode one array of the type that the encoder was made for."""
        words = words_of(array)
        is_float = pa.types.is_floating(array.type)
        validity, offset = _validity(array)
        out = self._space_for(len(array))
        row = 0
        while True:
            row, self.highest = encode_words(
                words, is_float, validity, offset, row, self._slots, self._keys, self.highest, out
            )
            if row == len(array):
                return out
            self._grow(is_hashed=False)

    def dictionary(self) -> Dictionary:
        """Return the values seen so far."""
        return WordDictionary(_given_away(self._keys, 1, self.highest + 1), self._type)


class BytesEncoder(_HashEncoder):
    """Encodes strings and blobs, and decimals too wide for a word as strings of their 16 or 32 bytes."""

    def __init__(self, arrow_type: pa.DataType) -> None:
        super().__init__(arrow_type)
        self._ends = np.zeros(_INITIAL_CODES, np.int64)
        self._arena = np.zeros(_INITIAL_BYTES, np.uint8)

    def encode(self, array: pa.Array) -> Codes:
        """Encode one array of the type that the encoder was made for."""
        column = *_strings(array), *_validity(array)
        out = self._space_for(len(array))
        row = 0
        while True:
            row, self.highest, wanted = encode_bytes(
                *column, row, self._slots, self._keys, self._arena, self._ends, self.highest, out
            )
            if row == len(array):
                return out
            if wanted:
                self._arena = _grown(self._arena, int(self._ends[self.highest]), max(2 * self._arena.size, wanted))
            else:
                self._grow(is_hashed=True)
                self._ends = _grown(self._ends, self.highest + 1, self._keys.size)

    @property
    def nbytes(self) -> int:
        """Bytes of the table and of the texts."""
        return super().nbytes + self._ends.itemsize * self.highest + int(self._ends[self.highest])

    def dictionary(self) -> Dictionary:
        """Return the values seen so far."""
        ends = _given_away(self._ends, 0, self.highest + 1)
        arena = _given_away(self._arena, 0, int(ends[-1]))
        if not pa.types.is_decimal(self._type):
            return BytesDictionary(arena, ends, self._type)
        numbers, width = arena.tobytes(), self._type.bit_width // 8
        words = (numbers[begin : begin + width] for begin in range(0, len(numbers), width))
        return IntegerDictionary([int.from_bytes(word, "little", signed=True) for word in words], self._type.scale)


class EnumEncoder:
    """Encodes Arrow dictionary arrays (DuckDB's ENUM). Every array has the same labels."""

    def __init__(self) -> None:
        self._labels: list[str] = []
        self.highest = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the labels, about."""
        return _LABEL_BYTES * len(self._labels)

    def encode(self, array: pa.DictionaryArray) -> Codes:
        """Return each row's label number, from 1."""
        if not self._labels:
            self._labels = array.dictionary.to_pylist()
        codes = _numbers(array.indices)
        codes += np.uint32(1)
        _clear_nulls(codes, array.indices)
        self.highest = max(self.highest, int(codes.max(initial=0)))
        return codes

    def dictionary(self) -> Dictionary:
        """Return all labels of the type in its order, including those that do not occur."""
        return LabelDictionary(self._labels)


class RankEncoder:
    """Encodes values that only the database can compare: ranks count from 1 in its order.

    They come as struct(rank, text), or as struct(rank, text, key) where equal values may differ in their texts, and
    others share one: of equal values the smallest text is kept, and the key is what they have in common.
    """

    def __init__(self, *, has_keys: bool = False) -> None:
        self._labels: dict[int, str] = {}
        self._keys: dict[int, str] = {}
        self._has_keys = has_keys
        self.highest = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the labels, about."""
        return _LABEL_BYTES * len(self._labels)

    def encode(self, array: pa.StructArray) -> Codes:
        """Return each row's rank."""
        ranks = array.field(0)
        codes = _numbers(ranks)
        _clear_nulls(codes, ranks)
        self.highest = max(self.highest, int(codes.max(initial=0)))
        if self._has_keys:
            self._keep_smallest(codes, array)
            return codes
        distinct, first = np.unique(codes, return_index=True)
        fresh = [i for i, code in zip(first, distinct, strict=True) if code and int(code) not in self._labels]
        texts = array.field(1).take(arrow_positions(np.array(fresh, np.int64))).to_pylist()
        self._labels.update(zip((int(codes[i]) for i in fresh), texts, strict=True))
        return codes

    def _keep_smallest(self, codes: Codes, array: pa.StructArray) -> None:
        """Keep the keys of some rows, and the smallest text of each rank."""
        texts = array.field(1).dictionary_encode()
        different = codes.astype(np.uint64) << np.uint64(32) | _numbers(texts.indices)
        different[codes == 0] = 0
        _, first = np.unique(different, return_index=True)
        first = first[codes[first] > 0]
        places = arrow_positions(first.astype(np.int64))
        some = (array.field(field).take(places).to_pylist() for field in (1, 2))
        for code, text, key in zip(codes[first].tolist(), *some, strict=True):
            self._labels[code] = min(self._labels.get(code, text), text)
            self._keys[code] = key

    def dictionary(self) -> Dictionary:
        """Return the text of each rank; in a sample of the rows some ranks never occur and have none."""
        ranks = range(1, self.highest + 1)
        keys = [self._keys.get(code) for code in ranks]
        return LabelDictionary([self._labels.get(code) for code in ranks], keys if self._has_keys else None)


def _factor(size: int) -> int:
    """Return by how much a full table of so many values grows: a smaller one is filled anew more seldom."""
    return 4 if size < _LARGE else 2


def _grown(array: npt.NDArray[Any], used: int, size: int) -> npt.NDArray[Any]:
    """Return an array of more items, of which the first ``used`` are kept; the others take no memory yet."""
    grown = np.zeros(size, array.dtype)
    grown[:used] = array[:used]
    return grown


def _given_away(array: npt.NDArray[Any], begin: int, end: int) -> npt.NDArray[Any]:
    """Return a part of an array: a copy where the rest of it takes memory to speak of, else itself."""
    return array[begin:end] if array.size > _LARGE else array[begin:end].copy()


def _numbers(array: pa.Array) -> Codes:
    """Return an array of whole numbers as a new uint32[n], with any number for NULL.

    Arrow's own ``fill_null`` imports pandas, which takes longer than profiling a small table.
    """
    signed = "u" if pa.types.is_unsigned_integer(array.type) else "i"
    return _buffer(array, np.dtype(f"{signed}{array.type.bit_width // 8}")).astype(np.uint32)


def _clear_nulls(codes: Codes, array: pa.Array) -> None:
    """Set the codes of NULLs to 0."""
    mask = mask_of(array)
    if mask is not None:
        codes[~mask] = 0


def encoder_for(arrow_type: pa.DataType) -> Encoder:
    """Return an encoder for a column of this Arrow type.

    Raises
    ------
    TypeError
        The type has no encoder: the source must convert it to one that has.
    """
    if pa.types.is_dictionary(arrow_type):
        return EnumEncoder()
    if pa.types.is_struct(arrow_type):
        return RankEncoder(has_keys=arrow_type.num_fields > 2)
    if is_bytes(arrow_type) or pa.types.is_null(arrow_type):
        return BytesEncoder(arrow_type)
    if is_word(arrow_type):
        return WordEncoder(arrow_type)
    if pa.types.is_decimal(arrow_type):
        return BytesEncoder(arrow_type)
    raise TypeError(f"no encoder for the Arrow type {arrow_type}")


def is_word(arrow_type: pa.DataType) -> bool:
    """Whether values of this type are encoded as 64-bit words."""
    if pa.types.is_decimal(arrow_type):
        return bool(arrow_type.bit_width <= 64 or arrow_type.precision <= 18)
    return bool(pa.types.is_primitive(arrow_type))


def is_bytes(arrow_type: pa.DataType) -> bool:
    """Whether values of this type are texts or blobs."""
    return bool(
        pa.types.is_string(arrow_type)
        or pa.types.is_large_string(arrow_type)
        or pa.types.is_binary(arrow_type)
        or pa.types.is_large_binary(arrow_type)
    )


def _validity(array: pa.Array) -> tuple[npt.NDArray[np.uint8], int]:
    if pa.types.is_null(array.type):
        return np.frombuffer(bytes((len(array) + 7) // 8), np.uint8), 0
    buffer = array.buffers()[0]
    if array.null_count == 0 or buffer is None:
        return _NO_VALIDITY, 0
    return np.frombuffer(buffer, np.uint8), array.offset


def mask_of(array: pa.Array) -> npt.NDArray[np.bool_] | None:
    """Return which rows of an array are not NULL; None where all are."""
    validity, offset = _validity(array)
    if not validity.size:
        return None
    return np.unpackbits(validity, count=offset + len(array), bitorder="little")[offset:].astype(bool)


def words_of(array: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the bits of each value as read-only uint64[n], floats as doubles, with any bits for NULL."""
    kind = array.type
    if pa.types.is_boolean(kind):
        words = _buffer(array.cast(pa.uint8()), np.uint8).astype(np.uint64)
    elif pa.types.is_floating(kind):
        values = _buffer(array, np.dtype(f"f{kind.bit_width // 8}"))
        words = values.astype(np.float64, copy=False).view(np.uint64)
    elif kind.bit_width > 64:
        width = kind.bit_width // 64
        words = np.ascontiguousarray(_buffer(array, np.uint64, width)[::width])
    else:
        signed = "u" if pa.types.is_unsigned_integer(kind) else "i"
        values = _buffer(array, np.dtype(f"{signed}{kind.bit_width // 8}"))
        words = values.astype(np.int64, copy=False).view(np.uint64)
    words.setflags(write=False)
    return words


def _buffer(array: pa.Array, dtype: Any, width: int = 1) -> npt.NDArray[Any]:
    """Return the value buffer of a fixed-width array as numpy, ``width`` items per row."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array) * width, dtype)
    begin = array.offset * width * np.dtype(dtype).itemsize
    return np.frombuffer(data, dtype, len(array) * width, begin)


def _strings(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return offsets int64[n + 1] and bytes of a string, blob or wide decimal column."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.zeros(len(array) + 1, np.int64), _NO_VALIDITY
    if pa.types.is_decimal(kind):
        width = kind.bit_width // 8
        return np.arange(len(array) + 1, dtype=np.int64) * width, _buffer(array, np.uint8, width)
    is_large = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    width = np.dtype(np.int64 if is_large else np.int32)
    _, raw_offsets, data = array.buffers()
    if raw_offsets is None or raw_offsets.size == 0:
        return np.zeros(len(array) + 1, np.int64), _NO_VALIDITY
    offsets = np.frombuffer(raw_offsets, width, len(array) + 1, array.offset * width.itemsize).astype(np.int64)
    return offsets, _NO_VALIDITY if data is None else np.frombuffer(data, np.uint8)
