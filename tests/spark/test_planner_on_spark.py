"""planner for Spark: counted on Sail, beside the statistics that Spark 4.1 saved of the same table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from colprofile import planner
from colprofile.catalogs.spark import SparkColumn, read_spark_table
from colprofile.catalogs.spark_counts import count_cells, draw_predicates, fetch_positions, worst_misjudged
from colprofile.catalogs.spark_selectivity import Cells, equality_cells
from colprofile.catalogs.spark_session import spark_rows
from colprofile.errors import ArgumentError, SourceNotFound
from colprofile.results.planner import PlannerReport
from tests.support.spark_recorded import ROWS, Recorded, recorded_table, sail_session

AXIS = ["whole", "share", "single", "amount", "day", "moment"]


@pytest.fixture(scope="module")
def sail(spark_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sail_session(spark_url, tmp_path_factory.mktemp("sail") / "recorded.parquet") as session:
        yield session


@pytest.fixture(scope="module")
def report(sail: Any) -> PlannerReport:
    columns = ["whole", "share", "odd", "text", "flag", "day"]
    return planner(Recorded("sail").session(sail), "recorded", columns=columns, examine=2)


def _values(name: str) -> list[Any]:
    """Return a column's values that are not NULL, dates and times as Spark's positions."""
    column = recorded_table()[name].drop_null()
    if name in ("day", "moment"):
        column = column.cast("int32" if name == "day" else "int64")
    values: list[Any] = column.to_pylist()
    return values


def _slow_share(column: SparkColumn, value: Any) -> float:
    """Return the share of all rows that Spark expects of a value."""
    filled = 1 - (column.nulls or 0) / ROWS
    if column.name == "flag":
        return filled
    if column.name == "odd":
        return 0.0
    if column.name == "text":
        return filled / (column.distinct or 1)
    holding = [item for item in column.bins if item.lower <= value <= item.upper]
    return filled * sum(1 if item.lower == item.upper else 1 / item.distinct for item in holding) / len(column.bins)


def _slow_error(columns: list[SparkColumn], rows: list[tuple[Any, ...]]) -> float:
    """Return the mean log2 of true / estimated rows of equalities drawn from the rows."""
    filled = [row for row in rows if None not in row]
    total = 0.0
    for row, count in Counter(filled).items():
        share = math.prod(_slow_share(column, value) for column, value in zip(columns, row, strict=True))
        total += count * math.log2(count / max(math.ceil(round(share * ROWS, 9)), 1))
    return total / len(filled)


def test_errors_of_columns_and_pairs_are_those_of_a_slow_loop(report: PlannerReport) -> None:
    saved = read_spark_table(Recorded("sail"), "recorded")
    for name in ("whole", "share", "text", "flag", "day"):
        rows = [(value,) for value in _values(name)]
        assert report[name].kl_divergence == pytest.approx(_slow_error([saved.column(name)], rows)), name
    examined = [pair for pair in report.pairs if pair.evidence is not None]
    assert len(examined) == 2
    table = recorded_table().set_column(4, "day", recorded_table()["day"].cast("int32")).to_pydict()
    for pair in examined:
        if "odd" in (pair.x, pair.y):
            continue
        both = list(zip(table[pair.x], table[pair.y], strict=True))
        expected = _slow_error([saved.column(pair.x), saved.column(pair.y)], both)
        assert pair.evidence is not None
        assert pair.evidence.predicted_error == pytest.approx(expected)
        assert (pair.verdict, pair.kinds, pair.bits) == ("assumed", (), 0.0)


def test_what_spark_does_not_estimate_is_said(report: PlannerReport) -> None:
    assert report["odd"].verdict == "beyond help"
    assert "a NaN is the largest value" in report["odd"].reason
    assert report["odd"].unseen_share == 1.0
    assert report["odd"].fresh_error == pytest.approx(math.log2(report["odd"].q_error or 0))
    assert "does not estimate predicates on a boolean" in report["flag"].reason
    assert "no histogram of its type" in report["text"].reason
    assert (report.server, report.planner_rows, report.saved_rows) == ("Spark 4.1.4", ROWS, ROWS)
    assert report.notes[0].startswith("spark.sql.cbo.enabled is off, as it is by default: Spark uses no statistics")
    assert report.statements[0].sql == "SET spark.sql.cbo.enabled = true"
    assert "SHARE UPDATE" not in report.script()


def test_advice_for_a_table_without_statistics(sail: Any) -> None:
    recorded = Recorded("sail", cbo__enabled="true", statistics__histogram__enabled="false")
    for key, rows in recorded.answers.items():
        if key.startswith("describe extended `sail`"):
            recorded.answers[key] = [row for row in rows if row[0] not in ("num_nulls", "distinct_count")]
    described = recorded.answers["describe extended `recorded`"]
    recorded.answers["describe extended `recorded`"] = [row for row in described if row[0] != "Statistics"]
    found = planner(recorded.session(sail), "recorded", columns=["share", "text"], pairs=False, explain=True)
    assert {column.verdict for column in found.columns} == {"never analysed"}
    entropy = -sum(c / 900 * math.log2(c / 900) for c in Counter(_values("share")).values())
    assert found["share"].kl_divergence == pytest.approx(math.log2(0.9) - entropy)  # all rows are taken to match
    assert [statement.sql for statement in found.statements] == [
        "SET spark.sql.statistics.histogram.enabled = true",
        "ANALYZE TABLE `sail`.`default`.`recorded` COMPUTE STATISTICS FOR COLUMNS `share`, `text`",
    ]
    assert "nothing was measured" in " ".join(found.notes)
    assert found["share"].measured is None


@pytest.mark.parametrize("name", AXIS)
def test_values_are_counted_by_cell(sail: Any, name: str) -> None:
    table = read_spark_table(Recorded("sail"), "recorded", [name])
    column = table.columns[0]
    cells = equality_cells(column)
    rows_of = spark_rows(sail)
    found = count_cells(rows_of, table, [column], [cells])
    positions, counts = fetch_positions(rows_of, table, column)
    values = [float(f"{value:.7g}") if name == "single" else float(value) for value in _values(name)]
    expected = Counter((int(cells.find(value)), count) for value, count in Counter(values).items())
    got = {(int(c), int(n)): int(m) for c, n, m in zip(found.cells[:, 0], found.count, found.many, strict=True)}
    assert got == expected
    assert list(zip(positions.tolist(), counts.tolist(), strict=True)) == sorted(Counter(values).items())
    assert (found.rows, found.values) == (len(values), len(set(values)))


def test_the_values_misjudged_most(sail: Any) -> None:
    table = read_spark_table(Recorded("sail"), "recorded", ["share"])
    column = table.columns[0]
    cells = Cells((0.0,), (0.1, 0.1, 0.1))
    rows_of = spark_rows(sail)
    found = worst_misjudged(rows_of, table, column, cells, [10.0, 20.0, 5.0], 3)
    expected = sorted(
        ((-c * abs(math.log2(c / (20 if v == 0 else 5))), str(v), c) for v, c in Counter(_values("share")).items())
    )
    assert [(text, rows) for text, rows, _ in found] == [(text, rows) for _, text, rows in expected[:3]]


@pytest.mark.parametrize("most", [50, 10_000])
def test_predicates_are_drawn_by_their_rows(sail: Any, most: int) -> None:
    table = read_spark_table(Recorded("sail"), "recorded", ["text", "day"])
    cells = [equality_cells(column) for column in table.columns]
    rows_of = spark_rows(sail)
    counts = count_cells(rows_of, table, table.columns, cells)
    drawn = draw_predicates(rows_of, table, table.columns, cells, counts, most)
    for predicate in drawn[:5]:
        asked = rows_of(f"select count(*) from {table.quoted} where {predicate.condition}")
        assert int(asked[0][0]) == predicate.rows
    if most < counts.values:
        assert 0.4 * most < sum(predicate.weight for predicate in drawn) < 1.8 * most
    else:
        assert len(drawn) == counts.values
        assert sum(predicate.weight for predicate in drawn) == counts.rows
    assert all(predicate.cells[1] == 0 for predicate in drawn)  # texts have one cell


def test_hostile_names_and_values(sail: Any) -> None:
    name, value = "a`b. 'c\"\n", "x'\"\\ \n;`"
    described: list[list[Any]] = [
        [name, "string", None],
        ["", "", ""],
        ["# Detailed Table Information", "", ""],
        ["Table", "odd", ""],
    ]
    statistics: list[list[Any]] = [["num_nulls", "0"], ["distinct_count", "2"]]
    sail.createDataFrame([(value,), (value,), ("y",)], [name]).createOrReplaceTempView("odd")
    recorded = Recorded("sail")
    recorded.answers["describe extended `odd`"] = [*described, ["Statistics", "10 bytes, 3 rows", ""]]
    recorded.answers["describe extended `odd` `a``b. 'c\"\n`"] = statistics
    found = planner(recorded.session(sail), "odd", pairs=False)
    assert found[name].worst[0].value == value or found[name].worst[1].value == value
    assert found[name].kl_divergence == pytest.approx((2 * math.log2(2 / 2) + math.log2(1 / 2)) / 3)
    table = read_spark_table(recorded, "odd")
    rows_of = spark_rows(sail)
    counts = count_cells(rows_of, table, table.columns, [Cells((), (0.5,))])
    drawn = draw_predicates(rows_of, table, table.columns, [Cells((), (0.5,))], counts, 10)
    for predicate in drawn:
        asked = rows_of(f"select count(*) from odd where {predicate.condition}")
        assert int(asked[0][0]) == predicate.rows


def test_infinite_values_have_their_cells(sail: Any) -> None:
    infinite = math.inf
    sail.createDataFrame([(infinite,), (-infinite,), (1.0,), (1.0,)], ["x"]).createOrReplaceTempView("infinite")
    column = SparkColumn("x", "`x`", "double", 0, 3, -infinite, infinite)
    cells = equality_cells(column)
    assert cells == Cells((-infinite, infinite), (0.0, *[1 / 3] * 3, 0.0))
    table = read_spark_table(Recorded("sail"), "recorded", [])
    rows_of = spark_rows(sail)
    found = count_cells(rows_of, replace(table, quoted="infinite"), [column], [cells])
    assert sorted(zip(found.cells[:, 0].tolist(), found.count.tolist(), strict=True)) == [(1, 1), (2, 2), (3, 1)]


def test_histograms_of_very_many_values_are_not_foreseen(sail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recorded("sail").session(sail)
    monkeypatch.setattr("colprofile.verbs.planner.spark.MOST_FETCHED", 40)
    found = planner(session, "recorded", columns=["share", "day"], pairs=False)
    assert [note for note in found.notes if note.startswith("share: more than 40 values")]


def test_what_is_not_for_spark(sail: Any) -> None:
    session = Recorded("sail").session(sail)
    with pytest.raises(ArgumentError, match="verify=True is for PostgreSQL: leave it out with Spark"):
        planner(session, "recorded", verify=True)
    with pytest.raises(ArgumentError, match="statement_timeout=3 is for PostgreSQL"):
        planner(session, "recorded", statement_timeout=3)
    with pytest.raises(SourceNotFound, match="no column 'wole'"):
        planner(session, "recorded", columns=["wole"])
    with pytest.raises(SourceNotFound, match=r"no table 'recorder' in Spark\. Did you mean 'recorded'"):
        planner(sail, "recorder")


def test_a_report_is_saved_and_shown(report: PlannerReport, tmp_path: Path) -> None:
    report.save(tmp_path / "report.json")
    assert PlannerReport.load(tmp_path / "report.json") == report
    shown = report.to_terminal(width=120, color=False)
    assert "none exist" in shown
    assert "--verify" not in shown
    assert "assumed" in report.to_html()
    assert np.isfinite(report.worst_error)
