"""Connections and sessions of users: rows not yet committed are seen, and the transaction goes on as it was."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi
import pytest
import sqlalchemy as sa
from sqlalchemy import orm

import colprofile
from colprofile.errors import ArgumentError, ColprofileError, SourceError, SourceNotFound

Shape = list[tuple[str, int, int]]


def shape(source: Any, table: str | None = "t", **options: Any) -> Shape:
    result = colprofile.profile(source, table, pairs=False, **options)
    assert result.provenance.reading is None and result.provenance.is_exact
    return [(column.name, column.distinct, column.nulls) for column in result.columns]


class TestSqlite3:
    @pytest.fixture
    def connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(":memory:")
        connection.execute("create table t (n integer, s text)")
        connection.execute("insert into t values (1, 'a')")
        connection.commit()
        yield connection
        connection.close()

    def test_rows_of_an_open_transaction_are_seen_and_stay_uncommitted(self, connection: sqlite3.Connection) -> None:
        connection.execute("insert into t values (2, cast(x'62ff' as text))")
        assert shape(connection) == [("n", 2, 0), ("s", 2, 0)]
        assert connection.in_transaction
        connection.rollback()
        assert shape(connection) == [("n", 1, 0), ("s", 1, 0)]
        assert not connection.in_transaction

    def test_nothing_of_the_connection_is_changed(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        connection.create_function("regexp", 2, lambda pattern, text: 42)
        shape(connection)
        assert (connection.row_factory, connection.text_factory) == (sqlite3.Row, str)
        assert tuple(connection.execute("select 'x' regexp 'y'").fetchone()) == (42,)
        connection.execute("insert into t values (3, 'c')")  # it is not left read-only

    def test_tables_views_and_queries(self, connection: sqlite3.Connection) -> None:
        assert shape(connection, None) == shape(connection, "T")
        assert shape(connection, "select n + 1 as m from t") == [("m", 1, 0)]
        assert shape(connection, where="n > 1") == [("n", 0, 0), ("s", 0, 0)]
        with pytest.raises(SourceNotFound, match="no table 'tt' in sqlite:"):
            shape(connection, "tt")

    def test_values_of_every_storage_class_are_kept(self, connection: sqlite3.Connection) -> None:
        connection.executemany("insert into t values (?, ?)", [(2**63 - 1, None), (1.5, "x"), ("1", b"x"), (1, "x")])
        profile = colprofile.profile(connection, "t", pairs=False)
        connection.commit()
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.backup(copy)
        engine = sa.create_engine("sqlite://", creator=lambda: copy, poolclass=sa.StaticPool)
        assert profile.columns == colprofile.profile(engine, "t", pairs=False).columns
        copy.close()

    def test_other_verbs(self, connection: sqlite3.Connection) -> None:
        connection.executemany("insert into t values (?, ?)", [(i % 3, "abc"[i % 3]) for i in range(30)])
        assert [column.name for column in colprofile.audit(connection, "t").columns] == ["n", "s"]

    def test_a_closed_connection_and_one_of_another_thread(self, connection: sqlite3.Connection) -> None:
        found: list[BaseException] = []

        def read() -> None:
            try:
                shape(connection)
            except ColprofileError as error:
                found.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        assert isinstance(found[0], SourceError) and "thread" in str(found[0])
        connection.close()
        with pytest.raises(SourceError, match="closed database"):
            shape(connection)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine with a table t of one row."""
    if request.param == "sqlite":
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'd.sqlite'}")
    else:
        engine = request.getfixturevalue("postgres_engine")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table t (n integer, s text)")
        connection.exec_driver_sql("insert into t values (1, 'a')")
    yield engine
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table t")
    if request.param == "sqlite":
        engine.dispose()


ONE: Shape = [("n", 1, 0), ("s", 1, 0)]
TWO: Shape = [("n", 2, 0), ("s", 2, 0)]


def settings(connection: sa.Connection) -> list[Any]:
    names = ["TimeZone", "DateStyle", "jit", "statement_timeout", "transaction_read_only"]
    if connection.dialect.name == "sqlite":
        return [connection.exec_driver_sql("pragma query_only").scalar()]
    return [connection.execute(sa.select(sa.func.current_setting(name))).scalar() for name in names]


@pytest.mark.parametrize("fetch", ["auto", "never"])
def test_a_connection_goes_on_in_its_transaction(engine: sa.Engine, fetch: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("insert into t values (2, 'b')")
        before = settings(connection)
        assert shape(connection, fetch=fetch, statement_timeout=60) == TWO
        assert connection.in_transaction() and settings(connection) == before
        connection.exec_driver_sql("insert into t values (3, 'c')")
        connection.rollback()
        assert shape(connection, fetch=fetch) == ONE
        assert not connection.in_transaction()
    assert shape(engine) == ONE


def test_an_error_of_ours_does_not_end_the_users_transaction(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("insert into t values (2, 'b')")
        for table in ("select nothing from t", "select n / 0 as x, n || '' || nope as y from t"):
            with pytest.raises(SourceError):
                shape(connection, table)
        assert connection.exec_driver_sql("select count(*) from t").scalar() == 2
        assert connection.in_transaction()


def test_nothing_can_be_written(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "create or replace function bump() returns integer volatile language sql as "
                "'insert into t values (9, ''z'') returning n'"
            )
            with pytest.raises(SourceError, match="read-only"):
                shape(connection, "select bump() as x")
        assert connection.exec_driver_sql("select count(*) from t").scalar() == 1
        connection.rollback()


def test_a_connection_that_commits_every_statement(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = settings(connection)
        assert shape(connection) == ONE
        assert settings(connection) == before
        connection.exec_driver_sql("insert into t values (2, 'b')")
    assert shape(engine) == TWO


def test_a_session(engine: sa.Engine) -> None:
    with orm.Session(engine) as session:
        assert shape(session) == ONE
        assert not session.in_transaction()
        session.execute(sa.text("insert into t values (2, 'b')"))
        assert shape(session) == TWO
        assert session.in_transaction()
        session.rollback()
    with engine.connect() as connection, orm.Session(connection) as session:
        connection.exec_driver_sql("insert into t values (2, 'b')")
        assert shape(session) == TWO
        connection.rollback()
    registry = orm.scoped_session(orm.sessionmaker(engine))
    assert shape(registry) == ONE
    registry.remove()


def test_connections_that_cannot_be_read() -> None:
    with pytest.raises(ArgumentError, match="the Session is bound to no database"):
        shape(orm.Session())
    engine = sa.create_engine("sqlite://")
    connection = engine.connect()
    connection.close()
    with pytest.raises(ArgumentError, match="the SQLAlchemy Connection is closed"):
        shape(connection)
    with pytest.raises(ArgumentError, match=r"sqlite3\.Cursor"):
        shape(sqlite3.connect(":memory:").cursor())
    engine.dispose()


def test_a_database_in_memory_is_read_on_its_only_connection() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("create table t (n integer)")
        connection.exec_driver_sql("insert into t values (5)")
        assert shape(connection) == [("n", 1, 0)]
        connection.rollback()
    engine.dispose()


class TestAdbc:
    @pytest.fixture
    def connection(self) -> Iterator[Any]:
        with adbc_driver_sqlite.dbapi.connect() as connection:
            with connection.cursor() as cursor:
                cursor.execute('create table t (n integer, "s ""x" text)')
                cursor.execute("insert into t values (1, 'a'), (2, null)")
            yield connection

    def test_tables_and_queries(self, connection: Any) -> None:
        expected = [("n", 2, 0), ('s "x', 1, 1)]
        assert shape(connection, None) == shape(connection, "T") == shape(connection, '"t"') == expected
        assert shape(connection, "select n + 1 as m from t;") == [("m", 2, 0)]
        assert shape(connection, where="n > 1") == [("n", 1, 0), ('s "x', 0, 1)]
        result = colprofile.profile(connection, "t", pairs=False)
        assert (result.provenance.source, result.provenance.table) == ("the ADBC connection", "t")

    @pytest.mark.parametrize(
        ("table", "error", "words"),
        [
            ("tt", SourceNotFound, "no table 'tt' in the ADBC connection"),
            ("select * from nope", SourceError, "no such table: nope"),
        ],
    )
    def test_what_is_no_table(self, connection: Any, table: str, error: type[Exception], words: str) -> None:
        with pytest.raises(error, match=words):
            shape(connection, table)
