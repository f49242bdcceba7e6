"""When values of two columns are equal: as a database's own = says after it has cast one type to the other."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Hashable
from fractions import Fraction
from uuid import UUID

import numpy as np

from colprofile.values import Value, temporal_number

Key = Callable[[Value], Hashable]
"""What is equal for equal values of a side."""

_FLOATS = frozenset({"float", "float4", "real"})
_DOUBLES = frozenset({"double", "double precision", "float8"})


def keys_of(family: str, stale_type: str, fresh_type: str) -> tuple[Key, Key]:
    """Return the keys of the stale and of the fresh values, of two types of one family (see ``values.value_family``).

    Of numbers, exact ones are compared as they are, and with doubles as doubles: 9007199254740993 is then
    9007199254740992. A 32-bit float is compared with a double as the double that it is, 0.1 being
    0.10000000149011612, and with exact numbers as a 32-bit float. A day is its midnight.

    >>> stale, fresh = keys_of("number", "DECIMAL(30,6)", "INTEGER")
    >>> stale("2.000000") == fresh(2)
    True
    >>> stale, fresh = keys_of("moment", "DATE", "TIMESTAMP")
    >>> stale("2020-01-31") == fresh("2020-01-31 00:00:00")
    True
    """
    types = stale_type.lower(), fresh_type.lower()
    if types[0] == types[1]:
        return _as_it_is, _as_it_is
    if family == "number":
        are_floats, are_doubles = ([of_type in names for of_type in types] for names in (_FLOATS, _DOUBLES))
        if any(are_doubles):
            first, second = (_float if is_float else _double for is_float in are_floats)
            return first, second
        return (_float, _float) if any(are_floats) else (_exact, _exact)
    if family in ("moment", "time"):
        return _moment, _moment
    if "uuid" in types:
        return _uuid, _uuid
    return _as_it_is, _as_it_is


_NOT_BY_TEXT = re.compile(
    r"\binterval\b|\bunion\(|\bvariant\b|\bcollate\b|\bcitext\b|(\b(float|double|real)\b.*(\)|\[\d*\]))", re.DOTALL
)


def needs_keys(type_name: str) -> bool:
    """Whether the texts of a type's values do not decide which of them a database calls equal.

    >>> [needs_keys(name) for name in ("INTERVAL", "DOUBLE[]", "UNION(i INTEGER, s VARCHAR)", "DOUBLE", "INTEGER[]")]
    [True, True, True, False, False]
    """
    return _NOT_BY_TEXT.search(type_name.lower()) is not None


def _as_it_is(value: Value) -> Hashable:
    return value


def _exact(value: Value) -> Hashable:
    """Return a number without rounding; the text of what is none, such as NaN."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return value


def _double(value: Value) -> Hashable:
    """Return a number as the nearest double."""
    exact = _exact(value)
    if not isinstance(exact, Fraction):
        return exact
    try:
        return float(exact)
    except OverflowError:
        return "inf" if exact > 0 else "-inf"


def _float(value: Value) -> Hashable:
    """Return a number as the nearest 32-bit float, which is kept by its shortest text: 0.1."""
    double = _double(value)
    with np.errstate(over="ignore"):
        return float(np.float32(double)) if isinstance(double, float) else double


def _moment(value: Value) -> Hashable:
    """Return a date, time or timestamp in nanoseconds; the text of what is none, such as infinity."""
    number = temporal_number(value, 1_000_000_000) if isinstance(value, str) else None
    return value if number is None else number


def _uuid(value: Value) -> Hashable:
    """Return a UUID in lower case and with hyphens; other text as it is."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return str(UUID(value))
    return value
