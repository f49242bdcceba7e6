"""Sizes of joins along foreign keys: equal to joins in SQL, and never outside their bounds."""

from __future__ import annotations

import random
from collections import Counter

import duckdb
import pytest

from colprofile.results.schema import ForeignKey, JoinSize
from colprofile.verbs.schema import join_sizes
from colprofile.verbs.schema.join_sizes import find_join_sizes
from tests.support.databases import foreign_key, tables_of
from tests.support.sample_sakila import sakila


def sizes_of(con: duckdb.DuckDBPyConnection, *keys: ForeignKey) -> tuple[list[JoinSize], list[str]]:
    source, tables = tables_of(con)
    notes: list[str] = []
    with source.queries() as queries:
        return find_join_sizes(tables, keys, queries, lambda *_: None, notes), notes


def slow_rows(con: duckdb.DuckDBPyConnection, size: JoinSize) -> int:
    """Rows of the join itself."""
    join, aliases = size.join, "abc"
    sql = f'select count(*) from "{join.tables[0]}" a'
    for number, table in enumerate(join.tables[1:]):
        equal = (
            f'{aliases[number]}."{left}" = {aliases[number + 1]}."{right}"'
            for left, right in zip(join.columns[number], join.targets[number], strict=True)
        )
        sql += f' join "{table}" {aliases[number + 1]} on {" and ".join(equal)}'
    ((rows,),) = con.execute(sql).fetchall()
    return int(rows)


@pytest.mark.parametrize("seed", range(4))
def test_sizes_are_those_of_sql_and_bounds_hold(seed: int) -> None:
    """Orphans, NULL, keys that are not unique, composite keys, a table that refers to itself; empty tables."""
    rng = random.Random(seed)
    con = duckdb.connect()
    con.execute(f"select setseed({seed / 10})")
    rows = {name: rng.choice([0, 5, 40]) if name == "d" else rng.choice([20, 150]) for name in "abcd"}

    def drawn(values: int) -> str:
        value = f"floor({values} * pow(random(), 2))::integer"
        return rng.choice([value, value, f"case when random() < 0.2 then null else {value} end"])

    con.execute(f"create table d as select i as id, {drawn(rows['d'])} as parent from range({rows['d']}) t(i)")
    per = rng.choice([4, 8])  # of 8, each combination is there twice
    con.execute(f"create table c as select i // {per} as p, i % 4 as q, {drawn(60)} as d from range({rows['c']}) t(i)")
    con.execute(f"create table b as select {drawn(40)} as p, {drawn(5)} as q, {drawn(45)} as d from range({rows['b']})")
    con.execute(f"create table a as select {drawn(40)} as d, {drawn(30)} as b from range({rows['a']})")
    keys = [
        foreign_key(con, "d", "parent", "d", "id"),
        foreign_key(con, "c", "d", "d", "id"),
        foreign_key(con, "b", ["p", "q"], "c", ["p", "q"]),
        foreign_key(con, "b", "d", "d", "id"),
        foreign_key(con, "a", "d", "d", "id"),
    ]
    found, notes = sizes_of(con, *keys)
    assert notes == []
    assert Counter(len(size.join.tables) for size in found) == {2: 5, 3: 12}
    assert len({(size.join.tables, size.join.columns, size.join.targets) for size in found}) == 17
    for size in found:
        assert size.rows == slow_rows(con, size), size.join
        assert size.lower <= size.rows <= size.upper, size.join


def test_two_tables_that_refer_to_one_come_first_and_multiply() -> None:
    """Orders and visits of customers: the join that pairs each order with each visit."""
    con = duckdb.connect()
    con.execute("create table regions as select i as id from range(4) t(i)")
    con.execute("create table customers as select i as id, i % 4 as region from range(100) t(i)")
    con.execute("create table orders as select least(i // 10, 99) as customer from range(2000) t(i)")
    con.execute("create table visits as select i % 100 as customer from range(300) t(i)")
    found, _ = sizes_of(
        con,
        foreign_key(con, "visits", "customer", "customers", "id"),
        foreign_key(con, "customers", "region", "regions", "id"),
        foreign_key(con, "orders", "customer", "customers", "id"),
    )
    rows = [(size.join.tables, size.rows, size.estimate, size.lower, size.upper) for size in found]
    assert rows == [
        (("orders", "customers", "visits"), 6000, 6000.0, 6000, 6000),
        (("orders", "customers"), 2000, 2000.0, 2000, 2000),
        (("orders", "customers", "regions"), 2000, 2000.0, 2000, 2000),
        (("visits", "customers"), 300, 300.0, 300, 300),
        (("visits", "customers", "regions"), 300, 300.0, 300, 300),
        (("customers", "regions"), 100, 100.0, 100, 100),
    ]


def test_a_key_of_two_columns_is_expected_as_independent_unless_it_is_declared() -> None:
    con = duckdb.connect()
    con.execute("create table stock as select i // 10 as shop, i % 10 as item from range(100) t(i)")
    con.execute("create table sales as select i % 10 as shop, i // 10 % 10 as item from range(500) t(i)")
    key = foreign_key(con, "sales", ["shop", "item"], "stock", ["shop", "item"])
    ((found,), _) = sizes_of(con, key)
    assert (found.rows, found.estimate, found.lower, found.upper) == (500, 500.0, 500, 500)
    con.execute("create table few as select i as shop, (i * 7) % 10 as item from range(10) t(i)")
    con.execute("create table bought as select i % 10 as shop, (i % 10 * 7) % 10 as item from range(500) t(i)")
    key = foreign_key(con, "bought", ["shop", "item"], "few", ["shop", "item"])
    ((found,), _) = sizes_of(con, key)
    assert (found.rows, found.estimate, found.factor) == (500, 50.0, 10.0)
    declared = ForeignKey(key.inclusion, "declared", 1.0, (), False, None, "", "", "")
    ((found,), _) = sizes_of(con, declared)
    assert (found.rows, found.estimate) == (500, 500.0)


def test_what_is_left_out_is_noted_and_the_largest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    con.execute("create table d as select i as id from range(10) t(i)")
    keys = []
    for number in range(5):
        con.execute(f"create table f{number} as select i % 10 as d from range({10 * (number + 1)}) t(i)")
        keys.append(foreign_key(con, f"f{number}", "d", "d", "id"))
    monkeypatch.setattr(join_sizes, "MOST_OF_THREE", 2)
    monkeypatch.setattr(join_sizes, "MOST_SIDES", 4)
    found, notes = sizes_of(con, *keys)
    three = [size.join.tables for size in found if len(size.join.tables) == 3]
    assert three == [("f4", "d", "f3"), ("f4", "d", "f2")]
    assert len(found) == 5 + 2
    assert notes == ["Sizes of 8 of 10 possible joins of three tables are left out."]


def test_large_tables_are_bounded_but_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    con.execute("create table d as select i as id from range(10) t(i)")
    con.execute("create table f as select i % 7 as d from range(100) t(i)")
    con.execute("create table g as select i % 9 as d from range(50) t(i)")
    keys = [foreign_key(con, name, "d", "d", "id") for name in "fg"]
    monkeypatch.setattr(join_sizes, "MOST_ROWS", 159)
    found, notes = sizes_of(con, *keys)
    assert [(size.rows, size.factor) for size in found] == [(100, 1.0), (50, 1.0), (None, None)]
    assert 0 < found[2].lower < found[2].upper
    bounds = f"between {found[2].lower} and {found[2].upper} rows"
    assert notes == [f"The rows of 1 join of large tables were not counted: f, d and g ({bounds})."]


def test_bounds_hold_of_a_database_that_is_used_for_teaching() -> None:
    database, con = sakila(), duckdb.connect()
    database.write_duckdb(con)
    found, _ = sizes_of(con, *(foreign_key(con, *reference) for reference in database.references))
    assert Counter(len(size.join.tables) for size in found)[2] == len(database.references)
    for size in found:
        assert size.rows is not None
        assert size.lower <= size.rows <= size.upper, size.join
        if size.rows < 1_000_000:  # payments and rentals of one of two shops: 128 million
            assert size.rows == slow_rows(con, size), size.join
    assert all(size.lower == size.upper for size in found if len(size.join.tables) == 2)
