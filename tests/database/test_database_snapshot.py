"""An audit of a database sees one state of it, on one connection, however many tables there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.verbs.database import audits


@pytest.fixture
def schema(postgres_engine: sa.Engine) -> Any:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("create schema one_state")
        connection.exec_driver_sql(
            "create table one_state.a as select 700000 + i * 7919 as id from generate_series(1, 300) t(i)"
        )
        connection.exec_driver_sql(
            "create table one_state.b as select i as id, 700000 + (1 + mod(i, 300)) * 7919 as a_id "
            "from generate_series(1, 900) t(i)"
        )
    yield "one_state"
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("drop schema one_state cascade")


def test_rows_that_come_meanwhile_are_no_orphans(
    postgres_engine: sa.Engine, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that another transaction adds between two tables is in neither the counts nor the queries."""

    def audited(*arguments: Any, **options: Any) -> Any:
        found = original(*arguments, **options)
        with postgres_engine.begin() as connection:
            connection.exec_driver_sql(f"insert into {schema}.a values (5)")
            connection.exec_driver_sql(f"insert into {schema}.b values (1000, 5)")
        return found

    original: Any = vars(audits)["audit_and_keep"]
    monkeypatch.setattr(audits, "audit_and_keep", audited)
    found: Any = colprofile.audit(postgres_engine, schema=schema)
    assert [table.result.rows for table in found] == [300, 900]
    (key,) = found.schema.foreign_keys
    assert (key.table, key.target, key.inclusion.orphan_rows, key.inclusion.rows) == (
        f"{schema}.b",
        f"{schema}.a",
        0,
        900,
    )
    assert not any("one after the other" in note for note in found.schema.notes)


def test_a_table_that_may_not_be_read_does_not_end_the_transaction(postgres_engine: sa.Engine, schema: str) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql(f"create view {schema}.aa as select 1 / (id - id) as x from {schema}.a")
    found: Any = colprofile.audit(postgres_engine, schema=schema)
    assert found.names == (f"{schema}.a", f"{schema}.b")
    assert [table.name for table in found.skipped] == [f"{schema}.aa"]
    assert "division by zero" in found.skipped[0].reason
    assert len(found.schema.foreign_keys) == 1


def test_tables_share_connections(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'many.db'}")
    with engine.begin() as connection:
        for number in range(30):
            connection.exec_driver_sql(f"create table t{number:03} (id integer)")
            connection.exec_driver_sql(f"insert into t{number:03} values (1), (2), (2)")
    open_now: set[int] = set()
    most: list[int] = []

    def connect(connection: Any, record: Any) -> None:
        open_now.add(id(record))
        most.append(len(open_now))

    sa.event.listen(engine, "connect", connect)
    sa.event.listen(engine, "close", lambda connection, record: open_now.discard(id(record)))
    found: Any = colprofile.audit(engine)
    assert len(found) == 30 and not found.skipped
    assert max(most, default=0) <= 3
    assert any("one after the other" in note for note in found.schema.notes)


def test_a_few_of_three_hundred_tables_are_read() -> None:
    connection = duckdb.connect()
    for number in range(300):
        connection.execute(
            f"create table t{number:03} as "
            f"select 'k' || ({1000 * number} + i) as id, 'k' || ({1000 * max(0, number - 1)} + i // 2) as up "
            "from range(20) t(i)"
        )
    found: Any = colprofile.audit(connection, tables=["t00?", "t29?"])
    assert len(found) == 20 and not found.skipped
    keys = {(key.table, key.columns, key.target) for key in found.schema.foreign_keys}
    assert {("t007", ("up",), "t006"), ("t299", ("up",), "t298")} <= keys
