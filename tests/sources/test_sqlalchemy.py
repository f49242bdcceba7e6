"""Databases by URL and Engine: what is found, what goes wrong in one line, and that nothing is written or shown."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.cli import main
from colprofile.sources.database.engines import described, error_line, secrets_of
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.sources.urls import hide_passwords
from tests.support.differences import profile_differences

HOSTILE = ['a "quoted" name', "it's; drop table t --", "new\nline", "%s :x %(y)s", "SELECT", "Case", "case", "日本"]


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    return new_postgres_database()


@pytest.fixture(scope="module")
def text_url(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def postgres(url: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "create table flights as select k % 3 as carrier, k % 5 as dest from generate_series(1, 60) k",
            "create schema sales",
            'create table sales."Odd.Name" as select k % 4 as a, k % 2 as b from generate_series(1, 40) k',
            "create view half as select * from flights where dest < 2",
            "create materialized view kept as select * from flights",
            "create table empty (a integer, b text)",
            "create table one (a integer, b text)",
            "insert into one values (1, null)",
            "create table parts (k integer, v text) partition by range (k)",
            "create table parts_1 partition of parts for values from (0) to (10)",
            "create table parts_2 partition of parts for values from (10) to (20)",
            "insert into parts select k, k % 3 from generate_series(0, 19) k",
            "create table secret (open_column integer, closed_column integer)",
            "insert into secret values (1, 2), (2, 2)",
            "create role reader login",
            "grant select (open_column) on secret to reader",
            "create role locked login password 'hunter2'",
            "create table no_columns ()",
        ):
            connection.exec_driver_sql(statement.replace("%", "%%"))
        names = ", ".join('"' + name.replace('"', '""').replace("%", "%%") + '" integer' for name in HOSTILE)
        connection.exec_driver_sql(f"create table hostile ({names})")
        connection.exec_driver_sql(f"insert into hostile values ({', '.join('12345678')}), ({', '.join('11111111')})")
        wide = ", ".join(f"c{i} integer" for i in range(300))
        connection.exec_driver_sql(f"create table wide ({wide})")
        connection.exec_driver_sql(f"insert into wide values ({', '.join('1' * 300)}), ({', '.join('2' * 300)})")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("fetch", ["always", "never"])
@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("flights", 60),
        ("FLIGHTS", 60),
        ("public.flights", 60),
        ('sales."Odd.Name"', 40),
        ("half", 24),
        ("kept", 60),
        ("parts", 20),
        ("empty", 0),
        ("one", 1),
        ("hostile", 2),
        ("select carrier, dest::text as d from flights where dest::text <> ':x' -- all", 60),
        ("with f as (select * from flights) select carrier from f;", 60),
    ],
)
def test_tables_views_and_queries(postgres: sa.Engine, fetch: Any, table: str, rows: int) -> None:
    found = colprofile.profile(postgres, table, fetch=fetch)
    assert found.rows == rows
    assert profile_differences(found, colprofile.profile(postgres, table, fetch="always")) == []
    if table == "hostile":
        assert [column.name for column in found.columns] == HOSTILE


def test_three_hundred_columns(postgres: sa.Engine) -> None:
    found = colprofile.profile(postgres, "wide", fetch="never", pairs=False)
    assert len(found.columns) == 300 and all(column.entropy == 1.0 for column in found.columns)


def test_a_url_and_an_engine_are_the_same(postgres: sa.Engine, text_url: str, url: sa.URL) -> None:
    by_engine = colprofile.profile(postgres, "flights")
    assert profile_differences(by_engine, colprofile.profile(text_url, "flights")) == []
    assert profile_differences(by_engine, colprofile.profile(url, "flights")) == []
    short = text_url.replace("postgresql+psycopg", "postgres")
    assert profile_differences(by_engine, colprofile.profile(short, "flights")) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("flihgts", "no table 'flihgts' in .*Did you mean 'flights'"),
        ("Odd.Name", "Did you mean 'sales.Odd.Name'"),
        ("sales.nothing", "no table"),
        ("select 1 as a, 2 as a", "several columns named 'a'"),
        ("select nonsense from flights", 'cannot read .*column "nonsense" does not exist'),
        ("delete from flights", "no table 'delete from flights'"),
        ("select 1 as a; drop table flights", "cannot read .*syntax error"),
        ("with d as (delete from flights returning *) select * from d", "cannot read .*must be at the top level"),
        ("no_columns", "has no columns"),
    ],
)
def test_what_is_no_table(postgres: sa.Engine, table: str, message: str) -> None:
    with pytest.raises(colprofile.SourceError, match=message) as caught:
        colprofile.profile(postgres, table)
    assert "\n" not in str(caught.value)
    assert colprofile.profile(postgres, "flights").rows == 60


def test_a_column_without_permission_is_skipped(postgres: sa.Engine, url: sa.URL) -> None:
    found = colprofile.profile(url.set(username="reader"), "secret")
    assert [column.name for column in found.columns] == ["open_column"]
    assert [(column.name, column.reason) for column in found.skipped] == [
        ("closed_column", "permission denied for table secret")
    ]
    with pytest.raises(colprofile.SourceError, match="permission denied"):
        colprofile.profile(url.set(username="reader"), "flights")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"database": "nowhere"}, 'cannot connect to .*database "nowhere" does not exist'),
        ({"username": "nobody"}, 'cannot connect to .*role "nobody" does not exist'),
        ({"host": "127.0.0.1", "port": 9, "query": {}}, "cannot connect to .*[Cc]onnection refused"),
        ({"drivername": "nonsense"}, "no SQLAlchemy dialect 'nonsense'"),
        ({"drivername": "postgresql+pg8000"}, "needs the package 'pg8000'"),
    ],
)
def test_what_cannot_be_connected_to(postgres: sa.Engine, url: sa.URL, change: Any, message: str) -> None:
    wrong = url.set(password="s3cret", **change)
    with pytest.raises(colprofile.SourceError, match=message) as caught:
        colprofile.profile(wrong.render_as_string(hide_password=False), "flights")
    assert "\n" not in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(colprofile.MissingExtra, match=r"pip install 'colprofile\[postgres\]'"):
        colprofile.profile("postgresql://me:s3cret@localhost/db", "t")
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(colprofile.MissingExtra, match=r"pip install 'colprofile\[mysql\]'"):
        colprofile.profile("mariadb://me:s3cret@localhost/db", "t")


def test_passwords_are_never_shown() -> None:
    url = sa.make_url("postgresql://me:s3cret@h/db?sslpassword=hush&application_name=x")
    assert "s3cret" not in described(url) and "hush" not in described(url) and "application_name=x" in described(url)
    assert set(secrets_of(url)) == {"s3cret", "hush"}
    assert error_line(ValueError("bad s3cret and hush\nmore"), secrets_of(url)) == "bad *** and ***"
    assert hide_passwords("a://u:p@w@h/d?password=x&b=1") == "a://u:***@h/d?password=***&b=1"


def test_a_saved_profile_holds_no_password(
    postgres: sa.Engine, url: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = url.set(password="s3cret").render_as_string(hide_password=False)
    arguments = ["profile", given, "--table", "flights", "--fetch", "never", "--save", str(tmp_path / "p.json")]
    monkeypatch.setattr(sys, "argv", ["colprofile", *arguments])
    assert main(arguments) == 0
    saved = (tmp_path / "p.json").read_text()
    assert "s3cret" not in saved and "***" in saved
    assert colprofile.Profile.load(tmp_path / "p.json").rows == 60


def test_the_command_line_says_what_is_wrong_in_one_line(
    postgres: sa.Engine, text_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", text_url, "--table", "flihgts"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("colprofile: no table 'flihgts'") and error.count("\n") == 1


def test_nothing_can_be_written(postgres: sa.Engine, url: sa.URL) -> None:
    with colprofile.open_source(postgres, "flights") as source:
        assert isinstance(source, SQLAlchemySource)
        for statement in ("delete from flights", "create temporary table x (a integer)", "vacuum flights"):
            with pytest.raises(sa.exc.DBAPIError), source._connection.begin_nested():
                source._connection.exec_driver_sql(statement)
    with postgres.connect() as connection:
        assert connection.exec_driver_sql("show transaction_read_only").scalar() == "off"


def test_one_snapshot_is_read(url: sa.URL, postgres: sa.Engine) -> None:
    with postgres.begin() as connection:
        connection.exec_driver_sql("create table moving as select k %% 2 as a from generate_series(1, 10) k")
    with colprofile.open_source(postgres, "moving", fetch="never") as source:
        before = source.count_rows()
        with postgres.begin() as connection:
            connection.exec_driver_sql("insert into moving select 7 from generate_series(1, 10)")
        assert source.count_rows() == before == 10


SLOW = "select k % 7 as a, pg_sleep(0.02)::text as b from generate_series(1, 2000) k"


@pytest.mark.parametrize("fetch", ["always", "never"])
def test_the_statement_timeout(postgres: sa.Engine, fetch: Any) -> None:
    began = time.monotonic()
    with pytest.raises(colprofile.SourceError, match="longer than the statement timeout"):
        colprofile.profile(postgres, SLOW, fetch=fetch, statement_timeout=0.3)
    assert time.monotonic() - began < 10
    assert colprofile.profile(postgres, "flights", statement_timeout=60).rows == 60


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_that_is_none(postgres: sa.Engine, timeout: float) -> None:
    with pytest.raises(colprofile.ArgumentError, match="statement_timeout"):
        colprofile.profile(postgres, "flights", statement_timeout=timeout)
    with pytest.raises(colprofile.ArgumentError, match="fetch='sometimes'"):
        colprofile.profile(postgres, "flights", fetch="sometimes")  # type: ignore[call-overload]


def running(engine: sa.Engine, act: str = "count(*)") -> int:
    """Count the backends of others that run the slow query, or its cursor, or do to them what ``act`` says."""
    with engine.connect() as connection:
        return int(
            connection.exec_driver_sql(
                f"select {act} from pg_stat_activity where state = 'active' and backend_type = 'client backend' "
                "and (query like '%%pg_sleep(0.02)%%' or query ilike 'fetch %%') and pid <> pg_backend_pid()"
            ).scalar_one()
        )


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


@pytest.mark.parametrize("fetch", ["always", "never"])
def test_ctrl_c_ends_the_statement_on_the_server(postgres: sa.Engine, text_url: str, fetch: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "colprofile", "profile", text_url, "--table", SLOW, "--fetch", fetch],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: running(postgres) > 0, 60)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=20)
    assert child.returncode == 130
    assert error.strip() == "colprofile: interrupted"
    wait_for(lambda: running(postgres) == 0, 5)


@pytest.mark.parametrize("fetch", ["always", "never"])
def test_a_server_that_goes_away_is_said_in_one_line(postgres: sa.Engine, url: sa.URL, fetch: Any) -> None:
    def end_it() -> None:
        wait_for(lambda: running(postgres) > 0, 60)
        running(postgres, "sum(pg_terminate_backend(pid)::int)")

    killer = threading.Thread(target=end_it)
    killer.start()
    with pytest.raises(colprofile.SourceError, match=r"lost the connection to|cannot read") as caught:
        colprofile.profile(url, SLOW, fetch=fetch)
    killer.join()
    assert "\n" not in str(caught.value)
    del caught
    gc.collect()  # what was left open would warn now, not in some later test


def test_a_table_dropped_meanwhile(postgres: sa.Engine) -> None:
    with postgres.begin() as connection:
        connection.exec_driver_sql("create table fleeting (a integer)")
    engine = sa.create_engine(postgres.url)
    with colprofile.open_source(engine, "fleeting") as source:
        # It cannot be: what was opened is locked until it is left.
        with pytest.raises(sa.exc.DBAPIError), postgres.begin() as connection:
            connection.exec_driver_sql("set local lock_timeout = '100ms'")
            connection.exec_driver_sql("drop table fleeting")
        assert source.columns[0].name == "a"
    engine.dispose()


# SQLite


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "app.sqlite"
    frame = pd.DataFrame({"a": [1, 2, 2, 3], "b": ["x", "y", "y", None]})
    with sqlite3.connect(path) as connection:
        frame.to_sql("users", connection, index=False)
    connection.close()
    return path


def test_an_sqlite_file_by_path_by_url_and_in_memory(sqlite_file: Path) -> None:
    by_path = colprofile.profile(str(sqlite_file))
    by_url = colprofile.profile(f"sqlite:///{sqlite_file}", "users", fetch="never")
    assert profile_differences(by_path, by_url) == []
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table users (a integer, b text)")
        connection.exec_driver_sql("insert into users values (1, 'x'), (2, 'y'), (2, 'y'), (3, null)")
    for fetch in ("always", "never"):
        assert profile_differences(by_path, colprofile.profile(engine, "users", fetch=fetch)) == []
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into users values (9, 'z')")
    engine.dispose()


def test_an_sqlite_file_is_opened_for_reading_only(sqlite_file: Path) -> None:
    before = sqlite_file.read_bytes()
    os.chmod(sqlite_file, 0o444)
    opened = colprofile.open_source(f"sqlite:///{sqlite_file}", "users")
    with opened as source:
        assert isinstance(source, SQLAlchemySource)
        with pytest.raises(sa.exc.DBAPIError, match="readonly"):
            source._connection.exec_driver_sql("delete from users")
    assert sqlite_file.read_bytes() == before
    engine = sa.create_engine(f"sqlite:///{sqlite_file}")
    with colprofile.open_source(engine, "users") as source:
        assert isinstance(source, SQLAlchemySource)
        with pytest.raises(sa.exc.DBAPIError, match="readonly"):
            source._connection.exec_driver_sql("delete from users")
    os.chmod(sqlite_file, 0o644)
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into users values (9, 'z')")  # the user's own connections can write again
    engine.dispose()


def test_an_sqlite_file_that_is_not_there_is_not_made(tmp_path: Path, sqlite_file: Path) -> None:
    with pytest.raises(colprofile.SourceNotFound, match=r"no file .*Did you mean 'app.sqlite'"):
        colprofile.profile(f"sqlite:///{tmp_path}/ap.sqlite", "users")
    assert not (tmp_path / "ap.sqlite").exists()
    (tmp_path / "broken.sqlite").write_bytes(b"SQLite format 3\0" + b"nonsense" * 100)
    with pytest.raises(colprofile.SourceError, match=r"cannot (read|connect to)") as caught:
        colprofile.profile(str(tmp_path / "broken.sqlite"), "users")
    assert "\n" not in str(caught.value)


def test_sqlite_gives_up_after_the_timeout(sqlite_file: Path) -> None:
    endless = "with recursive n(k) as (select 1 union all select k + 1 from n) select k from n"
    with pytest.raises(colprofile.SourceError, match="longer than the statement timeout"):
        colprofile.profile(f"sqlite:///{sqlite_file}", endless, statement_timeout=0.3)


# MariaDB


def test_mariadb_is_read_only_and_can_be_interrupted(mariadb_url: sa.URL) -> None:
    engine = sa.create_engine(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table users (a integer, b varchar(9))")
        connection.exec_driver_sql("insert into users values (1, 'x'), (2, 'y')")
    with colprofile.open_source(engine, "users") as source:
        assert isinstance(source, SQLAlchemySource)
        with pytest.raises(sa.exc.DBAPIError, match="READ ONLY"):
            source._connection.exec_driver_sql("delete from users")
    with pytest.raises(colprofile.SourceError, match="longer than the statement timeout"):
        colprofile.profile(engine, "select a, sleep(1) as b from users, seq_0_to_99", statement_timeout=0.3)
    with pytest.raises(colprofile.SourceError, match=r"no table 'user' in .*Did you mean 'users'"):
        colprofile.profile(engine, "user")
    with pytest.raises(colprofile.SourceError, match=r"cannot connect to .*Access denied") as caught:
        colprofile.profile(mariadb_url.set(username="nobody", password="s3cret"), "users")
    assert "s3cret" not in str(caught.value)
    engine.dispose()


# DuckDB


def test_a_duckdb_url_is_opened_by_the_reader_of_duckdb(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create table t as select i % 4 as a from range(64) r(i)")
    assert colprofile.profile(f"duckdb:///{tmp_path}/a.duckdb", "t")["a"].entropy == 2.0


def test_a_sample_of_a_column_that_the_database_ranks(tmp_path: Path) -> None:
    """Ranks are those of the whole table: of many values a sample lacks most."""
    path = tmp_path / "ranked.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("create table t (name text collate nocase)")
        database.executemany("insert into t values (?)", [(f"name {i:03}" if i else "",) for i in range(500)])
        database.commit()
    found = colprofile.profile(path, "t", sample_rows=50)["name"]
    assert (found.distinct, len({top.value for top in found.top_values})) == (50, 10)
    assert all(top.value == "" or str(top.value).startswith("name ") for top in found.top_values)
    assert "name 000" < str(found.minimum or "name 001") < str(found.maximum) < "name 500"
