"""The ledger of a database: sums agree with their parts, and nothing is counted twice."""

from __future__ import annotations

import math

import duckdb
import pytest

from colprofile.results.schema import TableBits
from colprofile.verbs.schema.ledger import database_ledger
from colprofile.verbs.schema.repeated_columns import find_repeated_columns
from colprofile.verbs.schema.table_relations import find_table_relations
from tests.support.databases import foreign_key, tables_of


def silent(_what: str, _done: int, _steps: int | None) -> None:
    pass


def ledger_of(sql: str, *keys: tuple[str, str, str, str]) -> dict[str, TableBits]:
    connection = duckdb.connect()
    connection.execute(sql)
    source, tables = tables_of(connection)
    given = [foreign_key(connection, *key) for key in keys]
    with source.queries() as queries:
        repeated = find_repeated_columns(tables, given, queries, silent)
        relations = find_table_relations(tables, given, repeated, queries, silent)
    entries = database_ledger(tables, repeated, relations)
    for entry in entries:
        assert 0 <= entry.repeated_within + entry.repeated_between <= entry.bits + 1e-9
        assert entry.floor_bytes == pytest.approx(entry.rows * entry.bits / 8)
        assert entry.repeated_bytes == pytest.approx(entry.rows * (entry.repeated_within + entry.repeated_between) / 8)
    assert [entry.repeated_bytes for entry in entries] == sorted((e.repeated_bytes for e in entries), reverse=True)
    return {entry.table: entry for entry in entries}


SHOP = """
    create table customers as
        select i as id, 'city ' || (i * 7 % 40) as city, 'state ' || (i * 7 % 40 % 8) as state from range(200) t(i);
    create table orders as
        select o.i as id, c.id as customer_id, c.city as city, c.state as state
        from range(4000) o(i) join customers c on c.id = hash(o.i) % 200;
"""


def test_a_copy_that_its_own_table_determines_too_counts_once() -> None:
    found = ledger_of(SHOP, ("orders", "customer_id", "customers", "id"))
    orders = found["orders"]
    copied = math.log2(40) + math.log2(8)  # the city determines the state: within the table, or over the reference
    assert orders.repeated_between == pytest.approx(copied, rel=0.05)
    assert orders.repeated_within == pytest.approx(0, abs=0.1)
    assert found["customers"].repeated_between == 0
    assert 1.5 < found["customers"].repeated_within < 3  # the state, less what chance shares in so few rows


def test_without_the_reference_the_same_is_repeated_within() -> None:
    orders = ledger_of(SHOP)["orders"]
    assert orders.repeated_between == 0
    assert 6 < orders.repeated_within < math.log2(40) + math.log2(8)  # less what chance shares


def test_of_equal_tables_one_stays() -> None:
    found = ledger_of(SHOP + "create table orders_2 as from orders; create table orders_3 as from orders")
    shares = {name: (each.repeated_within + each.repeated_between) / each.bits for name, each in found.items()}
    assert shares["orders_2"] == shares["orders_3"] == pytest.approx(1)
    assert shares["orders"] < 0.5


def test_copies_between_equal_tables_are_not_counted_again() -> None:
    keys = [("backup", "id", "customers", "id"), ("customers", "id", "backup", "id")]
    found = ledger_of(SHOP + "create table backup as from customers", *keys)
    whole = [each.repeated_within + each.repeated_between == pytest.approx(each.bits) for each in found.values()]
    assert sum(whole) == 1


def test_a_table_of_another_ones_rows_is_repeated_as_far_as_they_go() -> None:
    found = ledger_of("""
        create table everyone as select i as id, hash(i) as token from range(1000) t(i);
        create table some_of_them as from everyone where id < 400""")
    assert found["some_of_them"].repeated_between == pytest.approx(2 * math.log2(400), rel=1e-3)
    assert found["everyone"].repeated_bytes == pytest.approx(0, abs=1)


def test_the_key_of_two_tables_of_one_key_counts_in_one() -> None:
    found = ledger_of(
        """create table people as select i as id, 'p' || hash(i) as name from range(64) t(i);
        create table photos as select i as person, hash(i + 1) as image from range(64) t(i)""",
        ("photos", "person", "people", "id"),
        ("people", "id", "photos", "person"),
    )
    assert sorted(each.repeated_between for each in found.values()) == pytest.approx([0, 6])
