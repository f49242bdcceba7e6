from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import (
    cross_entropy,
    efficiency,
    entropy,
    entropy_from_fingerprint,
    fingerprint,
    kl_divergence,
    max_entropy,
    perplexity,
    surprisal,
)
from tests.support import slow_twins

counts = st.lists(st.integers(0, 1000), max_size=30)
some_counts = counts.filter(any)


@pytest.mark.parametrize(
    ("given_counts", "bits"),
    [
        ([1, 1], 1.0),
        ([0.5, 0.5], 1.0),
        ([99, 1], 0.08079313589591118),
        ([1, 1, 1, 1], 2.0),
        ([7], 0.0),
        ([0, 7, 0], 0.0),
        ([2, 1, 1], 1.5),
        ([1] * 1024, 10.0),
    ],
)
def test_textbook_values(given_counts: list[float], bits: float) -> None:
    assert entropy(given_counts) == pytest.approx(bits, abs=1e-14)


@pytest.mark.parametrize("empty", [[], [0], [0, 0], np.zeros(3, np.uint8), np.array([], object)])
def test_nothing_counted_is_undefined(empty: Any) -> None:
    for measure in (entropy, max_entropy, efficiency, perplexity):
        assert measure(empty) is None


@pytest.mark.parametrize(
    "given_counts",
    [
        np.array([3, 1], np.uint8),
        np.array([3, 1], np.int64),
        np.array([3, 1], np.float32),
        (3, 1),
        pd.Series([3, 1], index=["a", "b"]),
        [Decimal(3), Decimal(1)],
        [Fraction(3, 4), Fraction(1, 4)],
        [3 * 10**30, 10**30],
        np.array([3, 1], np.uint64),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_numeric_type_counts(given_counts: Any) -> None:
    assert entropy(given_counts) == pytest.approx(0.8112781244591328, abs=1e-15)


def test_narrow_integers_do_not_overflow() -> None:
    assert entropy(np.full(1000, 255, np.uint8)) == pytest.approx(math.log2(1000), abs=1e-12)


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ([1, -1], "contains -1.0"),
        ([1, math.nan], "contains nan"),
        ([1, math.inf], "contains inf"),
        ([[1, 2], [3, 4]], "flat sequence"),
        (5, "flat sequence"),
        (["a", "b"], "must be numbers"),
        ([1, None], "contains nan"),
        ({"a": 1}, "flat sequence"),
        ([1 + 2j, 1], "must be numbers"),
        ([1e308, 1e308], "more than a float can hold"),
        (np.array(["2020-01-01"], "datetime64[D]"), "must be numbers"),
    ],
)
def test_what_cannot_be_a_count_is_refused(bad: Any, complaint: str) -> None:
    for measure in (entropy, max_entropy, efficiency, perplexity):
        with pytest.raises(ArgumentError, match=complaint) as caught:
            measure(bad)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("base", [1, 0, -2, math.nan, math.inf, None, "e"])
def test_a_base_must_be_above_one(base: float) -> None:
    calls: list[tuple[Callable[..., object], tuple[Any, ...]]] = [
        (entropy, ([1, 1],)),
        (max_entropy, ([1, 1],)),
        (surprisal, (0.5,)),
        (cross_entropy, ([1], [1])),
        (entropy_from_fingerprint, (([1], [1]),)),
    ]
    for measure, arguments in calls:
        with pytest.raises(ArgumentError, match="base is"):
            measure(*arguments, base=base)


def test_other_units() -> None:
    assert entropy([1, 1], base=math.e) == pytest.approx(math.log(2), abs=1e-15)
    assert entropy([1] * 10, base=10) == pytest.approx(1.0, abs=1e-15)
    assert max_entropy([1] * 10, base=10) == pytest.approx(1.0, abs=1e-15)
    assert surprisal(math.exp(-3), base=math.e) == pytest.approx(3.0, abs=1e-14)


LARGE = {
    "one giant and one row": [10**12, 1],
    "a thousand of 10^12": [10**12 + i for i in range(1000)],
    "all scales": [10**k for k in range(13)] * 5,
    "giants and singles": [10**12] * 900 + [1] * 5000,
    "odd numbers": [999_999_999_989, 999_999_999_961, 3, 7, 10**11 + 9],
}


@pytest.mark.parametrize("name", LARGE)
def test_large_counts_keep_nine_digits(name: str) -> None:
    exact = slow_twins.exact_entropy(LARGE[name])
    assert abs(Decimal(entropy(LARGE[name]) or 0) - exact) < Decimal("1e-12")
    assert abs(Decimal(entropy_from_fingerprint(fingerprint(LARGE[name])) or 0) - exact) < Decimal("1e-12")


def test_a_million_values_keep_nine_digits() -> None:
    many = np.random.default_rng(7).integers(1, 10**9, 100_000)
    shares = many / int(many.sum())
    assert entropy(many) == pytest.approx(math.fsum(-shares * np.log2(shares)), abs=1e-12)


@given(some_counts)
def test_agrees_with_scipy_and_the_loop(given_counts: list[int]) -> None:
    bits = entropy(given_counts)
    values = [value for value, count in enumerate(given_counts) for _ in range(count)]
    assert bits == pytest.approx(scipy.stats.entropy(given_counts, base=2), abs=1e-12)
    assert bits == pytest.approx(slow_twins.entropy(values), abs=1e-12)
    assert entropy_from_fingerprint(fingerprint(given_counts)) == pytest.approx(bits, abs=1e-12)


@given(some_counts)
def test_entropy_lies_between_nothing_and_log_of_the_values(given_counts: list[int]) -> None:
    bits, most = entropy(given_counts), max_entropy(given_counts)
    assert bits is not None and most is not None
    assert 0 <= bits <= most + 1e-12
    assert perplexity(given_counts) == pytest.approx(2**bits)
    even = efficiency(given_counts)
    if np.count_nonzero(given_counts) < 2:
        assert even is None
    else:
        assert even is not None and 0 < even <= 1
        assert even == pytest.approx(bits / most)


@given(some_counts, st.data())
def test_merging_two_values_loses_information(given_counts: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(given_counts) - 1))
    merged = [sum(given_counts[: cut + 1]), *given_counts[cut + 1 :]]
    assert (entropy(merged) or 0) <= (entropy(given_counts) or 0) + 1e-12


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=8).filter(any))
def test_wild_weights_give_a_finite_number(weights: list[float]) -> None:
    bits = entropy(weights)
    assert bits is not None and 0 <= bits <= math.log2(len(weights)) + 1e-12
    if min(weights) > 1e-150:
        scaled = entropy([weight / max(weights) for weight in weights])
        assert bits == pytest.approx(scaled, abs=1e-12)


def test_efficiency_of_equal_counts_is_one() -> None:
    for distinct in range(2, 200):
        assert efficiency([3] * distinct) == pytest.approx(1.0, abs=1e-15)
        assert efficiency([3] * distinct) <= 1.0  # type: ignore[operator]


@pytest.mark.parametrize(("p", "bits"), [(1, 0.0), (0.5, 1.0), (2**-30, 30.0), (0, None), (0.0, None)])
def test_surprisal(p: float, bits: float | None) -> None:
    assert surprisal(p) == bits
    assert bits is None or math.copysign(1, surprisal(p) or 0.0) == 1


@pytest.mark.parametrize("p", [-0.1, 1.0001, math.nan, math.inf, None, "1"])
def test_surprisal_wants_a_probability(p: float) -> None:
    with pytest.raises(ArgumentError, match="probability"):
        surprisal(p)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1).filter(
        lambda cells: any(p for p, _ in cells)
    )
)
def test_cross_entropy_is_entropy_and_divergence(cells: list[tuple[int, int]]) -> None:
    p, q = zip(*cells, strict=True)
    together = entropy(p) + kl_divergence(p, q)  # type: ignore[operator]
    assert cross_entropy(p, q) == pytest.approx(together, abs=1e-12)
    smoothed = entropy(p) + kl_divergence(p, q, smoothing=0.5)  # type: ignore[operator]
    assert cross_entropy(p, q, smoothing=0.5) == pytest.approx(smoothed, abs=1e-12)


@pytest.mark.parametrize(("p", "q"), [([], []), ([0], [1]), ([1], [0]), ([1, 1], [1, 0]), ([0, 0], [0, 0])])
def test_cross_entropy_without_support_is_undefined(p: list[int], q: list[int]) -> None:
    assert cross_entropy(p, q) is None


def test_fingerprint_entropy_of_nothing_is_undefined() -> None:
    assert entropy_from_fingerprint(([], [])) is None


def test_fingerprint_entropy_of_a_billion_row_key() -> None:
    assert entropy_from_fingerprint(([1], [10**9])) == pytest.approx(math.log2(10**9), abs=1e-12)
