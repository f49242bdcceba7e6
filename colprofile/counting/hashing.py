"""Hash kernels: they turn a column's values into dictionary codes, with one open-addressing table per column.

Codes count from 1 in order of first appearance; 0 is NULL. If the table or the arena is full, a kernel stops and
returns the row. The caller enlarges them and calls it again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from colprofile.compiled import compiled, inlined

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP vol. 3, 6.4)
_NEGATIVE_ZERO, _INFINITY, _NAN = np.array([-0.0, np.inf, np.nan]).view(np.uint64)
_FINISHER = np.uint64(0xBF58476D1CE4E5B9)  # splitmix64


@intrinsic
def _typed_load_word(typing_context: Any, address: Any) -> Any:
    """Load eight bytes from any address, for which numpy would need an aligned view."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        word = builder.load(pointer, typ=ir.IntType(64))
        word.align = 1
        return word

    return types.uint64(types.uint64), generate


_load_word: Any = _typed_load_word


@inlined
def _mix(word: Any) -> Any:
    word = word * _MULTIPLIER
    return (word ^ (word >> np.uint64(32))) * _FINISHER


@inlined
def _is_null(validity: Any, position: Any) -> Any:
    return (validity[position >> 3] >> (position & 7)) & 1 == 0


@compiled
def encode_words(
    words: Any,
    is_float: Any,
    validity: Any,
    validity_offset: Any,
    start: Any,
    slots: Any,
    keys: Any,
    used: Any,
    out: Any,
) -> Any:
    """Encode 64-bit values.

    Parameters
    ----------
    words
        uint64[n]: the values' bits.
    is_float
        Whether they are doubles: −0.0 then equals 0.0, and all NaN are equal.
    validity, validity_offset
        uint8[]: Arrow's validity bitmap, empty without NULLs, and the bit of row 0.
    start
        The first row to encode.
    slots
        uint32[2^b]: the table of codes; 0 is a free slot.
    keys
        uint64[capacity]: the value of each code; ``capacity`` is at most 2^(b−1).
    used
        The highest code so far.
    out
        uint32[n]: the codes.

    Returns
    -------
    (row, used): the first row that is not encoded, n at the end, and the highest code.
    """
    mask = np.uint64(slots.size - 1)
    has_nulls = validity.size > 0
    capacity = keys.size - 1
    for i in range(start, words.size):
        if has_nulls and _is_null(validity, validity_offset + i):
            out[i] = 0
            continue
        word = words[i]
        if is_float:
            if word == _NEGATIVE_ZERO:
                word = np.uint64(0)
            elif word & ~_NEGATIVE_ZERO > _INFINITY:
                word = _NAN
        slot = (_mix(word) >> np.uint64(32)) & mask
        while True:
            code = slots[slot]
            if code == 0:
                if used >= capacity:
                    return i, used
                used += 1
                slots[slot] = used
                keys[used] = word
                out[i] = used
                break
            if keys[code] == word:
                out[i] = code
                break
            slot = (slot + np.uint64(1)) & mask
    return words.size, used


@compiled
def fill_slots(keys: Any, is_hashed: Any, used: Any, slots: Any) -> None:
    """Fill the empty table ``slots`` with codes 1 … used, whose values or hashes (``is_hashed``) are in ``keys``."""
    mask = np.uint64(slots.size - 1)
    for code in range(1, used + 1):
        hashed = keys[code] if is_hashed else _mix(keys[code])
        slot = (hashed >> np.uint64(32)) & mask
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code


@inlined
def _tail_word(address: Any, data: Any, position: Any, length: Any) -> Any:
    """Return ``length`` (1 … 7) bytes from ``position`` as a word, without reading past the buffer."""
    if position + 8 <= data.size:
        return _load_word(np.uint64(address + position)) & ((np.uint64(1) << np.uint64(8 * length)) - np.uint64(1))
    word = np.uint64(0)
    for i in range(length):
        word |= np.uint64(data[position + i]) << np.uint64(8 * i)
    return word


@inlined
def hash_bytes(address: Any, data: Any, position: Any, length: Any) -> Any:
    """Return a hash of ``length`` bytes of ``data``, which begins at ``address``; one to one up to eight bytes."""
    accumulated = np.uint64(length) * _MULTIPLIER
    end = position + length
    while position + 8 <= end:
        accumulated = _mix(accumulated ^ _load_word(np.uint64(address + position)))
        position += 8
    if position < end:
        accumulated = _mix(accumulated ^ _tail_word(address, data, position, end - position))
    return accumulated


@inlined
def _same_bytes(address: Any, data: Any, position: Any, length: Any, arena_address: Any, arena: Any, at: Any) -> Any:
    end = position + length
    while position + 8 <= end:
        if _load_word(np.uint64(address + position)) != _load_word(np.uint64(arena_address + at)):
            return False
        position += 8
        at += 8
    if position < end:
        rest = end - position
        return _tail_word(address, data, position, rest) == _tail_word(arena_address, arena, at, rest)
    return True


@compiled
def encode_bytes(
    offsets: Any,
    data: Any,
    validity: Any,
    validity_offset: Any,
    start: Any,
    slots: Any,
    hashes: Any,
    arena: Any,
    ends: Any,
    used: Any,
    out: Any,
) -> Any:
    """Encode byte strings. Strings whose 64-bit hashes are equal are compared byte by byte.

    Parameters
    ----------
    offsets, data
        int64[n + 1] and uint8[]: Arrow's layout of a string column.
    validity, validity_offset, start, slots, used, out
        As in ``encode_words``.
    hashes
        uint64[capacity]: the 64-bit hash of each code.
    arena, ends
        uint8[]: the distinct strings, one after the other; int64[capacity]: where the string of each code ends.

    Returns
    -------
    (row, used, wanted): the first row that is not encoded, the highest code, and the size in bytes that the arena needs
    (0 if the table is full instead).
    """
    mask = np.uint64(slots.size - 1)
    has_nulls = validity.size > 0
    capacity = hashes.size - 1
    address = data.ctypes.data
    arena_address = arena.ctypes.data
    safe = data.size - 7  # where eight bytes can be loaded
    rows = offsets.size - 1
    for i in range(start, rows):
        if has_nulls and _is_null(validity, validity_offset + i):
            out[i] = 0
            continue
        position = offsets[i]
        length = offsets[i + 1] - position
        if length <= 8 and position < safe:
            # Most texts fit into a word: load eight bytes and clear those after the text.
            word = _load_word(np.uint64(address + position))
            if length < 8:
                word &= (np.uint64(1) << np.uint64(8 * length)) - np.uint64(1)
            hashed = _mix((np.uint64(length) * _MULTIPLIER) ^ word)
        else:
            hashed = hash_bytes(address, data, position, length)
        slot = (hashed >> np.uint64(32)) & mask
        while True:
            code = slots[slot]
            if code == 0:
                if used >= capacity:
                    return i, used, 0
                begin = ends[used]
                if begin + length > arena.size:
                    return i, used, begin + length
                for j in range(length):
                    arena[begin + j] = data[position + j]
                used += 1
                slots[slot] = used
                hashes[used] = hashed
                ends[used] = begin + length
                out[i] = used
                break
            if hashes[code] == hashed:
                at = ends[code - 1]
                # For a given length of up to eight bytes, equal hashes mean equal bytes: the hash is a bijection.
                if ends[code] - at == length and (
                    length <= 8 or _same_bytes(address, data, position, length, arena_address, arena, at)
                ):
                    out[i] = code
                    break
            slot = (slot + np.uint64(1)) & mask
    return rows, used, 0
