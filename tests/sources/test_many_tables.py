"""Sources of many tables: their names, which verbs take back as they are, what is declared, and SQL over them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from colprofile.errors import SourceError, SourceNotFound
from colprofile.sources.open import open_source
from colprofile.sources.tables.base import DeclaredKey, DeclaredReference, Tables
from colprofile.sources.tables.database import DatabaseTables
from colprofile.sources.tables.duckdb import DuckDBTables

SERVERS = ("sqlite", "postgresql", "mariadb")

HOSTILE = ["a.b", 'say "hi"', "it's", "50%", "select 1", "new\nline", "sales.orders", '"sales"."orders"', "Ünï", "a`b"]


def run(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


@pytest.fixture(params=SERVERS)
def engine(request: pytest.FixtureRequest, tmp_path: Path, new_url: Callable[[str], sa.URL]) -> Iterator[sa.Engine]:
    """An Engine on an empty database of each server."""
    url = (
        sa.URL.create("sqlite", database=str(tmp_path / "t.db"))
        if request.param == "sqlite"
        else new_url(request.param)
    )
    made = sa.create_engine(url, poolclass=sa.NullPool)
    yield made
    made.dispose()


def columns_read(tables: Tables) -> dict[str, list[str]]:
    """Return the columns of each table, as it is read by its name, and as a query reads it."""
    found = {}
    with tables, tables.queries() as queries:
        for name in tables.names:
            source, table = tables.given(name)
            with open_source(source, table) as opened:
                found[name] = [column.name for column in opened.columns]
            [column] = found[name]
            assert queries.rows(f"select count({queries.column(column)}) from {queries.table(name)}") == [(0,)]
    return found


def test_names_of_databases_are_taken_back_as_they_are(engine: sa.Engine) -> None:
    names = [*HOSTILE, "Case", "case"] if engine.dialect.name == "postgresql" else HOSTILE
    quote = engine.dialect.identifier_preparer.quote_identifier
    made = {name: f"column {number} %" for number, name in enumerate(names)}
    run(engine, *(f"create table {quote(n)} ({quote(c)} int)".replace("%%", "%") for n, c in made.items()))
    assert columns_read(DatabaseTables.open(engine)) == {name: [column] for name, column in made.items()}


def test_names_of_duckdb_are_taken_back_as_they_are() -> None:
    connection = duckdb.connect()
    names = [*HOSTILE, "temporary"]
    for number, name in enumerate(names):
        quoted = '"' + name.replace('"', '""') + '"'
        connection.execute(f'create table {quoted} ("column {number}" int)')
    connection.execute("create temp table temporary (hides int)")
    found = columns_read(DuckDBTables.open(connection))
    expected = {name: [f"column {number}"] for number, name in enumerate(names)}
    assert found == {**expected, "temporary": ["hides"]}


@pytest.mark.parametrize("server", ["duckdb", "postgresql"])
def test_tables_of_another_schema_are_qualified_without_doubt(server: str, new_url: Callable[[str], sa.URL]) -> None:
    statements = [
        "create schema sales",
        "create table sales.orders (theirs int)",
        'create table "sales.orders" (ours int)',
        'create table sales."a.b" (dotted int)',
        "create view sales.plain as select 1 as one where false",
    ]
    if server == "duckdb":
        connection = duckdb.connect()
        connection.execute("; ".join(statements))
        tables: Tables = DuckDBTables.open(connection, "sales")
    else:
        database = sa.create_engine(new_url(server), poolclass=sa.NullPool)
        run(database, *statements)
        tables = DatabaseTables.open(database, "sales")
    assert tables.views == {"sales.plain"}
    assert tables.parts('"sales"."orders"') == ("sales", "orders")
    assert columns_read(tables) == {'sales."a.b"': ["dotted"], '"sales"."orders"': ["theirs"], "sales.plain": ["one"]}


CONSTRAINED = [
    "create table parent (id int, code varchar(9), part int, primary key (id, part), unique (code))",
    "create table child (id int primary key, p int, q int, c varchar(9), "
    "foreign key (p, q) references parent (id, part))",
    "create index child_qc on child (q, c)",
    "create unique index child_c on child (c)",
]


def test_what_databases_declare(engine: sa.Engine) -> None:
    run(engine, *CONSTRAINED, "create view shown as select * from child")
    with DatabaseTables.open(engine) as tables:
        declared = tables.declared()
        assert (tuple(tables.names), tables.views) == (("child", "parent", "shown"), frozenset({"shown"}))
    assert set(declared.keys) == {
        DeclaredKey("parent", ("id", "part"), True),
        DeclaredKey("parent", ("code",), False),
        DeclaredKey("child", ("id",), True),
        DeclaredKey("child", ("c",), False),
    }
    assert declared.references == (DeclaredReference("child", ("p", "q"), "parent", ("id", "part")),)
    assert declared.indexes is not None
    assert {("q", "c"), ("c",), ("id",)} <= set(declared.indexes["child"])
    assert set(declared.indexes["parent"]) == {("id", "part"), ("code",)}
    assert declared.indexes["shown"] == ()


def test_a_key_and_a_foreign_key_of_one_name_are_two_in_mariadb(new_url: Callable[[str], sa.URL]) -> None:
    engine = sa.create_engine(new_url("mariadb"), poolclass=sa.NullPool)
    run(
        engine,
        "create table parent (id int primary key)",
        "create table child (a int, b int, index own (b), constraint same unique (a), "
        "constraint same foreign key (b) references parent (id))",
    )
    with DatabaseTables.open(engine) as tables:
        declared = tables.declared()
    assert DeclaredKey("child", ("a",), False) in declared.keys
    assert declared.references == (DeclaredReference("child", ("b",), "parent", ("id",)),)


def test_what_duckdb_declares() -> None:
    connection = duckdb.connect()
    connection.execute("; ".join([*CONSTRAINED, 'create table "o,d" ("x,""y" int, z int)']))
    connection.execute('create index ox on "o,d" ("x,""y", (z + 1), z)')
    connection.execute('create index oz on "o,d" ((z + 1))')
    declared = DuckDBTables.open(connection).declared()
    assert set(declared.keys) == {
        DeclaredKey("parent", ("id", "part"), True),
        DeclaredKey("parent", ("code",), False),
        DeclaredKey("child", ("id",), True),
        DeclaredKey("child", ("c",), False),
    }
    assert declared.references == (DeclaredReference("child", ("p", "q"), "parent", ("id", "part")),)
    assert declared.indexes == {
        "child": (("id",), ("q", "c"), ("c",)),
        "o,d": (('x,"y',),),
        "parent": (("id", "part"), ("code",)),
    }


def test_partitions_other_schemas_and_partial_indexes_of_postgresql(new_url: Callable[[str], sa.URL]) -> None:
    database = sa.create_engine(new_url("postgresql"), poolclass=sa.NullPool)
    run(
        database,
        "create schema other",
        "create table other.target (id int primary key)",
        "create table years (id int references other.target, year int) partition by list (year)",
        "create table years_2023 partition of years for values in (2023)",
        "create materialized view summed as select year from years",
        "create index summed_year on summed (year)",
        "create index years_some on years (id) where year > 2000",
    )
    with DatabaseTables.open(database) as tables:
        declared = tables.declared()
        assert (tuple(tables.names), tables.views) == (("summed", "years"), frozenset({"summed"}))
        assert tables.remarks == ("1 partition is read with the table that has them, not by themselves: 'years_2023'.",)
    assert declared.references == (DeclaredReference("years", ("id",), "other.target", ("id",)),)
    assert declared.indexes == {"summed": (("year",),), "years": ()}


def test_a_catalog_is_asked_at_once_for_all_tables(new_url: Callable[[str], sa.URL]) -> None:
    database = sa.create_engine(new_url("postgresql"), poolclass=sa.NullPool)
    run(database, *(f"create table t{i} (id int primary key, up int references t{max(i - 1, 0)})" for i in range(120)))
    statements: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    with DatabaseTables.open(database) as tables:
        declared = tables.declared()
    assert (len(tables.names), len(declared.keys), len(declared.references)) == (120, 120, 120)
    assert len(statements) < 30


VALUES = [
    "create table v (i int, n decimal(10,2), b boolean, f double precision, d date, t timestamp, s varchar(9))",
    "insert into v values (100, 1.50, true, 2.0, '2024-01-31', '2024-01-31 10:20:30', 'a ')",
    "insert into v values (0, -20.00, false, 0.25, null, null, 'É'), (7, 0.05, true, -100.0, null, null, '7')",
    "insert into v values (null, null, null, null, null, null, null)",
]

TEXTS = {
    "i": {"100", "0", None, "7"},
    "n": {"1.5", "-20", None, "0.05"},
    "b": {"1", "0", None},
    "f": {"2", "0.25", None, "-100"},
    "d": {"2024-01-31", None},
    "t": {"2024-01-31 10:20:30", None},
    "s": {"a ", "É", None, "7"},
}


def texts_in(tables: Tables) -> dict[str, set[Any]]:
    with tables, tables.queries() as queries:
        return {
            name: {row[0] for row in queries.rows(f"select {queries.text(f'x.{queries.column(name)}')} from v x")}
            for name in TEXTS
        }


def test_texts_of_values_are_the_same_everywhere(engine: sa.Engine) -> None:
    run(engine, *VALUES)
    assert texts_in(DatabaseTables.open(engine)) == TEXTS
    connection = duckdb.connect()
    connection.execute(";".join(VALUES))
    assert texts_in(DuckDBTables.open(connection)) == TEXTS


@pytest.mark.parametrize(
    ("server", "collated"),
    [
        ("duckdb", "varchar collate nocase"),
        ("sqlite", "varchar collate nocase"),
        ("mariadb", "varchar(9) collate utf8mb4_general_ci"),
    ],
)
def test_texts_are_compared_by_their_characters(
    server: str, collated: str, tmp_path: Path, new_url: Callable[[str], sa.URL]
) -> None:
    statements = [f"create table v (s {collated})", "insert into v values ('a'), ('A'), ('a ')"]
    if server == "duckdb":
        connection = duckdb.connect()
        connection.execute(";".join(statements))
        tables: Tables = DuckDBTables.open(connection)
    else:
        url = sa.URL.create("sqlite", database=str(tmp_path / "t.db")) if server == "sqlite" else new_url(server)
        database = sa.create_engine(url, poolclass=sa.NullPool)
        run(database, *statements)
        tables = DatabaseTables.open(database)
    with tables, tables.queries() as queries:
        texts = f"select {queries.text('s')} as k from v"
        assert queries.rows(f"select count(distinct k) from ({texts}) x") == [(3,)]
        assert queries.rows(f"select count(*) from ({texts}) x join ({texts}) y on x.k = y.k") == [(3,)]


def test_queries_only_read_and_an_error_ends_nothing(engine: sa.Engine) -> None:
    run(engine, "create table t (a int)", "insert into t values (1)")
    with DatabaseTables.open(engine) as tables, tables.queries() as queries:
        with pytest.raises(SourceError, match=r"^cannot read .*missing") as caught:
            queries.rows("select missing from t")
        assert "\n" not in str(caught.value)
        with pytest.raises(SourceError):
            queries.rows("insert into t values (2)")
        assert queries.rows("select count(*), '%s' from t") == [(1, "%s")]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from t").scalar() == 1


def test_all_queries_see_the_same_rows(new_url: Callable[[str], sa.URL]) -> None:
    for server in ("postgresql", "mariadb"):
        database = sa.create_engine(new_url(server), poolclass=sa.NullPool)
        run(database, "create table t (a int)")
        with DatabaseTables.open(database) as tables, tables.queries() as queries:
            assert queries.rows("select count(*) from t") == [(0,)]
            run(database, "insert into t values (1)")
            assert queries.rows("select count(*) from t") == [(0,)]


def test_a_query_ends_by_interruption_and_by_time(new_url: Callable[[str], sa.URL]) -> None:
    database = sa.create_engine(new_url("postgresql"), poolclass=sa.NullPool)
    run(database, "create table t (a int)")
    with DatabaseTables.open(database) as tables, tables.queries() as queries:
        timer = threading.Timer(0.2, queries.interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            queries.rows("select pg_sleep(60)")
    with DatabaseTables.open(database, statement_timeout=0.2) as tables, tables.queries() as queries:
        with pytest.raises(SourceError, match="longer than the statement timeout"):
            queries.rows("select pg_sleep(60)")
        assert queries.rows("select count(*) from t") == [(0,)]
        with pytest.raises(SourceError, match="no_such_table"):  # what happened before is not said again
            queries.rows("select * from no_such_table")


def test_a_snapshot_may_be_idle_while_values_are_counted(new_url: Callable[[str], sa.URL]) -> None:
    asked = {
        "postgresql": "select current_setting('idle_in_transaction_session_timeout')",
        "mariadb": "select cast(@@session.idle_readonly_transaction_timeout as char)",
    }
    limits = {
        "postgresql": "set idle_in_transaction_session_timeout = '1h'",
        "mariadb": "set session idle_readonly_transaction_timeout = 3600",
    }
    for server, sql in asked.items():
        database = sa.create_engine(new_url(server), pool_size=1)

        @sa.event.listens_for(database, "connect")
        def limit(connection: Any, _: object, statement: str = limits[server]) -> None:
            connection.cursor().execute(statement)
            connection.commit()

        run(database, "create table t (a int)")
        with DatabaseTables.open(database) as tables, tables.snapshot():
            connection, _ = tables.given("t")
            assert connection.exec_driver_sql(sql).scalar_one() == "0"
        with database.connect() as after:
            assert after.exec_driver_sql(sql).scalar_one() in ("1h", "3600")
        database.dispose()


def test_a_users_connection_is_read_with_what_it_has_not_committed(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "t.db", isolation_level=None)
    connection.execute("begin")
    connection.execute("create table t (a int primary key)")
    connection.execute("create temp table mine (a int)")
    connection.execute("create temp view seen as select * from mine")
    connection.execute("insert into t values (1)")
    with DatabaseTables.open(connection) as tables:
        assert tables.names == ("mine", "seen", "t")
        assert tables.views == {"seen"}
        assert tables.given("t") == (connection, "t")
        assert tables.declared().keys == (DeclaredKey("t", ("a",), True),)
        with tables.queries() as queries:
            assert queries.rows("select a from t") == [(1,)]
    connection.execute("insert into t values (2)")
    connection.execute("rollback")
    assert connection.execute("select count(*) from sqlite_master").fetchall() == [(0,)]
    connection.close()


def test_tables_of_files_are_read_only_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t as select 1 as a; create schema s; create table s.u (b int)")
    with DuckDBTables.open(path) as tables, tables.queries() as queries:
        assert (tables.description, tables.names, tables.given("t")) == (str(path), ("t",), (str(path), "t"))
        with pytest.raises(SourceError, match="read-only"):
            queries.rows("insert into t values (2)")
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table t")
    with DuckDBTables.open(path) as tables:
        assert tables.names == ("s.u",)  # the connection's own schema has none
    with pytest.raises(SourceNotFound, match=r"no schema 'x' with tables .* There are: 's'"):
        DuckDBTables.open(path, "x")


def test_databases_without_tables_say_where_there_are_some(new_url: Callable[[str], sa.URL]) -> None:
    database = sa.create_engine(new_url("postgresql"), poolclass=sa.NullPool)
    run(database, "create schema sales", "create table sales.orders (a int)")
    with pytest.raises(SourceNotFound, match=r"has no table in its schema 'public': give schema=.*'sales'"):
        DatabaseTables.open(database)
    with pytest.raises(SourceNotFound, match=r"no schema 'sale' in .* Did you mean 'sales'\?"):
        DatabaseTables.open(database, "sale")
