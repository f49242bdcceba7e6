"""What is known of the parts of combinations: sets of columns as bits of a Python integer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.workers import Combination

EVERYTHING = -1
"""The set of all columns, however many there are."""


def mask_of(columns: Iterable[int]) -> int:
    """Return a set of columns as bits.

    >>> mask_of([0, 2, 65]) == 1 + 4 + 2**65
    True
    """
    bits = 0
    for column in columns:
        bits |= 1 << column
    return bits


def matrix_of(masks: Sequence[int], columns: int) -> npt.NDArray[np.bool_]:
    """Return sets of columns as bool[sets, columns].

    >>> matrix_of([5, EVERYTHING], 3).tolist()
    [[True, False, True], [True, True, True]]
    """
    size, whole = -(-columns // 8), (1 << columns) - 1
    joined = b"".join((mask & whole).to_bytes(size, "little") for mask in masks)
    lines = np.frombuffer(joined, np.uint8).reshape(len(masks), size)
    return np.unpackbits(lines, axis=1, count=columns, bitorder="little").astype(np.bool_)


def proper_parts(combination: Combination) -> Iterator[Combination]:
    """Yield the parts of a combination, the smallest first, without the empty one and itself.

    >>> list(proper_parts((1, 2)))
    [(1,), (2,)]
    """
    for size in range(1, len(combination)):
        yield from combinations(combination, size)


class KnownOfParts:
    """A set of columns for each left side (ascending), and the union of those of a combination's proper parts."""

    def __init__(self) -> None:
        self._sets: dict[Combination, int] = {}

    def add(self, left: Combination, columns: int) -> None:
        """Add columns, as bits, to the set of a left side."""
        self._sets[left] = self._sets.get(left, 0) | columns

    def of(self, left: Combination) -> int:
        """Return the set of a left side itself."""
        return self._sets.get(left, 0)

    def of_parts(self, prefix: Combination, lasts: Sequence[int]) -> list[int]:
        """Return for a prefix with each further column the columns that are in a set of one of its proper parts."""
        sets = self._sets
        inside = sorted(prefix)
        parts = [part for size in range(len(inside) + 1) for part in combinations(inside, size)]
        common = 0
        for part in parts:
            common |= sets.get(part, 0)
        found = []
        for last in lasts:
            known = common
            for part in parts[:-1]:
                known |= sets.get(tuple(sorted((*part, last))), 0)
            found.append(known)
        return found
