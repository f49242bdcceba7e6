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
from colprofile.verbs.schema.fix_sql import MadeNames
from colprofile.verbs.schema.key_fixes import KeyFixes, planned_keys
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

    Keys come before the foreign keys that refer to them, then indexes.
    """
    types = {(table.name, column.name): column.profile.type for table in tables for column in table.columns}
    writer = KeyFixes(source, types, _frozen(source), MadeNames())
    wanted = [found for found in foreign_keys if found.table not in source.views and found.target not in source.views]
    primary = planned_keys(keys, source.views)
    fixes: list[SchemaFix | None] = [writer.key(key.table, key.columns, is_primary=True) for key in primary]
    declared = {(key.table, frozenset(key.columns)) for key in [*primary, *(k for k in keys if k.status == "declared")]}
    for found in wanted:
        target = (found.target, frozenset(found.target_columns))
        if found.status == "found" and target not in declared:
            declared.add(target)
            fixes.append(writer.key(found.target, found.target_columns, is_primary=False))
    fixes += [writer.foreign_key(found) for found in wanted if found.status == "found"]
    fixes += [writer.index(found) for found in _unindexed(wanted, primary)]
    return [fix for fix in fixes if fix is not None]


def _frozen(source: Tables) -> frozenset[str]:
    """Return the tables of DuckDB that have an index besides those of keys, and so cannot be altered."""
    if source.dialect != "duckdb":
        return frozenset()
    declared = source.declared()
    keys = {(key.table, key.columns) for key in declared.keys}
    indexes = (declared.indexes or {}).items()
    return frozenset(table for table, found in indexes if any((table, columns) not in keys for columns in found))


def _unindexed(foreign_keys: Sequence[ForeignKey], primary: Sequence[CandidateKey]) -> Iterator[ForeignKey]:
    """Yield the foreign keys that no index begins with, nor will after the primary keys are declared."""
    planned = {(key.table, frozenset(key.columns[:size])) for key in primary for size in range(1, len(key.columns) + 1)}
    for found in foreign_keys:
        place = (found.table, frozenset(found.columns))
        if found.is_indexed is False and place not in planned:
            planned.add(place)
            yield found
