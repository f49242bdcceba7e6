"""Fixes that declare what holds: primary and unique keys, foreign keys, indexes of foreign keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colprofile.results.schema import CandidateKey, ForeignKey, SchemaFix
from colprofile.sources.tables.base import Tables
from colprofile.verbs.schema.fix_sql import (
    MadeNames,
    equal_columns,
    in_all,
    null_rows,
    quoted,
    quoted_list,
    repeated_keys,
    shown,
    shown_list,
)
from colprofile.verbs.sql_types import INTEGER_TYPES, can_be_key, type_in

Types = Mapping[tuple[str, str], str]
"""(table, column) → type, as the source names it."""


class KeyFixes:
    """Writes the fixes of keys.

    Parameters
    ----------
    source
        Where the tables are.
    types
        The types of all columns.
    frozen
        Tables that DuckDB does not let be altered, as they have indexes.
    """

    def __init__(self, source: Tables, types: Types, frozen: frozenset[str], names: MadeNames) -> None:
        self._source = source
        self._types = types
        self._frozen = frozen
        self._names = names

    def table(self, dialect: str, name: str) -> str:
        """Return a table's name quoted, with its schema."""
        return quoted(dialect, *self._source.parts(name))

    def key(self, table: str, columns: Sequence[str], *, is_primary: bool) -> SchemaFix | None:
        """Return the fix that declares a key; None where no dialect can."""
        dialects = [d for d in self._dialects(table, columns) if is_primary or d != "duckdb"]
        if not dialects:
            return None
        kind, clause, ending = (
            ("primary key", "primary key", "_pkey") if is_primary else ("unique key", "unique", "_key")
        )
        made = self._names.new(self._source.parts(table)[-1], columns, ending)

        def change(dialect: str) -> str:
            place, listed = self.table(dialect, table), quoted_list(dialect, columns)
            return f"alter table {place} add constraint {quoted(dialect, made)} {clause} ({listed});"

        def check(dialect: str) -> str:
            place = self.table(dialect, table)
            return f"select {repeated_keys(dialect, place, columns)} + {null_rows(dialect, place, columns)}"

        action = f"make {shown_list(columns)} {'the primary key' if is_primary else 'a unique key'} of {shown(table)}"
        return SchemaFix(kind, table, action, in_all(dialects, check), in_all(dialects, change))  # type: ignore[arg-type]

    def _dialects(self, table: str, columns: Sequence[str]) -> list[str]:
        """Return the dialects that can have a key or index of some columns."""
        types = [self._types.get((table, column), "") for column in columns]
        able = [d for d in ("postgresql", "duckdb") if all(can_be_key(d, each) for each in types)]
        if self._source.dialect == "duckdb" and table in self._frozen:
            able = [d for d in able if d != "duckdb"]
        return [*able, *(["mysql"] if all(map(_is_short_in_mysql, types)) else [])]

    def foreign_key(self, found: ForeignKey) -> SchemaFix | None:
        """Return the fix that declares a foreign key; DuckDB has none but in ``create table``."""
        pairs = list(zip(found.columns, found.target_columns, strict=True))
        types = [(self._types.get((found.table, a), ""), self._types.get((found.target, b), "")) for a, b in pairs]
        other = {i: True for i, pair in enumerate(types) if not _refers(*pair)}
        dialects = [d for d in self._dialects(found.target, found.target_columns) if d != "duckdb"]
        is_mysql = self._source.dialect in ("mysql", "mariadb")
        if not is_mysql and any(a.lower() != b.lower() for a, b in types):
            dialects = [d for d in dialects if d != "mysql"]  # whose types must be the same, by its own names
        if not dialects:
            return None
        made = self._names.new(self._source.parts(found.table)[-1], found.columns, "_fkey")

        def change(dialect: str) -> str:
            place, target = self.table(dialect, found.table), self.table(dialect, found.target)
            lines = [
                _retyped(dialect, place, column, theirs)
                for (column, _), (own, theirs) in zip(pairs, types, strict=True)
                if (own.lower() != theirs.lower() if dialect == "mysql" else not _refers(own, theirs))
            ]
            own, theirs = (quoted_list(dialect, names) for names in (found.columns, found.target_columns))
            constraint = f"add constraint {quoted(dialect, made)} foreign key ({own}) references {target} ({theirs})"
            return "\n".join([*lines, f"alter table {place} {constraint};"])

        def check(dialect: str) -> str:
            place, target = self.table(dialect, found.table), self.table(dialect, found.target)
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

    def index(self, found: ForeignKey) -> SchemaFix | None:
        """Return the fix that makes an index of a foreign key's columns."""
        dialects = [d for d in self._dialects(found.table, found.columns) if d != "duckdb"]
        if not dialects:
            return None
        made = self._names.new(self._source.parts(found.table)[-1], found.columns, "_idx")

        def change(dialect: str) -> str:
            listed = quoted_list(dialect, found.columns)
            return f"create index {quoted(dialect, made)} on {self.table(dialect, found.table)} ({listed});"

        action = (
            f"index {shown_list(found.columns)} of {shown(found.table)}: without it, each row that is deleted from "
            f"{shown(found.target)} reads the whole table"
        )
        return SchemaFix("index", found.table, action, in_all(dialects, lambda _: "select 0"), in_all(dialects, change))


def _retyped(dialect: str, table: str, column: str, kind: str) -> str:
    """Return the statement that gives a column another type."""
    name = quoted(dialect, column)
    if dialect == "mysql":
        return f"alter table {table} modify column {name} {kind};"
    wanted = type_in(dialect, kind)
    return f"alter table {table} alter column {name} type {wanted} using {name}::{wanted};"


_NUMBERS = INTEGER_TYPES | {"decimal", "numeric"}


def _refers(own: str, theirs: str) -> bool:
    """Whether PostgreSQL lets a column of one type refer to one of another.

    >>> _refers("INTEGER", "BIGINT"), _refers("VARCHAR(3)", "TEXT"), _refers("VARCHAR", "INTEGER")
    (True, True, False)
    """
    return _family(own) == _family(theirs)


def _family(kind: str) -> str:
    name = kind.lower().partition("(")[0].strip()
    if name in _NUMBERS or name.startswith(("int", "bigint", "smallint", "tinyint", "mediumint")):
        return "number"
    return "text" if name in ("varchar", "text", "char", "character varying", "character", "string") else name


def _is_short_in_mysql(kind: str) -> bool:
    """Whether MySQL indexes a column of a type as it is: of texts it wants to know how long they are."""
    name, _, length = kind.lower().partition("(")
    if _family(kind) == "text" or name.startswith(("enum", "set")):
        return length[:-1].isdigit() and int(length[:-1]) <= 768
    return (
        name not in ("blob", "bytea", "json", "tinytext", "mediumtext", "longtext")
        and "[" not in kind
        and name not in ("struct", "map")
    )


def planned_keys(keys: Sequence[CandidateKey], views: frozenset[str]) -> list[CandidateKey]:
    """Return the primary keys that are found and not declared, and hold in every row."""
    return [
        key
        for key in keys
        if key.is_primary and key.status == "found" and not key.violating_rows and key.rows and key.table not in views
    ]
