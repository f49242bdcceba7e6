"""Value: a database value as results hold it, and its position on a numeric axis."""

from __future__ import annotations

import math
import re

import numpy as np

Value = bool | int | float | str | None
"""A value as results hold it: a JSON scalar. Floats are finite; what JSON cannot hold (NaN, infinities, dates,
decimals, blobs, nested values) is its database's text form."""


def axis_position(value: Value) -> float:
    """Return a value's position on its column's axis, where histogram bins are cut: NaN if it has none.

    Numbers and their texts as they are, temporal texts in microseconds since 1970-01-01 (times of day: since
    midnight).

    >>> [axis_position(value) for value in (2.5, "12.34", "1970-01-02", "00:00:01.5", "x")]
    [2.5, 12.34, 86400000000.0, 1500000.0, nan]
    """
    if isinstance(value, str):
        moment = temporal_number(value, 1_000_000_000)
        if moment is not None:
            return moment / 1000
        try:
            return float(value)
        except (ValueError, OverflowError):
            return math.nan
    if value is None:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def temporal_number(text: str, per_second: int) -> int | None:
    """Return a date, time or timestamp in DuckDB's text form as a whole number of units; None for other text.

    Parameters
    ----------
    text
        ``2013-01-31``, ``05:00:00.25`` or ``2013-01-31 05:00:00+00``; 44 BC is ``0044-03-15 (BC)`` or ``-043-03-15``.
    per_second
        Units per second. A time that is not a whole number of units gives None.

    >>> temporal_number("1970-01-02 00:00:01", 1_000_000), temporal_number("00:00:00.5", 1), temporal_number("x", 1)
    (86401000000, None, None)
    """
    found = _TEMPORAL.fullmatch(text)
    if found is None or not (found["date"] or found["hours"]):
        return None
    try:
        days = int(np.datetime64(_proleptic(found), "D").astype(np.int64)) if found["date"] else 0
    except ValueError:
        return None
    seconds = int(found["hours"] or 0) * 3600 + int(found["minutes"] or 0) * 60 + int(found["seconds"] or 0)
    nanoseconds = int((found["fraction"] or "").ljust(9, "0"))
    units, rest = divmod(nanoseconds * per_second, 1_000_000_000)
    return None if rest else (days * 86_400 + seconds) * per_second + units


_TEMPORAL = re.compile(
    r"(?P<date>(?:-\d{3}|-?\d{4,})-\d\d-\d\d)?(?P<before_christ> \(BC\))?[ T]?"
    r"(?:(?P<hours>\d\d):(?P<minutes>\d\d):(?P<seconds>\d\d)(?:\.(?P<fraction>\d{1,9}))?(?:\+00)?)?",
    re.ASCII,
)


def _proleptic(found: re.Match[str]) -> str:
    """Return a date as numpy reads it: before the year 1 as 0000, -001; DuckDB writes 0001 (BC), 0002 (BC)."""
    year, month, day = found["date"].rsplit("-", 2)
    number = 1 - int(year) if found["before_christ"] else int(year)
    return f"{number:05d}-{month}-{day}" if number < 0 else f"{number:04d}-{month}-{day}"


def value_family(kind: str, type_name: str) -> str:
    """Return what a type's values are, in one or two words.

    Integers, decimals and floats are all numbers (1, 1.0 and 1.00 are one value); dates and timestamps are moments;
    enumerations are text. Times of day, intervals, blobs and each nested type are families of their own.

    >>> value_family("numeric", "INTEGER"), value_family("temporal", "TIMESTAMP"), value_family("text", "VARCHAR")
    ('number', 'moment', 'text')
    """
    name = type_name.lower()
    if kind == "temporal":
        if name.startswith(("date", "timestamp")):
            return "moment"
        return "interval" if name.startswith("interval") else "time" if name == "time_ns" else name
    if kind in ("text", "categorical"):
        return "blob" if name in ("blob", "bytea", "varbinary", "binary") else "text"
    return {"numeric": "number", "boolean": "boolean"}.get(kind, name)


def is_same_type(one: str, other: str) -> bool:
    """Whether two types are the same but for their lengths: their values' keys can be compared then.

    Types of DuckDB are in capitals and those of other databases are not, as their keys are others.

    >>> is_same_type("varchar(10) collate nocase", "varchar(20) collate nocase"), is_same_type("INTERVAL", "interval")
    (True, False)
    """
    first, second = (re.sub(r"\(\d+\)", "", name) for name in (one, other))
    return first == second


def value_at(position: float, family: str) -> float | str:
    """Return what lies at a position on the axis of a column of this family: a number, or a time as text.

    >>> value_at(2.5, "number"), value_at(86_400e6, "moment"), value_at(5_400e6, "time")
    (2.5, '1970-01-02', '01:30:00')
    """
    if family == "number" or abs(position) >= 2.0**62:
        return position
    microseconds = round(position)
    if family == "moment":
        text = str(np.datetime64(microseconds, "us")).replace("T", " ")
        return _short(text).removesuffix(" 00:00:00")
    days, rest = divmod(microseconds, 86_400_000_000)
    return _short(str(np.datetime64(rest, "us")).partition("T")[2]) if days == 0 else position


def _short(text: str) -> str:
    """Return text without zeros at the end of its fraction."""
    return text.rstrip("0").rstrip(".") if "." in text else text
