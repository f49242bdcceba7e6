"""Minimal unique combinations, against a loop over all combinations."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.dependencies.relation import Relation
from colprofile.counting.dependencies.unique import unique_combinations

TABLE = np.ndarray[Any, Any]


def relation_of(table: TABLE) -> Relation:
    codes = [np.ascontiguousarray(column).astype(np.uint32) for column in table.T]
    return Relation(codes, [np.bincount(column, minlength=2).astype(np.int64) for column in codes])


def slow_unique(table: TABLE, columns: list[int], most: int) -> list[tuple[int, ...]]:
    """Minimal combinations of varying columns that no two rows without NULL share."""
    able = [j for j in columns if len(set(table[:, j].tolist()) - {0}) > 1]
    found: list[tuple[int, ...]] = []
    for size in range(1, most + 1):
        for chosen in combinations(able, size):
            rows = [tuple(row) for row in table[:, chosen].tolist() if 0 not in row]
            if not any(set(part) <= set(chosen) for part in found) and len(set(rows)) == len(rows):
                found.append(chosen)
    return sorted(found)


tables = st.tuples(st.integers(1, 5), st.integers(1, 14)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 4), min_size=shape[0], max_size=shape[0]), min_size=shape[1], max_size=14
    )
)


@given(rows=tables, most=st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_random_tables_have_the_combinations_that_a_loop_finds(rows: list[list[int]], most: int) -> None:
    table = np.array(rows)
    relation = relation_of(table)
    columns = list(range(len(relation.codes)))
    found = unique_combinations(relation, columns, most)
    assert found.combinations == (slow_unique(table, columns, most) if table.shape[0] > 1 else [])
    assert found.is_complete


def planted(rows: int = 60_000) -> TABLE:
    """Orders with lines, a copy of the line, a part of a line, a number that is nearly unique, and noise."""
    numbers = np.arange(rows)
    order, line = numbers // 7, numbers % 7
    nearly = numbers.copy()
    nearly[5] = nearly[4]
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 50, rows)
    table = np.column_stack([noise, order, line, 6 - line, line // 3, nearly])
    return np.asarray(table + 1)[rng.permutation(rows)]


@pytest.mark.parametrize("knows_pairs", [False, True])
def test_planted_keys_of_two_columns_are_found_in_a_long_table(knows_pairs: bool) -> None:
    table = planted()
    pairs = {
        (a, b): len(set(zip(table[:, a].tolist(), table[:, b].tolist(), strict=True)))
        for a, b in combinations(range(table.shape[1]), 2)
    }
    found = unique_combinations(relation_of(table), range(6), distinct_pairs=pairs if knows_pairs else None)
    assert found.combinations == slow_unique(table, list(range(6)), 3)
    assert {(1, 2), (1, 3)} <= set(found.combinations)


def test_columns_that_are_left_out_are_in_no_combination() -> None:
    assert unique_combinations(relation_of(planted()), [1, 3, 4]).combinations == [(1, 3)]


def test_what_independent_columns_would_not_share_is_left_out() -> None:
    """Two columns of 3,000 values over 100 rows are unique by chance; order and line are not."""
    rng = np.random.default_rng(0)
    numbers = np.arange(100)
    table = np.column_stack([rng.integers(1, 3000, 100), rng.integers(1, 3000, 100), numbers // 10, numbers % 10]) + 1
    table[1, :2] = table[0, 0], table[2, 1]
    relation = relation_of(np.asarray(table))
    assert (0, 1) in unique_combinations(relation, range(4)).combinations
    assert unique_combinations(relation, range(4), least_equal_pairs=20.0).combinations == [(2, 3)]


def test_two_thousand_columns_are_looked_at_in_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few combinations have enough values, and pairs of rows refute these; what ends the search is said."""
    rng = np.random.default_rng(1)
    table = rng.integers(1, 5, (500, 2000))
    table[:, 7], table[:, 1234] = 1 + np.arange(500) // 20, 1 + np.arange(500) % 20
    found = unique_combinations(relation_of(table), range(2000))
    assert (7, 1234) in found.combinations and found.is_complete
    monkeypatch.setattr("colprofile.counting.dependencies.unique._MOST_STEPS", 1e4)
    assert not unique_combinations(relation_of(table), range(2000)).is_complete
