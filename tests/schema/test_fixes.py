"""Fixes between tables, run on copies: each check is 0, each change is accepted, and what was there can still be read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from colprofile.results.schema import Schema
from colprofile.sources.tables.base import Tables
from colprofile.sources.tables.database import DatabaseTables
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.verbs.schema.api import schema_of
from tests.support.equal_databases import Data, in_duckdb, kept_of, load, shop

Run = Callable[[str], list[tuple[Any, ...]]]


def more_than_a_shop() -> Data:
    """Return the shop, whose last sales were copied."""
    data = dict(shop())
    return {**data, "sales_copy": data["sales_2024"]}


@contextlib.contextmanager
def opened_copy(dialect: str, new_url: Callable[[str], sa.URL]) -> Iterator[tuple[Tables, Run]]:
    """Open a copy of the tables, and what runs SQL on it."""
    if dialect == "duckdb":
        connection = in_duckdb(more_than_a_shop())
        yield DuckDBTables.open(connection), lambda sql: _run_duckdb(connection, sql)
        return
    url = new_url("postgresql" if dialect == "postgresql" else "mariadb")
    engine = sa.create_engine(url)
    load(engine, more_than_a_shop())
    with DatabaseTables.open(url) as tables:
        yield tables, lambda sql: _run(engine, sql)
    engine.dispose()


def _run_duckdb(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _run(engine: sa.Engine, sql: str) -> list[tuple[Any, ...]]:
    """Run statements that end with their lines; return the rows of the last."""
    rows: list[tuple[Any, ...]] = []
    with engine.begin() as connection:
        for statement in sql.split(";\n"):
            result = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            rows = [tuple(row) for row in result.fetchall()] if result.returns_rows else []
    return rows


def schema_in(tables: Tables) -> Schema:
    return schema_of(tables, kept_of(tables), lambda *_: None)


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql", "mysql"])
def test_all_fixes_can_be_made_one_after_the_other(dialect: str, new_url: Callable[[str], sa.URL]) -> None:
    data = more_than_a_shop()
    with opened_copy(dialect, new_url) as (tables, run):
        before = {name: run(f"select * from {name}") for name in data}
        fixes = schema_in(tables).fixes
        made = [fix for fix in fixes if dialect in fix.changes]
        for fix in made:
            [(failing,)] = run(fix.checks[dialect])
            assert (failing > 0) == ("not before" in fix.action), fix.action
            if failing:
                run("update orders set customer_id = null where customer_id = 999")
                assert run(fix.checks[dialect]) == [(0,)]
            run(fix.changes[dialect])
        kinds = [fix.kind for fix in made]
        assert kinds.index("primary key") < kinds.index("drop column") < kinds.index("view")
        # What was dropped is read through views, row by row.
        views = {"orders": "orders_with_customers", "order_lines": "order_lines_with_products"}
        for name, (columns, _) in data.items():
            names = ", ".join(columns)
            found = run(f"select {names} from {views.get(name, name)}")
            assert _texts(found) == _texts(before[name]), name


def _texts(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Return rows as texts, in order; the order that referred to nobody does so by NULL."""
    return sorted(tuple(str(None if value == 999 else value) for value in row) for row in rows)
