"""The bits of an inclusion are those of exact fractions and of simulations."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.measures.inclusion import exact_inclusion_bits, gap_bits, inclusion_bits


def slow_bits(domain: int, target: int, values: int, orphans: int) -> float:
    """The twin: the hypergeometric sum in exact fractions."""
    ways = sum(
        math.comb(target, values - missing) * math.comb(domain - target, missing) for missing in range(orphans + 1)
    )
    chance = Fraction(ways, math.comb(domain, values))
    return math.log2(chance.denominator) - math.log2(chance.numerator)


cases = st.integers(1, 400).flatmap(
    lambda domain: st.integers(1, domain).flatmap(
        lambda values: st.integers(0, min(values - 1, domain - 1) // 2).flatmap(
            lambda orphans: st.tuples(
                st.just(domain), st.integers(values - orphans, domain - orphans), st.just(values), st.just(orphans)
            )
        )
    )
)


@given(cases)
def test_bits_are_those_of_fractions(case: tuple[int, int, int, int]) -> None:
    domain, target, values, orphans = case
    assert inclusion_bits(domain, target, values, orphans) == pytest.approx(slow_bits(*case), rel=1e-9, abs=1e-6)
    if not orphans:
        arrays = [np.array([number], np.float64) for number in (domain, target, values)]
        assert exact_inclusion_bits(*arrays)[0] == pytest.approx(slow_bits(*case), rel=1e-6, abs=1e-4)


def test_bits_say_how_often_chance_includes_as_much() -> None:
    random = np.random.default_rng(5)
    drawn = [np.count_nonzero(random.choice(60, 12, replace=False) >= 45) for _ in range(40_000)]
    for orphans in (1, 2, 4):
        share = np.mean(np.array(drawn) <= orphans)
        assert inclusion_bits(60, 45, 12, orphans) == pytest.approx(-math.log2(share), abs=0.1)


def test_small_numbers_from_1_prove_nothing_and_large_domains_everything() -> None:
    assert inclusion_bits(16, 500, 16) == 0
    assert inclusion_bits(2.0**122, 10**6, 1000) == pytest.approx(1000 * (122 - math.log2(10**6)), rel=1e-3)
    assert inclusion_bits(1e300, 1e6, 10**5, 500) > 1e6
    assert inclusion_bits(5, 5, 0) == inclusion_bits(5, 2, 3, 3) == 0


@pytest.mark.parametrize(("target", "reach", "values"), [(275, 10, 10), (8, 5, 3), (5000, 3000, 2000)])
def test_gap_bits_are_those_of_fractions(target: int, reach: int, values: int) -> None:
    ways = math.log2(math.comb(target, values)) - math.log2(math.comb(reach, values))
    assert gap_bits(target, reach, values) == pytest.approx(ways, rel=1e-9)
