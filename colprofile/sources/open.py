"""open_source: opens a file, a frame, a database or a connection as a Source."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import duckdb

from colprofile.errors import ArgumentError, SourceBusy, SourceError, file_not_found
from colprofile.sources.base import Fetch, Source, SourceColumn
from colprofile.sources.duckdb import (
    DuckDBSource,
    connect,
    first_line,
    open_connection_table,
)
from colprofile.sources.files.find import REMOTE
from colprofile.sources.files.relation import Relation
from colprofile.sources.options import InputKeywords, InputOptions
from colprofile.sources.workspace import Workspace

_DATABASES = {".duckdb", ".ddb", ".db"}


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
        A DuckDB connection; the path of a Parquet, CSV (gz too), JSON, DuckDB or SQLite file, a glob or a list of
        paths; a database URL or SQLAlchemy Engine; a pandas, polars or Arrow table. A Source is returned as it is.
    table
        With a database: a table (``schema.table`` too), view or query. May be left out where there is one table only.
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
    if statement_timeout is not None and not statement_timeout > 0:
        raise ArgumentError(f"statement_timeout={statement_timeout!r} is not allowed: give seconds above 0")
    options = _Options(memory_limit, threads, fetch, statement_timeout, InputOptions.of(inputs))
    # The protocol's attributes are looked up in any order, and a polars LazyFrame warns when asked for its columns.
    if hasattr(type(source), "sampled_batches") and isinstance(source, Source):
        return source
    if isinstance(source, duckdb.DuckDBPyConnection):
        return open_connection_table(source, table, description="the DuckDB connection")
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        if "://" in path and path.partition("://")[0].lower() not in REMOTE:
            return _open_url(path, table, options)
        if _is_sqlite(path):
            return _open_engine(path, table, options)
        if _is_database(path):
            return _open_database(path, table, options)
        return _open_files([path], table, path, options)
    if isinstance(source, Sequence) and source and all(isinstance(p, str | os.PathLike) for p in source):
        paths = [os.fspath(p) for p in source]
        shown = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        return _open_files(paths, table, shown, options)
    if type(source).__module__.startswith("sqlalchemy."):
        return _open_engine(source, table, options)
    return _open_frame(source, table, options)


def _open_url(url: str, table: str | None, options: _Options) -> Source:
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "duckdb" and options.fetch != "never" and options.statement_timeout is None:
        # Our own reader of DuckDB needs no dialect.
        path = rest.partition("?")[0].removeprefix("/")
        if path and path != ":memory:":
            return _open_database(path, table, options)
    return _open_engine(url, table, options)


def _is_sqlite(path: str) -> bool:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(16) == b"SQLite format 3\0"
    return False


def _open_engine(source: Any, table: str | None, options: _Options) -> Source:
    import sqlalchemy as sa

    from colprofile.sources.database.source import open_sqlalchemy

    if isinstance(source, str) and "://" not in source:
        source = sa.URL.create("sqlite", database=source)
    elif not isinstance(source, str | sa.URL | sa.Engine):
        raise ArgumentError(
            f"cannot read an object of type {type(source).__module__}.{type(source).__name__}: give an Engine or a URL"
        )
    return open_sqlalchemy(source, table, fetch=options.fetch, statement_timeout=options.statement_timeout)


def _is_database(path: str) -> bool:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(12)[8:12] == b"DUCK"
    return Path(path).suffix.lower() in _DATABASES


def _open_database(path: str, table: str | None, options: _Options) -> Source:
    if not os.path.exists(path):
        raise file_not_found(path)
    try:
        connection = connect(path, options.memory_limit, options.threads, read_only=True)
    except duckdb.ConnectionException as error:
        raise SourceBusy(
            f"{path!r} is already open in this process with other settings: pass that connection instead of the path"
        ) from error
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise SourceBusy(
                f"{path!r} is locked by another process ({first_line(error).split('held in ')[-1].split('. See')[0]}): "
                "close it there, or profile a copy"
            ) from error
        raise SourceError(f"cannot open {path!r} as a DuckDB database: {first_line(error)}") from error
    return open_connection_table(connection, table, description=path, close=connection.close)


def _open_files(paths: Sequence[str], table: str | None, shown: str, options: _Options) -> Source:
    from colprofile.sources.files.open import files_relation

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        relation = files_relation(paths, table, shown, workspace, options.input)
        return _source_of(relation, shown, workspace)
    except BaseException:
        workspace.close()
        raise


def _open_frame(frame: Any, table: str | None, options: _Options) -> Source:
    from colprofile.sources.frames.open import open_frame

    workspace = Workspace(options.memory_limit, options.threads)
    try:
        kind, relation = open_frame(frame, table, workspace)
        return _source_of(relation, kind, workspace)
    except BaseException:
        workspace.close()
        raise


def _source_of(relation: Relation, shown: str, workspace: Workspace) -> Source:
    source = DuckDBSource(
        workspace.connection,
        relation.sql,
        description=shown,
        table=None,
        names=relation.names,
        stored_bytes=relation.stored_bytes,
        expected_rows=relation.expected_rows,
        reading=relation.reading,
        close=workspace.close,
    )
    if relation.columns is not None:
        source.columns = _merged(relation.columns, source.columns)
    return source


def _merged(given: Sequence[SourceColumn | None], described: Sequence[SourceColumn]) -> tuple[SourceColumn, ...]:
    """Return all columns of an input: those given, and in place of None what DuckDB says of them."""
    rest = iter(described)
    columns = []
    for column in given:
        found = None if column is not None and column.expression is None else next(rest)
        columns.append(column or found)
    return tuple(column for column in columns if column is not None)
