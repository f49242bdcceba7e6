"""Orphans in SQL: how many rows and values of some columns a table referred to lacks, and which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.table_values import ColumnValues

SHOWN = 5
"""So many of the most frequent orphans are shown."""


@dataclass(frozen=True)
class Orphans:
    """What a query found.

    Attributes
    ----------
    rows, values
        Rows without NULL in the columns, and their different values.
    orphan_rows, orphan_values
        Those of them that the target lacks.
    examples
        The most frequent of these values.
    """

    rows: int
    values: int
    orphan_rows: int
    orphan_values: int
    examples: tuple[tuple[Value, ...], ...]


class Reference:
    """Columns and the columns of a table that they may refer to, as SQL.

    Numbers, dates and texts are compared as such by the database, with its own collation; a number and a text by their
    texts.
    """

    def __init__(self, queries: Queries, columns: Sequence[ColumnValues], targets: Sequence[ColumnValues]) -> None:
        self._queries = queries
        self._table, self._target = queries.table(columns[0].table), queries.table(targets[0].table)
        self._columns = [queries.column(column.name) for column in columns]
        self._targets = [queries.column(target.name) for target in targets]
        self._as_text = [not _is_comparable(one, other) for one, other in zip(columns, targets, strict=True)]

    def _equal(self, left: str, right: str) -> str:
        """Return the condition that the columns of one alias equal the target's of another."""
        return " and ".join(
            f"{self._side(f'{right}.{target}', is_text)} = {self._side(f'{left}.{column}', is_text)}"
            for column, target, is_text in zip(self._columns, self._targets, self._as_text, strict=True)
        )

    def _side(self, expression: str, is_text: bool) -> str:
        return self._queries.text(expression) if is_text else expression

    def _filled(self, alias: str) -> str:
        return " and ".join(f"{alias}.{column} is not null" for column in self._columns)

    @property
    def proof(self) -> str:
        """SQL that returns how many rows refer to none."""
        return f"select count(*) from {self._orphan_rows}"

    @property
    def orphan_query(self) -> str:
        """SQL that lists the rows that refer to none."""
        return f"select r.* from {self._orphan_rows}"

    @property
    def _orphan_rows(self) -> str:
        lacking = f"not exists (select 1 from {self._target} t where {self._equal('r', 't')})"
        return f"{self._table} r where {self._filled('r')} and {lacking}"

    def count(self) -> Orphans:
        """Count orphans, and list the most frequent where there are some."""
        names = ", ".join(f"r.{column}" for column in self._columns)
        grouped = f"select {names}, count(*) as n from {self._table} r where {self._filled('r')} group by {names}"
        found = f"exists (select 1 from {self._target} t where {self._equal('g', 't')})"
        marked = f"select g.n as n, case when {found} then 0 else 1 end as lacks from ({grouped}) g"
        sql = f"select count(*), sum(m.n), sum(m.lacks), sum(m.n * m.lacks) from ({marked}) m"
        values, rows, orphan_values, orphan_rows = (int(number or 0) for number in self._queries.rows(sql)[0])
        examples = self.examples() if orphan_values else ()
        return Orphans(rows, values, orphan_rows, orphan_values, examples)

    def count_combined(self) -> int:
        """Return how many rows of the target combine values that the columns have, each for itself."""
        found = (
            f"exists (select 1 from {self._table} r{number} where "
            f"{self._side(f'r{number}.{column}', is_text)} = {self._side(f't.{target}', is_text)})"
            for number, (column, target, is_text) in enumerate(
                zip(self._columns, self._targets, self._as_text, strict=True)
            )
        )
        return int(self._queries.rows(f"select count(*) from {self._target} t where {' and '.join(found)}")[0][0])

    def examples(self) -> tuple[tuple[Value, ...], ...]:
        """Return the most frequent values that the target lacks."""
        names = ", ".join(f"r.{column}" for column in self._columns)
        order = ", ".join(["count(*) desc", *(f"r.{column}" for column in self._columns)])
        sql = f"select {names} from {self._orphan_rows} group by {names} order by {order} limit {SHOWN}"
        return tuple(tuple(map(_shown, row)) for row in self._queries.rows(sql))


def _is_comparable(column: ColumnValues, target: ColumnValues) -> bool:
    """Whether every database compares the two columns as they are."""
    one, other = column.profile, target.profile
    if one.kind == other.kind and one.kind in ("numeric", "temporal", "boolean"):
        return True
    return _base(one.type) == _base(other.type)


def _base(type_name: str) -> str:
    return re.sub(r"\(.*|\s+collate.*", "", type_name.lower()).strip()


def _shown(value: Any) -> Value:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
