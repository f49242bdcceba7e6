"""Composite keys are those that a look at all rows finds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.counting.composite_keys import unique_combinations

tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 3)] * width), min_size=2, max_size=20)
)


def slow_combinations(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The twin: every combination, smallest first, that has as many values as there are rows."""
    found: list[tuple[int, ...]] = []
    for size in (2, 3):
        for chosen in combinations(range(len(rows[0])), size):
            is_unique = len({tuple(row[place] for place in chosen) for row in rows}) == len(rows)
            if is_unique and not any(set(other) <= set(chosen) for other in found):
                found.append(chosen)
    return found


@given(tables)
def test_combinations_are_the_twins(rows: list[tuple[int, ...]]) -> None:
    columns = [np.array(column, np.uint8) for column in zip(*rows, strict=True)]
    distinct = [len(set(column.tolist())) for column in columns]
    assert list(unique_combinations(columns, distinct)) == slow_combinations(rows)


@pytest.mark.parametrize(("most", "expected"), [(10**6, [(0, 1)]), (5000, [])])
def test_repeats_after_the_first_rows_are_seen_and_the_work_is_bounded(most: int, expected: list[object]) -> None:
    rows = np.arange(6000)
    columns = [(rows // 80).astype(np.uint8), (rows % 80).astype(np.uint8), np.minimum(rows // 2, 2990) % 251]
    columns[2] = columns[2].astype(np.uint8)
    distinct = [np.unique(column).size for column in columns]
    assert list(unique_combinations(columns, distinct, largest=2, most_rows=most)) == expected


def test_what_is_known_is_not_looked_at() -> None:
    columns = [np.array([1, 1, 2, 2], np.uint8), np.array([1, 2, 1, 2], np.uint8)]
    assert list(unique_combinations(columns, [2, 2], is_repeated=lambda _: True)) == []
    assert list(unique_combinations(columns, [2, 2], is_repeated=lambda _: False, most_rows=0)) == [(0, 1)]
