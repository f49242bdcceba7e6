"""Expected mutual information: against every permutation, scikit-learn, and its own sum without interpolation."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.cluster import expected_mutual_information as sklearn_expected

from colprofile.errors import ArgumentError
from colprofile.measures.chance import _sort, expected_mutual_information
from tests.support.slow_twins import mutual_information

small = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def rows_of(counts: list[int]) -> list[int]:
    return [value for value, count in enumerate(counts) for _ in range(count)]


@settings(max_examples=25, deadline=None)
@given(small, st.randoms(use_true_random=False))
def test_is_the_mean_over_all_permutations(counts: list[int], random: object) -> None:
    x = rows_of(counts)[:7]
    y = [i % 3 for i in range(len(x))]
    counts_x = np.unique(x, return_counts=True)[1]
    counts_y = np.unique(y, return_counts=True)[1]
    bits = [mutual_information(list(zip(x, order, strict=True))) for order in permutations(y)]
    assert expected_mutual_information(counts_x, counts_y) == pytest.approx(math.fsum(bits) / len(bits), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=30), st.integers(2, 12))
def test_equals_scikit_learn(counts_x: list[int], values_y: int) -> None:
    rows = sum(counts_x)
    counts_y = np.bincount(np.arange(rows) % values_y)
    labels_x, labels_y = rows_of(counts_x), rows_of(counts_y.tolist())
    table = np.zeros((len(counts_x), counts_y.size), np.int64)
    np.add.at(table, (labels_x, labels_y), 1)
    nats = sklearn_expected(table, rows)
    assert expected_mutual_information(counts_x, counts_y, base=math.e) == pytest.approx(nats, abs=1e-9)


SHAPES: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "uniform": lambda rng, k, n: rng.integers(0, k, n),
    "zipf": lambda rng, k, n: np.minimum(rng.zipf(1.4, n), k),
    "steps": lambda rng, k, n: (np.sqrt(rng.random(n)) * k).astype(int),
    "one giant": lambda rng, k, n: np.where(rng.random(n) < 0.9, 0, rng.integers(0, k, n)),
}


@pytest.mark.parametrize("shape_x", SHAPES)
@pytest.mark.parametrize("shape_y", SHAPES)
@pytest.mark.parametrize("values", [40, 3000])
def test_interpolation_keeps_nine_digits(shape_x: str, shape_y: str, values: int) -> None:
    rng = np.random.default_rng(7)
    counts_x = np.unique(SHAPES[shape_x](rng, values, 60_000), return_counts=True)[1]
    counts_y = np.unique(SHAPES[shape_y](rng, 900, 60_000), return_counts=True)[1]
    exact = expected_mutual_information(counts_x, counts_y, exact=True)
    assert expected_mutual_information(counts_x, counts_y) == pytest.approx(exact, abs=1e-9)


def test_the_expansion_for_large_counts_is_the_known_asymptote() -> None:
    counts_x, counts_y = np.full(4, 25_000_000), np.full(5, 20_000_000)
    asymptote = 3 * 4 / (2 * 10**8 * math.log(2))
    assert expected_mutual_information(counts_x, counts_y) == pytest.approx(asymptote, rel=1e-6)


def test_moments_agree_with_the_sum_where_they_take_over() -> None:
    # Means just below and just above the threshold must lie on one smooth curve.
    def per_row(rows: int) -> float:
        return rows * expected_mutual_information([rows // 2] * 2, [rows // 2] * 2)

    below, above = per_row(3990), per_row(4010)
    assert above == pytest.approx(below, rel=1e-5)


def test_edges() -> None:
    assert expected_mutual_information([], []) == 0.0
    assert expected_mutual_information([5], [2, 3]) == 0.0
    assert expected_mutual_information([1], [1]) == 0.0
    assert expected_mutual_information([1] * 8, [4, 4]) == pytest.approx(1.0)
    assert expected_mutual_information([2, 0, 2], [2, 2]) == expected_mutual_information([2, 2], [2, 2])


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1, 2], [2, 2], "adds up to 3"),
        ([-1, 3], [2], "contains -1.0: give finite numbers of at least 0"),
        ([[1]], [1], "a flat sequence"),
        ([0.5, 0.5], [1], "whole numbers"),
    ],
)
def test_bad_counts_are_refused(x: list[int], y: list[int], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        expected_mutual_information(x, y)


def test_a_bad_base_is_refused() -> None:
    with pytest.raises(ArgumentError, match="base is 1: give a number above 1"):
        expected_mutual_information([2, 2], [2, 2], base=1)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 10, 1000])
def test_counts_are_sorted(size: int) -> None:
    numbers = np.random.default_rng(size).integers(0, 500, size)
    ordered = numbers.copy()
    _sort(ordered)
    assert ordered.tolist() == sorted(numbers.tolist())
