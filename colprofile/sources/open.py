"""open_source: opens a file, a frame, a database or a connection as a Source."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Unpack

import duckdb

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import Fetch, Source
from colprofile.sources.connection_errors import clear_connection_errors
from colprofile.sources.database_files import is_duckdb_file, is_sqlite_file, open_duckdb_file
from colprofile.sources.duckdb import DuckDBSource, open_connection_table
from colprofile.sources.engines.recognise import is_dask, is_ray
from colprofile.sources.files.relation import Relation
from colprofile.sources.files.streams import is_stream, stream_name
from colprofile.sources.frames.libraries import is_instance, unwrapped
from colprofile.sources.opened_relation import opened_relation
from colprofile.sources.options import InputKeywords, InputOptions
from colprofile.sources.spark.recognise import is_spark, names_spark
from colprofile.sources.urls import hide_passwords, names_file
from colprofile.sources.workspace import Workspace
from colprofile.stopping import ends_by


class _Options(NamedTuple):
    """The options of ``open_source``."""

    memory_limit: int | None
    threads: int | None
    fetch: Fetch
    statement_timeout: float | None
    input: InputOptions


def open_source(
    source: Any,
    table: str | None = None,
    *,
    memory_limit: int | None = None,
    threads: int | None = None,
    fetch: Fetch = "auto",
    statement_timeout: float | None = None,
    **inputs: Unpack[InputKeywords],
) -> Source:
    """Open what ``source`` names, for reading only.

    Parameters
    ----------
    source
        Files of data: a path, a glob, a folder, an http(s)://, s3:// or other address, or a list of these; "-" for
        standard input; an open file, or bytes; the folder of a Delta or Iceberg table. A DuckDB or SQLite file, a
        DuckDB connection, a database URL or SQLAlchemy Engine; a SQLAlchemy Connection or Session, a sqlite3 or ADBC
        connection, each read in its own transaction; a table in Python, of any kind that
        ``colprofile.sources.frames.open`` lists. A Source is returned as it is.
    table
        With a database: a table (``schema.table`` too), view or query. May be left out where there is one table only.
        With an archive: the file in it.
    memory_limit, threads
        For the private DuckDB that reads files and frames.
    fetch, statement_timeout
        For database URLs and Engines, as ``profile`` has them.
    inputs
        How files are read: the fields of ``InputOptions``.

    Raises
    ------
    SourceNotFound
        No such file or table.
    SourceBusy
        Another process holds the DuckDB file.
    SourceError
        Not readable: corrupt, a folder, a format that is not known.
    ArgumentError
        An object of another kind, or ``table`` where there are no tables.
    """
    if fetch not in ("auto", "always", "never"):
        raise ArgumentError(f"fetch={fetch!r} is not allowed: give 'auto', 'always' or 'never'")
    if statement_timeout is not None and not statement_timeout > 0:
        raise ArgumentError(f"statement_timeout={statement_timeout!r} is not allowed: give seconds above 0")
    options = _Options(memory_limit, threads, fetch, statement_timeout, InputOptions.of(inputs))
    # The protocol's attributes are looked up in any order, and a polars LazyFrame warns when asked for its columns.
    if hasattr(type(source), "sampled_batches") and isinstance(source, Source):
        return source
    if isinstance(source, duckdb.DuckDBPyConnection):
        ends_by(source.interrupt)
        shown = "the DuckDB connection"
        with clear_connection_errors(shown):
            return _restricted(open_connection_table(source, table, description=shown), options)
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        if not names_file(path):
            return _open_url(path, table, options)
        if is_sqlite_file(path):
            return _open_engine(path, table, options)
        if is_duckdb_file(path):
            return _open_database(path, table, options)
        return _open_files([path], table, _shown(path), options)
    if is_stream(source):
        return _open_files([source], table, stream_name(source), options)
    if _names_files(source):
        return _open_list([os.fsdecode(p) if isinstance(p, str | os.PathLike) else p for p in source], table, options)
    if is_instance(source, "sqlalchemy", "Engine", "URL", "Connection"):
        return _open_engine(source, table, options)
    if is_instance(source, "sqlalchemy.orm", "Session", "scoped_session"):
        from colprofile.sources.database.borrowed import connection_of

        return _open_engine(connection_of(source), table, options)
    if isinstance(source, sqlite3.Connection):
        return _open_sqlite_connection(source, table, options)
    if is_instance(source, "adbc_driver_manager.dbapi", "Connection"):
        return _open_adbc(source, table, options)
    source = unwrapped(source)
    if is_spark(source):
        return _open_spark(source, table, options)
    if is_dask(source) or is_ray(source):
        return _open_engine_frame(source, table, options)
    return _open_frame(source, table, options)


def is_thread_bound(source: Any) -> bool:
    """Whether a source is to be opened in the thread that gives it: connections and iterators may belong to one.

    Files and what DuckDB reads are not: opening files takes long, and DuckDB drops what a signal's handler raises.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        return not (names_file(path) or names_spark(path)) or is_sqlite_file(path)
    is_free = isinstance(source, duckdb.DuckDBPyConnection) or is_stream(source) or _names_files(source)
    frame = unwrapped(source)
    return not (is_free or is_spark(frame) or is_dask(frame) or is_ray(frame))


def _shown(path: str) -> str:
    """Return a path or URL as results name it."""
    return "standard input" if path == "-" else hide_passwords(path)


def _names_files(source: Any) -> bool:
    """Whether an object is a list of paths, open files and bytes."""
    if isinstance(source, str | bytes) or not isinstance(source, Sequence) or not source:
        return False
    return all(isinstance(place, str | os.PathLike) or is_stream(place) for place in source)


def _open_list(places: list[Any], table: str | None, options: _Options) -> Source:
    names = [place if isinstance(place, str) else stream_name(place) for place in places]
    if database := next((place for place in places if isinstance(place, str) and _names_database(place)), None):
        raise ArgumentError(f"{shorten(hide_passwords(database), 200)!r} is a database: give it alone, not in a list")
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return _open_files(places, table, _shown(names[0]) + more, options)


def _names_database(path: str) -> bool:
    return not names_file(path) or is_sqlite_file(path) or is_duckdb_file(path)


def _restricted(source: DuckDBSource, options: _Options) -> DuckDBSource:
    """Return a table of DuckDB with the rows that ``where=`` leaves."""
    from colprofile.sources.restrict import restricted_table

    try:
        _check(options.input, source.description, "a database")
    except BaseException:
        source.__exit__()
        raise
    return restricted_table(source, options.input.where)


def _check(options: InputOptions, shown: str, kind: str) -> None:
    """Raise ArgumentError where an option is given that only files have a use for."""
    for option in options.given():
        if option == "query":
            raise ArgumentError(f"query= is for files, and {shorten(shown)} is {kind}: give the query as table=")
        if option != "where":
            raise ArgumentError(f"{option}= is of no use for {shorten(shown)}, which is {kind}: leave it out")


def _open_url(url: str, table: str | None, options: _Options) -> Source:
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "duckdb" and options.fetch != "never" and options.statement_timeout is None:
        # Our own reader of DuckDB needs no dialect.
        path = rest.partition("?")[0].removeprefix("/")
        if path and path != ":memory:":
            return _open_database(path, table, options)
    if names_spark(url):
        return _open_spark(url, table, options)
    return _open_engine(url, table, options)


def _open_engine(source: Any, table: str | None, options: _Options) -> Source:
    import sqlalchemy as sa

    from colprofile.sources.database.source import open_sqlalchemy

    shown = hide_passwords(source) if isinstance(source, str) else f"the {type(source).__name__}"
    if isinstance(source, str) and "://" not in source:
        source = sa.URL.create("sqlite", database=source)
    _check(options.input, shown, "a database")
    opened = open_sqlalchemy(
        source, table, fetch=options.fetch, statement_timeout=options.statement_timeout, where=options.input.where
    )
    if isinstance(source, sa.Connection) and opened.dialect == "sqlite":
        # SQLite's connections may be bound to this thread, and counting runs in another.
        with opened:
            return _fetched(opened, options)
    return opened


def _open_sqlite_connection(connection: sqlite3.Connection, table: str | None, options: _Options) -> Source:
    from colprofile.sources.database.borrowed import sqlite_connection

    with sqlite_connection(connection) as lent:
        return _open_engine(lent, table, options)


def _fetched(opened: Source, options: _Options) -> Source:
    """Return a source with all rows of one, which are read now, in this thread."""
    from colprofile.sources.frames.spool import spooled_source

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        reading = InputReading(format=opened.description, reader="SQLAlchemy")
        return _database_source(spooled_source(opened, workspace, reading), opened.description, opened.table, workspace)
    except BaseException:
        workspace.close()
        raise


def _open_adbc(connection: Any, table: str | None, options: _Options) -> Source:
    from colprofile.sources.database.adbc import SHOWN, adbc_relation
    from colprofile.sources.restrict import restricted

    _check(options.input, f"the {SHOWN}", "a database")
    workspace = Workspace(options.memory_limit, options.threads)
    try:
        name, relation = adbc_relation(connection, table, workspace)
        relation = restricted(relation, options.input.where, f"the {SHOWN}", workspace.connection)
        return _database_source(relation, f"the {SHOWN}", name, workspace)
    except BaseException:
        workspace.close()
        raise


def _database_source(relation: Relation, shown: str, table: str | None, workspace: Workspace) -> Source:
    """Return a table of a database whose rows were fetched: they have no numbers, and nothing was guessed of them."""
    source = opened_relation(relation, shown, workspace)
    source.table, source.reading, source.has_row_numbers = table, None, False
    return source


def _open_database(path: str, table: str | None, options: _Options) -> Source:
    connection = open_duckdb_file(path, options.memory_limit, options.threads)
    return _restricted(open_connection_table(connection, table, description=path, close=connection.close), options)


def _open_files(paths: Sequence[Any], table: str | None, shown: str, options: _Options) -> Source:
    from colprofile.sources.files.open import files_relation

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        relation = files_relation(paths, table, shown, workspace, options.input)
        if table is not None:
            shown = f"{shown}/{table}"  # a file in an archive
        return opened_relation(relation, shown, workspace)
    except SourceError as error:
        workspace.close()
        raise type(error)(workspace.in_users_words(str(error))) from error
    except BaseException:
        workspace.close()
        raise


def _open_spark(source: Any, table: str | None, options: _Options) -> Source:
    from colprofile.sources.spark.open import open_spark

    shown = hide_passwords(source) if isinstance(source, str) else "the Spark session"
    _check(options.input, shown, "a database")
    if options.statement_timeout is not None:
        raise ArgumentError(f"statement_timeout= is of no use for {shown}, where jobs are no statements: leave it out")
    workspace = Workspace(options.memory_limit, options.threads)
    try:
        return open_spark(source, table, options.input.where, workspace, options.fetch)
    except BaseException:
        workspace.close()
        raise


def _open_engine_frame(source: Any, table: str | None, options: _Options) -> Source:
    from colprofile.sources.engines.open import open_engine

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        return open_engine(source, table, options.input, workspace)
    except BaseException:
        workspace.close()
        raise


def _open_frame(frame: Any, table: str | None, options: _Options) -> Source:
    from colprofile.sources.files.query import DATA, query_relation
    from colprofile.sources.frames.open import open_frame
    from colprofile.sources.restrict import restricted

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        kind, frame_relation = open_frame(frame, table, workspace)
        _check(replace(options.input, query=None), f"the {kind}", "in memory")
        relation = frame_relation
        if options.input.query is not None:
            relation = query_relation(options.input.query, [DATA], lambda _: frame_relation, workspace)
        relation = restricted(relation, options.input.where, f"the {kind}", workspace.connection)
        return opened_relation(relation, kind, workspace)
    except BaseException:
        workspace.close()
        raise
