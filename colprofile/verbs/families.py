"""Families of types: which columns can be compared value by value, whatever their engines call their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from colprofile.results.histogram import Histogram
from colprofile.results.profile import Profile
from colprofile.sources.base import SourceColumn


def family(kind: str, type_name: str) -> str:
    """Return what a type's values are, in one or two words.

    Integers, decimals and floats are all numbers (1, 1.0 and 1.00 are one value); dates and timestamps are moments;
    enumerations are text. Times of day, intervals, blobs and each nested type are families of their own.

    >>> family("numeric", "INTEGER"), family("temporal", "TIMESTAMP"), family("categorical", "ENUM('a')")
    ('number', 'moment', 'text')
    """
    name = type_name.lower()
    if kind == "temporal":
        if name.startswith(("date", "timestamp")):
            return "moment"
        return "interval" if name.startswith("interval") else name
    if kind in ("text", "categorical"):
        return "blob" if name in ("blob", "bytea", "varbinary", "binary") else "text"
    return {"numeric": "number", "boolean": "boolean"}.get(kind, name)


def cells_to_match(profile: Profile, columns: Iterable[SourceColumn]) -> Mapping[str, Histogram]:
    """Return by name the profile's histograms that columns of a source can be counted on: those of the same family."""
    known = {column.name: column for column in reversed(profile.columns)}
    return {
        column.name: known[column.name].histogram
        for column in columns
        if column.name in known
        and family(column.kind, column.type) == family(known[column.name].kind, known[column.name].type)
    }
