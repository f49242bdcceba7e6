"""Daft DataFrames stream into a file. Daft 0.7 does not go with the newest pyarrow: where it is missing, no tests."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import colprofile
from tests.support.differences import profile_differences
from tests.support.odd_columns import arrow_columns
from tests.support.opened import reading_of, refusal
from tests.support.tables import flights

daft: Any = pytest.importorskip("daft")

UNKNOWN_TO_DAFT = ("decimal128 of a scale below 0", "list of decimal256")


def test_flights_have_the_same_profile() -> None:
    table = pa.Table.from_pandas(flights().head(3_000), preserve_index=False)
    frame = daft.from_arrow(table)
    found = profile_differences(colprofile.profile(frame.to_arrow()), colprofile.profile(frame))
    assert found == [] and reading_of(frame).format == "Daft DataFrame"


def test_every_type_is_read_as_from_arrow() -> None:
    columns = {name: odd.values for name, odd in arrow_columns().items() if name not in UNKNOWN_TO_DAFT}
    frame = daft.from_arrow(pa.table(columns))
    local, streamed = (colprofile.profile(some, pairs=False) for some in (frame.to_arrow(), frame))
    assert profile_differences(local, streamed) == []


def test_the_rows_do_not_stay_in_the_users_frame() -> None:
    frame = daft.from_pydict({"a": [1, 2, 2]}).where(daft.col("a") > 1)
    assert colprofile.profile(frame)["a"].rows == 2
    assert frame._result is None


def test_python_objects_are_left_out_with_the_reason() -> None:
    profile = colprofile.profile(daft.from_pydict({"o": [object(), {1}, None], "a": [1, 2, 3]}))
    assert (profile.names, [column.name for column in profile.skipped]) == (("a",), ["o"])
    assert "pickled Python objects" in profile.skipped[0].reason


def test_a_fault_is_one_line() -> None:
    def broken(_: int) -> int:
        raise ValueError("no such\nplace")

    frame = daft.from_pydict({"a": [1, 2]})
    assert refusal(frame.with_column("b", daft.func(broken)(frame["a"]))).startswith("cannot read the Daft DataFrame: ")
