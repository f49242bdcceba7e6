"""Columns, pairs, groups and the catalog are read in one snapshot, whatever is committed meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from colprofile import PlannerReport, planner
from tests.support.postgres_tables import run_all

ROWS = 6000

CHANGES = [
    "delete from moving where id > 1000",
    "insert into moving select i, i % 2, i % 3, i % 5 from generate_series(100001, 103000) i",
    "create statistics moving_stats on a, b, c from moving",
    "alter table moving alter column a set statistics 7",
    "analyze moving",
]
"""Fewer rows, other values, no dependence between columns, and statistics that are other ones."""


def moving_table(url: sa.URL) -> None:
    run_all(
        url,
        [
            "create table moving (id int, a int, b int, c int) with (autovacuum_enabled = false)",
            f"insert into moving select i, i % 12, i % 12 / 2, i % 12 / 3 from generate_series(1, {ROWS}) i",
            "analyze moving",
        ],
    )


def facts(report: PlannerReport) -> dict[str, object]:
    """Return the figures that depend on rows, values and the catalog."""
    return {
        "rows": report.rows,
        "columns": [(c.name, c.rows, c.distinct, c.kl_divergence, c.statistics_target) for c in report.columns],
        "pairs": [(p.x, p.y, p.rows, round(p.mutual_information, 9), p.evidence) for p in report.pairs],
        "left out": report.pairs_left_out,
        "groups": [(g.columns, g.evidence) for g in report.groups],
        "extended": report.extended,
        "statements": [statement.sql for statement in report.statements],
    }


@pytest.mark.parametrize("fetch", ["always", "never"])
@pytest.mark.parametrize("mark", ["count(*), count(", "counted as", "ranked as"], ids=["rows", "columns", "pairs"])
def test_a_commit_in_between_is_not_seen(new_postgres_database: Callable[[], sa.URL], fetch: str, mark: str) -> None:
    """The table changes after the first statement with this mark; every figure stays that of the first snapshot."""
    url = new_postgres_database()
    moving_table(url)
    expected = facts(planner(url, "moving", fetch=fetch, progress=False))  # type: ignore[call-overload]
    seen: list[str] = []

    def change(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not seen and mark in statement:
            seen.append(statement)
            run_all(url, CHANGES)

    engine = sa.create_engine(url)
    sa.event.listen(engine, "after_cursor_execute", change)
    try:
        report = planner(engine, "moving", fetch=fetch, progress=False)  # type: ignore[call-overload]
    finally:
        engine.dispose()
    assert len(seen) == 1
    assert facts(report) == expected
    assert {pair.rows for pair in report.pairs} == {ROWS}
    assert planner(url, "moving", columns=["a"], progress=False).rows == 4000
