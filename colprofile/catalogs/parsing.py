"""A database's text of saved values as results hold them, and of extended statistics as sets of columns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from colprofile.catalogs.statistics import SavedDependency
from colprofile.values import Value

_INTEGERS = {"int2", "int4", "int8", "oid"}
_FLOATS = {"float4", "float8"}
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


def parse_value(text: str, base_type: str) -> Value:
    """Return a saved value as results hold it: integers, floats and booleans as such, all else as its text.

    Parameters
    ----------
    text
        The database's text form.
    base_type
        PostgreSQL's name of the type, such as int4.

    >>> parse_value("12", "int4"), parse_value("t", "bool"), parse_value("1.50", "numeric")
    (12, True, '1.50')
    >>> parse_value("0.5", "float8"), parse_value("NaN", "float8")
    (0.5, 'NaN')
    """
    if base_type in _INTEGERS:
        return int(text)
    if base_type == "bool":
        return text in ("t", "true")
    if base_type in _FLOATS:
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def parse_place(text: str, base_type: str) -> float | None:
    """Return a value's place on its axis as ``Histogram.edges`` has it; None for what has none.

    Numbers as they are; dates and timestamps in microseconds since 1970-01-01 (UTC), times of day since midnight.
    Infinite, BC and 24:00 values have no place.

    >>> parse_place("2.5", "numeric"), parse_place("1970-01-02", "date"), parse_place("00:00:01", "time")
    (2.5, 86400000000.0, 1000000.0)
    >>> parse_place("1970-01-01 01:00:00+01", "timestamptz"), parse_place("infinity", "date"), parse_place("a", "text")
    (0.0, None, None)
    """
    try:
        if base_type in _INTEGERS | _FLOATS | {"numeric"}:
            number = float(text)
            return number if math.isfinite(number) else None
        if base_type == "date":
            return float((date.fromisoformat(text) - _EPOCH.date()).days * 86_400_000_000)
        if base_type == "timestamp":
            return float((datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND)
        if base_type == "timestamptz":
            moment = datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
            return float((moment - _EPOCH) // _MICROSECOND)
        if base_type == "time":
            moment = datetime.combine(_EPOCH.date(), time.fromisoformat(text))
            return float((moment - _EPOCH) // _MICROSECOND)
    except ValueError:
        return None
    return None


def parse_distinct(text: str | None, names: Mapping[int, str]) -> dict[frozenset[str], float]:
    """Return ``pg_ndistinct`` as distinct combinations by set of columns.

    Parameters
    ----------
    text
        What the server prints: ``{"3, 4": 11}``, or from version 19 on ``[{"attributes": [3, 4], "ndistinct": 11}]``.
    names
        Column name by attribute number; entries with other numbers (expressions) are left out.

    >>> parse_distinct('{"3, 4": 11}', {3: "zip", 4: "city"}) == {frozenset({"zip", "city"}): 11.0}
    True
    """
    if not text:
        return {}
    loaded = json.loads(text)
    entries = (
        [([int(part) for part in key.split(",")], count) for key, count in loaded.items()]
        if isinstance(loaded, dict)
        else [(item["attributes"], item["ndistinct"]) for item in loaded]
    )
    return {
        frozenset(names[number] for number in numbers): float(count)
        for numbers, count in entries
        if all(number in names for number in numbers)
    }


def parse_dependencies(text: str | None, names: Mapping[int, str]) -> tuple[SavedDependency, ...]:
    """Return ``pg_dependencies`` as dependencies between columns.

    Parameters
    ----------
    text
        What the server prints: ``{"3, 4 => 5": 0.8}``, or from version 19 on a list of objects with the keys
        attributes, dependency and degree.
    names
        Column name by attribute number; entries with other numbers (expressions) are left out.

    >>> parse_dependencies('{"3 => 4": 0.5}', {3: "zip", 4: "city"})
    (SavedDependency(given=('zip',), implied='city', degree=0.5),)
    """
    if not text:
        return ()
    loaded = json.loads(text)
    entries: list[tuple[list[int], int, float]] = []
    if isinstance(loaded, dict):
        for key, degree in loaded.items():
            given, implied = key.split("=>")
            entries.append(([int(part) for part in given.split(",")], int(implied), float(degree)))
    else:
        entries = [(item["attributes"], int(item["dependency"]), float(item["degree"])) for item in loaded]
    return tuple(
        SavedDependency(tuple(names[number] for number in given), names[implied], degree)
        for given, implied, degree in entries
        if implied in names and all(number in names for number in given)
    )
