"""Where files are: the local files behind what a user names."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from colprofile.errors import SourceError, SourceNotFound, file_not_found, shorten
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.workspace import Workspace

REMOTE = frozenset(["http", "https", "s3", "gs", "gcs", "az", "abfss", "hf", "ftp"])
_COMPRESSED = {".gz", ".zst"}  # DuckDB opens these by itself


def find_files(given: Sequence[str], workspace: Workspace) -> list[LocalFile]:
    """Return the files behind paths and globs, in order.

    Raises
    ------
    SourceNotFound
        There is none.
    SourceError
        One is a folder, or at a place that cannot be read.
    """
    return [file for path in given for file in _expanded(path)]


def _expanded(path: str) -> list[LocalFile]:
    scheme, separator, _ = path.partition("://")
    if separator and scheme.lower() in REMOTE:
        raise SourceError(
            f"{scheme}:// files cannot be read: download the file, or give a frame or a DuckDB connection"
        )
    if os.path.isdir(path):
        raise SourceError(f"{path!r} is a folder: name its files, for example {os.path.join(path, '*.parquet')!r}")
    if os.path.exists(path):
        return [_local(path)]
    if any(character in path for character in "*?["):
        found = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if found:
            return list(map(_local, found))
        raise SourceNotFound(f"no file matches {shorten(path)!r}")
    raise file_not_found(path)


def _local(path: str) -> LocalFile:
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return LocalFile(path=path, shown=path, suffix=suffixes[-1] if suffixes else "")
