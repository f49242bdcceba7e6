"""The SQL functions: mutual_information compared with hand-written queries, histograms, registration."""

from __future__ import annotations

import statistics
from functools import partial

import duckdb

from bench import data
from bench.harness import Measurement, Run, Target, Timing, case, format_seconds, processor_note

PAIRS = (("origin", "carrier"), ("dest", "distance"), ("tailnum", "flight"), ("time_hour", "tailnum"))
"""Of 35, 224, 179,023 and 333,926 distinct pairs."""

VALUES, SMALL_VALUES = 100_000, 1_000

# What a person who knows DuckDB would write: count the pairs once, and the columns from the pairs.
CELLS = """
with cells as (
    select {x} as x, {y} as y, count(*) as c from flights
    where {x} is not null and {y} is not null group by all
)
"""
BY_SUBQUERIES = (
    CELLS
    + """
select log2(n) - (sum_x + sum_y - sum_xy) / n from
    (select sum(c) as n, sum(c * log2(c)) as sum_xy from cells),
    (select sum(c * log2(c)) as sum_x from (select sum(c) as c from cells group by x)),
    (select sum(c * log2(c)) as sum_y from (select sum(c) as c from cells group by y))
"""
)
BY_GROUPING_SETS = (
    CELLS
    + """
, sums as (
    select grouping_id(x, y) as kind, sum(c) as c from cells group by grouping sets ((x), (y), (x, y))
)
select log2(sum(c) filter (kind = 0))
    - sum(case when kind = 0 then -1 else 1 end * c * log2(c)) / sum(c) filter (kind = 0) from sums
"""
)
BY_ENTROPY = """
select entropy({x}) filter (where {y} is not null) + entropy({y}) filter (where {x} is not null)
    - entropy({{'x': {x}, 'y': {y}}}) filter (where {x} is not null and {y} is not null) from flights
"""
HAND_WRITTEN = {"subqueries": BY_SUBQUERIES, "grouping sets": BY_GROUPING_SETS, "entropy()": BY_ENTROPY}


@case("sql-mutual-information")
def mutual_information_against_queries(run: Run) -> list[Measurement]:
    """mutual_information(x, y) and pair_measures(table, x, y) against the fastest of three hand-written queries."""
    import colprofile

    with data.flights(data.SMALL_ROWS if run.small else None) as con:
        con.execute("set enable_progress_bar = false")
        colprofile.register(con)
        return [line for x, y in (PAIRS[:1] if run.small else PAIRS) for line in _pair(run, con, x, y)]


def _pair(run: Run, con: duckdb.DuckDBPyConnection, x: str, y: str) -> list[Measurement]:
    queries = {name: query.format(x=x, y=y) for name, query in HAND_WRITTEN.items()}
    queries["macro"] = f"select mutual_information({x}, {y}) from flights"
    queries["table"] = f"select mutual_information from pair_measures('flights', {x}, {y})"
    check({name: _number(con, query) for name, query in queries.items()})
    times = run.interleave({name: partial(_number, con, query) for name, query in queries.items()})
    best = min(HAND_WRITTEN, key=lambda name: times[name].median)
    lines = (("macro", f"mutual_information({x}, {y})"), ("table", f"pair_measures('flights', {x}, {y})"))
    return [
        run.compare(
            f"SQL: {what}",
            times[name],
            times[best],
            f"by hand, {best}",
            share=1.2,
            note=processor_note(times[name], times[best]),
        )
        for name, what in lines
    ]


def check(bits: dict[str, float]) -> None:
    """Raise unless all queries give the same number, to 1e-9 bits."""
    if max(bits.values()) - min(bits.values()) > 1e-9:
        raise AssertionError(f"the queries differ: {bits}")


@case("sql-histograms")
def histogram_kl(run: Run) -> list[Measurement]:
    """histogram_kl of two histograms of 100,000 values each, of numbers and of text."""
    import colprofile

    values = SMALL_VALUES if run.small else VALUES
    lines = []
    with colprofile.register(duckdb.connect()) as con:
        con.execute("set enable_progress_bar = false")
        for kind, shown in (("numbers", "i % {0}"), ("text", "'value ' || i % {0}")):
            maps = [
                f"(select histogram({shown.format(values)}) from range({rows}) as t(i))"
                for rows in (values * 7 // 2, values * 5 // 2)
            ]
            con.execute(f"create or replace table maps as select {maps[0]} as p, {maps[1]} as q")
            times = run.interleave({"kl": lambda: _number(con, "select histogram_kl(p, q) from maps")})
            lines.append(_seconds(run, f"SQL: histogram_kl, {values:,} {kind}", times["kl"], 0.1))
    return lines


@case("sql-register")
def registration(run: Run) -> list[Measurement]:
    """register(con) on a new connection, colprofile being imported."""
    import colprofile

    connections: list[duckdb.DuckDBPyConnection] = []

    def register() -> None:
        colprofile.register(connections.pop())

    connections += [duckdb.connect() for _ in range(run.rounds() + 1)]
    times = run.interleave({"register": register})
    return [_seconds(run, "SQL: register(con)", times["register"], 0.05)]


def _seconds(run: Run, what: str, timing: Timing, most: float) -> Measurement:
    note = f"processor time {format_seconds(statistics.median(timing.processor))}"
    return run.judge(Measurement(what, str(timing), "–", timing.median, "s", Target("at most", most), note=note))


def _number(con: duckdb.DuckDBPyConnection, query: str) -> float:
    row = con.execute(query).fetchone()
    assert row is not None
    return float(row[0])
