"""Our arithmetic against the server's own: EXPLAIN on a real PostgreSQL, row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import sqlalchemy as sa

from colprofile.catalogs.counts import count_column
from colprofile.catalogs.explain import planned_rows, run
from colprofile.catalogs.postgresql import read_table
from colprofile.catalogs.selectivity import (
    below_bounds,
    distinct_values,
    equality_selectivities,
    estimated_rows,
    group_rows,
    other_selectivity,
    with_combinations,
    with_dependency,
)
from colprofile.catalogs.statistics import SavedColumn, SavedTable
from tests.support.postgres_tables import connected, run_all

MAKE = """
create table numbers as
select i as id, case when i % 10 = 0 then null else (i % 997) * (i % 991) % 977 end as a, (i % 7)::smallint as few,
    round((random() ^ 3 * 5000)::numeric, 1) as skewed, 'v' || (random() ^ 2 * 2000)::int as word,
    timestamp '2020-01-01' + random() * interval '400 days' as moment, random() < 0.3 as flag
from generate_series(1, 60000) i
"""


@pytest.fixture(scope="module")
def numbers(new_postgres_database: Callable[[], sa.URL]) -> Iterator[tuple[sa.Connection, SavedTable]]:
    url = new_postgres_database()
    run_all(url, ["select setseed(0.1)", MAKE, "create unique index on numbers (id)", "analyze numbers"])
    with connected(url) as connection:
        run(connection, "set max_parallel_workers_per_gather = 0")
        yield connection, read_table(connection, "numbers")


@pytest.fixture(scope="module")
def planner_rows(numbers: tuple[sa.Connection, SavedTable]) -> int:
    return planned_rows(*numbers)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("name", ["id", "a", "few", "skewed", "word", "moment", "flag"])
def test_equality_is_estimated_as_the_server_does(
    numbers: tuple[sa.Connection, SavedTable], planner_rows: int, name: str
) -> None:
    connection, table = numbers
    column = table.column(name)
    condition = f"{name} = cast({{}} as {column.type})"
    for value, share in zip(column.values[:20], equality_selectivities(column, planner_rows)[1:21], strict=True):
        found = planned_rows(connection, table, condition.format(literal(value)))
        assert found == estimated_rows(share, planner_rows), value
    others = connection.exec_driver_sql(
        f"select v from (select distinct format('%%s', {name}) as v from numbers where {name} is not null) as n "
        "where v <> all (%(saved)s) limit 10",
        {"saved": list(column.values)},
    ).scalars()
    for value in others:
        found = planned_rows(connection, table, condition.format(literal(value)))
        assert found == estimated_rows(other_selectivity(column, planner_rows), planner_rows), value


@pytest.mark.parametrize("name", ["a", "skewed", "word", "moment"])
def test_ranges_below_each_bound_are_estimated_as_the_server_does(
    numbers: tuple[sa.Connection, SavedTable], planner_rows: int, name: str
) -> None:
    connection, table = numbers
    column = table.column(name)
    above = count_column(connection, table, column, 0).saved_bins
    bounds = len(column.bounds)
    by_bin = np.bincount(above, weights=column.frequencies, minlength=bounds + 1)
    ours = estimated_rows(below_bounds(column, np.cumsum(by_bin)[:bounds], planner_rows), planner_rows)
    theirs = [
        planned_rows(connection, table, f"{name} < cast({literal(bound)} as {column.type})") for bound in column.bounds
    ]
    # The server adds the same shares as we do in another order, in single precision where it saved them so.
    np.testing.assert_allclose(ours, theirs, atol=1)


@pytest.mark.parametrize("names", [("few",), ("a", "few"), ("a", "word"), ("few", "flag"), ("id", "a")])
def test_groups_are_estimated_as_the_server_does(
    numbers: tuple[sa.Connection, SavedTable], planner_rows: int, names: tuple[str, ...]
) -> None:
    connection, table = numbers
    plan = connection.exec_driver_sql(
        f"explain (format json) select 1 from numbers group by {', '.join(names)}"
    ).scalar_one()
    distinct = [distinct_values(table.column(name), planner_rows) for name in names]
    # NULL is a group, and no value: PostgreSQL counts it where the share of NULLs is above 0.
    nulls = sum(table.column(name).null_share > 0 for name in names)
    assert plan[0]["Plan"]["Plan Rows"] == pytest.approx(group_rows(distinct, planner_rows), rel=0.01 + 0.01 * nulls)


def unsaved(**changes: object) -> SavedColumn:
    made: dict[str, object] = {
        "number": 1, "name": "x", "quoted": "x", "type": "integer", "base_type": "int4", "category": "N",
        "collation": None, "is_readable": True, "is_generated": False, "target": 100,
        "is_unique": False, "is_analyzed": False,
    }  # fmt: skip
    return SavedColumn(**{**made, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "rows", "expected"),
    [
        (unsaved(), 10_000, 1 / 200),
        (unsaved(), 50, 1 / 50),
        (unsaved(base_type="bool"), 10_000, 1 / 2),
        (unsaved(is_unique=True), 10_000, 1 / 10_000),
        (unsaved(is_analyzed=True, distinct=-0.5), 1000, 1 / 500),
        (unsaved(is_analyzed=True, distinct=-1.0, null_share=0.5), 1000, 0.5 / 1000),
        (unsaved(is_analyzed=True, distinct=6, values=("a", "b"), frequencies=(0.5, 0.3)), 1000, 0.05),
        (unsaved(is_analyzed=True, distinct=3, values=("a", "b"), frequencies=(0.5, 0.1)), 1000, 0.1),
    ],
)
def test_a_value_that_is_not_saved_gets_an_equal_part_of_the_rest(
    column: SavedColumn, rows: int, expected: float
) -> None:
    assert other_selectivity(column, rows) == pytest.approx(expected)


def test_a_full_dependency_makes_the_rarer_value_decide() -> None:
    np.testing.assert_allclose(with_dependency([0.2, 0.5], [0.1, 0.6], 1.0), [0.1, 0.5])


def test_a_combination_that_is_not_listed_gets_no_more_than_the_rest() -> None:
    assert with_combinations([0.5], [0.0], [0.0], 0.98).tolist() == pytest.approx([0.02])
