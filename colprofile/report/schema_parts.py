"""What lies between tables in short: the facts of each part of a schema, for ``parts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from colprofile.report.text import bits, count, data_value, factor, percent, plural, size, visible

WIDTH = 40
"""Characters of a name or value."""

Facts = list[tuple[str, str]]
Described = tuple[str, Facts]


def _place(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(visible(column, WIDTH) for column in columns)
    return f"{visible(table, WIDTH)}.{names}" if len(columns) == 1 else f"{visible(table, WIDTH)} ({names})"


def _reference(part: Any) -> str:
    return f"{_place(part.table, part.columns)} → {_place(part.target, part.target_columns)}"


def _join(join: Any) -> str:
    steps = zip(join.tables, join.columns, join.tables[1:], join.targets, strict=False)
    return ", ".join(f"{_place(a, out)} = {_place(b, into)}" for a, out, b, into in steps)


def _candidate_key(key: Any) -> Described:
    facts = [("status", key.status), ("rows", count(key.rows))]
    facts += [("is", "primary")] if key.is_primary else []
    facts += [("violating rows", count(key.violating_rows))] if key.violating_rows else []
    return _place(key.table, key.columns), facts


def _inclusion(found: Any) -> Described:
    facts = [("values", f"{found.values:,} among {found.target_values:,}"), ("rows", count(found.rows))]
    if found.orphan_rows:
        shown = "; ".join(", ".join(data_value(value, 20) for value in row) for row in found.orphans)
        facts.append(("orphans", plural(found.orphan_rows, "row") + (f" ({shown})" if shown else "")))
    return _reference(found), [*facts, ("evidence", f"{found.bits:,.1f} bits"), ("covers", percent(found.coverage))]


def _foreign_key(key: Any) -> Described:
    facts = [("status", key.status), ("confidence", percent(key.confidence))]
    facts += _inclusion(key.inclusion)[1]
    facts += [("because", visible(" ".join(key.reasons), 3 * WIDTH))] if key.reasons else []
    return _reference(key), facts


def _repeated_column(found: Any) -> Described:
    target = () if found.target_column is None else (("of", _place(found.join.tables[-1], [found.target_column])),)
    equal = f"{found.equal_rows:,} of {plural(found.rows, 'row')}"
    along = ("along", _join(found.join))
    return _place(found.table, [found.column]), [
        ("kind", found.kind),
        *target,
        ("equal in", equal),
        ("bits", bits(found.bits)),
        along,
    ]


def _table_relation(found: Any) -> Described:
    names = ", ".join(visible(table, WIDTH) for table in found.tables[:6])
    more = f" and {len(found.tables) - 6} more" if len(found.tables) > 6 else ""
    facts = [("kind", found.kind), ("rows", count(found.rows)), ("bits", f"{found.bits:,.0f}")]
    return names + more, [*facts, ("columns", count(len(found.columns)))]


def _domain(found: Any) -> Described:
    names = ", ".join(_place(column.table, [column.column]) for column in found.columns[:4])
    more = f" and {len(found.columns) - 4} more" if len(found.columns) > 4 else ""
    facts = [("values", count(found.values)), ("shared", percent(found.shared))]
    return names + more, [*facts, *([("differs in", ", ".join(found.differs))] if found.differs else [])]


def _join_error(error: Any) -> Described:
    worst = f"{data_value(error.worst_value, 30)}, true / estimated {factor(error.worst_factor)}"
    place = _place(error.join.tables[-1], [error.attribute])
    return place, [("error", f"{bits(error.error)} bits"), ("worst", worst), ("along", _join(error.join))]


def _join_size(found: Any) -> Described:
    counted = [] if found.rows is None else [("rows", count(found.rows))]
    bounds = f"{found.lower:,} to {found.upper:,}"
    return _join(found.join), [*counted, ("estimate", f"{found.estimate:,.0f}"), ("bounds", bounds)]


def _table_bits(line: Any) -> Described:
    facts = [("rows", count(line.rows)), ("columns", count(line.columns)), ("bits per row", bits(line.bits))]
    facts += [("repeated within", bits(line.repeated_within)), ("between", bits(line.repeated_between))]
    floor = f"{size(round(line.repeated_bytes))} of {size(round(line.floor_bytes))}"
    return visible(line.table, WIDTH), [*facts, ("repeated", floor)]


DESCRIBED: dict[str, Callable[[Any], Described]] = {
    "CandidateKey": _candidate_key,
    "Domain": _domain,
    "ForeignKey": _foreign_key,
    "Inclusion": _inclusion,
    "JoinError": _join_error,
    "JoinSize": _join_size,
    "RepeatedColumn": _repeated_column,
    "TableBits": _table_bits,
    "TableRelation": _table_relation,
}
"""How a part is described, by its class."""
