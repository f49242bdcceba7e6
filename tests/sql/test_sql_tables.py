"""The table macros: column_entropies, column_drift, pair_measures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from colprofile import measures
from colprofile.sqlfunctions import register
from tests.support.sql_measures import IS_2


@pytest.fixture(scope="module")
def data(parquet_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        register(con)
        con.execute(f"create table flights as from read_parquet('{parquet_files}/flights.parquet')")
        con.execute("create view january as from flights where month = 1")
        con.execute("create view february as from flights where month = 2")
        yield con


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield register(con)


def records(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, object]]:
    rows = con.execute(query).fetchall()
    names = [column[0] for column in con.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_column_entropies_of_flights(data: duckdb.DuckDBPyConnection) -> None:
    found = records(data, "from column_entropies('flights')")
    described = data.execute("select column_name, column_type from (describe flights)").fetchall()
    assert [(row["column_name"], row["column_type"]) for row in found] == described
    for row in found:
        name = row["column_name"]
        counts = data.execute(f"select count({name}) as c from flights group by {name} having c > 0").fetchall()
        values = [count for (count,) in counts]
        assert row["row_count"] == 336776
        assert row["nulls"] == 336776 - sum(values)
        assert row["distinct_values"] == len(values)
        assert row["entropy"] == pytest.approx(measures.entropy(values), abs=1e-9)
        assert row["max_entropy"] == pytest.approx(measures.max_entropy(values), abs=1e-9)
        assert row["efficiency"] == pytest.approx(measures.efficiency(values), abs=1e-9)
        assert row["perplexity"] == pytest.approx(measures.perplexity(values), rel=1e-9)


def test_column_entropies_of_nothing_and_of_null(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table empty (a integer, b varchar[])")
    con.execute("create table nulls as select null::date as a, 'x' as b from range(2)")
    empty = records(con, "from column_entropies('empty')")
    assert [list(row.values()) for row in empty] == [
        ["a", "INTEGER", 0, 0, 0, None, None, None, None],
        ["b", "VARCHAR[]", 0, 0, 0, None, None, None, None],
    ]
    nulls = records(con, "from column_entropies('nulls')")
    assert [list(row.values()) for row in nulls] == [
        ["a", "DATE", 2, 2, 0, None, None, None, None],
        ["b", "VARCHAR", 2, 0, 1, 0.0, 0.0, None, 1.0],
    ]


def test_column_drift_of_flights(data: duckdb.DuckDBPyConnection) -> None:
    found = records(data, "from column_drift('january', 'february', smoothing := 0.5)")
    assert [row["column_name"] for row in found] == [
        row[0] for row in data.execute("select column_name from (describe flights)").fetchall()
    ]
    for row in found:
        name = row["column_name"]
        cells = data.execute(
            f"select count({name}) filter (where month = 2), count({name}) filter (where month = 1)"
            f" from flights where month in (1, 2) and {name} is not null group by {name}"
        ).fetchall()
        p, q = [cell[0] for cell in cells], [cell[1] for cell in cells]
        assert (row["fresh_values"], row["stale_values"]) == (sum(p), sum(q))
        for figure, wanted in (
            ("kl_divergence", measures.kl_divergence(p, q, smoothing=0.5)),
            ("kl_reverse", measures.kl_divergence(q, p, smoothing=0.5)),
            ("js_divergence", measures.js_divergence(p, q)),
            ("psi", measures.psi(p, q, smoothing=0.5)),
            ("unseen_mass", measures.unseen_mass(p, q)),
            ("vanished_mass", measures.vanished_mass(p, q)),
        ):
            assert row[figure] == pytest.approx(wanted, abs=1e-9), (name, figure)


def test_column_drift_where_columns_and_types_differ(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create table stale as select i::integer as Id, 'a' as gone, null::integer as empty from range(4) as t(i)"
    )
    con.execute("create table fresh as select 7 as added, i::bigint as ID, 1 as empty from range(2) as t(i)")
    found = records(con, "from column_drift('stale', 'fresh')")
    assert [(row["column_name"], row["stale_values"], row["fresh_values"]) for row in found] == [
        ("added", None, 2),
        ("ID", 4, 2),
        ("empty", 0, 2),
        ("gone", 4, None),
    ]
    by_name = {row["column_name"]: row for row in found}
    # DuckDB adds up in no fixed order: 1e-12 is rounding, the promise is 1e-9.
    assert by_name["ID"]["kl_divergence"] == pytest.approx(1.0, abs=1e-12)
    assert by_name["ID"]["kl_reverse"] is None
    assert by_name["ID"]["vanished_mass"] == 0.5
    assert by_name["empty"]["stale_null_share"] == 1.0
    assert by_name["empty"]["kl_divergence"] is None
    assert by_name["empty"]["unseen_mass"] == 1.0
    for name in ("added", "gone"):
        figures = ("kl_divergence", "kl_reverse", "js_divergence", "psi", "unseen_mass", "vanished_mass")
        assert [by_name[name][figure] for figure in figures] == [None] * 6


@pytest.mark.parametrize(("x", "y"), [("dest", "distance"), ("tailnum", "carrier"), ("dep_time", "arr_delay")])
def test_pair_measures_of_flights(data: duckdb.DuckDBPyConnection, x: str, y: str) -> None:
    (row,) = records(data, f"from pair_measures('flights', {x}, {y})")
    (wanted,) = records(
        data,
        f"select mutual_information({x}, {y}) as mutual_information, joint_entropy({x}, {y}) as joint_entropy,"
        f" conditional_entropy({x}, {y}) as entropy_x_given_y, conditional_entropy({y}, {x}) as entropy_y_given_x,"
        f" variation_of_information({x}, {y}) as variation_of_information,"
        f" 2 ** mutual_information({x}, {y}) as planner_factor,"
        f" entropy({x}) filter (where {y} is not null) as entropy_x,"
        f" count(*) filter (where {x} is not null and {y} is not null) as row_count,"
        f" count(distinct {x}) filter (where {y} is not null) as distinct_x from flights",
    )
    for name, figure in wanted.items():
        assert row[name] == pytest.approx(figure, abs=1e-9), name
    violating = data.execute(
        f"select sum(c) - sum(best) from (select sum(c) as c, max(c) as best from"
        f" (select {x}, {y}, count(*) as c from flights where {x} is not null and {y} is not null group by all)"
        f" group by {x})"
    ).fetchone()
    assert violating is not None
    assert row["g3_x_to_y"] == pytest.approx(violating[0] / row["row_count"])


def test_pair_measures_of_nothing(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table t as select 1 as a, null::varchar as b")
    (row,) = records(con, "from pair_measures('t', a, b)")
    assert row.pop("row_count") == 0
    assert set(row.values()) == {None}


def test_names_of_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute('create schema "s p"')
    con.execute('create table "s p"."t.x" as select 1 as a')
    con.execute("create table plain as select 1 as a")
    con.execute('create table "it\'s" as select 1 as a')
    one = [("a", 1)]
    for name in ('"s p"."t.x"', 'memory."s p"."t.x"', "plain", "main.plain", "PLAIN", "it's", '"it\'s"'):
        found = con.execute("select column_name, row_count from column_entropies(?)", [name]).fetchall()
        assert found == one, name
    assert (
        con.execute("with q as (select 1 as a) select column_name, row_count from column_entropies('q')").fetchall()
        == one
    )
    assert con.execute("select column_name, row_count from column_entropies(plain)").fetchall() == one
    if IS_2:  # DuckDB 1.x reads no doubled quotes here
        con.execute('create table "a""b" as select 1 as a')
        assert con.execute('select column_name, row_count from column_entropies(\'"a""b"\')').fetchall() == one
    with pytest.raises(duckdb.CatalogException, match="no_such"):
        con.execute("from column_entropies('no_such')")


def test_a_file_is_a_table_too(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    con.execute(f"copy (select i % 2 as a from range(4) as t(i)) to '{path}'")
    assert con.execute("select entropy from column_entropies(?)", [str(path)]).fetchall() == [(1.0,)]


def test_columns_with_the_names_used_inside(con: duckdb.DuckDBPyConnection) -> None:
    names = ["column_name", "measured", "shown", "place", "folded", "p", "q", "c", "x_", "y_", "stale", "row_count"]
    con.execute(
        "create table t as select "
        + ", ".join(f"i % {n + 2} as {name}" for n, name in enumerate(names))
        + " from range(60) as r(i)"
    )
    found = con.execute("select column_name, distinct_values from column_entropies('t')").fetchall()
    assert found == [(name, n + 2) for n, name in enumerate(names)]
    drifted = con.execute("select column_name, js_divergence from column_drift('t', 't')").fetchall()
    assert drifted == [(name, 0.0) for name in names]
    for name in names:
        row = con.execute(f"select distinct_x, distinct_y from pair_measures('t', {name}, row_count)").fetchone()
        assert row == (names.index(name) + 2, 13)
