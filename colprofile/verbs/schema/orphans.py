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


_LOOKS_IN_SETS = frozenset({"sqlite", "mysql", "mariadb"})
"""Databases that look for a value quickly in the set of a subquery that stands behind IN.

Without an index they answer EXISTS row by row. PostgreSQL does so for an EXISTS in a CASE, but joins two sets of any
size by hashes.
"""


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
        return f"{self._table} r where {self._filled('r')} and {self._is_lacking}"

    @property
    def _is_lacking(self) -> str:
        """The condition that a row ``r`` refers to none."""
        if self._queries.dialect not in _LOOKS_IN_SETS:
            return f"not exists (select 1 from {self._target} t where {self._equal('r', 't')})"
        own = ", ".join(self._sides("r", self._columns))
        return f"({own}) not in ({self._target_set})"

    @property
    def _target_set(self) -> str:
        """The query of the target's values, without NULL."""
        return f"select {', '.join(self._sides('t', self._targets))} from {self._filled_target}"

    def _sides(self, alias: str, names: Sequence[str]) -> list[str]:
        """Return columns of an alias as they are compared."""
        return [self._side(f"{alias}.{name}", is_text) for name, is_text in zip(names, self._as_text, strict=True)]

    @property
    def _filled_target(self) -> str:
        filled = " and ".join(f"t.{target} is not null" for target in self._targets)
        return f"{self._target} t where {filled}"

    def count(self) -> Orphans:
        """Count orphans, and list the most frequent where there are some."""
        own = ", ".join(f"{side} as k{i}" for i, side in enumerate(self._sides("r", self._columns)))
        names = ", ".join(f"r.{column}" for column in self._columns)
        grouped = f"select {own}, count(*) as n from {self._table} r where {self._filled('r')} group by {names}"
        marked = f"select g.n as n, case when {{}} then 1 else 0 end as lacks from ({grouped}) g"
        places = range(len(self._columns))
        if self._queries.dialect in _LOOKS_IN_SETS:
            marked = marked.format(f"({', '.join(f'g.k{i}' for i in places)}) not in ({self._target_set})")
        else:
            keys = ", ".join(f"{side} as k{i}" for i, side in enumerate(self._sides("t", self._targets)))
            equal = " and ".join(f"t.k{i} = g.k{i}" for i in places)
            target = f"select distinct {keys} from {self._filled_target}"
            marked = f"{marked.format('t.k0 is null')} left join ({target}) t on {equal}"
        sql = f"select count(*), sum(m.n), sum(m.lacks), sum(m.n * m.lacks) from ({marked}) m"
        values, rows, orphan_values, orphan_rows = (int(number or 0) for number in self._queries.rows(sql)[0])
        examples = self.examples() if orphan_values else ()
        return Orphans(rows, values, orphan_rows, orphan_values, examples)

    def count_combined(self) -> int:
        """Return how many rows of the target combine values that the columns have, each for itself."""
        own, targets = self._sides("r", self._columns), self._sides("t", self._targets)
        found = (
            f"{target} in (select {side} from {self._table} r where r.{column} is not null)"
            for target, side, column in zip(targets, own, self._columns, strict=True)
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
