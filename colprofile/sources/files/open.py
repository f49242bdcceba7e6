"""From what a user names to the relation of its rows."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.errors import ArgumentError, shorten
from colprofile.sources.files.find import find_files
from colprofile.sources.files.formats import Format, common_format
from colprofile.sources.files.relation import Relation
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

FOR_ALL = frozenset(["query", "where"])
"""The options that every format has."""


def files_relation(
    paths: Sequence[str], table: str | None, shown: str, workspace: Workspace, options: InputOptions
) -> Relation:
    """Return the relation of the files behind paths, globs and addresses.

    Raises
    ------
    SourceNotFound, SourceError
        There are none, of no known format or of several, or they cannot be read.
    ArgumentError
        ``table`` where there are no tables; an option that the format has no use for.
    MissingExtra
        The library that reads the format is not installed.
    """
    if table is not None:
        raise ArgumentError(f"{shorten(shown)!r} is not a database: it has no table {shorten(table)!r}")
    files = find_files(paths, workspace)
    found = common_format(files, shown)
    _check(options, found, shown)
    return found.load()(files, workspace, options)


def _check(options: InputOptions, found: Format, shown: str) -> None:
    """Raise ArgumentError where an option is given that the format has no use for."""
    for name in options.given():
        if name not in found.options | FOR_ALL:
            raise ArgumentError(f"{name}= is of no use for {shorten(shown)!r}, which is {found.name}: leave it out")
