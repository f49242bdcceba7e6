from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import Fingerprint, fingerprint
from colprofile.measures.fingerprints import as_fingerprint


def pairs(given_fingerprint: Fingerprint) -> list[tuple[int, int]]:
    counts, many = given_fingerprint
    return list(zip(counts.tolist(), many.tolist(), strict=True))


@given(st.lists(st.integers(0, 20)))
def test_it_counts_the_counts(counts: list[int]) -> None:
    made = fingerprint(counts)
    expected = Counter(count for count in counts if count)
    assert pairs(made) == sorted(expected.items())
    assert made.rows == sum(counts)
    assert made.distinct == np.count_nonzero(counts)
    assert [made.values_seen(times) for times in range(1, 21)] == [expected[times] for times in range(1, 21)]
    assert pairs(Fingerprint.from_pairs(expected.items())) == pairs(made)
    assert made.counts.dtype == made.multiplicities.dtype == np.int64


def test_a_loose_fingerprint_is_put_in_order() -> None:
    assert pairs(as_fingerprint(([5, 1, 5, 0, 9], [1, 2, 3, 7, 0]))) == [(1, 2), (5, 4)]


def test_rows_do_not_overflow() -> None:
    assert fingerprint(np.full(1000, 10**12)).rows == 10**15


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (5, "two arrays"),
        (([1], [1], [1]), "two arrays"),
        (([1, 2], [1]), "2 counts and 1 mult"),
        (([1.5], [1]), "whole numbers"),
        (([1], [-1]), "multiplicities contains -1"),
        (("ab", "c"), "flat sequence"),
    ],
)
def test_what_is_not_a_fingerprint_is_refused(bad: object, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        as_fingerprint(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [[0.5], [-1], [float("nan")], [2.0**53, 2.0**53]])
def test_counts_of_a_fingerprint_are_whole(bad: list[float]) -> None:
    with pytest.raises(ArgumentError):
        fingerprint(bad)
