"""Columns that a reference determines though the table that it refers to lacks them: they belong there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from colprofile.measures.lookup import arrangement_bits, savings
from colprofile.measures.thresholds import THRESHOLDS, needed_bits, possible_dependencies
from colprofile.results.column import row_bits
from colprofile.results.schema import ForeignKey, Join, RepeatedColumn
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.sentences import counted, named, place
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

NEAR = ("dependency", "near", "bijection", "duplicate", "computed")
"""Kinds of findings that say what columns determine."""


def determined_columns(
    foreign_keys: Sequence[ForeignKey],
    tables: Mapping[str, TableValues],
    copied: Collection[tuple[str, str]],
    queries: Queries,
    refused: Refused,
) -> list[RepeatedColumn]:
    """Return the columns that references determine and that are no copies, each for the reference that saves most.

    What determines them, and in how many rows it does not, is known from the audit of the referring table. Those whose
    rows the database refuses to count are added to ``refused``.
    """
    best: dict[tuple[str, str], RepeatedColumn] = {}
    for key in foreign_keys:
        table = tables[key.table]
        if key.table == key.target or _determines_all(key, table):
            continue
        for name, violating in _determined(key, table).items():
            known = best.get((table.name, name))
            found = None
            if (table.name, name) not in copied:
                with refused.at(place(table.name, name)):
                    found = _repeated(key, table, name, violating, queries)
            if found is not None and (known is None or known.bits < found.bits):
                best[table.name, name] = found
    return list(best.values())


def _determines_all(key: ForeignKey, table: TableValues) -> bool:
    """Whether the reference is a key of its table, which determines every column."""
    names = set(key.columns)
    return key.is_one_to_one or any({table.columns[place].name for place in each} <= names for each in table.keys)


def _determined(key: ForeignKey, table: TableValues) -> dict[str, int]:
    """Return the columns that a reference determines, with the rows that contradict it."""
    names = set(key.columns)
    rows = {
        each.target: 0
        for each in table.audit.dependencies
        if each.columns and not each.is_by_key and set(each.columns) <= names
    }
    for finding in table.audit.findings:
        if finding.kind in NEAR and finding.evidence.violating_rows:
            for columns, targets in finding.directions:
                if set(columns) <= names:
                    for target in targets:
                        rows.setdefault(target, finding.evidence.violating_rows)
    return {name: violating for name, violating in rows.items() if name not in names}


def _repeated(
    key: ForeignKey, table: TableValues, name: str, violating: int, queries: Queries
) -> RepeatedColumn | None:
    """Return a determined column as results hold it; None where moving it would save too little."""
    column = table.column(name)
    rows = _complete_rows(key, table, column, queries)
    bits = column.profile.entropy or 0.0
    saved = savings(rows, min(key.inclusion.values, rows), column.profile.distinct, bits, violating)
    whole = arrangement_bits(rows, column.profile.distinct, bits)
    if not THRESHOLDS.saves_enough(saved, needed_bits(possible_dependencies(len(table.columns))), whole):
        return None
    over, target = place(table.name, *key.columns), key.target
    except_for = f", except for {counted(violating, 'row')}" if violating else ""
    return RepeatedColumn(
        kind="determined",
        table=table.name,
        column=name,
        join=Join((table.name, target), (key.columns,), (key.target_columns,)),
        target_column=None,
        rows=rows,
        equal_rows=rows - violating,
        bits=min(saved / table.rows, row_bits(column.profile)),
        differing=(),
        statement=f"{over} determines {place(table.name, name)}{except_for}: {named(target)} has no such column; "
        "it could hold it.",
        query=_several(key, table, name, queries) if violating else None,
    )


def _complete_rows(key: ForeignKey, table: TableValues, column: ColumnValues, queries: Queries) -> int:
    """Return the rows where neither the reference nor the column is NULL: counted where both have NULL."""
    few, many = sorted((key.inclusion.rows, column.filled))
    if many >= table.rows:
        return few
    filled = " and ".join(f"{queries.column(name)} is not null" for name in (*key.columns, column.name))
    return int(queries.rows(f"select count(*) from {queries.table(table.name)} where {filled}")[0][0])


def _several(key: ForeignKey, table: TableValues, name: str, queries: Queries) -> str:
    """Return SQL that lists the references that have several values of a column, with their rows."""
    columns = ", ".join(map(queries.column, key.columns))
    column, source = queries.column(name), queries.table(table.name)
    filled = " and ".join(f"{queries.column(each)} is not null" for each in (*key.columns, name))
    return (
        f"select {columns}, count(distinct {column}) as {queries.column('values')}, count(*) as "
        f"{queries.column('rows')} from {source} where {filled} group by {columns} having count(distinct {column}) > 1"
    )
