"""Numbers for equal 64-bit hashes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.marginal import Counts

_FEW = 256
"""Up to so many hashes Python is faster than a call of Arrow."""


def group_numbers(hashes: npt.NDArray[np.uint64]) -> Counts:
    """Return for each hash the number of its group, from 0 in the order of first appearance.

    >>> group_numbers(np.array([7, 9, 7], np.uint64)).tolist()
    [0, 1, 0]
    """
    if hashes.size <= _FEW:
        numbers: dict[int, int] = {}
        return np.array([numbers.setdefault(word, len(numbers)) for word in hashes.tolist()], np.int64)
    words = pa.Array.from_buffers(pa.uint64(), hashes.size, [None, pa.py_buffer(np.ascontiguousarray(hashes))])
    indices = words.dictionary_encode().indices
    return np.frombuffer(indices.buffers()[1], np.int32, len(indices), 4 * indices.offset).astype(np.int64)
