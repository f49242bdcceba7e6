"""Sources: every way to name data is read, and what cannot be read gives one clear line."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceBusy, SourceError, SourceNotFound
from colprofile.sources.identifiers import quote_identifier, split_identifier
from colprofile.sources.open import open_source
from tests.support.tables import HOSTILE_NAMES, hostile_table

ROWS = {"number": [1, 2, 2, None], "text": ["a", "b", "b", None]}


def shape(result: colprofile.Profile) -> list[tuple[str, int, int]]:
    return [(column.name, column.distinct, column.nulls) for column in result.columns]


EXPECTED = [("number", 2, 1), ("text", 2, 1)]


def write_files(folder: Path) -> dict[str, Any]:
    table = pa.table(ROWS)
    pq.write_table(table, folder / "t.parquet")
    pq.write_table(table, folder / "no_suffix")
    csv = "number,text\n1,a\n2,b\n2,b\n,\n"
    (folder / "t.csv").write_text(csv)
    (folder / "t.tsv").write_text(csv.replace(",", "\t"))
    with gzip.open(folder / "t.csv.gz", "wt") as file:
        file.write(csv)
    lines = [json.dumps(dict(zip(ROWS, row, strict=True))) for row in zip(*ROWS.values(), strict=True)]
    (folder / "t.ndjson").write_text("\n".join(lines))
    (folder / "t.json").write_text("[" + ",".join(lines) + "]")
    connection = duckdb.connect(str(folder / "t.duckdb"))
    connection.register("frame", table)
    connection.execute("create table t as select * from frame")
    connection.close()
    return {name: str(folder / name) for name in FILES} | {
        "glob": str(folder / "t.par*"),
        "path": folder / "t.parquet",
        "pandas": table.to_pandas(),
        "polars": pl.DataFrame(ROWS),
        "lazy": pl.LazyFrame(ROWS),
        "arrow": table,
        "batch": table.to_batches()[0],
        "reader": table.to_reader(),
        "relation": duckdb.connect().from_arrow(table),
    }


FILES = ["t.parquet", "no_suffix", "t.csv", "t.tsv", "t.csv.gz", "t.ndjson", "t.json", "t.duckdb"]
OTHERS = ["glob", "path", "pandas", "polars", "lazy", "arrow", "batch", "reader", "relation"]


@pytest.mark.parametrize("name", FILES + OTHERS)
def test_every_kind_of_source(name: str, tmp_path: Path) -> None:
    source = write_files(tmp_path)[name]
    assert shape(colprofile.profile(source)) == EXPECTED


def test_a_list_of_files_is_one_table(tmp_path: Path) -> None:
    files = write_files(tmp_path)
    result = colprofile.profile([files["t.csv"], files["t.csv.gz"]])
    assert result.rows == 8
    with pytest.raises(SourceError, match="mixes formats"):
        colprofile.profile([files["t.csv"], files["t.parquet"]])


def test_file_names_with_quotes(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "odd", [really].csv'
    path.write_text("a\n1\n")
    assert colprofile.profile(path).rows == 1


class TestConnections:
    @pytest.fixture
    def connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("create table flights as select i, i % 3 as k from range(12) r(i)")
        connection.execute("create schema other")
        connection.execute('create table other."we""ird.name" as select 1 as a')
        connection.execute("create view seen as select k from flights")
        connection.execute("create temp table passing as select 1 as a")
        return connection

    @pytest.mark.parametrize(
        ("table", "rows"),
        [
            ("flights", 12),
            ("FLIGHTS", 12),
            ("main.flights", 12),
            ("memory.main.flights", 12),
            ('we"ird.name', 1),
            ('other."we""ird.name"', 1),
            ("seen", 12),
            ("passing", 1),
            ("select * from flights where k = 0", 4),
            ("from flights limit 5;", 5),
            ("with f as (from flights) select i as x from f -- a comment", 12),
        ],
    )
    def test_tables_views_and_queries(self, connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
        assert colprofile.profile(connection, table).rows == rows

    def test_registered_frames_are_tables(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.register("frame", pd.DataFrame({"a": [1, 2]}))
        assert colprofile.profile(connection, "frame").rows == 2

    @pytest.mark.parametrize(
        ("table", "error", "words"),
        [
            ("fligths", SourceNotFound, "Did you mean 'flights'"),
            ("drop table flights", SourceError, "not one query"),
            ("select 1; select 2", SourceError, "not one query"),
            ("select nothing from flights", SourceError, "nothing"),
            ("select from where", SourceError, "syntax error"),
            ("", SourceNotFound, "no table ''"),
        ],
    )
    def test_what_is_no_table(
        self, connection: duckdb.DuckDBPyConnection, table: str, error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words) as caught:
            colprofile.profile(connection, table)
        assert "\n" not in str(caught.value)
        assert connection.execute("select count(*) from flights").fetchall() == [(12,)]

    def test_the_users_transaction_goes_on(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("begin")
        connection.execute("insert into flights values (99, 0)")
        assert colprofile.profile(connection, "flights").rows == 13
        connection.execute("rollback")
        assert colprofile.profile(connection, "flights").rows == 12

    def test_nothing_is_left_in_the_connection(self, connection: duckdb.DuckDBPyConnection) -> None:
        def state() -> list[Any]:
            return [
                connection.execute(f"select * from {name}() order by all").fetchall()
                for name in ("duckdb_tables", "duckdb_views", "duckdb_settings")
            ]

        before = state()
        colprofile.profile(connection, "flights")
        assert state() == before


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda d: d / "flihgts.parquet", SourceNotFound, "Did you mean 'flights.parquet'"),
        (lambda d: d, SourceError, "no table of .* can be read: 'broken.csv': line 3"),
        (lambda d: d / "corrupt.parquet", SourceError, "ending of Parquet but begins"),
        (lambda d: d / "broken.csv", SourceError, "line 3 .* has 1 field where the header has 2"),
        (lambda d: d / "late.csv", SourceError, "line 60,002 .* has 3 fields"),
        (lambda d: d / "broken.json", SourceError, "line 2 of .* is no JSON"),
        (lambda d: d / "unknown.xyz", SourceError, "has an unknown format"),
        (lambda d: str(d / "*.nothing"), SourceNotFound, "no file matches"),
        (lambda d: d / "corrupt.duckdb", SourceError, "cannot open"),
        (lambda d: d / "gone.duckdb", SourceNotFound, "no file"),
        (lambda d: 5, ArgumentError, "cannot read an object of type int"),
        (lambda d: [], ArgumentError, "cannot read an object of type list"),
        (lambda d: pd.DataFrame(), SourceError, "no columns"),
    ],
)
def test_unusable_input_gives_one_line(make: Any, error: type[Exception], words: str, tmp_path: Path) -> None:
    (tmp_path / "flights.parquet").write_bytes(b"")
    (tmp_path / "corrupt.parquet").write_bytes(b"garbage, all of it")
    (tmp_path / "broken.csv").write_text("a,b\n1,2\n3\n4,5,6\n" * 3)
    (tmp_path / "late.csv").write_text("a,b\n" + "1,2\n" * 60_000 + "1,2,3\n")
    (tmp_path / "broken.json").write_text('{"a":1}\n{"a":')
    (tmp_path / "unknown.xyz").write_text("?")
    (tmp_path / "corrupt.duckdb").write_bytes(b"x" * 8 + b"DUCK" + b"x" * 9000)
    with pytest.raises(error, match=words) as caught:
        colprofile.profile(make(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_csv_whose_type_changes_late_is_read_with_the_wider_type(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("a,b\n" + "1,2\n" * 200_000 + "x,2\n")
    result = colprofile.profile(path)
    assert (result.rows, result["a"].type, result["a"].distinct) == (200_001, "VARCHAR", 2)


def test_a_locked_database_says_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "locked.duckdb"
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table t as select 1 as a');"
        "print('ready', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        with pytest.raises(SourceBusy, match=f"PID {holder.pid}"):
            colprofile.profile(path)
    finally:
        holder.communicate("")
    assert colprofile.profile(path).rows == 1


def test_a_database_open_in_this_process(tmp_path: Path) -> None:
    path = str(tmp_path / "here.duckdb")
    connection = duckdb.connect(path)
    connection.execute("create table t as select 1 as a")
    with pytest.raises(SourceBusy, match="pass that connection"):
        colprofile.profile(path)
    assert colprofile.profile(connection, "t").rows == 1
    connection.close()


def test_databases_are_opened_for_reading_only(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("create table t as select 1 as a")
    with open_source(path) as source, pytest.raises(duckdb.Error, match="read-only"):
        source.connection.execute("insert into t values (2)")  # type: ignore[attr-defined]


def test_stored_bytes_of_parquet_and_of_a_database(tmp_path: Path) -> None:
    rows = 300_000
    table = pa.table(
        {"slim": [1] * rows, "wide": [f"{i * 7919 % 1_000_003:08}" for i in range(rows)], "list": [[1, 2]] * rows}
    )
    parquet, database = tmp_path / "t.parquet", tmp_path / "t.duckdb"
    pq.write_table(table, parquet)
    with duckdb.connect(str(database)) as connection:
        connection.register("frame", table)
        connection.execute("create table t as select * from frame")
    for path in (parquet, database):
        result = colprofile.profile(path, pairs=False)
        stored = {column.name: column.stored_bytes or 0 for column in result.columns}
        assert stored["slim"] < 300_000 < stored["wide"] < 10**7
        assert 0 < sum(stored.values()) <= os.path.getsize(path)
    assert colprofile.profile(table, pairs=False)["wide"].stored_bytes is None


def test_names_that_differ_in_case_alone_keep_theirs(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2], "A": [1, 1]})
    pq.write_table(table, tmp_path / "t.parquet")
    for source in (table, table.to_pandas(), pl.from_arrow(table), tmp_path / "t.parquet"):
        assert shape(colprofile.profile(source)) == [("a", 2, 0), ("A", 1, 0)]


def test_hostile_names_come_through(tmp_path: Path) -> None:
    result = colprofile.profile(hostile_table())
    assert [column.name for column in result.columns] == HOSTILE_NAMES
    assert all(column.top_values[0].value == column.name for column in result.columns)
    assert len(result.pairs) == len(HOSTILE_NAMES) * (len(HOSTILE_NAMES) - 1) // 2
    path = tmp_path / "hostile.json"
    result.save(path)
    assert colprofile.Profile.load(path) == result


def test_columns_are_chosen_by_name() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    assert [c.name for c in colprofile.profile(frame, columns=["c", "a"]).columns] == ["c", "a"]
    for columns, error, words in [
        (["a", "z"], SourceNotFound, "no column 'z'"),
        (["a", "a"], ArgumentError, "named twice"),
        ([], ArgumentError, "is empty"),
        ("abc", ArgumentError, "give a list"),
    ]:
        with pytest.raises(error, match=words):
            colprofile.profile(frame, columns=columns)


def test_quoting() -> None:
    for name in HOSTILE_NAMES:
        assert split_identifier(quote_identifier(name)) == [name]
    assert split_identifier('a."b.c".d') == ["a", "b.c", "d"]
