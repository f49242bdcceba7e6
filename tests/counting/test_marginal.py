"""Marginal: quantiles, top values and bins from counts, against plain Python over the rows."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.encoder import encoder_for
from colprofile.counting.marginal import Marginal
from colprofile.measures.cuts import equal_mass_bins

values = st.lists(st.integers(-50, 50), min_size=1, max_size=200)


def marginal_of(rows: list[int]) -> Marginal:
    encoder = encoder_for(pa.int64())
    codes = encoder.encode(pa.array(rows, pa.int64()))
    return Marginal(0, np.bincount(codes)[1:].astype(np.int64), encoder.dictionary())


@settings(deadline=None)
@given(values, st.floats(0.001, 1))
def test_quantiles_are_the_smallest_value_with_that_share(rows: list[int], probability: float) -> None:
    marginal = marginal_of(rows)
    (found,) = marginal.quantiles(np.array([probability]))
    wanted = math.ceil(round(probability * len(rows), 9))
    assert found == sorted(rows)[max(1, wanted) - 1]


@settings(deadline=None)
@given(values, st.integers(1, 12))
def test_top_values(rows: list[int], limit: int) -> None:
    marginal = marginal_of(rows)
    found = marginal.dictionary.values(marginal.most_frequent(limit))
    assert found == sorted(set(rows), key=lambda value: (-rows.count(value), value))[:limit]


def test_top_values_of_many() -> None:
    rows = [i % 5000 for i in range(20_000)] + [4321] * 3 + [17] * 2
    marginal = marginal_of(rows)
    assert marginal.dictionary.values(marginal.most_frequent(4)) == [4321, 17, 0, 1]


@settings(deadline=None)
@given(values, st.integers(2, 20))
def test_bins_are_ordered_without_gaps_and_hold_equal_mass(rows: list[int], bins: int) -> None:
    marginal = marginal_of(rows)
    counts = marginal.counts[marginal.occurring]
    places = equal_mass_bins(marginal.cumulative, counts, bins)
    assert places[0] == 0
    assert set(np.diff(places)) <= {0, 1}
    assert places[-1] < bins
    mass = np.bincount(places, weights=counts)
    assert (mass <= len(rows) / bins + counts.max()).all()
