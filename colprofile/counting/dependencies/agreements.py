"""Agreements: pairs of rows refute dependencies without looking at all rows.

Two rows that agree in the columns A and differ in the columns D refute every dependency X → Y with X ⊆ A and Y ∈ D,
and every key X ⊆ A. A few thousand pairs refute nearly all candidates, so that few are left to check on all rows (the
idea of HyFD, Papenbrock & Naumann, SIGMOD 2016).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dependencies.kernels import refute

Words = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.integer]

_MERGED_PAIRS = 1 << 14  # once there are so many new pairs, they are merged into the others
_MOST_PARTS = 32  # arrays of new pairs: some hold a single one


def mask_of(columns: Iterable[int], words: int) -> Words:
    """Return a set of columns as bits, uint64[words]: column j is bit j mod 64 of word j div 64.

    >>> mask_of([0, 2, 65], 2)
    array([5, 2], dtype=uint64)
    """
    bits = 0
    for column in columns:
        bits |= 1 << column
    return np.frombuffer(bits.to_bytes(8 * words, "little"), np.uint64)


def columns_of(mask: Words) -> list[int]:
    """Return the columns of a set of bits, ascending.

    >>> columns_of(mask_of([0, 2, 65], 2))
    [0, 2, 65]
    """
    return np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little")).tolist()


class Agreements:
    """Pairs of rows as bits: the columns in which they agree and in which they differ. Thread-safe.

    In the columns' codes 0 is NULL, which neither agrees nor differs.
    """

    def __init__(self, codes: Sequence[CodeArray]) -> None:
        self._codes = codes
        self.words = -(-max(1, len(codes)) // 64)
        self._known: Pairs = np.empty((0, 2 * self.words), np.uint64)
        self._new: list[Pairs] = []
        self._lock = threading.Lock()

    def add(self, first: Rows, second: Rows) -> None:
        """Add pairs of rows: two arrays of row numbers of the same length."""
        pairs = np.zeros((first.size, 2 * self.words), np.uint64)
        for column, codes in enumerate(self._codes):
            a, b = codes[first], codes[second]
            filled = (a != 0) & (b != 0)
            bit = np.uint64(column % 64)
            same = a == b
            word = column // 64
            pairs[:, word] |= (same & filled).astype(np.uint64) << bit
            pairs[:, self.words + word] |= (~same & filled).astype(np.uint64) << bit
        pairs = _distinct(pairs)
        with self._lock:
            self._new.append(pairs)
            if len(self._new) > _MOST_PARTS:
                self._new = [_distinct(np.concatenate(self._new))]
            if sum(map(len, self._new)) > max(_MERGED_PAIRS, len(self._known) // 2):
                self._known, self._new = _distinct(np.concatenate([self._known, *self._new])), []

    def within(self, columns: Iterable[int]) -> Pairs:
        """Return the pairs that agree in all of these columns, uint64[pairs, 2 · words]: agreeing, then differing."""
        mask = mask_of(columns, self.words)
        parts = self._parts()
        return np.concatenate([part[(part[:, : self.words] & mask == mask).all(axis=1)] for part in parts])

    def _parts(self) -> list[Pairs]:
        with self._lock:
            return [self._known, *self._new]

    def refuted(self, columns: Iterable[int], pairs: Pairs | None = None) -> tuple[Words, bool]:
        """Return the columns that these do not determine, and whether some pair shows that they are no key.

        Only ``pairs`` are looked at where they are given: from ``within`` of a subset of the columns.
        """
        mask = mask_of(columns, self.words)
        differing = np.zeros(self.words, np.uint64)
        hits = [refute(part, mask, differing) for part in (self._parts() if pairs is None else [pairs])]
        return differing, any(hits)


def _distinct(pairs: Pairs) -> Pairs:
    """Return the distinct lines, sorted as opaque bytes."""
    lines = np.ascontiguousarray(pairs).view(np.dtype((np.void, pairs.dtype.itemsize * pairs.shape[1]))).ravel()
    return np.unique(lines).view(np.uint64).reshape(-1, pairs.shape[1])
