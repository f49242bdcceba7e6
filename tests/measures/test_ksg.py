from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from colprofile.errors import ArgumentError, MissingExtra
from colprofile.measures import dependence, mutual_information_ksg
from tests.support import slow_twins


def parabola(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """y = x² + noise, x normal: I = h(Y) − h(noise) = 1.520 nats for a noise of 0.18, integrated numerically."""
    x, noise = np.random.default_rng(seed).normal(size=(2, rows))
    return x, x**2 + 0.18 * noise


def cells_of_equal_mass(values: np.ndarray, bins: int) -> np.ndarray:
    return np.argsort(np.argsort(values)) * bins // values.size


@pytest.mark.parametrize("seed", range(5))
def test_a_parabola_that_pearson_cannot_see(seed: int) -> None:
    x, y = parabola(5000, seed)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.1
    assert mutual_information_ksg(x, y, base=math.e) == pytest.approx(1.52, abs=0.06)
    assert mutual_information_ksg(x, y) == pytest.approx(1.52 / math.log(2), abs=0.09)
    table = np.zeros((64, 64), int)
    np.add.at(table, (cells_of_equal_mass(x, 64), cells_of_equal_mass(y, 64)), 1)
    assert dependence(table, ordered_x=True, ordered_y=True).value == pytest.approx(0.96, abs=0.02)
    shuffled = np.random.default_rng(seed).permutation(y)
    assert mutual_information_ksg(x, shuffled) == pytest.approx(0, abs=0.06)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_gaussians_have_a_closed_form(correlation: float) -> None:
    x, noise = np.random.default_rng(1).normal(size=(2, 10_000))
    y = correlation * x + math.sqrt(1 - correlation**2) * noise
    bits = -0.5 * math.log2(1 - correlation**2)
    assert mutual_information_ksg(x, y) == pytest.approx(bits, abs=0.05)


@pytest.mark.parametrize("neighbors", [1, 3, 7])
def test_agrees_with_the_loop(neighbors: int) -> None:
    x, y = parabola(150)
    # scikit-learn divides by the standard deviation first: distances along x and y are then of one scale.
    slow = slow_twins.ksg_nats((x / x.std()).tolist(), (y / y.std()).tolist(), neighbors)
    assert mutual_information_ksg(x, y, neighbors=neighbors, base=math.e) == pytest.approx(slow, abs=1e-6)


def test_the_seed_repeats() -> None:
    x, y = parabola(200)
    ties = np.round(y, 1)
    assert mutual_information_ksg(x, ties, seed=1) == mutual_information_ksg(x, ties, seed=1)


def test_too_little_or_constant_is_undefined() -> None:
    assert mutual_information_ksg([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], neighbors=3) is None
    assert mutual_information_ksg([], []) is None
    assert mutual_information_ksg([1.0] * 9, range(9)) is None
    assert mutual_information_ksg(range(9), [1.0] * 9) is None


@pytest.mark.parametrize(
    ("x", "y", "options", "complaint"),
    [
        ([1.0, 2.0], [1.0], {}, "2 rows and y has 1"),
        ([1.0, math.nan], [1.0, 2.0], {}, "x contains NaN"),
        ([1.0, 2.0], [1.0, math.inf], {}, "y contains NaN or inf"),
        (["a", "b"], [1.0, 2.0], {}, "must be an array of numbers"),
        ([[1.0], [2.0]], [1.0, 2.0], {}, "flat"),
        ([1.0, 2.0], [1.0, 2.0], {"neighbors": 0}, "neighbors is 0"),
        ([1.0, 2.0], [1.0, 2.0], {"neighbors": 1.5}, "neighbors is 1.5"),
        ([1.0, 2.0], [1.0, 2.0], {"base": 1}, "base is 1"),
    ],
)
def test_bad_input_is_refused(x: object, y: object, options: dict[str, float], complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        mutual_information_ksg(x, y, **options)  # type: ignore[arg-type]


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.feature_selection", None)
    with pytest.raises(MissingExtra, match=r"pip install 'colprofile\[knn\]'"):
        mutual_information_ksg([1.0, 2.0], [1.0, 2.0])
