"""What databases write differently in SQL: casts, hashes, the place of NaN, values to compare with."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

Expression = ColumnElement[Any]

CLICKHOUSE = ("clickhousedb", "clickhouse")
"""What the dialects of clickhouse-connect and of clickhouse-sqlalchemy call ClickHouse."""

REPEATS_CTES = frozenset({"mysql", "mariadb", "trino", "bigquery", "databricks", "hive", *CLICKHOUSE})
"""Databases that may evaluate a common table expression once for each reference to it."""

WITH_MD5 = frozenset(
    {"postgresql", "mysql", "mariadb", "duckdb", "trino", "snowflake", "bigquery", "databricks", "hive", *CLICKHOUSE}
)
"""Databases that ``md5_hex`` compiles for."""

HAS_NO_NAN = frozenset({"mysql", "mariadb"})
"""Databases whose numbers are all finite."""

NAN_IS_UNEQUAL = frozenset({"trino", "bigquery", *CLICKHOUSE})
"""Databases in which NaN is neither equal to NaN nor larger than other numbers, although they group and sort it so."""

KEEPS_ZERO_SIGNS = frozenset({"hive", *CLICKHOUSE})
"""Databases whose GROUP BY may tell -0.0 from 0.0, although they are equal."""


_QUOTES_BADLY = frozenset({"bigquery", "hive"})


def unquotable(dialect: str, name: str) -> str | None:
    """Return why a name cannot be written in a statement, None where it can: two dialects let it end its own quotes."""
    marks = '`"\\.' if dialect == "hive" else '`"\\'
    if dialect in _QUOTES_BADLY and any(mark in name for mark in marks):
        return f"its name has one of {' '.join(marks)}, which SQLAlchemy's dialect {dialect!r} does not quote rightly"
    return None


class SqlType(sa.types.UserDefinedType[Any]):
    """A type by the name that one database has for it."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_: Any) -> str:
        """Return the name."""
        return self.text


# ClickHouse's types hold no NULL unless they say so; a cast to them fails where one comes.
DOUBLE: sa.Double[Any] = sa.Double().with_variant(SqlType("Nullable(Float64)"), *CLICKHOUSE)
TEXT = sa.Text().with_variant(SqlType("Nullable(String)"), *CLICKHOUSE)


def as_it_is(expression: Expression) -> Expression:
    """Return the expression."""
    return expression


def as_text(expression: Expression) -> Expression:
    """Return the expression cast to text."""
    return sa.cast(expression, TEXT)


def as_json(expression: Expression) -> Expression:
    """Return a nested value as JSON text, for databases that order, or compare, only that."""
    return as_text(_AsJson(expression))  # cast, or BigQuery's dialect would group by a name that there is not


def as_double(expression: Expression) -> Expression:
    """Return the expression cast to a double that may be NULL."""
    return sa.cast(expression, DOUBLE)


def double(number: float | None) -> Expression:
    """Return a number as a double of the database."""
    return sa.literal(number, sa.Double())


def md5_hex(text: Expression) -> Expression:
    """Return the MD5 of a text's UTF-8 bytes, as 32 lower-case hexadecimal digits."""
    return _Md5Hex(text)


def ascending(key: Expression) -> Expression:
    """Return what sorts floating-point numbers upwards, NaN after all others."""
    return _Ascending(key)


def descending(key: Expression) -> Expression:
    """Return what sorts floating-point numbers downwards, NaN before all others."""
    return _Descending(key)


def smallest(key: Expression) -> Expression:
    """Return the smallest floating-point number of a group, NaN if it holds nothing else."""
    return _Smallest(key)


def largest(key: Expression) -> Expression:
    """Return the largest floating-point number of a group: NaN if it holds one."""
    return _Largest(key)


def finer_than_microseconds(dialect: str, key: Expression, wire: str) -> Expression | None:
    """Return whether a time has digits that Python's has not; None in a database whose times have no such digits."""
    if dialect in CLICKHOUSE:
        return key != sa.func.toDateTime64(key, sa.literal_column("6"))
    if dialect == "trino":
        zone = " with time zone" if wire == "timestamptz" else ""
        return key != sa.cast(key, SqlType(f"{'time' if wire == 'time' else 'timestamp'}(6){zone}"))
    if dialect == "snowflake":
        return key != sa.func.date_trunc(sa.literal_column("'microsecond'"), key)
    if dialect == "hive":
        return sa.func.length(as_text(key)) > sa.literal_column(str(len("2000-01-01 00:00:00.000000")))
    return None


_ENDLESS = {"hive": "Infinity", "snowflake": "inf"}
"""How a database calls infinity, where the driver writes numbers that are not finite as no database reads them."""


def comparable(dialect: str, wire: str, type_name: str, value: Any) -> Expression | None:
    """Return a fetched value as one to compare with, where a driver cannot bind it as it is; None where it can.

    ClickHouse's drivers cut times to seconds and write decimals as floating-point numbers; Hive's knows no decimals,
    and writes NaN as if it were a column.
    """
    if dialect in _ENDLESS and wire in ("float", "float32") and not math.isfinite(value):
        endless = _ENDLESS[dialect]
        shown = "NaN" if value != value else endless if value > 0 else f"-{endless}"
        return as_double(sa.literal(shown, sa.String()))
    if dialect in CLICKHOUSE and wire == "timestamptz":
        moment: datetime = value
        shown = (moment.astimezone(UTC) if moment.tzinfo else moment).strftime("%Y-%m-%d %H:%M:%S.%f")
        return sa.cast(sa.literal(shown, sa.String()), SqlType("DateTime64(6, 'UTC')"))
    if dialect in CLICKHOUSE and wire == "decimal":
        # ClickHouse knows its integers by the case of their names.
        named = re.sub(r"^(u?)int", lambda found: f"{found[1].upper()}Int", type_name.lower())
        return sa.cast(sa.literal(str(value), sa.String()), SqlType(named))
    if dialect == "hive" and wire in ("decimal", "date", "timestamp"):
        to = {"decimal": "DECIMAL(38,18)", "date": "DATE", "timestamp": "TIMESTAMP"}[wire]
        return sa.cast(sa.literal(str(value), sa.String()), SqlType(to))
    return None


class _OfOne(FunctionElement[Any]):
    """An expression made from another one, which each database has its own SQL for."""

    def argument(self, compiler: SQLCompiler, **options: Any) -> str:
        """Return the SQL of what it is made from."""
        [made_from] = self.clauses
        return compiler.process(made_from, **options)


class _AsJson(_OfOne):
    name = "as_json"
    inherit_cache = True
    type = sa.Text()


class _Md5Hex(_OfOne):
    name = "md5_hex"
    inherit_cache = True
    type = sa.Text()


class _Ascending(_OfOne):
    name = "ascending"
    inherit_cache = True


class _Descending(_OfOne):
    name = "descending"
    inherit_cache = True


class _Smallest(_OfOne):
    name = "smallest"
    inherit_cache = True


class _Largest(_OfOne):
    name = "largest"
    inherit_cache = True


def _written(kind: type[_OfOne], template: str, *dialects: str) -> None:
    """Let a kind of expression be written by a template, in some databases or by default in all."""

    def write(element: _OfOne, compiler: SQLCompiler, **options: Any) -> str:
        return template.format(element.argument(compiler, **options))

    compiles(kind, *dialects)(write)


_written(_AsJson, "to_json({})")
_written(_AsJson, "json_format(CAST({} AS JSON))", "trino")
_written(_AsJson, "to_json_string({})", "bigquery")

_written(_Md5Hex, "md5({})")
_written(_Md5Hex, "lower(to_hex(md5(to_utf8({}))))", "trino")
_written(_Md5Hex, "to_hex(md5({}))", "bigquery")
_written(_Md5Hex, "lower(hex(MD5({})))", *CLICKHOUSE)

# BigQuery sorts NaN before all other numbers, ClickHouse after them, whichever way it sorts.
_written(_Ascending, "{}")
_written(_Ascending, "is_nan({0}), {0}", "bigquery")
_written(_Descending, "{} DESC")
_written(_Descending, "is_nan({0}) DESC, {0} DESC", "bigquery")
_written(_Descending, "isNaN({0}) DESC, {0} DESC", *CLICKHOUSE)

# BigQuery's min and max are NaN where one is among the values, ClickHouse's only where all are.
_written(_Smallest, "min({})")
_written(_Smallest, "coalesce(min(if(is_nan({0}), NULL, {0})), min({0}))", "bigquery")
_written(_Largest, "max({})")
_written(_Largest, "if(max(isNaN({0})), nan, max({0}))", *CLICKHOUSE)
