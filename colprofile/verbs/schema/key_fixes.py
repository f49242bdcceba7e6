"""Fixes that declare what holds: primary and unique keys, foreign keys, indexes of foreign keys.

What is made has no name here: databases choose one that nothing has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from colprofile.results.schema import CandidateKey, ForeignKey, SchemaFix
from colprofile.verbs.schema.fix_sql import (
    FixContext,
    are_comparable,
    equal_columns,
    family,
    in_all,
    null_rows,
    quoted,
    quoted_list,
    repeated_keys,
    shown,
    shown_list,
)
from colprofile.verbs.sql_types import can_be_key, type_in


class KeyFixes:
    """Writes the fixes of keys, foreign keys and their indexes."""

    def __init__(self, context: FixContext) -> None:
        self._context = context

    def key(self, table: str, columns: Sequence[str], *, is_primary: bool) -> SchemaFix | None:
        """Return the fix that declares a key; None where no dialect can."""
        dialects = [d for d in self._dialects(table, columns) if is_primary or d != "duckdb"]
        if not dialects:
            return None
        kind, clause = ("primary key", "primary key") if is_primary else ("unique key", "unique")

        def change(dialect: str) -> str:
            place, listed = self._context.table(dialect, table), quoted_list(dialect, columns)
            return f"alter table {place} add {clause} ({listed});"

        def check(dialect: str) -> str:
            place = self._context.table(dialect, table)
            return f"select {repeated_keys(dialect, place, columns)} + {null_rows(dialect, place, columns)}"

        action = f"make {shown_list(columns)} {'the primary key' if is_primary else 'a unique key'} of {shown(table)}"
        return SchemaFix(kind, table, action, in_all(dialects, check), in_all(dialects, change))  # type: ignore[arg-type]

    def _dialects(self, table: str, columns: Sequence[str]) -> list[str]:
        """Return the dialects that can have a key or index of some columns."""
        types = [self._context.type_of(table, column) for column in columns]
        able = [d for d in ("postgresql", "duckdb") if all(can_be_key(d, each) for each in types)]
        if table in self._context.frozen:
            able = [d for d in able if d != "duckdb"]
        return [*able, *(["mysql"] if all(map(_is_key_in_mysql, types)) else [])]

    def foreign_key(self, found: ForeignKey) -> SchemaFix | None:
        """Return the fix that declares a foreign key; DuckDB has none but in ``create table``."""
        pairs = list(zip(found.columns, found.target_columns, strict=True))
        types = [(self._context.type_of(found.table, a), self._context.type_of(found.target, b)) for a, b in pairs]
        other = {i: True for i, pair in enumerate(types) if not are_comparable(*pair)}
        dialects = [d for d in self._dialects(found.target, found.target_columns) if d != "duckdb"]
        is_mysql = self._context.source.dialect in ("mysql", "mariadb")
        if not is_mysql and any(a.lower() != b.lower() for a, b in types):
            dialects = [d for d in dialects if d != "mysql"]  # whose types must be the same, by its own names
        if not dialects:
            return None

        def change(dialect: str) -> str:
            place, target = self._context.table(dialect, found.table), self._context.table(dialect, found.target)
            lines = [
                _retyped(dialect, place, column, theirs)
                for (column, _), (own, theirs) in zip(pairs, types, strict=True)
                if (own.lower() != theirs.lower() if dialect == "mysql" else family(own) != family(theirs))
            ]
            own, theirs = (quoted_list(dialect, names) for names in (found.columns, found.target_columns))
            key = f"foreign key ({own}) references {target} ({theirs})"
            return "\n".join([*lines, f"alter table {place} add {key};"])

        def check(dialect: str) -> str:
            place, target = self._context.table(dialect, found.table), self._context.table(dialect, found.target)
            filled = " and ".join(f"r.{quoted(dialect, name)} is not null" for name in found.columns)
            equal = equal_columns(dialect, found.columns, found.target_columns, as_text=other)
            return (
                f"select count(*) from {place} r where {filled} and not exists (select 1 from {target} s where {equal})"
            )

        return SchemaFix(
            "foreign key",
            found.table,
            self._action(found, bool(other)),
            in_all(dialects, check),
            in_all(dialects, change),
            not found.inclusion.orphan_rows,
        )

    def _action(self, found: ForeignKey, changes_type: bool) -> str:
        action = (
            f"declare that {shown_list(found.columns)} of {shown(found.table)} refers to "
            f"{shown_list(found.target_columns)} of {shown(found.target)}"
        )
        if changes_type:
            action += ", whose type it gets"
        orphans = found.inclusion.orphan_rows
        if orphans:
            rows = "row that refers to none is" if orphans == 1 else "rows that refer to none are"
            action += f"; not before the {orphans:,} {rows} corrected"
        return action

    def index(self, found: ForeignKey, declared: SchemaFix | None) -> SchemaFix | None:
        """Return the fix that makes an index of a foreign key's columns.

        ``declared`` is the fix that declares it: InnoDB makes an index with it.
        """
        has_one = declared is not None and declared.is_safe and "mysql" in declared.changes
        made_along = ("duckdb", "mysql") if has_one else ("duckdb",)
        dialects = [d for d in self._dialects(found.table, found.columns) if d not in made_along]
        if not dialects or (has_one and self._context.source.dialect in ("mysql", "mariadb")):
            return None

        def change(dialect: str) -> str:
            place, listed = self._context.table(dialect, found.table), quoted_list(dialect, found.columns)
            is_mysql = dialect == "mysql"
            return f"alter table {place} add index ({listed});" if is_mysql else f"create index on {place} ({listed});"

        action = (
            f"index {shown_list(found.columns)} of {shown(found.table)}: joins from {shown(found.target)}, and deletes "
            f"in {shown(found.target)}, otherwise read all of {shown(found.table)}"
        )
        return SchemaFix("index", found.table, action, in_all(dialects, lambda _: "select 0"), in_all(dialects, change))


def _retyped(dialect: str, table: str, column: str, kind: str) -> str:
    """Return the statement that gives a column another type."""
    name = quoted(dialect, column)
    if dialect == "mysql":
        return (
            "-- Add NOT NULL, DEFAULT and COMMENT as the column has them: MODIFY forgets them.\n"
            f"alter table {table} modify column {name} {kind};"
        )
    wanted = type_in(dialect, kind)
    return f"alter table {table} alter column {name} type {wanted} using {name}::{wanted};"


_LONGEST_MYSQL_KEY = 768
"""Characters of utf8mb4 in MySQL's 3,072 bytes of a key."""

_NO_MYSQL_KEY = re.compile(r"\[|\b(blob|bytea|json|struct|map|union|array)\b")


def _is_key_in_mysql(kind: str) -> bool:
    """Whether MySQL indexes a column of a type as it is: of texts it wants to know how long they are.

    >>> [_is_key_in_mysql(kind) for kind in ("INTEGER", "VARCHAR(40)", "TEXT", "INTEGER[]")]
    [True, True, False, False]
    """
    if family(kind) != "text":
        return not _NO_MYSQL_KEY.search(kind.lower())
    length = re.search(r"\((\d+)\)", kind)
    return length is not None and int(length[1]) <= _LONGEST_MYSQL_KEY


def is_planned(key: CandidateKey) -> bool:
    """Whether a key is to be the primary one: it is found and not declared, and holds in every row."""
    return key.is_primary and key.status == "found" and not key.violating_rows and key.rows > 0
