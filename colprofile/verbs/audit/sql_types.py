"""The names of column types in the SQL of DuckDB and PostgreSQL."""

from __future__ import annotations

DIALECTS = ("duckdb", "postgresql")

_WIDTHS = ("tinyint", "smallint", "integer", "bigint")
INTEGER_TYPES = frozenset([*_WIDTHS, *(f"u{name}" for name in _WIDTHS), "int", "int2", "int4", "int8"])
DOUBLE_TYPES = frozenset({"double", "double precision", "float8"})
TEXT_TYPES = frozenset({"varchar", "text"})

_POSTGRESQL_TYPES = {
    "double": "double precision",
    "float": "real",
    "tinyint": "smallint",
    "utinyint": "smallint",
    "usmallint": "integer",
    "uinteger": "bigint",
    "ubigint": "numeric(20)",
    "hugeint": "numeric(39)",
    "uhugeint": "numeric(39)",
    "varchar": "text",
    "blob": "bytea",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
}


def is_untyped(name: str) -> bool:
    """Whether a type is that of NULL itself, which a column can have but no statement can declare."""
    return name.strip('"').upper() == "NULL"


def type_in(dialect: str, name: str) -> str:
    """Return a column type's name in a dialect.

    >>> type_in("postgresql", "DOUBLE"), type_in("duckdb", "BIGINT"), type_in("duckdb", '"NULL"')
    ('double precision', 'BIGINT', 'integer')
    """
    if is_untyped(name):
        return "integer"
    return _POSTGRESQL_TYPES.get(name.lower(), name) if dialect == "postgresql" else name


def has_same_text(x_type: str, y_type: str) -> bool:
    """Whether a cast from one type to the other gives a value that looks the same in both dialects."""
    first, second = (name.lower().split("(")[0] for name in (x_type, y_type))
    numbers = INTEGER_TYPES | DOUBLE_TYPES | {"decimal", "numeric"}
    if first in numbers and second in numbers:
        return True
    if first == "boolean" or second == "boolean":
        return first in INTEGER_TYPES or second in INTEGER_TYPES
    if second in TEXT_TYPES:
        return first in INTEGER_TYPES | {"date"}
    return {first, second} <= {"date", "timestamp"}
