"""Types by the names that databases have for them, where SQLAlchemy or a driver says no more than the name.

Reflection gives classes of the driver's own, wrapped ones, or nothing at all for a type that it does not know; the
result of a query has names, or the driver's numbers for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIGINT

from colprofile.sources.database.engine_sql import CLICKHOUSE, SqlType

Type = sa.types.TypeEngine[Any]

BY_NAME = frozenset({"trino", "snowflake", "bigquery", "databricks", "hive", *CLICKHOUSE})
"""Databases whose types are known by name: the classes of their dialects are not SQLAlchemy's, or say too little."""

_SINGLE_FLOATS = frozenset({"databricks", "hive", "duckdb"})
"""Where FLOAT has 32 bits. Elsewhere it has 64, and REAL 32."""

_INSTANTS = frozenset({"databricks", "bigquery", *CLICKHOUSE})
"""Where TIMESTAMP is a moment, whatever the time zone; in ClickHouse DateTime too."""

_WRAPPERS = re.compile(r"(?is)^(?:nullable|lowcardinality)\s*\((.*)\)$")


def plain_name(name: str) -> str:
    """Return a type's name without what ClickHouse wraps around it.

    >>> plain_name("LowCardinality(Nullable(FixedString(4)))"), plain_name("row(x bigint)")
    ('FixedString(4)', 'row(x bigint)')
    """
    name = name.strip()
    while found := _WRAPPERS.match(name):
        name = found[1].strip()
    return name


def named_type(dialect: str, name: str) -> Type:
    """Return the type of a name; an SqlType, which is but that name, of one that is nested or not known.

    >>> named_type("trino", "timestamp(6) with time zone"), named_type("snowflake", "NUMBER(10, 2)")
    (DateTime(timezone=True), Numeric(precision=10, scale=2))
    >>> named_type("clickhousedb", "Nullable(UInt64)"), named_type("hive", "array<int>").text
    (BIGINT(unsigned=True), 'array<int>')
    """
    shown = plain_name(name)
    found = re.match(r"(?s)\s*(\w+(?:\s+precision|\s+varying)?)\s*(.*)", shown)
    if found is None:
        return SqlType(shown or "unknown")
    word, rest = found[1].lower(), found[2].lower()
    if word.startswith("enum") and dialect in CLICKHOUSE:
        return sa.Enum(*_labels(shown), name=shown)
    if re.search(r"[<\[]", rest):
        return SqlType(shown)
    if word in ("timestamp", "datetime", "datetime64"):
        is_instant = dialect in _INSTANTS and not (dialect == "bigquery" and word == "datetime")
        return sa.DateTime(timezone=is_instant or "with time zone" in rest or "with local time zone" in rest)
    if word == "time":
        if dialect in CLICKHOUSE:
            return sa.Interval()  # hours may be many, and less than none
        return sa.Time(timezone="with time zone" in rest)
    if word == "float" and dialect in _SINGLE_FLOATS:
        return sa.REAL()
    if word in _DECIMALS:
        size = re.match(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", rest)
        if word.startswith("decimal") and word != "decimal":  # ClickHouse's, by the bits
            return sa.Numeric(_DIGITS.get(word), int(size[1]) if size else None)
        return sa.Numeric(int(size[1]), int(size[2] or 0)) if size else sa.Numeric()
    make = _TYPES.get(word)
    return SqlType(shown) if make is None else make()


def _labels(shown: str) -> list[str]:
    r"""Return the labels of an enum of ClickHouse, in the order of their numbers.

    >>> _labels(r"Enum8('it\'s' = 2, 'b' = -1)")
    ['b', "it's"]
    """
    found = re.findall(r"'((?:[^'\\]|\\.|'')*)'\s*=\s*(-?\d+)", shown)
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}

    def plain(label: str) -> str:
        return re.sub(r"(?s)\\(.)", lambda m: escapes.get(m[1], m[1]), label.replace("''", "'"))

    return [plain(label) for label, number in sorted(found, key=lambda item: int(item[1]))]


def _unsigned() -> Type:
    return BIGINT(unsigned=True)


def _moment() -> Type:
    return sa.DateTime(timezone=True)


def _wide() -> Type:
    return sa.Numeric(78, 0)


_DECIMALS = frozenset(
    ["decimal", "numeric", "bignumeric", "bigdecimal", "number", "fixed", "dec"]
    + [f"decimal{bits}" for bits in (32, 64, 128, 256)]
)
_DIGITS = {"decimal32": 9, "decimal64": 18, "decimal128": 38, "decimal256": 76}

_TYPES: dict[str, Callable[[], Type]] = {
    **dict.fromkeys(["boolean", "bool"], sa.Boolean),
    **dict.fromkeys(["tinyint", "smallint", "int", "integer", "bigint", "long", "short", "byte"], sa.BigInteger),
    **dict.fromkeys([f"int{bits}" for bits in (8, 16, 32, 64)], sa.BigInteger),
    **dict.fromkeys(["utinyint", "usmallint", "uinteger"], sa.BigInteger),
    **dict.fromkeys([f"uint{bits}" for bits in (8, 16, 32)], sa.BigInteger),
    **dict.fromkeys(["uint64", "ubigint"], _unsigned),
    **dict.fromkeys(["int128", "uint128", "int256", "uint256", "hugeint", "uhugeint"], _wide),
    **dict.fromkeys(["double", "double precision", "float", "float8", "float64"], sa.Double),
    **dict.fromkeys(["real", "float4", "float32"], sa.REAL),
    **dict.fromkeys(["date", "date32"], sa.Date),
    **dict.fromkeys(["timestamp_ntz", "timestampntz", "timestamp_s", "timestamp_ms"], sa.DateTime),
    **dict.fromkeys(["timestamp_tz", "timestamp_ltz", "timestamptz", "timestamplocaltz"], _moment),
    **dict.fromkeys(["string", "varchar", "char", "character", "text", "character varying"], sa.String),
    **dict.fromkeys(["nvarchar", "nchar", "bpchar", "fixedstring"], sa.String),
    "uuid": sa.Uuid,
    **dict.fromkeys(["binary", "varbinary", "bytes", "blob", "bytea"], sa.LargeBinary),
    **dict.fromkeys(["interval", "interval_year_month", "interval_day_time", "time64"], sa.Interval),
}

_SNOWFLAKE = (
    *("NUMBER", "FLOAT", "TEXT", "DATE", "TIMESTAMP", "VARIANT", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "TIMESTAMP_NTZ"),
    *("OBJECT", "ARRAY", "BINARY", "TIME", "BOOLEAN"),
)
"""Snowflake's types of result columns, by number."""


def described_name(item: Any) -> str:
    """Return the name of a result's column's type, from what the driver's description says of it, "" of a number.

    >>> described_name(("n", "BIGINT_TYPE")), described_name(("n", "varchar(10)")), described_name(("n", 253))
    ('bigint', 'varchar(10)', '')
    """
    code = item[1]
    if isinstance(code, int | type):
        return ""
    name = str(code)
    return name.removesuffix("_TYPE").lower() if name.endswith("_TYPE") else name  # as Hive's driver has it


def described_type(dialect: str, item: Any) -> Type:
    """Return the type of a result's column, from what the driver's description says: a name, or a number of its own."""
    code = item[1]
    if dialect == "snowflake" and isinstance(code, int):
        name = _SNOWFLAKE[code] if code < len(_SNOWFLAKE) else ""
        return sa.Numeric(item[4], item[5]) if name == "NUMBER" else named_type(dialect, name)
    name = described_name(item)
    if dialect == "bigquery" and name == "FLOAT":
        return sa.Double()
    return named_type(dialect, name) if name else sa.types.NullType()
