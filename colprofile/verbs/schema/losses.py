"""What fixes would lose as the rows are: the fixes that are not safe before some of these are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colprofile.results.schema import ForeignKey, RepeatedColumn, SchemaFix, TableRelation
from colprofile.sources.tables.base import Tables
from colprofile.stopping import ends_by
from colprofile.verbs.schema.compared import JoinedTables
from colprofile.verbs.schema.fix_sql import shown
from colprofile.verbs.schema.sentences import counted
from colprofile.verbs.schema.table_values import TableValues


class Losses:
    """Marks the fixes that would lose something.

    Parameters
    ----------
    source
        Where the tables are: what is not known of the rows is counted there.
    tables
        What is kept of each table.
    foreign_keys
        The steps of all joins.
    """

    def __init__(self, source: Tables, tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey]) -> None:
        self._source = source
        self._tables = {table.name: table for table in tables}
        self._steps = {(key.table, key.columns, key.target, key.target_columns): key for key in foreign_keys}

    def marked_drop(self, fix: SchemaFix | None, copies: Sequence[RepeatedColumn]) -> SchemaFix | None:
        """Return a fix that drops copies of one table and join: not safe where rows without an original have any."""
        rows = 0 if fix is None else self._rows_without_reference(copies)
        if fix is None or not rows:
            return fix
        they = "is corrected: it would lose its value" if rows == 1 else "are corrected: they would lose their values"
        target = shown(copies[0].join.tables[-1])
        condition = f"not before the {counted(rows, 'row')} without a row in {target} {they}"
        return replace(fix, action=f"{fix.action}; {condition}", is_safe=False)

    def marked_view(self, fix: SchemaFix | None, second: str, relation: TableRelation) -> SchemaFix | None:
        """Return a fix that makes a table a view of a second, not safe where not all rows of it are there."""
        if fix is None:
            return None
        rows = self._tables[fix.table].rows
        if relation.kind == "equal":
            is_safe = rows == self._tables[second].rows == relation.rows / (len(relation.tables) - 1)
        else:
            is_safe = relation.rows == rows
        if is_safe:
            return fix
        return replace(fix, action=f"{fix.action}; not before the rows that differ are corrected", is_safe=False)

    def _rows_without_reference(self, copies: Sequence[RepeatedColumn]) -> int:
        """Return how many rows refer to none and have a value in one of the copies."""
        table = self._tables[copies[0].table]
        columns = [table.column(copy.column) for copy in copies]
        rows = table.rows - copies[0].rows
        if rows <= 0 or not any(column.filled for column in columns):
            return 0
        if any(column.filled == table.rows for column in columns):
            return rows
        join = copies[0].join
        steps = zip(join.tables, join.columns, join.tables[1:], join.targets, strict=False)
        with self._source.queries() as queries:
            ends_by(queries.interrupt)
            way = JoinedTables([self._steps[step] for step in steps], self._tables, queries)
            filled = " or ".join(f"{way.at(0, column.name)} is not null" for column in columns)
            [(all_rows,)] = queries.rows(f"select count(*) from {queries.table(table.name)} t0 where {filled}")
            [(joined,)] = queries.rows(f"select count(*) from {way.from_clause()} where {filled}")
        return max(0, int(all_rows) - int(joined))
