"""Profile.to_duckdb: a profile as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

import colprofile
from colprofile import Profile
from colprofile.errors import ArgumentError, SourceError


@pytest.fixture(scope="module")
def made() -> Profile:
    with duckdb.connect() as con:
        con.execute(
            "create table t as select i % 3 as \"a\"\"b\", i % 2 = 0 as even, 'it''s ' || i % 5 as word,"
            " date '2024-01-01' + i::integer as day, null::varchar as nothing from range(30) as r(i)"
        )
        return colprofile.profile(con, "t")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield con


def test_the_tables_hold_the_frames(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    assert made.to_duckdb(con, "p") == ('"p_columns"', '"p_values"', '"p_pairs"')
    names = [row[0] for row in con.execute("select name from p_columns").fetchall()]
    assert names == [column.name for column in made.columns]
    for column in made.columns:
        found = con.execute(
            "select type, rows, nulls, distinct_, entropy, efficiency, minimum, is_key from"
            ' (select *, "distinct" as distinct_ from p_columns) where name = ?',
            [column.name],
        ).fetchall()
        minimum = None if column.minimum is None else str(column.minimum)
        assert found == [
            (
                column.type,
                column.rows,
                column.nulls,
                column.distinct,
                column.entropy,
                column.efficiency,
                minimum,
                column.is_key,
            )
        ]
    for pair in made.pairs:
        found = con.execute(
            "select mutual_information, dependence, x_to_y_g3 from p_pairs where x = ? and y = ?", [pair.x, pair.y]
        ).fetchall()
        g3 = None if pair.x_to_y is None else pair.x_to_y.g3
        assert found == [(pair.mutual_information, pair.dependence, g3)]
    top = con.execute("select rank, value, count, share from p_values where name = 'word' order by rank").fetchall()
    assert [row[0] for row in top] == [1, 2, 3, 4, 5]
    assert {row[1] for row in top} == {f"it's {i}" for i in range(5)}
    assert {row[2:] for row in top} == {(6, 0.2)}


def test_types_are_those_of_numbers_and_text(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    made.to_duckdb(con, "p")
    types = dict(con.execute("select column_name, column_type from (describe p_columns)").fetchall())
    assert {name: types[name] for name in ("name", "rows", "entropy", "is_key", "minimum", "stored_bytes")} == {
        "name": "VARCHAR",
        "rows": "BIGINT",
        "entropy": "DOUBLE",
        "is_key": "BOOLEAN",
        "minimum": "VARCHAR",
        "stored_bytes": "BIGINT",
    }


def test_a_comment_says_where_it_comes_from(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    made.to_duckdb(con, "p")
    comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert set(comments) == {"p_columns", "p_pairs", "p_values"}
    for comment in comments.values():
        assert comment.startswith(f"colprofile {colprofile.__version__}: profile of t of ")


def test_existing_tables_are_kept_unless_told_otherwise(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table p_pairs as select 'mine' as x")
    with pytest.raises(SourceError, match=r"cannot write the profile to 'p'.*replace=True or another name"):
        made.to_duckdb(con, "p")
    assert con.execute("select table_name from duckdb_tables()").fetchall() == [("p_pairs",)]
    assert con.execute("from p_pairs").fetchall() == [("mine",)]
    made.to_duckdb(con, "p", replace=True)
    assert con.execute("select count(*) from p_pairs").fetchall() == [(len(made.pairs),)]
    made.to_duckdb(con, "p", replace=True)


def test_without_pairs(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table t as select range as a, range % 2 as b from range(9)")
    result = colprofile.profile(con, "t", pairs=False)
    assert result.to_duckdb(con, "q") == ('"q_columns"', '"q_values"')


def test_names(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    con.execute('create schema "s p"')
    assert made.to_duckdb(con, '"s p"."a.b"')[0] == '"s p"."a.b_columns"'
    assert con.execute('select count(*) from "s p"."a.b_columns"').fetchall() == [(5,)]
    assert made.to_duckdb(con, "select'")[0] == '"select\'_columns"'
    assert made.to_duckdb(con, '"a""b"')[0] == '"a""b_columns"'
    for name in ("", "a.b.c.d"):
        with pytest.raises(ArgumentError, match="give the beginning of the tables' names"):
            made.to_duckdb(con, name)
    with pytest.raises(SourceError, match="no_such_schema"):
        made.to_duckdb(con, "no_such_schema.p")


def test_in_a_transaction_of_the_users(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    con.execute("begin")
    made.to_duckdb(con, "p")
    con.execute("rollback")
    assert con.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]
    assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_a_read_only_database_and_no_connection(made: Profile, tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    duckdb.connect(path).close()
    with duckdb.connect(path, read_only=True) as con, pytest.raises(SourceError, match="read-only"):
        made.to_duckdb(con, "p")
    with pytest.raises(ArgumentError, match="is not a connection to DuckDB"):
        made.to_duckdb(path, "p")


def test_names_and_values_that_no_utf8_can_hold(made: Profile, con: duckdb.DuckDBPyConnection) -> None:
    first = made.columns[0]
    odd = replace(first, name="a\ud800", top_values=(replace(first.top_values[0], value="b\ud800"),))
    replace(made, columns=(odd, *made.columns[1:])).to_duckdb(con, "p")
    assert con.execute("select name from p_columns limit 1").fetchall() == [("a?",)]
    assert con.execute("select name, value from p_values limit 1").fetchall() == [("a?", "b?")]
