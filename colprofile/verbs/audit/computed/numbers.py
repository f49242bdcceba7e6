"""Expressions of numbers: a column computed as a·x + b, x // k, x % k, a weighted sum or a product of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import AuditedTable, Expression
from colprofile.verbs.audit.computed.rounded_lines import (
    FEW,
    decimal_places,
    has_values,
    is_rounded,
    rounded_line,
    rounded_sql,
)
from colprofile.verbs.audit.computed.texts import text_expression
from colprofile.verbs.audit.computed.timestamps import timestamp_expression
from colprofile.verbs.audit.matching_values import matching_positions
from colprofile.verbs.sql_types import DOUBLE_TYPES

Floats = npt.NDArray[np.float64]

_DECIMAL = (10, 100, 1000, 10_000, 100_000, 1_000_000)
_OTHER = (7, 12, 24, 52, 60, 365, 1024, 1440, 3600, 60_000, 86_400, 3_600_000)
DIVISORS = (*_DECIMAL, *_OTHER)
"""Units that people pack into numbers: decimal digits, times of day, weeks, months, kibi."""

_FIRST = 4_096  # values that refute most divisors
_LARGEST = 2.0**53  # beyond it neighbouring integers are the same double


def single_expression(audited: AuditedTable, x: int, y: int) -> Expression | None:
    """Return how y is computed from x, which determines it; None where no simple expression gives it.

    Expressions are checked on every pair of values, so that they hold in every row. What was found is kept.
    """
    if (x, y) not in audited.single_expressions:
        audited.single_expressions[x, y] = _single_expression(audited, x, y)
    return audited.single_expressions[x, y]


@np.errstate(all="ignore")  # what overflows is infinite, and so is no stored value
def _single_expression(audited: AuditedTable, x: int, y: int) -> Expression | None:
    if not audited.has_codes or audited.columns[y].distinct < 2:
        return None
    x_kind, y_kind = audited.columns[x].kind, audited.columns[y].kind
    if {x_kind, y_kind} & {"text", "categorical"}:
        return text_expression(audited, x, y)
    values = _matching_values(audited, x, y)
    if values is None or values[0].size < 3 or not has_values(values[1], 2):
        return None
    x_type = audited.coded.marginals[x].dictionary.axis_type
    if x_type is not None and pa.types.is_temporal(x_type):
        return timestamp_expression(audited, x, y, *values)
    if x_kind != "numeric" or y_kind != "numeric":
        return None
    return _line(audited, x, y, *values) or _digits(audited, x, y, *values) or _rounded(audited, x, y, *values)


def _matching_values(audited: AuditedTable, x: int, y: int) -> tuple[Floats, Floats] | None:
    """Return x's distinct values and the y that goes with each; None unless all are finite numbers below 2^53."""
    axis_x, axis_y = (audited.coded.marginals[j].dictionary.axis for j in (x, y))
    if axis_x is None or axis_y is None or not (np.isfinite(axis_x).all() and np.isfinite(axis_y).all()):
        return None
    known, determined = matching_positions(audited, x, y)
    given, wanted = axis_x[known], axis_y[determined]
    is_distinct = max(np.abs(given).max(initial=0.0), np.abs(wanted).max(initial=0.0)) < _LARGEST
    return (given, wanted) if is_distinct else None


@np.errstate(all="ignore")
def combined_expression(
    audited: AuditedTable, columns: tuple[int, ...], y: int, *, is_repeated: bool = True
) -> Expression | None:
    """Return y as a weighted sum of some columns, or as the product of two; None if it is neither.

    Where the columns' combinations repeat one row of each is looked at, otherwise every row.
    """
    chosen = [*columns, y]
    if any(audited.columns[j].kind != "numeric" for j in chosen):
        return None
    is_filled = ~audited.is_null(y)
    for j in columns:
        is_filled &= ~audited.is_null(j)
    rows = np.flatnonzero(is_filled)
    if is_repeated:
        groups = audited.relation.groups(columns)
        if np.count_nonzero(audited.relation.is_filled(columns) & ~audited.is_null(y)) > rows.size:
            return None  # y has values where NULL, counted as a value, is one of the columns
        rows = groups.one_of_each(is_filled)
    table = np.column_stack([audited.numeric_values(j, rows) for j in chosen])
    if rows.size <= len(chosen) + 1 or not (np.abs(table) < _LARGEST).all():
        return None
    return _weighted(audited, chosen, table) or _product(audited, chosen, table)


def _weighted(audited: AuditedTable, chosen: Sequence[int], table: Floats) -> Expression | None:
    """Return the last column as a sum of the others, each times a number with few decimals."""
    whole = np.column_stack([table[:, :-1], np.ones(len(table))])
    step = max(1, len(table) // 10_000)
    solved = np.linalg.lstsq(whole[::step], table[::step, -1], rcond=None)[0].astype(np.float64)
    factors: Floats = np.round(solved, 6)
    computed, wanted = (whole @ factors).astype(np.float64), table[:, -1]
    if (factors[:-1] == 0).any() or not _is_close(computed, wanted):
        return None
    names = audited.names(chosen[:-1])
    text = _sum_sql(names, factors, "·")
    if audited.is_integer(*chosen) and (np.round(factors) == factors).all():
        return Expression.portable(text, _sum_sql([_cast(name, "bigint") for name in names], factors))
    sql = _sum_sql([_cast(name, "double precision") for name in names], factors)
    return Expression(text, rounded_sql(audited, chosen[-1], sql, computed, wanted))


def _product(audited: AuditedTable, chosen: Sequence[int], table: Floats) -> Expression | None:
    """Return the last of three columns as the product of the others, rounded as the column is."""
    if table.shape[1] != 3 or not has_values(table[:, -1], FEW):
        return None
    computed, wanted = table[:, 0] * table[:, 1], table[:, 2]
    names = audited.names(chosen[:-1])
    text = "·".join(names)
    if not _is_close(computed, wanted):
        places = decimal_places(wanted)
        if places is None or not is_rounded(computed, wanted, places):
            return None
        text = _rounded_text(text, places)
    elif audited.is_integer(*chosen):
        return Expression.portable(text, " * ".join(_cast(name, "bigint") for name in names))
    sql = " * ".join(_cast(name, "double precision") for name in names)
    return Expression(text, rounded_sql(audited, chosen[-1], sql, computed, wanted))


def _is_close(computed: Floats, wanted: Floats) -> bool:
    """Whether values are equal except for what double precision loses."""
    return bool((np.abs(computed - wanted) <= 1e-12 * max(1e-300, float(np.abs(wanted).max()))).all())


def _sum_sql(names: Sequence[str], factors: Floats, times: str = " * ") -> str:
    """Return ``100 * a + b - 3`` for names, their factors and the constant at the end.

    >>> _sum_sql(["a", "b"], np.array([100.0, 1.0, -3.0])), _sum_sql(["a"], np.array([0.01, 0.0]))
    ('100 * a + b - 3', '0.01 * a')
    """
    parts: list[str] = []
    terms = sorted(zip(names, factors[:-1], strict=True), key=lambda term: bool(term[1] < 0))  # what is added first
    for name, factor in [*terms, ("", factors[-1])]:
        if factor == 0:
            continue
        size = np.format_float_positional(abs(factor), trim="-")
        term = size if not name else name if size == "1" else f"{size}{times}{name}"
        parts.append(("- " if factor < 0 else "+ " if parts else "") + term)
    return " ".join(parts)


def _cast(name: str, of_type: str) -> str:
    """Return a column as SQL of a type: of whole numbers bigint, which no factor makes overflow."""
    return f"cast({quote_identifier(name)} as {of_type})"


def _line(audited: AuditedTable, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = a·x + b, exactly as double precision computes it, and with at least three different y."""
    low, high = int(np.argmin(given)), int(np.argmax(given))
    spread = given[high] - given[low]
    if not np.isfinite(spread) or not has_values(wanted, 3):
        return None
    slope = (wanted[high] - wanted[low]) / spread
    if slope == 0 or not np.isfinite(slope):
        return None
    name = audited.name(x)
    if slope == round(slope):
        offset = wanted[low] - slope * given[low]
        if (slope * given + offset == wanted).all() and offset == round(offset):
            factors = np.array([slope, offset])
            sql = _sum_sql([_cast(name, "bigint")], factors) if audited.is_integer(x, y) else ""
            return Expression.portable(_sum_sql([name], factors, "·"), sql)
    for factor in (float(f"{slope:.12g}"), float(slope)):
        offset = float(f"{wanted[low] - factor * given[low]:.12g}")
        close = np.abs(factor * given + offset - wanted) <= 1e-9 * np.maximum(1e-300, np.abs(wanted).max())
        if close.all():
            return _line_expression(audited, x, y, given, wanted, factor, offset)
    return None


def _rounded(audited: AuditedTable, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = a·x + b, rounded to the decimals that y has."""
    found = rounded_line(given, wanted)
    if found is None:
        return None
    factor, offset, places = found
    line = _line_expression(audited, x, y, given, wanted, factor, offset)
    return replace(line, text=_rounded_text(line.text, places))


def _line_expression(
    audited: AuditedTable, x: int, y: int, given: Floats, wanted: Floats, factor: float, offset: float
) -> Expression:
    """Return ``factor * x + offset``, with SQL where that gives exactly the stored values."""
    name = audited.name(x)
    text = name if factor == 1 else f"{factor:.10g}·{name}"
    numbers = [f"cast('{number!r}' as double precision)" for number in (factor, offset)]
    sql = f"{numbers[0]} * {_cast(name, 'double precision')}"
    if offset:
        text += f" {'-' if offset < 0 else '+'} {abs(offset):.10g}"
        sql += f" + {numbers[1]}"
    computed = factor * given + offset
    if audited.columns[y].type.lower() in DOUBLE_TYPES and (computed == wanted).all():
        return Expression.portable(text, sql)
    return Expression(text, rounded_sql(audited, y, sql, computed, wanted))


def _rounded_text(text: str, places: int) -> str:
    return f"round({text}, {places})" if places else f"round({text})"


def _digits(audited: AuditedTable, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = x // k or x % k for whole numbers that are not negative."""
    if (given < 0).any() or (given != np.floor(given)).any() or (wanted != np.floor(wanted)).any():
        return None
    name, column = audited.name(x), _cast(audited.name(x), "bigint")
    is_integer = audited.is_integer(x, y)
    few, few_wanted = given[:_FIRST], wanted[:_FIRST]
    for divisor in DIVISORS:
        if (np.floor(few / divisor) == few_wanted).all() and (np.floor(given / divisor) == wanted).all():
            sql = {"duckdb": f"{column} // {divisor}", "postgresql": f"{column} / {divisor}"}
            return Expression(f"{name} // {divisor}", sql if is_integer else {})
        if (np.mod(few, divisor) == few_wanted).all() and (np.mod(given, divisor) == wanted).all():
            return Expression.portable(f"{name} % {divisor}", f"{column} % {divisor}" if is_integer else "")
    return None
