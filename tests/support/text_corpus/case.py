"""A small file that imitates an oddity of real ones, with what a careful person would read in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

ANY: Any = ...
"""Stands for a name or a value that does not matter."""


@dataclass(frozen=True)
class Table:
    """The names of the columns and the rows; ``says``: a remark, or skipped or rejected lines, must tell of it.

    A text in a row must be text in the column; a number, a date or a boolean must have such a type. None is NULL or the
    empty text: many files cannot tell them apart. ``reading`` are fields of the ``InputReading``.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    says: bool = False
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """An error whose message matches a pattern."""

    pattern: str


@dataclass(frozen=True)
class Case:
    """A file and what may come of it: one of ``expected``, where careful people differ.

    Attributes
    ----------
    name
        What is odd about it.
    data
        Its bytes.
    expected
        What it must give.
    options
        How it is read, as ``profile`` takes them.
    file
        Its name.
    """

    name: str
    data: bytes = field(repr=False)
    expected: Table | Refusal | tuple[Table | Refusal, ...] = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    file: str = "data.csv"

    @property
    def outcomes(self) -> tuple[Table | Refusal, ...]:
        """What it may give."""
        return self.expected if isinstance(self.expected, tuple) else (self.expected,)


def same_value(expected: Any, found: Any) -> bool:
    """Return whether a value is the expected one, in type too."""
    if expected is ANY:
        return True
    if expected is None or expected == "":
        return found is None or found == ""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float | Decimal):
        return isinstance(found, int | float | Decimal) and same_number(expected, found)
    if isinstance(expected, datetime):
        return isinstance(found, datetime) and expected == found
    if isinstance(expected, date):
        midnight = datetime.combine(expected, time())
        return bool(found == (midnight if isinstance(found, datetime) else expected))
    return type(expected) is type(found) and bool(expected == found)


def same_number(expected: float | Decimal, found: float | Decimal) -> bool:
    """Return whether two numbers are equal: as doubles if either is one, else exactly."""
    if isinstance(expected, float) or isinstance(found, float):
        try:
            x, y = float(expected), float(found)
        except OverflowError:
            return False
        return x == y or (math.isnan(x) and math.isnan(y))
    try:
        return Decimal(expected) == Decimal(found)
    except InvalidOperation:
        return False
