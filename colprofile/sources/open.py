"""open_source: opens a file, a frame, a database or a connection as a Source."""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from colprofile.errors import ArgumentError, SourceBusy, SourceError, SourceNotFound, file_not_found, shorten
from colprofile.sources.base import Fetch, Source
from colprofile.sources.duckdb import (
    DuckDBSource,
    connect,
    first_line,
    open_connection_table,
    readable_errors,
)
from colprofile.sources.identifiers import quote_literal

_READERS = {
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".txt": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
_COMPRESSED = {".gz", ".zst"}
_DATABASES = {".duckdb", ".ddb", ".db"}
_ALLOWED = ".parquet, .csv, .tsv, .txt, .json, .jsonl, .ndjson (text also .gz or .zst), .duckdb, .ddb, .db"

_REMOTE_FILES = frozenset(["http", "https", "s3", "gs", "gcs", "az", "abfss", "hf", "ftp"])


class _Options(NamedTuple):
    """The options of ``open_source``."""

    memory_limit: int | None
    threads: int | None
    fetch: Fetch
    statement_timeout: float | None


def open_source(
    source: Any,
    table: str | None = None,
    *,
    memory_limit: int | None = None,
    threads: int | None = None,
    fetch: Fetch = "auto",
    statement_timeout: float | None = None,
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
    options = _Options(memory_limit, threads, fetch, statement_timeout)
    # The protocol's attributes are looked up in any order, and a polars LazyFrame warns when asked for its columns.
    if hasattr(type(source), "sampled_batches") and isinstance(source, Source):
        return source
    if isinstance(source, duckdb.DuckDBPyConnection):
        return open_connection_table(source, table, description="the DuckDB connection")
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        if "://" in path:
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
    if scheme.lower() in _REMOTE_FILES:
        raise SourceError(
            f"{scheme}:// files cannot be read: download the file, or give a frame or a DuckDB connection"
        )
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
    if table is not None:
        raise ArgumentError(f"{shorten(shown)!r} is not a database: it has no table {shorten(table)!r}")
    files = [file for path in paths for file in _expanded(path)]
    readers = {_reader(file) for file in files}
    if len(readers) > 1:
        raise SourceError(f"{shorten(shown)!r} mixes formats: give files of one format at a time")
    reader = readers.pop()
    quoted = "[" + ", ".join(quote_literal(file) for file in files) + "]"
    close, connection = _private(options)

    is_parquet = reader == "read_parquet"
    try:
        suffix = ""
        if reader == "read_csv":
            _check_sniffed(connection, quoted, shown)
            # The sniffer looks at 20,480 rows; where a later row has another type it must look at all of them.
            suffix = "" if _first_pass_reads(connection, files, quoted) else ", sample_size=-1"
        footers = functools.cache(lambda: _parquet_footers(files))
        return DuckDBSource(
            connection,
            f"{reader}({quoted}{suffix})",
            description=shown,
            table=None,
            names=_parquet_names(files) if is_parquet else None,
            stored_bytes=(lambda: _parquet_bytes(footers())) if is_parquet else dict,
            expected_rows=(lambda: sum(footer.num_rows for footer in footers())) if is_parquet else int,
            close=close,
        )
    except BaseException:
        close()
        raise


def _check_sniffed(connection: duckdb.DuckDBPyConnection, quoted: str, shown: str) -> None:
    """Refuse a CSV whose rows agree so little that DuckDB takes each whole line for one value."""
    with readable_errors(shown):
        names = connection.sql(f"select * from read_csv({quoted}) limit 0").columns
    delimiter = next((sign for sign in ",;\t|" if len(names) == 1 and sign in names[0]), None)
    if delimiter is not None:
        raise SourceError(
            f"{shorten(shown)!r} has the header {shorten(names[0])!r} but its rows do not split at {delimiter!r}: "
            "fix the rows that have more or fewer fields"
        )


def _first_pass_reads(connection: duckdb.DuckDBPyConnection, files: Sequence[str], quoted: str) -> bool:
    """Return whether a CSV converts with the types that its beginning suggests; short files need no look."""
    if sum(os.path.getsize(file) for file in files) < 1 << 18:
        return True
    try:
        connection.execute(f"select count(columns(*)) from read_csv({quoted})").fetchall()
    except duckdb.Error:
        return False
    return True


def _expanded(path: str) -> list[str]:
    """Return the files behind a path or glob."""
    if os.path.isdir(path):
        raise SourceError(f"{path!r} is a folder: name its files, for example {os.path.join(path, '*.parquet')!r}")
    if os.path.exists(path):
        return [path]
    if any(character in path for character in "*?["):
        found = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if found:
            return found
        raise SourceNotFound(f"no file matches {shorten(path)!r}")
    raise file_not_found(path)


def _reader(path: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    if suffixes and suffixes[-1] in _READERS:
        return _READERS[suffixes[-1]]
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if file.read(4) == b"PAR1":
            return "read_parquet"
    raise SourceError(f"{shorten(path, 200)!r} has an unknown format: allowed are {_ALLOWED}")


def _private(options: _Options) -> tuple[Callable[[], None], duckdb.DuckDBPyConnection]:
    """Return a private connection and what closes it and removes its spill folder."""
    folder = tempfile.TemporaryDirectory(prefix="colprofile-")
    connection = connect(":memory:", options.memory_limit, options.threads, temp_directory=folder.name)

    def close() -> None:
        connection.close()
        folder.cleanup()

    return close, connection


def _parquet_names(files: Sequence[str]) -> list[str] | None:
    """Return the columns' own names, which DuckDB changes where two differ in case alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(files[0]).names)
    except (pa.ArrowException, OSError):
        return None  # DuckDB's own error about the file is the better one


def _parquet_footers(files: Sequence[str]) -> list[Any]:
    """Return the metadata of Parquet files."""
    import pyarrow.parquet as pq

    return [pq.read_metadata(file) for file in files]


def _parquet_bytes(footers: Sequence[Any]) -> dict[str, int]:
    """Return compressed bytes by column, nested leaves added up."""
    stored: dict[str, int] = {}
    for metadata in footers:
        schema = metadata.schema.to_arrow_schema()
        owners = [field.name for field in schema for _ in range(_leaves(field.type))]
        if len(owners) != metadata.num_columns:
            return {}
        for group in range(metadata.num_row_groups):
            row_group = metadata.row_group(group)
            for number, owner in enumerate(owners):
                size = row_group.column(number).total_compressed_size
                stored[owner] = stored.get(owner, 0) + size
    return stored


def _leaves(arrow_type: Any) -> int:
    import pyarrow as pa

    if pa.types.is_map(arrow_type):
        return _leaves(arrow_type.key_type) + _leaves(arrow_type.item_type)
    if pa.types.is_nested(arrow_type):
        return sum(_leaves(arrow_type.field(i).type) for i in range(arrow_type.num_fields))
    return 1


def _open_frame(frame: Any, table: str | None, options: _Options) -> Source:
    """Open a pandas, polars or Arrow table under names that cannot clash."""
    names, renamed, kind = _renamed(frame)
    if table is not None:
        raise ArgumentError(f"a {kind} is not a database: it has no table {shorten(table)!r}")
    if not names:
        raise SourceError(f"the {kind} has no columns: there is nothing to profile")
    close, connection = _private(options)
    try:
        connection.register("colprofile_frame", renamed)
    except duckdb.Error as error:
        close()
        raise SourceError(f"DuckDB cannot read the {kind}: {first_line(error)}") from error
    return DuckDBSource(
        connection,
        "colprofile_frame",
        description=kind,
        table=None,
        names=names,
        expected_rows=lambda: len(renamed),
        close=close,
    )


def _renamed(frame: Any) -> tuple[list[str], Any, str]:
    """Return a frame's column names, the frame with columns named c0, c1 …, and what it is.

    A user who passes a frame of some library has imported that library: it is never imported here.
    """
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        names = [str(name) for name in frame.columns]
        return names, frame.set_axis([f"c{i}" for i in range(len(names))], axis=1), "pandas DataFrame"
    if polars is not None and isinstance(frame, polars.LazyFrame):
        frame = frame.collect()
    if polars is not None and isinstance(frame, polars.DataFrame):
        names = list(frame.columns)
        renamed = frame.rename({name: f"c{i}" for i, name in enumerate(names)})
        return names, renamed.to_arrow(), "polars DataFrame"
    if arrow is not None and isinstance(frame, arrow.RecordBatchReader):
        frame = frame.read_all()
    if arrow is not None and isinstance(frame, arrow.RecordBatch):
        frame = arrow.Table.from_batches([frame])
    if arrow is not None and isinstance(frame, arrow.Table):
        names = list(frame.column_names)
        return names, frame.rename_columns([f"c{i}" for i in range(len(names))]), "Arrow table"
    if isinstance(frame, duckdb.DuckDBPyRelation):
        try:
            return _renamed(frame.to_arrow_table())
        except duckdb.Error as error:
            raise SourceError(f"cannot read the DuckDB relation: {first_line(error)}") from error
    raise ArgumentError(
        f"cannot read an object of type {type(frame).__name__}: give a path, a list of paths, a pandas, polars or "
        "Arrow table, a database URL or Engine, or a DuckDB connection with a table"
    )
