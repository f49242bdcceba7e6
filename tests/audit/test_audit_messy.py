"""Messy tables as people inherit them: what an audit says of them, and whether its SQL runs where they live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.audit import Audit
from colprofile.verbs.audit.sql_types import DIALECTS
from tests.support.table_copies import copy_of, postgres_copy, rows_of, run_postgres

TABLES = {
    "copies": """
        select i as id, q as quantity, q::varchar as quantity_text, q::double as quantity_double,
            q::decimal(10, 2) as quantity_decimal, lpad(q::varchar, 6, '0') as quantity_padded, d as day,
            d::varchar as day_text, strftime(d, '%d.%m.%Y') as day_written, d::timestamp as midnight, b as flag,
            case when b then 'Y' else 'N' end as flag_letter, b::int as flag_number
        from (select i, (random() * 300)::int as q, date '2020-01-01' + (random() * 200)::int as d, random() < 0.3 as b
              from range(4000) r(i))
        """,
    "units": """
        select i as id, c as celsius, round(c * 1.8 + 32, 2) as fahrenheit, m as metres, m / 1000.0 as kilometres,
            round(m / 1609.344, 1) as miles, e as cents, (e / 100.0)::decimal(10, 2) as euros,
            timestamp '2024-01-01' + to_seconds(s) as moment, 1704067200 + s as unix, p as price, n as amount,
            p * n as total, (e / 100.0)::decimal(10, 2) + n as sum
        from (select i, round(random() * 90 - 30, 1) as c, (random() * 90000)::int as m, (random() * 300)::int as e,
                  (random() * 700)::bigint as s, (random() * 90)::int as p, (random() * 10)::int as n
              from range(9000) r(i))
        """,
    "bills": """
        select i as id, net, tax, (net + tax)::decimal(12, 2) as gross, round(net * 0.19, 2)::decimal(12, 2) as duty,
            w as weight, h as height, w * h as area, w - h as difference
        from (select i, (random() * 5000)::decimal(12, 2) as net, ((random() * 900)::int / 10.0)::decimal(12, 2) as tax,
                  (random() * 30)::int as w, (random() * 30)::int as h from range(12000) r(i))
        """,
    "typos": """
        select i as id, 100 + k as code,
            'label ' || md5((case when random() < 0.003 then k + 50 else k end)::varchar)[:6] as label,
            md5((k * 7)::varchar)[:5] as other, 'region ' || md5((k // 8)::varchar)[:3] as region
        from (select i, (random() * 40)::int as k from range(20000) r(i))
        """,
    "places": """
        select i as id, 'street ' || md5(s::varchar) as street, 'zip ' || md5((s // 4)::varchar) as zip,
            'city ' || md5((s // 20)::varchar) as city, 'state ' || md5((s // 100)::varchar) as state,
            'country ' || md5((s // 500)::varchar) as country
        from (select i, (random() * 1999)::int as s from range(40000) r(i))
        """,
    "orders": """
        select o as order_number, l as line, c as customer, md5(c::varchar)[:8] as customer_name, d as ordered,
            p as product, md5(p::varchar)[:8] as product_name, (hash(p) % 997) as price, (random() * 20)::int as amount
        from (select o, (random() * 800)::int as c, date '2020-01-01' + (random() * 700)::int as d,
                  ceil(random() * 5) as k from range(6000) r(o)),
            lateral (select l, (random() * 200)::int as p from range(1, 6) s(l) where l <= k + o * 0)
        """,
    "moments": """
        select i as id, m as created_at, m::date as created_on, m + interval 3 second as seen_at,
            uuid()::varchar as token, (random() * 30)::int as person
        from (select i, timestamp '2024-01-01' + to_seconds(i * 7 + (random() * 5)::int) as m from range(20000) r(i))
        """,
    "gaps": """
        select i as id, null::int as nothing, 'k' as always, case when not g then 'x' end as mostly,
            case when not g then v end as value, case when not g then md5(v::varchar)[:4] end as value_name,
            g as is_missing, case when g then 'no' else 'yes' end as has_value, case when h then i end as some_id
        from (select i, random() < 0.1 as g, (random() * 20)::int as v, random() < 0.3 as h from range(8000) r(i))
        """,
    "names": """
        select (hash(i) % 30)::int as "a ""quoted"" name", md5(((hash(i) % 30) // 3)::varchar) as "new
line", v as "select", v * 3 + 1 as "order", w as "%s; drop table t; --", w % 7 as "<script>alert(1)</script>",
            u as "$check$", u as "naïve 😀"
        from (select i, (random() * 12)::int as v, (random() * 50)::int as w, (random() * 9)::int as u
              from range(3000) r(i))
        """,
    "long": f"""
        select (v * 7 % 19) as "{"n" * 10_000}", md5(v::varchar) as "{"n" * 9_999}m", 5 as "{"q" * 3_000}"
        from (select (random() * 18)::int as v from range(500) r(i))
        """,
    "constants": """
        select i as id, null as nothing, 3::decimal(5, 1) as decimal, false as boolean, date '2020-02-29' as day,
            'it''s "q" %d $check$' as text, 1.5e300::double as large, time '12:00' as clock,
            '2020-01-01 00:00:00+00'::timestamptz as instant, '' as empty, 'a' || chr(10) || 'b' as lines
        from range(50) r(i)
        """,
    "nested": """
        select i as id, {'a': v, 'b': 'x'} as struct, v as member, ('{"k":' || w || '}')::json as json, w as key,
            [w, 1] as list, map {'k': u} as map, null::struct(a int) as nothing, {'c': 1} as always
        from (select i, (random() * 5)::int as v, (random() * 9)::int as w, (random() * 4)::int as u
              from range(5000) r(i))
        """,
    "two": "select * from (values (1, 'a', 2), (2, 'b', 2)) v(x, y, z)",
    "none": "select 1 as x, 'a' as y where false",
    "alone": "select i % 9 as x from range(100) r(i)",
}
DUCKDB_ALONE = ("nested", "long", "none")
"""PostgreSQL has no such types, cuts names at 63 bytes."""


def made(name: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set threads = 1")  # so that the seed decides
    connection.execute("select setseed(0.5)")
    connection.execute(f"create table {name} as {TABLES[name]}")
    return connection


@pytest.fixture(scope="module")
def audits() -> dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]:
    found = {}
    for name in TABLES:
        connection = made(name)
        found[name] = connection, colprofile.audit(connection, name)
    return found


def said(audit: Audit) -> set[str]:
    """The statements, except for those on keys."""
    return {finding.statement for finding in audit.findings if finding.kind != "key"}


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
    assert [finding.kind for finding in audit.findings] == ["bijection", "constant"]
    assert all(len(finding.statement) < 200 for finding in audit.findings)


@pytest.mark.parametrize("name", list(TABLES))
def test_its_sql_runs_in_duckdb(name: str, audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]]) -> None:
    connection, audit = audits[name]
    for finding in audit.findings:
        if finding.fix is not None:
            assert connection.execute(finding.fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement
            changed = copy_of(connection, name)
            changed.execute(finding.fix.changes["duckdb"])
        if finding.query is not None:
            assert len(connection.execute(finding.query).fetchall()) == finding.evidence.violating_rows
    copy = copy_of(connection, name)
    copy.execute(audit.script())
    if "Nothing to fix" not in audit.script():
        restored, original = (
            Counter(copy.execute(f"select columns(*)::varchar from {t}").fetchall()) for t in (f"{name}_restored", name)
        )
        assert restored == original


@pytest.mark.parametrize("name", [name for name in TABLES if name not in DUCKDB_ALONE])
def test_its_sql_runs_in_postgresql(
    name: str,
    audits: dict[str, tuple[duckdb.DuckDBPyConnection, Audit]],
    new_postgres_database: Callable[[], sa.URL],
) -> None:
    connection, audit = audits[name]
    engine = postgres_copy(new_postgres_database(), connection, name)
    try:
        for finding in audit.findings:
            with engine.connect() as opened, opened.begin() as transaction:
                cursor = opened.connection.cursor()
                if finding.fix is not None:
                    cursor.execute(finding.fix.checks["postgresql"])
                    assert cursor.fetchall() == [(0,)], finding.statement
                    cursor.execute(finding.fix.changes["postgresql"])
                if finding.query is not None:
                    cursor.execute(finding.query)
                    assert len(cursor.fetchall()) == finding.evidence.violating_rows
                transaction.rollback()
        run_postgres(engine, audit.script("postgresql"))
        if "Nothing to fix" not in audit.script("postgresql"):
            assert rows_of(engine, f"select * from {name}_restored") == rows_of(engine, f"select * from {name}")
    finally:
        engine.dispose()


def test_a_table_of_postgresql_a_view_and_a_query_say_the_same(new_postgres_database: Callable[[], sa.URL]) -> None:
    connection = made("places")
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
