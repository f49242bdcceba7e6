"""SQLite's columns, whose values have types of their own: what a column holds decides, not what it was declared as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from colprofile.sources.database.column_plans import ColumnPlan, ranked
from colprofile.sources.database.engine_sql import Expression

_EXACT_IN_DOUBLE = 1 << 53
_COLUMNS_A_QUERY = 100


def sqlite_plans(
    connection: sa.Connection,
    clause: sa.FromClause,
    names: Sequence[str],
    types: Sequence[Any],
    type_names: Sequence[str],
    rows_of: Callable[[Any], list[tuple[Any, ...]]],
) -> list[ColumnPlan]:
    """Return the plans of an SQLite relation's columns.

    Columns of one storage class cross as it, integers and reals together as doubles. What mixes others, or is compared
    by a collation, SQLite ranks itself.
    """
    collated = _has_collations(connection)
    plans: list[ColumnPlan] = []
    for begin in range(0, len(names), _COLUMNS_A_QUERY):
        chunk = range(begin, min(begin + _COLUMNS_A_QUERY, len(names)))
        sums = [e for i in chunk for e in _storage_classes(clause.c[names[i]])]
        row = rows_of(sa.select(*(e.label(f"s{i}") for i, e in enumerate(sums))).select_from(clause))[0]
        for place, i in enumerate(chunk):
            held = [int(value or 0) for value in row[6 * place : 6 * place + 6]]
            plan = _plan(names[i], clause.c[names[i]], types[i], type_names[i], held, collated)
            is_text = collated and plan.wire == "ranked" and held[2] == sum(held[:4])
            plans.append(_with_equality(plan, clause, rows_of) if is_text else plan)
    return plans


def _with_equality(
    plan: ColumnPlan, clause: sa.FromClause, rows_of: Callable[[Any], list[tuple[Any, ...]]]
) -> ColumnPlan:
    """Return the plan of a column of texts with what its collation compares, if that is one of SQLite's own."""
    # The first part of a union gives a column its collation, without a row.
    none = sa.select(plan.key.label("x")).select_from(clause).where(sa.false())
    x = none.union_all(sa.select(sa.literal("A "))).subquery("u").c.x
    ignores_case, ignores_spaces = rows_of(sa.select(x == sa.literal("a "), x == sa.literal("A")))[0]
    if ignores_case:
        return replace(plan, type=f"{plan.type} collate nocase", equality=sa.func.lower(plan.key))
    if ignores_spaces:
        return replace(plan, type=f"{plan.type} collate rtrim", equality=sa.func.rtrim(plan.key))
    return plan


def _has_collations(connection: sa.Connection) -> bool:
    """Return whether any table or view was declared with a collation; SQLite does not say which column has one."""
    master = sa.table("sqlite_master", sa.column("sql"))
    found = connection.execute(sa.select(sa.func.count()).select_from(master).where(master.c.sql.ilike("%collate%")))
    return bool(found.scalar_one())


def _storage_classes(column: Expression) -> list[Expression]:
    """Return how many values are integer, real, text and blob, the integers beyond a double, and those not 0 or 1."""
    kind = sa.func.typeof(column)
    counted = [sa.func.sum(kind == name) for name in ("integer", "real", "text", "blob")]
    is_integer = kind == "integer"
    wide = sa.func.sum(sa.and_(is_integer, ~column.between(-_EXACT_IN_DOUBLE, _EXACT_IN_DOUBLE)))
    return [*counted, wide, sa.func.sum(sa.and_(is_integer, column.not_in([0, 1])))]


def _plan(
    name: str, column: Expression, given: Any, type_name: str, held: Sequence[int], is_collated: bool
) -> ColumnPlan:
    integers, reals, texts, blobs, wide, not_binary = held
    type_name = type_name if type_name != "unknown" else ""
    if not (reals or texts or blobs):
        if isinstance(given, sa.Boolean) and not not_binary:
            return ColumnPlan(name, type_name, "boolean", column)
        if integers or isinstance(given, sa.Numeric | sa.Integer):
            return ColumnPlan(name, type_name or "integer", "integer", column)
        return ColumnPlan(name, type_name or "null", "text", column)
    if not (texts or blobs):
        if not wide:
            return ColumnPlan(name, type_name or "real", "float", column)
        return ranked("sqlite", name, type_name or "numeric", "text", column)
    if not (integers or reals or texts):
        return ColumnPlan(name, type_name or "blob", "binary", column)
    if not (integers or reals or blobs) and not is_collated:
        return ColumnPlan(name, type_name or "text", "text", column)
    return ranked("sqlite", name, type_name or "any", "text", column, _as_labels(column))


def _as_labels(column: Expression) -> Expression:
    """Return a text that shows which storage class a value has."""
    blob = sa.literal("x'").op("||")(sa.func.hex(column)).op("||")(sa.literal("'"))
    plain = sa.cast(column, sa.Text())
    text = sa.case((sa.func.typeof(column) == "blob", blob), else_=plain)
    return sa.collate(text, "BINARY")
