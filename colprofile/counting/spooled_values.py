"""How the values of a column are written to a file, put in order, and read as a dictionary that is mapped."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import (
    BytesDictionary,
    Dictionary,
    Positions,
    WordDictionary,
    arrow_positions,
    byte_order,
)
from colprofile.counting.encoder import BytesEncoder, WordEncoder, is_bytes, is_word, mask_of, words_of
from colprofile.counting.scratch import Scratch, blocks
from colprofile.counting.splitters import parts_of_bytes

_WORD_COST = 64
"""Bytes that a value takes while it is encoded and sorted: the word, its place in the table, its rank, copies."""

Mask = npt.NDArray[np.bool_]


class Values(ABC):
    """How the values of a type are written to a file: as Arrow arrays without NULL that sort as the values do."""

    stored: pa.DataType

    @abstractmethod
    def of(self, array: pa.Array) -> tuple[pa.Array, Mask | None]:
        """Return the values of an array that are not NULL, and which rows have one; None where all have."""

    @abstractmethod
    def at(self, dictionary: Dictionary, positions: Positions) -> pa.Array:
        """Return the values at some positions of a dictionary of the column."""

    @abstractmethod
    def parts(self, values: pa.Array, splitters: pa.Array) -> npt.NDArray[np.int64]:
        """Return for each value how many of the ascending splitters are at or below it."""

    @abstractmethod
    def sort(self, values: pa.Array) -> Positions:
        """Return the positions of some values in their order."""

    @abstractmethod
    def size(self, dictionary: Dictionary) -> int:
        """Return how many bytes the values of a dictionary of the column take."""

    @abstractmethod
    def cost(self, values: int, size: int) -> int:
        """Return the bytes that so many different values of ``size`` bytes take while they are encoded and sorted."""

    @abstractmethod
    def encoder(self) -> WordEncoder | BytesEncoder:
        """Return a new encoder of what is written."""

    @abstractmethod
    def writer(self, scratch: Scratch) -> DictionaryWriter:
        """Return what makes a dictionary of values that come in their order."""


class DictionaryWriter(ABC):
    """Writes the values of a dictionary, part by part, in their order."""

    @abstractmethod
    def add(self, part: Dictionary, order: Positions) -> None:
        """Add the values of a part."""

    @abstractmethod
    def dictionary(self) -> Dictionary:
        """Return all of them, mapped."""


class WordValues(Values):
    """Values of a fixed-width type, as unsigned words that sort as they do."""

    stored = pa.uint64()

    def __init__(self, arrow_type: pa.DataType) -> None:
        self._type = arrow_type

    def of(self, array: pa.Array) -> tuple[pa.Array, Mask | None]:
        """Return the words of an array."""
        words, mask = words_of(array), mask_of(array)
        return _word_array(ordered_words(words if mask is None else words[mask], self._type)), mask

    def at(self, dictionary: Dictionary, positions: Positions) -> pa.Array:
        """Return some words of a dictionary."""
        assert isinstance(dictionary, WordDictionary)
        return _word_array(ordered_words(dictionary.words[positions], self._type))

    def parts(self, values: pa.Array, splitters: pa.Array) -> npt.NDArray[np.int64]:
        """Return the part of each word."""
        return np.searchsorted(_words_in(splitters), _words_in(values), side="right")

    def sort(self, values: pa.Array) -> Positions:
        """Return the words' order."""
        return np.argsort(_words_in(values))

    def size(self, dictionary: Dictionary) -> int:
        """Return the bytes of its words."""
        return 8 * dictionary.size

    def cost(self, values: int, size: int) -> int:
        """Return the bytes of so many words."""
        return _WORD_COST * values

    def encoder(self) -> WordEncoder:
        """Return an encoder of unsigned words."""
        return WordEncoder(self.stored)

    def writer(self, scratch: Scratch) -> DictionaryWriter:
        """Return what writes the words as they are in the column."""
        return _WordWriter(self._type, scratch)


class BytesValues(Values):
    """Texts and blobs."""

    stored = pa.large_binary()

    def __init__(self, arrow_type: pa.DataType) -> None:
        self._type = arrow_type

    def of(self, array: pa.Array) -> tuple[pa.Array, Mask | None]:
        """Return the bytes of an array."""
        mask = mask_of(array)
        if mask is not None:
            array = array.take(arrow_positions(np.flatnonzero(mask)))
        return array.cast(self.stored), mask

    def at(self, dictionary: Dictionary, positions: Positions) -> pa.Array:
        """Return some byte strings of a dictionary."""
        assert isinstance(dictionary, BytesDictionary)
        return dictionary.array.take(arrow_positions(positions))

    def parts(self, values: pa.Array, splitters: pa.Array) -> npt.NDArray[np.int64]:
        """Return the part of each byte string."""
        found = np.empty(len(values), np.int64)
        parts_of_bytes(*bytes_of(values), *bytes_of(splitters), found)
        return found

    def sort(self, values: pa.Array) -> Positions:
        """Return the byte order."""
        return byte_order(values)

    def size(self, dictionary: Dictionary) -> int:
        """Return the bytes of its texts and of where they end."""
        assert isinstance(dictionary, BytesDictionary)
        return int(dictionary.array.nbytes)

    def cost(self, values: int, size: int) -> int:
        """Return the bytes of so many byte strings: they are held twice while the arena grows."""
        return _WORD_COST * values + 2 * size

    def encoder(self) -> BytesEncoder:
        """Return an encoder of byte strings."""
        return BytesEncoder(self.stored)

    def writer(self, scratch: Scratch) -> DictionaryWriter:
        """Return what writes the byte strings and where each ends."""
        return _BytesWriter(self._type, scratch)


class _WordWriter(DictionaryWriter):
    def __init__(self, arrow_type: pa.DataType, scratch: Scratch) -> None:
        self._type, self._scratch, self._file = arrow_type, scratch, scratch.file()

    def add(self, part: Dictionary, order: Positions) -> None:
        assert isinstance(part, WordDictionary)
        for some in blocks(order.size):
            self._file.append(native_words(part.words[order[some]], self._type))

    def dictionary(self) -> Dictionary:
        return WordDictionary(self._scratch.mapped(self._file, np.uint64), self._type, self._scratch)


class _BytesWriter(DictionaryWriter):
    def __init__(self, arrow_type: pa.DataType, scratch: Scratch) -> None:
        self._type, self._scratch = arrow_type, scratch
        self._arena, self._ends = scratch.file(), scratch.file()
        self._ends.append(np.zeros(1, np.int64))

    def add(self, part: Dictionary, order: Positions) -> None:
        assert isinstance(part, BytesDictionary)
        for some in part.bounded_blocks(order):
            ends, data = bytes_of(part.array.take(arrow_positions(some)))
            begin = self._arena.append(data[int(ends[0]) : int(ends[-1])])
            self._ends.append(ends[1:] - ends[0] + begin)

    def dictionary(self) -> Dictionary:
        arena = self._scratch.mapped(self._arena, np.uint8)
        return BytesDictionary(arena, self._scratch.mapped(self._ends, np.int64), self._type, self._scratch)


_SIGN = np.uint64(1 << 63)
_INFINITY, _NAN = np.array([np.inf, np.nan]).view(np.uint64)


def ordered_words(words: npt.NDArray[np.uint64], arrow_type: pa.DataType) -> npt.NDArray[np.uint64]:
    """Return words that sort as unsigned numbers as the values do, NaN last.

    −0.0 becomes 0.0, and all NaN one.

    >>> numbers = np.array([1.5, -2.0, 0.0, np.nan, -np.inf])
    >>> numbers[np.argsort(ordered_words(numbers.view(np.uint64), pa.float64()))].tolist()
    [-inf, -2.0, 0.0, 1.5, nan]
    """
    if pa.types.is_floating(arrow_type):
        words = np.where(words & ~_SIGN > _INFINITY, _NAN, np.where(words == _SIGN, np.uint64(0), words))
        return np.where(words & _SIGN, ~words, words | _SIGN)
    return words if _is_unsigned(arrow_type) else words ^ _SIGN


def native_words(words: npt.NDArray[np.uint64], arrow_type: pa.DataType) -> npt.NDArray[np.uint64]:
    """Return the words that ``ordered_words`` made these of, with −0.0 as 0.0 and every NaN as one."""
    if pa.types.is_floating(arrow_type):
        return np.where(words & _SIGN, words ^ _SIGN, ~words)
    return words if _is_unsigned(arrow_type) else words ^ _SIGN


def _is_unsigned(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_unsigned_integer(arrow_type))


def _word_array(words: npt.NDArray[np.uint64]) -> pa.Array:
    return pa.Array.from_buffers(pa.uint64(), words.size, [None, pa.py_buffer(np.ascontiguousarray(words))])


def _words_in(array: pa.Array) -> npt.NDArray[np.uint64]:
    data = array.buffers()[1]
    return np.empty(0, np.uint64) if data is None else np.frombuffer(data, np.uint64, len(array), 8 * array.offset)


def bytes_of(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return offsets and bytes of an array of byte strings, read-only."""
    _, offsets, data = array.buffers()
    ends = np.zeros(1, np.int64)
    if offsets is not None and offsets.size:
        ends = np.frombuffer(offsets, np.int64, len(array) + 1, 8 * array.offset)
    texts = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    ends.setflags(write=False)
    texts.setflags(write=False)
    return ends, texts


def values_for(arrow_type: pa.DataType) -> Values | None:
    """Return how the values of a column are written; None of types that have few values, or texts of no order."""
    if is_word(arrow_type):
        return WordValues(arrow_type)
    return BytesValues(arrow_type) if is_bytes(arrow_type) else None
