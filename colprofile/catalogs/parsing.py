"""A database's text of saved values as results hold them, and of extended statistics as sets of columns."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from colprofile.catalogs.statistics import SavedDependency
from colprofile.counting.value_texts import blob_text, float_value
from colprofile.values import Value


def parse_value(text: str, base_type: str) -> Value:
    """Return a saved value as a profile of the column lists it.

    Integers, floats and booleans as such, all else as text; dates and times as PostgreSQL prints them in ISO style
    and UTC.

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

    It is ``{"3, 4": 11}``, or from version 19 on ``[{"attributes": [3, 4], "ndistinct": 11}]``. Entries with numbers
    that have no name (expressions) are left out.

    >>> parse_distinct('{"3, 4": 11}', {3: "zip", 4: "city"}) == {frozenset({"zip", "city"}): 11.0}
    True
    """
    return {frozenset(columns): count for columns, count in _entries(text, names, "ndistinct")}


def parse_dependencies(text: str | None, names: Mapping[int, str]) -> tuple[SavedDependency, ...]:
    """Return ``pg_dependencies`` as dependencies between columns.

    It is ``{"3, 4 => 5": 0.8}``, or from version 19 on a list of objects with the keys attributes, dependency and
    degree. Entries with numbers that have no name (expressions) are left out.

    >>> parse_dependencies('{"3 => 4": 0.5}', {3: "zip", 4: "city"})
    (SavedDependency(given=('zip',), implied='city', degree=0.5),)
    """
    return tuple(
        SavedDependency(columns[:-1], columns[-1], degree) for columns, degree in _entries(text, names, "degree")
    )


def _entries(text: str | None, names: Mapping[int, str], figure: str) -> list[tuple[tuple[str, ...], float]]:
    """Return the columns of each entry, what they determine last, and its figure; entries of expressions left out."""
    loaded: Any = json.loads(text or "{}")
    if isinstance(loaded, dict):
        entries = [([int(number) for number in re.findall(r"-?\d+", key)], loaded[key]) for key in loaded]
    else:
        given = [item["attributes"] + ([item["dependency"]] if "dependency" in item else []) for item in loaded]
        entries = list(zip(given, [item[figure] for item in loaded], strict=True))
    return [
        (tuple(names[number] for number in numbers), float(value))
        for numbers, value in entries
        if names.keys() >= set(numbers)
    ]
