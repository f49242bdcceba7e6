"""Audits of texts with a collation: the database says which are equal, in findings, evidence and scripts."""

from __future__ import annotations

import duckdb
import pytest

import colprofile


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Each code twice, once in capitals, with one number; as plain text all 400 are different."""
    con = duckdb.connect()
    con.execute("create table t (code varchar collate nocase, plain varchar, number int, id int)")
    con.execute(
        "insert into t select text, text, n % 7, row_number() over () from range(200) r(n), "
        "unnest(['c' || n, 'C' || n]) u(text)"
    )
    return con


def test_a_column_with_equal_values_is_no_key(con: duckdb.DuckDBPyConnection) -> None:
    assert colprofile.profile(con, "t")["code"].distinct == 200
    audit = colprofile.audit(con, "t")
    assert audit.keys == (("id",), ("plain",))
    by_key = {(*found.columns, found.target): found.is_by_key for found in audit.dependencies}
    assert by_key["code", "number"] is False and by_key["plain", "number"] is True


def test_evidence_counts_equal_values_together(con: duckdb.DuckDBPyConnection) -> None:
    collated = colprofile.evidence(con, "code", "number", "t")
    assert collated.is_exact and collated.repeated_rows == 400
    assert colprofile.evidence(con, "plain", "number", "t").repeated_rows == 0


def test_the_script_proves_itself(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(colprofile.audit(con, "t").script())
    assert con.execute("select count(*) from t").fetchone() == (400,)
