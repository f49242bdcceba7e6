"""Orphans in SQL: how many rows and values of some columns a table referred to lacks, and which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.compared import is_equal_as_stored
from colprofile.verbs.schema.table_values import ColumnValues

_WHOLE = {"mysql": "signed", "mariadb": "signed", "sqlite": "integer"}
_INTEGER = re.compile(r"(?<!po)int(?!erval)|serial", re.IGNORECASE)

SHOWN = 5
"""So many of the most frequent orphans are shown."""


_LOOKS_IN_SETS = frozenset({"mysql", "mariadb"})
"""Databases that look for a value quickly in the set of a subquery that stands behind IN.

Without an index they answer EXISTS row by row. So does SQLite, and behind IN it takes the collation of the column that
refers, where a foreign key takes that of the key: it joins the key's different values, for which it makes an index.
PostgreSQL answers an EXISTS in a CASE row by row, but joins two sets of any size by hashes.
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

    Attributes
    ----------
    columns, targets
        The columns, and those that they refer to, in the same order.
    is_plain
        Whether each is compared as it is.
    """

    def __init__(self, queries: Queries, columns: Sequence[ColumnValues], targets: Sequence[ColumnValues]) -> None:
        self.columns, self.targets = columns, targets
        self._queries = queries
        self._table, self._target = queries.table(columns[0].table), queries.table(targets[0].table)
        self._names = [queries.column(column.name) for column in columns]
        self._keys = [queries.column(target.name) for target in targets]
        pairs = zip(columns, targets, strict=True)
        self._as_text = [not is_equal_as_stored(queries, one, other) for one, other in pairs]
        self.is_plain = not any(self._as_text)

    @property
    def _equal(self) -> str:
        """The condition that the columns, alias ``r``, equal those referred to, alias ``t``."""
        pairs = zip(self._sides("t"), self._sides("r"), strict=True)
        return " and ".join(f"{other} = {one}" for other, one in pairs)

    def _compared(self, expression: str, place: int, columns: Sequence[ColumnValues]) -> str:
        """Return what is compared of a value of the columns, or of those referred to."""
        return self._text(expression, columns[place]) if self._as_text[place] else expression

    def _text(self, expression: str, column: ColumnValues) -> str:
        """Return the text of a value, that of 7.00 being 7 in a column of whole numbers."""
        if column.profile.kind == "numeric" and column.low is not None and not _INTEGER.search(column.profile.type):
            whole = _WHOLE.get(self._queries.dialect, "bigint")
            expression = f"cast({expression} as {whole})"
        return self._queries.text(expression)

    def _filled(self, alias: str) -> str:
        return " and ".join(f"{alias}.{name} is not null" for name in self._names)

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
        filled, own = self._filled("r"), self._sides("r")
        if self._queries.dialect == "sqlite":
            return f"{self._table} r{self._joined(own)} where {filled} and t.k0 is null"
        if self._queries.dialect in _LOOKS_IN_SETS:
            return f"{self._table} r where {filled} and ({', '.join(own)}) not in ({self._known})"
        return f"{self._table} r where {filled} and not exists (select 1 from {self._target} t where {self._equal})"

    def _joined(self, own: Sequence[str]) -> str:
        """Return the left join of the target's different values, t.k0 …, that some expressions are equal to."""
        equal = " and ".join(f"t.k{place} = {expression}" for place, expression in enumerate(own))
        return f" left join (select distinct * from ({self._known}) s) t on {equal}"

    @property
    def _known(self) -> str:
        """The query of the target's values, k0, k1 …, without NULL."""
        shown = ", ".join(f"{key} as k{place}" for place, key in enumerate(self._sides("t")))
        return (
            f"select {shown} from {self._target} t where {' and '.join(f't.{key} is not null' for key in self._keys)}"
        )

    def _sides(self, alias: str) -> list[str]:
        """Return what is compared of the columns, alias ``r``, or of those referred to, alias ``t``."""
        names, columns = (self._names, self.columns) if alias == "r" else (self._keys, self.targets)
        return [self._compared(f"{alias}.{name}", place, columns) for place, name in enumerate(names)]

    def _marked(self) -> str:
        """Return the different values k0, k1 …, with their rows n, and whether the target lacks them: 1 or 0."""
        own = self._sides("r")
        shown = ", ".join(f"{expression} as k{place}" for place, expression in enumerate(own))
        values = (
            f"select {shown}, count(*) as n from {self._table} r where {self._filled('r')} group by {', '.join(own)}"
        )
        places = range(len(own))
        if self._queries.dialect in _LOOKS_IN_SETS:
            lacks, known = f"({', '.join(f'g.k{i}' for i in places)}) not in ({self._known})", ""
        else:
            lacks, known = "t.k0 is null", self._joined([f"g.k{i}" for i in places])
        return f"(select g.*, case when {lacks} then 1 else 0 end as lacks from ({values}) g{known}) m"

    def count(self) -> Orphans:
        """Count orphans, and list the most frequent where there are some."""
        sql = f"select count(*), sum(m.n), sum(m.lacks), sum(m.n * m.lacks) from {self._marked()}"
        values, rows, orphan_values, orphan_rows = (int(number or 0) for number in self._queries.rows(sql)[0])
        examples = self.examples() if orphan_values else ()
        return Orphans(rows, values, orphan_rows, orphan_values, examples)

    def examples(self) -> tuple[tuple[Value, ...], ...]:
        """Return the most frequent values that the target lacks."""
        names = ", ".join(f"m.k{place}" for place in range(len(self._names)))
        sql = f"select {names} from {self._marked()} where m.lacks = 1 order by m.n desc, {names} limit {SHOWN}"
        return tuple(tuple(map(_shown, row)) for row in self._queries.rows(sql))

    def count_combined(self) -> int:
        """Return how many rows of the target combine values that the columns have, each for itself."""
        found = (
            f"{target} in (select {own} from {self._table} r where r.{name} is not null)"
            for target, own, name in zip(self._sides("t"), self._sides("r"), self._names, strict=True)
        )
        return int(self._queries.rows(f"select count(*) from {self._target} t where {' and '.join(found)}")[0][0])


def _shown(value: Any) -> Value:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
