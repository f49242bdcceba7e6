"""Fixes between tables, run on copies: checks return 0, changes are accepted, and what was there can still be read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from colprofile.results.schema import CandidateKey, Schema, SchemaFix, TableRelation
from colprofile.sources.tables.base import Tables
from colprofile.sources.tables.database import DatabaseTables
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.sources.tables.open import open_tables
from colprofile.verbs.schema.api import schema_of
from colprofile.verbs.schema.fixes import schema_fixes
from tests.support.databases import foreign_key, tables_of
from tests.support.equal_databases import Data, in_duckdb, kept_of, load, shop

Run = Callable[[str], list[tuple[Any, ...]]]


def more_than_a_shop() -> Data:
    """Return the shop, whose last sales were copied."""
    data = dict(shop())
    return {**data, "sales_copy": data["sales_2024"]}


@contextlib.contextmanager
def opened_copy(dialect: str, new_url: Callable[[str], sa.URL], data: Data) -> Iterator[tuple[Tables, Run]]:
    """Open a copy of the tables, and what runs SQL on it."""
    if dialect == "duckdb":
        connection = in_duckdb(data)
        yield DuckDBTables.open(connection), lambda sql: _run_duckdb(connection, sql)
        return
    url = new_url("postgresql" if dialect == "postgresql" else "mariadb")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    load(engine, data)
    with DatabaseTables.open(url) as tables:
        yield tables, lambda sql: _run(engine, sql)


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
    with opened_copy(dialect, new_url, data) as (tables, run):
        before = {name: run(f"select * from {name}") for name in data}
        fixes = schema_in(tables).fixes
        made = [fix for fix in fixes if dialect in fix.changes]
        for fix in made:
            [(failing,)] = run(fix.checks[dialect])
            assert (failing > 0) == ("not before" in fix.action) == (not fix.is_safe), fix.action
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


LONG = "a_name_that_is_as_long_as_postgresql_lets_a_name_of_any_kind_"


@pytest.mark.parametrize("dialect", ["duckdb", "postgresql", "mysql"])
def test_names_of_any_kind_are_quoted_and_what_is_made_has_short_names(
    dialect: str, new_url: Callable[[str], sa.URL]
) -> None:
    parent, child, twin = 'a "b" `c`', "d.e\nf%", "d.e\tf%"
    key, reference = f"{LONG}1", f"{LONG}2"
    data: Data = {
        parent: ({key: int, "it's": str}, [(1_000_003 * i, f"name {i}") for i in range(1, 60)]),
        child: (
            {"n": int, reference: int, "it's": str},
            [(i, 1_000_003 * (i % 59 + 1), f"name {i % 59 + 1}") for i in range(90)],
        ),
        twin: ({"n": int, reference: int}, [(i, 1_000_003 * ((i + 7) % 59 + 1)) for i in range(70)]),
    }
    with opened_copy(dialect, new_url, data) as (tables, run):
        schema = schema_in(tables)
        assert {(found.table, found.columns) for found in schema.foreign_keys} == {
            (child, (reference,)),
            (twin, (reference,)),
        }
        for fix in schema.fixes:
            assert fix.action.isprintable()
            if dialect in fix.changes:
                assert run(fix.checks[dialect]) == [(0,)]
                run(fix.changes[dialect])
        if dialect == "duckdb":
            return
        again = schema_in(tables)
        assert [found.status for found in again.foreign_keys] == ["declared"] * 2
        assert all(found.is_indexed for found in again.foreign_keys)
        assert {key.table for key in again.keys if key.status == "declared" and key.is_primary} == set(data)
        assert again.fixes == ()


def fixes_of(statements: str) -> dict[str, SchemaFix]:
    """Return the fixes of tables in DuckDB, by action."""
    connection = duckdb.connect()
    connection.execute(statements)
    return {fix.action: fix for fix in schema_in(DuckDBTables.open(connection)).fixes}


PARENT = (
    "create table parent as select 10_007 * i as parent_id, 'P' || i as name, 'Q' || i as code from range(1, 50) t(i);"
)
CHILD = (
    "create table child as select i, 10_007 * (i % 40 + 1) as parent_id, 'P' || (i % 40 + 1) as name "
    "from range(200) t(i);"
)


def test_an_indexed_table_of_duckdb_is_left_alone_there() -> None:
    actions = fixes_of(f"{PARENT} {CHILD} create index any_index on child (name)")
    drop = actions["drop name of child and read it from parent through the view child_with_parent"]
    assert set(drop.changes) == {"postgresql", "mysql"}
    assert set(actions["make i the primary key of child"].changes) == {"postgresql", "mysql"}
    assert set(actions["make parent_id the primary key of parent"].changes) == {"postgresql", "duckdb", "mysql"}


def test_a_copy_that_differs_anywhere_stays() -> None:
    actions = fixes_of(f"{PARENT} {CHILD} update child set name = 'other' where i = 5")
    assert not [action for action in actions if action.startswith("drop")]


@pytest.mark.parametrize(
    ("change", "ending"),
    [
        ("", ""),
        ("update child set parent_id = null, name = null where i < 3", ""),
        (
            "update child set parent_id = null, name = null where i < 3; update child set parent_id = 7 where i = 5",
            "; not before the 1 row without a row in parent is corrected: it would lose its value",
        ),
        (
            "update child set parent_id = null where i < 3",
            "; not before the 3 rows without a row in parent are corrected: they would lose their values",
        ),
    ],
)
def test_a_copy_without_an_original_is_not_dropped_unseen(change: str, ending: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"{PARENT} {CHILD} {change}")
    fixes = schema_in(DuckDBTables.open(connection)).fixes
    [drop] = [fix for fix in fixes if fix.kind == "drop column"]
    assert drop.action == f"drop name of child and read it from parent through the view child_with_parent{ending}"
    [(failing,)] = connection.execute(drop.checks["duckdb"]).fetchall()
    assert drop.is_safe == (failing == 0) == (not ending)


@pytest.mark.parametrize("kept", ["where true", "where parent_id < 490_000"])
def test_a_table_with_rows_of_its_own_is_not_made_a_view_unseen(kept: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        f"{PARENT} create table twin as from parent {kept}; update twin set name = 'X' where code = 'Q7'"
    )
    views = [fix for fix in schema_in(DuckDBTables.open(connection)).fixes if fix.kind == "view"]
    assert len(views) == 1
    for fix in views:
        [(failing,)] = connection.execute(fix.checks["duckdb"]).fetchall()
        assert failing and not fix.is_safe and fix.action.endswith("; not before the rows that differ are corrected")


def test_a_column_that_another_one_is_read_from_stays() -> None:
    grandchild = (
        "create table grandchild as select 1000 + row_number() over () as g, c.i, c.name from child c, range(2);"
    )
    actions = fixes_of(f"{PARENT} {CHILD} {grandchild}")
    dropped = [action for action in actions if action.startswith("drop")]
    assert len(dropped) == 1


def test_views_are_not_changed() -> None:
    actions = fixes_of(f"{PARENT} {CHILD} create view shown as select * from child")
    assert not [action for action in actions if "shown" in action]


def test_another_key_that_is_referred_to_is_made_unique_first() -> None:
    connection = duckdb.connect()
    connection.execute(f"{PARENT} create table child as select 'Q' || (i % 40 + 1) as code from range(200) t(i);")
    tables, kept = tables_of(connection)
    keys = [CandidateKey("parent", ("parent_id",), "declared", True, 49)]
    found = foreign_key(connection, "child", "code", "parent", "code")
    unique, reference = schema_fixes(tables, kept, keys, [found], [], [])
    assert (unique.kind, unique.action) == ("unique key", "make code a unique key of parent")
    # MySQL wants to know how long a text is; DuckDB adds no such key.
    made = 'alter table "parent" add unique ("code");'
    assert unique.changes == {"postgresql": made}
    assert reference.action == "declare that code of child refers to code of parent"


def test_types_of_different_kinds_are_made_one_before_a_foreign_key() -> None:
    connection = duckdb.connect()
    connection.execute(f"{PARENT} create table child as select (10_007 * (i + 1))::varchar as up from range(40) t(i);")
    tables, kept = tables_of(connection)
    keys = [CandidateKey("parent", ("parent_id",), "declared", True, 49)]
    [fix] = schema_fixes(tables, kept, keys, [foreign_key(connection, "child", "up", "parent", "parent_id")], [], [])
    assert fix.action == "declare that up of child refers to parent_id of parent, whose type it gets"
    assert fix.changes == {
        "postgresql": 'alter table "child" alter column "up" type BIGINT using "up"::BIGINT;\n'
        'alter table "child" add foreign key ("up") references "parent" ("parent_id");'
    }
    assert connection.execute(fix.checks["postgresql"]).fetchall() == [(0,)]
    connection.execute("insert into child values ('none')")
    assert connection.execute(fix.checks["postgresql"]).fetchall() == [(1,)]


def test_a_view_has_a_name_that_no_table_has_though_it_is_left_out() -> None:
    connection = duckdb.connect()
    connection.execute(f"{PARENT} {CHILD} create table Child_With_Parent as select 1 as a")
    with open_tables(connection, exclude="Child_With_Parent") as tables:  # type: ignore[union-attr]
        [drop] = [fix for fix in schema_in(tables).fixes if fix.kind == "drop column"]
    assert 'create view "child2_with_parent"' in drop.changes["duckdb"]


def test_names_in_the_texts_of_mysql_keep_their_backslashes() -> None:
    connection = duckdb.connect()
    names = ["sales\\2023", "sales\\2024"]
    for n, name in enumerate(names):
        connection.execute(f'create table "{name}" as select 1_000 * {n} + i as id, i % 7 as k from range(99) t(i)')
    tables, kept = tables_of(connection)
    relation = TableRelation("partitions", tuple(names), ("id", "k"), 198, 0.0, "", None)
    [fix] = schema_fixes(tables, kept, [], [], [], [relation])
    assert "select 'sales\\\\2023' as `part`" in fix.changes["mysql"]
    assert "select 'sales\\2023' as \"part\"" in fix.changes["duckdb"]
