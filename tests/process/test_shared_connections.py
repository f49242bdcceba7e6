"""Connections that several threads use, or that are closed, aborted, read-only or in the midst of a transaction."""

from __future__ import annotations

import io
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import ColprofileError, SourceBusy, SourceError
from colprofile.sources.turns import turn

FRAME = pd.DataFrame({"a": [i % 7 for i in range(600)], "b": [i % 14 // 2 for i in range(600)]})

VERBS: list[Callable[[Any, str | None], Any]] = [
    lambda source, table: [column.entropy for column in colprofile.profile(source, table).columns],
    lambda source, table: [finding.kind for finding in colprofile.audit(source, table).findings],
    lambda source, table: [column.verdict for column in colprofile.drift(source, source, table=table).columns],
]


def in_ten_threads(call: Callable[[int], Any]) -> list[Any]:
    """Return what calls in ten threads return or raise, in their order."""
    found: list[Any] = [None] * 10

    def work(number: int) -> None:
        try:
            found[number] = call(number)
        except BaseException as error:
            found[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return found


@pytest.fixture
def duckdb_connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("frame", FRAME)
    con.execute("create temp table t as select * from frame")  # which no cursor sees
    return con


@pytest.mark.parametrize(
    "kind", ["duckdb", "sqlite3", "sqlalchemy connection", "postgresql connection", "engine", "pandas"]
)
def test_ten_threads_read_one_source(
    kind: str, tmp_path: Path, duckdb_connection: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> None:
    source: Any = FRAME
    table: str | None = "t"
    if kind == "duckdb":
        source = duckdb_connection
    elif kind == "sqlite3":
        source = sqlite3.connect(":memory:", check_same_thread=False)
        FRAME.to_sql("t", source, index=False)
    elif kind == "postgresql connection":
        engine = request.getfixturevalue("postgres_engine")
        FRAME.to_sql("shared_by_threads", engine, index=False, if_exists="replace")
        source, table = engine.connect(), "shared_by_threads"
    elif kind == "pandas":
        table = None
    else:
        engine = sa.create_engine(f"sqlite:///{tmp_path / 't.sqlite'}", connect_args={"check_same_thread": False})
        FRAME.to_sql("t", engine, index=False)
        source = engine if kind == "engine" else engine.connect()
    expected = [verb(FRAME, None) for verb in VERBS]
    found = in_ten_threads(lambda number: VERBS[number % 3](source, table))
    assert [str(item) for item in found] == [str(expected[number % 3]) for number in range(10)]
    if kind == "postgresql connection":
        source.rollback()
        source.exec_driver_sql("drop table shared_by_threads")
        source.commit()
    if hasattr(source, "close"):
        source.close()


def test_threads_take_turns_with_one_open_file() -> None:
    text = FRAME.to_csv(index=False).encode()
    file = io.BytesIO(text)
    found = in_ten_threads(lambda _: colprofile.profile(file, pairs=False).rows)
    assert found == [600] * 10


def test_a_turn_ends_with_its_block_however_that_is_left() -> None:
    con = duckdb.connect()
    with pytest.raises(KeyError), turn(con), turn(con):  # a verb within a verb, in one thread
        raise KeyError
    taken: list[bool] = []

    def take() -> None:
        with turn(con):
            taken.append(True)

    thread = threading.Thread(target=take)
    with turn(con):
        thread.start()
        time.sleep(0.05)
        assert not taken
    thread.join(10)
    assert taken == [True]


def test_waiting_for_a_turn_can_be_given_up() -> None:
    con = duckdb.connect()
    raised: list[BaseException] = []
    is_waiting, give_up = threading.Event(), threading.Event()

    def wait() -> None:
        try:
            with colprofile.stop_on_exit():
                inner = threading.Thread(target=contextless(take))
                inner.start()
                is_waiting.set()
                give_up.wait(10)
            inner.join(10)
        except BaseException as error:
            raised.append(error)

    def take() -> None:
        try:
            with turn(con):
                pass
        except BaseException as error:
            raised.append(error)

    def contextless(call: Callable[[], None]) -> Callable[[], Any]:
        import contextvars

        context = contextvars.copy_context()
        return lambda: context.run(call)

    with turn(con):
        waiting = threading.Thread(target=wait)
        waiting.start()
        is_waiting.wait(10)
        time.sleep(0.05)
        give_up.set()
        waiting.join(10)
    assert [type(error).__name__ for error in raised] == ["CancelledError"]


def test_a_connection_that_its_owner_uses_meanwhile_is_busy_in_one_line() -> None:
    con = duckdb.connect()
    con.execute("create table t as select range % 5 as a from range(100)")
    begun, release = threading.Event(), threading.Event()

    def hold(value: int) -> int:
        begun.set()
        release.wait(60)
        return value

    con.create_function("hold", hold, ["BIGINT"], "BIGINT")
    owner = threading.Thread(target=lambda: con.execute("select hold(1)").fetchall())
    owner.start()
    assert begun.wait(60)
    try:
        for verb in VERBS:
            with pytest.raises(SourceBusy, match=r"^the DuckDB connection is busy .*, made by cursor\(\)$"):
                verb(con, "t")
    finally:
        release.set()
        owner.join(60)
    assert colprofile.profile(con, "t").rows == 100


def refusals(source: Any, table: str) -> set[str]:
    """Return what every verb says of a source that cannot be read."""
    found = set()
    for verb in VERBS:
        with pytest.raises(ColprofileError) as caught:
            verb(source, table)
        assert isinstance(caught.value, SourceError | colprofile.ArgumentError)
        assert "\n" not in str(caught.value)
        found.add(str(caught.value))
    return found


def test_an_aborted_and_a_closed_duckdb_connection(duckdb_connection: duckdb.DuckDBPyConnection) -> None:
    con = duckdb_connection
    con.execute("begin")
    with pytest.raises(duckdb.Error):
        con.execute("select error('x')").fetchall()
    line = (
        "the transaction of the DuckDB connection was aborted by an earlier error: "
        "end it with rollback(), then try again"
    )
    assert refusals(con, "t") == refusals(con, "select * from t") == {line}
    con.execute("rollback")
    assert colprofile.profile(con, "t").rows == 600
    con.close()
    assert refusals(con, "t") == refusals(con, "select 1") == {"the DuckDB connection is closed: give an open one"}


@pytest.mark.parametrize("where", [":memory:", "t.duckdb"])
@pytest.mark.parametrize("relation", ["t", "v", "select * from t", "attached.main.u"])
def test_an_open_transaction_goes_on_with_its_rows(where: str, relation: str, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "other.duckdb")) as made:
        made.execute("create table u as select range % 5 as a, range % 3 as b from range(100)")
    with duckdb.connect(where if where == ":memory:" else str(tmp_path / where)) as con:
        con.execute(f"attach '{tmp_path / 'other.duckdb'}' as attached (read_only)")
        con.execute("create table t as select range % 5 as a, range % 3 as b from range(99)")
        con.execute("create view v as select * from t; begin; insert into t values (9, 9)")
        for call in (colprofile.profile, colprofile.audit):
            assert call(con, relation).provenance.is_exact
        assert colprofile.profile(con, relation, sample_rows=10).rows == 100
        assert colprofile.drift(con, con, table=relation).fresh_rows == 100
        with pytest.raises(ColprofileError):
            colprofile.profile(con, "nothere")
        with pytest.raises(ColprofileError):
            colprofile.profile(con, "t", where="nothere > 1")
        assert con.execute("select count(*) from t").fetchall() == [(100,)]  # it was not aborted
        con.execute("rollback")
        assert con.execute("select count(*) from t").fetchall() == [(99,)]


def test_a_read_only_connection_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as con:
        con.execute("create table t as select range % 5 as a, range % 3 as b from range(100)")
    with duckdb.connect(path, read_only=True) as con:
        for verb in VERBS:
            assert verb(con, "t")
        assert colprofile.profile(con, "t", sample_rows=10).rows == 100


def test_an_aborted_and_a_closed_postgresql_connection(postgres_engine: sa.Engine) -> None:
    with postgres_engine.connect() as connection:
        connection.exec_driver_sql("create temp table aborted as select mod(generate_series(1, 100), 5) as a")
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("select 1 / 0")
        (line,) = refusals(connection, "aborted")
        assert "transaction" in line and "aborted" in line and "rollback()" in line
        connection.rollback()
    (line,) = refusals(connection, "aborted")
    assert line == "the SQLAlchemy Connection is closed: give an open one, or its Engine"
