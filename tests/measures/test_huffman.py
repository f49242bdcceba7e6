from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import (
    entropy,
    fingerprint,
    huffman_mean_length,
    huffman_mean_length_from_fingerprint,
)
from tests.support import slow_twins


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60).filter(any))
def test_agrees_with_the_tree(counts: list[int]) -> None:
    slow = slow_twins.huffman_mean_length(counts)
    assert huffman_mean_length(counts) == pytest.approx(slow, rel=1e-12)
    assert huffman_mean_length_from_fingerprint(fingerprint(counts)) == pytest.approx(slow, rel=1e-12)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40))
def test_agrees_with_the_tree_for_counts_of_all_sizes(counts: list[int]) -> None:
    assert huffman_mean_length(counts) == pytest.approx(slow_twins.huffman_mean_length(counts), rel=1e-12)


@given(st.lists(st.floats(1e-200, 1e200), min_size=1, max_size=40))
def test_agrees_with_the_tree_for_weights(weights: list[float]) -> None:
    assert huffman_mean_length(weights) == pytest.approx(slow_twins.huffman_mean_length(weights), rel=1e-9)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=100).filter(any))
def test_entropy_is_the_floor_and_one_bit_the_ceiling(counts: list[int]) -> None:
    bits, length = entropy(counts), huffman_mean_length(counts)
    assert bits is not None and length is not None
    assert bits - 1e-9 <= length < bits + 1


@pytest.mark.parametrize(
    ("counts", "length"),
    [
        ([7], 0.0),
        ([1, 1], 1.0),
        ([99, 1], 1.0),
        ([2, 1, 1], 1.5),
        ([1] * 3, 5 / 3),
        ([8, 4, 2, 1, 1], 1.875),
        ([1, 1, 2, 3, 5, 8, 13, 21], 132 / 54),
        ([], None),
        ([0, 0], None),
    ],
)
def test_known_lengths(counts: list[int], length: float | None) -> None:
    assert huffman_mean_length(counts) == (None if length is None else pytest.approx(length, abs=1e-15))


def test_a_million_distinct_counts_agree_with_the_tree_of_a_tenth() -> None:
    many = np.random.default_rng(3).integers(1, 10**12, 100_000)
    heap = sorted(many.tolist(), reverse=True)
    # Only the sum of all merges is needed of the tree: two plain queues.
    leaves: list[int] = heap
    merged: list[int] = []
    cost = 0
    head = 0

    def take() -> int:
        nonlocal head
        if leaves and (head >= len(merged) or leaves[-1] <= merged[head]):
            return leaves.pop()
        head += 1
        return merged[head - 1]

    for _ in range(many.size - 1):
        merged.append(take() + take())
        cost += merged[-1]
    assert huffman_mean_length(many) == pytest.approx(cost / int(many.sum()), rel=1e-12)


def test_a_key_of_a_billion_rows_needs_no_list_of_them() -> None:
    length = huffman_mean_length_from_fingerprint(([1], [10**9]))
    # 2^30 − 10^9 of the words have 29 bits, the rest 30.
    assert length == pytest.approx(30 - (2**30 - 10**9) / 10**9, abs=1e-12)
    assert math.log2(10**9) <= length  # type: ignore[operator]


def test_nothing_counted_is_undefined() -> None:
    assert huffman_mean_length_from_fingerprint(([], [])) is None


def test_bad_counts_are_refused() -> None:
    with pytest.raises(ArgumentError):
        huffman_mean_length([1, -1])
