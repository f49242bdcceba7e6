"""The SQL functions of counts, histograms and probabilities against the measures."""

from __future__ import annotations

import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile import measures
from colprofile.errors import ArgumentError
from tests.support.sql_measures import COUNT_MEASURES, close, near, one

HISTOGRAM_NAMES = {
    "kl_divergence": "histogram_kl",
    "cross_entropy": "histogram_cross_entropy",
    "js_divergence": "histogram_js",
    "psi": "histogram_psi",
    "unseen_mass": "histogram_unseen_mass",
    "vanished_mass": "histogram_vanished_mass",
}

SMOOTHED = ("kl_divergence", "cross_entropy", "psi")

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


@pytest.mark.parametrize("name", COUNT_MEASURES)
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_bad_counts_are_an_error_in_sql_as_in_python(con: duckdb.DuckDBPyConnection, name: str, bad: float) -> None:
    with pytest.raises(ArgumentError, match="give finite numbers of at least 0"):
        COUNT_MEASURES[name]([1.0, bad], [1.0, 1.0])
    with pytest.raises(duckdb.Error, match=r"p contains .*: give finite numbers of at least 0"):
        con.execute(f"select {name}(p, 1) from (values (1::double), (?)) as t(p)", [bad]).fetchall()
    with pytest.raises(duckdb.Error, match=r"q contains .*: give finite numbers of at least 0"):
        con.execute(f"select {name}(1, q) from (values (1::double), (?)) as t(q)", [bad]).fetchall()
    with pytest.raises(duckdb.Error, match=r"p contains .*: give finite numbers of at least 0"):
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
