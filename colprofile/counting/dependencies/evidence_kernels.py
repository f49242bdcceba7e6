"""Kernels on pairs of rows: in which columns they agree and differ, and what that refutes."""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled


@compiled
def compare_rows(codes: Any, first: Any, second: Any, agreeing: Any, differing: Any) -> None:
    """Set the bits (uint64[words], zeros) of the pairs of rows that agree in a column, and of those that differ.

    Code 0 is NULL, which neither agrees nor differs.
    """
    one = np.uint64(1)
    for i in range(first.size):
        a = codes[first[i]]
        b = codes[second[i]]
        if a == 0 or b == 0:
            continue
        bit = one << np.uint64(i & 63)
        if a == b:
            agreeing[i >> 6] |= bit
        else:
            differing[i >> 6] |= bit


@compiled
def refute_each(
    agreeing: Any, differing: Any, places: Any, bits: Any, lasts: Any, wanted: Any, refuted: Any, is_shared: Any
) -> Any:
    """Mark the wanted targets (bool[lasts, columns]) that pairs refute, for a prefix and each of ``lasts``.

    ``places`` and ``bits`` are the words of the pairs that agree in the prefix. Return how many words were looked at.
    """
    kept = np.empty(places.size, np.int64)
    kept_bits = np.empty(places.size, np.uint64)
    steps = 0
    for n in range(lasts.size):
        used = 0
        for i in range(places.size):
            both = bits[i] & agreeing[lasts[n], places[i]]
            if both:
                kept[used] = places[i]
                kept_bits[used] = both
                used += 1
        steps += places.size
        is_shared[n] = used > 0
        for target in range(wanted.shape[1]):
            if not wanted[n, target]:
                continue
            steps += 1
            for i in range(used):
                if kept_bits[i] & differing[target, kept[i]]:
                    refuted[n, target] = True
                    steps += i
                    break
            if not refuted[n, target]:
                steps += used
    return steps
