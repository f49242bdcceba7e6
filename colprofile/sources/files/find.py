"""Where inputs are: the files on this machine behind what a user names."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

from colprofile.errors import ArgumentError, SourceError, SourceNotFound, file_not_found, shorten
from colprofile.sources.files import streams
from colprofile.sources.files.folders import list_folder
from colprofile.sources.files.lakes import Lake, lake_kind
from colprofile.sources.files.names import data_suffix, last_suffix, partitions_of
from colprofile.sources.files.related import refuse_several_tables
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.files.sniff import content_suffix
from colprofile.sources.files.unpack import unpack
from colprofile.sources.urls import scheme_of
from colprofile.sources.workspace import Workspace

_GLOB = re.compile(r"[*?\[]")
_UNSAFE = re.compile(r"[*?\[\]{}:~\\]")
_TREE = re.compile(r"=.*/")
_READS_TREES = (".parquet", ".pq", ".parq")
_LAKE_FILES = frozenset([".parquet", ".orc", ".avro"])


@dataclass(frozen=True)
class Found:
    """What is behind the names that a user gave: files, or one table with a log, and what a person should know."""

    files: Sequence[LocalFile] = ()
    lake: Lake | None = None
    remarks: tuple[str, ...] = ()


def find(given: Sequence[Any], table: str | None, workspace: Workspace) -> Found:
    """Return the files behind paths, patterns, folders, URLs, ``-`` for standard input, file objects and bytes.

    What is compressed or an archive is unpacked into the workspace, what is elsewhere is copied there. Files whose
    names DuckDB would take for something else are linked to there. ``table`` picks a member of an archive.

    Raises
    ------
    SourceNotFound
        There is none.
    SourceError
        One cannot be read; a folder or an archive holds several tables.
    ArgumentError
        ``table`` is given, and there is no archive.
    MissingExtra
        A package for such an address is not installed.
    """
    if given.count(streams.STANDARD_INPUT) > 1:
        raise ArgumentError("standard input, '-', is given twice: it can be read once")
    finder = _Finder(table, workspace)
    found = _together([finder.place(place) for place in given])
    if found.lake is not None and len(given) > 1:
        raise SourceError(f"{shorten(found.lake.shown, 200)!r} is one table of kind {found.lake.kind}: give it alone")
    repeated = _repeated(found.files) if len(given) > 1 else None
    return replace(found, remarks=(*found.remarks, repeated)) if repeated else found


def _repeated(files: Sequence[LocalFile]) -> str | None:
    """Return a sentence where a file is given more than once, as patterns that overlap do."""
    counts = Counter(os.path.realpath(file.shown) for file in files if os.path.exists(file.shown))
    twice = [path for path, count in counts.items() if count > 1]
    if not twice:
        return None
    shown = shorten(os.path.basename(twice[0]), 120)
    more = f" and {len(twice) - 1:,} more files are" if len(twice) > 1 else " is"
    return f"{shown!r}{more} given more than once, and counted as often."


def _together(found: Sequence[Found]) -> Found:
    return Found(
        [file for place in found for file in place.files],
        next((place.lake for place in found if place.lake is not None), None),
        tuple(remark for place in found for remark in place.remarks),
    )


class _Finder:
    """Finds what is behind names, one after the other; it knows the folders that it has seen."""

    def __init__(self, table: str | None, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace
        self._kinds: dict[str, str | None] = {}

    def place(self, place: Any) -> Found:
        """Return what is behind one name."""
        if not isinstance(place, str):
            path = streams.stream_file(place, self._workspace)
            return self._copied(path, _object_name(place), streams.stream_name(place))
        if place == streams.STANDARD_INPUT:
            return self._copied(streams.standard_input(self._workspace), "", "standard input")
        scheme = scheme_of(place)
        if scheme == "file":
            return self._local(unquote(urlsplit(place).path))
        return self._remote(place) if scheme else self._local(place)

    def _remote(self, url: str) -> Found:
        from colprofile.sources.files.remote import download  # not everybody waits for ssl

        copies = download(url, self._workspace)
        if os.path.isdir(copies[0].path):
            return self._folder(copies[0].path, copies[0].shown)
        return _together([self._copied(copy.path, copy.name, copy.shown) for copy in copies])

    def _local(self, path: str) -> Found:
        if not os.path.lexists(path) and path.startswith("~"):
            path = os.path.expanduser(path)
        if os.path.isdir(path):
            _refuse_member(self._table, path)
            return self._folder(path, path)
        if streams.is_pipe(path):
            return self._copied(streams.pipe_file(path, self._workspace), PurePath(path).name, path)
        if os.path.exists(path):
            self._refuse_part_of_lake(path)
            return self._unpacked(_safe(path, self._workspace), PurePath(path).name, path)
        if _GLOB.search(path):
            return self._matching(path)
        raise file_not_found(path)

    def _matching(self, pattern: str) -> Found:
        """Return the files that match a pattern; where only folders do, what is in them."""
        matches = sorted(glob.iglob(pattern, recursive=True))
        files = [path for path in matches if os.path.isfile(path)]
        if not matches:
            raise SourceNotFound(f"no file matches {shorten(pattern)!r}")
        found = _together([self._local(path) for path in files or matches])
        if found.lake is not None and len(matches) > 1:
            raise SourceError(
                f"{shorten(pattern)!r} matches the {found.lake.kind} table {shorten(found.lake.shown)!r}: give it alone"
            )
        return found

    def _folder(self, path: str, shown: str) -> Found:
        kind = lake_kind(path)
        if kind is not None:
            return Found(lake=Lake(kind, path, shown))
        listing = list_folder(path, shown)
        for name in listing.data[:1]:
            self._refuse_part_of_lake(name)
        files: list[LocalFile] = []
        for name in listing.data:
            own = os.path.join(shown, os.path.relpath(name, path))
            files += self._unpacked(_safe(name, self._workspace), PurePath(name).name, own).files
        pattern = os.path.join(shown, f"*{files[0].suffix}")
        refuse_several_tables(files, shown, f"name the files of one, for example {shorten(pattern, 200)!r}")
        remark = listing.remark(shown)
        return Found(files, remarks=(remark,) if remark else ())

    def _copied(self, path: str, name: str, shown: str) -> Found:
        """Return what is in a copy whose name may tell nothing: then its bytes do."""
        found = self._unpacked(path, name, shown)
        return replace(found, files=[_told(file) for file in found.files])

    def _unpacked(self, path: str, name: str, shown: str) -> Found:
        """Return a file, or what is packed in it."""
        inside = unpack(path, name, shown, self._table, self._workspace)
        if inside[0].member is None:
            _refuse_member(self._table, shown)
        files = []
        for file in inside:
            own = shown if file.member is None else f"{shown}/{file.member}"
            found = LocalFile(path=file.path, shown=own, suffix=last_suffix(file.name), partitions=partitions_of(own))
            self._workspace.call(file.path, own)
            files.append(found if file.path == path else _told(found))
        if len(files) > 1:
            refuse_several_tables(files, shown, "pick one with table=")
        return Found(files)

    def _refuse_part_of_lake(self, path: str) -> None:
        """Raise where a file belongs to a table with a log: rows that were deleted from it are still in such files.

        Raises
        ------
        SourceError
            It does.
        """
        if last_suffix(path) not in _LAKE_FILES:
            return
        for folder in _above(os.path.dirname(os.path.abspath(path))):
            if folder not in self._kinds:
                self._kinds[folder] = lake_kind(folder)
            kind = self._kinds[folder]
            if kind is not None:
                raise SourceError(
                    f"{shorten(path, 200)!r} is part of the {kind} table {shorten(folder, 200)!r}, whose log says "
                    "which rows count: give that folder"
                )


def _object_name(source: Any) -> str:
    name = getattr(source, "name", None)
    return PurePath(name).name if isinstance(name, str) else ""


def _told(file: LocalFile) -> LocalFile:
    """Return a file that has no name of its own with the ending that its bytes tell."""
    return file if data_suffix(f"x{file.suffix}") else replace(file, suffix=content_suffix(file.path))


def _refuse_member(table: str | None, shown: str) -> None:
    if table is not None:
        raise ArgumentError(f"{shorten(shown)!r} is not a database: it has no table {shorten(table)!r}")


def _safe(path: str, workspace: Workspace) -> str:
    """Return a path that DuckDB takes as it is: a link where it would see a pattern, a scheme or a hive tree in it."""
    suffix = last_suffix(path)
    is_tree = suffix not in _READS_TREES and _TREE.search(path)
    if path.isprintable() and not is_tree and not _UNSAFE.search(path):
        return path
    link = workspace.new_path(suffix if re.fullmatch(r"\.\w+", suffix, re.ASCII) else "")
    os.symlink(os.path.abspath(path), link)
    return str(link)


def _above(folder: str) -> Iterator[str]:
    """Yield a folder and those above it."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent
