"""Results as pandas data frames: one row an item, one column a field."""

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
"""Type of a field → its dtype without and with missing figures."""


def frame_of(cls: type, items: Sequence[Any], *, objects: Sequence[str] = (), **first: Sequence[str]) -> pd.DataFrame:
    """Return one row an item of the dataclass ``cls``, in their order, and one column a field of one value.

    Intervals become two columns, ``…_lower`` and ``…_upper``, and a dataclass of such fields one column a field, with
    the field's name as prefix. What is undefined is missing (``pd.NA``), in nullable dtypes.

    Parameters
    ----------
    cls
        The class of the items.
    items
        One row each.
    objects
        Fields that hold more than one value, such as a tuple of names, to be kept as Python objects. All others of
        that kind are left out.
    first
        Name → values of a column that comes before all others.
    """
    columns = {name: _series(list(values), str, False) for name, values in first.items()}
    for name, hint in field_hints(cls).items():
        values = [getattr(item, name) for item in items]
        columns |= {name: pd.Series(values, dtype=object)} if name in objects else _columns(name, hint, values)
    return pd.DataFrame(columns)


def _columns(name: str, hint: Any, values: list[Any]) -> dict[str, pd.Series]:
    """Return a field's columns: none for a list, two for an interval, several for a dataclass."""
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
    """Whether a dataclass has fields of one value only, so that it fits a row."""
    return all(member in (*DTYPES, type(None)) for hint in field_hints(cls).values() for member in members(hint))


def _series(values: list[Any], kind: type, is_optional: bool) -> pd.Series:
    """Return the values with the dtype of their kind, nullable where None can be.

    Text that no UTF-8 can hold (lone surrogates in a name) and integers of more than 64 bits stay Python objects.
    """
    try:
        return pd.Series(values, dtype=DTYPES[kind][is_optional])
    except (UnicodeEncodeError, OverflowError):
        return pd.Series(values, dtype=object)
