"""Fixes that take away what is said twice: copied columns are read through a view, repeated tables become one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from colprofile.results.schema import CandidateKey, Join, RepeatedColumn, SchemaFix, TableRelation
from colprofile.verbs.schema.fix_sql import (
    FIX_DIALECTS,
    FixContext,
    differs,
    equal_columns,
    in_all,
    literal,
    quoted,
    quoted_list,
    shown,
    shown_list,
)


def droppable(repeated: Sequence[RepeatedColumn], kept: Collection[tuple[str, str]]) -> list[list[RepeatedColumn]]:
    """Return the copied columns that agree in every row, those of one table and join together.

    ``kept`` columns, such as those of keys, stay. A column that another one is read from stays too.
    """
    groups: dict[tuple[str, Join], list[RepeatedColumn]] = {}
    needed, dropped = set(kept), set[tuple[str, str]]()
    for found in repeated:
        place = (found.table, found.column)
        if found.kind != "copy" or found.target_column is None or found.equal_rows < found.rows or not found.rows:
            continue
        target = (found.join.tables[-1], found.target_column)
        if place in needed or place in dropped or target in dropped:
            continue
        dropped.add(place)
        needed.add(target)
        groups.setdefault((found.table, found.join), []).append(found)
    return list(groups.values())


def drop_copies(copies: Sequence[RepeatedColumn], context: FixContext) -> SchemaFix | None:
    """Return the fix that drops copied columns of one table and join, and makes a view that still has them."""
    table, join = copies[0].table, copies[0].join
    if any(context.is_other_kind((table, c.column), (join.tables[-1], str(c.target_column))) for c in copies):
        return None  # a view would give them another type
    dialects = [dialect for dialect in FIX_DIALECTS if dialect != "duckdb" or table not in context.frozen]
    view = context.sibling(table, f"_with_{context.source.parts(join.tables[-1])[-1]}")
    last = f"s{len(join.tables) - 1}"

    def check(dialect: str) -> str:
        differing = (
            differs(dialect, f"s0.{quoted(dialect, c.column)}", f"{last}.{quoted(dialect, str(c.target_column))}")
            for c in copies
        )
        return f"select count(*) from {_joined(dialect, join, context)} where {' or '.join(differing)}"

    def change(dialect: str) -> str:
        place = context.table(dialect, table)
        drops = [f"alter table {place} drop column {quoted(dialect, c.column)};" for c in copies]
        read = ", ".join(
            f"{last}.{quoted(dialect, str(c.target_column))} as {quoted(dialect, c.column)}" for c in copies
        )
        view_sql = (
            f"create view {quoted(dialect, *view)} as select s0.*, {read} from {_joined(dialect, join, context)};"
        )
        return "\n".join([*drops, view_sql])

    names = shown_list([c.column for c in copies])
    action = (
        f"drop {names} of {shown(table)} and read it from {shown(join.tables[-1])} through the view {shown(view[-1])}"
    )
    return SchemaFix("drop column", table, action, in_all(dialects, check), in_all(dialects, change))


def _joined(dialect: str, join: Join, context: FixContext) -> str:
    """Return what stands behind FROM for a path: ``s0`` is the referring table, ``s1`` the next."""
    sql = f"{context.table(dialect, join.tables[0])} s0"
    for number, (table, target) in enumerate(pairwise(join.tables)):
        pairs = list(zip(join.columns[number], join.targets[number], strict=True))
        as_text = {i: context.is_other_kind((table, a), (target, b)) for i, (a, b) in enumerate(pairs)}
        equal = equal_columns(
            dialect, *zip(*pairs, strict=True), as_text=as_text, aliases=(f"s{number}", f"s{number + 1}")
        )
        sql += f" left join {context.table(dialect, target)} s{number + 1} on {equal}"
    return sql


def replaced_tables(
    relations: Sequence[TableRelation], columns: Mapping[str, Sequence[str]], references: Collection[tuple[str, str]]
) -> dict[str, tuple[str, TableRelation]]:
    """Return the tables that a view can replace, with the tables that stay: no other table refers to the former.

    ``columns`` are those of each table; ``references`` are of tables to tables.
    """
    replaced: dict[str, tuple[str, TableRelation]] = {}
    stays: set[str] = set()

    def can_go(table: str, other: str, names: Collection[str]) -> bool:
        is_free = table not in stays and table not in replaced and other not in replaced
        has_all = set(columns.get(table, ())) == set(names) <= set(columns.get(other, ()))
        return is_free and has_all and not any(to == table for by, to in references if by != table)

    for relation in relations:
        if relation.kind not in ("equal", "contained"):
            continue
        first, second = relation.tables[:2]
        ways = [(first, second), (second, first)] if relation.kind == "equal" else [(first, second)]
        found = next((way for way in ways if can_go(*way, relation.columns)), None)
        if found is not None:
            replaced[found[0]] = (found[1], relation)
            stays.add(found[1])
    return replaced


def view_of_table(
    first: str, second: str, relation: TableRelation, keys: Sequence[CandidateKey], context: FixContext
) -> SchemaFix | None:
    """Return the fix that makes the first table a view of the second; None where no key tells which rows it has."""
    key = next((k.columns for k in keys if k.table == second and {*k.columns} <= {*relation.columns}), None)
    is_equal = relation.kind == "equal"
    if not is_equal and key is None:
        return None
    dialects = [dialect for dialect in FIX_DIALECTS if dialect != "duckdb" or first not in context.frozen]
    rows = context.sibling(first, "_rows")

    def check(dialect: str) -> str:
        left, right = (
            f"select {quoted_list(dialect, relation.columns)} from {context.table(dialect, name)}"
            for name in (first, second)
        )
        lacking = f"(select count(*) from ({left} except {'all ' if is_equal else ''}{right}) a)"
        return f"select {lacking}" + (f" + (select count(*) from ({right} except all {left}) b)" if is_equal else "")

    def change(dialect: str) -> str:
        place, other = context.table(dialect, first), context.table(dialect, second)
        if is_equal or key is None:
            listed = quoted_list(dialect, relation.columns)
            return f"drop table {place};\ncreate view {place} as select {listed} from {other};"
        kept, listed = quoted(dialect, *rows), quoted_list(dialect, relation.columns, "s")
        equal = equal_columns(dialect, key, key)
        return (
            f"create table {kept} as select {quoted_list(dialect, key)} from {place};\ndrop table {place};\n"
            f"create view {place} as select {listed} from {kept} r join {other} s on {equal};"
        )

    what = f"of {shown(second)}" if is_equal else f"of {shown(second)}; which rows it has is kept in {shown(rows[-1])}"
    return SchemaFix(
        "view", first, f"make {shown(first)} a view {what}", in_all(dialects, check), in_all(dialects, change)
    )


def view_of_parts(relation: TableRelation, context: FixContext) -> SchemaFix:
    """Return the fix that makes a view of all parts of one shape."""
    parts = relation.tables
    view, column = context.sibling(parts[0], "_and_others"), "part"
    while column in relation.columns:
        column += "_"

    def change(dialect: str) -> str:
        part, listed = quoted(dialect, column), quoted_list(dialect, relation.columns)
        selects = (
            f"select {literal(dialect, name)} as {part}, {listed} from {context.table(dialect, name)}" for name in parts
        )
        return f"create view {quoted(dialect, *view)} as\n" + "\nunion all ".join(selects) + ";"

    action = f"read {shown_list(parts)} as one table through the view {shown(view[-1])}"
    return SchemaFix("view", parts[0], action, in_all(FIX_DIALECTS, lambda _: "select 0"), in_all(FIX_DIALECTS, change))
