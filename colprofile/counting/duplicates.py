"""Rows that repeat an earlier row in every column: found by hashes of their codes, each confirmed code by code.

Rows with different hashes differ, so that most rows are done with after the hash of a few columns. NULL equals NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled
from colprofile.counting.buffers import CodeArray
from colprofile.counting.marginal import Counts

RowNumbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_TOGETHER = 4
"""Columns hashed before rows that differ from all others are left out."""

_MARKS_A_ROW = 4
_BLOCK = 1 << 20
_EXAMPLE_ROWS = 5
_LEFT_OUT = 8
_PAIRS_LOOKED_AT = 1000


@dataclass(frozen=True)
class DuplicateRows:
    """Rows that are equal in every column.

    Attributes
    ----------
    rows
        Rows that repeat an earlier one.
    pairs
        Pairs of equal rows.
    example
        The numbers, from 0, of the first rows that are equal: the earliest row that is repeated, and its repeats.
    """

    rows: int
    pairs: int
    example: tuple[int, ...]


NO_DUPLICATES = DuplicateRows(0, 0, ())


@compiled
def add_hashes(codes: Any, salt: Any, hashes: Any) -> None:
    """Add the hash of each row's code (splitmix64 of code and salt) to ``hashes``, uint64[n]."""
    for i in range(codes.size):
        word = np.uint64(codes[i]) * np.uint64(0x9E3779B97F4A7C15) + salt
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        hashes[i] += word ^ (word >> np.uint64(31))


@compiled
def mark_repeated(hashes: Any, marks: Any, chosen: Any) -> Any:
    """Fill ``chosen`` (int64[n]) with the rows whose hash may occur again, ascending, and return how many they are.

    Every row whose hash occurs again is among them. ``marks`` is uint8[2^k], zeros: how often the lowest bits occur.
    """
    mask = np.uint64(marks.size - 1)
    for i in range(hashes.size):
        place = hashes[i] & mask
        marks[place] = min(marks[place] + 1, 2)
    used = 0
    for i in range(hashes.size):
        chosen[used] = i
        used += marks[hashes[i] & mask] > 1
    return used


def duplicate_rows(codes: Sequence[CodeArray], check: Callable[[], None] = lambda: None) -> DuplicateRows:
    """Return which rows of a table repeat another.

    Parameters
    ----------
    codes
        Unsigned[rows] for each column, 0 being NULL: those that tell most rows apart first.
    check
        Called between columns; it raises to stop.

    Examples
    --------
    >>> columns = [np.array(column, np.uint8) for column in ([1, 2, 1, 0, 0], [1, 1, 1, 2, 2])]
    >>> duplicate_rows(columns)
    DuplicateRows(rows=2, pairs=2, example=(0, 2))
    """
    if not codes or codes[0].size < 2:
        return NO_DUPLICATES
    rows: RowNumbers | None = None
    hashes = np.zeros(codes[0].size, np.uint64)
    for begin in range(0, len(codes), _TOGETHER):
        for number in range(begin, min(begin + _TOGETHER, len(codes))):
            check()
            column = codes[number] if rows is None else codes[number][rows]
            add_hashes(column, salt_of(number), hashes)
        chosen = _repeated(hashes)
        if not chosen.size:
            return NO_DUPLICATES
        if chosen.size < hashes.size:
            hashes = hashes[chosen]
            rows = chosen if rows is None else rows[chosen]
    rows = np.arange(hashes.size) if rows is None else rows
    order = np.argsort(hashes)
    return _confirmed(codes, rows[order], hashes[order], check)


def salt_of(column: int) -> np.uint64:
    """Return what tells the hashes of one column from those of others."""
    return np.uint64((column + 1) * 0xD1B54A32D192ED03 % (1 << 64))


def _repeated(hashes: Hashes) -> RowNumbers:
    size = 1 << int(max(16, _MARKS_A_ROW * hashes.size) - 1).bit_length()
    chosen = np.empty(hashes.size, np.int64)
    return chosen[: mark_repeated(hashes, np.zeros(size, np.uint8), chosen)]


def _confirmed(
    codes: Sequence[CodeArray], rows: RowNumbers, hashes: Hashes, check: Callable[[], None]
) -> DuplicateRows:
    """Return the duplicates among rows sorted by their hashes: neighbours of one hash are compared code by code."""
    is_same = hashes[1:] == hashes[:-1]
    is_kept = np.zeros(rows.size, bool)
    is_kept[1:] |= is_same
    is_kept[:-1] |= is_same
    rows, hashes = rows[is_kept], hashes[is_kept]
    if not rows.size:
        return NO_DUPLICATES
    is_same = hashes[1:] == hashes[:-1]
    is_equal = is_same.copy()
    for column in codes:
        for begin in range(0, is_equal.size, _BLOCK):
            check()
            values = column[rows[begin : begin + _BLOCK + 1]]
            is_equal[begin : begin + _BLOCK] &= values[1:] == values[:-1]
    if (is_equal != is_same).any():  # different rows of one hash, once in 2^64: sort them by their codes instead
        order = np.lexsort([column[rows] for column in codes])
        rows = rows[order]
        is_equal = np.ones(rows.size - 1, bool)
        for column in codes:
            values = column[rows]
            is_equal &= values[1:] == values[:-1]
    starts = np.flatnonzero(np.append(True, ~is_equal))
    sizes = np.diff(np.append(starts, rows.size))
    repeats = int((sizes - 1).sum())
    if not repeats:
        return NO_DUPLICATES
    first = np.minimum.reduceat(rows, starts)
    group = int(np.argmin(np.where(sizes > 1, first, np.iinfo(np.int64).max)))
    members = np.sort(rows[starts[group] : starts[group] + sizes[group]])[:_EXAMPLE_ROWS]
    return DuplicateRows(repeats, int((sizes * (sizes - 1) // 2).sum()), tuple(members.tolist()))


def share_by_chance(codes: Sequence[CodeArray], counts: Sequence[Counts], found: DuplicateRows) -> float:
    """Return what share of the pairs of equal rows chance explains, at least; it may exceed 1.

    Where rows that differ in one column alone are common, some are equal in that column too, by its own repetition: of
    p such pairs and a column two rows of which are equal with probability c, p · c / (1 − c). Where duplicates are
    copies, there are hardly any such pairs. The largest of the first eight columns counts. Where there are many pairs,
    they are counted among some hundreds of random rows.

    Parameters
    ----------
    codes, found
        As ``duplicate_rows`` takes and returns them.
    counts
        int64[width] for each column: rows by code, NULL's first.
    """
    if not found.rows:
        return 0.0
    rows = int(codes[0].size / max(1.0, (found.pairs / _PAIRS_LOOKED_AT) ** 0.5))
    some = np.sort(np.random.default_rng(0).choice(codes[0].size, rows, replace=False))
    total = np.zeros(rows, np.uint64)
    parts = []
    for number, column in enumerate(codes):
        own = np.zeros(rows, np.uint64)
        add_hashes(column[some], salt_of(number), own)
        total += own
        parts += [own] if number < _LEFT_OUT else []
    pairs = _equal_pairs(total)
    most = 0.0
    for own, amounts in zip(parts, counts, strict=False):
        nearly = _equal_pairs(total - own) - pairs
        filled = float(amounts.sum())
        equal = float((amounts * (amounts - 1.0)).sum()) / (filled * (filled - 1))
        if equal < 1:
            most = max(most, nearly * equal / (1 - equal))
    return most / max(1.0, pairs)


def _equal_pairs(hashes: Hashes) -> float:
    """Return how many pairs of hashes are equal."""
    found = np.sort(hashes[_repeated(hashes)])
    starts = np.flatnonzero(np.append(True, found[1:] != found[:-1]))
    sizes = np.diff(np.append(starts, found.size)).astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())
