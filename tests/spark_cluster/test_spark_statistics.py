"""Spark's statistics on real Spark: what planner predicts is what EXPLAIN COST shows."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from colprofile import drift, planner
from colprofile.results.planner import PlannerReport

_PYSPARK = importlib.util.find_spec("pyspark")
if _PYSPARK is None or not Path(str(_PYSPARK.origin)).with_name("jars").is_dir() or shutil.which("java") is None:
    pytest.skip("pyspark with its Java is not here", allow_module_level=True)

# pyspark leaves sockets open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROWS = 4000
COLUMNS = ["city", "postcode", "opened", "size"]


def _rows() -> pd.DataFrame:
    """Return cities with skewed sizes, their postcodes, and dates that depend on nothing."""
    numbers = range(ROWS)
    start = dt.datetime(2024, 1, 1, 12)
    return pd.DataFrame(
        {
            "city": [None if n % 40 == 3 else f"town {int((n % 61) ** 0.5)}" for n in numbers],
            "postcode": [10_000 + (n % 61) ** 2 // 7 for n in numbers],
            "opened": [dt.date(2020, 1, 1) + dt.timedelta(days=n * n % 90) for n in numbers],
            "size": [float("inf") if n % 97 == 0 else (n % 13) / 4 for n in numbers],
            "local": [start] * ROWS,
        }
    )


@pytest.fixture(scope="module")
def analyzed(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a session with the table ``colprofile_places``, analysed with histograms."""
    folder: Path = tmp_path_factory.mktemp("places")
    frame = cluster.createDataFrame(_rows()).selectExpr("* except (local)", "cast(local as timestamp_ntz) as local")
    frame.coalesce(2).write.parquet(str(folder / "rows"))
    cluster.sql("drop table if exists colprofile_places")
    cluster.sql(f"create table colprofile_places using parquet location '{folder / 'rows'}'")
    cluster.sql("set spark.sql.statistics.histogram.enabled = true")
    cluster.sql("analyze table colprofile_places compute statistics for all columns")
    yield cluster
    cluster.sql("drop table colprofile_places")
    cluster.sql("reset spark.sql.statistics.histogram.enabled")


@pytest.fixture(scope="module")
def report(analyzed: Any) -> PlannerReport:
    return planner(analyzed, "colprofile_places", explain=True, predicates=8, examine=1)


def test_errors_are_predicted_as_explain_shows_them(report: PlannerReport) -> None:
    measured = [error for error in report.errors if error.measured is not None]
    assert {error.columns for error in measured} >= {(name,) for name in COLUMNS}
    assert any(error.kind == "pair" for error in measured)
    assert report.prediction_gap is not None
    assert report.prediction_gap < 0.008  # three digits


def test_cbo_is_off_again(analyzed: Any, report: PlannerReport) -> None:
    assert report.is_explained
    assert analyzed.conf.get("spark.sql.cbo.enabled") == "false"
    assert "spark.sql.cbo.enabled is off" in report.notes[0]


def test_statistics_that_break_plans_are_named(report: PlannerReport) -> None:
    assert [(column.name, "fails to plan" in column.reason) for column in report.skipped] == [("local", True)]


def test_drift_against_the_statistics_knows_the_same_errors(analyzed: Any, report: PlannerReport) -> None:
    found = drift(analyzed, analyzed, table="colprofile_places", stale_statistics=True, columns=COLUMNS)
    assert {column.name: column.verdict for column in found.columns} == dict.fromkeys(COLUMNS[:-1], "same")
    assert [(column.name, "infinite values" in column.reason) for column in found.skipped] == [("size", True)]
    for column in found.columns:
        assert column.planner_error == pytest.approx(report[column.name].kl_divergence, abs=1e-9)


def test_an_insert_drops_the_statistics(analyzed: Any, report: PlannerReport) -> None:
    assert report["size"].is_analyzed
    analyzed.sql("insert into colprofile_places select * from colprofile_places limit 10")
    after = planner(analyzed, "colprofile_places", pairs=False)
    assert {column.verdict for column in after.columns} == {"never analysed"}
    assert after.statements[-1].sql.startswith("ANALYZE TABLE `spark_catalog`.`default`.`colprofile_places` COMPUTE")
