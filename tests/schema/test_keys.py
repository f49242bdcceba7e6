"""Candidate keys: which are found, which is primary, and what is declared of them."""

from __future__ import annotations

import duckdb
import pytest

from colprofile.results.schema import CandidateKey
from colprofile.sources.tables.base import Declared, DeclaredKey
from colprofile.verbs.schema.keys import candidate_keys
from tests.support.databases import tables_of

SHOP = """
create table film as select range + 1 as film_id, 'film ' || range as title, range % 7 as grade from range(60);
create table film_actor as select a.range as actor_id, f.range as film_id, 5 as mark
    from range(30) a, range(40) f where (a.range * 7 + f.range * 3) % 5 = 0;
create table line as select o.range as order_no, l.range as place, o.range % 3 as piece
    from range(80) o, range(6) l where l.range <= o.range % 6;
create table log as select 'x' || range % 4 as word, range % 3 as number from range(40);
create table booked as select nullif(range, 3) as booking, 'note ' || range as note from range(20);
create table nothing (id integer, name varchar);
"""


@pytest.fixture
def shop() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SHOP)
    return connection


def keys_of(connection: duckdb.DuckDBPyConnection, *declared: DeclaredKey) -> list[CandidateKey]:
    source, tables = tables_of(connection)
    with source.queries() as queries:
        return candidate_keys(tables, Declared(declared), queries)


def test_the_primary_key_is_the_one_that_looks_most_like_it(shop: duckdb.DuckDBPyConnection) -> None:
    found = keys_of(shop)
    assert {(key.table, key.columns) for key in found if key.is_primary} == {
        ("film", ("film_id",)),
        ("film_actor", ("actor_id", "film_id")),
        ("line", ("order_no", "place")),
        ("booked", ("note",)),
    }
    assert {(key.table, key.columns) for key in found if not key.is_primary} == {("film", ("title",))}
    assert {(key.status, key.violating_rows) for key in found} == {("found", 0)}
    assert [key.rows for key in found if key.table == "film"] == [60, 60]


def test_declared_keys_are_compared_with_the_rows(shop: duckdb.DuckDBPyConnection) -> None:
    found = keys_of(
        shop,
        DeclaredKey("film", ("title",), is_primary=True),
        DeclaredKey("film", ("grade",), is_primary=False),
        DeclaredKey("line", ("place", "order_no"), is_primary=False),
        DeclaredKey("log", ("word", "number"), is_primary=True),
        DeclaredKey("booked", ("booking",), is_primary=True),
        DeclaredKey("nothing", ("id",), is_primary=True),
        DeclaredKey("elsewhere", ("id",), is_primary=True),
    )
    shown = {(key.table, key.columns, key.status, key.is_primary, key.violating_rows) for key in found}
    assert shown == {
        ("film", ("title",), "declared", True, 0),
        ("film", ("grade",), "violated", False, 60),
        ("film", ("film_id",), "found", False, 0),
        ("film_actor", ("actor_id", "film_id"), "found", True, 0),
        ("line", ("place", "order_no"), "declared", True, 0),
        ("log", ("word", "number"), "violated", True, 40),
        ("booked", ("booking",), "violated", True, 1),
        ("booked", ("note",), "found", False, 0),
        ("nothing", ("id",), "declared", True, 0),
    }
    assert next(key for key in found if key.table == "film").columns == ("title",)


def test_a_unique_constraint_may_hold_null(shop: duckdb.DuckDBPyConnection) -> None:
    found = keys_of(shop, DeclaredKey("booked", ("booking",), is_primary=False))
    assert ("booking",) in {key.columns for key in found if key.status == "declared"}


def test_columns_that_chance_makes_unique_together_are_no_key() -> None:
    connection = duckdb.connect()
    connection.execute("create table t as select range as id, range * 7 % 11 as a, range * 5 % 13 as b from range(30)")
    assert [key.columns for key in keys_of(connection)] == [("id",)]
