"""Executors of a server that keeps nothing count pairs: what they make anew is the same, or it is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import colprofile
from colprofile.errors import SourceError
from tests.support.spark_types import COLUMNS, figures, first_difference, frame_of, parquet_of


def test_figures_are_those_of_the_same_parquet_file(spark: Any, tmp_path: Path) -> None:
    frame = frame_of(spark, COLUMNS["structs"])
    found = colprofile.profile(frame, fetch="never")
    expected = colprofile.profile(parquet_of(frame, tmp_path / "t.parquet"))
    assert any("Counted by the workers" in note for note in found.notes)
    assert first_difference(figures(found), figures(expected)) is None


def test_rows_that_are_others_each_time_are_an_error(spark: Any) -> None:
    frame = spark.range(0, 300, 1, 2).selectExpr("id % 7 as a", "cast(rand() * 9 as int) as b")
    with pytest.raises(SourceError, match="the Spark DataFrame changed while it was read"):
        colprofile.profile(frame, fetch="never")
