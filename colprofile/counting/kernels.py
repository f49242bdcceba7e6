"""Counting kernels: the sums of a joint distribution from two columns' codes, exactly, at every cardinality.

*dense*: one table of all cells, where it stays in cache. *grouped*: rows sorted by x, one small table of y counted and
cleared group by group, so that no memory of distinct_x · distinct_y is needed.

Code 0 is NULL: its row and column of the table are counted like any other and left out of the sums.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from colprofile.compiled import compiled, inlined
from colprofile.measures.sums import PairSums

TABLE_LIMIT = 1 << 16
CLOGC_TABLE = np.concatenate([np.zeros(1), np.arange(1, TABLE_LIMIT) * np.log2(np.arange(1, TABLE_LIMIT))])
"""c·log2 c for the counts that are common; larger ones are computed."""

SUMS = np.dtype([(field.name, np.int64 if field.type == "int" else np.float64) for field in fields(PairSums)])
"""The record that kernels fill: the fields of PairSums, in the same order."""

BY_VALUE = np.dtype([(name, np.float64) for name in ("rows", "square", "largest", "place")])
"""One value of y: Σ c, Σ c² and max c over its cells, and its place on the standardised axis, 0 where there is none.

Two records fill a cache line.
"""


@inlined
def clogc_of(count: Any, clogc_table: Any) -> Any:
    """Return count·log2 count, from the table where it reaches."""
    if count < clogc_table.size:
        return clogc_table[count]
    return count * np.log2(np.float64(count))


@compiled
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


@compiled
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


@compiled
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


@compiled
def sum_dense(table: Any, width: Any, x_counts: Any, y_counts: Any, clogc_table: Any, sums: Any) -> None:
    """Fill the record ``sums`` (SUMS[1]) and the marginals of the complete rows from a counted table.

    ``x_counts`` (int64[distinct_x + 1]) and ``y_counts`` (int64[width]) must be zero on entry.
    """
    height = table.size // width
    by_y = np.zeros(width, BY_VALUE)
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
    record = sums[0]
    record.cells = cells
    record.joint_clogc = clogc
    record.square_over_x = square_over_x
    record.best_y_by_x = best_y_by_x
    sum_marginals(by_y, x_counts, y_counts, clogc_table, sums)


@inlined
def add_cell(by_y: Any, value: Any, count: Any) -> Any:
    """Add a cell to the record of its y (BY_VALUE) and return the cell's square."""
    number = np.float64(count)
    square = number * number
    record = by_y[value]
    record.rows += number
    record.square += square
    record.largest = max(record.largest, number)
    return square


@compiled
def sum_marginals(by_y: Any, x_counts: Any, y_counts: Any, clogc_table: Any, sums: Any) -> None:
    """Fill ``y_counts`` and the sums over y from what ``add_cell`` has added up, then the sums over both marginals."""
    sum_over_y(by_y, y_counts, sums)
    set_marginals(marginal_sums(x_counts, clogc_table), marginal_sums(y_counts, clogc_table), sums)


@compiled
def sum_over_y(by_y: Any, y_counts: Any, sums: Any) -> None:
    """Fill ``y_counts`` and the sums over y from what ``add_cell`` has added up."""
    record = sums[0]
    square_over_y = 0.0
    best_x_by_y = 0.0
    for j in range(1, y_counts.size):
        rows = by_y[j].rows
        if rows > 0.0:
            y_counts[j] = np.int64(rows)
            square_over_y += by_y[j].square / rows
            best_x_by_y += by_y[j].largest
    record.square_over_y = square_over_y
    record.best_x_by_y = best_x_by_y


@compiled
def set_marginals(x: Any, y: Any, sums: Any) -> None:
    """Fill the sums over both marginals from what ``marginal_sums`` returns of each."""
    record = sums[0]
    record.rows, record.distinct_x, record.x_clogc, record.x_square = x
    record.rows, record.distinct_y, record.y_clogc, record.y_square = y


@compiled
def marginal_sums(counts: Any, clogc_table: Any) -> Any:
    """Return (rows, distinct values, Σ c·log2 c, Σ c²) of a marginal's counts, those of NULL left out."""
    rows = 0
    distinct = 0
    clogc = 0.0
    lost = 0.0
    square = 0.0
    for i in range(1, counts.size):
        count = counts[i]
        if count == 0:
            continue
        rows += count
        distinct += 1
        # Kahan's summation: a billion rows in ten million values must keep 1e-9 bits.
        term = clogc_of(count, clogc_table) - lost
        bigger = clogc + term
        lost = (bigger - clogc) - term
        clogc = bigger
        square += np.float64(count) * np.float64(count)
    return rows, distinct, clogc, square


@compiled
def sort_rows(codes: Any, offsets: Any, permutation: Any) -> None:
    """Fill ``permutation`` (uint32[n]) with row numbers by counting sort, ascending within each code.

    ``offsets`` (int64[k + 2]) must hold where each code's rows begin; it is left as it was.
    """
    cursor = offsets[:-1].copy()
    for i in range(codes.size):
        code = codes[i]
        permutation[cursor[code]] = i
        cursor[code] += 1


@inlined
def count_group(
    permutation: Any, begin: Any, end: Any, codes: Any, stride: Any, base: Any, table: Any, seen: Any
) -> Any:
    """Count the codes of the rows ``permutation[begin:end]`` in ``table`` from ``base`` on.

    The code of row r is ``codes[r * stride]``. Return how many values were written to ``seen``: each code of the group
    at least once. All integers are unsigned, as a signed index costs a test whether it is negative.
    """
    used = np.uint64(0)
    for i in range(np.uint64(begin), np.uint64(end)):
        value = codes[np.uint64(permutation[i]) * stride]
        slot = base + np.uint64(value)
        count = table[slot]
        # The branch-free way to list each value of the group once.
        seen[used] = value
        used += np.uint64(count == 0)
        table[slot] = count + np.uint32(1)
    return used


@inlined
def sum_group(table: Any, base: Any, seen: Any, used: Any, by_y: Any, clogc_table: Any) -> Any:
    """Return (cells, Σ c·log2 c, Σ c², max c, Σ c·y) of a counted group, and clear its table.

    NULL, counted at ``base``, must have been cleared before.
    """
    cells = 0
    clogc = 0.0
    square = 0.0
    best: Any = 0
    cross = 0.0
    for i in range(used):
        slot = base + np.uint64(seen[i])
        count = np.int64(table[slot])
        table[slot] = 0
        if count == 0:
            continue
        cells += 1
        clogc += clogc_of(count, clogc_table)
        square += add_cell(by_y, slot, count)
        best = max(best, count)
        cross += np.float64(count) * by_y[slot].place
    return cells, clogc, square, best, cross


@compiled
def longest_group(offsets: Any, first: Any, last: Any) -> Any:
    """Return the rows of the longest group of ``first`` … ``last`` − 1."""
    longest = 0
    for group in range(first, last):
        longest = max(longest, offsets[group + 1] - offsets[group])
    return longest
