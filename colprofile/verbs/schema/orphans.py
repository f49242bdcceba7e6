"""Orphans in SQL: how many rows and values of some columns a table referred to lacks, and which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.table_values import ColumnValues

_WHOLE = {"mysql": "signed", "mariadb": "signed", "sqlite": "integer"}
_INTEGER = re.compile(r"(?<!po)int(?!erval)|serial", re.IGNORECASE)

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
        self._as_text = [not _is_comparable(one, other) for one, other in zip(columns, targets, strict=True)]
        self.is_plain = not any(self._as_text)

    def _equal(self, left: str, right: str) -> str:
        """Return the condition that the columns of one alias equal the target's of another."""
        return " and ".join(self._is_equal(place, left, right) for place in range(len(self._names)))

    def _is_equal(self, place: int, left: str, right: str) -> str:
        """Return the condition that one column equals the target's."""
        one = self._compared(f"{left}.{self._names[place]}", place, self.columns)
        other = self._compared(f"{right}.{self._keys[place]}", place, self.targets)
        return f"{other} = {one}"

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
        return f"{self._table} r where {self._filled('r')} and {self._is_lacking}"

    @property
    def _is_lacking(self) -> str:
        """The condition that a row ``r`` refers to none."""
        if self._queries.dialect != "sqlite":
            return f"not exists (select 1 from {self._target} t where {self._equal('r', 't')})"
        # SQLite would read the whole target for each row.
        filled = " and ".join(f"t.{key} is not null" for key in self._keys)
        known = f"select {', '.join(self._sides('t'))} from {self._target} t where {filled}"
        return f"({', '.join(self._sides('r'))}) not in ({known})"

    def _sides(self, alias: str) -> list[str]:
        """Return what is compared of the columns, alias ``r``, or of those referred to, alias ``t``."""
        names, columns = (self._names, self.columns) if alias == "r" else (self._keys, self.targets)
        return [self._compared(f"{alias}.{name}", place, columns) for place, name in enumerate(names)]

    def _grouped(self) -> str:
        """Return the different values with their rows, ``n``, beside the target's: NULL where it lacks them.

        Two sets that are joined: without an index every database hashes or sorts them, which few do with an EXISTS.
        """
        own, keys = self._sides("r"), self._sides("t")
        shown = ", ".join(f"{expression} as k{place}" for place, expression in enumerate(own))
        values = (
            f"select {shown}, count(*) as n from {self._table} r where {self._filled('r')} group by {', '.join(own)}"
        )
        shown = ", ".join(f"{expression} as k{place}" for place, expression in enumerate(keys))
        known = f"select distinct {shown} from {self._target} t"
        return f"({values}) g left join ({known}) t on {' and '.join(f't.k{i} = g.k{i}' for i in range(len(own)))}"

    def count(self) -> Orphans:
        """Count orphans, and list the most frequent where there are some."""
        lacks = "case when t.k0 is null then {} else 0 end"
        sql = f"select count(*), sum(g.n), sum({lacks.format(1)}), sum({lacks.format('g.n')}) from {self._grouped()}"
        values, rows, orphan_values, orphan_rows = (int(number or 0) for number in self._queries.rows(sql)[0])
        examples = self.examples() if orphan_values else ()
        return Orphans(rows, values, orphan_rows, orphan_values, examples)

    def examples(self) -> tuple[tuple[Value, ...], ...]:
        """Return the most frequent values that the target lacks."""
        names = ", ".join(f"g.k{place}" for place in range(len(self._names)))
        sql = f"select {names} from {self._grouped()} where t.k0 is null order by g.n desc, {names} limit {SHOWN}"
        return tuple(tuple(map(_shown, row)) for row in self._queries.rows(sql))

    def count_combined(self) -> int:
        """Return how many rows of the target combine values that the columns have, each for itself."""
        found = (
            f"{target} in (select {own} from {self._table} r where r.{name} is not null)"
            for target, own, name in zip(self._sides("t"), self._sides("r"), self._names, strict=True)
        )
        return int(self._queries.rows(f"select count(*) from {self._target} t where {' and '.join(found)}")[0][0])


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
