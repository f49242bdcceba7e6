"""Huffman's code, whose mean length is less than a bit above the entropy: see docs/entropy.md."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.measures.checks import FloatArray, as_weights
from colprofile.measures.fingerprints import as_fingerprint

IntArray: TypeAlias = NDArray[np.int64]


def huffman_mean_length(counts: ArrayLike) -> float | None:
    """Return the mean length of an optimal prefix code for a column's values, in bits per row: H ≤ L < H + 1.

    L = Σ (c/n) · length of the value's code word.

    Parameters
    ----------
    counts
        Array of shape (values,): how often each value occurs, or its probability; any numeric type. Zeros are
        left out.

    Returns
    -------
    float or None
        Bits per row. 0.0 for a single value, for which nothing has to be written (an encoder that must write something
        uses 1). None where there is nothing to count.

    Raises
    ------
    ArgumentError
        Negative, NaN or infinite counts; not a flat sequence of numbers.

    Notes
    -----
    Huffman (1952). O(k log k) for k distinct counts: equal counts are merged as one.

    Examples
    --------
    >>> huffman_mean_length([2, 1, 1])
    1.5
    >>> huffman_mean_length([7])
    0.0
    """
    weights = as_weights(counts)
    distinct, many = np.unique(weights[weights > 0], return_counts=True)
    return _mean_length(distinct, many.astype(np.int64))


def huffman_mean_length_from_fingerprint(fingerprint: tuple[ArrayLike, ArrayLike]) -> float | None:
    """Return what ``huffman_mean_length`` gives for all the counts, from their fingerprint alone.

    A key of 10^9 rows is one entry and 30 steps.

    Parameters
    ----------
    fingerprint
        (counts, multiplicities), as ``fingerprint()`` returns it.

    Returns
    -------
    float or None
        Bits per row. None for an empty fingerprint.

    Raises
    ------
    ArgumentError
        Not a fingerprint.

    Examples
    --------
    >>> huffman_mean_length_from_fingerprint(([1], [2**30]))
    30.0
    """
    counts, many = as_fingerprint(fingerprint)
    return _mean_length(counts.astype(np.float64), many)


def _mean_length(weights: FloatArray, many: IntArray) -> float | None:
    """Mean code length of ``many[j]`` values of weight ``weights[j]``, ascending.

    The two-queue algorithm, in batches of merges: no merge yields less than the sum s of the two lightest nodes, so
    all nodes up to s are merged two by two in sorted order before any new one. New nodes come out in ascending order,
    none lighter than those merged before. A batch takes all nodes within a factor of two of the lightest, so there are
    about as many batches as bits in n.
    """
    if not weights.size:
        return None
    rows = float(weights @ many)
    leaves, merged = (weights, many), (weights[:0], many[:0])
    cost = 0.0
    while int(leaves[1].sum() + merged[1].sum()) > 1:
        limit = _two_lightest(leaves, merged)
        cut, cut_merged = (int(np.searchsorted(queue[0], limit, side="right")) for queue in (leaves, merged))
        light = np.concatenate([leaves[0][:cut], merged[0][:cut_merged]])
        light_many = np.concatenate([leaves[1][:cut], merged[1][:cut_merged]])
        order = np.argsort(light, kind="stable")
        light, light_many = light[order], light_many[order]
        new, new_many = _merge_in_twos(light, light_many)
        cost += float(new @ new_many)
        is_odd = int(light_many.sum()) % 2  # then the heaviest of the batch waits, still lighter than what follows
        leaves = leaves[0][cut:], leaves[1][cut:]
        merged = (
            np.concatenate([light[light.size - is_odd :], merged[0][cut_merged:], new]),
            np.concatenate([np.ones(is_odd, np.int64), merged[1][cut_merged:], new_many]),
        )
    return cost / rows


def _two_lightest(leaves: tuple[FloatArray, IntArray], merged: tuple[FloatArray, IntArray]) -> float:
    """Return the sum of the two lightest nodes of two ascending queues, of at least two nodes in all."""
    heads = [
        float(weight) for queue in (leaves, merged) for weight in np.repeat(queue[0][:2], np.minimum(queue[1][:2], 2))
    ]
    return sum(sorted(heads)[:2])


def _merge_in_twos(weights: FloatArray, many: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the nodes made of the first and second, third and fourth, … of an ascending list of runs."""
    ends = np.cumsum(many)
    within = ends // 2 - (ends - many + 1) // 2
    across = ends % 2
    across[-1] = 0
    sums = np.column_stack([2 * weights, weights + np.append(weights[1:], 0.0)]).ravel()
    number = np.column_stack([within, across]).ravel()
    return sums[number > 0], number[number > 0]
