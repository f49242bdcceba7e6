"""pandas frames: what the index holds, what columns are called, and that numpy's memory is not copied."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import colprofile
from colprofile.sources.frames.columns import LateArray
from colprofile.sources.frames.pandas_columns import numpy_column
from colprofile.sources.open import open_source

FRAME = pd.DataFrame({"a": [1, 2, 3]})
SAID = "its index of whole numbers has no name"


def named(names: list[str], **columns: Any) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(list(columns.values()), names=names)


@pytest.mark.parametrize(
    ("frame", "names", "is_said"),
    [
        (FRAME, ["a"], False),
        (FRAME.iloc[1:], ["a"], False),
        (FRAME[FRAME.a != 2].set_axis([0, 2]), ["a"], True),
        (FRAME.set_axis([5, 1, 3]), ["a"], True),
        (pd.concat([FRAME, FRAME]), ["a"], True),
        (FRAME.rename_axis("row"), ["row", "a"], False),
        (FRAME.set_axis(list("xyz")), ["index", "a"], False),
        (FRAME.set_axis([0.5, 1.5, 2.5]), ["index", "a"], False),
        (FRAME.set_axis(pd.date_range("2020", periods=3)), ["index", "a"], False),
        (FRAME.set_axis(pd.period_range("2020", periods=3, freq="M")), ["index", "a"], False),
        (FRAME.set_axis(pd.interval_range(0, 3)), ["index", "a"], False),
        (FRAME.rename(columns={"a": "index"}).set_axis(list("xyz")), ["level_0", "index"], False),
        (FRAME.rename_axis("a"), ["a_index", "a"], False),
        (FRAME.set_axis(named(["k", None], x=[1, 1, 2], y=list("abc"))), ["k", "level_1", "a"], False),  # type: ignore[list-item]
        (FRAME.set_axis(named([None, None], x=[1, 1, 2], y=[1, 2, 3])), ["level_0", "level_1", "a"], False),  # type: ignore[list-item]
        (FRAME.set_axis(list("xyz"))[[]], ["index"], False),
    ],
)
def test_the_index(frame: pd.DataFrame, names: list[str], is_said: bool) -> None:
    result = colprofile.profile(frame, pairs=False)
    assert [column.name for column in result.columns] == names
    assert result.provenance.reading is not None
    assert [remark[: len(SAID)] for remark in result.provenance.reading.remarks] == [SAID] * is_said
    assert result.rows == len(frame)


def test_values_of_an_index_are_those_of_a_column() -> None:
    index = pd.MultiIndex.from_product([["x", "y"], pd.date_range("2020", periods=2)], names=["k", "day"])
    frame = pd.DataFrame({"a": range(4)}, index=index)
    found, expected = colprofile.profile(frame, pairs=False), colprofile.profile(frame.reset_index(), pairs=False)
    assert found.columns == expected.columns


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ([1, None, ("x", 2)], ["1", "None", "x.2"]),
        (pd.MultiIndex.from_tuples([("p", "mean"), ("p", "sum"), ("zip", "")]), ["p.mean", "p.sum", "zip"]),
        (["a", "a", "a_1"], ["a", "a", "a_1"]),
        (["1", 1, 1.0], ["1", "1", "1.0"]),
        (["", "", " "], ["", "", " "]),
        (["\ud800", 'a"b', "x\n\x1b"], ["\\ud800", 'a"b', "x\n\x1b"]),
        ([pd.Timestamp("2020"), True, b"b"], ["2020-01-01 00:00:00", "True", "b'b'"]),
    ],
)
def test_names_of_columns(columns: Any, names: list[str]) -> None:
    frame = pd.DataFrame([[1, 2, 3], [1, 2, 4]])
    frame.columns = columns if isinstance(columns, pd.Index) else pd.Index(columns, dtype=object, tupleize_cols=False)
    result = colprofile.profile(frame)
    assert [column.name for column in result.columns] == names
    assert [column.distinct for column in result.columns] == [1, 1, 2]
    assert colprofile.Profile.from_dict(result.to_dict()) == result


@pytest.mark.parametrize("dtype", ["int8", "uint16", "float32", "float64", "int64"])
def test_memory_of_numpy_is_not_copied(dtype: str) -> None:
    values = np.arange(1000).astype(dtype)
    column = numpy_column("x", values)
    assert isinstance(column.data, LateArray)
    piece = column.data.slice(100, 50)
    assert piece.to_pylist() == values[100:150].tolist()
    assert piece.buffers()[1].address == values[100:].ctypes.data - 100 * values.itemsize * (piece.offset > 0)


def test_columns_of_a_block_become_arrow_only_when_they_are_read() -> None:
    frame = pd.DataFrame(np.arange(6e6).reshape(1_000_000, 6))
    before = pa.total_allocated_bytes()
    from colprofile.sources.open import open_source

    with open_source(frame) as source:
        assert source.count_rows() == 1_000_000
        assert pa.total_allocated_bytes() - before < 1_000_000


def test_missing_values_of_every_kind_of_column_are_null() -> None:
    frame = pd.DataFrame(
        {
            "float": [1.0, np.nan],
            "moment": pd.to_datetime(["2020", None]),
            "text": ["a", None],
            "object": pd.Series(["a", np.nan], dtype=object),
            "category": pd.Categorical(["a", None]),
        }
    )
    result = colprofile.profile(frame, pairs=False)
    assert {(column.distinct, column.nulls) for column in result.columns} == {(1, 1)}


def test_rows_keep_their_order_beside_durations_of_nanoseconds() -> None:
    """DuckDB ranks such durations, which sorts the rows."""
    frame = pd.DataFrame({"a": ["x", "y", "z"], "b": pd.to_timedelta([3, 1, 2], unit="ns")})
    with open_source(frame) as source:
        _, batches = source.batches(source.columns)
        assert [batch.column(0).to_pylist() for batch in batches] == [["x", "y", "z"]]
