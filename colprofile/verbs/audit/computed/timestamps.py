"""Expressions of dates and timestamps: their parts, their date, their epoch, another one at a fixed distance."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.dictionary import numbers_of
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import AuditedTable, Expression
from colprofile.verbs.audit.computed.time_parts import component_sql, times_of
from colprofile.verbs.sql_types import INTEGER_TYPES

Floats = npt.NDArray[np.float64]

_DAY = 86_400_000_000
_PARTS = {
    "year": pc.year,
    "month": pc.month,
    "quarter": pc.quarter,
    "day": pc.day,
    "doy": pc.day_of_year,
    "dow": partial(pc.day_of_week, week_start=7),
    "hour": pc.hour,
    "minute": pc.minute,
    "second": pc.second,
}
_UNITS = (("day", _DAY), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000), ("microsecond", 1))


def timestamp_expression(audited: AuditedTable, x: int, y: int, given: Floats, wanted: Floats) -> Expression | None:
    """Return y as a part of the date or timestamp x, or as one at a fixed distance from it; None if it is neither.

    With a time zone a part is named in UTC and has no SQL: the result would depend on the session.
    """
    x_type = audited.coded.marginals[x].dictionary.axis_type
    y_type = audited.coded.marginals[y].dictionary.axis_type
    if any(of_type is not None and pa.types.is_time(of_type) for of_type in (x_type, y_type)):
        return None
    has_zone = getattr(x_type, "tz", None) is not None
    micros = given.astype(np.int64)
    if y_type is not None and pa.types.is_temporal(y_type):
        return _shifted(audited, x, y, micros, wanted.astype(np.int64), has_zone)
    if audited.columns[y].kind != "numeric":
        return None
    name, column = audited.name(x), quote_identifier(audited.name(x))
    of_type = audited.columns[y].type
    has_sql = not has_zone and of_type.lower() in INTEGER_TYPES
    times = times_of(micros)
    for part, compute in _PARTS.items():
        if (numbers_of(compute(times)) == wanted).all():
            sql = component_sql(part, column, of_type) if has_sql else ""
            return Expression.portable(f"{part} of {name}{' in UTC' if has_zone else ''}", sql)
    for text, divisor, factor in (("epoch of {}", 1_000_000, ""), ("1000·epoch of {}", 1_000, " * 1000")):
        if (micros == wanted * divisor).all():
            sql = f"cast(extract(epoch from {column}){factor} as {of_type})" if has_sql else ""
            return Expression.portable(text.format(name), sql)
    return None


def _shifted(
    audited: AuditedTable, x: int, y: int, micros: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64], has_zone: bool
) -> Expression | None:
    """Return the date of a timestamp, or a date or timestamp at a fixed distance."""
    name, column = audited.name(x), quote_identifier(audited.name(x))
    y_type = audited.columns[y].type.lower()
    if y_type == "date" and (micros // _DAY * _DAY == wanted).all():
        return Expression.portable(f"date of {name}", "" if has_zone else f"cast({column} as date)")
    distance = int(wanted[0] - micros[0])
    if (wanted - micros != distance).any() or not distance:
        return None
    unit, size = next((unit, size) for unit, size in _UNITS if distance % size == 0)
    amount = abs(distance) // size
    sign = "-" if distance < 0 else "+"
    is_plain = audited.columns[x].type.lower() in ("date", "timestamp") and y_type in ("date", "timestamp")
    sql = f"{column} {sign} interval '{amount} {unit}'" if is_plain else ""
    return Expression.portable(f"{name} {sign} {amount:,} {unit}{'' if amount == 1 else 's'}", sql)
