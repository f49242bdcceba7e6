"""The SQL functions of two columns against the measures, on flights, zip codes, small tables and every type."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile import measures
from tests.support.sql_measures import IS_2, PAIR_MEASURES, close, contingency, one

PAIRS_OF_FLIGHTS = [
    ("origin", "carrier"),
    ("dest", "distance"),
    ("dep_time", "dep_delay"),
    ("tailnum", "carrier"),
    ("time_hour", "hour"),
    ("year", "month"),
]


@pytest.mark.parametrize(("x", "y"), PAIRS_OF_FLIGHTS)
def test_pairs_of_flights(data: duckdb.DuckDBPyConnection, x: str, y: str) -> None:
    assert wrong_pair_measures(data, "flights", x, y) == []


def wrong_pair_measures(con: duckdb.DuckDBPyConnection, table: str, x: str, y: str, shown: str = "{}") -> list[str]:
    """Return the names of the pair measures that differ from those of the counted pairs."""
    rows = con.execute(
        f"select {shown.format(x)}, {y}, count(*) from {table} where {x} is not null and {y} is not null group by all"
    ).fetchall()
    sums = table_of(rows)
    calls = ", ".join(f"{name}({x}, {y})" for name in PAIR_MEASURES)
    found = con.execute(f"select {calls} from {table}").fetchone()
    assert found is not None
    return [
        name
        for (name, measure), bits in zip(PAIR_MEASURES.items(), found, strict=True)
        if not close(bits, measure(sums))
    ]


def table_of(rows: list[tuple[object, object, int]]) -> Any:
    """Return counted pairs as the sums that the measures take: a table of 6,936 × 20 values is a waste."""
    from colprofile.measures.sums import PairSums

    by_x: Counter[object] = Counter()
    by_y: Counter[object] = Counter()
    for x, y, count in rows:
        by_x[x] += count
        by_y[y] += count
    clogc = [
        math.fsum(c * math.log2(c) for c in counts)
        for counts in ([count for *_, count in rows], by_x.values(), by_y.values())
    ]
    return PairSums(
        rows=sum(by_x.values()),
        distinct_x=len(by_x),
        distinct_y=len(by_y),
        cells=len(rows),
        joint_clogc=clogc[0],
        x_clogc=clogc[1],
        y_clogc=clogc[2],
        square_over_x=0.0,
        square_over_y=0.0,
        x_square=0.0,
        y_square=0.0,
        best_y_by_x=0,
        best_x_by_y=0,
    )


def test_zip_codes(data: duckdb.DuckDBPyConnection) -> None:
    for x, y in (("zip_code", "city"), ("city", "state"), ("area_codes", "state"), ("lat", "long")):
        assert wrong_pair_measures(data, "zips", x, y, "{}::varchar") == []


def test_per_group_and_by_partition(data: duckdb.DuckDBPyConnection) -> None:
    calls = ", ".join(f"{name}(dest, dep_time)" for name in PAIR_MEASURES)
    found = data.execute(f"select month, {calls} from flights group by month order by month").fetchall()
    assert len(found) == 12
    counted = data.execute(
        "select month, dest, dep_time, count(*) from flights where dep_time is not null group by all"
    ).fetchall()
    for month, *figures in found:
        sums = table_of([row[1:] for row in counted if row[0] == month])
        for (name, measure), figure in zip(PAIR_MEASURES.items(), figures, strict=True):
            assert close(figure, measure(sums)), name
    calls = ", ".join(f"{name}(dest, dep_time, month)" for name in PAIR_MEASURES)
    by_partition = data.execute(f"select distinct on (month) month, {calls} from flights order by month").fetchall()
    assert len(by_partition) == 12
    for left, right in zip(found, by_partition, strict=True):
        assert all(map(close, left, right))


def test_partition_by_several_columns(data: duckdb.DuckDBPyConnection) -> None:
    by_group = data.execute(
        "select month, origin, mutual_information(dest, carrier) from flights group by all order by all"
    ).fetchall()
    by_partition = data.execute(
        "select distinct month, origin, mutual_information(dest, carrier, (month, origin)) from flights order by all"
    ).fetchall()
    assert [row[:2] for row in by_group] == [row[:2] for row in by_partition]
    assert all(close(left[2], right[2]) for left, right in zip(by_group, by_partition, strict=True))


def test_perplexity(data: duckdb.DuckDBPyConnection) -> None:
    counts = [row[0] for row in data.execute("select count(*) from flights group by dest").fetchall()]
    wanted = measures.perplexity(counts)
    assert wanted is not None
    assert math.isclose(one(data, "select perplexity(dest) from flights"), wanted, rel_tol=1e-12)
    assert math.isclose(one(data, "select max(p) from (select perplexity(dest, year) as p from flights)"), wanted)


SMALL = st.one_of(st.none(), st.integers(0, 3))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL), max_size=25))
def test_any_small_table(con: duckdb.DuckDBPyConnection, pairs: list[tuple[object, object]]) -> None:
    con.execute("create or replace temp table small (x integer, y integer)")
    if pairs:
        con.executemany("insert into small values (?, ?)", [list(pair) for pair in pairs])
    table = contingency(pairs)
    for name, measure in PAIR_MEASURES.items():
        assert close(one(con, f"select {name}(x, y) from small"), measure(table)), name
    same = one(con, "select mutual_information(x, x) from small")
    counts = list(Counter(x for x, _ in pairs if x is not None).values())
    assert close(same, measures.entropy(counts) if counts else None)
    assert close(one(con, "select perplexity(x) from small"), measures.perplexity(counts) if counts else None)
    row = con.execute("from pair_measures('small', x, y)").fetchone()
    names = [column[0] for column in con.description or []]
    figures = dict(zip(names, row or (), strict=True))
    for name, measure in (
        ("joint_entropy", measures.joint_entropy),
        ("mutual_information", measures.mutual_information),
        ("entropy_x_given_y", measures.conditional_entropy),
        ("variation_of_information", measures.variation_of_information),
        ("planner_factor", measures.planner_factor),
    ):
        assert close(figures[name], measure(table)), name
    if figures["row_count"]:
        sums = measures.pair_sums(table)
        assert close(figures["g3_x_to_y"], measures.g3(sums, given="x"))
        assert close(figures["g3_y_to_x"], measures.g3(sums, given="y"))


TYPES = {
    "varchar": "'v' || i % 3",
    "tinyint": "(i % 3)::tinyint",
    "smallint": "(i % 3)::smallint",
    "integer": "(i % 3)::integer",
    "bigint": "i % 3",
    "hugeint": "(i % 3)::hugeint",
    "utinyint": "(i % 3)::utinyint",
    "usmallint": "(i % 3)::usmallint",
    "uinteger": "(i % 3)::uinteger",
    "ubigint": "(i % 3)::ubigint",
    "uhugeint": "(i % 3)::uhugeint",
    "bignum": "(i % 3)::varchar::bignum",
    "float": "(i % 3)::float",
    "double": "case i % 3 when 0 then 0.0 when 1 then 'infinity'::double else 1e-300 end",
    "decimal": "(i % 3)::decimal(9, 2)",
    "wide decimal": "(i % 3)::decimal(38, 10)",
    "date": "date '2024-01-01' + (i % 3)::integer",
    "time": "time '10:00' + (i % 3) * interval 1 hour",
    "timestamp": "timestamp '2024-01-01' + (i % 3) * interval 1 day",
    "timestamptz": "timestamptz '2024-01-01 00:00:00+00' + (i % 3) * interval 1 day",
    "interval": "(i % 3) * interval 1 month",
    "enum": "(['a', 'b', 'c'])[i % 3 + 1]::enum('a', 'b', 'c')",
    "boolean": "i % 2 = 0",
    "uuid": "('00000000-0000-0000-0000-00000000000' || i % 3)::uuid",
    "blob": "('v' || i % 3)::blob",
    "bit": "('1' || repeat('0', (i % 3)::integer))::bit",
    "json": "('{\"a\": ' || i % 3 || '}')::json",
    "list": "range(i % 3)",
    "list of lists": "[range(i % 3), [7]]",
    "array": "[i % 3, 7]::bigint[2]",
    "struct": "{'a': i % 3, 'b': 'x'}",
    "struct with null": "{'a': case i % 3 when 0 then null else i % 3 end, 'b': null}",
    "struct with array": "{'a': [i % 3, 7]::bigint[2]}",
    "map": "map {'a': i % 3}",
    "union": "case i % 3 when 0 then union_value(n := 1::bigint) else union_value(n := i % 3 + 7) end",
}


@pytest.mark.parametrize("kind", TYPES)
def test_every_type(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    con.execute(
        f"create or replace temp table typed as select {TYPES[kind]} as v, i % 2 as w, i % 4 = 3 as gone"
        " from range(24) as t(i)"
    )
    con.execute("update typed set v = null where gone")
    counts = [row[0] for row in con.execute("select count(*) from typed where v is not null group by v").fetchall()]
    wanted = measures.entropy(counts)
    assert wanted is not None
    assert wanted > 0
    same = con.execute(
        "select mutual_information(v, v), joint_entropy(v, v), log2(perplexity(v)), histogram_entropy(histogram(v)),"
        " entropy_estimate(v, estimator := 'plug-in') from typed"
    ).fetchone()
    assert same is not None
    assert [close(bits, wanted) for bits in same] == [True] * 5
    assert wrong_pair_measures(con, "typed", "v", "w", "{}::varchar") == []
    found = con.execute(
        "select entropy, distinct_values, nulls from column_entropies('typed') where column_name = 'v'"
    ).fetchone()
    assert found is not None
    assert close(found[0], wanted)
    assert found[1:] == (len(counts), 6)
    drifted = con.execute(
        "select kl_divergence, unseen_mass from column_drift('typed', 'typed') where column_name = 'v'"
    ).fetchone()
    assert drifted == (0.0, 0.0)


def test_nan_is_one_value_and_so_is_zero(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create or replace temp table odd as"
        " select * from (values ('nan'::double), ('-nan'::double), (0.0), (-0.0)) as t(v)"
    )
    assert one(con, "select joint_entropy(v, v) from odd") == 1.0
    # DuckDB 1.x counts each NaN as a value of its own, as docs/sql.md says.
    assert one(con, "select perplexity(v) from odd") == (2.0 if IS_2 else pytest.approx(2**1.5))


def test_constant_columns_and_dependencies_give_exact_figures(data: duckdb.DuckDBPyConnection) -> None:
    assert one(data, "select mutual_information(year, dest) from flights") == 0.0
    assert one(data, "select conditional_entropy(year, dest) from flights") == 0.0
    assert one(data, "select uncertainty_coefficient(year, dest) from flights") is None
    assert one(data, "select conditional_entropy(hour, sched_dep_time) from flights") == 0.0
    assert one(data, "select uncertainty_coefficient(hour, sched_dep_time) from flights") == 1.0
    assert one(data, "select variation_of_information(time_hour, time_hour) from flights") == 0.0


def test_one_broken_row_in_many_is_not_taken_for_rounding(con: duckdb.DuckDBPyConnection) -> None:
    bits = one(
        con,
        "select conditional_entropy(y, x) from (select i // 2 as x, case i when 7 then -1 else i // 2 end as y"
        " from range(200000) as t(i))",
    )
    assert close(bits, 2 / 200000)
    assert bits > 0
