"""open_tables: whether a source holds many tables, and which of them are meant."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from colprofile.errors import ArgumentError, shorten
from colprofile.sources.database_files import is_duckdb_file, is_sqlite_file
from colprofile.sources.files.tables_in_folder import tables_in_folder
from colprofile.sources.frames.libraries import is_instance
from colprofile.sources.options import InputKeywords
from colprofile.sources.spark.recognise import is_spark_catalog
from colprofile.sources.tables.base import Declared, Queries, Tables
from colprofile.sources.tables.patterns import Patterns, chosen_names
from colprofile.sources.urls import names_file, scheme_of

NOT_MANY = "{}= is for databases and folders of several tables: leave it out"
"""What to say where tables are chosen and there are none to choose from; the option is named in front."""


def open_tables(
    source: Any,
    *,
    schema: str | None = None,
    tables: Patterns = None,
    exclude: Patterns = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    statement_timeout: float | None = None,
    inputs: InputKeywords | None = None,
    is_one_enough: bool = False,
) -> Tables | None:
    """Return the tables of a source of many; None where it is one table, and no tables are chosen by name.

    Parameters
    ----------
    source
        A DuckDB or SQLite file, a DuckDB or sqlite3 connection, a database URL or SQLAlchemy Engine, Connection or
        Session, a folder of files, a Spark session or its address. Anything else is one table.
    schema
        Of a database: the schema whose tables are meant; by default the connection's own.
    tables, exclude
        Names or patterns with ``*`` and ``?``, in any case, as a list or separated by commas: those that are meant, and
        those that are not.
    memory_limit, threads, statement_timeout, inputs
        As for ``open_source``; for the queries over all tables.
    is_one_enough
        Whether a database that has one table is a source of many too.

    Raises
    ------
    SourceNotFound
        No such source or schema; a name or pattern that no table has.
    SourceError
        All tables are excluded.
    ArgumentError
        ``schema``, ``tables`` or ``exclude`` where the source is one table.
    """
    given = {"tables": tables, "exclude": exclude, "schema": schema}
    asked = next((name for name, value in given.items() if value is not None), None)
    inputs = inputs or {}
    opened = None
    is_file = isinstance(source, str | os.PathLike) and names_file(os.fsdecode(source))
    # A query over files names its tables itself.
    if inputs.get("query") is None or not is_file:
        opened = _opened(source, schema, statement_timeout, inputs, memory_limit, threads)
    if opened is None:
        if asked is not None:
            raise ArgumentError(NOT_MANY.format(asked))
        return None
    try:
        if asked is None and (not opened.names or (not is_one_enough and _is_one_table(opened))):
            opened.__exit__(None, None, None)
            return None
        names = chosen_names(opened.names, tables, exclude, opened.description)
    except BaseException:
        opened.__exit__(None, None, None)
        raise
    return _ChosenTables(opened, names)


def _is_one_table(opened: Tables) -> bool:
    """Whether a database has one table and nothing else; a folder of one would have been read as such."""
    (name, *more) = opened.names
    is_file = opened.given(name)[1] is None
    return not more and not opened.remarks and not is_file


class _ChosenTables:
    """Some tables of a source of many."""

    def __init__(self, tables: Tables, names: Sequence[str]) -> None:
        self._tables = tables
        self.description = tables.description
        self.dialect = tables.dialect
        self.names = names
        self.known = tables.known
        self.views = tables.views.intersection(names)
        self.remarks = tables.remarks
        self.parts: Callable[[str], tuple[str, ...]] = tables.parts
        self.snapshot: Callable[[], AbstractContextManager[bool]] = tables.snapshot
        self.given: Callable[[str], tuple[Any, str | None]] = tables.given
        self.declared: Callable[[], Declared] = tables.declared
        self.queries: Callable[[], AbstractContextManager[Queries]] = tables.queries

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, *exception: object) -> None:
        self._tables.__exit__(*exception)


def _opened(
    source: Any,
    schema: str | None,
    statement_timeout: float | None,
    inputs: InputKeywords,
    memory_limit: int | None,
    threads: int | None,
) -> Tables | None:
    """Return all tables of a source; None where it is no database, or a folder that is one table."""
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        if names_file(path) and not is_sqlite_file(path) and not is_duckdb_file(path):
            folder = _folder(path)
            listing = None if folder is None else tables_in_folder(folder)
            if folder is None or listing is None:
                return None
            if schema is not None:
                raise ArgumentError(f"schema= is for databases, and {shorten(path, 200)!r} is a folder: leave it out")
            from colprofile.sources.tables.folder import FolderTables

            return FolderTables(folder, listing, inputs, memory_limit, threads)
        source = path
    if _is_duckdb(source):
        from colprofile.sources.tables.duckdb import DuckDBTables

        return DuckDBTables.open(_duckdb_path(source), schema, memory_limit, threads)
    if is_spark_catalog(source):
        from colprofile.sources.tables.spark import SparkTables

        return SparkTables.open(source, schema)
    if isinstance(source, str) or _is_of_sqlalchemy(source):
        from colprofile.sources.tables.database import DatabaseTables

        return DatabaseTables.open(source, schema, statement_timeout)
    return None


def _is_duckdb(source: Any) -> bool:
    if not isinstance(source, str):
        return isinstance(source, duckdb.DuckDBPyConnection)
    if names_file(source):
        return is_duckdb_file(source) and not is_sqlite_file(source)
    return scheme_of(source) == "duckdb" and _duckdb_path(source) not in ("", ":memory:")


def _duckdb_path(source: Any) -> Any:
    """Return the file of a ``duckdb://`` URL; what else is given as it is."""
    if not isinstance(source, str) or scheme_of(source) != "duckdb":
        return source
    return source.partition("://")[2].partition("?")[0].removeprefix("/")


def _is_of_sqlalchemy(source: Any) -> bool:
    return (
        isinstance(source, sqlite3.Connection)
        or is_instance(source, "sqlalchemy", "Engine", "URL", "Connection")
        or is_instance(source, "sqlalchemy.orm", "Session", "scoped_session")
    )


def _folder(path: str) -> str | None:
    """Return the folder on this machine that a path names; None for anything else."""
    if scheme_of(path) == "file":
        path = unquote(urlsplit(path).path)
    elif scheme_of(path):
        return None
    elif not os.path.lexists(path) and path.startswith("~"):
        path = os.path.expanduser(path)
    return path if os.path.isdir(path) else None
