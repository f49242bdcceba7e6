from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import (
    expected_mutual_information,
    g3,
    mu_plus,
    mutual_information,
    pair_sums,
    pdep,
    rfi,
    tau,
    violating_rows,
)
from colprofile.measures.tables import Side
from tests.support import slow_twins

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60)
Rows = Sequence[tuple[Hashable, Hashable]]
MEASURES: list[Callable[..., object]] = [pdep, tau, mu_plus, g3]


def by_name(measure: Callable[..., object]) -> str:
    return measure.__name__


SPARSE = [
    [2, 1, 0, 1, 1, 1],
    [0, 1, 1, 0, 0, 0],
    [1, 3, 1, 0, 2, 2],
    [1, 1, 0, 2, 0, 1],
    [1, 0, 2, 0, 1, 0],
    [3, 0, 0, 2, 0, 0],
    [3, 1, 0, 1, 4, 0],
    [1, 1, 1, 0, 0, 1],
    [0, 0, 0, 0, 0, 1],
    [2, 2, 0, 1, 1, 0],
    [0, 0, 2, 0, 0, 1],
    [2, 0, 0, 0, 0, 0],
]
WIDE = [[4, 0, 1], [0, 7, 2], [3, 3, 0], [0, 0, 5], [1, 0, 0]]
NEAR = [[9, 1], [2, 8]]

# From the package afd-measures 1.0.0, by the authors of the ICDE 2024 paper, on each table's rows: pdep, tau, mu_plus,
# g3 (which they count as 1 less ours) and reliable_fraction_of_information, for x → y and for y → x.
AUTHORS = [
    (NEAR, "x", (0.75, 0.4949494949494948, 0.4668911335578001, 0.85, 0.36080784294158147)),
    (NEAR, "y", (0.7474747474747474, 0.4949494949494948, 0.4668911335578001, 0.85, 0.35820080927084735)),
    (WIDE, "x", (0.7034188034188036, 0.552480158730159, 0.4672382842025702, 0.7692307692307692, 0.4270875903384943)),
    (
        WIDE,
        "y",
        (0.49230769230769234, 0.32440944881889766, 0.26566244436836717, 0.6153846153846154, 0.3185853880491646),
    ),
    (
        SPARSE,
        "x",
        (0.3621031746031746, 0.21612678509230232, 0.0201584813653779, 0.4464285714285714, 0.016620191959403563),
    ),
    (
        SPARSE,
        "y",
        (0.1948058390022675, 0.09882623522880472, 0.008708858751685256, 0.2857142857142857, 0.012345578259606027),
    ),
]


@pytest.mark.parametrize(("table", "side", "theirs"), AUTHORS)
def test_agrees_with_the_authors_of_mu_plus(table: list[list[int]], side: Side, theirs: tuple[float, ...]) -> None:
    expected = expected_mutual_information(np.sum(table, axis=1), np.sum(table, axis=0))
    known = pdep(table, given=side), tau(table, given=side), mu_plus(table, given=side)
    assert known == pytest.approx(theirs[:3], abs=1e-12)
    assert 1 - g3(table, given=side) == pytest.approx(theirs[3], abs=1e-12)  # type: ignore[operator]
    assert rfi(table, expected, given=side) == pytest.approx(theirs[4], abs=1e-9)


def close(value: float | None) -> object:
    return None if value is None else pytest.approx(value, abs=1e-12)


@given(rows)
def test_agrees_with_the_loop_in_both_directions(given_rows: Rows) -> None:
    table = slow_twins.table_of(given_rows)
    for pair in (table, pair_sums(table)):
        directions: list[tuple[Side, Rows]] = [("x", given_rows), ("y", slow_twins.exchanged(given_rows))]
        for side, towards in directions:
            assert pdep(pair, given=side) == close(slow_twins.pdep(towards))
            assert tau(pair, given=side) == close(slow_twins.tau(towards))
            assert mu_plus(pair, given=side) == close(slow_twins.mu_plus(towards))
            violating = slow_twins.violating_rows(towards)
            assert violating_rows(pair, given=side) == violating
            assert g3(pair, given=side) == violating / len(given_rows)
        assert pdep(pair, given=None) == close(slow_twins.pdep_alone(given_rows))


@given(rows)
def test_figures_stay_within_their_bounds(given_rows: Rows) -> None:
    sums = pair_sums(slow_twins.table_of(given_rows))
    alone, known = pdep(sums, given=None), pdep(sums)
    assert alone is not None and known is not None
    assert 0 < alone <= known + 1e-12 and known <= 1
    for measure in (tau, mu_plus):
        value = measure(sums)
        assert value is None or 0 <= value <= 1
    if tau(sums) is not None and mu_plus(sums) is not None:
        assert mu_plus(sums) <= tau(sums) + 1e-12  # type: ignore[operator]
    share = g3(sums)
    assert share is not None and 0 <= share < 1


def test_an_exact_dependency_is_exactly_one() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        table = np.zeros((40, 7), np.int64)
        table[np.arange(40), rng.integers(0, 7, 40)] = rng.integers(1, 10**9, 40)
        assert pdep(table) == tau(table) == mu_plus(table) == 1.0
        assert g3(table) == violating_rows(table) == 0


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ([[2, 0], [0, 2]], (1.0, 1.0, 1.0, 0.0)),
        ([[1, 1], [1, 1]], (0.5, 0.0, 0.0, 0.5)),
        ([[9, 1], [2, 8]], (0.75, 0.49494949494949497, 0.4668911335578003, 0.15)),
        ([[3], [4]], (1.0, None, None, 0.0)),
        ([[1, 0], [0, 1]], (1.0, 1.0, None, 0.0)),
        ([[5]], (1.0, None, None, 0.0)),
        ([[0, 0], [0, 0]], (None, None, None, None)),
        (np.zeros((0, 0)), (None, None, None, None)),
    ],
    ids=["exact", "independent", "near", "constant y", "key", "one cell", "no rows", "no cells"],
)
def test_known_and_undefined_figures(table: Any, values: tuple[float | None, ...]) -> None:
    for pair in (table, pair_sums(table)):
        assert tuple(measure(pair) for measure in MEASURES) == tuple(close(value) for value in values)


@given(rows, st.floats(0, 3))
def test_reliable_fraction_is_the_fraction_less_its_expectation(given_rows: Rows, expected: float) -> None:
    table = slow_twins.table_of(given_rows)
    xs, ys = zip(*given_rows, strict=True)
    shared = mutual_information(table)
    assert shared is not None
    entropies: list[tuple[Side, float]] = [("x", slow_twins.entropy(ys)), ("y", slow_twins.entropy(xs))]
    for side, alone in entropies:
        value = rfi(table, expected, given=side)
        assert value == (None if alone == 0 else pytest.approx((shared - expected) / alone, abs=1e-9))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=6))
def test_reliable_fraction_is_zero_on_average_over_permutations(given_rows: Rows) -> None:
    xs, ys = zip(*given_rows, strict=True)
    expected = slow_twins.expected_mutual_information(given_rows)
    orders = [list(zip(xs, order, strict=True)) for order in itertools.permutations(ys)]
    figures = [rfi(slow_twins.table_of(order), expected) for order in orders]
    known = [figure for figure in figures if figure is not None]
    if len(set(ys)) == 1:
        assert known == []  # nothing is left to explain
    else:
        assert len(known) == len(orders)
        assert math.fsum(known) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("measure", [*MEASURES, violating_rows], ids=by_name)
def test_bad_input_is_refused(measure: Callable[..., object]) -> None:
    with pytest.raises(ArgumentError, match="'x' or 'y'"):
        measure([[1, 2], [3, 4]], given="z")
    with pytest.raises(ArgumentError, match="whole numbers"):
        measure([[0.5, 0.25], [0.25, 0]])
    with pytest.raises(ArgumentError, match="rows and columns"):
        measure([1, 2])


@pytest.mark.parametrize("expected", [-0.1, math.nan, math.inf, None])
def test_expected_bits_must_be_bits(expected: float) -> None:
    with pytest.raises(ArgumentError, match="expected is"):
        rfi([[1, 2], [3, 4]], expected)


def test_reliable_fraction_of_nothing_is_undefined() -> None:
    assert rfi([[0]], 0.0) is None
