"""Columns of every type that Arrow, pandas and polars have, with how many different values and NULLs a person counts.

Every column has ``ROWS`` rows. A count of None is of a column that cannot be read.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

ROWS = 4


class Odd(NamedTuple):
    """A column, how many different values it has, and how many NULLs."""

    values: Any
    distinct: int | None
    nulls: int = 1


def _of(values: list[Any], kind: pa.DataType, distinct: int | None = 2) -> Odd:
    return Odd(pa.array(values, kind), distinct)


def _dictionary(values: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0, 1, 1, None], pa.int8()), values)


_DECIMALS = [Decimal("1.50"), Decimal(2), None, Decimal("1.5")]
_SOME = [1, 2, None, 1]
_LISTS = [[1, 2], [3], None, [1, 2]]
_TEXTS = ["a", "b", None, "a"]
_BLOBS = [b"a", b"b", None, b"a"]
_TENS = [{"x": 1}, {"x": 2}]


def arrow_columns() -> dict[str, Odd]:
    """Columns of Arrow."""
    columns = {
        "float16": Odd(pa.array(np.array([1.5, 2.5, np.nan, 1.5], np.float16)), 3, 0),
        "decimal32": _of(_DECIMALS, pa.decimal32(5, 2)),
        "decimal128 of a scale below 0": _of([Decimal(100), Decimal(200), None, Decimal(100)], pa.decimal128(5, -2)),
        "decimal256 of 60 digits": _of(
            [Decimal("1.5"), Decimal("12345678901234567890123456789012345678901.5"), None, Decimal("1.50")],
            pa.decimal256(60, 2),
        ),
        "decimal256 of 30 digits": _of(_DECIMALS, pa.decimal256(30, 2)),
        "runs": Odd(
            pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 4], pa.int32()), pa.array(["a", None, "b"])), 2, 1
        ),
        "list": _of(_LISTS, pa.list_(pa.int32())),
        "large list": _of(_LISTS, pa.large_list(pa.int32())),
        "list view": _of(_LISTS, pa.list_view(pa.int32())),
        "large list view": _of(_LISTS, pa.large_list_view(pa.int32())),
        "list of fixed size": _of([[1, 2], [3, 4], None, [1, 2]], pa.list_(pa.int32(), 2)),
        "list of float16": _of(_LISTS, pa.list_(pa.float16())),
        "list of decimal256": _of([[Decimal(1)], [Decimal(2)], None, [Decimal(1)]], pa.list_(pa.decimal256(60, 2))),
        "list of nothing": _of([[None], [], None, [None]], pa.list_(pa.null())),
        "list of whole durations": _of([[1000], [2000], None, [1000]], pa.list_(pa.duration("ns"))),
        "list of durations of nanoseconds": _of([[1], [2], None, [1]], pa.list_(pa.duration("ns")), None),
        "dictionary of integers": Odd(_dictionary(pa.array([10, 20])), 2),
        "dictionary of text": Odd(_dictionary(pa.array(["a", "b"])), 2),
        "dictionary with NULL in it": Odd(_dictionary(pa.array(["a", None])), 1, 3),
        "dictionary with a repeated value": Odd(_dictionary(pa.array(["a", "a"])), 1),
        "dictionary of structs": Odd(_dictionary(pa.array(_TENS)), 2),
        "dictionary of float16": Odd(_dictionary(pa.array([1, 2], pa.float16())), 2),
        "dictionary of decimal256": Odd(_dictionary(pa.array([Decimal(1), Decimal(2)], pa.decimal256(60, 2))), 2),
        "dictionary of a dictionary": Odd(_dictionary(pa.array(["a", "b"]).dictionary_encode()), 2),
        "nothing": Odd(pa.nulls(4), 0, 4),
        "interval of months": _of(
            [pa.MonthDayNano([1, 2, 3000]), pa.MonthDayNano([0, 30, 0]), None, pa.MonthDayNano([1, 2, 3000])],
            pa.month_day_nano_interval(),
        ),
        "interval of nanoseconds": _of(
            [pa.MonthDayNano([1, 2, 1]), None, None, None], pa.month_day_nano_interval(), None
        ),
        "durations of nanoseconds": _of([1, 2001, None, 1], pa.duration("ns")),
        "map": _of([[("a", 1)], [("b", 2)], None, [("a", 1)]], pa.map_(pa.string(), pa.int32())),
        "map of float16": _of([[("a", 1)], [("b", 2)], None, [("a", 1)]], pa.map_(pa.string(), pa.float16())),
        "map with a repeated key": _of(
            [[("a", 1), ("a", 2)], None, None, None], pa.map_(pa.string(), pa.int32()), None
        ),
        "sparse union": Odd(
            pa.UnionArray.from_sparse(
                pa.array([0, 1, 0, 0], pa.int8()), [pa.array([1, 2, 3, 1]), pa.array(["1", "1", "2", "2"])]
            ),
            3,
            0,
        ),
        "dense union": Odd(
            pa.UnionArray.from_dense(
                pa.array([0, 1, 0, 0], pa.int8()),
                pa.array([0, 0, 1, 2], pa.int32()),
                [pa.array([1, 2, 1]), pa.array(["a"])],
            ),
            3,
            0,
        ),
        "struct": _of([{"a": 1}, {"a": 2}, None, {"a": 1}], pa.struct([("a", pa.int64())])),
        "struct of float16": _of([{"a": 1}, {"a": 2}, None, {"a": 1}], pa.struct([("a", pa.float16())])),
        "struct of nothing": _of([{}, {}, None, {}], pa.struct([]), 1),
        "struct with names in two cases": Odd(
            pa.StructArray.from_arrays([pa.array([1, 2, 3, 1]), pa.array([1, 2, 3, 1])], ["a", "A"]), 3, 0
        ),
        "struct with one name twice": Odd(
            pa.StructArray.from_arrays([pa.array([1, 2, 3, 1]), pa.array([1, 2, 3, 1])], ["a", "a"]), 3, 0
        ),
        "struct without names": Odd(pa.StructArray.from_arrays([pa.array([1, 2, 3, 1])], [""]), 3, 0),
        "date64": _of([dt.date(2020, 1, 1), dt.date(2020, 1, 2), None, dt.date(2020, 1, 1)], pa.date64()),
        "time32": _of(_SOME, pa.time32("s")),
        "time64 of nanoseconds": _of([1001, 1002, None, 1001], pa.time64("ns")),
        "time64 of microseconds": _of([1000, 2000, None, 1000], pa.time64("ns")),
        "timestamps far away": _of([10**15, -(10**15), None, 10**15], pa.timestamp("s")),
        "timestamps far away with a zone": _of([10**15, -(10**15), None, 10**15], pa.timestamp("s", "UTC"), None),
        "blob of fixed size": _of([b"ab", b"cd", None, b"ab"], pa.binary(2)),
        "text view": _of(_TEXTS, pa.string_view()),
        "blob view": _of(_BLOBS, pa.binary_view()),
        "large text": _of(_TEXTS, pa.large_string()),
        "large blob": _of(_BLOBS, pa.large_binary()),
        "UUID": _of([b"0123456789abcdef", b"1123456789abcdef", None, b"0123456789abcdef"], pa.uuid()),
        "JSON": _of(['{"a": 1}', "[]", None, '{"a": 1}'], pa.json_()),
        "boolean of 8 bits": Odd(pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 2, 0, 1], pa.int8())), 2, 0),
        "opaque": Odd(
            pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "t", "v"), pa.array(_BLOBS, pa.binary())), 2
        ),
        "tensor": Odd(pa.FixedShapeTensorArray.from_numpy_ndarray(np.array([[0, 1], [2, 3], [2, 3], [4, 5]])), 3, 0),
        "text that is no UTF-8": Odd(
            pa.Array.from_buffers(
                pa.string(), 4, pa.array([b"a\xff", b"b", b"c", b"\xed\xa0\x80"], pa.binary()).buffers()
            ),
            4,
            0,
        ),
        "zero bytes": Odd(pa.array(["a\0b", "a", "a\0c", None]), 3),
    }
    for unit in ("s", "ms", "us", "ns"):
        columns[f"timestamp of {unit}"] = _of([1001, 1002, None, 1001], pa.timestamp(unit))
        columns[f"timestamp of {unit} with a zone"] = _of([1001, 1002, None, 1001], pa.timestamp(unit, "Europe/Berlin"))
        columns[f"duration of {unit}"] = _of([1000, 2000, None, 1000], pa.duration(unit))
    return columns


def pandas_columns() -> dict[str, Odd]:
    """Columns of pandas."""
    moments = pd.to_datetime(["2020-01-01", "2021-01-01", None, "2020-01-01"])
    periods = pd.PeriodIndex(["2020-02", "2020-01", None, "2020-02"], freq="M")
    intervals = pd.arrays.IntervalArray.from_tuples([(0, 1), (1, 2), None, (0, 1)])
    columns: dict[str, Odd] = {
        "float16": Odd(np.array([1.5, 2.5, np.nan, 1.5], np.float16), 2),
        "long double": Odd(np.array([1, 2, np.nan, 1], np.longdouble), 2),
        "long double beyond 64 bits": Odd(np.array([1, 2, 3, 4], np.longdouble) / 3, None),
        "complex": Odd(np.array([1j, 1 + 2j, np.nan, 1j]), 2),
        "big-endian": Odd(np.array([1, 2, 3, 1], ">i4"), 3, 0),
        "category of text": Odd(pd.Categorical(["x", "y", None, "x"], ["y", "x", "z"], ordered=True), 2),
        "category of integers": Odd(pd.Categorical([5, 3, None, 5]), 2),
        "category of moments": Odd(pd.Categorical(moments), 2),
        "category of decimals": Odd(pd.Categorical([Decimal("1.5"), Decimal(2), None, Decimal("1.5")]), 2),
        "category of kinds": Odd(pd.Categorical([1, "1", None, 1]), 2),
        "category of tuples": Odd(
            pd.Categorical.from_codes([0, 1, -1, 0], pd.Index([(1,), (2,)], tupleize_cols=False)), 2
        ),
        "category of intervals": Odd(pd.cut(pd.Series([1.0, 9, np.nan, 1]), 3), 2),
        "category of periods": Odd(pd.Categorical(periods), 2),
        "category of nothing": Odd(pd.Categorical([None] * 4), 0, 4),
        "category with a lone surrogate": Odd(
            pd.Categorical.from_codes([0, 1, -1, 0], pd.Index(["\ud800", "y"], dtype=object)), 2
        ),
        "period": Odd(periods.array, 2),
        "interval": Odd(intervals, 2),
        "interval of moments": Odd(pd.interval_range(pd.Timestamp("2020"), periods=4).array, 4, 0),
        "sparse": Odd(pd.arrays.SparseArray([0, 0, 1, 2]), 3, 0),
        "sparse with NaN": Odd(pd.arrays.SparseArray([np.nan, 0.5, 1, 0.5]), 2),
        "sparse booleans": Odd(pd.arrays.SparseArray([True, False, False, False]), 2, 0),
        "sparse objects": Odd(pd.arrays.SparseArray(["a", None, "b", "a"], dtype=pd.SparseDtype(object, None)), 2),
        "nullable integers": Odd(pd.array([1, 2, None, 1], dtype="Int8"), 2),
        "nullable floats": Odd(pd.array([1, 2, None, 1], dtype="Float64"), 2),
        "nullable booleans": Odd(pd.array([True, False, None, True], dtype="boolean"), 2),
        "Arrow's lists": Odd(pd.array(_LISTS, dtype=pd.ArrowDtype(pa.list_(pa.float16()))), 2),
        "Arrow's decimals": Odd(pd.array(_DECIMALS, dtype=pd.ArrowDtype(pa.decimal256(60, 2))), 2),
        "durations of nanoseconds": Odd(pd.to_timedelta([1, 2, None, 1], unit="ns"), 2),
        "moments of nanoseconds with a zone": Odd(pd.to_datetime([1, 2, None, 1], unit="ns", utc=True), 2),
        "lone surrogates": Odd(pd.array(["\ud800", "b", None, "b"], dtype="string[python]"), 2),
        "objects": Odd(pd.array([object()] * 4, dtype=object), None),
        "decimals and NaN": Odd(pd.array([Decimal("1.5"), Decimal("1.50"), np.nan, Decimal(2)], dtype=object), 2),
    }
    for storage in ("python", "pyarrow"):
        for missing in (pd.NA, np.nan):
            text = pd.array(_TEXTS, dtype=pd.StringDtype(storage, na_value=missing))
            columns[f"text of {storage} with {missing}"] = Odd(text, 2)
    for unit in ("s", "ms", "us", "ns"):
        columns[f"moments of {unit}"] = Odd(moments.as_unit(unit), 2)
        columns[f"moments of {unit} with a zone"] = Odd(moments.as_unit(unit).tz_localize("Europe/Berlin"), 2)
        columns[f"durations of {unit}"] = Odd(pd.to_timedelta([1, 2, None, 1], unit="s").as_unit(unit), 2)
    return columns


def polars_columns() -> dict[str, Odd]:
    """Columns of polars."""
    some_texts, some_numbers = ["a", "b", None, "a"], [1, 2, None, 1]
    given: dict[str, tuple[list[Any], Any]] = {
        "Int128": ([1, 2**100, None, 1], pl.Int128()),
        "UInt128": ([1, 2**127, None, 1], pl.UInt128()),
        "Float16": ([1.5, 2.5, None, 1.5], pl.Float16()),
        "Decimal": (_DECIMALS, pl.Decimal(20, 2)),
        "Categorical": (some_texts, pl.Categorical()),
        "Enum": (some_texts, pl.Enum(["b", "a", "c"])),
        "List": (_LISTS, pl.List(pl.Int64)),
        "List of Int128": (_LISTS, pl.List(pl.Int128)),
        "List of Enum": ([["a"], ["b"], None, ["a"]], pl.List(pl.Enum(["b", "a"]))),
        "Array": ([[1, 2], [3, 4], None, [1, 2]], pl.Array(pl.Int8, 2)),
        "Struct": ([{"a": 1}, {"a": 2}, None, {"a": 1}], pl.Struct({"a": pl.Int128})),
        "Duration": ([dt.timedelta(1), dt.timedelta(2), None, dt.timedelta(1)], pl.Duration("ns")),
        "Time": ([dt.time(1), dt.time(2), None, dt.time(1)], pl.Time()),
        "Datetime": ([dt.datetime(2020, 1, 1), dt.datetime(2021, 1, 1), None, dt.datetime(2020, 1, 1)], pl.Datetime()),
        "Binary": (_BLOBS, pl.Binary()),
        "Int8": (some_numbers, pl.Int8()),
    }
    columns = {name: Odd(pl.Series(name, values, dtype, strict=False), 2) for name, (values, dtype) in given.items()}
    columns["Null"] = Odd(pl.Series("Null", [None] * 4), 0, 4)
    columns["Object"] = Odd(pl.Series("Object", [{1}, "x", None, {1}], pl.Object()), 2)
    columns["Object of unknown classes"] = Odd(pl.Series("o", [object(), 1, None, 2], pl.Object()), None)
    return columns
