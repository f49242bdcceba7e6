"""Fixes as SQL: keys, foreign keys, indexes, and what replaces repeated columns and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.results.schema import (
    CandidateKey,
    ForeignKey,
    RepeatedColumn,
    SchemaFix,
    TableRelation,
)
from colprofile.sources.tables.base import Tables
from colprofile.verbs.schema.copy_fixes import drop_copies, droppable, replaced_tables, view_of_parts, view_of_table
from colprofile.verbs.schema.fix_sql import FixContext
from colprofile.verbs.schema.key_fixes import KeyFixes, is_planned
from colprofile.verbs.schema.losses import Losses
from colprofile.verbs.schema.table_values import TableValues


def schema_fixes(
    source: Tables,
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
    relations: Sequence[TableRelation],
) -> list[SchemaFix]:
    """Return what to do, in an order in which each can be done after those before.

    Keys come before the foreign keys that refer to them, then indexes; then columns and tables that are said twice go.
    """
    columns = {table.name: tuple(column.name for column in table.columns) for table in tables}
    types = {(table.name, column.name): column.profile.type for table in tables for column in table.columns}
    context = FixContext(source, types, _frozen(source))
    own = [relation for relation in relations if source.views.isdisjoint(relation.tables)]
    replaced = replaced_tables(own, columns, {(found.table, found.target) for found in foreign_keys})
    changed = set(source.names) - source.views - set(replaced)
    wanted = [found for found in foreign_keys if {found.table, found.target} <= changed]
    primary = [key for key in keys if key.table in changed and is_planned(key)]
    fixed = _key_fixes(KeyFixes(context), keys, primary, wanted)
    kept = _columns_of_keys(keys, foreign_keys)
    losses = Losses(source, tables, foreign_keys)
    for copies in droppable([found for found in repeated if set(found.join.tables) <= changed], kept):
        fixed.append(losses.marked_drop(drop_copies(copies, context), copies))
    for table, by in replaced.items():
        fixed.append(losses.marked_view(view_of_table(table, *by, keys, context), *by))
    fixed += [view_of_parts(relation, context) for relation in own if relation.kind == "partitions"]
    return [fix for fix in fixed if fix is not None]


def _key_fixes(
    writer: KeyFixes, keys: Sequence[CandidateKey], primary: Sequence[CandidateKey], foreign_keys: Sequence[ForeignKey]
) -> list[SchemaFix | None]:
    """Return primary keys, other keys that foreign keys refer to, foreign keys, and indexes."""
    fixes = [writer.key(key.table, key.columns, is_primary=True) for key in primary]
    standing = [key for key in keys if key.status == "declared"]
    declared = {(key.table, frozenset(key.columns)) for key in [*primary, *standing]}
    for found in foreign_keys:
        target = (found.target, frozenset(found.target_columns))
        if found.status == "found" and target not in declared:
            declared.add(target)
            fixes.append(writer.key(found.target, found.target_columns, is_primary=False))
    made = {id(found): writer.foreign_key(found) for found in foreign_keys if found.status == "found"}
    fixes += made.values()
    return [*fixes, *(writer.index(found, made.get(id(found))) for found in _unindexed(foreign_keys, primary))]


def _columns_of_keys(keys: Sequence[CandidateKey], foreign_keys: Sequence[ForeignKey]) -> set[tuple[str, str]]:
    """Return the columns that primary and foreign keys are made of, or that are declared unique."""
    kept = {(key.table, column) for key in keys if key.is_primary or key.status != "found" for column in key.columns}
    kept |= {(found.table, column) for found in foreign_keys for column in found.columns}
    return kept | {(found.target, column) for found in foreign_keys for column in found.target_columns}


def _frozen(source: Tables) -> frozenset[str]:
    """Return the tables of DuckDB that have an index besides those of keys, and so cannot be altered."""
    if source.dialect != "duckdb":
        return frozenset()
    declared = source.declared()
    keys = {(key.table, key.columns) for key in declared.keys}
    indexes = (declared.indexes or {}).items()
    return frozenset(table for table, found in indexes if any((table, columns) not in keys for columns in found))


def _unindexed(foreign_keys: Sequence[ForeignKey], primary: Sequence[CandidateKey]) -> Iterator[ForeignKey]:
    """Yield the foreign keys that no index begins with, nor will after the primary keys are declared.

    Those of most columns come first, whose index begins with the columns of others.
    """
    planned = {begin for key in primary for begin in _beginnings(key.table, key.columns)}
    for found in sorted(foreign_keys, key=lambda found: -len(found.columns)):
        if found.is_indexed is False and (found.table, frozenset(found.columns)) not in planned:
            planned |= _beginnings(found.table, found.columns)
            yield found


def _beginnings(table: str, columns: Sequence[str]) -> set[tuple[str, frozenset[str]]]:
    """Return the columns that an index of some columns begins with, in any order."""
    return {(table, frozenset(columns[:size])) for size in range(1, len(columns) + 1)}
