from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from colprofile.results.column import ColumnProfile
from colprofile.results.pair import Determination, PairProfile
from tests.support import profiles

TABLES = {"text", "quantiles", "top_values", "distribution", "histogram", "fingerprint", "undefined", "estimates"}


def names(cls: type) -> list[str]:
    return [field.name for field in dataclasses.fields(cls)]


def test_columns_frame_has_every_scalar_field() -> None:
    profile = profiles.flights_like(200)
    frame = profile.columns_frame()
    expected = [name for name in names(ColumnProfile) if name not in {*TABLES, "name"}]
    at = expected.index("entropy_interval")
    expected[at : at + 1] = ["entropy_lower", "entropy_upper"]
    at = expected.index("distinct_interval")
    expected[at : at + 1] = ["distinct_lower", "distinct_upper"]
    assert list(frame.columns) == expected
    assert frame.index.name == "name"
    assert list(frame.index) == [column.name for column in profile.columns]
    for column in profile.columns:
        row = frame.loc[column.name]
        for name in set(expected) & set(names(ColumnProfile)):
            value = getattr(column, name)
            assert pd.isna(row[name]) if value is None else row[name] == value


def test_pairs_frame_has_every_scalar_field_and_both_directions() -> None:
    profile = profiles.flights_like(200)
    frame = profile.pairs_frame()
    expected: list[str] = []
    for name in names(PairProfile):
        if name == "mutual_information_interval":
            expected += ["mutual_information_lower", "mutual_information_upper"]
        elif name in ("x_to_y", "y_to_x"):
            expected += [f"{name}_{inner}" for inner in names(Determination)]
        elif name not in TABLES:
            expected.append(name)
    assert list(frame.columns) == expected
    assert list(zip(frame["x"], frame["y"], strict=True)) == [(p.x, p.y) for p in profile.pairs]
    first, pair = frame.iloc[0], profile.pairs[0]
    assert pair.x_to_y is not None
    assert first["x_to_y_violating_rows"] == pair.x_to_y.violating_rows
    assert first["mutual_information"] == pair.mutual_information


@pytest.mark.parametrize("name", profiles.ALL)
def test_dtypes_are_the_same_whatever_is_missing(name: str) -> None:
    profile = profiles.ALL[name]()
    columns, pairs = profile.columns_frame(), profile.pairs_frame()
    assert len(columns) == len(profile.columns)
    assert len(pairs) == len(profile.pairs)
    assert {
        "rows": "int64",
        "entropy": "Float64",
        "stored_bytes": "Int64",
        "is_key": "bool",
        "minimum": "object",
        "entropy_lower": "Float64",
    }.items() <= columns.dtypes.astype(str).to_dict().items()
    assert {
        "rows": "int64",
        "dependence": "Float64",
        "bins_x": "Int64",
        "x_to_y_g3": "Float64",
        "y_to_x_violating_rows": "Int64",
        "y_to_x_is_exact": "boolean",
    }.items() <= pairs.dtypes.astype(str).to_dict().items()


def test_undefined_is_missing() -> None:
    profile = profiles.all_null()
    assert profile.columns_frame()["entropy"].isna().all()
    assert profile.pairs_frame()["x_to_y_is_exact"].isna().all()


def test_text_is_text_and_hostile_names_are_kept() -> None:
    frame = profiles.flights_like(50).pairs_frame()
    assert str(frame["x"].dtype) == "str"
    hostile = profiles.hostile()
    assert list(hostile.columns_frame().index) == [column.name for column in hostile.columns]
