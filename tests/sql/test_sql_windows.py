"""Mutual information in rolling windows, as the reference page writes it, against a loop over the frames."""

from __future__ import annotations

import random
import re
from pathlib import Path

import duckdb
import pytest

from colprofile import measures
from tests.support.sql_measures import close, contingency

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")

FRAMES = {
    "ROWS 29 PRECEDING": lambda i, n: range(max(0, i - 29), i + 1),
    "ROWS BETWEEN 4 PRECEDING AND 4 FOLLOWING": lambda i, n: range(max(0, i - 4), min(n, i + 5)),
    "RANGE BETWEEN 6 PRECEDING AND CURRENT ROW": lambda i, n: range(max(0, i - 6), i + 1),
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW": lambda i, n: range(i + 1),
}


def recipe() -> str:
    """Return the query of the reference page."""
    found = re.search(r"```sql\n(\s+SELECT\n\s+day,.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("null_share", [0.0, 0.3, 1.0])
def test_the_recipe_agrees_with_a_loop(con: duckdb.DuckDBPyConnection, frame: str, null_share: float) -> None:
    draw = random.Random(5)
    pairs: list[tuple[object, object]] = []
    for _ in range(120):
        x, y = draw.randrange(5), draw.randrange(3)
        y = x % 3 if draw.random() < 0.5 else y
        pairs.append((x if draw.random() >= null_share else None, f"v{y}" if draw.random() >= null_share / 2 else None))
    con.execute("create or replace temp table t (day integer, x integer, y varchar)")
    con.executemany("insert into t values (?, ?, ?)", [(day, x, y) for day, (x, y) in enumerate(pairs)])
    found = dict(con.execute(recipe().replace("ROWS 29 PRECEDING", frame)).fetchall())
    for day in range(len(pairs)):
        rows = [pairs[i] for i in FRAMES[frame](day, len(pairs))]
        wanted = measures.mutual_information(contingency(rows))
        assert close(found[day], wanted or 0.0), day


def test_without_the_filters_nulls_would_count(con: duckdb.DuckDBPyConnection) -> None:
    """What the page warns of: a struct of NULLs is a value to DuckDB's entropy."""
    plain = re.sub(r" FILTER \(.*?\)", "", recipe())
    con.execute(
        "create or replace temp table t as from (values (1, 1, 'a'), (2, 2, 'b'), (3, null, null)) v(day, x, y)"
    )
    right, wrong = (dict(con.execute(query).fetchall())[3] for query in (recipe(), plain))
    assert right == pytest.approx(1.0)
    assert wrong != pytest.approx(1.0)
