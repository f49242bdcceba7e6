"""Changes: how the column that a finding makes redundant can go and come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colprofile.errors import shorten
from colprofile.results.audit import Finding
from colprofile.results.audit_kinds import FindingKind
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import name_list
from colprofile.verbs.sql_types import (
    DIALECTS,
    can_be_key,
    equal_values_can_differ,
    has_same_text,
    is_comparable,
    is_missing_in,
    is_untyped,
    type_in,
)

LARGEST_LOOKUP = 0.5
"""A lookup table with more rows than this share of the table's is of no use."""

SAME_NAME = "two columns have the same name: SQL cannot distinguish them"

_NO_CHANGE: dict[FindingKind, str] = {
    "key": "a key stays",
    "near": "correct the rows that contradict it first: the query lists them",
    "together": "none of them follows from another exactly",
    "group": "no finding connects all of its columns",
}


@dataclass(frozen=True)
class Change:
    """How the column ``target`` of a finding goes and comes back.

    It comes back from ``columns``, none for a constant. ``values`` has dialect → SQL that gives its value from them; it
    is empty where a lookup does. ``is_generated``: it stays as a generated column.
    """

    finding: Finding
    target: str
    columns: tuple[str, ...]
    values: dict[str, str]
    is_generated: bool = False

    def refusal(self, dialect: str, types: Mapping[str, str]) -> str:
        """Return why a dialect would refuse it, "" where it would not; ``types`` are of all columns."""
        for name in (*self.columns, self.target):
            if is_missing_in(dialect, types[name]):
                return f"{_DATABASES[dialect]} has no type {_short(types[name])}"
            if not is_comparable(dialect, types[name]):
                return f"{_DATABASES[dialect]} cannot tell which values of type {_short(types[name])} are equal"
        for name in () if self.values else self.columns:
            if not can_be_key(dialect, types[name]):
                return f"{_DATABASES[dialect]} has no keys of type {_short(types[name])}, so no lookup table by {name}"
        return ""

    def check(self, dialect: str, table: str) -> str:
        """Return the query that counts what would be lost."""
        y = quote_identifier(self.target)
        if self.values:
            return f"select count(*) from {table} where {y} is distinct from {self.values[dialect]}"
        keys, filled = name_columns(self.columns), all_filled(self.columns)
        return (
            f"select (select count(*) from (select {keys} from (select distinct {keys}, {y} "
            f"from {table} where {filled}) a group by {keys} having count(*) > 1) b) + "
            f"(select count(*) from {table} where ({any_null(self.columns)}) and {y} is not null)"
        )


_DATABASES = {"duckdb": "DuckDB", "postgresql": "PostgreSQL"}


def _short(kind: str) -> str:
    return shorten(kind.partition("(")[0], 40)


def refused_key(dialect: str, types: Sequence[str]) -> str:
    """Return why a dialect has no key of columns of these types, "" where it can have one."""
    refused = next((kind for kind in types if is_missing_in(dialect, kind) or not can_be_key(dialect, kind)), None)
    return "" if refused is None else f"{_DATABASES[dialect]} has no keys of type {_short(refused)}"


def name_columns(names: tuple[str, ...] | list[str]) -> str:
    """Return columns as SQL, with commas between them."""
    return ", ".join(map(quote_identifier, names))


def all_filled(names: tuple[str, ...]) -> str:
    """Return the SQL condition that none of some columns is NULL."""
    return " and ".join(f"{quote_identifier(name)} is not null" for name in names)


def any_null(names: tuple[str, ...]) -> str:
    """Return the SQL condition that one of some columns is NULL."""
    return " or ".join(f"{quote_identifier(name)} is null" for name in names)


def change_for(audited: AuditedTable, finding: Finding) -> Change | str:
    """Return how a finding's target goes and comes back, or why it should not."""
    if len(audited.numbers) < len(audited.columns):
        return SAME_NAME
    if finding.kind in _NO_CHANGE:
        return _NO_CHANGE[finding.kind]
    gone = audited.columns[audited.numbers[(finding.targets or finding.columns)[0]]]
    if finding.kind not in ("empty", "missingness") and equal_values_can_differ(gone.type):
        return (
            f"equal values of {gone.name} may differ, such as in case or units, and one of them would be kept for all"
        )
    if finding.kind in ("empty", "constant"):
        return _constant(audited, finding)
    if finding.kind == "missingness" and (finding.expression is None or len(finding.targets) != 1):
        return "there is nothing to drop: only some rows are NULL"
    if not audited.has_codes:
        return "made from a profile: whether every row agrees, NULL included, is not known"
    target = finding.targets[0]
    if finding.kind == "missingness":
        x = quote_identifier(finding.columns[0])
        condition = "is not null" if finding.expression and "is not null" in finding.expression else "is null"
        values = dict.fromkeys(DIALECTS, f"({x} {condition})")
        return Change(finding, target, finding.columns, values, is_generated=True)
    if not _loses_nothing(audited, [audited.numbers[name] for name in finding.columns], audited.numbers[target]):
        return f"{target} cannot be restored where it is NULL, or where a column that determines it is"
    return _repeated(audited, finding) if finding.kind == "duplicate" else _derived(audited, finding)


def _constant(audited: AuditedTable, finding: Finding) -> Change | str:
    column = audited.columns[audited.numbers[finding.columns[0]]]
    if finding.kind == "constant" and column.nulls:
        return "it still shows which rows have a value"
    unwritable = f"a constant of type {column.type[:40]} cannot be written in both dialects"
    if column.kind == "nested" and not is_untyped(column.type):
        return unwritable
    literal = "null"
    if finding.kind == "constant":
        value = column.top_values[0].value
        literal = quote_literal(str(value).lower() if isinstance(value, bool) else str(value))
        if "\0" in literal or column.type.lower() in ("blob", "bytea"):
            return unwritable
    values = {dialect: f"cast({literal} as {type_in(dialect, column.type)})" for dialect in DIALECTS}
    return Change(finding, column.name, (), values)


def _repeated(audited: AuditedTable, finding: Finding) -> Change:
    """Return how a duplicate comes back: as it is, or by a cast that is known to give the same text or number."""
    x, target = finding.columns[0], finding.targets[0]
    x_type, y_type = (audited.columns[audited.numbers[name]].type for name in (x, target))
    column = quote_identifier(x)
    if x_type == y_type:
        return Change(finding, target, (x,), dict.fromkeys(DIALECTS, column))
    if not has_same_text(x_type, y_type):
        return Change(finding, target, (x,), {})
    if x_type.lower() == "boolean":  # PostgreSQL casts it to integer alone
        column = f"cast({column} as integer)"
    elif y_type.lower() == "boolean":
        column = f"({column} <> 0)"
    values = {dialect: f"cast({column} as {type_in(dialect, y_type)})" for dialect in DIALECTS}
    return Change(finding, target, (x,), values)


def _derived(audited: AuditedTable, finding: Finding) -> Change | str:
    """Return how a column comes back by its expression or by a lookup, or why neither serves."""
    target, left = finding.targets[0], [audited.numbers[name] for name in finding.columns]
    y = audited.numbers[target]
    expression = audited.expressions.get((finding.columns, target))
    # An expression gives NULL exactly where one of its columns is NULL.
    if expression is not None and expression.sql and (audited.is_null(y) == _rows_with_null(audited, left)).all():
        y_type = audited.columns[y].type
        values = {dialect: f"cast({sql} as {type_in(dialect, y_type)})" for dialect, sql in expression.sql.items()}
        return Change(finding, target, finding.columns, values, is_generated=True)
    if audited.relation.groups(left).size <= LARGEST_LOOKUP * audited.rows:
        return Change(finding, target, finding.columns, {})
    if expression is None:
        return f"a lookup table by {name_list(finding.columns)} would have nearly as many rows as this one"
    return "it is NULL where the expression has a value" if expression.sql else "SQL might round differently"


def _loses_nothing(audited: AuditedTable, columns: list[int], target: int) -> bool:
    """Whether a lookup by these columns gives the target back in every row, NULL included.

    Where one of the columns is NULL the target must be NULL; among rows equal in them it must be NULL in all or none.
    """
    is_null = audited.is_null(target)
    if not is_null[_rows_with_null(audited, columns)].all():
        return False
    groups = audited.relation.groups(columns)
    return not is_null.any() or groups.violation(np.where(is_null, np.uint8(1), np.uint8(2))) is None


def _rows_with_null(audited: AuditedTable, columns: list[int]) -> np.ndarray:
    """Return the rows in which one of some columns is NULL."""
    return np.asarray(np.any([audited.is_null(j) for j in columns], axis=0))
