"""query= and where=: the rows that they leave, said in the result; nothing but a query and a condition gets through."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import ArgumentError
from colprofile.sources.restrict import checked_text
from tests.support.opened import reading_of, refusal, rows_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    Path("orders.csv").write_text("id,customer\n1,10\n2,20\n3,10\n")
    Path("d/customers.csv").write_text("customer,name\n10,Ann\n20,Bob\n")
    Path("my data.2024.csv").write_text("x\n7\n")
    with sqlite3.connect("t.db") as connection:
        connection.executescript(
            """create table "my table" (a integer, b text); insert into "my table" values (1, 'x:y'), (2, 'z')"""
        )
    connection.close()
    return tmp_path


JOINED = "select id, name from orders join customers using (customer) where id <> 2 order by id"


def test_files_are_views_by_their_names() -> None:
    files = ["orders.csv", "d/customers.csv", "my data.2024.csv"]
    ann = [{"id": 1, "name": "Ann"}, {"id": 3, "name": "Ann"}]
    assert rows_of(files, query=JOINED) == ann
    assert rows_of(files, query=JOINED.upper().replace("NAME", "name").replace("ID", "id")) == ann
    assert rows_of(files, query=f"with customers2 as (from customers) {JOINED}; -- a comment") == ann
    assert rows_of(files, query='from "my data"') == [{"x": 7}]
    assert rows_of(files, query="from 'd/customers.csv' where customer = 20") == [{"customer": 20, "name": "Bob"}]
    assert rows_of(files, query="from 'customers.csv' limit 1") == [{"customer": 10, "name": "Ann"}]
    assert rows_of("orders.csv", query=JOINED.replace("join customers", "join 'd/customers.csv'")) == ann


def test_a_single_source_is_also_data() -> None:
    assert rows_of("d", query="select count(*) as n from data join customers using (name)") == [{"n": 2}]
    assert rows_of("*.csv", query="select max(id) as id from orders") == [{"id": 3}]
    assert rows_of(b"a\n1\n2\n", query="select sum(a)::int as a from data") == [{"a": 3}]
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert rows_of(frame, query="select a + b as c from data") == [{"c": 4}, {"c": 6}]


def test_both_together() -> None:
    query = "select customer, count(*) as n from data group by all"
    assert rows_of("orders.csv", query=query, where="n > 1") == [{"customer": 10, "n": 2}]
    reading = reading_of("orders.csv", query=query, where="n > 1")
    assert (reading.query, reading.where, reading.remarks) == (query, "n > 1", ())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("drop table x", "is not one query"),
        ("select 1; select 2", "is not one query"),
        ("copy orders to 'out.csv'", "is not one query"),
        (";", "is not one query"),
        ("select from where", "is not SQL: syntax error"),
        ("select 1 as a", "reads no file"),
        ("from order_s", "no table 'order_s' for the query. Did you mean 'orders'"),
        ("select z from orders", "cannot be run: Referenced column"),
        ("from orders, places", "no table 'places' for the query"),
    ],
)
def test_what_is_no_query_over_files(query: str, words: str) -> None:
    places = pd.DataFrame({"a": [1]})  # a variable of Python is no table
    assert words in refusal("orders.csv", query=query)
    assert len(places) == 1


CONDITIONS: list[tuple[str, list[int]]] = [
    ("id > 1", [2, 3]),
    ("customer = 10 and id in (select max(id) from data2) or id = 2", []),
    ("id > 1 -- and id < 3", [2, 3]),
    ("id = 1 or\nid = 2", [1, 2]),
    ("customer::varchar like '2%'", [2]),
    ("false", []),
    ("null", []),
]


@pytest.mark.parametrize(("where", "ids"), [pair for pair in CONDITIONS if "data2" not in pair[0]])
def test_conditions(where: str, ids: list[int]) -> None:
    frame = pd.read_csv("orders.csv")
    connection = duckdb.connect()
    connection.execute("create table orders as from 'orders.csv'")
    for source, table in [(frame, None), (connection, "orders")]:
        assert [row["id"] for row in rows_of(source, table, where=where)] == ids


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("id = 1) union select (2", "syntax error"),
        ("id = 1 union select 2", "holds a set operation"),
        ("id = 1; drop table orders", "more than one statement"),
        ("id = 1 order by 1", "holds a modifier"),
        ("id from orders", "holds a FROM clause"),
        ("id = 1, id = 2", "only a single expression"),
        ("-- id > 1", "SELECT clause without selection list"),
        ("id", "is of type BIGINT: give a condition that is true or false"),
        ("'x'", "is of type VARCHAR"),
        ("*", "is not a condition"),
        ("count(*) > 1", "cannot contain aggregates"),
        ("z = 1", "Referenced column"),
        ("row_number() over () = 1", "is not a condition"),
    ],
)
def test_what_is_no_condition(where: str, words: str) -> None:
    connection = duckdb.connect()
    connection.execute("create table orders as from 'orders.csv'")
    line = refusal(connection, where=where)
    assert words in line
    assert line.startswith(f"where={where!r} is")
    assert connection.execute("select count(*) from orders").fetchall() == [(3,)]


def test_a_condition_on_a_file_is_parsed_alone_too() -> None:
    assert "syntax error" in refusal("orders.csv", where="id = 1) union select (2")


def test_names_that_differ_in_case_alone_keep_theirs() -> None:
    frame = pd.DataFrame({"a": [1, 2], "A": [3, 4], "b": [1, 0]})
    assert rows_of(frame, where="b > 0") == [{"a": 1, "A": 3, "b": 1}]


def test_a_profile_says_which_rows_it_is_of() -> None:
    found = colprofile.profile("orders.csv", where="id > 1", columns=["id"], pairs=False, quality=False)
    assert (found.rows, found.provenance.is_exact, found.provenance.table) == (2, True, None)
    assert found.provenance.reading is not None
    assert found.provenance.reading.where == "id > 1"
    connection = duckdb.connect()
    connection.execute("create table \"or ders\" as from 'orders.csv'")
    with colprofile.open_source(connection, "or ders", where="id > 1") as opened:
        table = opened.table
    assert table == 'select * from "or ders" where id > 1'
    assert len(rows_of(connection, 'from "or ders"', where="id = 2")) == len(rows_of("orders.csv", where="id = 2")) == 1
    assert rows_of(connection, table) == [{"id": 2, "customer": 20}, {"id": 3, "customer": 10}]


def test_rows_of_a_restricted_file_have_no_numbers() -> None:
    with colprofile.open_source("orders.csv") as whole, colprofile.open_source("orders.csv", where="id > 0") as part:
        assert (whole.has_row_numbers, part.has_row_numbers) == (True, False)


@pytest.mark.parametrize(
    ("table", "where", "values"),
    [
        (None, "a > 1", [2]),
        ("my table", "b = 'x:y'", [1]),
        ("MY TABLE", "b <> 'a '' b;--(' and (a > 1 or a < 0)", [2]),
        ('select * from "my table"', "a = 1", [1]),
    ],
)
def test_tables_of_other_databases(table: str | None, where: str, values: list[int]) -> None:
    engine = sa.create_engine("sqlite:///t.db")
    for source in ("t.db", "sqlite:///t.db", engine):
        with colprofile.open_source(source, table, where=where) as opened:
            _, batches = opened.batches(opened.columns[:1])
            assert [value for batch in batches for value in batch[0].to_pylist()] == values
            assert opened.table is not None
            assert opened.table.endswith(f"where ({where})")
    engine.dispose()


@pytest.mark.parametrize("text", ["a\\b", "a\\\\b", "a\\:b", ":x ::y", "50 % %s %(x)s"])
def test_what_a_query_says_is_sent_as_it_is(text: str) -> None:
    found = colprofile.profile("sqlite:///t.db", f"select '{text}' as x")
    assert found["x"].minimum == text


def test_a_condition_on_a_table_whose_name_has_a_percent_sign(postgres_url: sa.URL) -> None:
    name = 'T "1" %s'
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        sa.Table(name, sa.MetaData(), sa.Column("a%", sa.Integer)).create(connection)
        assert colprofile.profile(connection, name, where="1 = 1").rows == 0
        connection.rollback()
    engine.dispose()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("a = 1) union select (2", "its parentheses do not close"),
        ("(a = 1", "its parentheses do not close"),
        ("a = 1)", "its parentheses do not close"),
        ("a = 'x", "a quote does not close"),
        ("a = 1; drop table t", "';' is not allowed in it"),
        ("a = 1 -- '", "a quote does not close"),
        ("a = 1 -- x", "'--' is not allowed in it"),
        ("a = 1 /* ' */ or 'x' = 'y'", "is not one condition"),
        ("a = 'x\\'' ) union select (1 -- '", "a backslash before a quote"),
        ("a = $$ ' $$ ) union select ($$ ' $$", "'$$' is not allowed in it"),
        ("a = $q$x$q$", "'$q$' is not allowed in it"),
    ],
)
def test_what_may_be_more_than_a_condition_is_refused(where: str, words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        checked_text(where, "sqlite")
    assert words in str(caught.value)
    assert words in refusal("t.db", where=where)


def test_what_begins_a_comment_in_some_databases() -> None:
    assert checked_text("t ~ '\\d+'", "postgresql") == "t ~ '\\d+'"
    assert checked_text("j #>> '{a}' = 'x'", "postgresql") == "j #>> '{a}' = 'x'"
    with pytest.raises(ArgumentError, match="'#' is not allowed in it"):
        checked_text("a = 1 # x", "mysql")


def test_errors_of_the_database_are_one_line() -> None:
    assert refusal("t.db", where="zz = 1") == "cannot read sqlite:///t.db: no such column: zz"


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (
            lambda: "t.db",
            {"query": "select 1"},
            "query= is for files, and t.db is a database: give the query as table=",
        ),
        (lambda: "t.db", {"header": True}, "header= is of no use for t.db, which is a database: leave it out"),
        (lambda: "sqlite:///t.db", {"skip": 1}, "skip= is of no use for sqlite:///t.db, which is a database"),
        (duckdb.connect, {"delimiter": ","}, "delimiter= is of no use for the DuckDB connection"),
        (lambda: pd.DataFrame({"a": [1]}), {"null": "NA"}, "null= is of no use for the pandas DataFrame"),
        (lambda: "orders.csv", {"sheet": 1}, "sheet= is of no use for 'orders.csv', which is CSV"),
        (lambda: "orders.csv", {"where": 5}, "where=5 is not allowed: give a condition in SQL"),
    ],
)
def test_options_that_a_source_has_no_use_for(make: Any, options: dict[str, Any], words: str) -> None:
    source = make()
    if isinstance(source, duckdb.DuckDBPyConnection):
        source.execute("create table t as select 1 as a")
    assert words in refusal(source, **options)
