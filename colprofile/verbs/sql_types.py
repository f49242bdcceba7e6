"""The names of column types in the SQL of DuckDB and PostgreSQL."""

from __future__ import annotations

import re

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
    "time_ns": "time",
    "bignum": "numeric",
    "bit": "bit varying",
}


_DUCKDB_ALONE = frozenset({"struct", "tuple", "map", "union", "variant", "geometry"})
_NO_DUCKDB_KEY = frozenset({"interval", "struct", "tuple", "map", "union", "variant", "row"})
_EQUAL_NOT_SAME = re.compile(r"\b(interval|variant|collate|citext)\b", re.IGNORECASE)
_INCOMPARABLE = frozenset({"json", "xml", "point", "polygon", "box", "path", "circle", "line"})


def is_untyped(name: str) -> bool:
    """Whether a type is that of NULL itself, which a column can have but no statement can declare."""
    return name.strip('"').upper() == "NULL"


def type_in(dialect: str, name: str) -> str:
    """Return a column type's name in a dialect.

    PostgreSQL has none of the collations that DuckDB has.

    >>> type_in("postgresql", "DOUBLE"), type_in("duckdb", "BIGINT"), type_in("duckdb", '"NULL"')
    ('double precision', 'BIGINT', 'integer')
    >>> type_in("postgresql", "VARCHAR COLLATE nocase"), type_in("duckdb", "VARCHAR COLLATE nocase")
    ('text', 'VARCHAR COLLATE nocase')
    """
    if is_untyped(name):
        return "integer"
    if dialect != "postgresql":
        return name
    name = re.sub(r' COLLATE [^" ]+$', "", name)
    if name.upper().startswith("ENUM("):
        return "text"
    element, brackets, rest = name.partition("[") if name.endswith("]") and "(" not in name else (name, "", "")
    return _POSTGRESQL_TYPES.get(element.lower(), element) + brackets + rest


def equal_values_can_differ(name: str) -> bool:
    """Whether values of a type can be equal and not the same: texts where case is ignored, 30 days and a month.

    >>> [equal_values_can_differ(name) for name in ("VARCHAR COLLATE nocase", "INTERVAL[]", "CITEXT", "VARCHAR")]
    [True, True, True, False]
    """
    return bool(_EQUAL_NOT_SAME.search(name))


def is_missing_in(dialect: str, name: str) -> bool:
    """Whether a dialect has no such type.

    >>> [is_missing_in("postgresql", name) for name in ("STRUCT(a INTEGER)", "VARIANT[]", "INTEGER[]")]
    [True, True, False]
    """
    return dialect == "postgresql" and re.split(r"[(\[]", name.lower())[0] in _DUCKDB_ALONE


def is_comparable(dialect: str, name: str) -> bool:
    """Whether a dialect can tell which values of a type are equal.

    >>> is_comparable("postgresql", "JSON"), is_comparable("duckdb", "JSON")
    (False, True)
    """
    return dialect != "postgresql" or name.lower().partition("(")[0].rstrip("[]") not in _INCOMPARABLE


def can_be_key(dialect: str, name: str) -> bool:
    """Whether columns of a type can be a key or have an index.

    >>> can_be_key("duckdb", "INTERVAL"), can_be_key("postgresql", "INTERVAL"), can_be_key("duckdb", "INTEGER[]")
    (False, True, False)
    """
    kind = name.lower().partition("(")[0]
    if dialect == "duckdb":
        return not (kind in _NO_DUCKDB_KEY or name.endswith("]"))
    return is_comparable(dialect, name)


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
