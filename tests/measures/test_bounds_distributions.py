"""Distribution: probabilities of a column's values, and what bounds ask of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from colprofile.measures.bounds.distributions import Distribution


def test_a_law_knows_its_entropy_kinds_and_least_probability() -> None:
    distribution = Distribution.of_counts([0, 4, 2, 1, 1])
    assert distribution.shares.tolist() == [0, 0.5, 0.25, 0.125, 0.125]
    assert distribution.entropy == pytest.approx(1.75 * math.log(2))
    assert (distribution.distinct, distribution.least) == (4, 0.125)
    assert distribution.surprisals[1:].tolist() == pytest.approx([math.log(2), math.log(4), math.log(8), math.log(8)])
    assert math.isinf(distribution.surprisals[0])


def test_rare_values_weigh_as_much_as_the_next_one_that_is_not() -> None:
    distribution = Distribution.of_counts([*[1] * 9, 41, 950])
    # Nine rows of a thousand are rare together; the tenth would make it more than a hundredth.
    assert distribution.common == pytest.approx(0.041)
    assert distribution.weights.tolist() == pytest.approx([*[1 / 0.041] * 10, 1 / 0.95])


def test_a_law_of_no_rows_has_no_probabilities() -> None:
    distribution = Distribution.of_counts(np.zeros(3))
    assert distribution.shares.tolist() == [0, 0, 0]
    assert (distribution.distinct, distribution.entropy) == (0, 0.0)


@pytest.mark.parametrize("seed", range(300))
def test_the_entropy_of_rows_that_are_left_lies_between_its_bounds(seed: int) -> None:
    """The rows that go are those that move the entropy most: random ones, all of a value, all but one value."""
    rng = np.random.default_rng(seed)
    kinds = int(rng.integers(1, 12))
    counts = rng.multinomial(int(rng.integers(kinds, 400)), rng.dirichlet(np.full(kinds, 0.5)))
    rows = int(counts.sum())
    gone = int(rng.integers(0, rows))
    order = rng.permutation(kinds) if seed % 2 else np.argsort(counts if seed % 4 else -counts)
    left = counts.copy()
    for value in order:
        take = min(int(left[value]), gone - (rows - int(left.sum())))
        left[value] -= take
    if seed % 3 == 0:
        left = rng.multivariate_hypergeometric(counts, rows - gone)
    least, most = Distribution.of_counts(counts).entropy_after_dropping(gone / rows)
    assert least - 1e-12 <= Distribution.of_counts(left).entropy <= most + 1e-12


def test_little_that_is_dropped_moves_the_entropy_little() -> None:
    distribution = Distribution.of_counts(np.full(1000, 10))
    least, most = distribution.entropy_after_dropping(0.001)
    assert 0.98 * distribution.entropy < least < distribution.entropy == pytest.approx(most)
    assert distribution.entropy_after_dropping(0.0) == (distribution.entropy, distribution.entropy)
    assert distribution.entropy_after_dropping(1.0) == (0.0, math.log(1000))
