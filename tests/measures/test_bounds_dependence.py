"""Bounds of a dependence from a sample: beside the exact figure, with NULLs that depend on the values."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from colprofile.counting.sampling import pair_cells
from colprofile.measures.bounds.dependence import PairMarginals, dependence_estimate, dependence_lower, dependence_upper
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.one_sided import Population
from colprofile.measures.chance import expected_mutual_information
from colprofile.measures.pairwise import dependence

ROWS = 6_000


class Pair(NamedTuple):
    """Two columns from 1, 0 being NULL; what is known of them, and their dependence."""

    x: np.ndarray
    y: np.ndarray
    known: PairMarginals
    exact: float | None

    def cells(self, seed: int, size: int):  # type: ignore[no-untyped-def]
        rows = np.random.default_rng(seed).choice(self.x.size, size, replace=False)
        return pair_cells(self.x[rows], self.y[rows], int(self.x.max()) + 1, int(self.y.max()) + 1)


def pair_of(x: np.ndarray, y: np.ndarray) -> Pair:
    rows, nulls = x.size, (int((x == 0).sum()), int((y == 0).sum()))
    distributions = [
        Distribution.of_counts(np.bincount(column[column > 0], minlength=int(column.max()) + 1)) for column in (x, y)
    ]
    least = max(1, rows - sum(nulls))
    dropped = nulls[1] / max(1, rows - nulls[0]), nulls[0] / max(1, rows - nulls[1])
    slack = (rows - min(nulls)) / least
    known = PairMarginals(
        Population(least, rows - max(nulls)), (distributions[0], distributions[1]), not sum(nulls), slack, dropped
    )
    both = (x > 0) & (y > 0)
    table = np.zeros((int(x.max()) + 1, int(y.max()) + 1), np.int64)
    np.add.at(table, (x[both], y[both]), 1)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    expected = expected_mutual_information(table.sum(axis=1), table.sum(axis=0))
    return Pair(x, y, known, dependence(table, expected).value)


def near(rng: np.random.Generator, noise: float) -> tuple[np.ndarray, np.ndarray]:
    x = rng.integers(1, 13, ROWS)
    return x, np.where(rng.random(ROWS) < noise, rng.integers(1, 5, ROWS), (x + 2) // 3)


def with_nulls(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """NULL is likelier where the values are large, and in different rows of the two."""
    return np.where(rng.random(ROWS) < x / 40, 0, x), np.where((y == 1) & (rng.random(ROWS) < 0.5), 0, y)


@pytest.mark.parametrize("noise", [0.02, 0.5, 1.0])
@pytest.mark.parametrize("has_nulls", [False, True])
@pytest.mark.parametrize("size", [40, 1_500])
def test_the_exact_dependence_is_missed_no_more_often_than_promised(noise: float, has_nulls: bool, size: int) -> None:
    rng = np.random.default_rng(5)
    x, y = near(rng, noise)
    pair = pair_of(*with_nulls(x, y, rng)) if has_nulls else pair_of(x, y)
    assert pair.exact is not None
    delta, trials = 0.4, 120
    missed = np.zeros(3, int)
    for seed in range(trials):
        cells = pair.cells(seed, size)
        wanted = pair.exact * (0.5 + seed % 3 / 2)
        missed += (
            dependence_lower(cells, pair.known, delta) > pair.exact + 1e-9,
            dependence_upper(cells, pair.known, delta) < pair.exact - 1e-9,
            dependence_upper(cells, pair.known, delta, wanted) < pair.exact - 1e-9,
        )
    assert (missed <= stats.binom.ppf(0.9999, trials, delta)).all()


def test_bounds_are_of_use() -> None:
    weak, strong = (pair_of(*near(np.random.default_rng(7), noise)) for noise in (1.0, 0.02))
    assert weak.exact is not None and strong.exact is not None and weak.exact < 0.01 < 0.9 < strong.exact
    high = dependence_upper(weak.cells(1, 3_000), weak.known, 0.01)
    low = dependence_lower(strong.cells(1, 3_000), strong.known, 0.01)
    assert weak.exact <= high < 0.2 and 0.7 < low <= strong.exact
    assert abs(dependence_estimate(strong.cells(1, 3_000)) - strong.exact) < 0.05


def test_a_bound_that_is_surely_below_what_is_wanted_is_not_pursued() -> None:
    """But it does fall below, however little is wanted: a pair whose bound stays at the threshold is never dropped."""
    x = np.repeat(np.arange(1, 9), 100_000)
    pair = pair_of(x, np.tile(np.arange(1, 3), 400_000))
    cells = pair.cells(3, 300_000)
    best = dependence_upper(cells, pair.known, 0.05)
    for wanted in (1.1 * best, 0.3):
        found = dependence_upper(cells, pair.known, 0.05, wanted)
        assert best <= found < wanted - 1e-9


def test_what_the_marginals_tell_needs_no_sample() -> None:
    """A constant and a key have no dependence with anything."""
    numbers = np.arange(1, ROWS + 1)
    some = (numbers % 7) + 1
    for x in (numbers, np.ones(ROWS, np.int64)):
        pair = pair_of(x, some)
        assert pair.exact is None
        assert dependence_upper(pair.cells(1, 10), pair.known, 0.1) == 0.0
        assert dependence_lower(pair.cells(1, 10), pair.known, 0.1) == 0.0
    holes = pair_of(np.where(numbers % 3 == 0, 0, numbers), some)
    assert dependence_upper(holes.cells(1, 2_000), holes.known, 0.1) > 0.0 and holes.exact is None


def test_no_complete_row() -> None:
    numbers = np.arange(100)
    pair = pair_of(np.where(numbers < 99, 0, 5), np.where(numbers < 98, numbers % 3 + 1, 0))
    cells = pair.cells(1, 50)
    assert not cells.counts.size and dependence_estimate(cells) == 0.0
    known = pair.known._replace(distributions=(pair.known.distributions[1], pair.known.distributions[1]))
    assert (dependence_lower(cells, known, 0.1), dependence_upper(cells, known, 0.1)) == (0.0, 1.0)
    assert math.isfinite(known.slack)
