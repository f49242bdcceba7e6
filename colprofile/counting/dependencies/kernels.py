"""Kernels on the groups of a combination of columns: rows that are equal in all of them share a group.

Only rows that share their group with another are kept, group by group between ``offsets`` (int64[groups + 1]): a row
that is alone stays alone with every further column, and contradicts nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled
from colprofile.counting.kernels import BY_VALUE, count_group, longest_group, sum_group, sum_marginals

_NOWHERE = np.uint32(0xFFFFFFFF)


@compiled
def sort_shared(codes: Any, first_row: Any, places: Any, rows: Any) -> None:
    """Write the numbers of rows, from ``first_row`` on, to the places of their codes in ``rows`` (uint32), ascending.

    ``places`` (int64[width]) has where each code's next row goes, −1 for codes that are left out.
    """
    for i in range(codes.size):
        place = places[codes[i]]
        if place >= 0:
            rows[place] = first_row + i
            places[codes[i]] = place + 1


@compiled
def refine_shared(
    offsets: Any,
    rows: Any,
    first: Any,
    last: Any,
    codes: Any,
    table: Any,
    places: Any,
    new_offsets: Any,
    new_rows: Any,
    groups: Any,
) -> Any:
    """Split the groups ``first`` … ``last`` − 1 by a further column; return how many groups there are now.

    ``new_offsets`` and ``new_rows`` get those with two rows and more, after the ``groups`` that they hold already.
    ``table`` and ``places`` are uint32[width], the first zeros, and left so. Code 0 is NULL: its rows are left out.
    """
    seen = np.empty(longest_group(offsets, first, last) + 1, codes.dtype)
    used_rows: Any = new_offsets[groups]
    for g in range(first, last):
        begin = offsets[g]
        end = offsets[g + 1]
        if end - begin == 2:
            code = codes[rows[begin]]
            if code and code == codes[rows[begin + 1]]:
                new_rows[used_rows] = rows[begin]
                new_rows[used_rows + 1] = rows[begin + 1]
                used_rows += 2
                groups += 1
                new_offsets[groups] = used_rows
            continue
        used = 0
        for i in range(begin, end):
            code = codes[rows[i]]
            seen[used] = code
            used += table[code] == 0
            table[code] += 1
        for u in range(used):
            code = seen[u]
            count = np.int64(table[code])
            table[code] = 0
            places[code] = _NOWHERE
            if count > 1 and code:
                places[code] = used_rows
                used_rows += count
                groups += 1
                new_offsets[groups] = used_rows
        for i in range(begin, end):
            row = rows[i]
            place = places[codes[row]]
            if place != _NOWHERE:
                new_rows[place] = row
                places[codes[row]] = place + np.uint32(1)
    return groups


@compiled
def first_violation(offsets: Any, rows: Any, first: Any, last: Any, y: Any) -> Any:
    """Return two rows of one group, of ``first`` … ``last`` − 1, that differ in y; (−1, −1) where none do.

    Rows with NULL do not count.
    """
    for g in range(first, last):
        known_row = np.int64(-1)
        known = y[0]
        for i in range(offsets[g], offsets[g + 1]):
            value = y[rows[i]]
            if value == 0:
                continue
            if known_row < 0:
                known = value
                known_row = np.int64(rows[i])
            elif value != known:
                return known_row, np.int64(rows[i])
    return np.int64(-1), np.int64(-1)


@compiled
def violating_rows(offsets: Any, rows: Any, y: Any, width: Any, limit: Any, violating: Any) -> Any:
    """Return how many rows to remove so that the groups determine y, or −1 as soon as it is more than ``limit``.

    The count only grows from group to group, so stopping early never refuses what would have passed. ``violating``
    (int64[groups]) gets each group's share of them, unless it is empty.
    """
    table = np.zeros(width, np.uint32)
    seen = np.empty(longest_group(offsets, 0, offsets.size - 1) + 1, y.dtype)
    total = 0
    one, base = np.uint64(1), np.uint64(0)
    for group in range(offsets.size - 1):
        begin = offsets[group]
        end = offsets[group + 1]
        used = count_group(rows, begin, end, y, one, base, table, seen)
        filled = end - begin - np.int64(table[0])
        table[0] = 0
        best: Any = 0
        for i in range(used):
            value = seen[i]
            best = max(best, np.int64(table[value]))
            table[value] = 0
        total += filled - best
        if violating.size:
            violating[group] = filled - best
        if total > limit:
            return -1
    return total


@compiled
def sum_shared(
    offsets: Any,
    rows: Any,
    y: Any,
    filled_by_y: Any,
    x_counts: Any,
    y_counts: Any,
    clogc_table: Any,
    sums: Any,
) -> Any:
    """Fill the record ``sums`` (SUMS[1]) of the groups, as x, with y, and the marginals of the complete rows.

    ``filled_by_y`` (int64[width]) has the rows of each code of y among those without NULL in x: what of them is in no
    group is alone there. ``x_counts`` (int64[groups + 1]), zeros, gets the rows of each group at its number plus one,
    ``y_counts`` (int64[width]), zeros, those of each y. Return the rows that are alone.
    """
    table = np.zeros(y_counts.size, np.uint32)
    by_y = np.zeros(y_counts.size, BY_VALUE)
    seen = np.empty(longest_group(offsets, 0, offsets.size - 1) + 1, y.dtype)
    cells = 0
    clogc = 0.0
    lost = 0.0
    square_over_x = 0.0
    best_y_by_x = 0
    one, base = np.uint64(1), np.uint64(0)
    for group in range(offsets.size - 1):
        begin, end = offsets[group], offsets[group + 1]
        used = count_group(rows, begin, end, y, one, base, table, seen)
        total = end - begin - np.int64(table[0])
        table[0] = 0
        if total == 0:
            continue
        group_cells, group_clogc, square, best, _ = sum_group(table, base, seen, used, by_y, clogc_table)
        x_counts[group + 1] = total
        cells += group_cells
        # Kahan's summation: ten million groups must keep 1e-9 bits.
        term = group_clogc - lost
        bigger = clogc + term
        lost = (bigger - clogc) - term
        clogc = bigger
        square_over_x += square / total
        best_y_by_x += best
    alone = 0
    for j in range(1, y_counts.size):
        single = filled_by_y[j] - np.int64(by_y[j].rows)
        if single > 0:
            alone += single
            by_y[j].rows += single
            by_y[j].square += single
            by_y[j].largest = max(by_y[j].largest, 1.0)
    record = sums[0]
    record.cells = cells + alone
    record.joint_clogc = clogc
    record.square_over_x = square_over_x + alone
    record.best_y_by_x = best_y_by_x + alone
    sum_marginals(by_y, x_counts, y_counts, clogc_table, sums)
    record.distinct_x += alone
    record.x_square += alone
    return alone
