"""A column with one value for each range of another, or for each part of it: buckets, weekdays, prefixes.

These are looked for where a lookup by the whole column saves nothing, because its values hardly repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.errors import shorten
from colprofile.measures.lookup import log2_binomial
from colprofile.results.keys import can_identify
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable, Expression
from colprofile.verbs.audit.computed.date_texts import date_text_expression
from colprofile.verbs.audit.computed.text_parts import text_parts
from colprofile.verbs.audit.computed.time_parts import Part, time_parts
from colprofile.verbs.audit.literals import is_writable, literals, texts_at
from colprofile.verbs.audit.matching_values import matching_positions
from colprofile.verbs.audit.statements import value_text
from colprofile.verbs.sql_types import DOUBLE_TYPES

MOST_CASES = 100
"""Ranges or parts that SQL names one by one."""

_SHOWN = 4  # ranges in a sentence

_TRIED = 4_096  # values that refute most parts

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Matched:
    """The values of x that occur with a y, as positions in its dictionary, and the y that each determines."""

    audited: AuditedTable
    x: int
    y: int
    given: Positions
    determined: Positions

    @property
    def column(self) -> str:
        return quote_identifier(self.audited.name(self.x))

    @property
    def values(self) -> int:
        """Different values of y."""
        return int(np.unique(self.determined).size)


def piecewise_expression(audited: AuditedTable, x: int, y: int) -> Expression | None:
    """Return y, which x determines, as one value for each range or part of x; None where that saves nothing."""
    if not audited.has_codes or audited.columns[y].distinct < 2 or audited.columns[y].kind == "nested":
        return None
    matched = _Matched(audited, x, y, *matching_positions(audited, x, y))
    found = [*_parts(matched), *_ranges(matched)]
    return min(found, key=lambda expression: expression.cost, default=None)


def _parts(matched: _Matched) -> Iterator[Expression]:
    """Yield y as written after x, or as one value for each part of a date or text."""
    if matched.given.size > _TRIED:
        first = replace(matched, given=matched.given[:_TRIED], determined=matched.determined[:_TRIED])
        if not any(_functions(first)):
            return  # all parts of these few values are refuted
    for part in _functions(matched):
        if isinstance(part, Expression):
            yield part
            return
        different = np.unique(part.numbers).size
        if different < matched.given.size:
            cost = EXPRESSION_BITS + different * math.log2(matched.values)
            yield Expression(f"one value for each {part.text}", _cases_of_part(matched, part), cost)


def _functions(matched: _Matched) -> Iterator[Part | Expression]:
    """Yield the parts of a date or text that have one y each, or y as the whole is written."""
    audited, x = matched.audited, matched.x
    axis_type = audited.coded.marginals[x].dictionary.axis_type
    parts: Iterator[Part] = iter(())
    if axis_type is not None and (pa.types.is_timestamp(axis_type) or pa.types.is_date(axis_type)):
        axis = np.asarray(audited.coded.marginals[x].dictionary.axis, np.float64)[matched.given]
        if not np.isfinite(axis).all():
            return
        micros = axis.astype(np.int64)
        has_zone = getattr(axis_type, "tz", None) is not None
        if audited.columns[matched.y].kind in ("text", "categorical") and not has_zone:
            texts = texts_at(audited, matched.y, matched.determined)
            written = date_text_expression(audited.name(x), matched.column, micros, texts)
            if written is not None:
                yield written
                return
        parts = time_parts(audited.name(x), matched.column, micros, has_zone)
    elif audited.columns[x].kind in ("text", "categorical"):
        parts = text_parts(audited.name(x), matched.column, texts_at(audited, x, matched.given))
    for part in parts:
        _, first, back = np.unique(part.numbers, return_index=True, return_inverse=True)
        if (matched.determined[first][back] == matched.determined).all():
            yield part


def _cases_of_part(matched: _Matched, part: Part) -> dict[str, str]:
    """Return the value of each part of x as SQL; empty where there are too many, or values that SQL cannot write."""
    _, first = np.unique(part.numbers, return_index=True)
    if first.size > MOST_CASES or not part.sql:
        return {}
    values = matched.determined[first]
    if not is_writable(matched.audited, matched.y, values):
        return {}
    written = part.literals(first)
    if written is None:
        return {}
    cases = " ".join(
        f"when {key} then {value}"
        for key, value in zip(written, literals(matched.audited, matched.y, values), strict=True)
    )
    return {dialect: f"case {sql} {cases} end" for dialect, sql in part.sql.items()}


def _ranges(matched: _Matched) -> Iterator[Expression]:
    """Yield y as one value for each range of a number or time that is no identifier."""
    audited, x = matched.audited, matched.x
    axis, column = audited.coded.marginals[x].dictionary.axis, audited.columns[x]
    if axis is None or not np.isfinite(np.asarray(axis, np.float64)).all():
        return
    is_unique = column.distinct >= column.rows - column.nulls
    if is_unique and column.kind != "temporal" and can_identify(replace(column, nulls=0), is_first=x == 0):
        return  # rows are often numbered in an order that another column has
    order = np.argsort(np.asarray(axis)[matched.given], kind="stable")
    given, determined = matched.given[order], matched.determined[order]
    if (np.diff(np.asarray(axis)[given].astype(np.float64)) == 0).any():
        return  # numbers that a double cannot tell apart
    ends = np.flatnonzero(np.diff(determined))
    runs = ends.size + 1
    if runs == given.size or runs > max(_SHOWN, matched.values):
        return  # each value for itself, or values that come and go: nobody would call it a rule
    cost = EXPRESSION_BITS + math.log2(given.size) + log2_binomial(given.size - 1, runs - 1)
    cost += runs * math.log2(matched.values)
    lasts = np.append(ends, given.size - 1)
    text = _ranges_text(matched, given[lasts], determined[lasts])
    yield Expression(text, _cases_of_ranges(matched, given[lasts], determined[lasts]), cost)


def _ranges_text(matched: _Matched, bounds: Positions, values: Positions) -> str:
    audited, x, y = matched.audited, matched.x, matched.y
    name = audited.label(x)
    if bounds.size > _SHOWN:
        return f"one value for each of {bounds.size:,} ranges of {name}"
    shown_bounds = map(value_text, audited.coded.marginals[x].dictionary.values(bounds))
    shown_values = [value_text(v) for v in audited.coded.marginals[y].dictionary.values(values)]
    parts = [
        f"{shorten(value)} for {name} up to {bound}"
        for value, bound in zip(shown_values[:-1], shown_bounds, strict=False)
    ]
    return ", ".join([*parts, f"{shorten(shown_values[-1])} above"])


def _cases_of_ranges(matched: _Matched, bounds: Positions, values: Positions) -> dict[str, str]:
    audited, x, y = matched.audited, matched.x, matched.y
    if bounds.size > MOST_CASES or not is_writable(audited, y, values):
        return {}
    type_x = audited.columns[x].type.lower()
    if type_x in (*DOUBLE_TYPES, "float", "real"):
        numbers = np.asarray(audited.coded.marginals[x].dictionary.axis, np.float64)[bounds]
        limits = [f"cast('{float(number)!r}' as double precision)" for number in numbers]
    elif type_x != "timestamp" and ("zone" in type_x or type_x.startswith("time")):
        return {}
    else:
        limits = literals(audited, x, bounds)
    given = [f"when {matched.column} is null then null"]
    written = literals(audited, y, values)
    given += [f"when {matched.column} <= {limit} then {v}" for limit, v in zip(limits[:-1], written, strict=False)]
    return Expression.portable("", f"case {' '.join(given)} else {written[-1]} end").sql
