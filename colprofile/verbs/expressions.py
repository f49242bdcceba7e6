"""Expressions: a column that can be computed from others: a·x + b, x // k, x % k, a part of a date, a sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.composites import Groups
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.material import INTEGER_TYPES, Expression, Material

Floats = npt.NDArray[np.float64]

_DECIMAL = (10, 100, 1000, 10_000, 100_000, 1_000_000)
_OTHER = (7, 12, 24, 52, 60, 365, 1024, 1440, 3600, 60_000, 86_400, 3_600_000)
DIVISORS = (*_DECIMAL, *_OTHER)
"""Units that people pack into numbers: decimal digits, times of day, weeks, months, kibi."""

_LARGEST = 2.0**53
_DAY = 86_400_000_000


def single_expression(material: Material, x: int, y: int) -> Expression | None:
    """Return how y is computed from x, which determines it; None where no simple expression gives it.

    Expressions are checked on every pair of values, so that they hold in every row.
    """
    values = paired_values(material, x, y)
    if values is None or material.coded is None:
        return None
    given, wanted = values
    if given.size < 3 or np.unique(wanted).size < 2:
        return None
    x_type = material.coded.marginals[x].dictionary.axis_type
    if x_type is not None and pa.types.is_temporal(x_type):
        return _date_part(material, x, y, given, wanted)
    if material.columns[x].kind != "numeric" or material.columns[y].kind != "numeric":
        return None
    return _line(material, x, y, given, wanted) or _digits(material, x, y, given, wanted)


def paired_values(material: Material, x: int, y: int) -> tuple[Floats, Floats] | None:
    """Return x's distinct values and the y that goes with each; None unless both lie on an axis of finite numbers."""
    assert material.coded is not None
    marginals = material.coded.marginals
    axis_x, axis_y = marginals[x].dictionary.axis, marginals[y].dictionary.axis
    if axis_x is None or axis_y is None or not (np.isfinite(axis_x).all() and np.isfinite(axis_y).all()):
        return None
    codes_x, codes_y = material.coded.codes[x], material.coded.codes[y]
    partner = np.zeros(axis_x.size + 1, np.int64)
    filled = (codes_x != 0) & (codes_y != 0)
    partner[codes_x[filled]] = codes_y[filled]
    known = np.flatnonzero(partner)
    given, wanted = axis_x[known - 1], axis_y[partner[known] - 1]
    # Beyond 2^53 neighbouring integers share a place on the axis.
    is_exact = max(np.abs(given).max(initial=0.0), np.abs(wanted).max(initial=0.0)) < _LARGEST
    return (given, wanted) if is_exact else None


def combined_expression(material: Material, groups: Groups, y: int) -> Expression | None:
    """Return y as a linear combination of the columns of ``groups`` with whole factors; None if it is none."""
    assert material.coded is not None and material.relation is not None
    chosen = [*groups.columns, y]
    if any(material.columns[j].kind != "numeric" for j in chosen):
        return None
    axes = [material.coded.marginals[j].dictionary.axis for j in chosen]
    codes = [material.coded.codes[j] for j in chosen]
    rows = np.flatnonzero(groups.numbers)
    _, firsts = np.unique(groups.numbers[rows], return_index=True)
    rows = rows[firsts]
    rows = rows[material.coded.codes[y][rows] != 0]
    if rows.size <= len(chosen) + 1 or any(axis is None or not np.isfinite(axis).all() for axis in axes):
        return None
    table = np.column_stack([axis[code[rows].astype(np.int64) - 1] for axis, code in zip(axes, codes, strict=True)])  # type: ignore[index]
    whole = np.column_stack([table[:, :-1], np.ones(len(rows))])
    step = max(1, len(rows) // 10_000)
    solved: Floats = np.linalg.lstsq(whole[::step], table[::step, -1], rcond=None)[0]
    factors: Floats = np.round(solved, 9)
    if not (np.round(factors) == factors).all() or (factors[:-1] == 0).any():
        return None
    if (whole @ factors != table[:, -1]).any() or np.abs(table).max() >= _LARGEST:
        return None
    names = material.names(groups.columns)
    is_whole = all(_is_integer(material, j) for j in chosen)
    sql = _sum([_integer(name) for name in names], factors) if is_whole else ""
    return Expression(_sum(names, factors).replace(" * ", "·"), _everywhere(sql))


def _sum(names: Sequence[str], factors: Floats) -> str:
    """Return ``100 * a + b − 3`` for names, their factors and the constant at the end."""
    parts: list[str] = []
    for name, factor in [*zip(names, factors[:-1], strict=True), ("", factors[-1])]:
        if factor == 0:
            continue
        size = abs(int(factor))
        term = str(size) if not name else name if size == 1 else f"{size} * {name}"
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
    for factor in (float(slope), float(f"{slope:.12g}")):
        offset = float(f"{wanted[low] - factor * given[low]:.12g}")
        close = np.abs(factor * given + offset - wanted) <= 1e-9 * np.maximum(1e-300, np.abs(wanted).max())
        if close.all():
            shown = f"{factor:.10g}·{name}"
            if offset:
                shown += f" {'-' if offset < 0 else '+'} {abs(offset):.10g}"
            is_exact = bool((factor * given + offset == wanted).all())
            double = material.columns[y].type.lower() in ("double", "double precision", "float8")
            numbers = [f"cast('{number!r}' as double precision)" for number in (factor, offset)]
            double_sql = f"{numbers[0]} * {quote_identifier(name)} + {numbers[1]}"
            return Expression(shown, _everywhere(double_sql) if is_exact and double else {})
    return None


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


def _date_part(material: Material, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return a part of a timestamp. With a time zone it is named in UTC and has no SQL: that depends on the session."""
    assert material.coded is not None
    y_type = material.coded.marginals[y].dictionary.axis_type
    x_type = material.coded.marginals[x].dictionary.axis_type
    name, column = material.name(x), quote_identifier(material.name(x))
    if x_type is None or pa.types.is_time(x_type):
        return None
    has_zone = pa.types.is_timestamp(x_type) and x_type.tz is not None
    micros = given.astype(np.int64)
    if y_type is not None and pa.types.is_date(y_type):
        is_day = (micros // _DAY * _DAY == wanted.astype(np.int64)).all()
        sql = {} if has_zone else _everywhere(f"cast({column} as date)")
        return Expression(f"date of {name}", sql) if is_day else None
    if material.columns[y].kind != "numeric":
        return None
    for part, compute in _date_parts():
        if (compute(micros) == wanted).all():
            kept = not has_zone and _is_integer(material, y)
            sql = _everywhere(f"cast(extract({part} from {column}) as {material.columns[y].type})") if kept else {}
            return Expression(f"{part} of {name}{' in UTC' if has_zone else ''}", sql)
    return None


def _date_parts() -> Iterator[tuple[str, Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]]]:
    """Yield parts by their SQL names, computed from microseconds since 1970."""

    def calendar(unit: str) -> Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]:
        return lambda micros: (micros // _DAY).astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)

    year, month = calendar("Y"), calendar("M")
    yield "year", lambda micros: year(micros) + 1970
    yield "month", lambda micros: month(micros) % 12 + 1
    yield "quarter", lambda micros: month(micros) % 12 // 3 + 1
    yield "day", lambda micros: _since(micros, "M") + 1
    yield "doy", lambda micros: _since(micros, "Y") + 1
    yield "dow", lambda micros: (micros // _DAY + 4) % 7
    yield "hour", lambda micros: micros % _DAY // 3_600_000_000
    yield "minute", lambda micros: micros % 3_600_000_000 // 60_000_000
    yield "second", lambda micros: micros % 60_000_000 // 1_000_000


def _since(micros: npt.NDArray[np.int64], unit: str) -> npt.NDArray[np.int64]:
    """Return the days since the month or year began."""
    days = (micros // _DAY).astype("datetime64[D]")
    since: npt.NDArray[np.int64] = (days - days.astype(f"datetime64[{unit}]").astype("datetime64[D]")).astype(np.int64)
    return since
