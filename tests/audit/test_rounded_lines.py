"""Rounded lines, against the values that they were made of."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.verbs.audit.computed.rounded_lines import decimal_places, is_rounded, rounded_line


@given(
    st.floats(0.001, 1000).filter(lambda value: value > 0),
    st.sampled_from([0.0, 32.0, -273.15, 0.5]),
    st.integers(0, 4),
    st.integers(0, 10_000),
)
@settings(max_examples=80)
def test_what_was_rounded_comes_back(factor: float, offset: float, places: int, seed: int) -> None:
    given = np.random.default_rng(seed).integers(0, 5_000, 400).astype(np.float64)
    wanted = np.round(factor * given + offset, places)
    found = rounded_line(given, wanted)
    if np.unique(wanted).size < 10 or np.ptp(wanted) < 20 * 10.0**-places:
        assert found is None
        return
    assert found is not None
    a, b, decimals = found
    assert decimals <= places
    assert is_rounded(a * given + b, wanted, decimals)
    assert abs(a - factor) <= 3 * 10.0**-places / np.ptp(given)


def test_a_conversion_comes_back_as_it_is_written() -> None:
    given = np.arange(1.0, 40_000.0)
    assert rounded_line(given, np.round(given * 1.609344, 1)) == (1.609344, 0.0, 1)
    celsius = np.arange(-30.0, 60.0, 0.1)
    assert rounded_line(celsius, np.round(celsius * 1.8 + 32, 0)) == (1.8, 32.0, 0)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_noise_is_no_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert rounded_line(np.arange(200.0), np.round(rng.random(200) * 50, 1)) is None


def test_decimal_places() -> None:
    assert decimal_places(np.array([0.1, 12.25])) == 2
    assert decimal_places(np.array([1e-9])) is None
