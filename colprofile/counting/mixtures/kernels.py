"""Kernels of the latent classes: equal rows made one, the expectation of all classes, and what merging would lose.

``matrix`` is uint8[rows, columns], C-contiguous: 0 is a missing cell, else the category from 1. ``offsets``
(int64[columns]) is where each column's categories begin in a table whose rows are all categories of all columns; the
row of category 0 holds zeros in what is read, and is ignored in what is added up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled, inlined

FACTOR = np.uint64(0x9E3779B97F4A7C15)
NEGLIGIBLE = 1e-9
"""Responsibilities below this cannot change what a merge loses by a visible amount."""


@compiled
def unique_rows(matrix: Any, begin: Any, end: Any, slots: Any, first: Any, counts: Any, numbers: Any, used: Any) -> Any:
    """Give the distinct rows from ``begin`` to ``end`` numbers by first appearance; return how many are known.

    ``slots`` (uint32, a power of two of them, at least twice the rows) is 0 where free, else the row's number + 1.
    ``first[number]`` is where the row appeared first, ``counts[number]`` how often, ``numbers[i]`` row i's number.
    """
    columns = matrix.shape[1]
    mask = np.uint64(slots.size - 1)
    for i in range(begin, end):
        word = np.uint64(columns)
        for j in range(columns):
            word = (word ^ np.uint64(matrix[i, j])) * FACTOR
            word ^= word >> np.uint64(29)
        at = word & mask
        while True:
            held = slots[at]
            if held == 0:
                slots[at] = used + 1
                first[used] = i
                counts[used] = 1
                numbers[i] = used
                used += 1
                break
            other = first[held - 1]
            is_equal = True
            for j in range(columns):
                if matrix[i, j] != matrix[other, j]:
                    is_equal = False
                    break
            if is_equal:
                counts[held - 1] += 1
                numbers[i] = held - 1
                break
            at = (at + np.uint64(1)) & mask
    return used


@inlined
def _responsibilities(matrix: Any, i: Any, offsets: Any, table: Any, log_weights: Any, logits: Any) -> Any:
    """Fill ``logits`` with the row's responsibilities and return the logarithm of what they were divided by."""
    classes = log_weights.size
    for k in range(classes):
        logits[k] = log_weights[k]
    for j in range(matrix.shape[1]):
        line = table[offsets[j] + matrix[i, j]]
        for k in range(classes):
            logits[k] += line[k]
    highest = logits[0]
    for k in range(1, classes):
        highest = max(highest, logits[k])
    total = 0.0
    for k in range(classes):
        share = np.exp(logits[k] - highest)
        logits[k] = share
        total += share
    scale = 1.0 / total
    for k in range(classes):
        logits[k] *= scale
    return highest + np.log(total)


@compiled
def expect(
    matrix: Any,
    weights: Any,
    begin: Any,
    end: Any,
    offsets: Any,
    table: Any,
    log_weights: Any,
    class_rows: Any,
    counts: Any,
) -> Any:
    """Add the expected rows of each class and category to ``class_rows`` and ``counts``; return Σ weight · log Z.

    ``table`` (float64[categories, classes]) holds E[log θ], ``log_weights`` (float64[classes]) E[log π]; Z is what a
    row's responsibilities are divided by. ``counts`` has the shape of ``table``.
    """
    classes = log_weights.size
    shares = np.empty(classes)
    log_z = 0.0
    for i in range(begin, end):
        log_z += weights[i] * _responsibilities(matrix, i, offsets, table, log_weights, shares)
        weight = weights[i]
        for k in range(classes):
            shares[k] *= weight
            class_rows[k] += shares[k]
        for j in range(matrix.shape[1]):
            line = counts[offsets[j] + matrix[i, j]]
            for k in range(classes):
                line[k] += shares[k]
    return log_z


@compiled
def merge_losses(
    matrix: Any, weights: Any, begin: Any, end: Any, offsets: Any, table: Any, log_weights: Any, losses: Any
) -> None:
    """Add to ``losses[a, b]`` (a < b) the entropy of the assignment, in nats, that making a and b one class loses.

    Σ weight · ((r_a + r_b) log(r_a + r_b) − r_a log r_a − r_b log r_b).
    """
    classes = log_weights.size
    shares = np.empty(classes)
    held = np.empty(classes, np.int64)
    for i in range(begin, end):
        _responsibilities(matrix, i, offsets, table, log_weights, shares)
        used = 0
        for k in range(classes):
            if shares[k] > NEGLIGIBLE:
                held[used] = k
                used += 1
        for one in range(used):
            a = held[one]
            for two in range(one + 1, used):
                b = held[two]
                both = shares[a] + shares[b]
                losses[a, b] += weights[i] * (
                    shares[a] * np.log(both / shares[a]) + shares[b] * np.log(both / shares[b])
                )


@compiled
def assign(
    matrix: Any,
    begin: Any,
    end: Any,
    offsets: Any,
    table: Any,
    log_weights: Any,
    log_shares: Any,
    labels: Any,
    certainties: Any,
    gains: Any,
) -> None:
    """Fill each row's most probable class, its probability, and log Z − Σ log share of the row's categories.

    ``log_shares`` (float64[categories]) holds the logarithm of each category's share of its column.
    """
    classes = log_weights.size
    shares = np.empty(classes)
    for i in range(begin, end):
        gain = _responsibilities(matrix, i, offsets, table, log_weights, shares)
        for j in range(matrix.shape[1]):
            gain -= log_shares[offsets[j] + matrix[i, j]]
        best = 0
        for k in range(1, classes):
            if shares[k] > shares[best]:
                best = k
        labels[i] = best
        certainties[i] = shares[best]
        gains[i] = gain


@compiled
def take_column(codes: Any, category_of: Any, matrix: Any, column: Any) -> None:
    """Write a column's categories into the matrix: ``category_of`` (uint8) maps its codes."""
    for i in range(codes.size):
        matrix[i, column] = category_of[codes[i]]
