"""join_bounds: what profiles guarantee of joins, against joins in DuckDB."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import duckdb
import pytest

import colprofile
from colprofile import ColumnProfile, JoinBounds, Profile, join_bounds
from colprofile.errors import ArgumentError


def column(rng: random.Random) -> str:
    """SQL for a column's value by row number: whole numbers dense or sparse, NULL among them."""
    low, values, power = rng.choice([0, 1, 40]), rng.choice([1, 5, 30]), rng.choice([1, 2])
    whole = f"{low} + floor({values} * pow(random(), {power}))::integer"
    return rng.choice([whole, whole, f"({whole})::varchar", f"case when random() < 0.3 then null else {whole} end"])


@pytest.fixture(scope="module")
def tables() -> tuple[duckdb.DuckDBPyConnection, dict[str, Profile]]:
    """Tables t0 … t11 of x and y, and their profiles; in some, NULL is counted as a value."""
    con, rng, profiles = duckdb.connect(), random.Random(5), {}
    con.execute("select setseed(0.25)")
    for number in range(12):
        rows = rng.choice([0, 1, 30, 200])
        con.execute(f"create table t{number} as select {column(rng)} as x, {column(rng)} as y from range({rows})")
        nulls: Literal["ignore", "value"] = "value" if number % 3 == 0 else "ignore"
        profiles[f"t{number}"] = colprofile.profile(con, f"t{number}", nulls=nulls, pairs=False, progress=False)
    return con, profiles


def test_bounds_hold_of_all_joins_of_two_and_three_tables(
    tables: tuple[duckdb.DuckDBPyConnection, dict[str, Profile]],
) -> None:
    con, profiles = tables
    rng, certain, excluded = random.Random(1), 0, 0

    def holds(found: JoinBounds, sql: str) -> None:
        nonlocal certain, excluded
        ((rows,),) = con.execute(f"select count(*) from {sql}").fetchall()
        assert found.lower <= rows <= found.upper
        certain += found.lower > 0
        excluded += found.upper == 0

    def same(one: str, other: str) -> str:
        return f"{one}::varchar = {other}::varchar"

    for a in profiles:
        for b in profiles:
            holds(join_bounds(profiles[a]["x"], profiles[b]["y"]), f"{a} a join {b} b on {same('a.x', 'b.y')}")
    for _ in range(60):
        a, b, c = (rng.choice(sorted(profiles)) for _ in range(3))
        three = profiles[a]["x"], profiles[b]["x"], profiles[c]["y"]
        joined = f"{a} a join {b} b on {same('a.x', 'b.x')} join {c} c on {same('c.y', 'b.x')}"
        holds(join_bounds(*three), joined)
        four = profiles[a]["x"], profiles[b]["x"], profiles[b]["y"], profiles[c]["x"]
        joined = f"{a} a join {b} b on {same('a.x', 'b.x')} join {c} c on {same('c.x', 'b.y')}"
        holds(join_bounds(*four), joined)
    assert certain > 5
    assert excluded > 10


def test_dense_keys_leave_little_open_without_a_promise() -> None:
    """Customers 1 … 100 and orders of 95 of them: whole numbers have no other room."""
    con = duckdb.connect()
    con.execute("create table customers as select i from range(1, 101) t(i)")
    con.execute("create table orders as select 1 + (i * i) % 95 as customer from range(1000) t(i) union all select 100")
    con.execute("create table visits as select 1 + i % 100 as customer from range(300) t(i)")
    names = ("customers", "orders", "visits")
    keys, orders, visits = (colprofile.profile(con, name, progress=False).columns[0] for name in names)
    assert join_bounds(orders, keys) == JoinBounds(1001, 1001, 1001.0)
    assert join_bounds(visits, orders) == JoinBounds(3003, 3003, 3003.0)
    star = join_bounds(orders, keys, visits)
    assert (star.lower, star.upper) == (3003, 3003)


def test_ranges_that_do_not_meet_and_saved_profiles(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("create table early as select i % 10 as day from range(100) t(i)")
    con.execute("create table late as select 10 + i % 10 as day from range(100) t(i)")
    con.execute("create table middle as select i % 10 as x, 5 + i % 10 as y from range(100) t(i)")
    for name in ("early", "late", "middle"):
        colprofile.profile(con, name, progress=False).save(tmp_path / f"{name}.json")
    early, late, middle = (Profile.load(tmp_path / f"{name}.json") for name in ("early", "late", "middle"))
    assert join_bounds(early["day"], late["day"]) == JoinBounds(0, 0, 1000.0)
    assert join_bounds(early["day"], middle["y"]).upper == 5 * 10 * 10
    assert join_bounds(early["day"], middle["x"], middle["y"], late["day"]) == JoinBounds(5000, 5000, 10_000.0)
    promised = join_bounds(early["day"], middle["x"], middle["y"], early["day"], foreign_keys=True)
    assert promised.lower == 10_000


def test_empty_tables_join_to_nothing() -> None:
    con = duckdb.connect()
    con.execute("create table nothing (x integer, y integer)")
    con.execute("create table nulls as select null::integer as x from range(3)")
    nothing, nulls = (colprofile.profile(con, name, progress=False) for name in ("nothing", "nulls"))
    assert join_bounds(nothing["x"], nulls["x"]) == JoinBounds(0, 0, 0.0)
    assert join_bounds(nulls["x"], nulls["x"], nulls["x"], foreign_keys=True) == JoinBounds(0, 0, 0.0)
    assert join_bounds(nulls["x"], nothing["x"], nothing["y"], nulls["x"]) == JoinBounds(0, 0, 0.0)


@pytest.fixture(scope="module")
def seven() -> ColumnProfile:
    con = duckdb.connect()
    con.execute("create table t as select i % 7 as x from range(50) t(i)")
    return colprofile.profile(con, "t", progress=False)["x"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: join_bounds(x), "1 columns given: a join of two or three tables has 2, 3 or 4"),
        (lambda x: join_bounds(x, x, replace(x, name="y", rows=51), x), "'x' of 50 rows and 'y' of 51 rows are not"),
        (lambda x: join_bounds(x, replace(x, sampled_rows=9)), "column 'x' is estimated from a sample"),
        (lambda x: join_bounds(x, replace(x, fingerprint=())), "column 'x' has 50 rows, and a fingerprint of 0"),
    ],
)
def test_what_guarantees_nothing_is_refused(
    seven: ColumnProfile, call: Callable[[ColumnProfile], object], message: str
) -> None:
    with pytest.raises(ArgumentError) as raised:
        call(seven)
    assert message in str(raised.value)
