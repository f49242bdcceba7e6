"""Numbers that are the time between two dates or timestamps: in days, hours, minutes or seconds, or in years of age."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.results.audit import Finding
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import AuditedTable, Expression
from colprofile.verbs.audit.computed.several import finding_of
from colprofile.verbs.audit.computed.time_parts import component, times_of
from colprofile.verbs.sql_types import INTEGER_TYPES

_FIRST = 4096  # rows that are looked at first

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1), ("weeks", 604_800))
_PLAIN = ("date", "timestamp")

Ints = npt.NDArray[np.int64]


def duration_findings(audited: AuditedTable, known: Collection[int]) -> Iterator[Finding]:
    """Yield the numeric columns, but those ``known`` to follow from others, that are the time between two others."""
    if not audited.has_codes:
        return
    times = [j for j in range(len(audited.columns)) if _is_time(audited, j)]
    numbers = [
        j
        for j, column in enumerate(audited.columns)
        if column.kind == "numeric" and column.distinct > 1 and j not in known
    ]
    for y in numbers:
        for begin, end in permutations(times, 2):
            expression = _expression(audited, begin, end, y)
            found = finding_of(audited, (begin, end), y, expression) if expression is not None else None
            if found is not None:
                yield found
                break


def _is_time(audited: AuditedTable, number: int) -> bool:
    kind = audited.coded.marginals[number].dictionary.axis_type
    is_time = kind is not None and (pa.types.is_timestamp(kind) or pa.types.is_date(kind))
    return is_time and audited.columns[number].distinct > 1


def _expression(audited: AuditedTable, begin: int, end: int, y: int) -> Expression | None:
    found = None
    for amount in (min(audited.rows, _FIRST), audited.rows):  # a look at the first rows rules out most
        is_filled = np.all([audited.coded.codes[j][:amount] != 0 for j in (begin, end, y)], axis=0)
        rows = np.flatnonzero(is_filled)
        if rows.size < 3 and amount < audited.rows:
            continue
        first, last, wanted = (audited.numeric_values(j, rows) for j in (begin, end, y))
        if rows.size < 3 or not np.isfinite([first, last, wanted]).all():
            return None
        if amount == audited.rows and np.unique(wanted).size < 2:
            return None
        found = _between(first.astype(np.int64), last.astype(np.int64), wanted)
        if found is None:
            return None
    assert found is not None
    names, (words, unit) = audited.names((begin, end)), found
    text = f"{words} from {names[0]} to {names[1]}"
    is_plain = all(audited.columns[j].type.lower() in _PLAIN for j in (begin, end))
    if not unit or not is_plain or audited.columns[y].type.lower() not in INTEGER_TYPES:
        return Expression.portable(text)
    first_sql, last_sql = (f"cast({quote_identifier(name)} as timestamp)" for name in names)
    return Expression.portable(text, f"floor(extract(epoch from ({last_sql} - {first_sql})) / {unit})")


def _between(first: Ints, last: Ints, wanted: npt.NDArray[np.float64]) -> tuple[str, int] | None:
    """Return what numbers are the time between as people call it, and its seconds, 0 for those of a calendar."""
    for words, seconds in _UNITS:
        if ((last - first) // (seconds * 1_000_000) == wanted).all():
            return words, seconds
        if ((last - first) / (seconds * 1e6) == wanted).all():
            return f"{words} and their fractions", 0
    begin, end = (times_of(micros) for micros in (first, last))
    days = [component(each, "month") * 100 + component(each, "day") for each in (begin, end)]
    years = component(end, "year") - component(begin, "year") - (days[1] < days[0])
    if (years == wanted).all():
        return "full years", 0
    for length in (365, 365.25):
        if (np.floor((last - first) / (length * 86_400e6)) == wanted).all():
            return f"full years of {length} days", 0
    return None
