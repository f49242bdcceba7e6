"""Two-sample tests against scipy, loops and their own null distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures.two_samples import benjamini_hochberg, pooled_g_test, share_test, unseen_test


@pytest.mark.parametrize("seed", range(5))
def test_g_is_scipys_where_nothing_is_pooled(seed: int) -> None:
    random = np.random.default_rng(seed)
    fresh, stale = random.integers(50, 200, 8), random.integers(80, 300, 8)
    found = pooled_g_test(fresh, stale, np.arange(8))
    expected = scipy.stats.chi2_contingency([fresh, stale], lambda_="log-likelihood", correction=False)
    n, m, total = fresh.sum(), stale.sum(), fresh.sum() + stale.sum()
    williams = 1 + (total / n + total / m - 1) * ((total / (fresh + stale)).sum() - 1) / (6 * total * 7)
    assert found is not None and found.statistic is not None
    assert found.statistic * williams == pytest.approx(expected.statistic)
    assert found.degrees_of_freedom == expected.dof == 7
    assert found.p_value == pytest.approx(scipy.stats.chi2.sf(found.statistic, 7))


def test_small_cells_are_pooled_until_each_side_expects_five() -> None:
    fresh, stale = [100, *[1] * 20], [100, *[1] * 20]
    found = pooled_g_test(fresh, stale, np.arange(21))
    assert found is not None and found.degrees_of_freedom == 4  # one large cell, 20 pairs of one row in pools of 5
    assert pooled_g_test([3, 3], [2, 4], [0, 1]) == (0.0, 0, 1.0)
    assert pooled_g_test([], [], []) is None and pooled_g_test([1], [0], [0]) is None


def test_empty_cells_change_nothing() -> None:
    assert pooled_g_test([60, 0, 40], [40, 0, 60], [0, 1, 2]) == pooled_g_test([60, 40], [40, 60], [0, 1])


def test_keys_of_another_length_are_refused() -> None:
    with pytest.raises(ArgumentError, match="key"):
        pooled_g_test([1, 2], [1, 2], [0])


@pytest.mark.parametrize(("values", "rows"), [(4000, 6000), (300, 2000), (50, 200)])
def test_the_p_value_is_uniform_for_sparse_cells_of_one_distribution(values: int, rows: int) -> None:
    """What a plain χ² gets wrong: thousands of cells with a few rows each."""
    random = np.random.default_rng(values)
    shares = random.dirichlet(np.full(values, 0.5))
    found = []
    for _ in range(300):
        fresh, stale = random.multinomial(rows, shares), random.multinomial(2 * rows, shares)
        test = pooled_g_test(fresh, stale, np.arange(values))
        assert test is not None
        found.append(test.p_value)
    assert abs(np.mean(np.array(found) < 0.05) - 0.05) < 0.04
    assert abs(np.mean(np.array(found) < 0.5) - 0.5) < 0.09


def test_unseen_values_are_counted_against_chance() -> None:
    random = np.random.default_rng(3)
    alarms = 0
    for _ in range(300):
        whole = random.zipf(1.5, 400) % 500
        is_fresh = random.random(400) < 0.4
        fresh, stale = (np.bincount(whole[side], minlength=500) for side in (is_fresh, ~is_fresh))
        alarms += unseen_test(fresh, stale) < 0.05
    assert alarms <= 0.06 * 300
    assert unseen_test([3] * 50 + [0] * 50, [0] * 50 + [3] * 50) < 1e-6
    assert unseen_test([], []) == unseen_test([1], [0]) == 1.0


@given(st.integers(0, 60), st.integers(60, 400), st.integers(0, 60), st.integers(60, 400))
def test_rare_shares_are_tested_by_the_binomial(a: int, n: int, b: int, m: int) -> None:
    found = share_test(a, n, b, m)
    assert 0 <= found <= 1
    assert found == pytest.approx(share_test(b, m, a, n), abs=1e-9)
    rare = a + b
    if rare and 2 * rare <= n + m and rare * min(n, m) / (n + m) < 50:
        binomial = scipy.stats.binom(rare, n / (n + m))
        expected = min(1.0, 2 * min(binomial.cdf(a), binomial.sf(a - 1)))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_benjamini_hochberg_is_scipys(p_values: list[float]) -> None:
    found = benjamini_hochberg(p_values)
    expected = scipy.stats.false_discovery_control(p_values, method="bh") if p_values else []
    assert found == pytest.approx(list(expected), abs=1e-12)


def test_large_counts_do_not_overflow() -> None:
    found = pooled_g_test([10**15, 10**15], [10**15, 10**15 + 1], [0, 1])
    assert found is not None and found.statistic is not None and math.isfinite(found.statistic)
