from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import (
    PairSums,
    conditional_entropy,
    entropy,
    exchanged,
    joint_entropy,
    mutual_information,
    normalized_mutual_information,
    pair_sums,
    planner_factor,
    uncertainty_coefficient,
    variation_of_information,
)
from tests.support import slow_twins

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60)
triples = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=60)
Rows = list[tuple[int, int]]

MEASURES: list[Callable[..., object]] = [
    joint_entropy,
    conditional_entropy,
    mutual_information,
    variation_of_information,
    uncertainty_coefficient,
    normalized_mutual_information,
    planner_factor,
]


def by_name(measure: Callable[..., object]) -> str:
    return measure.__name__


def both_ways(given_rows: Rows) -> list[PairSums | list[list[int]]]:
    """The rows' table and its sums: every measure takes either."""
    table = slow_twins.table_of(given_rows)
    return [table, pair_sums(table)]


@given(rows)
def test_information_agrees_with_the_loop_and_scikit_learn(given_rows: Rows) -> None:
    xs, ys = zip(*given_rows, strict=True)
    for pair in both_ways(given_rows):
        bits = mutual_information(pair)
        assert bits == pytest.approx(slow_twins.mutual_information(given_rows), abs=1e-12)
        assert bits == pytest.approx(sklearn.metrics.mutual_info_score(xs, ys) / math.log(2), abs=1e-12)
        assert mutual_information(pair, base=math.e) == pytest.approx(
            sklearn.metrics.mutual_info_score(xs, ys), abs=1e-12
        )
        assert joint_entropy(pair) == pytest.approx(slow_twins.entropy(given_rows), abs=1e-12)
        assert conditional_entropy(pair, given="x") == pytest.approx(
            slow_twins.conditional_entropy(given_rows), abs=1e-12
        )
        assert conditional_entropy(pair) == pytest.approx(
            slow_twins.conditional_entropy(slow_twins.exchanged(given_rows)), abs=1e-12
        )
        assert planner_factor(pair) == pytest.approx(2 ** slow_twins.mutual_information(given_rows))


@given(rows)
def test_identities(given_rows: Rows) -> None:
    xs, ys = zip(*given_rows, strict=True)
    alone_x, alone_y = slow_twins.entropy(xs), slow_twins.entropy(ys)
    for pair in both_ways(given_rows):
        shared, joint = mutual_information(pair), joint_entropy(pair)
        x_left, y_left = conditional_entropy(pair), conditional_entropy(pair, given="x")
        assert shared is not None and joint is not None and x_left is not None and y_left is not None
        assert 0 <= shared <= min(alone_x, alone_y) + 1e-12
        assert x_left >= 0 and y_left >= 0
        assert shared == pytest.approx(alone_x + alone_y - joint, abs=1e-12)
        assert x_left == pytest.approx(alone_x - shared, abs=1e-12)
        assert y_left == pytest.approx(alone_y - shared, abs=1e-12)
        assert variation_of_information(pair) == x_left + y_left
        u_x, u_y = uncertainty_coefficient(pair), uncertainty_coefficient(pair, given="x")
        assert u_x == (None if alone_x == 0 else pytest.approx(shared / alone_x, abs=1e-12))
        assert u_y == (None if alone_y == 0 else pytest.approx(shared / alone_y, abs=1e-12))


@given(rows)
def test_information_is_symmetric(given_rows: Rows) -> None:
    table = np.array(slow_twins.table_of(given_rows))
    for pair, other in ((table, table.T), (pair_sums(table), exchanged(pair_sums(table)))):
        assert mutual_information(pair) == pytest.approx(mutual_information(other), abs=1e-14)
        assert joint_entropy(pair) == pytest.approx(joint_entropy(other), abs=1e-14)
        assert conditional_entropy(pair) == pytest.approx(conditional_entropy(other, given="x"), abs=1e-14)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_a_column_shares_all_of_itself(counts: list[int]) -> None:
    for pair in (np.diag(counts), pair_sums(np.diag(counts))):
        assert mutual_information(pair) == pytest.approx(entropy(counts), abs=1e-12)
        assert conditional_entropy(pair) == conditional_entropy(pair, given="x") == 0
        assert variation_of_information(pair) == 0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_independent_columns_share_nothing(xs: list[int], ys: list[int]) -> None:
    for pair in (np.outer(xs, ys), pair_sums(np.outer(xs, ys))):
        bits = mutual_information(pair)
        assert bits is not None and 0 <= bits < 1e-13


@given(rows, st.data())
def test_merging_values_never_raises_information(given_rows: Rows, data: st.DataObject) -> None:
    merge = data.draw(st.dictionaries(st.integers(0, 5), st.integers(0, 5)))
    merged = [(merge.get(x, x), y) for x, y in given_rows]
    fine = mutual_information(slow_twins.table_of(given_rows))
    coarse = mutual_information(slow_twins.table_of(merged))
    assert coarse <= fine + 1e-12  # type: ignore[operator]


@given(triples)
def test_variation_of_information_is_a_metric(given_rows: list[tuple[int, int, int]]) -> None:
    def distance(first: int, second: int) -> float:
        return variation_of_information(  # type: ignore[return-value]
            slow_twins.table_of([(row[first], row[second]) for row in given_rows])
        )

    assert distance(0, 2) <= distance(0, 1) + distance(1, 2) + 1e-12
    assert distance(0, 1) == pytest.approx(distance(1, 0), abs=1e-14)
    assert distance(0, 0) == 0


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "min", "max"])
@given(rows)
def test_normalised_information_agrees_with_scikit_learn(method: str, given_rows: Rows) -> None:
    xs, ys = zip(*given_rows, strict=True)
    for pair in both_ways(given_rows):
        share = normalized_mutual_information(pair, method=method)
        alone = slow_twins.entropy(xs), slow_twins.entropy(ys)
        is_undefined = max(alone) == 0 if method in ("arithmetic", "max") else min(alone) == 0
        if is_undefined:
            assert share is None
        else:
            theirs = sklearn.metrics.normalized_mutual_info_score(xs, ys, average_method=method)
            assert share == pytest.approx(theirs, abs=1e-10)
            assert share is not None and 0 <= share <= 1


def test_the_default_mean_is_arithmetic_as_in_scikit_learn() -> None:
    table = [[5, 1, 0], [0, 2, 9]]
    assert normalized_mutual_information(table) == normalized_mutual_information(table, method="arithmetic")
    assert normalized_mutual_information(table) != normalized_mutual_information(table, method="max")
    with pytest.raises(ArgumentError, match="Did you mean 'geometric'"):
        normalized_mutual_information(table, method="geometrical")


def test_probabilities_serve_as_well_as_counts() -> None:
    counts = np.array([[3, 1, 0], [2, 2, 8]])
    for measure in MEASURES:
        assert measure(counts / counts.sum()) == pytest.approx(measure(counts), abs=1e-12)
        assert measure(counts * 10**11) == pytest.approx(measure(counts), abs=1e-12)
        assert measure(pair_sums(counts)) == pytest.approx(measure(counts), abs=1e-12)
        assert measure(pd.DataFrame(counts)) == measure(counts)


def test_rows_of_zeros_change_nothing() -> None:
    assert mutual_information([[3, 0, 1], [0, 0, 0], [1, 0, 3]]) == mutual_information([[3, 1], [1, 3]])


@pytest.mark.parametrize("measure", MEASURES, ids=by_name)
@pytest.mark.parametrize("nothing", [[[0, 0], [0, 0]], np.zeros((0, 0)), np.zeros((3, 0))], ids=["zeros", "0×0", "3×0"])
def test_nothing_counted_is_undefined(measure: Callable[..., object], nothing: Any) -> None:
    assert measure(nothing) is None
    assert measure(pair_sums(nothing)) is None


@pytest.mark.parametrize("measure", MEASURES, ids=by_name)
@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ([1, 2], "rows and columns"),
        ([[1, -2]], "table contains -2.0"),
        ([[1, math.nan]], "table contains nan"),
        ([["a", "b"]], "must be numbers"),
        (7, "rows and columns"),
    ],
)
def test_what_is_not_a_table_is_refused(measure: Callable[..., object], table: object, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        measure(table)


@pytest.mark.parametrize("measure", [conditional_entropy, uncertainty_coefficient], ids=by_name)
def test_the_known_column_is_x_or_y(measure: Callable[..., object]) -> None:
    with pytest.raises(ArgumentError, match="'x' or 'y'"):
        measure([[1, 2], [3, 4]], given="z")


@pytest.mark.parametrize("measure", MEASURES[:4], ids=by_name)
def test_a_base_must_be_above_one(measure: Callable[..., object]) -> None:
    with pytest.raises(ArgumentError, match="base is 1"):
        measure([[1, 2], [3, 4]], base=1)
    assert measure([[1, 2], [3, 4]], base=4) == pytest.approx(measure([[1, 2], [3, 4]]) / 2)  # type: ignore[operator]


def test_a_function_of_a_column_leaves_exactly_nothing() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        counts = rng.integers(1, 10**9, 40)
        table = np.zeros((40, 7), np.int64)
        table[np.arange(40), rng.integers(0, 7, 40)] = counts
        for pair in (table, pair_sums(table)):
            assert conditional_entropy(pair, given="x") == 0
            assert uncertainty_coefficient(pair, given="x") == 1.0
            assert mutual_information(pair) == pytest.approx(entropy(table.sum(axis=0)), abs=1e-12)


def test_information_of_a_constant_is_exactly_nothing() -> None:
    for table in ([[3, 5, 9, 10**9 + 7]], [[3], [5], [9], [10**9 + 7]], [[12345]]):
        for pair in (table, pair_sums(table)):
            assert mutual_information(pair) == 0
            assert planner_factor(pair) == 1


def test_large_counts_keep_nine_digits() -> None:
    rng = np.random.default_rng(4)
    table = rng.integers(0, 10**12, (40, 25))
    exact = [slow_twins.exact_entropy(part.ravel().tolist()) for part in (table.sum(1), table.sum(0), table)]
    shared = float(exact[0] + exact[1] - exact[2])
    for pair in (table, pair_sums(table)):
        assert mutual_information(pair) == pytest.approx(shared, abs=1e-11)
        assert joint_entropy(pair) == pytest.approx(float(exact[2]), abs=1e-11)


def test_sums_that_do_not_belong_together_are_refused() -> None:
    sums = pair_sums([[3, 1], [1, 3]])
    broken = PairSums(**{**{name: getattr(sums, name) for name in sums.__slots__}, "joint_clogc": 0.0})
    with pytest.raises(ArgumentError, match="not of one table"):
        mutual_information(broken)
