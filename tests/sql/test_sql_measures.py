"""The SQL functions give the numbers of colprofile.measures, for every type, grouping and edge."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile import measures
from colprofile.errors import ArgumentError
from colprofile.measures.bounds.api import entropy_bounds
from colprofile.measures.fingerprints import fingerprint
from colprofile.sqlfunctions import functions, register

IS_2 = int(duckdb.__version__.split(".")[0]) >= 2

TOLERANCE = 1e-9
"""Bits."""

PAIR_MEASURES: dict[str, Callable[..., float | None]] = {
    "joint_entropy": measures.joint_entropy,
    "conditional_entropy": measures.conditional_entropy,
    "mutual_information": measures.mutual_information,
    "normalized_mutual_information": measures.normalized_mutual_information,
    "uncertainty_coefficient": measures.uncertainty_coefficient,
    "variation_of_information": measures.variation_of_information,
}

COUNT_MEASURES: dict[str, Callable[..., float | None]] = {
    "kl_divergence": measures.kl_divergence,
    "cross_entropy": measures.cross_entropy,
    "js_divergence": measures.js_divergence,
    "psi": measures.psi,
    "unseen_mass": measures.unseen_mass,
    "vanished_mass": measures.vanished_mass,
}

HISTOGRAM_NAMES = {
    "kl_divergence": "histogram_kl",
    "cross_entropy": "histogram_cross_entropy",
    "js_divergence": "histogram_js",
    "psi": "histogram_psi",
    "unseen_mass": "histogram_unseen_mass",
    "vanished_mass": "histogram_vanished_mass",
}

SMOOTHED = ("kl_divergence", "cross_entropy", "psi")


@pytest.fixture(scope="module")
def data(parquet_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        register(con)
        for name, file in (("flights", "flights"), ("zips", "zipcodes")):
            con.execute(f"create table {name} as from read_parquet('{parquet_files}/{file}.parquet')")
        yield con


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield register(con)


def one(con: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> Any:
    row = con.execute(query, values or []).fetchone()
    assert row is not None
    return row[0]


def close(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= TOLERANCE


def contingency(pairs: list[tuple[object, object]]) -> list[list[int]]:
    """Count complete pairs, slowly: rows are the values of x, columns those of y."""
    complete = [(repr(x), repr(y)) for x, y in pairs if x is not None and y is not None]
    cells = Counter(complete)
    xs, ys = sorted({x for x, _ in complete}), sorted({y for _, y in complete})
    return [[cells[x, y] for y in ys] for x in xs] or [[0]]


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


WEIGHT = st.one_of(st.just(0), st.integers(0, 20), st.floats(0, 5, allow_subnormal=False))
CELLS = st.lists(st.tuples(WEIGHT, WEIGHT), max_size=8)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.one_of(st.none(), st.floats(0.01, 3)))
def test_paired_counts(
    con: duckdb.DuckDBPyConnection, cells: list[tuple[float, float]], smoothing: float | None
) -> None:
    con.execute("create or replace temp table bins (p double, q double)")
    if cells:
        con.executemany("insert into bins values (?, ?)", [list(cell) for cell in cells])
    p, q = [cell[0] for cell in cells], [cell[1] for cell in cells]
    calls = [f"{name}(p, q)" for name in COUNT_MEASURES]
    calls += [f"{name}(p, q, smoothing := $1)" for name in SMOOTHED]
    found = con.execute(f"select {', '.join(calls)} from bins", [smoothing]).fetchone()
    wanted = [measure(p, q) for measure in COUNT_MEASURES.values()]
    wanted += [COUNT_MEASURES[name](p, q, smoothing=smoothing) for name in SMOOTHED]
    assert found is not None
    assert [call for call, a, b in zip(calls, found, wanted, strict=True) if not near(a, b)] == []


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.integers(0, 6), st.integers(0, 9), max_size=6),
    st.dictionaries(st.integers(0, 6), st.integers(0, 9), max_size=6),
    st.one_of(st.none(), st.just(0.5)),
)
def test_histograms(
    con: duckdb.DuckDBPyConnection, p: dict[int, int], q: dict[int, int], smoothing: float | None
) -> None:
    keys = sorted({*p, *q})
    counts_p, counts_q = [p.get(key, 0) for key in keys], [q.get(key, 0) for key in keys]
    con.execute(
        "create or replace temp table maps as select map($1::integer[], $2::ubigint[]) as p,"
        " map($3::integer[], $4::ubigint[]) as q",
        [list(p), list(p.values()), list(q), list(q.values())],
    )
    calls = ["histogram_entropy(p)", *(f"{HISTOGRAM_NAMES[name]}(p, q)" for name in COUNT_MEASURES)]
    calls += [f"{HISTOGRAM_NAMES[name]}(p, q, smoothing := $1)" for name in SMOOTHED]
    found = con.execute(f"select {', '.join(calls)} from maps", [smoothing]).fetchone()
    wanted = [measures.entropy(counts_p), *(measure(counts_p, counts_q) for measure in COUNT_MEASURES.values())]
    wanted += [COUNT_MEASURES[name](counts_p, counts_q, smoothing=smoothing) for name in SMOOTHED]
    assert found is not None
    assert [call for call, a, b in zip(calls, found, wanted, strict=True) if not near(a, b)] == []


def near(found: float | None, wanted: float | None) -> bool:
    """Whether two figures agree to 1e-9, relatively where they are large: KL of tiny models is hundreds of bits."""
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


@pytest.mark.parametrize("name", COUNT_MEASURES)
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_bad_counts_are_an_error_in_sql_as_in_python(con: duckdb.DuckDBPyConnection, name: str, bad: float) -> None:
    with pytest.raises(ArgumentError, match="give numbers of at least 0, and finite"):
        COUNT_MEASURES[name]([1.0, bad], [1.0, 1.0])
    with pytest.raises(duckdb.Error, match=r"p holds .*: give numbers of at least 0, and finite"):
        con.execute(f"select {name}(p, 1) from (values (1::double), (?)) as t(p)", [bad]).fetchall()
    with pytest.raises(duckdb.Error, match=r"q holds .*: give numbers of at least 0, and finite"):
        con.execute(f"select {name}(1, q) from (values (1::double), (?)) as t(q)", [bad]).fetchall()
    with pytest.raises(duckdb.Error, match=r"p holds .*: give numbers of at least 0, and finite"):
        con.execute(f"select {HISTOGRAM_NAMES[name]}(map {{'a': ?::double}}, map {{'a': 1::double}})", [bad]).fetchall()


@pytest.mark.parametrize("name", SMOOTHED)
@pytest.mark.parametrize("bad", [0.0, -0.5, math.inf, math.nan])
def test_bad_smoothing_is_an_error_in_sql_as_in_python(con: duckdb.DuckDBPyConnection, name: str, bad: float) -> None:
    with pytest.raises(ArgumentError, match=r"give a number above 0, such as 0\.5"):
        COUNT_MEASURES[name]([1.0], [1.0], smoothing=bad)
    with pytest.raises(duckdb.Error, match=r"give a number above 0, such as 0\.5"):
        con.execute(f"select {name}(1, 1, smoothing := ?)", [bad]).fetchall()


def test_numbers_at_the_ends_of_a_double(con: duckdb.DuckDBPyConnection) -> None:
    for p, q in (([8e307, 1.0], [1.0, 8e307]), ([5e-324, 1.0], [1.0, 1.0]), ([1e-308, 1.0], [5e-324, 1.0])):
        con.execute("create or replace temp table ends (p double, q double)")
        con.executemany("insert into ends values (?, ?)", [list(pair) for pair in zip(p, q, strict=True)])
        for name, measure in COUNT_MEASURES.items():
            assert near(one(con, f"select {name}(p, q) from ends"), measure(p, q)), (name, p, q)
    with pytest.raises(duckdb.Error, match="scale the numbers down"):
        con.execute("select kl_divergence(p, 1) from (values (1e308::double), (1e308::double)) as t(p)").fetchall()
    with pytest.raises(ArgumentError, match="scale the numbers down"):
        measures.kl_divergence([1e308, 1e308], [1, 1])


def test_a_missing_count_is_0_as_a_full_join_leaves_it(con: duckdb.DuckDBPyConnection) -> None:
    query = (
        "with fresh as (select * from (values ('a', 6), ('b', 4)) as t(v, c)),"
        " stale as (select * from (values ('a', 5), ('c', 5)) as t(v, c))"
        " select kl_divergence(fresh.c, stale.c), unseen_mass(fresh.c, stale.c), vanished_mass(fresh.c, stale.c),"
        " js_divergence(fresh.c, stale.c), kl_divergence(fresh.c, stale.c, smoothing := 0.5)"
        " from fresh full join stale using (v)"
    )
    p, q = [6, 4, 0], [5, 0, 5]
    found = con.execute(query).fetchone()
    assert found is not None
    assert found[:3] == (None, 0.4, 0.5)
    assert near(found[3], measures.js_divergence(p, q))
    assert near(found[4], measures.kl_divergence(p, q, smoothing=0.5))


@pytest.mark.parametrize("name", COUNT_MEASURES)
def test_no_rows_and_null_maps_give_null(con: duckdb.DuckDBPyConnection, name: str) -> None:
    assert one(con, f"select {name}(1, 1) from range(0)") is None
    histogram = HISTOGRAM_NAMES[name]
    assert one(con, f"select {histogram}(null, map {{'a': 1}})") is None
    assert one(con, f"select {histogram}(map {{'a': 1}}, null)") is None
    assert one(con, f"select {histogram}(map {{}}, map {{}})") is None


@pytest.mark.parametrize(
    ("p", "wanted"),
    [(0.25, 2.0), (1, 0.0), (0, None), (None, None), (1e-300, -math.log2(1e-300))],
)
def test_surprisal(con: duckdb.DuckDBPyConnection, p: float | None, wanted: float | None) -> None:
    assert close(one(con, "select surprisal(?)", [p]), wanted)
    if p is not None:
        assert close(measures.surprisal(p), wanted)


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan])
def test_surprisal_of_no_probability(con: duckdb.DuckDBPyConnection, p: float) -> None:
    with pytest.raises(ArgumentError, match="a probability is a number from 0 to 1"):
        measures.surprisal(p)
    with pytest.raises(duckdb.Error, match="a probability is a number from 0 to 1"):
        con.execute("select surprisal(?)", [p]).fetchall()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), max_size=6))
def test_gaussian_kl(con: duckdb.DuckDBPyConnection, dimensions: list[tuple[float, float]]) -> None:
    mu, logvar = [pair[0] for pair in dimensions], [pair[1] for pair in dimensions]
    nats = -0.5 * math.fsum(1 + v - m * m - math.exp(v) for m, v in dimensions)
    assert near(one(con, "select gaussian_kl(?::double[], ?::double[])", [mu, logvar]), nats / math.log(2))


def test_gaussian_kl_edges(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, "select gaussian_kl([1, null], [0, 0])") is None
    assert one(con, "select gaussian_kl([1, 'nan'::float], [0, 0])") is None
    assert one(con, "select gaussian_kl(null, [0])") is None
    assert one(con, "select gaussian_kl([0.0, 0.0]::float[2], [0.0, 0.0]::float[2])") == 0.0
    with pytest.raises(duckdb.Error, match="mu has 1 numbers and logvar has 2: give one of each per dimension"):
        con.execute("select gaussian_kl([1], [0, 0])").fetchall()


@pytest.mark.parametrize("estimator", sorted(measures.ESTIMATORS))
def test_estimates(data: duckdb.DuckDBPyConnection, estimator: str) -> None:
    query = "select origin, entropy_estimate(tailnum, estimator := ?) from flights group by origin order by origin"
    for origin, bits in data.execute(query, [estimator]).fetchall():
        counts = [
            row[0]
            for row in data.execute(
                "select count(*) from flights where origin = ? and tailnum is not null group by tailnum", [origin]
            ).fetchall()
        ]
        assert close(bits, measures.entropy_estimate(fingerprint(counts), estimator))
    from_counts = one(
        data,
        "select fingerprint_entropy(histogram(c), ?) from"
        " (select count(*) as c from flights where tailnum is not null group by tailnum)",
        [estimator],
    )
    assert close(from_counts, one(data, "select entropy_estimate(tailnum, ?) from flights", [estimator]))


def test_estimates_of_nothing_and_by_no_name(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, "select entropy_estimate(x) from (select null::integer as x)") is None
    assert one(con, "select entropy_estimate(x) from (select 1 as x where false)") is None
    assert one(con, "select fingerprint_entropy(map {}, 'nsb')") is None
    with pytest.raises(duckdb.Error, match=r"there is no estimator 'nbs'. Did you mean 'nsb'"):
        con.execute("select entropy_estimate(x, 'nbs') from range(3) as t(x)").fetchall()
    with pytest.raises(duckdb.Error, match="give counts of rows, whole numbers"):
        con.execute("select fingerprint_entropy(map {1.5: 1}, 'nsb')").fetchall()


def test_bounds_are_those_of_python(data: duckdb.DuckDBPyConnection) -> None:
    data.execute("create or replace temp table drawn as from flights using sample 1.5% (bernoulli, 1)")
    counts = [row[0] for row in data.execute("select count(*) from drawn group by dest order by dest").fetchall()]
    found = one(
        data,
        "select entropy_bounds(list(n order by dest), 336776, 0.9) from"
        " (select dest, count(*) as n from drawn group by dest)",
    )
    wanted = entropy_bounds(counts, 336_776, confidence=0.9)
    assert wanted is not None
    assert found == {"lower": wanted.lower, "estimate": wanted.estimate, "upper": wanted.upper}
    assert found["lower"] <= one(data, "select entropy(dest) from flights") <= found["upper"]
    joint = "select origin as x, dest as y, count(*) as n from drawn group by all order by all"
    bounds = one(data, f"select mutual_information_bounds(x, y, n, 336776, confidence := 0.9) from ({joint})")
    exact = one(data, "select mutual_information(origin, dest) from flights")
    assert 0 < bounds["lower"] <= exact <= bounds["upper"] < one(data, "select entropy(origin) from flights") + 0.1
    rows = data.execute(
        "select month, mutual_information_bounds(origin, dest, n, 30000) as b from"
        " (select month, origin, dest, count(*) as n from drawn group by all) group by month"
    ).fetchall()
    assert len(rows) == 12 and all(b["lower"] <= b["estimate"] <= b["upper"] for _, b in rows)


def test_bounds_of_nothing_and_of_too_little(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, "select entropy_bounds(null, 10, 0.9)") is None
    assert one(con, "select entropy_bounds([], 10, 0.9)") is None
    assert one(con, "select mutual_information_bounds(x, x, 1, 10) from range(0) as t(x)") is None
    assert one(con, "select mutual_information_bounds(null, x, 1, 10) from range(3) as t(x)") is None
    assert one(con, "select joint_counts_bounds(['a'], ['b'], null, 10, 0.9)") is None
    assert one(con, "select entropy_bounds([5, 5], 10, 0.9)") == {"lower": 1.0, "estimate": 1.0, "upper": 1.0}
    with pytest.raises(duckdb.Error, match="population_rows is 9, but the sample has 10 rows"):
        con.execute("select entropy_bounds([5, 5], 9, 0.9)").fetchall()
    with pytest.raises(duckdb.Error, match="give a number above 0 and below 1"):
        con.execute("select entropy_bounds([5, 5], 20, 95)").fetchall()


OVER = {
    "kl_divergence(p, q)": "kl_divergence(p, q)",
    "kl_divergence(p, q, smoothing := 0.5)": "kl_divergence(p, q, smoothing := 0.5)",
    "cross_entropy(p, q)": "cross_entropy(p, q)",
    "js_divergence(p, q)": "js_divergence(p, q)",
    "psi(p, q)": "psi(p, q)",
    "unseen_mass(p, q)": "unseen_mass(p, q)",
    "vanished_mass(p, q)": "vanished_mass(p, q)",
    "entropy_estimate(p)": "entropy_estimate(p)",
}


@pytest.mark.parametrize("call", OVER)
def test_over(con: duckdb.DuckDBPyConnection, call: str) -> None:
    con.execute(
        "create or replace temp table w as select i % 3 as g, 1 + i % 7 as p, 1 + i % 5 as q from range(60) as t(i)"
    )
    windowed = f"select distinct g, {call} over (partition by g) as bits from w order by g"
    if not IS_2:
        with pytest.raises(duckdb.Error, match=r"is not an aggregate function|Window function macros"):
            con.execute(windowed)
        return
    grouped = con.execute(f"select g, {call} from w group by g order by g").fetchall()
    found = con.execute(windowed).fetchall()
    assert [row[0] for row in found] == [row[0] for row in grouped]
    assert all(near(left[1], right[1]) for left, right in zip(found, grouped, strict=True))
    running = con.execute(f"select {call} over (order by p, q rows between 3 preceding and current row) from w")
    assert len(running.fetchall()) == 60


@pytest.mark.parametrize("name", PAIR_MEASURES)
def test_what_duckdb_refuses_has_a_way_round(data: duckdb.DuckDBPyConnection, name: str) -> None:
    for refused in (
        f"select {name}(dest, carrier) filter (where month = 1) from flights",
        f"select {name}(distinct dest, carrier) from flights",
        f"select {name}(dest, carrier) over (partition by month) from flights",
    ):
        with pytest.raises(duckdb.Error, match=r"Macro|macro|not an aggregate function"):
            data.execute(refused)
    january = one(data, f"select {name}(dest, carrier) from flights where month = 1")
    assert close(one(data, f"select {name}(case when month = 1 then dest end, carrier) from flights"), january)


def test_in_the_middle_of_queries(data: duckdb.DuckDBPyConnection) -> None:
    bits = one(data, "select mutual_information(origin, carrier) from flights")
    assert close(bits, 0.52102586526214)
    assert close(one(data, "with f as (from flights) select mutual_information(origin, carrier) from f"), bits)
    assert close(one(data, "select (select mutual_information(origin, carrier) from flights)"), bits)
    assert close(one(data, "select max(b) from (select mutual_information(origin, carrier) as b from flights)"), bits)
    data.execute(
        "create or replace temp view dependent as select mutual_information(origin, carrier) as b from flights"
    )
    assert close(one(data, "from dependent"), bits)
    data.execute("prepare mi as select mutual_information(origin, carrier) from flights where month = $1")
    january = one(data, "select mutual_information(origin, carrier) from flights where month = 1")
    assert close(one(data, "execute mi(1)"), january)
    assert close(one(data, "select mutual_information(origin, carrier) from flights where month = ?", [1]), january)
    over_limit = "select count(*) from (select dest from flights group by dest having perplexity(carrier) > 5)"
    assert one(data, over_limit) > 0
    ordered = data.execute(
        "select origin from flights group by origin order by conditional_entropy(dest, carrier) desc"
    ).fetchall()
    assert len(ordered) == 3
    correlated = data.execute(
        "select m, (select mutual_information(origin, carrier) from flights where month = m) from range(1, 3) as t(m)"
    ).fetchall()
    assert close(correlated[0][1], january)
    grouped = data.execute(
        "select grouping_id(origin), mutual_information(dest, carrier) from flights group by rollup (origin)"
    ).fetchall()
    assert len(grouped) == 4
    histograms = one(
        data,
        "with h as (select month, histogram(dest) as h from flights group by month)"
        " select histogram_kl(fresh.h, stale.h, smoothing := 0.5)"
        " from h as fresh, h as stale where fresh.month = 2 and stale.month = 1",
    )
    counted = one(
        data,
        "with c as (select dest, count(*) filter (where month = 2) as p, count(*) filter (where month = 1) as q"
        " from flights where month in (1, 2) group by dest) select kl_divergence(p, q, smoothing := 0.5) from c",
    )
    assert close(histograms, counted)


HOSTILE = [
    'a"b',
    "it's",
    "select",
    "x",
    "y",
    "p",
    "q",
    "c",
    "cells",
    "cell_",
    "all_",
    "share_",
    "total_",
    "bits_",
    "cells_",
    "count_",
    "colprofile_p",
    "colprofile_value",
    "partition_by",
    "smoothing",
    "n",
    "h",
    "k",
    "x_",
    "y_",
    "new\nline",
    "<script>",
    "é" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_column_names_do_not_meet_those_inside(con: duckdb.DuckDBPyConnection, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    con.execute(
        f"create or replace temp table hostile as select i % 3 + 1 as {quoted}, i % 2 + 1 as other_"
        " from range(12) as t(i)"
    )
    plain = con.execute("select column_name from (describe hostile)").fetchall()
    assert plain == [(name,), ("other_",)]
    con.execute(
        "create or replace temp table plain as select i % 3 + 1 as a1, i % 2 + 1 as other_ from range(12) as t(i)"
    )
    calls = [
        "mutual_information({0}, other_)",
        "variation_of_information(other_, {0})",
        "perplexity({0})",
        "kl_divergence({0}, other_, smoothing := 0.5)",
        "js_divergence(other_, {0})",
        "psi({0}, other_)",
        "unseen_mass({0} - 1, {0} - 2 + abs({0} - 2))",
        "histogram_kl(histogram({0}), histogram({0} % 2 + 1), smoothing := 0.5)",
        "histogram_js(histogram({0}), histogram(other_))",
        "histogram_entropy(histogram({0}))",
        "entropy_estimate({0})",
        "max(surprisal(1.0 / {0}))",
        "gaussian_kl(list({0}::double), list(other_::double))",
    ]
    found = con.execute(f"select {', '.join(calls).format(quoted)} from hostile").fetchone()
    wanted = con.execute(f"select {', '.join(calls).format('a1')} from plain").fetchone()
    assert found is not None
    assert wanted is not None
    assert [call for call, a, b in zip(calls, found, wanted, strict=True) if not near(a, b)] == []
    assert None not in found
    assert one(con, f"select mutual_information(other_, other_, {quoted}) from hostile limit 1") == 1.0
    assert one(con, f"select distinct_pairs from pair_measures('hostile', {quoted}, other_)") == 6
    con.execute(
        f"create or replace temp table maps as select histogram({quoted}) as {quoted}, histogram(other_) as m"
        " from hostile"
    )
    assert near(
        one(con, f"select histogram_js({quoted}, m) from maps"),
        one(con, "select histogram_js(histogram(a1), histogram(other_)) from plain"),
    )
    names = con.execute("select column_name from column_entropies('hostile')").fetchall()
    assert names == plain
    assert con.execute("select column_name, psi from column_drift('hostile', 'hostile')").fetchall() == [
        (name, 0.0),
        ("other_", 0.0),
    ]


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


def test_every_offered_function_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    tables = Path(__file__).with_name("test_sql_tables.py").read_text(encoding="utf-8")
    assert [function.name for function in functions() if function.name not in text + tables] == []
