"""What a result must never be written over: the files that were read, and files that are data."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from colprofile.errors import shorten

COMPANIONS = ("", "-wal", "-shm", "-journal", ".wal", ".tmp")
"""What SQLite and DuckDB put behind the name of a database file."""

_MAGIC = (
    (0, b"SQLite format 3\0", "an SQLite database"),
    (8, b"DUCK", "a DuckDB database"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"PARE", "an encrypted Parquet file"),
    (0, b"ARROW1", "an Arrow file"),
    (0, b"\xff\xff\xff\xff", "an Arrow stream"),
    (0, b"FEA1", "a Feather file"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (0, b"PK\x03\x04", "a workbook or an archive"),
    (0, b"\x1f\x8b", "a compressed file"),
    (0, b"\x28\xb5\x2f\xfd", "a compressed file"),
)
"""Position and bytes that begin files of data, none of which a result can be, and what they are."""

_TABLES = (".csv", ".tsv")
_REPORTS = (".html", ".htm", ".md", ".sql")
"""What is never read as data."""


def obstacle(path: str | os.PathLike[str], inputs: Iterable[str] = ()) -> str | None:
    """Return why a result must not be written to ``path``, None if it may be.

    Parameters
    ----------
    path
        The file to be written.
    inputs
        What was read, as the user named it: paths, globs, URLs, and queries that name files in quotes. A file is
        recognised under another name too: by a link, another spelling, another case where the system ignores it. All
        files already in a folder are inputs, except pages, Markdown and scripts.

    A file that is a database, or other binary data, by its first bytes, or a table by its name, is an obstacle whether
    it was read or not; earlier reports and other text are not.
    """
    target = os.fspath(path)
    for given in inputs:
        for file in files_named(given):
            if os.path.isdir(file) and _is_in_folder(target, file):
                return f"it is in the folder {shorten(file, 200)!r}, which is read"
            for companion in COMPANIONS:
                if _is_same(target, file + companion):
                    return f"it belongs to the database {shorten(file, 200)!r}" if companion else "it is the input"
    kind = data_kind(target)
    return f"it is {kind}, which is never replaced" if kind else None


def files_named(given: str) -> Iterator[str]:
    """Yield the paths that a source, a URL or a query may mean; not all of them need to exist.

    >>> list(files_named("sqlite:///shop.db?timeout=5"))
    ['sqlite:///shop.db?timeout=5', 'shop.db', '/shop.db']
    >>> list(files_named("select * from 'a.csv' where kind = 'b'"))[1:]
    ['a.csv', 'b']
    """
    yield from _expanded(given)
    if several := re.fullmatch(r"(.+) and \d+ more", given):  # a list of files, as a result names it
        yield from _expanded(several[1])
    scheme, separator, rest = given.partition("://")
    if separator and scheme.partition("+")[0].lower() in {"duckdb", "sqlite", "file"}:
        location = unquote(rest.partition("?")[0]).removeprefix("/").removeprefix("file:")
        yield from _expanded(location)
        yield from _expanded("/" + location.lstrip("/"))
    elif not separator:
        for _, quoted in re.findall(r"""(['"])(.+?)\1""", given):
            yield from _expanded(quoted)


def _expanded(path: str) -> Iterator[str]:
    """Yield a path, with its home folder in place of ``~``, and what it matches as a glob."""
    path = os.path.expanduser(path)
    yield path
    if any(sign in path for sign in "*?[") and not os.path.exists(path):
        yield from glob.iglob(path, recursive=True)


def file_identity(path: str) -> object:
    """Return what is equal for two names of one file; for a file that does not exist its place, links resolved."""
    with contextlib.suppress(OSError, ValueError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return os.path.normcase(os.path.realpath(path))


def _is_same(target: str, file: str) -> bool:
    return bool(file) and file_identity(target) == file_identity(file)


def _is_in_folder(target: str, folder: str) -> bool:
    """Whether a file that exists, and may be data, is in a folder or below it."""
    if not os.path.isfile(target) or target.lower().endswith(_REPORTS):
        return False
    target, folder = os.path.realpath(target), os.path.realpath(folder)
    return os.path.commonpath([target, folder]) == folder


def _is_disk(path: str) -> bool:
    try:
        return stat.S_ISBLK(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def data_kind(path: str) -> str | None:
    """Return what kind of data an existing file is; None for text, for what is no file and for an empty one."""
    if _is_disk(path):
        return "a disk"
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as stream:
            head = stream.read(16)
    except OSError:
        return None
    for position, magic, kind in _MAGIC:
        if head[position:].startswith(magic):
            return kind
    return "a table" if head and path.lower().endswith(_TABLES) else None
