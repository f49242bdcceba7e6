"""Expressions: a column that can be computed from others: a·x + b, x // k, x % k, a sum, a product, part of a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dependencies.relation import Groups
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import INTEGER_TYPES, Expression, Material
from colprofile.verbs.audit.computed.rounded_lines import (
    FEW,
    decimal_places,
    double,
    is_rounded,
    rounded_line,
    rounded_sql,
)
from colprofile.verbs.audit.computed.texts import of_text, partners, within_text
from colprofile.verbs.audit.computed.timestamps import of_moment

Floats = npt.NDArray[np.float64]

_DECIMAL = (10, 100, 1000, 10_000, 100_000, 1_000_000)
_OTHER = (7, 12, 24, 52, 60, 365, 1024, 1440, 3600, 60_000, 86_400, 3_600_000)
DIVISORS = (*_DECIMAL, *_OTHER)
"""Units that people pack into numbers: decimal digits, times of day, weeks, months, kibi."""

_LARGEST = 2.0**53


def single_expression(material: Material, x: int, y: int) -> Expression | None:
    """Return how y is computed from x, which determines it; None where no simple expression gives it.

    Expressions are checked on every pair of values, so that they hold in every row.
    """
    if material.coded is None or material.columns[y].distinct < 2:
        return None
    if material.columns[x].kind in ("text", "categorical"):
        return of_text(material, x, y)
    if material.columns[y].kind in ("text", "categorical"):
        return within_text(material, x, y)
    values = paired_values(material, x, y)
    if values is None:
        return None
    given, wanted = values
    if given.size < 3 or np.unique(wanted).size < 2:
        return None
    x_type = material.coded.marginals[x].dictionary.axis_type
    if x_type is not None and pa.types.is_temporal(x_type):
        return of_moment(material, x, y, given, wanted)
    if material.columns[x].kind != "numeric" or material.columns[y].kind != "numeric":
        return None
    return (
        _line(material, x, y, given, wanted)
        or _digits(material, x, y, given, wanted)
        or _rounded(material, x, y, given, wanted)
    )


def paired_values(material: Material, x: int, y: int) -> tuple[Floats, Floats] | None:
    """Return x's distinct values and the y that goes with each; None unless both lie on an axis of finite numbers."""
    assert material.coded is not None
    marginals = material.coded.marginals
    axis_x, axis_y = marginals[x].dictionary.axis, marginals[y].dictionary.axis
    if axis_x is None or axis_y is None or not (np.isfinite(axis_x).all() and np.isfinite(axis_y).all()):
        return None
    partner = partners(material, x, y)
    known = np.flatnonzero(partner)
    given, wanted = axis_x[known - 1], axis_y[partner[known] - 1]
    # Beyond 2^53 neighbouring integers share a place on the axis.
    is_exact = max(np.abs(given).max(initial=0.0), np.abs(wanted).max(initial=0.0)) < _LARGEST
    return (given, wanted) if is_exact else None


def combined_expression(material: Material, groups: Groups, y: int) -> Expression | None:
    """Return y as a weighted sum of the columns of ``groups``, or as the product of two; None if neither."""
    assert material.coded is not None
    rows = np.flatnonzero((groups.numbers != 0) & (material.coded.codes[y] != 0))
    _, firsts = np.unique(groups.numbers[rows], return_index=True)
    return _of_rows(material, [*groups.columns, y], rows[firsts])


def paired_numbers(material: Material, columns: tuple[int, int], y: int) -> Expression | None:
    """Return y as ``combined_expression`` would, looked at in every row: for columns with many combinations."""
    assert material.coded is not None
    chosen = [*columns, y]
    filled = np.all([material.coded.codes[j] != 0 for j in chosen], axis=0)
    return _of_rows(material, chosen, np.flatnonzero(filled))


def _of_rows(material: Material, chosen: Sequence[int], rows: npt.NDArray[np.int64]) -> Expression | None:
    """Return the last of some columns as an expression of the others that holds in some rows."""
    assert material.coded is not None
    if any(material.columns[j].kind != "numeric" for j in chosen):
        return None
    axes = [material.coded.marginals[j].dictionary.axis for j in chosen]
    codes = [material.coded.codes[j] for j in chosen]
    if rows.size <= len(chosen) + 1 or any(axis is None or not np.isfinite(axis).all() for axis in axes):
        return None
    table = np.column_stack([axis[code[rows].astype(np.int64) - 1] for axis, code in zip(axes, codes, strict=True)])  # type: ignore[index]
    if np.abs(table).max() >= _LARGEST:
        return None
    return _weighted(material, chosen, table) or _product(material, chosen, table)


def _weighted(material: Material, chosen: Sequence[int], table: Floats) -> Expression | None:
    """Return the last column as a sum of the others, each times a number with few decimals."""
    whole = np.column_stack([table[:, :-1], np.ones(len(table))])
    step = max(1, len(table) // 10_000)
    solved = np.linalg.lstsq(whole[::step], table[::step, -1], rcond=None)[0].astype(np.float64)
    factors: Floats = np.round(solved, 6)
    computed, wanted = (whole @ factors).astype(np.float64), table[:, -1]
    if (factors[:-1] == 0).any() or not _is_close(computed, wanted):
        return None
    names = material.names(chosen[:-1])
    text = _sum(names, factors).replace(" * ", "·")
    if all(_is_integer(material, j) for j in chosen) and (np.round(factors) == factors).all():
        return Expression(text, _everywhere(_sum([_integer(name) for name in names], factors)))
    sql = _sum([double(name) for name in names], factors)
    return Expression(text, rounded_sql(material, chosen[-1], sql, computed, wanted))


def _product(material: Material, chosen: Sequence[int], table: Floats) -> Expression | None:
    """Return the last of three columns as the product of the others, rounded as the column is."""
    if table.shape[1] != 3 or np.unique(table[:, -1]).size < FEW:
        return None
    computed, wanted = table[:, 0] * table[:, 1], table[:, 2]
    names = material.names(chosen[:-1])
    text = "·".join(names)
    if not _is_close(computed, wanted):
        places = decimal_places(wanted)
        if places is None or not is_rounded(computed, wanted, places):
            return None
        text = f"round({text}{f', {places}' if places else ''})"
    elif all(_is_integer(material, j) for j in chosen):
        return Expression(text, _everywhere(" * ".join(_integer(name) for name in names)))
    sql = " * ".join(double(name) for name in names)
    return Expression(text, rounded_sql(material, chosen[-1], sql, computed, wanted))


def _is_close(computed: Floats, wanted: Floats) -> bool:
    """Whether values agree but for what double precision loses."""
    return bool((np.abs(computed - wanted) <= 1e-12 * max(1e-300, float(np.abs(wanted).max()))).all())


def _sum(names: Sequence[str], factors: Floats) -> str:
    """Return ``100 * a + b − 3`` for names, their factors and the constant at the end.

    >>> _sum(["a", "b"], np.array([100.0, 1.0, -3.0])), _sum(["a"], np.array([0.01, 0.0]))
    ('100 * a + b - 3', '0.01 * a')
    """
    parts: list[str] = []
    terms = sorted(zip(names, factors[:-1], strict=True), key=lambda term: bool(term[1] < 0))  # what is added first
    for name, factor in [*terms, ("", factors[-1])]:
        if factor == 0:
            continue
        size = np.format_float_positional(abs(factor), trim="-")
        term = size if not name else name if size == "1" else f"{size} * {name}"
        parts.append(("- " if factor < 0 else "+ " if parts else "") + term)
    return " ".join(parts)


def _integer(name: str) -> str:
    """Return a column as SQL that a factor cannot make overflow."""
    return f"cast({quote_identifier(name)} as bigint)"


def _everywhere(sql: str) -> dict[str, str]:
    return {"duckdb": sql, "postgresql": sql} if sql else {}


def _is_integer(material: Material, number: int) -> bool:
    return material.columns[number].type.lower() in INTEGER_TYPES


def _line(material: Material, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = a·x + b, exactly as double precision computes it, and with at least three different y."""
    low, high = int(np.argmin(given)), int(np.argmax(given))
    spread = given[high] - given[low]
    if np.unique(wanted).size < 3 or not np.isfinite(spread):
        return None
    slope = (wanted[high] - wanted[low]) / spread
    if slope == 0 or not np.isfinite(slope):
        return None
    name, column = material.name(x), _integer(material.name(x))
    is_whole = _is_integer(material, x) and _is_integer(material, y)
    if slope == round(slope):
        offset = wanted[low] - slope * given[low]
        if (slope * given + offset == wanted).all() and max(np.abs(given).max(), np.abs(wanted).max()) < _LARGEST:
            text = _sum([name], np.array([slope, offset])) if offset == round(offset) else None
            if text is not None:
                sql = _sum([column], np.array([slope, offset])) if is_whole else ""
                return Expression(text.replace(" * ", "·"), _everywhere(sql))
    for factor in (float(f"{slope:.12g}"), float(slope)):
        offset = float(f"{wanted[low] - factor * given[low]:.12g}")
        close = np.abs(factor * given + offset - wanted) <= 1e-9 * np.maximum(1e-300, np.abs(wanted).max())
        if close.all():
            return Expression(_shown(name, factor, offset), _line_sql(material, x, y, given, wanted, factor, offset))
    return None


def _rounded(material: Material, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = a·x + b, rounded to the decimals that y has."""
    found = rounded_line(given, wanted)
    if found is None:
        return None
    factor, offset, places = found
    text = f"round({_shown(material.name(x), factor, offset)}{f', {places}' if places else ''})"
    return Expression(text, _line_sql(material, x, y, given, wanted, factor, offset))


def _shown(name: str, factor: float, offset: float) -> str:
    shown = name if factor == 1 else f"{factor:.10g}·{name}"
    return f"{shown} {'-' if offset < 0 else '+'} {abs(offset):.10g}" if offset else shown


def _line_sql(
    material: Material, x: int, y: int, given: Floats, wanted: Floats, factor: float, offset: float
) -> dict[str, str]:
    """Return ``factor * x + offset`` as SQL that gives exactly the stored values; empty where rounding might not."""
    numbers = [f"cast('{number!r}' as double precision)" for number in (factor, offset)]
    sql = f"{numbers[0]} * {double(material.name(x))}" + (f" + {numbers[1]}" if offset else "")
    computed = factor * given + offset
    is_double = material.columns[y].type.lower() in ("double", "double precision", "float8")
    if is_double and (computed == wanted).all():
        return _everywhere(sql)
    return rounded_sql(material, y, sql, computed, wanted)


def _digits(material: Material, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y = x // k or x % k for whole numbers that are not negative."""
    if (given < 0).any() or (given != np.floor(given)).any() or (wanted != np.floor(wanted)).any():
        return None
    if given.max() >= _LARGEST:
        return None
    name, column = material.name(x), _integer(material.name(x))
    is_whole = _is_integer(material, x) and _is_integer(material, y)
    for divisor in DIVISORS:
        if (np.floor(given / divisor) == wanted).all():
            sql = {"duckdb": f"{column} // {divisor}", "postgresql": f"{column} / {divisor}"}
            return Expression(f"{name} // {divisor}", sql if is_whole else {})
        if (np.mod(given, divisor) == wanted).all():
            return Expression(f"{name} % {divisor}", _everywhere(f"{column} % {divisor}") if is_whole else {})
    return None
