"""Pairs of a table that has too many of them, or too little time: those of the columns with the fewest values first."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from colprofile.results.pair import PairProfile

Pair = tuple[int, int]

PAIR_BYTES = 2_000
"""Memory that the profile of a pair takes."""

_FIRST_BATCH = 64
_LEAST_BATCH = 8
_SHARE = 4  # a batch takes this part of the time that is left, so that the last one ends in time


class CountPairs(Protocol):
    """What counts given pairs of column numbers, of ``total`` of which ``begun`` were counted before."""

    def __call__(self, pairs: Sequence[Pair], begun: int = 0, total: int | None = None) -> list[PairProfile]:
        """Return their profiles."""


def pairs_in_order(distinct: Sequence[int]) -> Iterator[Pair]:
    """Yield all pairs of columns, those of the columns with the fewest values first, and of constant ones last.

    >>> list(pairs_in_order([9, 1, 2]))
    [(0, 2), (1, 2), (0, 1)]
    """
    order = sorted(range(len(distinct)), key=lambda j: (distinct[j] < 2, distinct[j], j))
    for place, last in enumerate(order):
        for other in order[:place]:
            yield min(other, last), max(other, last)


def bounded_pairs(distinct: Sequence[int], most: int, until: float, count: CountPairs) -> list[PairProfile]:
    """Return the profiles of at most so many pairs, counted until a time on the clock of ``time.monotonic``.

    ``distinct`` are the numbers of values of each column. The profiles are in the order of the columns.
    """
    chosen = list(islice(pairs_in_order(distinct), most))
    if math.isinf(until):
        return count(sorted(chosen))
    found: dict[Pair, PairProfile] = {}
    size = _FIRST_BATCH
    while len(found) < len(chosen) and (begun := time.monotonic()) < until:
        batch = chosen[len(found) : len(found) + size]
        found.update(zip(batch, count(batch, len(found), len(chosen)), strict=True))
        took = max(1e-6, time.monotonic() - begun)
        left = max(0.0, until - time.monotonic())
        size = max(_LEAST_BATCH, min(4 * size, int(len(batch) * left / took / _SHARE)))
    return [found[pair] for pair in sorted(found)]
