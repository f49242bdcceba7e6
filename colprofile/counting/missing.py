"""Which columns of a row are NULL: the patterns of a table and their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.hashes import group_numbers

Pattern = tuple[int, ...]
"""The numbers of the columns that are NULL, ascending."""

_BLOCK = 1 << 18
_BITS = 12


def null_patterns(
    codes: Sequence[CodeArray], numbers: Sequence[int], rows: int, check: Callable[[], None] = lambda: None
) -> dict[Pattern, int]:
    """Return which of some columns are NULL together in how many rows.

    Parameters
    ----------
    codes
        Unsigned[rows] for each column of the table, 0 being NULL.
    numbers
        The columns that have a NULL; no other column is looked at.
    rows
        Rows of the table.
    check
        Called between blocks of rows; it raises to stop.

    Examples
    --------
    >>> columns = [np.array(column, np.uint8) for column in ([0, 1, 0], [0, 1, 1])]
    >>> null_patterns(columns, [0, 1], 3)
    {(): 1, (0,): 1, (0, 1): 1}
    """
    found: Counter[Pattern] = Counter()
    for begin in range(0, rows, _BLOCK):
        check()
        block = [codes[number][begin : begin + _BLOCK] for number in numbers]
        for members, amount in _block_patterns(block, min(_BLOCK, rows - begin)):
            found[tuple(numbers[member] for member in members)] += amount
    return {pattern: found[pattern] for pattern in sorted(found)}


def _block_patterns(block: Sequence[CodeArray], rows: int) -> list[tuple[Pattern, int]]:
    if len(block) <= _BITS:
        key = np.zeros(rows, np.uint16)
        for bit, codes in enumerate(block):
            key |= (codes == 0).astype(np.uint16) << np.uint16(bit)
        amounts = np.bincount(key)
        return [
            (tuple(bit for bit in range(len(block)) if place >> bit & 1), int(amounts[place]))
            for place in np.flatnonzero(amounts).tolist()
        ]
    groups = np.zeros(rows, np.uint64)
    for begin in range(0, len(block), 32):
        word = np.zeros(rows, np.uint64)
        for bit, codes in enumerate(block[begin : begin + 32]):
            word |= (codes == 0).astype(np.uint64) << np.uint64(bit)
        groups = group_numbers(groups << np.uint64(32) | word).astype(np.uint64)
    numbers = groups.astype(np.int64)
    amounts = np.bincount(numbers)
    example = np.zeros(amounts.size, np.int64)
    example[numbers] = np.arange(rows)
    is_null = np.array([codes[example] == 0 for codes in block])
    return [
        (tuple(np.flatnonzero(is_null[:, group]).tolist()), amount) for group, amount in enumerate(amounts.tolist())
    ]


def null_together(patterns: Mapping[Pattern, int], numbers: Sequence[int]) -> list[Pattern]:
    """Return the groups of two and more columns that are NULL in exactly the same rows.

    >>> null_together({(): 5, (0, 2): 1, (0, 1, 2): 1}, [0, 1, 2])
    [(0, 2)]
    """
    members: dict[int, int] = dict.fromkeys(numbers, 0)
    for place, pattern in enumerate(patterns):
        for number in pattern:
            members[number] |= 1 << place
    groups: dict[int, list[int]] = {}
    for number, places in members.items():
        groups.setdefault(places, []).append(number)
    return [tuple(group) for group in groups.values() if len(group) > 1]
