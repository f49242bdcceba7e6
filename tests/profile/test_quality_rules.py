"""The rules of data quality, one by one: what they take for a fault, and what looks like one and is none."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import colprofile
from colprofile.results.quality import QualityIssue, QualityKind

RNG = np.random.default_rng(11)


def issues(values: Any, name: str = "x") -> list[QualityIssue]:
    """The issues of one column beside a key."""
    frame = pd.DataFrame({name: values})
    frame["key"] = range(len(frame))
    found = colprofile.profile(frame, pairs=False, progress=False)
    return [issue for issue in found.quality if issue.columns == (name,)]


def kinds(values: Any, name: str = "x") -> list[str]:
    return [issue.kind for issue in issues(values, name)]


def only(kind: QualityKind, values: Any, name: str = "x") -> QualityIssue:
    """The one issue of a column, which must be of this kind."""
    found = issues(values, name)
    assert [issue.kind for issue in found] == [kind]
    return found[0]


@pytest.mark.parametrize(
    "marks",
    [
        ["NA"],
        ["n/a", "N/A"],
        [""],
        ["  "],
        ["?"],
        ["-", "--"],
        ["null", "NULL"],
        ["None"],
        ["none"],
        ["#N/A"],
        ["(blank)"],
    ],
)
def test_placeholders(marks: list[str]) -> None:
    towns = [f"Town {i % 30} of {i % 7}" for i in range(400)]
    issue = only("placeholder", towns + marks * 3)
    assert issue.rows == 3 * len(marks)
    assert {value for value, _ in issue.values} == set(marks)
    assert issue.row_numbers[0] == 401


@pytest.mark.parametrize(
    "values",
    [
        ["DE", "FR", "NA", "US", "GB"],  # Namibia
        ["EU", "NA", "AS", "AF"],  # continents
        ["+", "-", "0"],
        [".", "?", "!", ",", ";", "-"],  # tokens
        ["red", "none", "blue", "green"],
        ["NONE", "COLLECT COD", "DELIVER IN PERSON"],
        ["low", "unknown", "high"],
        [
            "Nan",
            *(f"{a}{b}" for a in ("Lam", "Sak", "Uthai", "Phu", "Loe") for b in ("pang", "na", "thani", "ri", "mai")),
        ],
    ],
)
def test_values_that_only_look_like_placeholders(values: list[str]) -> None:
    assert kinds(values * 40) == []


@pytest.mark.parametrize(
    ("base", "sentinel"),
    [
        (range(0, 100), 999),
        (range(0, 100), -999),
        (range(1, 8), 99),
        (range(1, 8), 88),
        (range(1950, 2020), 9999),
        (np.linspace(-20, 40, 200), -9999.0),
        (np.linspace(0, 1, 200), 99.9),
        (range(1000), 2147483647),
    ],
)
def test_sentinels(base: Any, sentinel: float) -> None:
    issue = only("sentinel", [*base] * 3 + [sentinel] * 4)
    assert (issue.severity, issue.values, issue.rows) == ("high", ((sentinel, 4),), 4)


def test_two_sentinels_at_once() -> None:
    issue = only("sentinel", [*range(1, 6)] * 30 + [98] * 3 + [99] * 5)
    assert issue.values == ((99, 5), (98, 3))


@pytest.mark.parametrize(
    "values",
    [
        [*range(0, 100)] * 3,  # 99 is one of a hundred
        [*range(0, 1000, 7), 999, 999],
        [*RNG.lognormal(6, 2, 3000).round().tolist(), 9999, 9999],
        [-1, -1, *range(0, 50)],
        [90, 95, 99, 99],
        [1, 1, 1, 999],  # one row
    ],
)
def test_numbers_that_only_look_like_sentinels(values: list[Any]) -> None:
    assert "sentinel" not in kinds(values)


@pytest.mark.parametrize("sentinel", ["1900-01-01", "9999-12-31", "1970-01-01"])
def test_sentinels_of_dates(sentinel: str) -> None:
    days = [np.datetime64("2015-01-01") + int(i) for i in RNG.integers(0, 900, 300)]
    column = pa.array(np.array([*days, *[np.datetime64(sentinel)] * 20]).astype(object).tolist(), pa.date32())
    found = colprofile.profile(pa.table({"day": column, "key": range(320)}), pairs=False, progress=False).quality
    assert [(issue.kind, issue.values) for issue in found] == [("sentinel", ((sentinel, 20),))]


def test_a_series_that_begins_on_a_known_date() -> None:
    assert kinds(pd.date_range("1970-01-01", periods=300, freq="YE").astype("datetime64[s]")[:100]) == []
    assert kinds(pd.date_range("1970-01-01", periods=400)) == []


@pytest.mark.parametrize(
    ("values", "detail", "severity"),
    [
        ([str(i) for i in range(300)], "BIGINT", "medium"),
        ([f"{i / 7:.3f}" for i in range(300)], "DOUBLE", "medium"),
        ([f"${i * 13.5:,.2f}" for i in range(300)], "DOUBLE", "medium"),
        ([f"2020-0{i % 9 + 1}-1{i % 9}" for i in range(300)], "DATE", "low"),
        ([f"{i % 28 + 1}.{i % 12 + 1}.2020" for i in range(300)], "DATE %d.%m.%Y", "medium"),
        ([f"{i % 12 + 1}/{i % 28 + 1}/20" for i in range(300)], "DATE %m/%d/%y", "medium"),
        ([f"2020-01-0{i % 9 + 1}T1{i % 9}:00:00Z" for i in range(300)], "TIMESTAMP", "low"),
        (["Yes", "no", "no", "YES"] * 30, "BOOLEAN", "low"),
    ],
)
def test_stored_as_text(values: list[str], detail: str, severity: str) -> None:
    issue = only("stored_as_text", values)
    assert (issue.detail, issue.severity) == (detail, severity)


def test_what_would_not_convert_is_listed() -> None:
    issue = only("stored_as_text", [*map(str, range(300)), "12x", "NA", "NA", "2,5"])
    assert issue.rows == 4
    assert issue.values == (("NA", 2), ("12x", 1), ("2,5", 1))
    assert issue.row_numbers == (301, 302, 303, 304)
    dates = only("stored_as_text", [f"2020-01-{i % 28 + 1:02}" for i in range(100)] + ["2020-02-30", "2020-13-01"])
    assert {value for value, _ in dates.values} == {"2020-02-30", "2020-13-01"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("article", [f"{i:06}" for i in range(300)]),
        ("plate", [str(10_000 + i) for i in range(300)]),
        ("customer_id", [str(i) for i in range(300)]),
        ("phone", [f"555-{i:04}" for i in range(300)]),
        ("address", [f"192.168.{i % 9}.{i % 200}" for i in range(300)]),
        ("level", ["A1", "B2", "C3"] * 100),
        ("number", [str(10**19 + i) for i in range(300)]),
        ("isbn", [f"978-3-16-14841{i % 9}-0" for i in range(300)]),
    ],
)
def test_codes_are_rightly_text(name: str, values: list[str]) -> None:
    assert kinds(values, name) == []


def test_variants() -> None:
    issue = only("variants", ["New York"] * 50 + ["Boston"] * 50 + ["new york"] * 3 + [" New  York"] * 2 + ["BOSTON"])
    assert issue.values == (("New York", 50), ("new york", 3), (" New  York", 2))
    assert (issue.rows, issue.detail, issue.severity) == (6, "2", "medium")
    assert issue.row_numbers == (101, 102, 103, 104, 105)
    assert only("variants", ["m", "f"] * 50 + ["M"] * 3).severity == "low"


@pytest.mark.parametrize(
    "values",
    [
        [chr(97 + i % 26) for i in range(300)] + [chr(65 + i % 26) for i in range(300)],
        ["aBc", "AbC", "xYz", "XyZ"] * 50,
        [f"{'ab cd'[i % 5 :]} {i}" for i in range(300)],
    ],
)
def test_case_that_has_a_meaning(values: list[str]) -> None:
    assert "variants" not in kinds(values)


def test_leading_zeros() -> None:
    codes = [f"{i * 237 % 100_000:05}" for i in range(400)]
    issue = only("leading_zeros", [*codes, "2134", "2134", "977"], "area")
    assert (issue.rows, issue.detail, issue.severity) == (3, "5", "high")
    assert only("leading_zeros", [int(code) for code in codes if code >= "00100"], "zip").severity == "medium"
    assert kinds([int(code) for code in codes], "amount") == []
    assert "leading_zeros" not in kinds([str(i) for i in range(400)], "area")


def test_not_finite_beside_null() -> None:
    table = pa.table({"x": pa.array([1.0, float("nan"), None, float("inf"), float("-inf"), None]), "key": range(6)})
    [issue] = [i for i in colprofile.profile(table, pairs=False, progress=False).quality if i.kind == "not_finite"]
    assert (issue.rows, issue.row_numbers, issue.detail) == (3, (2, 4, 5), "2 rows")
    assert {value for value, _ in issue.values} == {"nan", "inf", "-inf"}


@pytest.mark.parametrize(("scale", "detail"), [(0.01, "÷100"), (1000, "×1,000"), (1 / 60, "÷60")])
def test_mixed_units_of_numbers(scale: float, detail: str) -> None:
    usual = RNG.normal(170, 9, 500)
    issue = only("units", [*usual, *(usual[:20] * scale)])
    assert (issue.rows, issue.detail, issue.severity) == (20, detail, "high")


def test_mixed_units_of_texts() -> None:
    issue = only("units", [f"{i % 40 + 50} kg" for i in range(300)] + [f"{i + 120}lbs" for i in range(9)])
    assert (issue.rows, issue.detail) == (9, "kg, lbs")
    assert kinds([f"{i % 40 + 50} kg" for i in range(300)]) == []
    assert kinds([f"{i % 40}{'th' if i % 2 else 'st'}" for i in range(300)]) == []


def test_outliers() -> None:
    issue = only("outliers", [*RNG.normal(50, 5, 999), 5000.0])
    assert (issue.values, issue.row_numbers) == (((5000.0, 1),), (1000,))
    assert only("outliers", [*RNG.lognormal(0, 1, 2000), -1e7]).values == ((-1e7, 1),)


def test_heavy_tails_have_no_outliers() -> None:
    seen = sum(
        "outliers" in kinds(np.random.default_rng(seed).pareto(alpha, 1500))
        for seed in range(40)
        for alpha in (0.6, 1, 2)
    )
    assert seen <= 2


@pytest.mark.parametrize(
    ("frequency", "detail", "missing"),
    [
        ("h", "hour", 2000),
        ("D", "day", 30),
        ("15min", "15 minutes", 40),
        ("MS", "month", 5),
        ("ME", "month", 5),
        ("YS", "year", 3),
        ("W", "week", 12),
    ],
)
def test_gaps(frequency: str, detail: str, missing: int) -> None:
    times = pd.date_range("1960-01-01", periods=80 + 5 * missing, freq=frequency).astype("datetime64[us]")
    cut = [*times[:40], *times[40 + missing :]]
    issue = only("gap", cut)
    assert (issue.rows, issue.detail, issue.severity) == (missing, detail, "medium")
    assert [pd.Timestamp(str(value)) for value, _ in issue.values] == [times[39], times[40 + missing]]
    assert kinds(times) == []


def test_hours_missing_here_and_there() -> None:
    """Two thousand of 8,760 hours, at random."""
    kept = np.sort(RNG.choice(8760, 6760, replace=False))
    times = np.datetime64("2021-01-01T00", "us") + kept * np.timedelta64(1, "h")
    issue = only("gap", times)
    assert issue.detail == "hour"
    assert 1990 <= issue.rows <= 2000  # those before the first and after the last are not seen


def test_nights_and_weekends_are_no_gaps() -> None:
    hours = pd.date_range("2020-01-01", periods=4000, freq="h")
    open_hours = [moment for moment in hours if 8 <= moment.hour < 20]
    assert kinds(open_hours) == []
    days = [day for day in pd.date_range("2010-01-01", periods=1000) if day.weekday() < 5]
    assert kinds(days) == []
    without_a_fortnight = [*days[:300], *days[310:]]
    assert only("gap", without_a_fortnight).rows == 10


def test_gaps_among_events() -> None:
    """Days without an order are no gap where there are few orders; a week without any is, where there are many."""
    days = np.datetime64("2020-01-01", "us") + RNG.integers(0, 200, 300) * np.timedelta64(1, "D")
    assert kinds(days) == []
    busy = np.datetime64("2020-01-01", "us") + RNG.integers(0, 200, 9000) * np.timedelta64(1, "D")
    is_kept = (busy < np.datetime64("2020-03-01")) | (busy >= np.datetime64("2020-03-08"))
    assert only("gap", busy[is_kept]).rows == 7


def test_patterns() -> None:
    issue = only("patterns", [f"{i % 900 + 100}-{i:04}" for i in range(500)] + ["5551234", "call me"], "line")
    assert (issue.rows, issue.detail, issue.row_numbers) == (2, "9-9", (501, 502))
    assert only("patterns", [f"item {i}" for i in range(100)] + ["item 7 "], "item").detail == "spaces"


def test_missing_and_nearly_constant() -> None:
    assert only("missing", [None, *"abcd"] * 40).severity == "low"
    assert only("missing", [None, None, *"a"] * 40).severity == "medium"
    assert kinds([None, *"abcdefghij"] * 40) == []
    issue = only("nearly_constant", [0] * 500 + [1, 2])
    assert (issue.rows, issue.values, issue.row_numbers) == (2, ((0, 500),), (501, 502))
    assert kinds([7] * 500) == []


def test_enums_and_types_that_nobody_wrote() -> None:
    connection = duckdb.connect()
    connection.execute("create type town as enum ('Berlin', 'Hamburg', 'NA ', 'never')")
    connection.execute(
        "create table t as select i, (case when i % 50 = 0 then 'NA ' when i % 2 = 0 then 'Berlin' else 'Hamburg' end)"
        "::town as town, uuid() as id, ('x' || i)::blob as bytes, null as nothing from range(500) r(i)"
    )
    found = colprofile.profile(connection, "t", pairs=False, progress=False)
    assert [(issue.kind, issue.values) for issue in found.quality] == [("placeholder", (("NA ", 10),))]
    assert [column.name for column in found.columns if column.text is not None] == ["town"]


def test_pandas_is_not_imported() -> None:
    """That takes half a second."""
    code = """
import sys, duckdb, colprofile
con = duckdb.connect()
con.execute("create table t as select i, 'a' || i % 5 as a, (i % 28 + 1) || '/1/2020' as d, i * 1.5 || (case when "
            "i % 3 = 0 then 'e2' else '' end) as n, case when i % 7 = 0 then '3 lb' else i || ' kg' end as u, "
            "case when i % 9 = 0 then 'NA' when i % 7 = 0 then 'Ulm ' else 'Ulm' end as v from range(300) r(i)")
found = colprofile.profile(con, "t", progress=False)
print(len(found.quality), "pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "5 False\n"
