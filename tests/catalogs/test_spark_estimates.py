"""Spark's saved statistics, read from what Spark 4.1 answered, and its arithmetic against what its EXPLAIN showed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from colprofile.catalogs.spark import SparkBin, parse_column, read_spark_table, split_name
from colprofile.catalogs.spark_explain import explained_rows, with_cbo
from colprofile.catalogs.spark_selectivity import (
    equality_cells,
    estimated_rows,
    filled_share,
    fresh_bins,
    histogram_cells,
)
from colprofile.errors import SourceError, SourceNotFound
from tests.support.spark_recorded import CONDITIONS, ROWS, Recorded, recorded_table


def test_a_table_is_read_as_spark_describes_it() -> None:
    table = read_spark_table(Recorded(), "recorded")
    assert (table.schema, table.name, table.saved_rows) == ("default", "recorded", ROWS)
    assert table.quoted == "`spark_catalog`.`default`.`recorded`"
    assert table.version.startswith("4.1")
    assert (table.settings.is_cbo_enabled, table.settings.has_histograms, table.settings.bins) == (False, True, 8)
    assert [column.name for column in table.columns] == recorded_table().column_names
    whole = table.column("whole")
    assert (whole.type, whole.nulls, whole.minimum, whole.maximum, len(whole.bins)) == ("bigint", 0, 0, 900, 8)
    assert table.column("share").nulls == 100
    assert (table.column("day").minimum, table.column("moment").minimum) == (18262, 1577880000000000)
    assert math.isnan(table.column("odd").maximum or 0)
    assert (table.column("empty").nulls, table.column("empty").distinct) == (ROWS, 0)
    assert {column.name: column.estimated for column in table.columns} == {
        **dict.fromkeys(["whole", "share", "single", "amount", "day", "moment"], "values"),
        "odd": "no row",
        "text": "distinct",
        "flag": "every row",
        "fixed": "every row",
        "lower": "no row",
        "empty": "no row",
    }


@pytest.mark.parametrize("condition", CONDITIONS)
def test_estimates_are_those_of_explain_cost(condition: str) -> None:
    recorded = Recorded()
    table = read_spark_table(recorded, "recorded")
    share = 1.0
    for name, position in CONDITIONS[condition].items():
        column = table.column(name)
        cells = equality_cells(column)
        share *= filled_share(column, ROWS) * cells.selectivities[int(cells.find(position))]
    assert estimated_rows(share, ROWS) == float(recorded(condition)[0][0])


def test_a_value_in_several_bins_gets_the_sum_of_them() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        ends = np.sort(rng.integers(0, 12, 9)).astype(float)
        bins = [
            SparkBin(low, high, 1 if low == high else int(rng.integers(1, 9)))
            for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
        cells = histogram_cells(bins)
        for value in np.arange(-1, 13, 0.5).tolist():
            holding = [item for item in bins if item.lower <= value <= item.upper]
            slow = sum(1 if item.lower == item.upper else 1 / item.distinct for item in holding) / len(bins)
            assert cells.selectivities[int(cells.find(value))] == pytest.approx(slow)


def test_the_histogram_that_analyze_would_make() -> None:
    table = read_spark_table(Recorded(), "recorded")
    rows = recorded_table()
    for name in ("whole", "share"):
        values = rows[name].drop_null().to_numpy()
        positions, counts = np.unique(values, return_counts=True)
        made = fresh_bins(positions, counts, table.settings.bins)
        saved = table.column(name).bins
        assert [(item.lower, item.upper) for item in made] == [(item.lower, item.upper) for item in saved]
        # Spark's numbers of distinct values are HyperLogLog's.
        assert [item.distinct for item in made] == pytest.approx([item.distinct for item in saved], rel=0.2, abs=1.01)


def test_a_column_without_statistics() -> None:
    column = parse_column("we`ird.\n", "array<int>", {"num_nulls": "NULL", "distinct_count": "NULL"})
    assert (column.is_analyzed, column.can_be_analyzed, column.estimated) == (False, False, "every row")
    assert column.quoted == "`we``ird.\n`"
    assert equality_cells(column).selectivities == (1.0,)
    assert filled_share(column, ROWS) == 1.0


def test_statistics_of_timestamps_without_a_zone_break_plans() -> None:
    found = {"num_nulls": "0", "distinct_count": "1", "min": "2020-01-01 00:00:00.000000"}
    assert parse_column("t", "timestamp_ntz", found).estimated == "fails"
    assert parse_column("t", "timestamp_ntz", {}).estimated == "every row"


@pytest.mark.parametrize("name", ["", "a.b", "`a.b`.c", "``", '"x"."y"', "a`b", "db.`t"])
def test_any_name_is_split_into_parts(name: str) -> None:
    assert all(isinstance(part, str) for part in split_name(name))
    assert split_name(".".join(f"`{part.replace('`', '``')}`" for part in split_name(name))) == split_name(name)


def test_what_is_not_a_table() -> None:
    recorded = Recorded()
    described = recorded.answers["describe extended `recorded`"]
    recorded.answers["describe extended `v`"] = [row for row in described if row[0] != "Type"] + [["Type", "VIEW", ""]]
    with pytest.raises(SourceError, match=r"'v' is a view: Spark keeps no statistics of it"):
        read_spark_table(recorded, "v")
    recorded.answers["describe extended `tv`"] = [["x", "int", None]]  # a temporary view has no details
    with pytest.raises(SourceError, match="'tv' is a view"):
        read_spark_table(recorded, "tv")
    v2: list[Any] = [
        ["x", "int", None],
        ["", "", ""],
        ["# Detailed Table Information", "", ""],
        ["Name", "lake.db.t", ""],
    ]
    recorded.answers["describe extended `lake`"] = [*v2, ["Type", "MANAGED", ""], ["Provider", "iceberg", ""]]
    with pytest.raises(SourceError, match="'lake' is a table of iceberg: Spark's own catalog keeps no statistics"):
        read_spark_table(recorded, "lake")
    with pytest.raises(SourceNotFound, match=r"no column 'wole' in .*\. Did you mean 'whole'"):
        read_spark_table(recorded, "recorded", ["wole"])


def test_a_missing_table_names_the_near_ones() -> None:
    def rows_of(statement: str) -> list[list[object]]:
        if statement == "show tables in `db`":
            return [["db", "flights", False]]
        raise SourceNotFound("no such table")

    with pytest.raises(SourceNotFound, match=r"no table 'db\.flihgts' in Spark\. Did you mean 'flights'"):
        read_spark_table(rows_of, "db.flihgts")


def test_values_in_a_plan_are_not_taken_for_estimates() -> None:
    table = read_spark_table(Recorded(), "recorded")

    def rows_of(statement: str) -> list[list[str]]:
        mark = statement.split("select 1 as ")[1].split(" ")[0]
        faked = "Project [1 AS p0_0#1], Statistics(sizeInBytes=1.0 B, rowCount=9)"
        return [
            [f"+- Filter (text = {faked})\nProject [1 AS {mark}#7], Statistics(sizeInBytes=1.0 KiB, rowCount=1.20E+3)"]
        ]

    assert explained_rows(rows_of, table, ["text = 'x'"], lambda done: None) == [1200.0]
    with pytest.raises(SourceError, match="shows no estimates: Error occurred during query planning"):
        explained_rows(lambda _: [["Error occurred during query planning: \nx"]], table, ["a = 1"], lambda done: None)


def test_cbo_is_switched_back_after_an_error() -> None:
    ran: list[str] = []

    def rows_of(statement: str) -> list[list[str]]:
        ran.append(statement)
        return []

    with pytest.raises(KeyboardInterrupt), with_cbo(rows_of, read_spark_table(Recorded(), "recorded")):
        raise KeyboardInterrupt
    assert ran == ["set spark.sql.cbo.enabled = true", "set spark.sql.cbo.enabled = false"]
    ran.clear()
    with with_cbo(rows_of, read_spark_table(Recorded(cbo__enabled="true"), "recorded")):
        pass
    assert not ran
