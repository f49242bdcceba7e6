"""Columns of DuckDB: their kinds, and the SQL that yields them in a form that can be encoded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from colprofile.sources.base import BaseKind, SourceColumn
from colprofile.sources.duckdb_equality import Stored, collation_of, is_mapped, key_of

_KINDS: dict[str, BaseKind] = {
    "boolean": "boolean",
    "enum": "categorical",
    **dict.fromkeys(
        ["tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"],
        "numeric",
    ),
    **dict.fromkeys(["float", "double", "decimal", "hugeint", "uhugeint", "bignum"], "numeric"),
    **dict.fromkeys(["date", "time", "time_ns", "time with time zone", "interval"], "temporal"),
    **dict.fromkeys(["timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz_ns"], "temporal"),
    "timestamp with time zone": "temporal",
    **dict.fromkeys(["varchar", "blob", "uuid", "bit"], "text"),
}
_AS_TEXT = frozenset({"uuid", "bit", "hugeint", "uhugeint", "bignum", "NULL"})
_INTEGER_TEXT = frozenset({"hugeint", "uhugeint", "bignum"})
_RANKED = frozenset({"interval", "time with time zone", "time_ns"})


def kind_of_type(type_name: str) -> BaseKind:
    """Return the kind of a column from the name of its type as SQL writes it, such as DECIMAL(9,2).

    >>> kind_of_type("DECIMAL(9,2)"), kind_of_type("TIMESTAMP WITH TIME ZONE"), kind_of_type("INTEGER[]")
    ('numeric', 'temporal', 'nested')
    """
    name, _, rest = type_name.lower().partition("(")
    return "nested" if rest.endswith("]") else _KINDS.get(name, "nested")


def duckdb_column(
    name: str, quoted: str, kind: Any, stored: Stored = None, default_collation: str = ""
) -> SourceColumn:
    """Return a column from its name, its name in SQL, and its type: DuckDB's, and the one that knows collations."""
    type_name, identifier = str(kind), str(kind.id)
    is_untyped = type_name == '"NULL"'
    base = "text" if is_untyped else _KINDS.get(identifier, "nested")
    shown = "NULL" if is_untyped else type_name
    if identifier in _AS_TEXT or is_untyped:
        is_integer = identifier in _INTEGER_TEXT
        return SourceColumn(name, shown, base, f"{quoted}::varchar", None, is_integer)
    collation = collation_of(stored, default_collation) if identifier == "varchar" else ""
    if identifier in _KINDS and identifier not in _RANKED and not collation:
        return SourceColumn(name, shown, base, quoted)
    # Only the database can compare these: it ranks them, in the same query as everything else.
    key = key_of(kind, quoted, stored, default_collation)
    order = key if key is not None and is_mapped(kind) else quoted
    fields = [
        f"'rank': case when {quoted} is not null then dense_rank() over (order by {order}) end",
        f"'text': {quoted}::varchar",
        *([] if key is None else [f"'key': ({key})::varchar"]),
    ]
    shown += f" COLLATE {collation}" if collation else ""
    return SourceColumn(name, shown, base, f"{{{', '.join(fields)}}}", is_ranked=True)


def listed(columns: Iterable[SourceColumn]) -> str:
    """Return what to select for some columns, named c0, c1 …, as SQL."""
    return ", ".join(f"{column.expression} as c{i}" for i, column in enumerate(columns))
