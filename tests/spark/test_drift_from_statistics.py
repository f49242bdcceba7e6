"""drift against Spark's saved statistics: what Spark 4.1 saved, and fresh rows from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import colprofile
from colprofile import drift, planner
from colprofile.errors import ArgumentError, SourceError
from tests.support.spark_recorded import ROWS, Recorded, recorded_table, sail_session


@pytest.fixture(scope="module")
def sail(spark_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sail_session(spark_url, tmp_path_factory.mktemp("sail") / "recorded.parquet") as session:
        yield session


@pytest.fixture(scope="module")
def recorded(sail: Any) -> Any:
    return Recorded("sail").session(sail)


def test_the_same_table_has_not_drifted_and_errors_are_those_of_planner(recorded: Any) -> None:
    found = drift(recorded, recorded, table="recorded", stale_statistics=True)
    report = planner(recorded, "recorded", pairs=False)
    assert [(column.name, "infinite values or NaN" in column.reason) for column in found.skipped] == [("odd", True)]
    assert {column.verdict for column in found.columns} == {"same"}
    assert found.stale_rows == found.fresh_rows == ROWS
    for column in found.columns:
        expected = report[column.name].kl_divergence
        assert column.planner_error == (None if expected is None else pytest.approx(expected)), column.name
    assert found["whole"].unseen_mass == 0
    assert "Spark's own arithmetic" in found.notes[0]


def test_fresh_rows_from_elsewhere_have_drifted(recorded: Any) -> None:
    rows = recorded_table().select(["whole", "share", "day", "moment", "text", "empty"])
    later = rows["day"].cast(pa.int32())
    fresh = rows.set_column(2, "day", pc.add(later, pa.scalar(30, pa.int32())).cast(pa.date32())).set_column(
        5, "empty", pa.array([1] * ROWS, pa.int64())
    )
    found = drift(recorded, fresh, stale_table="recorded", stale_statistics=True, columns=fresh.column_names)
    verdicts = {column.name: column.verdict for column in found.columns}
    assert verdicts == {
        "whole": "same",
        "share": "same",
        "day": "explained",  # they grow
        "moment": "same",
        "text": "same",
        "empty": "drifted",
    }
    # Days beyond the saved range are expected to hold no row, which counts as one.
    assert (found["day"].planner_error or 0) > 1
    assert (found["day"].unseen_mass or 0) > 0.2
    assert found["text"].planner_error == pytest.approx(
        planner(recorded, "recorded", pairs=False)["text"].kl_divergence
    )


def test_what_cannot_be_read(recorded: Any, sail: Any) -> None:
    with pytest.raises(ArgumentError, match="needs a table"):
        drift(recorded, recorded_table(), stale_statistics=True)
    bare = Recorded("sail")
    described = bare.answers["describe extended `recorded`"]
    bare.answers["describe extended `recorded`"] = [row for row in described if row[0] != "Statistics"]
    with pytest.raises(SourceError, match=r"there are no statistics of .*: run ANALYZE TABLE"):
        drift(bare.session(sail), recorded_table(), stale_table="recorded", stale_statistics=True)


def test_a_saved_drift_is_read_again(recorded: Any, tmp_path: Path) -> None:
    found = drift(recorded, recorded_table(), stale_table="recorded", stale_statistics=True, columns=["share"])
    found.save(tmp_path / "drift.json")
    assert colprofile.Drift.load(tmp_path / "drift.json") == found


def _told_otherwise(sail: Any, old: str, new: str) -> Any:
    """A session of the recorded table in which Spark has said ``new`` in the place of ``old``."""
    told = Recorded("sail")
    told.answers = {
        query: [[cell.replace(old, new) if isinstance(cell, str) else cell for cell in row] for row in rows]
        for query, rows in told.answers.items()
    }
    return told.session(sail)


def test_bounds_of_the_widest_decimals(sail: Any) -> None:
    found = drift(
        _told_otherwise(sail, "decimal(10,2)", "decimal(38,30)"), sail, stale_statistics=True, table="recorded"
    )
    assert found["amount"].planner_error is not None


def test_of_a_table_that_was_empty_no_error_is_said(sail: Any) -> None:
    found = drift(_told_otherwise(sail, f" {ROWS} rows", " 0 rows"), sail, stale_statistics=True, table="recorded")
    assert found.stale_rows == 0
    assert {column.planner_error for column in found.columns} == {None}
