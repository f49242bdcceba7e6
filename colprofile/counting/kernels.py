"""Counting kernels: the sums of a joint distribution from two columns' codes, exactly, at every cardinality.

*dense*: one table of all cells, where it stays in cache. *grouped*: rows sorted by x, one small table of y counted and
cleared group by group, so that no memory of distinct_x · distinct_y is needed.

Code 0 is NULL: its row and column of the table are counted like any other and left out of the sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

TABLE_LIMIT = 1 << 16
CLOGC_TABLE = np.concatenate([np.zeros(1), np.arange(1, TABLE_LIMIT) * np.log2(np.arange(1, TABLE_LIMIT))])
"""c·log2 c for the counts that are common; larger ones are computed."""

SUMS = 13
"""Length of a sums vector: the fields of PairSums in order."""


@njit(inline="always")
def clogc_of(count: Any, clogc_table: Any) -> Any:
    """Return count·log2 count, from the table where it reaches."""
    if count < clogc_table.size:
        return clogc_table[count]
    return count * np.log2(np.float64(count))


@njit(nogil=True, cache=True)
def count_codes(codes: Any, counts: Any) -> None:
    """Add the occurrences of each code to ``counts`` (int64[k + 1])."""
    quarter = codes.size // 4
    # Four distant rows at a time: equal neighbours would wait for each other's store.
    for i in range(quarter):
        counts[codes[i]] += 1
        counts[codes[i + quarter]] += 1
        counts[codes[i + 2 * quarter]] += 1
        counts[codes[i + 3 * quarter]] += 1
    for i in range(4 * quarter, codes.size):
        counts[codes[i]] += 1


@njit(nogil=True, cache=True)
def count_dense(x: Any, y: Any, width: Any, table: Any) -> None:
    """Add the occurrences of each cell to ``table`` (uint32[(distinct_x + 1) · width], x-major)."""
    width = np.uint64(width)
    quarter = x.size // 4
    for i in range(quarter):
        table[np.uint64(x[i]) * width + np.uint64(y[i])] += np.uint32(1)
        j = i + quarter
        table[np.uint64(x[j]) * width + np.uint64(y[j])] += np.uint32(1)
        j += quarter
        table[np.uint64(x[j]) * width + np.uint64(y[j])] += np.uint32(1)
        j += quarter
        table[np.uint64(x[j]) * width + np.uint64(y[j])] += np.uint32(1)
    for i in range(4 * quarter, x.size):
        table[np.uint64(x[i]) * width + np.uint64(y[i])] += np.uint32(1)


@njit(nogil=True, cache=True)
def fold_table(table: Any, width: Any, x_bins: Any, y_bins: Any, folded_width: Any, folded: Any) -> None:
    """Add a counted table to that of the codes' bins: what counting the binned rows would give, by cells.

    Parameters
    ----------
    table, width
        As ``count_dense`` has counted them.
    x_bins, y_bins
        int64[distinct + 1]: each code's bin, 0 for 0.
    folded_width, folded
        uint32[bins_x · folded_width]: zero on entry.
    """
    width = np.uint64(width)
    for i in range(np.uint64(x_bins.size)):
        begin = i * width
        base = np.uint64(x_bins[i]) * np.uint64(folded_width)
        for j in range(width):
            folded[base + np.uint64(y_bins[j])] += table[begin + j]


@njit(nogil=True, cache=True)
def sum_dense(table: Any, width: Any, x_counts: Any, y_counts: Any, clogc_table: Any, sums: Any) -> None:
    """Fill ``sums`` and the marginals of the complete rows from a counted table.

    ``x_counts`` (int64[distinct_x + 1]) and ``y_counts`` (int64[width]) must be zero on entry.
    """
    height = table.size // width
    by_y = np.zeros((width, 4))
    cells = 0
    clogc = 0.0
    square_over_x = 0.0
    best_y_by_x = 0
    for i in range(1, height):
        row_total: Any = 0
        row_clogc = 0.0
        row_square = 0.0
        row_best: Any = 0
        begin = i * width
        for j in range(1, width):
            count = np.int64(table[begin + j])
            if count == 0:
                continue
            cells += 1
            row_total += count
            row_clogc += clogc_of(count, clogc_table)
            row_square += add_cell(by_y, j, count)
            row_best = max(row_best, count)
        x_counts[i] = row_total
        if row_total:
            clogc += row_clogc
            square_over_x += row_square / row_total
            best_y_by_x += row_best
    sums[3] = cells
    sums[4] = clogc
    sums[7] = square_over_x
    sums[11] = best_y_by_x
    sum_over_y(by_y, y_counts, sums)
    sum_marginals(x_counts, y_counts, clogc_table, sums)


@njit(inline="always")
def add_cell(by_y: Any, value: Any, count: Any) -> Any:
    """Add a cell to its y: rows, squares and largest cell side by side, in one cache line. Return the cell's square."""
    number = np.float64(count)
    square = number * number
    by_y[value, 0] += number
    by_y[value, 1] += square
    by_y[value, 2] = max(by_y[value, 2], number)
    return square


@njit(nogil=True, cache=True)
def sum_over_y(by_y: Any, y_counts: Any, sums: Any) -> None:
    """Fill ``y_counts`` and the sums that run over y from what ``add_cell`` has added up."""
    square_over_y = 0.0
    best_x_by_y = 0.0
    for j in range(1, y_counts.size):
        if by_y[j, 0] > 0.0:
            y_counts[j] = np.int64(by_y[j, 0])
            square_over_y += by_y[j, 1] / by_y[j, 0]
            best_x_by_y += by_y[j, 2]
    sums[8] = square_over_y
    sums[12] = best_x_by_y


@njit(nogil=True, cache=True)
def sum_marginals(x_counts: Any, y_counts: Any, clogc_table: Any, sums: Any) -> None:
    """Fill the sums that follow from the marginals of the complete rows."""
    rows = 0
    for side in range(2):
        counts = x_counts if side == 0 else y_counts
        distinct = 0
        clogc = 0.0
        lost = 0.0
        square = 0.0
        total = 0
        for i in range(1, counts.size):
            count = counts[i]
            if count == 0:
                continue
            distinct += 1
            total += count
            # Kahan's summation: a billion rows in ten million values must keep 1e-9 bits.
            term = clogc_of(count, clogc_table) - lost
            bigger = clogc + term
            lost = (bigger - clogc) - term
            clogc = bigger
            square += np.float64(count) * np.float64(count)
        rows = total
        sums[1 + side] = distinct
        sums[5 + side] = clogc
        sums[9 + side] = square
    sums[0] = rows


@njit(nogil=True, cache=True)
def sort_rows(codes: Any, offsets: Any, permutation: Any) -> None:
    """Fill ``permutation`` (uint32[n]) with row numbers by counting sort, ascending within each code.

    ``offsets`` (int64[k + 2]) must hold where each code's rows begin; it is left as it was.
    """
    cursor = offsets[:-1].copy()
    for i in range(codes.size):
        code = codes[i]
        permutation[cursor[code]] = i
        cursor[code] += 1


@njit(nogil=True, cache=True)
def sum_grouped(
    offsets: Any,
    permutation: Any,
    y: Any,
    x_counts: Any,
    y_counts: Any,
    clogc_table: Any,
    sums: Any,
) -> None:
    """Fill ``sums`` and the marginals of the complete rows, group by group of x.

    ``x_counts`` (int64[distinct_x + 1]) and ``y_counts`` (int64[distinct_y + 1]) must be zero on entry.
    """
    table = np.zeros(y_counts.size, np.uint32)
    by_y = np.zeros((y_counts.size, 4))
    longest = 0
    for group in range(1, offsets.size - 1):
        longest = max(longest, offsets[group + 1] - offsets[group])
    seen = np.empty(longest + 1, y.dtype)
    cells = 0
    clogc = 0.0
    lost = 0.0
    square_over_x = 0.0
    best_y_by_x = 0
    for group in range(1, offsets.size - 1):
        used = 0
        begin = offsets[group]
        total = offsets[group + 1] - begin
        for i in range(begin, offsets[group + 1]):
            value = y[permutation[i]]
            count = table[value]
            # The branch-free way to list each value of the group once.
            seen[used] = value
            used += count == 0
            table[value] = count + np.uint32(1)
        total -= np.int64(table[0])
        table[0] = 0
        group_clogc = 0.0
        group_square = 0.0
        group_best: Any = 0
        for i in range(used):
            value = seen[i]
            count = np.int64(table[value])
            table[value] = 0
            if count == 0:
                continue
            cells += 1
            group_clogc += clogc_of(count, clogc_table)
            group_square += add_cell(by_y, value, count)
            group_best = max(group_best, count)
        if total:
            x_counts[group] = total
            term = group_clogc - lost
            bigger = clogc + term
            lost = (bigger - clogc) - term
            clogc = bigger
            square_over_x += group_square / total
            best_y_by_x += group_best
    sums[3] = cells
    sums[4] = clogc
    sums[7] = square_over_x
    sums[11] = best_y_by_x
    sum_over_y(by_y, y_counts, sums)
    sum_marginals(x_counts, y_counts, clogc_table, sums)
