"""Tables and queries of a Spark session, and whether a query draws a sample."""

from __future__ import annotations

import re
from typing import Any

from colprofile.errors import ArgumentError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.identifiers import is_query, only_table
from colprofile.sources.spark.causes import cause_of

_NO_CODE = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
"""Texts, names and comments in Spark's SQL."""

_SAMPLE = re.compile(r"\btablesample\s*\(([^()]*)\)?", re.IGNORECASE)
_ROWS = re.compile(r"\brows\s*$", re.IGNORECASE)
_REFUSALS = frozenset({"AnalysisException", "ParseException", "IllegalArgumentException"})
_MISSING = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|Table or view not found|Table not found", re.IGNORECASE)


def draws_sample(query: str) -> bool:
    """Whether a query has TABLESAMPLE.

    >>> draws_sample("select * from t tablesample (10 percent)"), draws_sample("select 'tablesample (1 percent)'")
    (True, False)

    Raises
    ------
    ArgumentError
        It asks for a number of rows, which Spark takes for LIMIT: it gives the first rows, and no sample.
    """
    found = _SAMPLE.findall(_NO_CODE.sub("''", query))
    if any(_ROWS.search(size) for size in found):
        raise ArgumentError(
            "TABLESAMPLE (… ROWS) is LIMIT in Spark: it takes the first rows, not random ones; "
            "name the table, and give sample_rows="
        )
    return bool(found)


def frame_of(session: Any, table: str | None, description: str) -> tuple[Any, str]:
    """Return the DataFrame of a table, a view or a query of a session, and its name.

    Raises
    ------
    SourceNotFound
        There is no such table; the near names are in the message.
    SourceError
        None is named, and there is not exactly one.
    ArgumentError
        The query draws a sample that is none: see ``draws_sample``.
    """
    if table is None:
        table = only_table(_tables(session), description, " in its current schema: name one, or give a query")
        return session.table(_quoted(table)), table
    if is_query(table):
        return session.sql(table), shorten(table.strip(), 500)
    try:
        frame = session.table(table)
        frame.schema  # noqa: B018  Spark Connect looks for it now
    except Exception as error:
        if not _MISSING.search(str(error)):
            raise
        hint = did_you_mean(table.rpartition(".")[2], _tables(session, table.rpartition(".")[0] or None))
        raise SourceNotFound(f"no table {shorten(table)!r} in {description}. {hint}") from error
    return frame, table


def restricted_frame(frame: Any, name: str | None, condition: str, description: str) -> tuple[Any, str | None]:
    """Return a DataFrame's rows that satisfy a condition, and the query that they are of a table.

    Raises
    ------
    ArgumentError
        It is no condition on these rows.
    """
    try:
        # Spark Connect looks at a condition only when something is selected from what it leaves.
        restricted = frame.where(f"({condition}\n)").selectExpr("*")
        restricted.schema  # noqa: B018
    except Exception as error:
        if not {cls.__name__ for cls in type(error).__mro__} & _REFUSALS:
            raise
        raise ArgumentError(
            f"where={shorten(condition)!r} is not a condition on the rows of {description}: {cause_of(error)}"
        ) from error
    if name is None:
        return restricted, None
    return restricted, f"select * from {f'({name})' if is_query(name) else name} where {condition}"


def _tables(session: Any, schema: str | None = None) -> list[str]:
    """Return the names of a schema's tables, and of temporary views; none where the catalog does not tell."""
    try:
        return sorted({str(table.name) for table in session.catalog.listTables(schema)})
    except Exception:  # the schema is missing, or may not be listed
        return []


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
