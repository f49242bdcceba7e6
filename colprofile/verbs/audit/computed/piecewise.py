"""A column with one value for each range of another, or for each part of it: buckets, weekdays, prefixes.

These are looked for where a lookup by the whole column saves nothing, because its values hardly repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.sampling import draw_rows
from colprofile.errors import shorten
from colprofile.measures.lookup import log2_binomial
from colprofile.results.keys import can_identify
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable, Expression
from colprofile.verbs.audit.computed.date_texts import date_text_expression
from colprofile.verbs.audit.computed.text_parts import text_array, text_parts
from colprofile.verbs.audit.computed.time_parts import Part, time_parts
from colprofile.verbs.audit.literals import is_writable, literals, texts_at
from colprofile.verbs.audit.matching_values import matching_positions
from colprofile.verbs.audit.statements import value_text
from colprofile.verbs.sql_types import DOUBLE_TYPES

MOST_CASES = 100
"""Ranges or parts that SQL names one by one."""

_SHOWN = 4  # ranges in a sentence

_TRIED = 4_096  # values that refute most parts
_FEW_TEXTS = 64  # that refute most ways to write a date

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
    written = _written(matched)
    if written is not None:
        yield written
        return
    size, determined = matched.given.size, matched.determined
    few = np.sort(draw_rows(size, _TRIED, seed=0)) if size > _TRIED else np.empty(0, np.int64)
    for part in _possible_parts(matched):
        if few.size and not _is_constant_within(part.numbers_at(few), determined[few]):
            continue
        if part.groups is None:
            continue  # as many parts as values
        first, back = part.groups
        if (determined[first][back] == determined).all():
            cost = EXPRESSION_BITS + first.size * math.log2(matched.values)
            yield Expression(f"one value for each {part.text}", _cases_of_part(matched, part), cost)


def _is_constant_within(groups: Positions, numbers: Positions) -> bool:
    """Whether there is one number for each group."""
    _, first, back = np.unique(groups, return_index=True, return_inverse=True)
    return bool((numbers[first][back] == numbers).all())


def _micros(matched: _Matched) -> Positions | None:
    """Return dates or timestamps in microseconds; None where x has others, or they are infinite."""
    dictionary = matched.audited.coded.marginals[matched.x].dictionary
    kind = dictionary.axis_type
    if kind is None or not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return None
    axis = np.asarray(dictionary.axis, np.float64)[matched.given]
    return axis.astype(np.int64) if np.isfinite(axis).all() else None


def _written(matched: _Matched) -> Expression | None:
    """Return y as dates or timestamps are written; None where it is not, or they have a time zone."""
    audited, micros = matched.audited, _micros(matched)
    if micros is None or _has_zone(matched) or audited.columns[matched.y].kind not in ("text", "categorical"):
        return None
    found = None
    for most in (_FEW_TEXTS, micros.size):
        texts = texts_at(audited, matched.y, matched.determined[:most])
        found = date_text_expression(audited.name(matched.x), matched.column, micros[:most], texts)
        if found is None:
            return None
    return found


def _has_zone(matched: _Matched) -> bool:
    return getattr(matched.audited.coded.marginals[matched.x].dictionary.axis_type, "tz", None) is not None


def _possible_parts(matched: _Matched) -> Sequence[Part]:
    """Return the parts of a date or text; those of all values of a column are kept for other columns."""
    audited, x = matched.audited, matched.x
    is_whole = matched.given.size == audited.coded.marginals[x].dictionary.size
    if is_whole and x in audited.parts:
        return audited.parts[x]
    micros = _micros(matched)
    found: list[Part] = []
    if micros is not None:
        found = list(time_parts(audited.name(x), matched.column, micros, _has_zone(matched)))
    elif audited.columns[x].kind in ("text", "categorical"):
        texts = text_array(audited.coded.marginals[x].dictionary, matched.given)
        found = list(text_parts(audited.name(x), matched.column, texts))
    if is_whole:
        audited.parts[x] = found
    return found


def _cases_of_part(matched: _Matched, part: Part) -> dict[str, str]:
    """Return the value of each part of x as SQL; empty where there are too many, or values that SQL cannot write."""
    assert part.groups is not None
    first, _ = part.groups
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
