"""Tables of every DuckDB type through every verb, each figure and finding compared with DuckDB's own answers.

``make test`` takes a few tables, always the same. ``make fuzz TABLES=10000`` takes as many as you like, new ones each
time; what fails is printed as the SQL that makes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

import colprofile
from tests.fuzz import checks
from tests.fuzz.grammar import CONTAINERS, NO_COLUMN, Table, tables
from tests.fuzz.oracle import Truth, truth_of
from tests.fuzz.scalars import SCALARS

FEW = 12
TABLES = int(os.environ.get("COLPROFILE_FUZZ_TABLES", FEW))
QUIET: dict[str, Any] = {"progress": False}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        colprofile.register(opened)
        yield opened


def test_the_grammar_has_every_type(connection: duckdb.DuckDBPyConnection) -> None:
    logical = "select distinct logical_type from duckdb_types() where database_name = 'system'"
    known = {row[0] for row in connection.execute(logical).fetchall()}
    assert known | {"JSON"} == {*SCALARS, *CONTAINERS, *NO_COLUMN}
    for name in NO_COLUMN:
        with pytest.raises(duckdb.Error, match=name):
            connection.execute(f'create table refused (c "{name}")')


@settings(
    max_examples=TABLES,
    derandomize=TABLES == FEW,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # to shrink a table of eight columns takes minutes, and its SQL says enough
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(table=tables())
def test_tables(table: Table, connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    note(repr(table))
    for statement in [*table.statements(), *table.later_statements()]:
        connection.execute(statement)
    truth = truth_of(connection, table.quoted, [column.name for column in table.columns])
    later = truth.taken(table.later)
    saved = tmp_path / "saved.json"
    profile_and_drift(connection, table, truth, later, saved)
    audit(connection, table, truth, saved)
    evidence(connection, table, truth)
    latent(connection, table, truth, saved)
    checks.check_sql(connection, table.quoted, truth, (0, len(truth.names) // 2))
    checks.check_sql_drift(connection, table.quoted, truth, later)


def profile_and_drift(
    connection: duckdb.DuckDBPyConnection, table: Table, truth: Truth, later: Truth, saved: Path
) -> None:
    """Profile both states, and compare each with the other and with itself, saved and counted anew."""
    profile = colprofile.profile(connection, table.quoted, **QUIET)
    checks.check_profile(profile, truth)
    checks.check_faces(profile, saved)
    checks.check_no_drift(colprofile.drift(saved, connection, fresh_table=table.quoted, **QUIET))
    other = colprofile.profile(connection, "later", **QUIET)
    checks.check_profile(other, later)
    drift = colprofile.drift(profile, connection, fresh_table="later", **QUIET)
    checks.check_drift(drift, truth, later)
    checks.check_faces(drift, saved)
    checks.check_drift(colprofile.drift(other, profile), later, truth)
    with_nulls = colprofile.profile(connection, table.quoted, nulls="value", quality=False, **QUIET)
    checks.check_profile(with_nulls, truth, nulls="value")


def audit(connection: duckdb.DuckDBPyConnection, table: Table, truth: Truth, saved: Path) -> None:
    """Audit the table in both ways of counting NULL, and run what the audits propose on copies."""
    found = colprofile.audit(connection, table.quoted, **QUIET)
    checks.check_audit(connection, found, truth)
    checks.check_faces(found, saved)
    checks.check_script(found.script("duckdb"), table)
    with_nulls = colprofile.audit(connection, table.quoted, nulls="value", **QUIET)
    checks.check_audit(connection, with_nulls, truth, nulls="value")
    if with_nulls.script("duckdb") != found.script("duckdb"):
        checks.check_script(with_nulls.script("duckdb"), table)


def evidence(connection: duckdb.DuckDBPyConnection, table: Table, truth: Truth) -> None:
    """The figures of one column, and of two, that may determine another."""
    width = len(truth.names)
    for left, target in (([0], width - 1), ([0, width // 2], width - 1)):
        if target not in left and len(set(left)) == len(left) and truth.pairs(left, target):
            names = [truth.names[j] for j in left]
            found = colprofile.evidence(connection, names, truth.names[target], table.quoted, **QUIET)
            checks.check_evidence(found, truth, left, target)


def latent(connection: duckdb.DuckDBPyConnection, table: Table, truth: Truth, saved: Path) -> None:
    """Latent classes, which need rows."""
    if truth.rows:
        found = colprofile.latent_classes(connection, table.quoted, nulls="value", max_classes=2, restarts=1, **QUIET)
        checks.check_latent(found, truth)
        checks.check_faces(found, saved)
