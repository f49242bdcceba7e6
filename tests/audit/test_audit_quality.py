"""What an audit says of dirty data, with queries that list it and SQL that mends it in DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import ArgumentError
from colprofile.results.audit import Audit, Finding
from colprofile.results.quality import QUALITY_KINDS
from tests.support.command_line import run
from tests.support.dirty_tables import dirty_table
from tests.support.table_copies import copy_of, postgres_copy

ROWS = 1200

ADDING = ("units", "gap", "stored_as_text")
"""Kinds whose fix may add a column or a view and leave the data as it is."""

UNFIXED = {"missing", "nearly_constant", "outliers", "patterns"}


def quality(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.severity is not None]


@pytest.fixture(scope="module", params=[0, 1])
def dirty(request: pytest.FixtureRequest) -> tuple[duckdb.DuckDBPyConnection, Audit]:
    frame, _ = dirty_table(request.param, ROWS)
    connection = duckdb.connect()
    connection.register("frame", frame)
    connection.execute("create table dirty as from frame")
    return connection, colprofile.audit(connection, "dirty", max_determinants=1, progress=False)


def left(connection: duckdb.DuckDBPyConnection, finding: Finding) -> list[Any]:
    """The issues of a finding's kind that a profile still has."""
    found = colprofile.profile(connection, "dirty", pairs=False, progress=False)
    return [issue for issue in found.quality if (issue.kind, issue.columns) == (finding.kind, finding.columns)]


class TestDirty:
    def test_every_issue_is_a_finding(self, dirty: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = dirty
        issues = colprofile.profile(connection, "dirty", progress=False).quality
        expected = [(issue.kind, issue.columns, issue.severity) for issue in issues if issue.kind != "missing_together"]
        assert [(finding.kind, finding.columns, finding.severity) for finding in quality(audit)] == expected
        assert {kind for kind, _, _ in expected} == set(QUALITY_KINDS) - {"missing_together"}

    def test_what_has_a_fix(self, dirty: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        for finding in quality(dirty[1]):
            is_fixed = finding.kind not in UNFIXED or "white space" in finding.statement
            assert (finding.fix is not None) == is_fixed, finding
            assert is_fixed or finding.undefined["fix"]

    def test_queries_list_the_rows(self, dirty: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = dirty
        for finding in quality(audit):
            if finding.query is None:
                assert finding.kind in ("patterns", "stored_as_text"), finding
            elif finding.kind != "gap":
                rows = connection.execute(finding.query).fetchall()
                assert len(rows) == finding.evidence.violating_rows, finding
            else:
                assert len(connection.execute(finding.query).fetchall()) == 1

    def test_fixes_mend_in_duckdb(self, dirty: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = dirty
        for finding in quality(audit):
            if finding.fix is None:
                continue
            copy = copy_of(connection, "dirty")
            assert copy.execute(finding.fix.checks["duckdb"]).fetchall() == [(0,)], finding
            copy.execute(finding.fix.changes["duckdb"])
            if finding.kind not in ADDING:
                assert left(copy, finding) == [], finding
            rows = ROWS + (0 if finding.kind == "duplicate_rows" else 7)
            assert copy.execute("select count(*) from dirty").fetchall() == [(rows,)]

    def test_checks_see_a_table_that_has_changed(self, dirty: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        """One row that shows a fault goes: what the check compares is no longer there."""
        connection, audit = dirty
        for finding in quality(audit):
            if finding.fix is None or finding.query is None or finding.kind in ("gap", "units", "stored_as_text"):
                continue
            copy = copy_of(connection, "dirty")
            if finding.kind == "duplicate_rows":
                copy.execute("insert into dirty from dirty limit 1")
            else:
                condition = finding.query.partition(" where ")[2]
                copy.execute(f"delete from dirty where rowid in (select rowid from dirty where {condition} limit 1)")
            assert copy.execute(finding.fix.checks["duckdb"]).fetchall()[0][0] > 0, finding

    def test_fixes_mend_in_postgresql(
        self, dirty: tuple[duckdb.DuckDBPyConnection, Audit], new_postgres_database: Callable[[], sa.URL]
    ) -> None:
        connection, audit = dirty
        engine = postgres_copy(new_postgres_database(), connection, "dirty")
        for finding in quality(audit):
            with engine.connect() as opened, opened.begin() as transaction:
                cursor = opened.connection.cursor()
                if finding.query is not None and finding.kind != "gap":
                    cursor.execute(finding.query)
                    assert len(cursor.fetchall()) == finding.evidence.violating_rows, finding
                if finding.fix is not None:
                    cursor.execute(finding.fix.checks["postgresql"])
                    assert cursor.fetchall() == [(0,)], finding
                    cursor.execute(finding.fix.changes["postgresql"])
                    if finding.kind not in (*ADDING, "duplicate_rows", "leading_zeros") and finding.query is not None:
                        cursor.execute(
                            finding.fix.checks["postgresql"].replace(f" - {finding.evidence.violating_rows})", ")")
                        )
                        assert cursor.fetchall() == [(0,)], finding
                transaction.rollback()
        engine.dispose()


class TestConversions:
    @pytest.mark.parametrize(
        ("values", "kind", "expected"),
        [
            (["1", " 22", "-3", "NA", "?", ""], "BIGINT", 22),
            (["1.5", ".25", "1e3", "n/a"], "DOUBLE", 1000.0),
            (["31/01/2020", "01/02/2020", "null"], "DATE", "2020-02-01"),
            (["2020-01-31", "2020-02-01"], "DATE", "2020-02-01"),
            (["2020-01-31 10:00", "2020-02-01T00:00:30Z"], "TIMESTAMP", "2020-02-01 00:00:30"),
            (["yes", "no", "-"], "BOOLEAN", "True"),
        ],
    )
    def test_text_gets_its_type(
        self, values: list[str], kind: str, expected: Any, new_postgres_database: Callable[[], sa.URL]
    ) -> None:
        connection = duckdb.connect()
        frame = pd.DataFrame({"number": range(10 * len(values)), "the x": values * 10})
        connection.register("frame", frame)
        connection.execute("create table texts as from frame")
        audit = colprofile.audit(connection, "texts", progress=False)
        [finding] = audit.of_kind("stored_as_text")
        assert finding.fix is not None and finding.fix.action == f"convert the x to {kind}"
        maximum = 'select max("the x") from texts' if kind != "BOOLEAN" else 'select bool_or("the x") from texts'
        copy = copy_of(connection, "texts")
        assert copy.execute(finding.fix.checks["duckdb"]).fetchall() == [(0,)]
        copy.execute(finding.fix.changes["duckdb"])
        assert str(copy.execute(maximum).fetchall()[0][0]) == str(expected)
        engine = postgres_copy(new_postgres_database(), connection, "texts")
        with engine.begin() as opened:
            cursor = opened.connection.cursor()
            cursor.execute(finding.fix.checks["postgresql"])
            assert cursor.fetchall() == [(0,)]
            cursor.execute(finding.fix.changes["postgresql"])
            cursor.execute(maximum)
            assert str(cursor.fetchall()[0][0]) == str(expected)
        engine.dispose()

    def test_texts_that_repeat_numbers_are_duplicates_only(self) -> None:
        frame = pd.DataFrame({"a": range(50), "b": [str(i) for i in range(50)]})
        audit = colprofile.audit(frame, progress=False)
        assert [finding.kind for finding in audit.findings if finding.kind != "key"] == ["duplicate"]


class TestResult:
    def test_severities(self) -> None:
        audit = colprofile.audit(dirty_table(2, 400)[0], max_determinants=1, progress=False)
        high, medium, low = (audit.of_severity(severity) for severity in ("high", "medium", "low"))
        assert 0 < len(high) < len(medium) < len(low) == len(quality(audit))
        assert {finding.severity for finding in medium} == {"high", "medium"}
        with pytest.raises(ArgumentError, match="'severe' is not a severity: give 'high', 'medium' or 'low'"):
            audit.of_severity("severe")

    def test_of_a_profile_there_are_no_fixes(self) -> None:
        found = colprofile.profile(dirty_table(3, 300)[0], progress=False)
        findings = quality(colprofile.audit(found))
        assert len(findings) == len([issue for issue in found.quality if issue.kind != "missing_together"])
        assert all(finding.fix is None and "audit the source" in finding.undefined["fix"] for finding in findings)

    def test_columns_with_one_name_have_no_sql(self, tmp_path: Any) -> None:
        columns = [pa.array(range(90)), pa.array(["NA" if i % 9 == 0 else f"Berlin {i % 5}" for i in range(90)])]
        pq.write_table(pa.Table.from_arrays(columns, names=["a", "a"]), tmp_path / "t.parquet")
        audit = colprofile.audit(tmp_path / "t.parquet", progress=False)
        assert len(quality(audit)) == 1
        for finding in quality(audit):
            assert finding.fix is None and finding.query is None

    def test_the_command_fails_on_kinds_and_severities(self, tmp_path: Any) -> None:
        path = tmp_path / "dirty.csv"
        dirty_table(4, 300)[0].to_csv(path, index=False)
        for given, status in (("sentinel", 1), ("high", 1), ("key,low", 1), ("empty", 0)):
            done = run("audit", str(path), "--fail-on", given, "--max-determinants", "1")
            assert done.returncode == status, done.stderr
