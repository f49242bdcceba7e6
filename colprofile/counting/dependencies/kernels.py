"""Kernels on the groups of a combination of columns: rows that are equal in all of them share a group.

Groups are numbered from 1 in the order of their first rows; 0 marks a row in which one of the columns is NULL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled
from colprofile.counting.kernels import count_group, longest_group

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@compiled
def combine_direct(groups: Any, codes: Any, width: Any, table: Any, out: Any) -> Any:
    """Refine ``groups`` (uint32[n]) by ``codes`` into ``out`` (uint32[n]) and return how many groups there are.

    ``table`` (uint32, zeros) has room for every (group, code): (highest group + 1) · width cells.
    """
    used = 0
    for i in range(groups.size):
        group = np.int64(groups[i])
        code = np.int64(codes[i])
        if group == 0 or code == 0:
            out[i] = 0
            continue
        place = group * width + code
        found = table[place]
        if found == 0:
            used += 1
            found = np.uint32(used)
            table[place] = found
        out[i] = found
    return used


@compiled
def combine_hashed(groups: Any, codes: Any, table: Any, out: Any) -> Any:
    """Refine as ``combine_direct``, by open addressing: ``table`` (uint64[2^k · 2], zeros) holds keys with numbers."""
    used = 0
    mask = np.uint64(table.size // 2 - 1)
    one = np.uint64(1)
    shift = np.uint64(32)
    for i in range(groups.size):
        group = np.uint64(groups[i])
        code = np.uint64(codes[i])
        if group == 0 or code == 0:
            out[i] = 0
            continue
        key = (group << shift) | code
        place = (((key * _MULTIPLIER) >> shift) & mask) << one
        while table[place] != key:
            if table[place] == 0:
                used += 1
                table[place] = key
                table[place + one] = used
                break
            place = ((place >> one) + one & mask) << one
        out[i] = table[place + one]
    return used


@compiled
def first_violation(groups: Any, first: Any, y: Any) -> Any:
    """Return the first row whose y differs from an earlier row of its group, or −1: then the groups determine y.

    Rows with NULL do not count. ``first`` (uint32[groups + 1]) is filled with the y of each group's first row.
    """
    first[:] = 0
    for i in range(groups.size):
        group = groups[i]
        value = np.uint32(y[i])
        if group == 0 or value == 0:
            continue
        known = first[group]
        if known == 0:
            first[group] = value
        elif known != value:
            return i
    return -1


@compiled
def violating_rows(offsets: Any, permutation: Any, y: Any, width: Any, limit: Any) -> Any:
    """Return how many rows to remove so that the groups determine y, or −1 as soon as it is more than ``limit``.

    ``permutation`` holds the rows sorted by group, ``offsets`` where each group begins. The count only grows from group
    to group, so stopping early never refuses what would have passed.
    """
    table = np.zeros(width, np.uint32)
    seen = np.empty(longest_group(offsets, 1, offsets.size - 1) + 1, y.dtype)
    violating = 0
    one, base = np.uint64(1), np.uint64(0)
    for group in range(1, offsets.size - 1):
        begin = offsets[group]
        end = offsets[group + 1]
        if end - begin == 1:
            continue
        used = count_group(permutation, begin, end, y, one, base, table, seen)
        total = end - begin - np.int64(table[0])
        table[0] = 0
        best: Any = 0
        for i in range(used):
            value = seen[i]
            best = max(best, np.int64(table[value]))
            table[value] = 0
        violating += total - best
        if violating > limit:
            return -1
    return violating


@compiled
def neighbours(groups: Any, last: Any, first_rows: Any, second_rows: Any) -> Any:
    """Fill two arrays with pairs of rows that share a group, as many as there are and fit; return their number.

    ``last`` (uint32[groups + 1], zeros) remembers each group's last row plus one.
    """
    used = 0
    for i in range(groups.size):
        group = groups[i]
        if group == 0:
            continue
        before = last[group]
        last[group] = i + 1
        if before:
            first_rows[used] = before - 1
            second_rows[used] = i
            used += 1
            if used == first_rows.size:
                break
    return used
