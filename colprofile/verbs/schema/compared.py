"""SQL that compares columns of joined tables, the same in all dialects."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import ForeignKey, Join
from colprofile.sources.tables.base import Queries
from colprofile.values import is_same_type, value_family
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

NATIVE = ("number", "moment", "boolean", "blob")
"""Families whose values are compared as they are. All others are compared as text: some types have no equality, and
texts may have collations that differ; in DuckDB they seldom have one.
"""


def family(column: ColumnValues) -> str:
    """Return what a column's values are, in a word."""
    return value_family(column.profile.kind, column.profile.type)


def is_comparable(one: ColumnValues, other: ColumnValues) -> bool:
    """Whether the values of two columns can be equal: numbers and texts of numbers can, nested values of one type."""
    if "nested" in (one.profile.kind, other.profile.kind):
        return one.profile.type == other.profile.type
    first, second = family(one), family(other)
    return first == second or {first, second} == {"number", "text"}


def is_equal_as_stored(queries: Queries, one: ColumnValues, other: ColumnValues) -> bool:
    """Whether ``=`` between two columns compares them as they are; others are compared as text.

    So are numbers, moments and booleans, and columns of one type and collation: MySQL and PostgreSQL refuse to compare
    texts of different collations. SQLite takes the collation of the left one.
    """
    first, second = family(one), family(other)
    is_text_of_sqlite = queries.dialect == "sqlite" and first == "text"
    if first == second and (first in ("number", "moment", "boolean") or is_text_of_sqlite):
        return True
    return is_same_type(one.profile.type, other.profile.type)


def operands(queries: Queries, one: ColumnValues, left: str, other: ColumnValues, right: str) -> tuple[str, str]:
    """Return two columns' expressions so that ``=`` compares their characters, whatever their collations are."""
    is_native = family(one) == family(other) and family(one) in NATIVE
    if is_native or (queries.dialect == "duckdb" and one.profile.type == other.profile.type == "VARCHAR"):
        return left, right
    return queries.text(left), queries.text(right)


def agree(left: str, right: str) -> str:
    """Return the condition that two expressions are equal, or both NULL."""
    return f"({left} = {right} or ({left} is null and {right} is null))"


def differ(left: str, right: str) -> str:
    """Return the condition that two expressions are not equal; NULL equals NULL alone."""
    return (
        f"({left} <> {right} or ({left} is null and {right} is not null) or ({left} is not null and {right} is null))"
    )


class JoinedTables:
    """One or two foreign keys on end: the way of the join, and its SQL with the aliases t0, t1 and t2.

    Parameters
    ----------
    steps
        The foreign keys: each begins at the table where the one before ends.
    tables
        What is kept of each table, by name.
    queries
        What quotes names.
    foreign_keys
        All foreign keys: the first table's others may lead to what else is known of its rows.
    """

    def __init__(
        self,
        steps: Sequence[ForeignKey],
        tables: dict[str, TableValues],
        queries: Queries,
        foreign_keys: Sequence[ForeignKey] = (),
    ) -> None:
        self.steps = tuple(steps)
        self.others = [key for key in foreign_keys if key.table == steps[0].table != key.target and key != steps[0]]
        self.source = tables[steps[0].table]
        self.target = tables[steps[-1].target]
        self._tables, self._queries = tables, queries

    @property
    def join(self) -> Join:
        """The way as results hold it."""
        first = self.steps[0].table
        return Join(
            (first, *(step.target for step in self.steps)),
            tuple(step.columns for step in self.steps),
            tuple(step.target_columns for step in self.steps),
        )

    @property
    def reference(self) -> tuple[str, ...]:
        """The referring columns of the first table."""
        return self.steps[0].columns

    def from_clause(self) -> str:
        """Return what stands behind FROM: the referring table t0 joined to those it refers to."""
        parts = [f"{self._queries.table(self.source.name)} t0"]
        parts += [self._joined(step, number, f"t{number + 1}") for number, step in enumerate(self.steps)]
        return " ".join(parts)

    def beside(self, key: ForeignKey) -> str:
        """Return the join of the table, as ``b``, that another foreign key of the first one refers to."""
        return f"left {self._joined(key, 0, 'b')}"

    def target_of(self, key: ForeignKey) -> TableValues:
        """Return the table that a foreign key refers to."""
        return self._tables[key.target]

    def _joined(self, key: ForeignKey, number: int, alias: str) -> str:
        conditions = []
        for name, target_name in zip(key.columns, key.target_columns, strict=True):
            one, other = self._tables[key.table].column(name), self._tables[key.target].column(target_name)
            left, right = self.at(number, name), f"{alias}.{self._queries.column(target_name)}"
            if not is_equal_as_stored(self._queries, one, other):
                left, right = self._queries.text(left), self._queries.text(right)
            conditions.append(f"{right} = {left}")
        return f"join {self._queries.table(key.target)} {alias} on {' and '.join(conditions)}"

    def at(self, number: int, name: str) -> str:
        """Return a column of one of the tables, 0 the referring one."""
        return f"t{number}.{self._queries.column(name)}"

    def pair(self, column: ColumnValues, target: ColumnValues) -> tuple[str, str]:
        """Return a column of the first table and one of the last, so that ``=`` compares them."""
        left, right = self.at(0, column.name), self.at(len(self.steps), target.name)
        return operands(self._queries, column, left, target, right)
