"""Columns that cannot be counted, between others that can: no figure may be that of a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import SourceError

COUNTED = pd.DataFrame({"zip": [i % 40 for i in range(400)], "city": [i % 40 // 4 for i in range(400)]})
REASON = "column 'place' cannot be counted: could not identify an equality operator for type point"


@pytest.fixture(scope="module")
def table(postgres_engine: sa.Engine) -> Iterator[str]:
    """A table whose columns are zip, place and city; nothing compares the points in place."""
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("create table places (place point, zip bigint, shape polygon, city bigint)")
        connection.exec_driver_sql(
            "insert into places select point(i, i), i %% 40, null, i %% 40 / 4 from generate_series(0, 399) i"
        )
    yield "places"
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("drop table places")


@pytest.mark.parametrize(
    ("columns", "target"),
    [("place", "city"), ("zip", "place"), (["place", "zip"], "city"), (["zip", "place"], "city")],
)
def test_evidence_of_such_a_column_is_refused(
    postgres_engine: sa.Engine, table: str, columns: str | list[str], target: str
) -> None:
    with pytest.raises(SourceError) as caught:
        colprofile.evidence(postgres_engine, columns, target, table)
    assert str(caught.value) == REASON


def test_evidence_of_its_neighbours_is_theirs(postgres_engine: sa.Engine, table: str) -> None:
    assert colprofile.evidence(postgres_engine, "zip", "city", table) == colprofile.evidence(COUNTED, "zip", "city")


def test_audit_leaves_such_columns_out(postgres_engine: sa.Engine, table: str) -> None:
    found, counted = colprofile.audit(postgres_engine, table, latent_classes=True), colprofile.audit(COUNTED)
    # Whether rows repeat is not known where columns are left out.
    expected = replace(counted, findings=tuple(f for f in counted.findings if f.kind != "duplicate_rows"))
    assert [column.name for column in found.skipped] == ["place", "shape"]
    assert [column.name for column in found.columns] == ["zip", "city"]
    assert [finding.statement for finding in found.findings] == [finding.statement for finding in expected.findings]
    assert [finding.evidence for finding in found.findings] == [finding.evidence for finding in expected.findings]
    assert found.dependencies == expected.dependencies != ()


def test_audit_of_such_columns_alone_finds_nothing(postgres_engine: sa.Engine, table: str) -> None:
    found = colprofile.audit(postgres_engine, "select place, place as again, 1 as one from places", columns=["place"])
    assert (found.rows, found.columns, found.findings) == (400, (), ())


def test_latent_classes_leave_such_columns_out(postgres_engine: sa.Engine, table: str) -> None:
    found, expected = colprofile.latent_classes(postgres_engine, table), colprofile.latent_classes(COUNTED)
    assert [column.name for column in found.left_out] == ["place", "shape"]
    assert (found.columns, found.table_redundancy) == (
        tuple(
            replace(column, type=of_table.type)
            for column, of_table in zip(expected.columns, found.columns, strict=True)
        ),
        expected.table_redundancy,
    )


def test_rows_of_such_a_column_are_not_assigned(postgres_engine: sa.Engine, table: str) -> None:
    fitted = colprofile.latent_classes(COUNTED)
    assert len(colprofile.assign_classes(fitted, postgres_engine, table)) == 400
    renamed = colprofile.latent_classes(COUNTED.rename(columns={"zip": "place"}))
    with pytest.raises(SourceError) as caught:
        colprofile.assign_classes(renamed, postgres_engine, table)
    assert str(caught.value) == REASON
