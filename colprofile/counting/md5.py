"""Hash buckets: the md5 of many byte strings, so that a value's bucket is the same in every version and engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled, inlined

_SHIFTS = np.array([[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]], np.uint32)
_SINES = np.floor(np.abs(np.sin(np.arange(1, 65, dtype=np.float64))) * 2.0**32).astype(np.uint32)


def md5_buckets(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], buckets: int) -> npt.NDArray[np.int64]:
    """Return the bucket of each byte string: the first eight hexadecimal digits of its md5, modulo ``buckets``.

    Parameters
    ----------
    offsets, data
        int64[n + 1] and uint8: string i is ``data[offsets[i]:offsets[i + 1]]``.
    buckets
        How many there are, from 1.

    Notes
    -----
    Rivest (1992), RFC 1321. The same as ``int(hashlib.md5(text).hexdigest()[:8], 16) % buckets``, and in SQL as
    ``('0x' || md5(text)[:8])::ubigint % buckets``. Not for secrets.

    >>> md5_buckets(np.array([0, 3]), np.frombuffer(b"abc", np.uint8), 1024).tolist()
    [152]
    """
    heads = np.empty(offsets.size - 1, np.uint32)
    read_only_offsets, read_only_data = offsets.view(), data.view()
    read_only_offsets.setflags(write=False)
    read_only_data.setflags(write=False)
    md5_heads(read_only_offsets, read_only_data, heads)
    return heads.astype(np.int64) % buckets


@compiled
def md5_heads(offsets: Any, data: Any, out: Any) -> None:
    """Write the first four bytes of each string's md5, most significant first, to ``out``."""
    words = np.empty(16, np.uint32)
    for item in range(out.size):
        begin = offsets[item]
        size = offsets[item + 1] - begin
        a, b, c, d = np.uint32(0x67452301), np.uint32(0xEFCDAB89), np.uint32(0x98BADCFE), np.uint32(0x10325476)
        for block in range((size + 8) // 64 + 1):
            _load_block(data, begin, size, block * 64, words)
            a, b, c, d = _block(a, b, c, d, words)
        out[item] = (
            ((a & np.uint32(0xFF)) << np.uint32(24))
            | ((a & np.uint32(0xFF00)) << np.uint32(8))
            | ((a >> np.uint32(8)) & np.uint32(0xFF00))
            | (a >> np.uint32(24))
        )


@inlined
def _load_block(data: Any, begin: Any, size: Any, at: Any, words: Any) -> None:
    """Fill 16 little-endian words with the 64 bytes from ``at`` on, padding and length included."""
    for k in range(16):
        words[k] = np.uint32(0)
    there = min(size - at, 64)
    for k in range(there):
        words[k >> 2] |= np.uint32(data[begin + at + k]) << np.uint32(8 * (k & 3))
    if 0 <= there < 64:
        words[there >> 2] |= np.uint32(0x80) << np.uint32(8 * (there & 3))
    if size - at < 56:
        words[14] = np.uint32((size * 8) & 0xFFFFFFFF)
        words[15] = np.uint32((size * 8) >> 32)


@inlined
def _rotated(value: Any, shift: Any) -> Any:
    return np.uint32(np.uint32(value << shift) | np.uint32(value >> np.uint32(np.uint32(32) - shift)))


@inlined
def _block(a0: Any, b0: Any, c0: Any, d0: Any, words: Any) -> Any:
    a, b, c, d = a0, b0, c0, d0
    for k in range(16):
        f = np.uint32(d ^ (b & (c ^ d)))
        a = np.uint32(b + _rotated(np.uint32(a + f + _SINES[k] + words[k]), _SHIFTS[0, k & 3]))
        a, b, c, d = d, a, b, c
    for k in range(16):
        f = np.uint32(c ^ (d & (b ^ c)))
        a = np.uint32(b + _rotated(np.uint32(a + f + _SINES[16 + k] + words[(5 * k + 1) & 15]), _SHIFTS[1, k & 3]))
        a, b, c, d = d, a, b, c
    for k in range(16):
        f = np.uint32(b ^ c ^ d)
        a = np.uint32(b + _rotated(np.uint32(a + f + _SINES[32 + k] + words[(3 * k + 5) & 15]), _SHIFTS[2, k & 3]))
        a, b, c, d = d, a, b, c
    for k in range(16):
        f = np.uint32(c ^ np.uint32(b | ~d))
        a = np.uint32(b + _rotated(np.uint32(a + f + _SINES[48 + k] + words[(7 * k) & 15]), _SHIFTS[3, k & 3]))
        a, b, c, d = d, a, b, c
    return np.uint32(a0 + a), np.uint32(b0 + b), np.uint32(c0 + c), np.uint32(d0 + d)
