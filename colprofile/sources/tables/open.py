"""open_tables: whether a source holds many tables, and which of them are meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colprofile.sources.options import InputKeywords
from colprofile.sources.tables.base import Tables


def open_tables(
    source: Any,
    *,
    schema: str | None = None,
    tables: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    statement_timeout: float | None = None,
    inputs: InputKeywords | None = None,
) -> Tables | None:
    """Return the tables of a source of many; None where it is one table, and no tables are chosen by name.

    Parameters
    ----------
    source
        A DuckDB or SQLite file, a DuckDB connection, a database URL or SQLAlchemy Engine or Connection, a folder of
        files. Anything else is one table.
    schema
        Of a database: the schema whose tables are meant; by default the connection's own.
    tables, exclude
        Names or patterns with ``*`` and ``?``, in any case: those that are meant, and those that are not.
    memory_limit, threads, statement_timeout, inputs
        As for ``open_source``; for the queries over all tables.

    Raises
    ------
    SourceNotFound
        No such source or schema; a name or pattern that no table has.
    ArgumentError
        ``schema``, ``tables`` or ``exclude`` where the source is one table.
    """
    raise NotImplementedError
