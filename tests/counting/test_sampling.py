"""Rows drawn at random: uniform, distinct, reproducible; joint cells against a dictionary."""

from __future__ import annotations

from collections import Counter

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from colprofile.counting.sampling import RowDraw, draw_rows, gather, pair_cells, take_rows
from colprofile.sources.duckdb import plan_draws_sample


def test_every_order_of_rows_is_equally_likely() -> None:
    """All 5 · 4 · 3 ordered draws of 3 rows from 5."""
    seen = Counter(tuple(RowDraw(5, seed).first(3).tolist()) for seed in range(6_000))
    assert len(seen) == 60
    assert all(len(set(rows)) == 3 for rows in seen)
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_a_draw_grows_without_changing_its_beginning() -> None:
    draw = RowDraw(100_000, 7)
    few, many = draw.first(100).copy(), draw.first(20_000)
    assert (many[:100] == few).all()
    assert np.unique(many).size == many.size == 20_000
    assert (RowDraw(100_000, 7).first(100) == few).all()
    assert (RowDraw(100_000, 8).first(100) != few).any()
    assert sorted(RowDraw(3, 1).first(10).tolist()) == [0, 1, 2]


def test_gather_keeps_the_order_of_the_draw() -> None:
    codes = np.arange(1_000, dtype=np.uint16)
    numbers = draw_rows(1_000, 50, seed=2)
    assert (gather(codes, numbers) == numbers).all()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=60),
    st.booleans(),
)
def test_cells_are_those_of_a_dictionary(rows: list[tuple[int, int]], is_wide: bool) -> None:
    x, y = (np.array([row[side] for row in rows], np.uint8) for side in (0, 1))
    half = len(rows) // 2
    wanted = {
        cell: (rows[:half].count(cell), rows[half:].count(cell)) for cell in set(rows) if cell[0] > 0 and cell[1] > 0
    }
    for widths in ((600_000, 5), (6, 600_000)) if is_wide else ((6, 5),):
        cells = pair_cells(x, y, *widths)
        found = {
            (a, b): (first, second) for a, b, first, second in zip(*(part.tolist() for part in cells), strict=True)
        }
        assert found == wanted


def test_rows_are_taken_from_any_batch() -> None:
    table = pa.table({"a": list(range(1_000))})
    numbers = draw_rows(1_000, 80, seed=5)
    taken = [value for batch in take_rows(iter(table.to_batches(64)), numbers) for value in batch.column(0).to_pylist()]
    assert taken == sorted(numbers.tolist())
    assert list(take_rows(iter([]), numbers)) == []


@pytest.mark.parametrize(
    ("query", "is_sampled"),
    [
        ("t", False),
        ("(select * from t using sample 10%)", True),
        ("(select * from t TABLESAMPLE system(10 percent))", True),
        ("(select * from t using sample 10% (bernoulli))", True),
        ("a_view_of_a_view", True),
        ("(select i as sample, 'using sample' as x from t where i::varchar <> 'Sample Method')", False),
        ('"using sample 10%"', False),
    ],
)
def test_the_plan_shows_whether_a_query_draws_a_sample(query: str, is_sampled: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select i from range(10000) as r(i)")
        connection.execute('create table "using sample 10%" as from t')
        connection.execute("create view a_view as select * from t using sample reservoir(100 rows)")
        connection.execute("create view a_view_of_a_view as select * from a_view where i > 5")
        plan = connection.execute(f"explain (format json) select * from {query}").fetchall()[0][1]
        assert plan_draws_sample(plan) is is_sampled
