"""Files that are databases: SQLite's and DuckDB's, told by their first bytes; DuckDB's opened for reading only."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import duckdb

from colprofile.errors import SourceBusy, SourceError, file_not_found
from colprofile.sources.duckdb import connect, first_line

_DUCKDB_SUFFIXES = {".duckdb", ".ddb", ".db"}


def is_sqlite_file(path: str) -> bool:
    """Whether a file is an SQLite database."""
    return _head(path, 16) == b"SQLite format 3\0"


def is_duckdb_file(path: str) -> bool:
    """Whether a file is a DuckDB database, by its bytes or by its name."""
    is_called_so = Path(path).suffix.lower() in _DUCKDB_SUFFIXES and not os.path.isdir(path)
    return is_called_so or _head(path, 12)[8:] == b"DUCK"


def _head(path: str, size: int) -> bytes:
    """Return the first bytes of a file; none of what is no file, such as a pipe, which can be read once."""
    with contextlib.suppress(OSError):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read(size)
    return b""


def open_duckdb_file(path: str, memory_limit: int | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    """Return a connection to a DuckDB file that only reads.

    Raises
    ------
    SourceNotFound
        There is no such file.
    SourceBusy
        Another process holds it, or this one with other settings.
    SourceError
        It is no DuckDB database, or damaged.
    """
    if not os.path.exists(path):
        raise file_not_found(path)
    try:
        return _connected(_address(path), memory_limit, threads)
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


def _address(path: str) -> str:
    """Return what DuckDB opens a database by: ``~``, and a name before a colon, are none of its own in a whole path.

    Raises
    ------
    SourceError
        It has characters that DuckDB takes for others.
    """
    whole = os.path.abspath(path)
    if whole != whole.encode("utf-8", "replace").decode():
        raise SourceError(f"DuckDB cannot open {path!r}, whose name is not UTF-8: rename the file")
    if os.sep == "/" and "\\" in whole:
        raise SourceError(f"DuckDB cannot open {path!r}, whose name has a backslash: rename the file")
    return whole


def _connected(path: str, memory_limit: int | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    """Return a connection that only reads; no view of the database makes DuckDB download an extension.

    Where this process has the database open, DuckDB gives all connections the settings of the first.
    """
    limits = (memory_limit, threads)
    try:
        return connect(path, *limits, read_only=True, autoinstall_known_extensions=False)  # type: ignore[no-any-return]
    except duckdb.ConnectionException:
        return connect(path, *limits, read_only=True)  # type: ignore[no-any-return]
