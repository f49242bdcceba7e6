"""``where=``: only the rows of a relation that satisfy a condition, which is parsed alone before it gets into SQL."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from colprofile.errors import ArgumentError, shorten
from colprofile.sources.duckdb import DuckDBSource, first_line
from colprofile.sources.files.relation import Relation, column_types, named_sql
from colprofile.sources.identifiers import quote_identifier

_SKIPPED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|[^'\"`]")
_DOUBTFUL = (";", "--", "/*")
_HASH_IS_COMMENT = frozenset(["mysql", "mariadb"])
_ESCAPED_QUOTE = re.compile(r"\\['\"`]")
_DOLLAR_QUOTE = re.compile(r"\$\w*\$")


def condition_of(where: str, connection: duckdb.DuckDBPyConnection, relation: str, shown: str) -> str:
    """Return a condition as SQL that can stand in a statement, after DuckDB has parsed it as an expression of its own.

    Raises
    ------
    ArgumentError
        It is not one expression, or neither true nor false for the rows of ``relation``.
    """
    if not isinstance(where, str):
        raise ArgumentError(f"where={shorten(repr(where))} is not allowed: give a condition in SQL as text")
    try:
        condition = str(duckdb.SQLExpression(where))
        kind = str(connection.sql(f"select ({condition}\n) from {relation} limit 0").types[0])
        connection.sql(f"select 1 from {relation} where ({condition}\n) limit 0")
    except (duckdb.Error, UnicodeError) as error:
        raise ArgumentError(
            f"where={shorten(where)!r} is not a condition on the rows of {shorten(shown)}: {first_line(error)}"
        ) from error
    if kind not in ("BOOLEAN", '"NULL"'):
        raise ArgumentError(f"where={shorten(where)!r} is of type {kind}: give a condition that is true or false")
    return condition


def restricted(relation: Relation, where: str | None, shown: str, connection: duckdb.DuckDBPyConnection) -> Relation:
    """Return a relation with only the rows that satisfy a condition, in which columns have their own names.

    Raises
    ------
    ArgumentError
        The condition is not allowed: see ``condition_of``.
    """
    if where is None:
        return relation
    rows = named_sql(relation, connection)
    condition = condition_of(where, connection, rows, shown)
    return replace(
        relation,
        sql=f"(select * from {rows} where ({condition}\n))",
        names=relation.names or list(column_types(connection, rows, shown)),
        reading=replace(relation.reading, where=where),
        stored_bytes=dict,
        expected_rows=int,
    )


def restricted_table(source: DuckDBSource, where: str | None) -> DuckDBSource:
    """Return a table of DuckDB with only the rows that satisfy a condition; it closes what the table's source opened.

    Raises
    ------
    ArgumentError
        The condition is not allowed: see ``condition_of``.
    """
    if where is None:
        return source
    try:
        condition = condition_of(where, source.connection, source.relation, source.table or source.description)
    except BaseException:
        source.__exit__()
        raise
    rows = DuckDBSource(
        source.connection,
        f"(select * from {source.relation} where ({condition}\n))",
        description=source.description,
        table=f"select * from {_from(source)} where {where}",
        names=[column.name for column in source.columns],
        close=source.__exit__,
    )
    rows.has_row_numbers = False
    return rows


def _from(source: DuckDBSource) -> str:
    """Return what stands behind FROM in the query that a restricted table is."""
    table = source.table or ""
    return f"({table})" if source.relation.startswith("(") else quote_identifier(table)


def checked_text(where: str, dialect: str) -> str:
    """Return a condition for a database whose own grammar we do not know, if it cannot end the parentheses around it.

    Quotes and parentheses must close, and there must be no semicolon, comment, or way to quote that is read otherwise
    by some databases. The transaction allows no writing in any case.

    >>> checked_text("city = 'St. John''s' and (zip > 5)", "sqlite")
    "city = 'St. John''s' and (zip > 5)"

    Raises
    ------
    ArgumentError
        It may be more than a condition.
    """
    if not isinstance(where, str) or not where.strip():
        raise ArgumentError(f"where={shorten(repr(where))} is not allowed: give a condition in SQL as text")
    position = depth = 0
    plain = ""
    while position < len(where):
        found = _SKIPPED.match(where, position)
        if found is None:
            raise _refusal(where, "a quote does not close")
        part = found[0]
        plain += part if len(part) == 1 else " "
        if _ESCAPED_QUOTE.search(part):
            raise _refusal(where, "a backslash before a quote, which databases read differently; double the quote")
        depth += (part == "(") - (part == ")")
        if depth < 0:
            break
        position = found.end()
    if depth:
        raise _refusal(where, "its parentheses do not close")
    doubtful = (*_DOUBTFUL, "#") if dialect in _HASH_IS_COMMENT else _DOUBTFUL
    if sign := next((sign for sign in doubtful if sign in plain), None) or _DOLLAR_QUOTE.search(plain):
        raise _refusal(where, f"{sign if isinstance(sign, str) else sign[0]!r} is not allowed in it")
    return where


def _refusal(where: str, reason: str) -> ArgumentError:
    return ArgumentError(f"where={shorten(where)!r} is not one condition: {reason}")
