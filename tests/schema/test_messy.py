"""Databases as they are found: what is between their tables is found all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest

import colprofile
from colprofile.results.database import DatabaseAudit
from tests.support import messy_databases as messy
from tests.support.sample_databases import SampleDatabase, score
from tests.support.slow_inclusions import column_values


def audited(database: SampleDatabase) -> DatabaseAudit:
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        result = colprofile.audit(connection, progress=False)
    assert isinstance(result, DatabaseAudit)
    assert result.names == tuple(sorted(table.name for table in database.tables))
    assert not result.skipped
    return result


@pytest.mark.parametrize(
    "build",
    [
        messy.renamed_keys,
        messy.split_by_year,
        messy.mixed_types,
        messy.composite_keys,
        messy.side_tables,
        messy.empty_tables,
    ],
)
def test_foreign_keys_are_those_of_the_database_and_no_others(build: Callable[[], SampleDatabase]) -> None:
    database = build()
    found = audited(database).schema.foreign_keys
    result = score(found, database.references)
    assert not result.missed
    assert not result.false
    assert all(0.5 < key.confidence < 1 and key.reasons and key.status == "found" for key in found)


def test_orphans_are_counted_and_the_most_frequent_shown() -> None:
    database = messy.orphaned()
    (key,) = audited(database).schema.foreign_keys
    assert not score([key], database.references).false
    customers = column_values(database.table("customers"), ("customer_id",))
    orders = column_values(database.table("orders"), ("customer_id",))
    orphans = Counter({value: rows for value, rows in orders.items() if value not in customers})
    inclusion = key.inclusion
    assert (inclusion.rows, inclusion.values) == (sum(orders.values()), len(orders))
    assert (inclusion.orphan_rows, inclusion.orphan_values) == (sum(orphans.values()), len(orphans))
    shown = [orphans[tuple(map(str, value))] for value in inclusion.orphans]
    assert shown == sorted(orphans.values(), reverse=True)[:5]
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        assert connection.execute(key.proof).fetchone() == (20,)
        assert len(connection.execute(key.orphan_query).fetchall()) == 20


def test_copies_that_drifted_apart_are_told_from_those_that_did_not() -> None:
    database = messy.drifted_copies()
    result = audited(database)
    assert score(result.schema.foreign_keys, database.references).f1 == 1
    customers = {row[0]: row for row in database.table("customer").rows}
    equal = {
        column: sum(bill[place] == customers[bill[1]][place] for bill in database.table("bill").rows)
        for column, place in (("town", 2), ("phone", 3))
    }
    copies = {each.column: each for each in result.schema.repeated_columns if each.kind == "copy"}
    assert {column: each.equal_rows for column, each in copies.items()} == equal
    assert equal["phone"] == copies["phone"].rows == 3000 > equal["town"]
    assert copies["phone"].differing == ()
    assert copies["phone"].query is None
    assert 1 <= len(copies["town"].differing) <= 5
    query = copies["town"].query
    assert query is not None
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        assert len(connection.execute(query).fetchall()) == 3000 - equal["town"]


def test_a_table_split_by_year_is_seen_as_one() -> None:
    relations = audited(messy.split_by_year()).schema.table_relations
    assert [(each.kind, set(each.tables)) for each in relations] == [
        ("partitions", {"sales_2021", "sales_2022", "sales_2023", "sales_2024"})
    ]


def test_a_key_of_several_types_is_one_domain() -> None:
    (domain,) = audited(messy.mixed_types()).schema.domains
    places = {(each.table, each.column): each.type for each in domain.columns}
    assert places == {
        ("article", "article_id"): "INTEGER",
        ("basket", "article"): "VARCHAR",
        ("refund", "article_id"): "BIGINT",
    }
    assert "types" in domain.differs


def test_tables_without_rows_say_nothing() -> None:
    result = audited(messy.empty_tables())
    empty = {"trophy", "coach", "injury"}
    assert not empty & {each.table for each in result.schema.inclusions}
    assert not empty & {each.target for each in result.schema.inclusions}
    assert {name: result[name].result.rows for name in empty} == {"trophy": 0, "coach": 0, "injury": 5}


def test_300_tables() -> None:
    database = messy.many_tables()
    result = score(audited(database).schema.foreign_keys, database.references)
    assert len(result.found) == 200
    assert not result.missed
    assert not result.false
