"""Encoders: Arrow arrays of one column in, dictionary codes out; what they have seen is the column's Dictionary.

Equality is DuckDB's: NaN equals NaN, −0.0 equals 0.0, NULL is code 0.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import (
    BytesDictionary,
    Dictionary,
    LabelDictionary,
    WordDictionary,
    arrow_positions,
)
from colprofile.counting.hashing import encode_bytes, encode_words, rehash_bytes, rehash_words

Codes = npt.NDArray[np.uint32]

# Kernels are compiled once for read-only inputs: Arrow's buffers are, so ours must be too.
_NO_VALIDITY: npt.NDArray[np.uint8] = np.frombuffer(b"", np.uint8)
_INITIAL_CODES = 1 << 10


class Encoder(Protocol):
    """Turns arrays of one column into codes, and knows the values behind them."""

    @property
    def highest(self) -> int:
        """No code so far is higher."""
        ...

    def encode(self, array: pa.Array) -> Codes:
        """Return uint32[len(array)]: 0 for NULL, else codes from 1 in order of first appearance.

        The next call may write over what was returned.
        """
        ...

    def dictionary(self) -> Dictionary:
        """Return the values seen so far."""
        ...


class _Scratch:
    """Room for the codes of one batch, used again for the next."""

    def __init__(self) -> None:
        self._codes: Codes = np.empty(0, np.uint32)

    def room(self, rows: int) -> Codes:
        if self._codes.size < rows:
            self._codes = np.empty(rows, np.uint32)
        return self._codes[:rows]


class WordEncoder:
    """Encodes what fits 64 bits: integers, floats, booleans, dates, times, timestamps, narrow decimals."""

    def __init__(self, arrow_type: pa.DataType) -> None:
        self._type = arrow_type
        self._scratch = _Scratch()
        self._slots = np.zeros(2 * _INITIAL_CODES, np.uint32)
        self._keys = np.zeros(_INITIAL_CODES, np.uint64)
        self._used = 0

    @property
    def highest(self) -> int:
        """The number of values seen so far."""
        return self._used

    def encode(self, array: pa.Array) -> Codes:
        """Encode one array of the type that the encoder was made for."""
        words = _words(array)
        is_float = pa.types.is_floating(array.type)
        validity, offset = _validity(array)
        out = self._scratch.room(len(array))
        row = 0
        while True:
            row, self._used = encode_words(
                words, is_float, validity, offset, row, self._slots, self._keys, self._used, out
            )
            if row == len(array):
                return out
            self._grow()

    def _grow(self) -> None:
        self._keys = np.concatenate([self._keys, np.zeros(3 * self._keys.size, np.uint64)])
        self._slots = np.zeros(2 * self._keys.size, np.uint32)
        rehash_words(self._keys, self._used, self._slots)

    def dictionary(self) -> Dictionary:
        """Return the values seen so far."""
        return WordDictionary(self._keys[1 : self._used + 1].copy(), self._type)


class BytesEncoder:
    """Encodes strings and blobs, and as 16-byte strings what needs 128 bits."""

    def __init__(self, arrow_type: pa.DataType) -> None:
        self._type = arrow_type
        self._scratch = _Scratch()
        self._slots = np.zeros(2 * _INITIAL_CODES, np.uint32)
        self._hashes = np.zeros(_INITIAL_CODES, np.uint64)
        self._ends = np.zeros(_INITIAL_CODES, np.int64)
        self._arena = np.zeros(1 << 14, np.uint8)
        self._used = 0

    @property
    def highest(self) -> int:
        """The number of values seen so far."""
        return self._used

    def encode(self, array: pa.Array) -> Codes:
        """Encode one array of the type that the encoder was made for."""
        offsets, data = _strings(array)
        validity, validity_offset = _validity(array)
        out = self._scratch.room(len(array))
        row = 0
        while True:
            row, self._used, wanted = encode_bytes(
                offsets,
                data,
                validity,
                validity_offset,
                row,
                self._slots,
                self._hashes,
                self._arena,
                self._ends,
                self._used,
                out,
            )
            if row == len(array):
                return out
            if wanted:
                room = np.zeros(max(2 * self._arena.size, wanted), np.uint8)
                room[: self._arena.size] = self._arena
                self._arena = room
            else:
                self._grow()

    def _grow(self) -> None:
        more = 3 * self._hashes.size
        self._hashes = np.concatenate([self._hashes, np.zeros(more, np.uint64)])
        self._ends = np.concatenate([self._ends, np.zeros(more, np.int64)])
        self._slots = np.zeros(2 * self._hashes.size, np.uint32)
        rehash_bytes(self._hashes, self._used, self._slots)

    def dictionary(self) -> Dictionary:
        """Return the values seen so far."""
        ends = self._ends[: self._used + 1].copy()
        return BytesDictionary(self._arena[: int(ends[-1])].copy(), ends, self._type)


class EnumEncoder:
    """Encodes Arrow dictionary arrays (DuckDB's ENUM): the labels come with every array and never change."""

    def __init__(self) -> None:
        self._labels: list[str] = []
        self.highest = 0

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
        """Return all labels of the type, in its order; those that never occur get the count 0."""
        return LabelDictionary(self._labels)


class RankEncoder:
    """Encodes what only the database can compare: arrives as struct(rank, text), rank from 1 in database order."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        self.highest = 0

    def encode(self, array: pa.StructArray) -> Codes:
        """Return each row's rank."""
        ranks = array.field(0)
        codes = _numbers(ranks)
        _clear_nulls(codes, ranks)
        distinct, first = np.unique(codes, return_index=True)
        fresh = [i for i, code in zip(first, distinct, strict=True) if code and int(code) not in self._labels]
        texts = array.field(1).take(arrow_positions(np.array(fresh, np.int64))).to_pylist()
        self._labels.update(zip((int(codes[i]) for i in fresh), texts, strict=True))
        self.highest = max(self.highest, int(codes.max(initial=0)))
        return codes

    def dictionary(self) -> Dictionary:
        """Return the text of each rank; in a sample of the rows some ranks never occur and have none."""
        return LabelDictionary([self._labels.get(code) for code in range(1, self.highest + 1)])


def _numbers(array: pa.Array) -> Codes:
    """Return an array of whole numbers as uint32[n] of its own; what lies under a NULL is arbitrary.

    Arrow's own ``fill_null`` imports pandas, which takes longer than a small table's whole profile.
    """
    signed = "u" if pa.types.is_unsigned_integer(array.type) else "i"
    return _buffer(array, np.dtype(f"{signed}{array.type.bit_width // 8}")).astype(np.uint32)


def _clear_nulls(codes: Codes, array: pa.Array) -> None:
    """Make the codes of NULLs 0."""
    validity, offset = _validity(array)
    if validity.size:
        codes[np.unpackbits(validity, count=offset + codes.size, bitorder="little")[offset:] == 0] = 0


def encoder_for(arrow_type: pa.DataType) -> Encoder:
    """Return an encoder for a column of this Arrow type.

    Raises
    ------
    TypeError
        The type has no encoder: the source must project it to one that has.
    """
    if pa.types.is_dictionary(arrow_type):
        return EnumEncoder()
    if pa.types.is_struct(arrow_type):
        return RankEncoder()
    if _is_bytes(arrow_type) or pa.types.is_null(arrow_type):
        return BytesEncoder(arrow_type)
    if pa.types.is_decimal(arrow_type) and arrow_type.bit_width > 64 and arrow_type.precision > 18:
        return BytesEncoder(arrow_type)
    if pa.types.is_primitive(arrow_type) or pa.types.is_decimal(arrow_type):
        return WordEncoder(arrow_type)
    raise TypeError(f"no encoder for the Arrow type {arrow_type}")


def _is_bytes(arrow_type: pa.DataType) -> bool:
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


def _words(array: pa.Array) -> npt.NDArray[np.uint64]:
    """Return each value's bits as uint64[n], read-only, floats as doubles; what lies under a NULL is arbitrary."""
    kind = array.type
    if pa.types.is_boolean(kind):
        words = _buffer(array.cast(pa.uint8()), np.uint8).astype(np.uint64)
    elif pa.types.is_floating(kind):
        values = _buffer(array, np.dtype(f"f{kind.bit_width // 8}"))
        words = values.astype(np.float64, copy=False).view(np.uint64)
    elif kind.bit_width == 128:
        words = np.ascontiguousarray(_buffer(array, np.uint64, 2)[::2])
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
    """Return offsets int64[n + 1] and bytes of a string, blob or 128-bit column."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.zeros(len(array) + 1, np.int64), _NO_VALIDITY
    if pa.types.is_decimal(kind):
        offsets = np.arange(len(array) + 1, dtype=np.int64) * 16
        return offsets, _buffer(array, np.uint8, 16)
    is_large = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    width = np.dtype(np.int64 if is_large else np.int32)
    _, raw_offsets, data = array.buffers()
    if raw_offsets is None or raw_offsets.size == 0:
        return np.zeros(len(array) + 1, np.int64), _NO_VALIDITY
    offsets = np.frombuffer(raw_offsets, width, len(array) + 1, array.offset * width.itemsize).astype(np.int64)
    return offsets, _NO_VALIDITY if data is None else np.frombuffer(data, np.uint8)
