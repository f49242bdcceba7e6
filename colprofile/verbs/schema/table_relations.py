"""Tables that say the same: equal, contained, parts of one, lookups that hold nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.results.schema import ForeignKey, RepeatedColumn, TableRelation
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.partitions import find_partitions
from colprofile.verbs.schema.repeated_rows import find_repeated_rows
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import counted, listed, named, place
from colprofile.verbs.schema.table_values import TableValues


def find_table_relations(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[TableRelation]:
    """Return the tables that repeat each other, most bits first; what cannot be compared is added to ``notes``."""
    kept = {table.name: table for table in tables}
    usable = [key for key in foreign_keys if key.table in kept and key.target in kept]
    lookups = list(_lookups(usable, repeated, kept, queries))
    told = [set(each.tables) for each in lookups]
    rows = find_repeated_rows(tables, usable, queries, report, notes)
    found = lookups + [each for each in rows if each.kind == "equal" or set(each.tables) not in told]
    same = [set(each.tables) for each in rows]
    parts = find_partitions(tables, usable, queries)
    found += [each for each in parts if not any(pair <= set(each.tables) for pair in same)]
    told = [set(each.tables) for each in found if each.kind != "partitions"]
    for each in _one_to_one(usable, kept):
        if not any(set(each.tables) <= known for known in told):
            found.append(each)
            told.append(set(each.tables))
    return sorted(found, key=lambda each: -each.bits)


def _lookups(
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
    tables: dict[str, TableValues],
    queries: Queries,
) -> Iterator[TableRelation]:
    """Yield the tables of which every row is referred to, and every column is the key or a true copy there."""
    for key in foreign_keys:
        target, source = tables[key.target], tables[key.table]
        copies = {
            each.target_column: each.column
            for each in repeated
            if each.kind == "copy"
            and each.equal_rows == each.rows
            and each.join.columns == (key.columns,)
            and each.join.tables == (key.table, key.target)
        }
        others = [column.name for column in target.columns if column.name not in key.target_columns]
        is_covered = key.inclusion.values - key.inclusion.orphan_values >= key.inclusion.target_values
        is_whole = is_covered and not target.audit.skipped and key.table != key.target
        if not is_whole or key.is_one_to_one or not target.rows or not all(name in copies for name in others):
            continue
        names = (*key.target_columns, *others)
        origin = (*key.columns, *(copies[name] for name in others))
        columns, source_columns = ", ".join(map(queries.column, names)), ", ".join(map(queries.column, origin))
        what = "only its key" if not others else f"nothing but its key and {listed(others)}"
        yield TableRelation(
            kind="lookup",
            tables=(target.name, source.name),
            columns=names,
            rows=target.rows,
            bits=target.rows * target.audit.ledger.bits_apart,
            statement=f"{named(target.name)} holds nothing new: it has {what}, and {place(source.name, *origin)} has "
            f"all of its {counted(target.rows, 'row')}.",
            query=f"select {columns} from {queries.table(target.name)} except "
            f"select {source_columns} from {queries.table(source.name)}",
        )


def _one_to_one(foreign_keys: Sequence[ForeignKey], tables: dict[str, TableValues]) -> Iterator[TableRelation]:
    """Yield the pairs of tables of one key, row by row."""
    for key in foreign_keys:
        source, target = tables[key.table], tables[key.target]
        is_whole = key.inclusion.is_exact and key.inclusion.rows == source.rows == target.rows > 0
        if not (key.is_one_to_one and is_whole) or key.table == key.target:
            continue
        bits = sum(source.column(name).profile.entropy or 0.0 for name in key.columns)
        yield TableRelation(
            kind="one-to-one",
            tables=(source.name, target.name),
            columns=key.columns,
            rows=source.rows,
            bits=source.rows * bits,
            statement=f"{named(source.name)} and {named(target.name)} have one key: each of the "
            f"{counted(source.rows, 'row')} of the one belongs to one of the other, by "
            f"{place(source.name, *key.columns)} and {place(target.name, *key.target_columns)}. "
            "They could be one table.",
            query=None,
        )
