"""Columns of Python objects: values of different types stay apart, equal numbers are one, missing ones are NULL."""

from __future__ import annotations

import datetime as dt
import enum
import pathlib
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import colprofile
from colprofile.results.column import ColumnProfile
from colprofile.sources.frames.object_texts import kind_of

NAN = float("nan")


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Nothing:
    """A class that does not say when two of its objects are equal."""


# name: values, the type they get, the texts of the distinct values in no order, how many are missing
CASES: dict[str, tuple[list[Any], str, list[Any], int]] = {
    "decimals and NaN": (
        [Decimal("1234567.89"), Decimal("1234567.88"), Decimal("1234567.87"), NAN],
        "DECIMAL(9,2)",
        ["1234567.87", "1234567.88", "1234567.89"],
        1,
    ),
    "decimals of two scales": ([Decimal("1.5"), Decimal("1.50"), Decimal(2)], "DECIMAL(3,2)", ["1.50", "2.00"], 0),
    "decimal NaN": ([Decimal("NaN"), Decimal("-0"), Decimal(0)], "DECIMAL(1,0)", ["0"], 1),
    "decimals beyond 38 digits": ([Decimal("1E+40"), Decimal("1.00"), Decimal(1)], "DECIMAL", ["1", "1E+40"], 0),
    "infinite decimal": ([Decimal("Infinity"), Decimal(1)], "DECIMAL", ["1", "Infinity"], 0),
    "decimals and floats": ([Decimal("0.5"), 0.5, 2], "DECIMAL(2,1)", ["0.5", "2.0"], 0),
    "four kinds of one": ([1, "1", b"1", True], "VARCHAR", ["1", "'1'", "b'1'", "True"], 0),
    "numbers and words": ([1, 2.5, "n/a", "--", None, "3"], "VARCHAR", ["1", "2.5", "n/a", "--", "'3'"], 1),
    "integers and floats": ([1, 1.0, 2.5, np.int8(1), np.float32(2.5)], "DOUBLE", [1.0, 2.5], 0),
    "an integer that no float holds": (
        [2**53 + 1, 1.5],
        "DECIMAL(17,1)",
        ["1.5", "9007199254740993.0"],
        0,
    ),
    "integers of 65 bits": ([2**64, 1, None], "HUGEINT", [1, 2**64], 1),
    "integers beyond 128 bits": ([2**200, 1], "BIGNUM", [1, 2**200], 0),
    "integers of 64 bits": ([2**63, 1], "UBIGINT", [1, 2**63], 0),
    "booleans": ([True, False, None, np.True_], "BOOLEAN", [True, False], 1),
    "booleans and integers": ([True, 1], "VARCHAR", ["True", "1"], 0),
    "dates": ([dt.date(2020, 1, 1), None], "DATE", ["2020-01-01"], 1),
    "dates and timestamps": (
        [dt.date(2020, 1, 1), dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2)],
        "TIMESTAMP",
        ["2020-01-01 00:00:00", "2020-01-02 00:00:00"],
        0,
    ),
    "moments in two zones": (
        [pd.Timestamp("2020-01-01 12:00", tz="UTC"), pd.Timestamp("2020-01-01 13:00", tz="Europe/Berlin"), pd.NaT],
        "TIMESTAMP WITH TIME ZONE",
        ["2020-01-01 12:00:00+00"],
        1,
    ),
    "with and without a zone": (
        [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)],
        "VARCHAR",
        ["2020-01-01 00:00:00", "2020-01-01 00:00:00+00:00"],
        0,
    ),
    "nanoseconds": (
        [pd.Timestamp(1), pd.Timestamp(2)],
        "TIMESTAMP_NS",
        ["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00.000000002"],
        0,
    ),
    "numpy's moments": (
        [np.datetime64("2020-01-01"), np.datetime64("2020-01-01T00:00:01"), np.datetime64("NaT")],
        "TIMESTAMP",
        ["2020-01-01 00:00:00", "2020-01-01 00:00:01"],
        1,
    ),
    "numpy's durations": (
        [np.timedelta64(1, "s"), np.timedelta64("NaT"), np.timedelta64(1000, "ms")],
        "INTERVAL",
        ["00:00:01"],
        1,
    ),
    "durations of nanoseconds": ([dt.timedelta(1), pd.Timedelta(1, "ns")], "INTERVAL", ["24:00:00", "1 ns"], 0),
    "times": ([dt.time(1), dt.time(2, 3)], "TIME", ["01:00:00", "02:03:00"], 0),
    "times with a zone": ([dt.time(1, tzinfo=dt.UTC), dt.time(1)], "VARCHAR", ["01:00:00+00:00", "01:00:00"], 0),
    "UUIDs": ([uuid.UUID(int=5), None], "UUID", ["00000000-0000-0000-0000-000000000005"], 1),
    "paths": ([pathlib.PurePosixPath("/a"), pathlib.PurePosixPath("/b")], "VARCHAR", ["/a", "/b"], 0),
    "members of an enumeration": ([Color.RED, Color.BLUE, None], "VARCHAR", ["RED", "BLUE"], 1),
    "members of two enumerations": ([Color.RED, Size.SMALL], "VARCHAR", ["Color(RED)", "Size(SMALL)"], 0),
    "numbers of an enumeration": ([Size.SMALL, Size.LARGE], "VARCHAR", ["SMALL", "LARGE"], 0),
    "dictionaries": (
        [{"a": 1}, {"b": "x", "a": 2}, None],
        "STRUCT(a BIGINT, b VARCHAR)",
        ["{'a': 1, 'b': NULL}", "{'a': 2, 'b': x}"],
        1,
    ),
    "dictionaries of two kinds": ([{"a": 1}, {"a": "1"}], "VARCHAR", ["{a: 1}", "{a: '1'}"], 0),
    "dictionaries of numbers": ([{1: 2, 3: 4}, {3: 4, 1: 2}], "VARCHAR", ["{1: 2, 3: 4}"], 0),
    "lists": ([[1, 2], [1.0, 2], None, []], "DOUBLE[]", ["[1.0, 2.0]", "[]"], 1),
    "lists of two kinds": ([[1], ["1"], [b"1"]], "VARCHAR", ["[1]", "['1']", "[b'1']"], 0),
    "lists and tuples": ([[1], (1,)], "VARCHAR", ["[1]", "(1)"], 0),
    "arrays": ([np.array([1, 2]), np.array([1.0, 2.0])], "DOUBLE[]", ["[1.0, 2.0]"], 0),
    "arrays of two dimensions": ([np.eye(2), np.eye(2)], "DOUBLE[][]", ["[[1.0, 0.0], [0.0, 1.0]]"], 0),
    "sets": ([{1, 2}, {2, 1}, frozenset()], "VARCHAR", ["{1, 2}", "set()"], 0),
    "blobs": ([b"a", bytearray(b"a"), memoryview(b"c")], "BLOB", ["a", "c"], 0),
    "nothing": ([None, NAN, pd.NA, pd.NaT, Decimal("NaN")], "NULL", [], 5),
    "text and what is missing": (["a", NAN, pd.NA, None, pd.NaT], "VARCHAR", ["a"], 4),
    "file names that are no UTF-8": (["a\udcff", "b"], "VARCHAR", ["a\udcff", "b"], 0),
    "lone surrogates": (["\ud800", "\udfff", "?"], "VARCHAR", ["\udced\udca0\udc80", "\udced\udcbf\udcbf", "?"], 0),
    "complex numbers": ([1j, complex(-0.0, 1), 1 + 2j], "VARCHAR", ["0+1j", "1+2j"], 0),
    "fractions": ([Fraction(1, 3), Fraction(2, 6)], "VARCHAR", ["1/3"], 0),
    "periods": ([pd.Period("2020-01"), pd.Period("2020-02")], "VARCHAR", ["2020-01", "2020-02"], 0),
    "intervals": ([pd.Interval(0, 1), pd.Interval(0.0, 1.0)], "VARCHAR", ["(0, 1]"], 0),
    "points": ([shapely.Point(0, 1), shapely.Point(0.0, 1.0), None], "VARCHAR", ["POINT (0 1)"], 1),
}

UNREADABLE: dict[str, list[Any]] = {
    "objects": [Nothing(), Nothing()],
    "objects among numbers": [1, Nothing()],
    "objects in lists": [[Nothing()]],
    "objects in dictionaries": [{"a": Nothing()}, {"a": 1}],
    "long doubles": [np.longdouble(1)],
}


def frame_of(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """A frame of object columns, the shorter ones filled with None."""
    rows = max(map(len, columns.values()))
    series = {}
    for name, values in columns.items():
        series[name] = pd.Series([None] * rows, dtype=object)
        for i, value in enumerate(values):
            series[name].iat[i] = value
    return pd.DataFrame(series)


@pytest.fixture(scope="module")
def profile() -> colprofile.Profile:
    """All of them in one frame, each beside the others."""
    columns = {name: case[0] for name, case in CASES.items()} | UNREADABLE | {"ordinary": [1, 2, 3, 4, 5, 6]}
    return colprofile.profile(frame_of(columns), pairs=False)


@pytest.mark.parametrize("name", CASES)
def test_values_of_objects(name: str, profile: colprofile.Profile) -> None:
    given, type_name, values, missing = CASES[name]
    column: ColumnProfile = profile[name]
    assert column.type == type_name
    assert sorted(map(repr, (found.value for found in column.top_values))) == sorted(map(repr, values))
    assert column.nulls == missing + profile.rows - len(given)


def test_what_cannot_be_told_apart_is_left_out_with_its_reason(profile: colprofile.Profile) -> None:
    assert {column.name for column in profile.skipped} == set(UNREADABLE)
    assert all("holds objects of the class" in column.reason for column in profile.skipped)
    assert profile["ordinary"].distinct == 6


def test_what_is_mixed_is_said(profile: colprofile.Profile) -> None:
    reading = profile.provenance.reading
    assert reading is not None and profile.provenance.is_exact
    said = "\n".join(reading.remarks)
    assert "'four kinds of one' mixes values of several kinds (blob, boolean, integer, text)" in said
    assert "'dates and timestamps' mixes dates and timestamps: a date is read as its midnight" in said
    assert "decimals" not in said


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, width=32),
    st.decimals(-3, 3, places=1),
    st.sampled_from(["", "1", "1.0", "True", "a", "b'1'", "inf", "'", "[1]", "{}", "-", "2020-01-01", "(1)"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.binary(max_size=2),
    st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 3)),
    st.lists(st.integers(0, 2) | st.sampled_from(["0", "1", "0, 1"]), max_size=2),
    st.tuples(st.integers(0, 2)),
)


def identity(value: Any) -> Any:
    """What tells a value from all others, None for what is missing: the slow twin of the text that it becomes."""
    if value is None or (isinstance(value, float | Decimal) and value != value):
        return None
    kind = "number" if kind_of(type(value)) in ("integer", "float", "decimal") else type(value).__name__
    if isinstance(value, list | tuple):
        return kind, tuple(map(identity, value))
    return (kind, Fraction(value)) if kind == "number" and value not in (float("inf"), -float("inf")) else (kind, value)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=12))
def test_any_mixture_keeps_its_values_apart(rows: list[tuple[Any, ...]]) -> None:
    profile = colprofile.profile(rows, pairs=False, quality=False)
    for column, values in zip(profile.columns, zip(*rows, strict=True), strict=True):
        identities = list(map(identity, values))
        assert column.distinct == len({*identities} - {None})
        assert column.nulls == identities.count(None)
