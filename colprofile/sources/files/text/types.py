"""The types of columns, from the kinds of all their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colprofile.sources.files.text import kernel, kinds
from colprofile.sources.files.text.memory import Numbers

_EMPTY = (kinds.EMPTY, kinds.QUOTED_EMPTY, kinds.NULL_TEXT, kinds.SPACES)
_SURE_DIGITS, _MOST_DOUBLE_DIGITS, _MOST_DECIMAL_DIGITS = 15, 17, 38
"""Significant digits that a double always holds; that tell doubles apart; that DECIMAL holds."""

_WHOLE = {kinds.INTEGER, kinds.LARGE_INTEGER}
_NUMBERS = _WHOLE | {kinds.DECIMAL, kinds.NOT_FINITE}
_DIGITS = _NUMBERS | {kinds.HUGE_INTEGER, kinds.LEADING_ZERO}
_PLAIN = {
    frozenset([kinds.INTEGER]): "BIGINT",
    frozenset([kinds.DATE]): "DATE",
    frozenset([kinds.TIME]): "TIME",
    frozenset([kinds.TIMESTAMP]): "TIMESTAMP",
    frozenset([kinds.DATE, kinds.TIMESTAMP]): "TIMESTAMP",
    frozenset([kinds.ZONED_TIMESTAMP]): "TIMESTAMP WITH TIME ZONE",
    frozenset([kinds.LOWER_BOOLEAN]): "BOOLEAN",
    frozenset([kinds.TITLE_BOOLEAN]): "BOOLEAN",
    frozenset([kinds.UPPER_BOOLEAN]): "BOOLEAN",
}


@dataclass(frozen=True)
class FieldCounts:
    """What the fields of a column are, all of them.

    Attributes
    ----------
    counts
        int64[KINDS]: fields by kind.
    extremes
        int64[EXTREMES]: as the kernel has them.
    """

    counts: Numbers
    extremes: Numbers

    def __add__(self, other: FieldCounts) -> FieldCounts:
        extremes = np.maximum(self.extremes, other.extremes)
        extremes[kernel.LEAST_SCALE] = min(self.extremes[kernel.LEAST_SCALE], other.extremes[kernel.LEAST_SCALE])
        extremes[kernel.ALL_FLAGS] = self.extremes[kernel.ALL_FLAGS] | other.extremes[kernel.ALL_FLAGS]
        extremes[kernel.UNQUOTED] = self.extremes[kernel.UNQUOTED] + other.extremes[kernel.UNQUOTED]
        return FieldCounts(self.counts + other.counts, extremes)

    @property
    def present(self) -> frozenset[int]:
        """The kinds of the fields that hold something."""
        return frozenset((np.flatnonzero(self.counts[len(_EMPTY) :]) + len(_EMPTY)).tolist())

    @property
    def has_empty_texts(self) -> bool:
        """Whether ``""`` is an empty text rather than a missing value: the column has quotes only where they tell."""
        unquoted = self.extremes[kernel.UNQUOTED] + self.counts[kinds.EMPTY]
        return bool(self.counts[kinds.QUOTED_EMPTY] and unquoted)


@dataclass(frozen=True)
class ColumnType:
    """How a column is read.

    Attributes
    ----------
    name
        The type in SQL.
    expression
        How the type is made of the text ``{}``; None where DuckDB's reader makes it.
    why
        A word on the type that a person should see, "" for none: what stands for the rest of "`column` is …".
    odd_kind
        The kind of the few fields that make a column of others text, else None.
    """

    name: str
    expression: str | None = None
    why: str = ""
    odd_kind: int | None = None


TEXT = ColumnType("VARCHAR")


def column_type(fields: FieldCounts, decimal: str, thousands: str) -> ColumnType:
    """Return the type that holds all values of a column, and keeps different texts different."""
    present = fields.present
    flags = int(fields.extremes[kernel.ALL_FLAGS])
    found = _type_of(fields, present, flags)
    if found.name == "VARCHAR" or found.expression is not None:
        return found
    numeric = bool(present & _DIGITS)
    text = "{}"
    if numeric and flags & kinds.GROUPED:
        text = f"replace({text}, {_literal(thousands)}, '')"
    if numeric and decimal != "." and kinds.DECIMAL in present:
        text = f"replace({text}, {_literal(decimal)}, '.')"
    if flags & kinds.PADDED or fields.counts[kinds.SPACES]:
        text = f"nullif(trim({text}, ' \t'), '')"
    if text == "{}":
        return found
    return ColumnType(found.name, f"cast({text} as {found.name})", found.why)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _type_of(fields: FieldCounts, present: frozenset[int], flags: int) -> ColumnType:
    if not present or present == {kinds.NOT_FINITE}:
        return TEXT
    if present in _PLAIN:
        scale = int(fields.extremes[kernel.MOST_SCALE])
        if kinds.TIMESTAMP in present and scale > 6:
            return ColumnType("TIMESTAMP_NS")
        return ColumnType(_PLAIN[present])
    if present <= _NUMBERS:
        return _number_type(fields, present, flags)
    if present <= {kinds.SHORT_DATE, kinds.SHORT_TIMESTAMP}:
        return _short_date_type(present, flags)
    if present <= _DIGITS:
        if kinds.LEADING_ZERO in present:
            return ColumnType("VARCHAR", why="text: its digits begin with zeros", odd_kind=kinds.LEADING_ZERO)
        return ColumnType("VARCHAR", why="text: no number type holds all of its digits", odd_kind=kinds.HUGE_INTEGER)
    return _mixed(fields, present)


def _number_type(fields: FieldCounts, present: frozenset[int], flags: int) -> ColumnType:
    digits, whole, scale, least = (
        int(fields.extremes[i]) for i in (kernel.MOST_DIGITS, kernel.MOST_WHOLE, kernel.MOST_SCALE, kernel.LEAST_SCALE)
    )
    if present <= _WHOLE:
        return ColumnType("HUGEINT")
    has_large = whole > _SURE_DIGITS and bool(present & _WHOLE)
    fits = whole + scale <= _MOST_DECIMAL_DIGITS and kinds.NOT_FINITE not in present
    exact = ColumnType(f"DECIMAL({max(1, whole + scale)},{scale})")
    if digits <= _SURE_DIGITS and not has_large:
        return ColumnType("DOUBLE")
    has_one_scale = not present & _WHOLE and least == scale
    if digits <= _MOST_DOUBLE_DIGITS and not has_large and not has_one_scale:
        return ColumnType("DOUBLE")
    if fits and not flags & kinds.EXPONENT:
        return exact
    if digits <= _MOST_DOUBLE_DIGITS and not has_large:
        return ColumnType("DOUBLE")
    return ColumnType("VARCHAR", why=f"text: no number type holds its {digits} digits")


def _short_date_type(present: frozenset[int], flags: int) -> ColumnType:
    """Return the type of dates with the year last; text where no order of day and month fits all."""
    separators = [sign for flag, sign in ((kinds.SLASH, "/"), (kinds.DASH, "-"), (kinds.DOT, ".")) if flags & flag]
    one_of = [(kinds.SHORT_YEAR, kinds.LONG_YEAR), (kinds.SECONDS, kinds.NO_SECONDS), (kinds.HALF_DAY, kinds.WHOLE_DAY)]
    is_even = len(separators) == 1 and not any(flags & a and flags & b for a, b in one_of) and len(present) == 1
    if not is_even:
        return ColumnType("VARCHAR", why="text: its dates are written in several ways")
    day, month = not flags & kinds.NOT_DAY_FIRST, not flags & kinds.NOT_MONTH_FIRST
    if not day and not month:
        return ColumnType("VARCHAR", why="text: its dates are partly day first, partly month first")
    is_day_first = day and (not month or separators != ["/"])
    order = ["%d", "%m"] if is_day_first else ["%m", "%d"]
    form = separators[0].join([*order, "%Y" if flags & kinds.LONG_YEAR else "%y"])
    name = "DATE"
    if kinds.SHORT_TIMESTAMP in present:
        name = "TIMESTAMP"
        form += "T" if flags & kinds.LETTER_T else " "
        form += "%I:%M" if flags & kinds.HALF_DAY else "%H:%M"
        form += ":%S" if flags & kinds.SECONDS else ""
        form += " %p" if flags & kinds.HALF_DAY else ""
    why = ""
    if day and month:
        why = f"a date read with the {'day' if is_day_first else 'month'} first: no value tells"
    return ColumnType(name, f"cast(strptime(nullif(trim({{}}), ''), '{form}') as {name})", why)


def _mixed(fields: FieldCounts, present: frozenset[int]) -> ColumnType:
    """Return text for a column of several kinds; with the odd kind where few fields have it."""
    counts = fields.counts[len(_EMPTY) :]
    total = int(counts.sum())
    rest = [kind for kind in present if kind not in _NUMBERS] if present & _NUMBERS else list(present)
    numbers = sum(int(fields.counts[kind]) for kind in present & _NUMBERS)
    if numbers >= 0.9 * total:
        odd = max(rest, key=lambda kind: int(fields.counts[kind]))
        return ColumnType("VARCHAR", odd_kind=odd)
    main = max(present, key=lambda kind: int(fields.counts[kind]))
    if main != kinds.TEXT and fields.counts[main] >= 0.9 * total:
        odd = max((kind for kind in present if kind != main), key=lambda kind: int(fields.counts[kind]))
        return ColumnType("VARCHAR", odd_kind=odd)
    return TEXT


def sum_by_name(parts: Sequence[Mapping[str, FieldCounts]]) -> dict[str, FieldCounts]:
    """Return what the fields of columns are, over several files."""
    total: dict[str, FieldCounts] = {}
    for part in parts:
        for name, fields in part.items():
            total[name] = total[name] + fields if name in total else fields
    return total
