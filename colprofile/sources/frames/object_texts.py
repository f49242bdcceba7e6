"""What Python objects are, and the text that tells one from every other: the words in which objects become columns."""

from __future__ import annotations

import decimal
import enum
import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import PurePath
from typing import Any

import numpy as np

from colprofile.errors import shorten

_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("enumeration", (enum.Enum,)),
    ("boolean", (bool, np.bool_)),
    ("numpy duration", (np.timedelta64,)),  # before the integers, of which numpy takes it for one
    ("integer", (int, np.integer)),
    ("float", (float, np.floating)),
    ("decimal", (Decimal,)),
    ("complex", (complex, np.complexfloating)),
    ("text", (str,)),
    ("blob", (bytes, bytearray, memoryview)),
    ("datetime", (datetime,)),
    ("date", (date,)),
    ("time", (time,)),
    ("numpy datetime", (np.datetime64,)),
    ("duration", (timedelta,)),
    ("uuid", (uuid.UUID,)),
    ("path", (PurePath,)),
    ("mapping", (Mapping,)),
    ("list", (list,)),
    ("tuple", (tuple,)),
    ("array", (np.ndarray,)),
    ("set", (set, frozenset)),
    ("fraction", (Fraction,)),
    ("address", (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)),
)

NUMBERS = frozenset({"integer", "float", "decimal"})
"""Kinds whose values are equal by number."""

MOMENTS = frozenset({"datetime", "date"})
"""Kinds that a column of timestamps can hold."""


class UnreadableObjects(Exception):
    """Values that cannot be told apart; the message says why."""


def kind_of(cls: type) -> str:
    """Return the kind of a class's objects; "missing" for what stands for a missing value, "" for one unknown.

    >>> [kind_of(cls) for cls in (int, np.int8, bool, bytes, type(None), object)]
    ['integer', 'integer', 'boolean', 'blob', 'missing', '']
    """
    kind = _found.get(cls)
    if kind is None:
        kind = _found[cls] = _kind(cls)
    return kind


_found: dict[type, str] = {}
"""The kinds of the classes seen so far: each value of a column asks for its own."""


def _kind(cls: type) -> str:
    package, name = cls.__module__.partition(".")[0], cls.__name__
    if cls is type(None) or (package == "pandas" and name in ("NAType", "NaTType")):
        return "missing"
    if package == "pandas" and name in ("Period", "Interval"):
        return name.lower()
    if package == "shapely":
        return "geometry"
    if cls is np.longdouble or cls is np.clongdouble:
        return ""  # no other type holds all of its values
    return next((kind for kind, classes in _KINDS if issubclass(cls, classes)), "")


def unknown_class(cls: type) -> str:
    """Return why objects of a class cannot be read."""
    name = shorten(f"{cls.__module__}.{cls.__qualname__}")
    return f"it holds objects of the class {name}: convert them to text or numbers"


def is_missing(value: Any) -> bool:
    """Whether an object stands for a missing value.

    >>> [is_missing(value) for value in (None, float("nan"), Decimal("nan"), np.datetime64("NaT"), 0, "")]
    [True, True, True, True, False, False]
    """
    kind = kind_of(type(value))
    if kind in ("float", "complex", "numpy datetime", "numpy duration"):
        return bool(value != value)
    return kind == "missing" or (kind == "decimal" and value.is_nan())


def decimal_text(number: Decimal) -> str:
    """Return the same text for equal decimals.

    >>> [decimal_text(Decimal(text)) for text in ("1.50", "1.5", "-0.0", "1E+3", "Infinity")]
    ['1.5', '1.5', '0', '1E+3', 'Infinity']
    """
    if not number:
        return "0"
    with decimal.localcontext() as context:
        context.prec = max(1, len(number.as_tuple().digits))
        context.Emax, context.Emin = decimal.MAX_EMAX, decimal.MIN_EMIN
        return str(number.normalize())


def complex_text(value: complex) -> str:
    """Return the same text for equal complex numbers.

    >>> complex_text(1 - 0j), complex_text(complex(-0.0, 2.5))
    ('1+0j', '0+2.5j')
    """
    return str(value + 0).strip("()") if value.real else f"0{value.imag + 0:+}".removesuffix(".0") + "j"


def member_name(value: enum.Enum) -> str:
    """Return the name of an enumeration's member; of a combination of flags its text."""
    return value.name if isinstance(value.name, str) else str(value)


def interval_text(value: Any) -> str | None:
    """Return the same text for equal intervals of pandas; None for one that is missing."""
    if is_missing(value):
        return None
    left, right = "[" if value.closed_left else "(", "]" if value.closed_right else ")"
    return f"{left}{written(value.left)}, {written(value.right)}{right}"


def members_of(cell: Any) -> list[Any]:
    """Return the members of a list, tuple, set or array as Python objects."""
    return list(cell.tolist() if isinstance(cell, np.ndarray) and cell.dtype != object else cell)


_LIKE_ANOTHER_KIND = re.compile(r"""[+-]?\.?\d|[+-]?(inf|nan)|['"\[{(<]|b['"]|(True|False|None)$|.*\(""", re.DOTALL)


def written(value: Any) -> str | None:
    """Return the text of a value that no value of another kind has.

    >>> [written(value) for value in (1, 1.0, Decimal("1.00"), "1", b"1", True, "n/a", [1, "x"], {"b": 1, "a": 2})]
    ['1', '1', '1', "'1'", "b'1'", 'True', 'n/a', '[1, x]', '{a: 2, b: 1}']
    """
    kind = kind_of(type(value))
    if is_missing(value):
        return None
    if kind in NUMBERS:
        return _number_written(value)
    if kind == "text":
        return repr(str(value)) if _LIKE_ANOTHER_KIND.match(value) or "," in value else str(value)
    if kind == "blob":
        return repr(bytes(value))
    if kind == "boolean":
        return str(bool(value))
    if kind == "complex":
        return f"({complex_text(complex(value))})"
    if kind in ("datetime", "date", "time", "numpy datetime"):
        return str(value)
    if kind in ("list", "tuple", "array", "set"):
        return _written_together(value, kind)
    if kind == "mapping":
        return "{" + ", ".join(sorted(f"{written(key)}: {written(member)}" for key, member in value.items())) + "}"
    if not kind:
        raise UnreadableObjects(unknown_class(type(value)))
    if kind == "enumeration":
        return f"{type(value).__name__}({member_name(value)})"
    return f"{kind}({interval_text(value) if kind == 'interval' else value})"


def _written_together(values: Any, kind: str) -> str:
    members = [str(written(member)) for member in members_of(values)]
    if kind == "list":
        return f"[{', '.join(members)}]"
    if kind == "set":
        return "{" + ", ".join(sorted(members)) + "}" if members else "set()"
    return f"({', '.join(members)})" if kind == "tuple" else f"array([{', '.join(members)}])"


def _number_written(value: Any) -> str:
    """Return the same text for equal numbers."""
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if isinstance(value, Decimal) and Decimal(number) != value:
        return f"Decimal({decimal_text(value)})"
    return str(int(number)) if number.is_integer() else repr(number)
