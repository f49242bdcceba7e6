"""Every type of Spark has the figures that the same data have as Parquet, read here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import colprofile
from tests.support.spark_types import COLUMNS, INTERVALS, NAMES, TIMES, figures, first_difference, frame_of, parquet_of


@pytest.mark.parametrize("name", COLUMNS)
def test_a_type_has_the_figures_of_the_same_parquet_file(name: str, spark: Any, tmp_path: Path) -> None:
    frame = frame_of(spark, COLUMNS[name])
    found, expected = colprofile.profile(frame), colprofile.profile(parquet_of(frame, tmp_path / "t.parquet"))
    assert not found.skipped
    assert first_difference(figures(found), figures(expected)) is None


def test_intervals_are_counted_and_those_of_months_are_months(spark: Any) -> None:
    frame = frame_of(spark, INTERVALS)
    months = frame.selectExpr("a", "extract(year from b) * 12 + extract(month from b) b", "c").toArrow()
    found = colprofile.profile(frame)
    assert first_difference(figures(found), figures(colprofile.profile(months))) is None
    assert (found["b"].minimum, found["b"].maximum) == (-23, 35)


def test_times_are_counted(spark: Any) -> None:
    frame = frame_of(spark, TIMES)
    found, expected = colprofile.profile(frame), colprofile.profile(frame.toArrow())
    assert first_difference(figures(found), figures(expected)) is None


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_the_sessions_time_zone_changes_no_instant(zone: str, spark_url: str) -> None:
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession(spark_url)
    try:
        session.conf.set("spark.sql.session.timeZone", zone)
        found = colprofile.profile(frame_of(session, ("timestamp_seconds(1600000000 + id) a",), 10))
        assert (found["a"].minimum, found["a"].type) == ("2020-09-13 12:26:40+00", "TIMESTAMP WITH TIME ZONE")
    finally:
        session.stop()


def test_hostile_names_come_back_even_twice(spark: Any) -> None:
    frame = spark.range(0, 40, 1, 2).selectExpr(*(f"id % {place + 2}" for place in range(len(NAMES)))).toDF(*NAMES)
    found = colprofile.profile(frame, pairs=False)
    assert [(column.name, column.distinct) for column in found.columns] == [
        (name, place + 2) for place, name in enumerate(NAMES)
    ]


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_of_no_and_of_one_row(rows: int, spark: Any) -> None:
    found = colprofile.profile(frame_of(spark, (*COLUMNS["structs"], "'x' t", "null n"), rows))
    assert (found.rows, len(found.columns), {column.distinct for column in found.columns[:3]}) == (rows, 7, {rows})


def test_a_struct_that_looks_like_a_rank_of_ours_is_the_users(spark: Any) -> None:
    found = colprofile.profile(frame_of(spark, COLUMNS["structs"]))["b"]
    assert (found.type, found.distinct) == ('STRUCT(rank INTEGER, "text" VARCHAR)', 4)
    assert "rank" in str(found.top_values[0].value)


def test_a_thousand_columns(spark: Any) -> None:
    frame = spark.range(0, 60, 1, 2).selectExpr(*(f"id % {place % 9 + 1} as w{place}" for place in range(1000)))
    found = colprofile.profile(frame, pairs=False)
    assert [column.distinct for column in found.columns] == [place % 9 + 1 for place in range(1000)]


def test_where_no_column_can_be_counted_each_says_why(spark: Any) -> None:
    found = colprofile.profile(spark.sql("select parse_json('[1]') as v from range(3)"))
    assert (found.rows, found.columns) == (3, ())
    assert found.skipped[0].reason == "Spark cannot compare values of type variant: cast the column to text"


def test_parts_that_are_void(spark: Any) -> None:
    found = colprofile.profile(spark.sql("select array(null) as a, named_struct('n', null) as s from range(3)"))
    assert [column.distinct for column in found.columns] == [1, 1]
