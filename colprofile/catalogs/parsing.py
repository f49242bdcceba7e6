"""A database's text of saved values as results hold them, and of extended statistics as sets of columns."""

from __future__ import annotations

import json
from collections.abc import Mapping

from colprofile.catalogs.statistics import SavedDependency
from colprofile.counting.dictionary import blob_text, float_value
from colprofile.values import Value


def parse_value(text: str, base_type: str) -> Value:
    """Return a saved value as a profile of the column lists it.

    Integers, floats and booleans as such, all else as text; dates and times as PostgreSQL prints them in ISO style
    and UTC.

    Parameters
    ----------
    text
        The database's text form.
    base_type
        PostgreSQL's name of the type, such as int4.

    >>> parse_value("12", "int4"), parse_value("t", "bool"), parse_value("1.50", "numeric")
    (12, True, '1.50')
    >>> parse_value("0.5", "float8"), parse_value("Infinity", "float8"), parse_value("10.0.0.1", "inet")
    (0.5, 'inf', '10.0.0.1/32')
    """
    if base_type in ("int2", "int4", "int8"):
        return int(text)
    if base_type == "bool":
        return text in ("t", "true")
    if base_type in ("float4", "float8"):
        return float_value(float(text))
    if base_type == "bytea":
        return blob_text(bytes.fromhex(text.removeprefix("\\x")))
    if base_type == "inet" and "/" not in text:
        return f"{text}/{128 if ':' in text else 32}"
    return text


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
