"""Which columns are grouped together: every pair once, no table larger than allowed; and how cells are guessed."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from math import prod

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from colprofile.sources.database.shared_groupings import MOST_COLUMNS, guessed_cells, shared_groupings


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=12), st.integers(0, 20_000), st.integers(1, 3), st.randoms())
def test_every_pair_is_told_once_from_a_small_table(
    widths: list[int], most: int, least: int, chance: random.Random
) -> None:
    pairs = [pair for pair in combinations(range(len(widths)), 2) if chance.random() < 0.8]
    found = shared_groupings(widths, pairs, most, least=least)
    told = [pair for _, inside in found for pair in inside]
    assert len(told) == len(set(told)) and set(told) <= set(pairs)
    for columns, inside in found:
        assert prod(widths[column] for column in columns) <= most
        assert len(columns) <= MOST_COLUMNS and len(inside) >= least
        assert {column for pair in inside for column in pair} == set(columns)
        assert list(columns) == sorted(columns)
    if least == 1:
        assert set(told) == {(x, y) for x, y in pairs if widths[x] * widths[y] <= most}


def test_near_functions_join_their_column() -> None:
    widths = [4000, 16, 100, 3, 3000]
    pairs = list(combinations(range(5), 2))
    guesses = {(0, 1): 4100, (0, 2): 4400, (0, 3): 4200, (0, 4): 300_000}
    found = shared_groupings(widths, pairs, 10_000, guesses, least=2)
    assert found[0] == ((0, 1, 2, 3), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
    assert all(4 not in columns for columns, _ in found)


def test_many_columns_of_few_values_take_few_groupings() -> None:
    widths = [2 + i % 8 for i in range(200)]
    pairs = list(combinations(range(200), 2))
    found = shared_groupings(widths, pairs, 20_000)
    assert sum(len(inside) for _, inside in found) == len(pairs)
    assert len(found) < len(pairs) / 5


def test_cells_are_guessed_from_some_rows(new_postgres_database: Callable[[], sa.URL]) -> None:
    engine = sa.create_engine(new_postgres_database())
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create table t as "
            "select k %% 50 as a, k %% 50 / 10 as b, hashint4(k) as c from generate_series(1, 20000) k"
        )
    table = sa.table("t", sa.column("a"), sa.column("b"), sa.column("c"))
    some = sa.tablesample(table, sa.func.system(50), name="some", seed=sa.literal_column("1"))
    with engine.connect() as connection:
        rows_of = lambda query: [tuple(row) for row in connection.execute(query)]  # noqa: E731
        found = guessed_cells([table.c.a, table.c.b, table.c.c], [(0, 1), (0, 2), (1, 2)], some, 20_000, rows_of)
    engine.dispose()
    assert found[0, 1] == 50
    assert found[0, 2] == pytest.approx(20_000, rel=0.5) and found[1, 2] > 8_000
