"""Every fix of every type, run on DuckDB and PostgreSQL: what a database would refuse is not offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb
import pytest
import sqlalchemy as sa

from colprofile.results.audit import Evidence, Finding
from colprofile.sources.standing import standing_of
from colprofile.verbs.audit.audited_table import AuditedTable, audited_table
from colprofile.verbs.audit.changes import Change, change_for
from colprofile.verbs.audit.fixes import with_fix
from colprofile.verbs.audit.script import make_plan, script
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.sql_types import is_missing_in, type_in

ROWS = 60

TYPES = {
    "BOOLEAN": "K % 2 = 0",
    "TINYINT": "K::tinyint",
    "UTINYINT": "K::utinyint",
    "SMALLINT": "K::smallint",
    "USMALLINT": "K::usmallint",
    "INTEGER": "K::integer",
    "UINTEGER": "K::uinteger",
    "BIGINT": "K::bigint",
    "UBIGINT": "K::ubigint",
    "HUGEINT": "K::hugeint * 1000000000000000000000",
    "UHUGEINT": "K::uhugeint",
    "FLOAT": "(K / 3)::float",
    "DOUBLE": "case K when 3 then 'nan'::double when 4 then '-inf'::double when 0 then -0.0 else K / 3 end",
    "DECIMAL": "(K / 4)::decimal(10, 2)",
    "DECIMAL of 38 digits": "K::decimal(38, 10)",
    "VARCHAR": "'v''\"' || K",
    "BLOB": "('v' || K)::blob",
    "DATE": "date '2024-01-01' + K::integer",
    "TIME": "time '00:00:00' + to_minutes(K)",
    "TIMETZ": "('0' || (K % 10) || ':00:00+0' || (K // 10))::timetz",
    "TIMESTAMP": "timestamp '2024-01-01' + to_hours(K)",
    "TIMESTAMP_S": "(timestamp '2024-01-01' + to_hours(K))::timestamp_s",
    "TIMESTAMP_MS": "(timestamp '2024-01-01' + to_hours(K))::timestamp_ms",
    "TIMESTAMP_NS": "(timestamp '2024-01-01' + to_hours(K))::timestamp_ns",
    "TIMESTAMPTZ": "(timestamp '2024-01-01' + to_hours(K))::timestamptz",
    "INTERVAL": "to_days(K::integer) + to_hours(K)",
    "UUID": "('00000000-0000-0000-0000-0000000000' || lpad(K::varchar, 2, '0'))::uuid",
    "BIT": "lpad(bin(K), 8, '0')::bit",
    "ENUM": "('e' || (K % 5))::enum('e0', 'e1', 'e2', 'e3', 'e4')",
    "JSON": "('{\"a\":' || K || '}')::json",
    "LIST": "[K, K + 1]",
    "LIST of text": "['a' || K]",
    "ARRAY": "[K, K + 1]::integer[2]",
    "STRUCT": "{'a': K, 'b': 'x' || K}",
    "MAP": "map([K], ['x'])",
    "UNION": "union_value(n := K)",
    "VARIANT": "K::variant",
}
UNIQUE = [name for name in TYPES if name not in ("BOOLEAN", "ENUM")]


def columns_of(number: int, expression: str) -> str:
    """A column of 12 values, its repetition, one of 60 values, a constant, one with NULL and what shows where."""
    some = expression.replace("K", "(i % 12)")
    return (
        f'{some} as "x{number}", {some} as "again{number}", {expression.replace("K", "i")} as "all{number}", '
        f'{expression.replace("K", "7")} as "same{number}", case when i % 12 > 3 then {some} end as "gap{number}"'
    )


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    columns = ", ".join(columns_of(number, expression) for number, expression in enumerate(TYPES.values()))
    connection.execute(
        "create table t as select i::integer as id, ((i % 12) // 2)::integer as label, i % 12 <= 3 as is_gap, "
        f"{columns} "
        f"from range({ROWS}) r(i)"
    )
    return connection


@pytest.fixture(scope="module")
def audited(connection: duckdb.DuckDBPyConnection) -> Iterator[AuditedTable]:
    with counted_table(connection, "t", Counting(pairs=False, quality=False, sample=False), Reading()) as counted:
        assert counted.profile.skipped == ()
        yield audited_table(counted.profile, 1, counted.coded, standing_of(counted.session.source))


@pytest.fixture(scope="module")
def postgres(
    new_postgres_database: Callable[..., sa.URL], connection: duckdb.DuckDBPyConnection
) -> Iterator[sa.Connection]:
    """A copy of the table, of the columns that PostgreSQL can have."""
    described = [row[:2] for row in connection.execute("describe t").fetchall()]
    described = [(name, kind) for name, kind in described if not is_missing_in("postgresql", kind)]
    written = ", ".join(
        f"translate({name}::varchar, '[]', '{{}}')" if kind.endswith("]") else f"{name}::varchar"
        for name, kind in described
    )
    engine = sa.create_engine(new_postgres_database())
    with engine.connect() as opened:
        cursor = opened.connection.cursor()
        columns = ", ".join(f"{name} {type_in('postgresql', kind)}" for name, kind in described)
        cursor.execute(f"create table t ({columns})")
        with cursor.copy("copy t from stdin") as stream:
            for row in connection.execute(f"select {written} from t").fetchall():
                stream.write_row(row)
        opened.connection.commit()
        yield opened
    engine.dispose()


def findings(number: int) -> Iterator[Finding]:
    """What an audit would find of the columns of one type, each of which has a fix of its own."""
    x, again, every, same, gap = (f"{name}{number}" for name in ("x", "again", "all", "same", "gap"))
    evidence = Evidence(ROWS, 0, True, 1.0)
    yield Finding("duplicate", (x,), (again,), "repeats", evidence, 1.0)
    yield Finding("dependency", (x,), ("label",), "is the left side of a lookup", evidence, 1.0)
    yield Finding("dependency", ("label",), (x,), "is looked up", evidence, 1.0)
    yield Finding("bijection", (x,), (again,), "is looked up by its like", evidence, 1.0)
    yield Finding("constant", (same,), (), "is constant", evidence, 1.0)
    yield Finding("missingness", (gap,), ("is_gap",), "flag", evidence, 1.0, expression=f"{gap} is null")
    yield Finding("duplicate", (gap,), (gap.replace("gap", "again"),), "has no NULL to restore", evidence, 1.0)
    if every in {f"all{list(TYPES).index(name)}" for name in UNIQUE}:
        yield Finding("key", (every,), (), "key", evidence, 1.0)
    yield Finding("key", ("id", x), (), "key of two", evidence, 1.0)


def holds(finding: Finding, number: int) -> bool:
    """Whether the finding is true: of a BOOLEAN or an ENUM no label follows, and no type follows from the label."""
    names = list(TYPES)
    if finding.statement == "is the left side of a lookup":
        return names[number] not in ("BOOLEAN", "ENUM")
    return finding.statement not in ("is looked up", "has no NULL to restore")


REFUSED_IN_DUCKDB = {"INTERVAL", "LIST", "LIST of text", "ARRAY", "STRUCT", "MAP", "UNION", "VARIANT"}


@pytest.mark.parametrize("name", TYPES)
class TestOfEachType:
    def test_fixes_in_duckdb(self, name: str, connection: duckdb.DuckDBPyConnection, audited: AuditedTable) -> None:
        number = list(TYPES).index(name)
        for finding in findings(number):
            fixed = with_fix(audited, finding, change_for(audited, finding))
            if not holds(finding, number):
                continue
            if fixed.fix is None or "duckdb" not in fixed.fix.checks:
                reason = fixed.undefined.get("fix", "")
                assert fixed.fix is not None or ("\n" not in reason and len(reason) > 10)
                assert name in REFUSED_IN_DUCKDB or (finding.kind == "constant" and name == "BLOB"), finding.statement
                continue
            connection.execute("begin")
            try:
                assert connection.execute(fixed.fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement
                connection.execute(fixed.fix.changes["duckdb"])
            finally:
                connection.execute("rollback")

    def test_scripts_in_duckdb(self, name: str, connection: duckdb.DuckDBPyConnection, audited: AuditedTable) -> None:
        number = list(TYPES).index(name)
        for text in scripts(audited, number, "duckdb"):
            try:
                connection.execute(text.replace("\ncommit;\n", "\n"))
            finally:
                connection.execute("rollback")

    def test_fixes_and_scripts_in_postgresql(
        self, name: str, postgres: sa.Connection, audited: AuditedTable, connection: duckdb.DuckDBPyConnection
    ) -> None:
        number = list(TYPES).index(name)
        missing = is_missing_in("postgresql", audited.columns[audited.numbers[f"x{number}"]].type)
        for finding in findings(number):
            fixed = with_fix(audited, finding, change_for(audited, finding))
            if not holds(finding, number) or fixed.fix is None or "postgresql" not in fixed.fix.checks:
                continue
            assert not missing or finding.kind == "missingness", finding.statement
            if not missing:
                assert tried(postgres, fixed.fix.checks["postgresql"], fixed.fix.changes["postgresql"]) == [(0,)]
        for text in () if missing else scripts(audited, number, "postgresql"):
            tried(postgres, "select 0", text.replace("\ncommit;\n", "\n"))


def tried(connection: sa.Connection, query: str, statements: str) -> list[tuple[object, ...]]:
    """What a query returns before statements that are taken back."""
    raw = connection.connection
    try:
        cursor = raw.cursor()
        cursor.execute(query)
        found = cursor.fetchall()
        cursor.execute(statements)
        return list(found)
    finally:
        raw.rollback()


def scripts(audited: AuditedTable, number: int, dialect: str) -> Iterator[str]:
    """The scripts with each change and key of a type, as if the table had only its columns."""
    names = {"id", "label", "is_gap", *(f"{name}{number}" for name in ("x", "again", "all", "same", "gap"))}
    shown = tuple(each for each in audited.all_columns if each[0] in names)
    narrow = replace(audited, standing=replace(audited.standing, columns=shown))
    for finding in findings(number):
        change = change_for(narrow, finding)
        if holds(finding, number):
            changes = [change] if isinstance(change, Change) else []
            keys = [finding] if finding.kind == "key" else []
            text = script(narrow, make_plan(narrow, changes, keys, dialect), [], dialect)
            assert text.startswith("-- ")
            if "begin;" in text:
                assert "The view restores the original" in text
                yield text
