"""Messy tables as people inherit them: what an audit says of them, and whether its SQL runs where they live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.audit import Audit, Finding, Fix
from colprofile.verbs.sql_types import DIALECTS
from tests.support.audited_tables import DUCKDB_ALONE, MESSY_TABLES, messy_table
from tests.support.table_copies import copy_of, postgres_copy, rows_of, run_postgres


@pytest.fixture(scope="module")
def audits() -> dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]:
    found = {}
    for name in MESSY_TABLES:
        connection = messy_table(name)
        found[name] = connection, colprofile.audit(connection, name)
    return found


def fixes(finding: Finding) -> list[Fix]:
    """The recommended fix and its alternatives."""
    return [*([finding.fix] if finding.fix is not None else []), *(other.fix for other in finding.alternatives)]


def said(audit: Audit) -> set[str]:
    """The statements, except for those on keys, on columns that move together, on data quality and on thin evidence."""
    left_out = ("key", "together")
    found = [each.statement for each in audit.findings if each.kind not in left_out and each.severity is None]
    return {statement.partition(" The evidence is thin")[0] for statement in found}


def keys(audit: Audit) -> set[tuple[str, ...]]:
    return {finding.columns for finding in audit.of_kind("key")}


SAID = {
    "copies": {
        "quantity_text repeats quantity in every row, after a cast.",
        "quantity_double repeats quantity in every row, after a cast.",
        "quantity_decimal repeats quantity in every row, after a cast.",
        "quantity_padded is computed as quantity in 6 digits in every row.",
        "day_text repeats day in every row, after a cast.",
        "midnight repeats day in every row, after a cast.",
        "day and day_written determine each other, like a code and its label.",
        "flag_number repeats flag in every row, after a cast.",
        "flag and flag_letter determine each other, like a code and its label.",
    },
    "units": {
        "kilometres is computed as 0.001·metres in every row.",
        "miles is computed as round(0.000621371·metres, 1) in every row.",
        "sum is computed as 0.01·cents + amount in every row.",
        "fahrenheit is computed as 1.8·celsius + 32 in every row.",
        "unix is computed as epoch of moment in every row.",
        "total is computed as price·amount in every row.",
        "euros is computed as 0.01·cents in every row.",
    },
    "bills": {
        "gross is computed as net + tax in every row.",
        "duty is computed as round(0.19·net, 2) in every row.",
        "area is computed as weight·height in every row.",
        "weight is computed as height + difference in every row.",
    },
    "typos": {
        "code and other determine each other, like a code and its label.",
        "label determines code in every row.",
        "label determines code in every row, and code determines label except for 74 of 20,000 rows: a code and its "
        "label, with variants of some labels.",
        "code determines region in every row.",
    },
    "places": {
        "street determines zip in every row.",
        "zip determines city in every row.",
        "city determines state in every row.",
        "state determines country in every row.",
    },
    "orders": {
        "customer and customer_name determine each other, like a code and its label.",
        "product and product_name determine each other, like a code and its label.",
        "product determines price in every row.",
        "order_number determines customer in every row.",
        "order_number determines ordered in every row.",
    },
    "moments": {
        "seen_at is computed as created_at + 3 seconds in every row.",
        "created_on is computed as date of created_at in every row.",
    },
    "gaps": {
        "nothing holds nothing but NULL.",
        "always is k in every row.",
        "mostly is x in 7,147 of 8,000 rows and NULL in the others, like a flag.",
        "value and value_name determine each other, like a code and its label.",
        "mostly, value and value_name are NULL in the same 853 rows.",
        "is_missing is true where mostly is NULL, and false elsewhere.",
        "is_missing and has_value determine each other, like a code and its label.",
        "some_id is computed as id in all 2,426 rows where none of them is NULL.",
    },
    "names": {
        "order is computed as 3·select + 1 in every row.",
        "naïve 😀 repeats $check$ in every row.",
        'a "quoted" name determines new\nline in every row.',
        "<script>alert(1)</script> is computed as %s; drop table t; -- % 7 in every row.",
    },
    "nested": {
        "json is computed as '{\"k\":' + key + '}' in every row.",
        "key and list determine each other, like a code and its label.",
        "member and struct determine each other, like a code and its label.",
        "nothing holds nothing but NULL.",
        "always is {'c': 1} in every row.",
    },
    "two": {"z is 2 in every row."},
    "none": set(),
    "alone": set(),
}
"""All that is true and worth saying; each thing once."""

KEYS = {
    "orders": {("order_number", "line")},
    "moments": {("id",), ("created_at",), ("token",)},
    "names": set(),
    "two": {("x",), ("y",)},
    "none": set(),
    "alone": set(),
}


@pytest.mark.parametrize("name", list(SAID))
def test_all_that_is_true_is_said_once(name: str, audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    audit = audits[name][1]
    assert said(audit) == {statement.replace("\\n", "\n") for statement in SAID[name]}
    assert keys(audit) == KEYS.get(name, {("id",)})


def test_constants_of_every_type(audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    audit = audits["constants"][1]
    assert len(audit.of_kind("constant", "empty")) == 10
    assert all(finding.fix is not None for finding in audit.findings)
    assert "empty is '' in every row." in said(audit)


def test_names_too_long_to_show(audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    audit = audits["long"][1]
    assert [finding.kind for finding in audit.findings] == ["bijection", "constant", "duplicate_rows"]
    assert all(len(finding.statement) < 200 for finding in audit.findings)


@pytest.mark.parametrize("name", list(MESSY_TABLES))
def test_its_sql_runs_in_duckdb(name: str, audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    connection, audit = audits[name]
    for finding in audit.findings:
        for fix in fixes(finding):
            assert connection.execute(fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement
            changed = copy_of(connection, name)
            changed.execute(fix.changes["duckdb"])
        if finding.query is not None:
            assert len(connection.execute(finding.query).fetchall()) == finding.evidence.violating_rows
    copy = copy_of(connection, name)
    copy.execute(audit.script())
    if "Nothing to fix" not in audit.script():
        restored, original = (
            Counter(copy.execute(f"select columns(*)::varchar from {t}").fetchall()) for t in (f"{name}_restored", name)
        )
        assert restored == original


@pytest.mark.parametrize("name", [name for name in MESSY_TABLES if name not in DUCKDB_ALONE])
def test_its_sql_runs_in_postgresql(
    name: str,
    audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]],
    new_postgres_database: Callable[[], sa.URL],
) -> None:
    connection, audit = audits[name]
    engine = postgres_copy(new_postgres_database(), connection, name)
    try:
        for finding in audit.findings:
            for fix in fixes(finding):
                with engine.connect() as opened, opened.begin() as transaction:
                    cursor = opened.connection.cursor()
                    cursor.execute(fix.checks["postgresql"])
                    assert cursor.fetchall() == [(0,)], finding.statement
                    cursor.execute(fix.changes["postgresql"])
                    transaction.rollback()
            if finding.query is not None:
                with engine.connect() as opened:
                    found = opened.exec_driver_sql(finding.query.replace("%", "%%")).fetchall()
                    assert len(found) == finding.evidence.violating_rows
        run_postgres(engine, audit.script("postgresql"))
        if "Nothing to fix" not in audit.script("postgresql"):
            assert rows_of(engine, f"select * from {name}_restored") == rows_of(engine, f"select * from {name}")
    finally:
        engine.dispose()


def test_a_table_of_postgresql_a_view_and_a_query_say_the_same(new_postgres_database: Callable[[], sa.URL]) -> None:
    connection = messy_table("places")
    engine = postgres_copy(new_postgres_database(), connection, "places")
    try:
        expected = said(colprofile.audit(connection, "places"))
        with engine.begin() as opened:
            opened.exec_driver_sql("create view seen as select * from places")
        for table in ("places", "seen", "select * from places"):
            assert said(colprofile.audit(engine, table)) == expected
        audit = colprofile.audit(engine, "places")
        run_postgres(engine, audit.script("postgresql"))
        assert rows_of(engine, "select * from places_restored") == rows_of(engine, "select * from places")
        connection.execute("create view seen as from places")
        for table in ("seen", "from places", "select * from places"):
            assert said(colprofile.audit(connection, table)) == expected
    finally:
        engine.dispose()


def test_both_dialects_have_a_script(audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    assert all(set(audit.scripts) == set(DIALECTS) for _, audit in audits.values())
