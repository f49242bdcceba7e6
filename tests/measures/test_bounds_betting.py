"""Betting on rows: against brute force, and against the promise itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from colprofile.measures.bounds import betting


def capital(counts: np.ndarray, figures: np.ndarray, share: float, mean: float) -> float:
    """ln Π (1 + λ (φ − θ)), row by row."""
    total = 0.0
    for count, figure in zip(counts, figures, strict=True):
        for _ in range(int(count)):
            total += math.log(1 + share * (figure - mean))
    return total


def refused(counts: np.ndarray, figures: np.ndarray, mean: float, floor: float, delta: float) -> bool:
    """Whether any of the shares that are held ready refuses a mean."""
    sizes, level = betting.shares(float(counts.sum()), delta)
    return any(
        capital(counts, figures, share, mean) >= level for share in sizes if share * (mean - floor) < 1 and mean > floor
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(-3, 3)), min_size=1, max_size=6),
    st.sampled_from([0.01, 0.05, 0.3]),
)
def test_what_is_returned_is_refused_below_and_nearly_the_best(rows: list[tuple[int, float]], delta: float) -> None:
    counts, figures = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    bound = betting.known_mean(counts, figures, -4.0, delta)
    if bound > -4.0:
        assert refused(counts, figures, bound, -4.0, delta)
        assert refused(counts, figures, bound - 0.1, -4.0, delta) or bound - 0.1 < -4.0
        assert bound <= np.average(figures, weights=counts)


def test_known_mean_is_as_far_below_as_the_spread_asks_for() -> None:
    """√(2 ln(4/δ)) standard errors, 16 % more between two of the shares, and no term for the range."""
    rng = np.random.default_rng(1)
    figures = rng.normal(0, 1, 20_000)
    bound = betting.known_mean(np.ones(figures.size), figures, -30.0, 0.025)
    errors = (figures.mean() - bound) / (figures.std() / math.sqrt(figures.size))
    assert stats.norm.ppf(0.975) < errors < 1.03 * 1.16 * math.sqrt(2 * math.log(4 / 0.025))


def test_no_rows_and_constant_figures() -> None:
    assert betting.known_mean(np.zeros(0), np.zeros(0), -2.0, 0.1) == -2.0
    assert betting.known_mean(np.array([3.0]), np.array([-2.0]), -2.0, 0.1) == -2.0
    assert -0.02 < betting.known_mean(np.array([1e6]), np.array([0.0]), -20.0, 0.01) < 0.0
    assert betting.surprisal_mean(np.zeros(1), np.zeros(1), -2.0, 0.1) == -2.0


@pytest.mark.parametrize("share", [0.01, 0.05, 0.9])
def test_the_mean_is_missed_no_more_often_than_promised(share: float) -> None:
    """A rare large loss, which samples tend not to show, is what breaks a wrong bound."""
    rng = np.random.default_rng(7)
    population = np.where(np.arange(20_000) < 20_000 * share, -10.0, 1.0)
    delta, trials, misses, widths = 0.2, 400, 0, []
    for _ in range(trials):
        drawn = population[rng.choice(population.size, 300, replace=False)]
        counts = np.array([np.sum(drawn == -10.0), np.sum(drawn == 1.0)], float)
        bound = betting.known_mean(counts, np.array([-10.0, 1.0]), -10.0, delta)
        misses += bound > population.mean()
        widths.append(drawn.mean() - bound)
    assert misses <= stats.binom.ppf(0.999, trials, delta)
    assert np.mean(widths) < 4 * population.std() / math.sqrt(300) + 0.2


def least_capital(
    counts: np.ndarray,
    offsets: np.ndarray,
    groups: np.ndarray,
    weights: np.ndarray,
    caps: np.ndarray,
    share: float,
    mean: float,
) -> float:
    """The minimum over all distributions by a general optimiser."""

    def value(logs: np.ndarray) -> float:
        factors = 1 + share * (-logs[groups] - offsets - mean)
        return float(counts @ np.log(np.maximum(factors, 1e-9)))

    start = np.log(np.minimum(0.5 / weights.size / weights, caps * 0.9))
    found = optimize.minimize(
        value,
        start,
        constraints=[{"type": "ineq", "fun": lambda logs: 1 - weights @ np.exp(logs)}],
        bounds=[(-12.0, math.log(cap)) for cap in caps],
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    return float(found.fun)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("is_shared", [False, True])
def test_the_worst_law_is_certified(seed: int, is_shared: bool) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 60, 6).astype(float)
    offsets = rng.uniform(-1, 1, 6)
    groups = np.array([0, 1, 2, 0, 1, 2]) if is_shared else np.arange(6)
    size = int(groups.max()) + 1
    weights, caps = rng.uniform(0.3, 1.5, size), rng.uniform(0.3, 1.0, size)
    floor, delta = -1.5, 0.05
    bound = betting.surprisal_mean(counts, offsets, floor, delta, groups=groups, weights=weights, caps=caps)
    sizes, level = betting.shares(counts.sum(), delta)
    usable = [share for share in sizes if share * (1 + bound - floor) <= 1]
    worst = [least_capital(counts, offsets, groups, weights, caps, share, bound) for share in usable]
    if bound > floor:
        # At the bound some share reaches the level whatever the distribution …
        assert max(worst) >= level - 1e-6
        # … and a little above it that share does not: the tangent gives away next to nothing.
        above = bound + 0.05 * abs(bound) + 0.05
        assert least_capital(counts, offsets, groups, weights, caps, usable[int(np.argmax(worst))], above) < level


def test_cells_of_equal_counts_may_be_given_once() -> None:
    counts = np.array([3.0, 3.0, 3.0, 7.0, 7.0, 20.0])
    apart = betting.surprisal_mean(counts, np.zeros(6), 0.0, 0.05)
    together = betting.surprisal_mean(
        np.array([3.0, 7.0, 20.0]), np.zeros(3), 0.0, 0.05, multiplicities=np.array([3.0, 2.0, 1.0])
    )
    assert apart == pytest.approx(together, abs=1e-12)
    assert apart > 0


def test_a_bound_that_is_enough_is_not_pursued() -> None:
    counts = np.full(50, 200.0)
    best = betting.surprisal_mean(counts, np.zeros(50), 0.0, 0.05)
    assert betting.surprisal_mean(counts, np.zeros(50), 0.0, 0.05, enough=1.0) == 1.0 < best
    assert betting.surprisal_mean(counts, np.zeros(50), 0.0, 0.05, enough=10.0) == pytest.approx(best, abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_collisions_beyond_a_half_are_refused_by_a_capital_that_reached_its_level(seed: int) -> None:
    """The twin looks for the best share and mean by bisection; the kernel must be certified by a share, and near."""
    rng = np.random.default_rng(seed)
    cells = int(rng.integers(2, 400))
    distribution = rng.dirichlet(np.full(cells, 0.3))
    model, judge = (rng.multinomial(rows, distribution).astype(float) for rows in (700, 900))
    weights = rng.uniform(0.1, 30.0, cells)
    delta = 0.01
    own, most = betting.collision_rest(model, judge, weights, model.sum(), delta)

    hits = model / model.sum() * weights
    assert own == pytest.approx(np.sum(model * hits) / model.sum())
    largest = float(hits.max())
    shares = 0.9 / largest / 3.0 ** np.arange(8)
    level = math.log(shares.size / delta)

    def capital(share: float, mean: float) -> float:
        return float(np.sum(judge * np.log1p(share * (mean - hits))))

    def least_refused(share: float) -> float:
        low, high = float(np.sum(judge * hits) / judge.sum()), largest
        if capital(share, high) < level:
            return largest
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (low, middle) if capital(share, middle) >= level else (middle, high)
        return high

    best = min(least_refused(share) for share in shares)
    assert best - 1e-9 <= most <= largest
    if most < largest:
        assert max(capital(share, most) for share in shares) >= level - 1e-9
    assert most - np.sum(judge * hits) / judge.sum() <= 1.35 * (best - np.sum(judge * hits) / judge.sum())


def test_collisions_of_cells_that_the_first_half_missed_are_none() -> None:
    none = betting.collision_rest(np.zeros(2), np.array([3.0, 4.0]), np.ones(2), 5.0, 0.1)
    assert none == (0.0, 0.0)
