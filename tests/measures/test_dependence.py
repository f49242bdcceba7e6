"""Dependence: against its slow twin, and the properties that people rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ArgumentError
from colprofile.measures import dependence
from colprofile.measures.chance import expected_bits
from colprofile.measures.permutation import mutual_information_variance, variance_bits
from colprofile.measures.resolutions import expected_at
from tests.support.dependence import slow_dependence, slow_expected, slow_variance

Values = npt.NDArray[Any]
Draw = Callable[[np.random.Generator, int], Values]

KINDS: dict[str, Draw] = {
    "text key": lambda q, n: np.array([f"k{i}" for i in q.permutation(n)]),
    "numeric key": lambda q, n: q.permutation(n),
    "normal": lambda q, n: q.normal(size=n),
    "skewed text": lambda q, n: np.array([f"v{i}" for i in np.minimum(q.zipf(1.3, n), 10**9)]),
    "skewed number": lambda q, n: np.minimum(q.zipf(1.3, n), 10**9),
    "30 texts": lambda q, n: np.array([f"t{i}" for i in q.integers(0, 30, n)]),
    "boolean": lambda q, n: q.random(n) < 0.5,
    "rare": lambda q, n: q.random(n) < 0.02,
    "pairs of rows": lambda q, n: np.array([f"h{i}" for i in q.integers(0, n // 2, n)]),
    "half one value": lambda q, n: np.where(q.random(n) < 0.5, -1, q.integers(0, n, n)),
    "counts": lambda q, n: np.round(q.exponential(8, n)).astype(int),
    "times": lambda q, n: np.datetime64("2026-01-01") + q.integers(0, 10**6, n).astype("timedelta64[s]"),
}


def strength(x: Values, y: Values) -> float | None:
    return colprofile.profile(pd.DataFrame({"x": x, "y": y})).pairs[0].dependence


def is_ordered(values: Values) -> bool:
    return values.dtype.kind in "iufM"


@pytest.mark.parametrize("rows", [30, 100])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_its_slow_twin(kind: str, rows: int) -> None:
    """Each kind of column with each other, half of the rows of y following x."""
    q = np.random.default_rng([rows, list(KINDS).index(kind)])
    x = KINDS[kind](q, rows)
    for other in KINDS.values():
        y = other(q, rows)
        follows = q.random(rows) < 0.5
        _, codes = np.unique(x, return_inverse=True)
        y[follows] = np.unique(y)[codes[follows] % np.unique(y).size]
        expected = slow_dependence(x, y, is_ordered(x), is_ordered(y))
        assert strength(x, y) == (None if expected is None else pytest.approx(expected, abs=1e-5))


def test_the_measure_of_a_table_is_that_of_the_profile() -> None:
    q = np.random.default_rng(1)
    x = q.normal(size=3000)
    for y in (x + q.normal(size=3000), np.round(x, 1), q.integers(0, 5, 3000) + (x > 0), q.normal(size=3000)):
        pair = colprofile.profile(pd.DataFrame({"x": x, "y": y})).pairs[0]
        found = dependence(pd.crosstab(x, y).to_numpy(), ordered_x=True, ordered_y=True)
        assert found.value == pytest.approx(pair.dependence, abs=1e-9)
        assert (found.bins_x, found.bins_y) == (pair.bins_x, pair.bins_y)


class TestChance:
    """Mean and variance of the mutual information of permuted columns."""

    @pytest.mark.parametrize("first", ["skewed text", "30 texts", "boolean", "half one value"])
    @pytest.mark.parametrize("second", ["skewed number", "rare", "pairs of rows", "counts"])
    def test_variance_equals_its_slow_twin_and_nearly_that_of_permutations(self, first: str, second: str) -> None:
        q = np.random.default_rng(7)
        x, y = (np.unique(KINDS[kind](q, 300), return_inverse=True)[1] for kind in (first, second))
        table = np.zeros((x.max() + 1, y.max() + 1), np.int64)
        np.add.at(table, (x, y), 1)
        by_x, by_y = table.sum(axis=1), table.sum(axis=0)
        found = float(variance_bits(by_x, by_y))
        assert found == pytest.approx(slow_variance(table), rel=1e-6)
        permuted = []
        for _ in range(400):
            cells = np.unique(x * 1000 + q.permutation(y), return_counts=True)[1]
            permuted.append(float(cells @ np.log2(cells)))
        # 400 permutations give a variance to about 7 %; the formula itself is good to about a third.
        assert found == pytest.approx(np.var(permuted), rel=0.6)

    def test_variance_of_full_cells_is_that_of_chi_squared(self) -> None:
        counts_x, counts_y = [3000, 2000, 5000], [4000, 6000]
        chi_squared = 2 * (3 - 1) * (2 - 1)  # of G = 2 n ln 2 · I
        assert mutual_information_variance(counts_x, counts_y) * (2 * 10_000 * np.log(2)) ** 2 == pytest.approx(
            chi_squared, rel=0.01
        )

    def test_nothing_varies_of_constants_and_keys(self) -> None:
        assert mutual_information_variance([5], [2, 3]) == 0.0
        assert mutual_information_variance([1] * 50, [25, 25]) == pytest.approx(0.0, abs=1e-9)
        assert mutual_information_variance([], []) == 0.0
        with pytest.raises(ArgumentError, match="adds up to 3 and counts_y to 2"):
            mutual_information_variance([3], [2])

    @pytest.mark.parametrize("counts", [[700, 800, 900], [40, 40, 5000], [200] * 30])
    def test_the_series_of_the_expectation_is_the_expectation(self, counts: list[int]) -> None:
        other = np.array([sum(counts) // 2, sum(counts) - sum(counts) // 2])
        exact = float(expected_bits(np.array(counts), other, True))
        assert float(expected_at(np.array(counts), other)) == pytest.approx(exact, rel=2e-3)

    def test_the_expectation_equals_its_slow_twin(self) -> None:
        table = np.random.default_rng(1).integers(0, 4, (6, 9))
        assert float(expected_bits(table.sum(axis=1), table.sum(axis=0))) == pytest.approx(slow_expected(table))


class TestScale:
    """For normal variables it is |r|, at every number of rows and after every monotone transform."""

    @pytest.mark.parametrize("r", [0.3, 0.5, 0.7, 0.9, 0.99])
    @pytest.mark.parametrize("rows", [300, 2000, 50_000])
    def test_of_a_normal_pair_it_is_the_correlation(self, rows: int, r: float) -> None:
        if rows == 300 and r < 0.5:
            return  # 300 rows are not enough to be sure of so weak a dependence
        found = []
        for seed in range(20 if rows < 50_000 else 3):
            q = np.random.default_rng(seed)
            x = q.normal(size=rows)
            found.append(strength(x, r * x + np.sqrt(1 - r * r) * q.normal(size=rows)) or 0.0)
        assert np.median(found) == pytest.approx(r, abs=0.12 if rows == 300 else 0.05)

    def test_monotone_transforms_change_nothing(self) -> None:
        q = np.random.default_rng(3)
        x = q.normal(size=2000)
        y = x + q.normal(size=2000)
        plain = strength(x, y)
        assert plain is not None
        for f, g in ((np.exp, np.cbrt), (lambda v: -v, np.exp), (np.arctan, lambda v: v**3)):
            assert strength(f(x), g(y)) == pytest.approx(plain, abs=0.03)

    def test_numbers_texts_and_times_of_few_values_are_alike(self) -> None:
        q = np.random.default_rng(4)
        x = q.integers(0, 16, 3000)
        y = (x // 4 + (q.random(3000) < 0.3)) % 5
        forms = [x, x.astype(str), np.datetime64("2026-01-01") + x.astype("timedelta64[D]")]
        found = [strength(form, other) for form in forms for other in (y, y.astype(str))]
        assert len(set(found)) == 1

    def test_a_parabola_and_a_common_sign(self) -> None:
        q = np.random.default_rng(5)
        x = q.normal(size=5000)
        assert (strength(x, x**2 + 0.05 * q.normal(size=5000)) or 0) >= 0.95
        assert strength(x, np.sign(x) * q.exponential(size=5000)) == pytest.approx(0.85, abs=0.03)


class TestFunctions:
    """Exact functions are strong whatever the type, unless many of their bits are chance."""

    @pytest.mark.parametrize("form", ["number", "text", "time"])
    def test_a_function_of_a_column_with_few_chance_bits(self, form: str) -> None:
        q = np.random.default_rng(6)
        t = q.integers(0, 2000, 100_000)
        y = t % 24
        x = {
            "number": t,
            "text": np.array([f"t{i}" for i in t]),
            "time": np.datetime64("2026-01-01T00") + t.astype("timedelta64[h]"),
        }[form]
        assert float(expected_bits(np.bincount(t), np.bincount(y))) < 0.1 * np.log2(24)
        assert (strength(x, y) or 0) >= 0.95
        assert (strength(x, y.astype(str)) or 0) >= 0.95

    def test_a_function_half_of_whose_bits_are_chance(self) -> None:
        t = np.random.default_rng(7).integers(0, 7000, 50_000)
        assert (strength(t.astype(str), t % 24) or 0) >= 0.7

    @pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.1, 0.3])
    @pytest.mark.parametrize("is_text", [False, True])
    def test_near_keys_gain_no_more_than_their_repeated_rows(self, share: float, is_text: bool) -> None:
        for seed in range(5):
            q = np.random.default_rng(seed)
            rows = np.concatenate([np.arange(8000), q.integers(0, 8000, int(share * 8000))])
            other = q.integers(0, 30, 8000)[rows]
            found = strength(rows.astype(str) if is_text else rows, other.astype(str))
            assert (found or 0) <= np.sqrt(share) + 0.05


class TestIndependence:
    """Independent columns of every mix show nothing, keys included."""

    @pytest.mark.parametrize("rows", [50, 400])
    def test_independent_columns(self, rows: int) -> None:
        """100 tables of each size: 99 % of the tables show no dependence above 0.05 at all."""
        shown = 0
        for seed in range(100):
            q = np.random.default_rng([seed, rows])
            table = pd.DataFrame({name: draw(q, rows) for name, draw in KINDS.items()})
            pairs = colprofile.profile(table, quality=False, example_rows=False, threads=1, progress=False).pairs
            shown += any((pair.dependence or 0) > 0.05 for pair in pairs)
        assert shown <= 0.01 * 100

    def test_a_key_shows_nothing_and_a_constant_is_undefined(self) -> None:
        table = pd.DataFrame({"key": [f"k{i}" for i in range(500)], "y": [i % 7 for i in range(500)], "one": 1})
        profile = colprofile.profile(table)
        assert profile.pair("key", "y").dependence == 0.0
        assert profile.pair("one", "y").dependence is None
        assert "constant" in profile.pair("one", "y").undefined["dependence"]

    def test_the_number_of_pairs_does_not_depend_on_how_they_are_counted(self) -> None:
        q = np.random.default_rng(8)
        table = pd.DataFrame({f"c{i}": q.normal(size=300) for i in range(6)})
        table["c5"] = 0.45 * table["c0"] + q.normal(size=300)
        everything = colprofile.profile(table)
        strongest = colprofile.profile(table, top_pairs=1)
        assert strongest.pairs[0].dependence == everything.pairs[0].dependence


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="pairs is 0"):
        dependence([[1, 2], [3, 4]], pairs=0)
    with pytest.raises(ArgumentError, match="table"):
        dependence([1, 2, 3])
    with pytest.raises(ArgumentError, match="fewer than"):
        dependence([[2**32, 1], [1, 1]])
