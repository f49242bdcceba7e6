"""All kernels against a slow loop, at every cardinality, with NULLs."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting import kernels
from colprofile.counting.dependencies.relation import Relation
from colprofile.counting.grouped import RowOrder
from colprofile.counting.pairs import Sums, _of_partner, dense_table, table_sums
from colprofile.measures.sums import PairSums


def slow_sums(x: list[int], y: list[int]) -> PairSums:
    """The sums of two columns of codes, 0 being NULL, straight from their definitions."""
    rows = [(a, b) for a, b in zip(x, y, strict=True) if a and b]
    joint, by_x, by_y = Counter(rows), Counter(a for a, _ in rows), Counter(b for _, b in rows)

    def clogc(counts: Any) -> float:
        return math.fsum(c * math.log2(c) for c in counts)

    return PairSums(
        rows=len(rows),
        distinct_x=len(by_x),
        distinct_y=len(by_y),
        cells=len(joint),
        joint_clogc=clogc(joint.values()),
        x_clogc=clogc(by_x.values()),
        y_clogc=clogc(by_y.values()),
        square_over_x=math.fsum(c * c / by_x[a] for (a, _), c in joint.items()),
        square_over_y=math.fsum(c * c / by_y[b] for (_, b), c in joint.items()),
        x_square=sum(c * c for c in by_x.values()),
        y_square=sum(c * c for c in by_y.values()),
        best_y_by_x=sum(max(c for (a, _), c in joint.items() if a == value) for value in by_x),
        best_x_by_y=sum(max(c for (_, b), c in joint.items() if b == value) for value in by_y),
    )


def by_dense(x: np.ndarray, y: np.ndarray) -> Sums:
    widths = int(x.max(initial=0)) + 1, int(y.max(initial=0)) + 1
    return table_sums(dense_table(x, widths[0], y, widths[1], lambda: None), *widths)


def by_groups(x: np.ndarray, y: np.ndarray) -> Sums:
    counts = np.bincount(x, minlength=int(x.max(initial=0)) + 1).astype(np.int64)
    partner = (y, np.bincount(y, minlength=1).astype(np.int64))
    return _of_partner(RowOrder(x, counts).count([partner])[0], None, None)


def by_combination(x: np.ndarray, y: np.ndarray) -> Sums:
    counts = [np.bincount(codes, minlength=int(codes.max(initial=0)) + 1).astype(np.int64) for codes in (x, y)]
    return Sums(*Relation([x, y], counts).groups([0]).sums(1))


KERNELS = [by_dense, by_groups, by_combination]
TYPES = [np.uint8, np.uint16, np.uint32]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("x_type", TYPES)
@pytest.mark.parametrize("y_type", TYPES)
def test_equals_the_slow_loop_for_every_code_type(kernel: Any, x_type: Any, y_type: Any) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 9, 503).astype(x_type)
    y = ((x.astype(int) * 2 + rng.integers(0, 3, 503)) % 14).astype(y_type)
    assert astuple(kernel(x, y).sums) == pytest.approx(astuple(slow_sums(x.tolist(), y.tolist())), rel=1e-14)


columns = st.integers(0, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 7), min_size=n, max_size=n), st.lists(st.integers(0, 40), min_size=n, max_size=n)
    )
)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=150, deadline=None)
@given(columns)
def test_equals_the_slow_loop(kernel: Any, pair: tuple[list[int], list[int]]) -> None:
    x, y = (np.array(side, np.uint8) for side in pair)
    assert astuple(kernel(x, y).sums) == pytest.approx(astuple(slow_sums(*pair)), rel=1e-13)


@settings(max_examples=100, deadline=None)
@given(columns)
def test_the_two_kernels_agree_whichever_column_leads(pair: tuple[list[int], list[int]]) -> None:
    x, y = (np.array(side, np.uint8) for side in pair)
    first, second = by_dense(x, y), by_groups(x, y)
    assert astuple(first.sums) == pytest.approx(astuple(second.sums), rel=1e-13)
    assert first.expected == pytest.approx(second.expected, abs=1e-12)


@pytest.mark.parametrize("lowest", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("has_axes", [False, True])
def test_rows_with_a_value_of_their_own_are_counted_apart(lowest: tuple[int, int], has_axes: bool) -> None:
    """NULL in none of the columns, in one and in both."""
    rng = np.random.default_rng(7)
    x, y = rng.integers(lowest[0], 600, 500).astype(np.uint16), rng.integers(lowest[1], 9, 500).astype(np.uint8)
    x[:200], y[:3] = np.arange(600, 800), lowest[1]
    x[400:420] = lowest[0]
    counts = np.bincount(x, minlength=800).astype(np.int64)
    axes = [rng.normal(size=800), rng.normal(size=9)] if has_axes else [None, None]
    order = RowOrder(x, counts)
    found = order.count([(y, np.bincount(y, minlength=9).astype(np.int64))], axes[0], [axes[1]])[0]
    assert order.are_apart and order.permutation.size < 420
    assert astuple(found.sums) == pytest.approx(astuple(slow_sums(x.tolist(), y.tolist())), rel=1e-13)
    there = (x != 0) & (y != 0)
    assert found.x_counts[1:].tolist() == np.bincount(x[there], minlength=800)[1:].tolist()
    assert found.y_counts[1:].tolist() == np.bincount(y[there], minlength=9)[1:].tolist()
    if axes[0] is not None and axes[1] is not None:
        assert found.cross == pytest.approx(float((axes[0][x] * axes[1][y])[there].sum()), rel=1e-12)


def test_counts_beyond_the_table_of_logarithms() -> None:
    rows = 3 * kernels.TABLE_LIMIT
    x = np.ones(rows, np.uint8)
    y = np.repeat(np.array([1, 2], np.uint8), [rows - 5, 5])
    expected = (rows - 5) * math.log2(rows - 5) + 5 * math.log2(5)
    for kernel in KERNELS:
        assert kernel(x, y).sums.joint_clogc == pytest.approx(expected, rel=1e-15)


def test_all_null_gives_no_rows() -> None:
    x, y = np.zeros(7, np.uint8), np.ones(7, np.uint8)
    for kernel in KERNELS:
        assert kernel(x, y).sums == slow_sums([0] * 7, [1] * 7)


def test_sort_rows_is_stable() -> None:
    codes = np.array([2, 0, 1, 2, 1], np.uint8)
    counts = np.bincount(codes).astype(np.int64)
    order = RowOrder(codes, counts)
    assert order.permutation.tolist() == [1, 2, 4, 0, 3]
    assert order.offsets.tolist() == [0, 1, 3, 5]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 300), max_size=200))
def test_count_codes(codes: list[int]) -> None:
    counts = np.zeros(301, np.int64)
    kernels.count_codes(np.array(codes, np.uint16), counts)
    assert counts.tolist() == np.bincount(np.array(codes, np.int64), minlength=301).tolist()
