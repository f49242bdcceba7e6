"""Value: a database value as results hold it, and its place on a numeric axis."""

from __future__ import annotations

import math
import re

import numpy as np

Value = bool | int | float | str | None
"""A value as results hold it: a JSON scalar. Floats are finite; what JSON cannot hold (NaN, infinities, dates,
decimals, blobs, nested values) is its database's text form."""


def place_of(value: Value) -> float:
    """Return a value's place on its column's axis, where histogram bins are cut: NaN if it has none.

    Numbers and their texts as they are, temporal texts in microseconds since 1970-01-01 (times of day: since
    midnight).

    >>> place_of(2.5), place_of("12.34"), place_of("1970-01-02"), place_of("00:00:01.5"), place_of("x")
    (2.5, 12.34, 86400000000.0, 1500000.0, nan)
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
        ``2013-01-31``, ``05:00:00.25`` or ``2013-01-31 05:00:00+00``.
    per_second
        Units a second. What is finer than a unit makes it None.

    >>> temporal_number("1970-01-02 00:00:01", 1_000_000), temporal_number("00:00:00.5", 1), temporal_number("x", 1)
    (86401000000, None, None)
    """
    found = _TEMPORAL.fullmatch(text)
    if found is None or not (found["date"] or found["hours"]):
        return None
    try:
        days = int(np.datetime64(found["date"], "D").astype(np.int64)) if found["date"] else 0
    except ValueError:
        return None
    seconds = int(found["hours"] or 0) * 3600 + int(found["minutes"] or 0) * 60 + int(found["seconds"] or 0)
    nanoseconds = int((found["fraction"] or "").ljust(9, "0"))
    units, rest = divmod(nanoseconds * per_second, 1_000_000_000)
    return None if rest else (days * 86_400 + seconds) * per_second + units


_TEMPORAL = re.compile(
    r"(?P<date>-?\d{4,}-\d\d-\d\d)?[ T]?"
    r"(?:(?P<hours>\d\d):(?P<minutes>\d\d):(?P<seconds>\d\d)(?:\.(?P<fraction>\d{1,9}))?(?:\+00)?)?",
    re.ASCII,
)
