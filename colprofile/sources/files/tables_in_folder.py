"""Which tables a folder holds: each file, hive tree, Delta or Iceberg folder, and folder of parts is one."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from colprofile.errors import SourceError, SourceNotFound, one_line, shorten
from colprofile.inputs import HEAD, saved_format_of
from colprofile.sources.files.folders import Listing, list_folder
from colprofile.sources.files.lakes import lake_kind
from colprofile.sources.files.names import data_suffix, is_document, is_hidden, last_suffix, partitions_of
from colprofile.sources.files.related import are_alike, refuse_several_tables
from colprofile.sources.files.relation import LocalFile

_PART = re.compile(r"(part|data|file|chunk|export|rows)?([0-9a-f]{8,}|\d+|[-_ .c])*", re.IGNORECASE)
"""Names that files have because they must have one: those of a folder's only file say less than the folder's."""


@dataclass(frozen=True)
class FolderListing:
    """The paths of a folder's tables by their names, which differ in more than case; sentences on what is left out."""

    paths: dict[str, str]
    remarks: tuple[str, ...] = ()


@dataclass
class _Found:
    tables: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def tables_in_folder(folder: str) -> FolderListing | None:
    """Return the tables of a folder that holds several; None where it is one table, or where there is nothing to read.

    A folder is one table where it has a log, or where its files lie in one hive tree, differ in numbers alone, or share
    most columns: then it is read as one, as ever. But hive trees side by side are several tables, and so are folders
    whose columns differ, whatever their files are called.

    Raises
    ------
    SourceError
        A folder cannot be read.
    """
    if _is_one(folder):
        return None
    found = _Found()
    _walk(folder, found)
    if not found.tables:
        return None
    remark = Listing([], found.others).remark(folder)
    return FolderListing(_named(found.tables, folder), (*([remark] if remark else []), *found.unread))


def _is_one(folder: str) -> bool:
    """Whether a folder is one table, or holds nothing to read."""
    if lake_kind(folder) is not None:
        return True
    try:
        files = [_local_file(path) for path in list_folder(folder, folder).data]
    except SourceNotFound:
        return True
    except SourceError:  # there are tables with a log below, or it cannot be read: then the walk says so
        return False
    try:
        refuse_several_tables(files, folder, "")
    except SourceError:
        return False
    roots = {_tree_root(file.path) for file in files}
    if roots != {None}:
        return len(roots) == 1 or folder in roots
    one_each = {os.path.dirname(file.path): file for file in files}
    return are_alike(list(one_each.values()))


def _local_file(path: str) -> LocalFile:
    return LocalFile(path=path, shown=path, suffix=last_suffix(path), partitions=partitions_of(path))


def _tree_root(path: str) -> str | None:
    """Return the folder above the first one that names a partition; None where none does."""
    parts = PurePath(path).parts
    first = next((i for i, part in enumerate(parts[:-1]) if partitions_of(f"{part}/x")), None)
    return None if first is None else str(PurePath(*parts[:first]))


def _walk(folder: str, found: _Found) -> None:
    """Add the tables that lie in a folder which is not one table itself."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(f"cannot read the folder {shorten(folder, 200)!r}: {error.strerror}") from error
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not is_hidden(entry.name):
                _add_readable(entry, found)
        elif is_hidden(entry.name):
            found.others += [entry.path] if entry.name.startswith("_") and data_suffix(entry.name) else []
        elif not _is_data(entry):
            found.others.append(entry.path)
        else:
            found.tables.append((_stem(entry.name), entry.path))


def _add_readable(entry: os.DirEntry[str], found: _Found) -> None:
    """Add the tables of a folder; the reason where it cannot be read, unless it is a part of a table."""
    try:
        _add_folder(entry.path, found)
    except (SourceError, OSError) as error:
        if partitions_of(f"{entry.name}/x"):
            raise
        reason = str(error) if isinstance(error, SourceError) else f"{shorten(entry.path, 200)!r}: {error.strerror}"
        found.unread.append(f"Left out: {one_line(reason)}.")


def _add_folder(folder: str, found: _Found) -> None:
    if not _is_one(folder):
        _walk(folder, found)
        return
    name = os.path.basename(folder)
    if lake_kind(folder) is not None:
        found.tables.append((name, folder))
        return
    try:
        listing = list_folder(folder, folder)
    except SourceNotFound:
        found.others += [folder] if os.listdir(folder) else []
        return
    found.others += listing.others
    only = listing.data[0] if len(listing.data) == 1 and not partitions_of(listing.data[0]) else None
    if only is not None and not _PART.fullmatch(_stem(os.path.basename(only))):
        found.tables.append((_stem(os.path.basename(only)), only))
    else:
        found.tables.append((name, folder))


def _is_data(entry: os.DirEntry[str]) -> bool:
    """Whether an entry of a folder is a file of data, by its name, and no saved result."""
    is_data = bool(data_suffix(entry.name)) and not is_document(entry.name) and entry.is_file()
    return is_data and not _is_result(entry.path)


def _is_result(path: str) -> bool:
    """Whether a file is a saved result of colprofile, which has no rows to count."""
    if data_suffix(path) != ".json":
        return False
    try:
        with open(path, "rb") as stream:
            return saved_format_of(stream.read(HEAD)) is not None
    except OSError:  # whoever reads it as data says why not
        return False


def _stem(name: str) -> str:
    """Return a file's name without its ending, and that of its compression."""
    return name[: name.lower().rindex(data_suffix(name))] if data_suffix(name) else name


def _named(tables: Sequence[tuple[str, str]], folder: str) -> dict[str, str]:
    """Return the tables' paths by names that differ in more than case: of equal ones the file's name, then the path."""
    names = [name for name, _ in tables]

    def below(path: str) -> str:
        return os.path.relpath(path, folder)

    for longer in (os.path.basename, lambda path: _stem(below(path)), below):
        amounts = Counter(name.lower() for name in names)
        names = [
            longer(path) if amounts[name.lower()] > 1 else name for name, (_, path) in zip(names, tables, strict=True)
        ]
    named: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for name, (_, path) in zip(names, tables, strict=True):
        printable = name.encode("utf-8", "backslashreplace").decode()
        plain, number = printable, 1
        while seen[printable.lower()]:
            number += 1
            printable = f"{plain} ({number})"
        seen[printable.lower()] += 1
        named[printable] = path
    return named
