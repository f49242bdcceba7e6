"""Results as pandas data frames: one row per item, one column per field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_origin

import pandas as pd

from colprofile.results.fields import field_hints, members
from colprofile.values import Value

DTYPES: dict[type, tuple[str, str]] = {
    bool: ("bool", "boolean"),
    int: ("int64", "Int64"),
    float: ("float64", "Float64"),
    str: ("str", "str"),
}
"""Type of a field → its dtype, and its dtype if values can be missing."""


def frame_of(cls: type, items: Sequence[Any], *, objects: Sequence[str] = (), **first: Sequence[str]) -> pd.DataFrame:
    """Return a data frame with one row per item and one column per field that holds a single value.

    An interval becomes two columns, ``…_lower`` and ``…_upper``. A field that holds another dataclass becomes one
    column per field of that class, prefixed with the field's name. What is undefined is missing (``pd.NA``), in
    nullable dtypes.

    Parameters
    ----------
    cls
        Dataclass of the items.
    items
        Items of that class, one per row.
    objects
        Names of fields that are kept as Python objects, such as tuples of names. All other fields that hold more than
        one value are left out.
    first
        Values of further columns of text, by name. They come before the fields.
    """
    columns = {name: _series(list(values), str, False) for name, values in first.items()}
    for name, hint in field_hints(cls).items():
        values = [getattr(item, name) for item in items]
        columns |= {name: pd.Series(values, dtype=object)} if name in objects else _columns(name, hint, values)
    return pd.DataFrame(columns)


def _columns(name: str, hint: Any, values: list[Any]) -> dict[str, pd.Series]:
    """Return the columns of a field: none for a list, two for an interval, several for a dataclass."""
    if hint == Value:
        return {name: pd.Series(values, dtype=object)}
    kinds = [member for member in members(hint) if member is not type(None)]
    kind, is_optional = kinds[0], len(kinds) < len(members(hint))
    if len(kinds) > 1:
        return {}
    if kind in DTYPES or get_origin(kind) is Literal:
        return {name: _series(values, kind if kind in DTYPES else str, is_optional)}
    if get_args(kind) == (float, float) and name.endswith("_interval"):
        ends = [value or (None, None) for value in values]
        return {
            name.replace("_interval", f"_{end}"): _series([pair[index] for pair in ends], float, is_optional)
            for index, end in enumerate(("lower", "upper"))
        }
    if not (isinstance(kind, type) and is_dataclass(kind) and _is_flat(kind)):
        return {}
    columns: dict[str, pd.Series] = {}
    for field, inner in field_hints(kind).items():
        nested = [None if value is None else getattr(value, field) for value in values]
        columns |= _columns(f"{name}_{field}", inner | None if is_optional else inner, nested)
    return columns


def _is_flat(cls: type) -> bool:
    """Whether every field of a dataclass holds a single value, so that it fits in a row."""
    return all(member in (*DTYPES, type(None)) for hint in field_hints(cls).values() for member in members(hint))


def _series(values: list[Any], kind: type, is_optional: bool) -> pd.Series:
    """Return the values with the dtype of their kind, nullable where None can be.

    Text that no UTF-8 can hold (lone surrogates in a name) and integers of more than 64 bits stay Python objects.
    """
    try:
        return pd.Series(values, dtype=DTYPES[kind][is_optional])
    except (UnicodeEncodeError, OverflowError):
        return pd.Series(values, dtype=object)
