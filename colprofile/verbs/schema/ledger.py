"""The ledger of a database: what each table holds in bits, and what of it is said elsewhere too."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.column import row_bits
from colprofile.results.schema import RepeatedColumn, TableBits, TableRelation
from colprofile.verbs.schema.table_values import TableValues


def database_ledger(
    tables: Sequence[TableValues], repeated: Sequence[RepeatedColumn], relations: Sequence[TableRelation]
) -> list[TableBits]:
    """Return the tables' bits, most repeated bytes first; nothing is counted twice.

    A table's columns and what they repeat make a forest: each column is coded given one other at most, along the
    edges of the Chow–Liu tree, or given the reference that it is a copy over. Copies come first, and an edge that
    would close a circle is left out. Of a table whose rows another has too, all that is left is repeated; of equal
    tables the last stays.
    """
    rows = _repeated_rows(relations)
    keys = {each.tables[0]: each for each in relations if each.kind == "one-to-one"}
    same = [set(each.tables) for each in relations if each.kind in ("equal", "contained")]
    found = []
    for table in tables:
        copies = [
            each
            for each in repeated
            if each.table == table.name and each.kind == "copy" and not any(set(each.join.tables) <= t for t in same)
        ]
        found.append(_bits(table, copies, rows.get(table.name, 0), keys.get(table.name)))
    return sorted(found, key=lambda each: -each.repeated_bytes)


def _repeated_rows(relations: Sequence[TableRelation]) -> dict[str, int]:
    """Return by table how many of its rows another table has, which stays."""
    rows: dict[str, int] = {}
    for relation in relations:
        is_lookup = relation.kind == "lookup" and len(relation.columns) == 1
        if relation.kind in ("equal", "contained") or is_lookup:
            for name in relation.tables[:-1]:
                rows[name] = max(rows.get(name, 0), relation.rows // (len(relation.tables) - 1))
    return rows


def _bits(table: TableValues, copies: Sequence[RepeatedColumn], rows: int, key: TableRelation | None) -> TableBits:
    """Return a table's entry."""
    ledger = table.audit.ledger
    within, between = ledger.redundant_bits, 0.0
    if copies:
        within, between = _forest(table, copies)
    left = max(0.0, ledger.bits_apart - within - between)
    if rows and table.rows:
        between += left * min(1.0, rows / table.rows)
    elif key is not None:
        own = sum(row_bits(table.column(name).profile) for name in key.columns)
        between += min(left, own)
    return TableBits(
        table=table.name,
        rows=table.rows,
        columns=len(table.columns),
        bits=ledger.bits_apart,
        repeated_within=within,
        repeated_between=between,
        floor_bytes=table.rows * ledger.bits_apart / 8,
        repeated_bytes=table.rows * (within + between) / 8,
    )


def _forest(table: TableValues, copies: Sequence[RepeatedColumn]) -> tuple[float, float]:
    """Return the bits per row that columns repeat of each other, and of other tables, along one forest."""
    parents = {column.name: column.name for column in table.columns}

    def root(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    between = within = 0.0
    for copy in sorted(copies, key=lambda each: -each.bits):
        first, *rest = copy.join.columns[0]
        for name in rest:  # a composite reference is read as a whole
            parents[root(name)] = root(first)
        if root(first) != root(copy.column):
            parents[root(copy.column)] = root(first)
            between += copy.bits
    for edge in sorted(table.audit.edges, key=lambda each: -each.bits):
        if edge.x in parents and edge.y in parents and root(edge.x) != root(edge.y):
            parents[root(edge.x)] = root(edge.y)
            within += edge.bits
    return within, between
