from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from colprofile.errors import ArgumentError
from colprofile.measures import (
    g_test,
    js_divergence,
    kl_divergence,
    kl_noise_floor,
    psi,
    unseen_mass,
    vanished_mass,
)
from tests.support import slow_twins

MEASURES: list[Callable[..., object]] = [
    kl_divergence,
    js_divergence,
    psi,
    unseen_mass,
    vanished_mass,
    g_test,
]

Cells = list[tuple[int, int]]
cells = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=12)
both_sides = cells.filter(lambda both: any(p for p, _ in both) and any(q for _, q in both))
supported = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=1, max_size=12).filter(
    lambda both: any(p for p, _ in both)
)


def sides(both: Cells) -> tuple[list[int], list[int]]:
    return [p for p, _ in both], [q for _, q in both]


def test_textbook_values() -> None:
    assert kl_divergence([0.5, 0.5], [0.9, 0.1], base=math.e) == pytest.approx(math.log(5 / 3), abs=1e-15)
    assert kl_divergence([0.5, 0.5], [0.9, 0.1], base=math.e) == pytest.approx(0.5108, abs=5e-5)
    assert kl_divergence([0.9, 0.1], [0.5, 0.5], base=math.e) == pytest.approx(0.3681, abs=5e-5)
    assert kl_divergence([1, 0], [1, 1]) == 1.0
    assert js_divergence([1, 0], [0, 1]) == 1.0
    assert js_divergence([1, 0], [0, 1], base=math.e) == pytest.approx(math.log(2), abs=1e-15)
    assert psi([1, 1], [3, 1]) == pytest.approx(0.25 * math.log(3), abs=1e-15)
    assert psi([1, 1], [3, 1], base=2) == pytest.approx(0.25 * math.log2(3), abs=1e-15)


@given(supported)
def test_kl_agrees_with_scipy_and_the_loop(both: Cells) -> None:
    p, q = sides(both)
    bits = kl_divergence(p, q)
    assert bits == pytest.approx(scipy.stats.entropy(p, q, base=2), abs=1e-12)
    assert bits == pytest.approx(slow_twins.kl(p, q), abs=1e-12)
    assert kl_divergence(p, q, base=math.e) == pytest.approx(scipy.stats.entropy(p, q), abs=1e-12)


@given(both_sides)
def test_kl_is_undefined_exactly_without_support(both: Cells) -> None:
    p, q = sides(both)
    has_support = all(b or not a for a, b in both)
    bits = kl_divergence(p, q)
    assert (bits is not None) == has_support
    assert has_support == (unseen_mass(p, q) == 0)
    assert has_support == (slow_twins.kl(p, q) < math.inf)


@given(supported)
def test_kl_is_positive_unless_the_two_are_equal(both: Cells) -> None:
    p, q = sides(both)
    bits = kl_divergence(p, q)
    assert bits is not None
    assert bits >= 0
    if all(a * sum(q) == b * sum(p) for a, b in both):
        assert bits == pytest.approx(0, abs=1e-15)
    else:
        # Pinsker: KL ≥ ½ (Σ |P − Q|)² nats.
        distance = sum(abs(a / sum(p) - b / sum(q)) for a, b in both)
        assert bits >= distance**2 / 2 / math.log(2) * (1 - 1e-9) > 0


@given(st.lists(st.integers(0, 10**9), min_size=1).filter(any), st.integers(1, 10**6))
def test_the_number_of_rows_does_not_matter(p: list[int], factor: int) -> None:
    many = [factor * a for a in p]
    for measure in (kl_divergence, js_divergence, psi):
        assert measure(p, many) == pytest.approx(0, abs=1e-15)
    assert kl_divergence(p, p) == js_divergence(p, p) == psi(p, p) == 0


@given(both_sides)
def test_js_agrees_with_scipy_and_the_loop_and_is_symmetric(both: Cells) -> None:
    p, q = sides(both)
    bits = js_divergence(p, q)
    assert bits is not None and 0 <= bits <= 1
    assert bits == js_divergence(q, p)
    assert bits == pytest.approx(slow_twins.js(p, q), abs=1e-12)
    # scipy's square root may be of a tiny negative number, NaN, where the two are equal.
    distance = np.nan_to_num(_quietly(lambda: jensenshannon(p, q, base=2)))
    assert bits == pytest.approx(distance**2, abs=1e-12)


def _quietly(call: Callable[[], float]) -> float:
    with np.errstate(invalid="ignore"):
        return float(call())


@given(supported)
def test_psi_is_the_sum_of_both_kl(both: Cells) -> None:
    p, q = sides(both)
    assume(all(p))
    index = psi(p, q)
    assert index == pytest.approx(
        kl_divergence(p, q, base=math.e) + kl_divergence(q, p, base=math.e),  # type: ignore[operator]
        abs=1e-12,
    )
    assert index == pytest.approx(psi(q, p), abs=1e-14)
    assert index is not None and index >= 0


@given(supported, st.data())
def test_merging_cells_never_raises_a_divergence(both: Cells, data: st.DataObject) -> None:
    assume(len(both) > 1)
    first = data.draw(st.integers(0, len(both) - 2))
    (p1, q1), (p2, q2) = both[first], both[first + 1]
    merged = [*both[:first], (p1 + p2, q1 + q2), *both[first + 2 :]]
    for measure in (kl_divergence, js_divergence):
        assert measure(*sides(merged)) <= measure(*sides(both)) + 1e-12  # type: ignore[operator]
    fine, coarse = psi(*sides(both)), psi(*sides(merged))
    assert fine is None or (coarse is not None and coarse <= fine + 1e-12)


@given(both_sides, st.floats(0.01, 10))
def test_smoothing_adds_rows_to_the_model_alone(both: Cells, smoothing: float) -> None:
    p, q = sides(both)
    assert kl_divergence(p, q, smoothing=smoothing) == pytest.approx(
        kl_divergence(p, [b + smoothing for b in q]), abs=1e-12
    )
    assert psi(p, q, smoothing=smoothing) == pytest.approx(
        psi([a + smoothing for a in p], [b + smoothing for b in q]), abs=1e-12
    )


def test_smoothing_gives_the_posterior_mean() -> None:
    assert kl_divergence([1, 1], [3, 0], smoothing=0.5) == pytest.approx(
        slow_twins.kl([0.5, 0.5], [3.5 / 4, 0.5 / 4]), abs=1e-15
    )
    assert kl_divergence([1, 1], [0, 0], smoothing=0.5) == 0.0
    assert kl_divergence([0, 0], [1, 1], smoothing=0.5) is None


def test_large_counts_keep_nine_digits() -> None:
    rng = np.random.default_rng(5)
    p = rng.integers(1, 10**12, 500).tolist()
    for q in (
        rng.integers(1, 10**12, 500).tolist(),
        [a + 1 for a in p],
        [a + a // 10**6 for a in p],
        [1] * 499 + [10**12],
    ):
        exact = slow_twins.exact_kl(p, q)
        assert abs(Decimal(kl_divergence(p, q) or 0) - exact) < Decimal("1e-12")


@given(st.lists(st.tuples(st.floats(0, 1e300), st.floats(1e-300, 1e300)), min_size=1, max_size=6))
def test_wild_weights_never_give_nan_or_infinity(both: list[tuple[float, float]]) -> None:
    p, q = [p for p, _ in both], [q for _, q in both]
    for figure in (kl_divergence(p, q), js_divergence(p, q), psi(p, q), unseen_mass(p, q)):
        assert figure is None or (math.isfinite(figure) and figure >= 0)


@pytest.mark.parametrize(
    ("p", "q", "unseen", "vanished"),
    [
        ([6, 3, 1], [5, 0, 0], 0.4, 0.0),
        ([6, 0], [3, 1], 0.0, 0.25),
        ([1, 0], [0, 1], 1.0, 1.0),
        ([1, 2], [0, 0], 1.0, None),
        ([0, 0], [1, 2], None, 1.0),
        ([], [], None, None),
        ([0, 3], [0, 3], 0.0, 0.0),
    ],
)
def test_masses(p: list[int], q: list[int], unseen: float | None, vanished: float | None) -> None:
    assert (unseen_mass(p, q), vanished_mass(p, q)) == (unseen, vanished)


@pytest.mark.parametrize(("p", "q"), [([], []), ([0], [1]), ([1], [0]), ([0, 0], [0, 0])])
def test_an_empty_side_is_undefined(p: list[int], q: list[int]) -> None:
    for measure in (kl_divergence, js_divergence, psi, g_test):
        assert measure(p, q) is None


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
@pytest.mark.parametrize(
    ("p", "q", "complaint"),
    [
        ([1, 2], [1], "p has 2 cells and q has 1"),
        ([1, -2], [1, 1], "p contains -2.0"),
        ([1, 2], [1, math.nan], "q contains nan"),
        ([1, 2], [math.inf, 1], "q contains inf"),
        ([[1, 2]], [1, 1], "p must be a flat"),
        ([1, 2], "ab", "q must be a flat"),
    ],
)
def test_bad_sides_are_refused(measure: Callable[..., object], p: list[float], q: list[float], complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        measure(p, q)


@pytest.mark.parametrize("smoothing", [0, -1, math.nan, math.inf, "some"])
@pytest.mark.parametrize("measure", [kl_divergence, psi], ids=lambda measure: measure.__name__)
def test_smoothing_must_be_above_zero(measure: Callable[..., object], smoothing: float) -> None:
    with pytest.raises(ArgumentError, match="smoothing is"):
        measure([1], [1], smoothing=smoothing)


def test_noise_floor_is_the_mean_kl_of_samples() -> None:
    rng = np.random.default_rng(11)
    shares = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    fresh = rng.multinomial(4000, shares, 2000)
    stale = rng.multinomial(1000, shares, 2000)
    one = np.array([kl_divergence(sample, shares) for sample in fresh])
    two = np.array([kl_divergence(a, b) for a, b in zip(fresh, stale, strict=True)])
    for figures, floor in ((one, kl_noise_floor(5, 4000)), (two, kl_noise_floor(5, 4000, 1000))):
        assert floor == pytest.approx(figures.mean(), abs=4 * figures.std() / math.sqrt(figures.size))


def test_noise_floor_edges() -> None:
    assert kl_noise_floor(1, 10) == 0.0
    assert kl_noise_floor(0, 10) is None
    assert kl_noise_floor(5, 0) is None
    assert kl_noise_floor(5, 10, 0) is None
    for bins, fresh, stale in ((-1, 1, 1), (1, -1, 1), (1, 1, -1)):
        with pytest.raises(ArgumentError, match="at least 0"):
            kl_noise_floor(bins, fresh, stale)


@given(supported)
def test_g_test_against_a_known_distribution_agrees_with_scipy(both: Cells) -> None:
    p, q = sides(both)
    outcome = g_test(p, q)
    assert outcome is not None
    expected = np.array(q) / sum(q) * sum(p)
    theirs = scipy.stats.power_divergence(p, expected * (sum(p) / expected.sum()), lambda_="log-likelihood")
    assert outcome.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
    assert outcome.degrees_of_freedom == len(q) - 1
    if len(q) > 1:
        # Of equal distributions scipy's statistic may be -1e-15, of which it makes no p-value.
        p_value = theirs.pvalue if theirs.statistic > 0 else 1.0
        assert outcome.p_value == pytest.approx(p_value, rel=1e-6, abs=1e-300)
    bits = kl_divergence(p, q)
    assert outcome.statistic == pytest.approx(2 * sum(p) * math.log(2) * bits, abs=1e-9)  # type: ignore[operator]


@given(both_sides)
def test_g_test_of_two_samples_agrees_with_scipy(both: Cells) -> None:
    seen = [(p, q) for p, q in both if p or q]
    p, q = sides(both)
    outcome = g_test(p, q, is_model_sampled=True)
    assert outcome is not None
    assert outcome.degrees_of_freedom == len(seen) - 1
    if len(seen) == 1:
        assert outcome.p_value == 1.0
    else:
        theirs = scipy.stats.chi2_contingency(np.array(seen).T, lambda_="log-likelihood", correction=False)
        assert outcome.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
        assert outcome.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-300)


def test_g_test_without_support_is_certain() -> None:
    outcome = g_test([5, 1], [5, 0])
    assert outcome is not None
    assert (outcome.statistic, outcome.degrees_of_freedom, outcome.p_value) == (None, 0, 0.0)


def test_g_test_p_values_are_uniform_where_nothing_drifted() -> None:
    rng = np.random.default_rng(13)
    shares = rng.dirichlet(np.full(12, 5.0))
    fresh, stale = rng.multinomial(5000, shares, 1000), rng.multinomial(3000, shares, 1000)
    one = [g_test(sample, shares).p_value for sample in fresh]  # type: ignore[union-attr]
    two = [
        g_test(a, b, is_model_sampled=True).p_value  # type: ignore[union-attr]
        for a, b in zip(fresh, stale, strict=True)
    ]
    for p_values in (one, two):
        assert scipy.stats.kstest(p_values, "uniform").pvalue > 0.001
