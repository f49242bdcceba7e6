"""The text of a value in SQL, the same in every dialect as far as dialects let it be.

- Numbers have no zeros at the end of their fraction: ``1.50`` is ``1.5``, ``2.0`` is ``2``. Floating-point numbers that
  are written with an exponent keep the dialect's way.
- Booleans are ``1`` and ``0``, as MySQL and SQLite store them.
- Dates and times are written as in ISO 8601 with a space, without zeros at the end of the seconds' fraction.
- Texts are as they are, and are compared by their characters, whatever the collation of their column.
"""

from __future__ import annotations

from collections.abc import Callable

_ZEROS = r"(\.[0-9]*[1-9])0+$|\.0+$"
"""The zeros at the end of a fraction; the first group is what stays."""


def _duckdb(value: str) -> str:
    text = f"cast({value} as varchar)"
    kind = f"typeof({value})"
    return (
        f"(case when {kind} = 'BOOLEAN' then cast(try_cast({text} as boolean) as tinyint)::varchar "
        f"when {kind} in ('DOUBLE', 'FLOAT') or {kind} like 'DECIMAL%' then regexp_replace({text}, '{_ZEROS}', '\\1') "
        f'else {text} end collate "binary")'
    )


def _postgresql(value: str) -> str:
    text = f"cast({value} as text)"
    kind = f"cast(pg_typeof({value}) as text)"
    return (
        f"(case {kind} when 'boolean' then case {text} when 'true' then '1' when 'false' then '0' end "
        f"when 'numeric' then regexp_replace({text}, '{_ZEROS}', '\\1') else {text} end collate \"C\")"
    )


def _sqlite(value: str) -> str:
    text = f"cast({value} as text)"
    whole = f"rtrim(rtrim({text}, '0'), '.')"
    return f"(case when typeof({value}) = 'real' and {text} not like '%e%' then {whole} else {text} end collate binary)"


def _mysql(collation: str) -> Callable[[str], str]:
    def write(value: str) -> str:
        # Texts have a character set; what has none is a number or a time.
        text = f"cast({value} as char character set utf8mb4)"
        fraction = f"trim(trailing '.' from trim(trailing '0' from {text}))"
        number = f"case when {text} like '%.%' and {text} not like '%e%' then {fraction} else {text} end"
        return f"(case when charset({value}) = 'binary' then {number} else {text} end collate {collation})"

    return write


def _by_cast(text_type: str) -> Callable[[str], str]:
    return lambda value: f"cast({value} as {text_type})"


_WRITERS: dict[str, Callable[[str], str]] = {"duckdb": _duckdb, "postgresql": _postgresql, "sqlite": _sqlite}


def text_writer(dialect: str, collation: str, text_type: str) -> Callable[[str], str]:
    """Return what writes the SQL for the text of an expression.

    ``collation`` is of MySQL and MariaDB: one by which texts are equal only if their characters are. ``text_type`` is
    what other dialects cast to.
    """
    if dialect in ("mysql", "mariadb"):
        return _mysql(collation)
    return _WRITERS.get(dialect, _by_cast(text_type))
