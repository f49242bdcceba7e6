"""Guaranteed bounds: closed forms, the worst-case formulas spelled out, and coverage of many samples."""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from colprofile import measures
from colprofile.errors import ArgumentError
from colprofile.measures.bounds import worst_case
from colprofile.measures.bounds.api import (
    Bounds,
    JointCells,
    distinct_bounds,
    entropy_bounds,
    joint_cells,
    kl_bounds,
    mutual_information_bounds,
)
from colprofile.measures.bounds.distinct import distinct_most
from colprofile.measures.bounds.models import conditional, discounted
from colprofile.measures.bounds.one_sided import Population, population_of, with_first


@pytest.fixture(scope="module")
def suite() -> Any:
    """``bench.bounds``, whose populations are the tests' too."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    try:
        return importlib.import_module("bench.bounds")
    finally:
        sys.path.pop(0)


@pytest.mark.parametrize("index", range(12))
def test_intervals_miss_no_more_often_than_promised(suite: Any, index: int) -> None:
    """Few trials here; ``make bench-bounds`` runs 2,000 of each."""
    trials = 12
    for name, line in suite.tally(index, range(trials)).items():
        assert line.misses <= stats.binom.ppf(0.9999, trials, 0.05), (suite.SETTINGS[index].name, name)
        if name in suite.TEXTBOOK and line.textbook_width > 0:
            assert line.width <= 1.1 * line.textbook_width, (suite.SETTINGS[index].name, name)


def test_the_suite_sees_a_bound_that_is_wrong(suite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sides that forget their deviation are caught."""
    from colprofile.measures.bounds import api as bounds

    def careless(first: Any, second: Any, whole: Any, delta: float, most: float) -> tuple[float, float, float]:
        bits = measures.entropy(first + second) or 0.0
        return bits, bits, bits + 0.01

    monkeypatch.setattr(bounds, "entropy_sides", careless)
    assert suite.tally(3, range(5))["entropy"].misses == 5


@pytest.mark.parametrize("rows", [100, 2_000])
def test_a_lower_bound_never_exceeds_the_entropy_in_many_draws(rows: int) -> None:
    weights = 1 / np.arange(1, 301)
    counts = np.maximum(1, np.round(weights / weights.sum() * 50_000)).astype(np.int64)
    exact = measures.entropy(counts)
    assert exact is not None
    rng = np.random.default_rng(3)
    for seed in range(100):
        sample = rng.multivariate_hypergeometric(counts, rows)
        found = entropy_bounds(sample, int(counts.sum()), confidence=0.999, seed=seed)
        assert found is not None and found.upper is not None
        assert found.lower <= exact <= found.upper


class TestEntropy:
    def test_every_row_is_exact(self) -> None:
        found = entropy_bounds([3, 3, 2], 8)
        exact = measures.entropy([3, 3, 2])
        assert exact is not None
        assert found is not None and found.is_exact
        assert found.lower == pytest.approx(exact) and found.upper == pytest.approx(exact) and found.width == 0
        assert str(found) == f"{exact:.4f} bits, exact"

    def test_nothing_to_count(self) -> None:
        assert entropy_bounds([], 10) is None
        assert entropy_bounds([0, 0], 10) is None

    @pytest.mark.parametrize("counts", [[1], [1, 1], [2], [5]])
    def test_tiny_samples_say_next_to_nothing_and_say_so(self, counts: list[int]) -> None:
        found = entropy_bounds(counts, 1_000_000)
        assert found is not None and found.upper is not None
        assert found.lower < 1 and found.upper > 15

    def test_a_constant_has_no_entropy_as_far_as_is_known(self) -> None:
        found = entropy_bounds([10_000], 1_000_000)
        assert found is not None and found.upper is not None
        assert found.lower == 0.0 and 0 < found.upper < 0.1
        known = entropy_bounds([10_000], 1_000_000, distinct=1)
        assert known is not None and known.upper == 0.0

    def test_a_key_is_seen_by_its_lack_of_collisions(self) -> None:
        """The sample's entropy cannot exceed log2 10,000 = 13.3; the population's is 19.9."""
        found = entropy_bounds(np.ones(10_000), 1_000_000)
        assert found is not None and found.upper is not None
        assert 19.0 < found.lower <= math.log2(1_000_000) <= found.upper + 1e-9

    def test_the_estimate_is_no_sample_s_own(self) -> None:
        """2,000 rows of 50,000 values show few twice: their own entropy is 10.9 bits of 15.6."""
        counts = np.random.default_rng(1).multivariate_hypergeometric(np.full(50_000, 20), 2_000)
        found = entropy_bounds(counts, 1_000_000)
        assert found is not None
        assert abs(found.estimate - math.log2(50_000)) < 0.5

    def test_a_known_number_of_values_sharpens_the_upper_bound(self) -> None:
        counts = np.full(50, 20)
        loose, sharp = entropy_bounds(counts, 100_000), entropy_bounds(counts, 100_000, distinct=50)
        assert loose is not None and sharp is not None
        assert sharp.width < loose.width
        assert sharp.upper == pytest.approx(math.log2(50))

    def test_more_rows_more_confidence(self) -> None:
        widths = [entropy_bounds(np.full(20, n), 10_000_000).width for n in (50, 500, 5_000)]  # type: ignore[union-attr]
        assert widths[0] > widths[1] > widths[2]
        sure = entropy_bounds(np.full(20, 500), 10_000_000, confidence=0.999999)
        assert sure is not None and sure.width > widths[1]

    def test_the_same_seed_gives_the_same_bounds(self) -> None:
        counts = np.arange(1, 60)
        one, same, other = (entropy_bounds(counts, 10**6, seed=seed) for seed in (1, 1, 2))
        assert one == same
        assert one != other

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([5, 5], 9), "population_rows is 9, but the sample has 10 rows"),
            (([5, 5], 20, 1.0), "confidence is 1.0: give a number above 0 and below 1"),
            (([5, 5], 20, "high"), "confidence is 'high'"),
            (([5, 5], 20, 0.9, 1), "distinct is 1, but the sample has 2 distinct values"),
            (([0.5, 5], 20), "give counts of rows, whole numbers"),
        ],
    )
    def test_bad_arguments(self, arguments: tuple[Any, ...], message: str) -> None:
        counts, rows, *rest = arguments
        names = ("confidence", "distinct")
        with pytest.raises(ArgumentError, match=message):
            entropy_bounds(counts, rows, **dict(zip(names, rest, strict=False)))


class TestInformation:
    @pytest.mark.parametrize("is_known", [False, True])
    def test_the_estimate_is_corrected_for_chance(self, is_known: bool) -> None:
        """300 × 300 values in 3,000 rows share 3.9 bits by chance; in all rows 0.06."""
        x, y = np.random.default_rng(2).integers(0, 300, (2, 1_000_000))
        cells = np.unique(x[:3_000] * 300 + y[:3_000], return_counts=True)
        marginals = (np.bincount(x), np.bincount(y)) if is_known else None
        sample = joint_cells(cells[0] // 300, cells[0] % 300, cells[1])
        found = mutual_information_bounds(sample, 1_000_000, marginals=marginals)
        assert found is not None
        assert found.estimate < 0.6

    def test_every_row_is_exact(self) -> None:
        found = mutual_information_bounds([[4, 0], [0, 4]], 8)
        assert found is not None and (found.lower, found.upper) == (1.0, 1.0)

    def test_independent_columns_are_seen_with_few_rows(self) -> None:
        """64 × 64 cells and 8,000 rows: the sample alone shows 0.4 bits, the worst-case bound is above 0.6."""
        rng = np.random.default_rng(5)
        table = rng.multinomial(8_000, np.full(4096, 1 / 4096)).reshape(64, 64)
        marginal = np.full(64, 10**6 // 64)
        found = mutual_information_bounds(table, 10**6, marginals=(marginal, marginal))
        assert found is not None and found.upper is not None
        assert measures.mutual_information(table) > 0.3  # type: ignore[operator]
        assert found.upper < 0.15 and found.lower == 0.0

    def test_a_constant_shares_nothing(self) -> None:
        found = mutual_information_bounds([[50, 50]], 10_000, marginals=([10_000], [5_000, 5_000]))
        assert found is not None and (found.lower, found.upper) == (0.0, 0.0)

    def test_without_marginals_the_interval_is_wider_but_holds(self) -> None:
        table = np.diag([500] * 8) + 5
        rows = 100 * int(table.sum())
        sides = table.sum(axis=0) * 100
        exact = measures.mutual_information(table)
        assert exact is not None
        known, alone = (
            mutual_information_bounds(table, rows, marginals=(sides, sides)),
            mutual_information_bounds(table, rows),
        )
        for found in (known, alone):
            assert found is not None and found.upper is not None
            assert found.lower <= exact <= found.upper
        assert known is not None and alone is not None and known.width < alone.width

    def test_cells_are_what_a_table_is(self) -> None:
        table = np.array([[30, 0, 5], [2, 40, 0]])
        x, y = np.nonzero(table)
        assert mutual_information_bounds(table, 5_000) == mutual_information_bounds(
            joint_cells(x, y, table[x, y]), 5_000
        )

    def test_an_empty_sample(self) -> None:
        assert mutual_information_bounds(np.zeros((2, 2)), 10) is None

    def test_marginals_that_contradict_are_refused(self) -> None:
        with pytest.raises(ArgumentError, match="marginals of y add up to 9: give the counts of all 10 rows"):
            mutual_information_bounds([[2, 1]], 10, marginals=([10], [4, 5]))
        with pytest.raises(ArgumentError, match="marginals of y have fewer rows of a value than the sample"):
            mutual_information_bounds([[2, 1]], 10, marginals=([10], [1, 9]))

    def test_a_hopeless_sample_says_what_would_do(self) -> None:
        table = np.eye(30)
        found = mutual_information_bounds(table, 1_000_000)
        assert found is not None and found.is_trivial
        assert found.rows_needed is not None and 30 < found.rows_needed <= 1_000_000
        assert f"the sample says nothing; {found.rows_needed:,} rows would" in str(found)


class TestDivergence:
    def test_both_sides_hold_and_narrow(self) -> None:
        p, q = np.array([0.6, 0.3, 0.1]), np.array([1.0, 1.0, 1.0])
        exact = measures.kl_divergence(p, q)
        assert exact is not None
        few, many = (kl_bounds(np.round(p * n), q, 10**7) for n in (1_000, 100_000))
        for found in (few, many):
            assert found is not None and found.upper is not None
            assert found.lower <= exact <= found.upper
        assert many is not None and few is not None and many.width < few.width / 5

    def test_without_support(self) -> None:
        assert kl_bounds([5, 5], [1, 0], 100) is None
        open_above = kl_bounds([50, 0], [1, 0], 10_000)
        assert open_above is not None and open_above.upper is None and open_above.width == math.inf
        smoothed = kl_bounds([50, 0], [1, 0], 10_000, smoothing=0.5)
        assert smoothed is not None and smoothed.upper is not None

    def test_every_row_is_exact(self) -> None:
        found = kl_bounds([3, 1], [1, 1], 4)
        assert found is not None and found.estimate == pytest.approx(measures.kl_divergence([3, 1], [1, 1]))


class TestDistinct:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 30), st.integers(1, 40), st.sampled_from([0.5, 0.05, 0.001]))
    def test_the_upper_bound_is_the_largest_number_not_refuted(self, new: int, drawn: int, delta: float) -> None:
        """Against every candidate in turn."""
        new = min(new, drawn)
        first, second = np.zeros(new + 1), np.ones(new + 1)
        first[0], second[0] = 10.0, float(drawn - new)
        rest = 150
        candidates = [
            count
            for count in range(new, rest - (drawn - new) + 1)
            if stats.hypergeom.cdf(new, rest, count, drawn) > delta
        ]
        assert distinct_most(first, second, 10 + rest, delta) == 1 + max(candidates, default=new)

    def test_the_sample_never_overestimates(self) -> None:
        found = distinct_bounds([4, 3, 1], 1_000)
        assert found is not None and found.lower == 3
        assert distinct_bounds([], 10) is None
        whole = distinct_bounds([4, 3, 1], 8)
        assert whole is not None and (whole.lower, whole.upper) == (3, 3)


class TestTextbook:
    """The worst-case formulas of docs/bounds.md, spelled out."""

    def test_sensitivity_is_what_one_row_can_do(self) -> None:
        for rows in (2, 3, 7, 20):
            most = 0.0
            for count in range(1, rows + 1):
                before = measures.entropy([count, rows - count])
                after = measures.entropy([count - 1, rows - count, 1])
                assert before is not None and after is not None
                most = max(most, abs(before - after))
            assert most <= worst_case.entropy_sensitivity(rows) + 1e-12
        assert worst_case.entropy_sensitivity(8) == pytest.approx((8 * 3 - 7 * math.log2(7)) / 8)
        assert worst_case.information_sensitivity(3) == pytest.approx(2 * 2.0 / 3)

    def test_deviation(self) -> None:
        beta, m, n, delta = 0.01, 100, 1_000, 0.05
        expected = beta * math.sqrt(m * (n - m) * math.log(1 / delta) / (2 * (n - 0.5) * (1 - 1 / (2 * (n - m)))))
        assert worst_case.deviation(beta, m, n, delta) == pytest.approx(expected)
        assert worst_case.deviation(beta, n, n, delta) == 0.0

    def test_rows_needed_are_the_first_power_that_does(self) -> None:
        needed = worst_case.rows_needed(0.5, 32, 10**7, 1_000, 0.05)
        for rows, is_enough in ((needed, True), (needed // 2, False)):
            spread = worst_case.deviation(worst_case.entropy_sensitivity(rows), rows, 10**7, 0.025)
            assert (2 * spread + worst_case.bias(1_000, rows, 10**7) <= 0.5) == is_enough
        assert worst_case.rows_needed(1e-9, 32, 1_000, 10, 0.05) == 1_000


class TestModels:
    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(0, 50))
    def test_codes_are_probabilities(self, counts: list[int], more: int) -> None:
        first = np.array(counts, float)
        seen = int(np.count_nonzero(first))
        most = seen + more
        if not most:
            return
        logs, unseen = discounted(first, most)
        total = np.exp(logs[first > 0]).sum() + (more * math.exp(unseen) if more else 0.0)
        assert total <= 1 + 1e-9

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=4))
    def test_conditional_models_are_probabilities(self, table: list[list[int]]) -> None:
        first = np.array(table, float)
        x, y = (codes.ravel() for codes in np.indices(first.shape))
        base = np.log(np.array([0.5, 0.3, 0.2]))
        model = conditional(JointCells(x, y, first.ravel(), np.ones(first.size)), base[y])
        q = np.exp(model.ratios + base[y]).reshape(first.shape)
        assert np.all(q.sum(axis=1) <= 1 + 1e-9)
        assert model.ratios.min() >= model.floor - 1e-9


def test_the_rows_of_the_first_half_are_accounted_for() -> None:
    assert with_first(2.0, 1.0, 25, Population(100, 100)) == pytest.approx(1.25)
    assert with_first(2.0, 1.0, 25, Population(50, 100)) == pytest.approx(1.25)
    assert with_first(0.0, 1.0, 25, Population(50, 100)) == pytest.approx(0.5)


def test_how_many_rows_are_complete() -> None:
    """Chernoff's interval holds the truth, closes in on it, and is wider than the exact hypergeometric test's."""
    for seen, sampled, rows in ((0, 50, 1_000), (20, 100, 10_000), (100, 100, 10_000), (999, 1_000, 50_000)):
        found = population_of(seen, sampled, rows, 0.05)
        assert seen <= found.least <= seen / sampled * rows <= found.most <= rows - (sampled - seen)
        for outside, is_below in ((found.least - 1, True), (found.most + 1, False)):
            if seen <= outside <= rows - (sampled - seen):
                chance = stats.hypergeom(rows, outside, sampled)
                assert (chance.sf(seen - 1) if is_below else chance.cdf(seen)) <= 0.025


def test_bounds_speak_for_themselves() -> None:
    found = Bounds(1.0, 1.5, None, 10, 100, 0.95)
    assert str(found) == "1.0000 to ∞ bits with 95 % confidence, from 10 of 100 rows"
