"""From what a user names to the relation of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from colprofile.errors import ArgumentError, shorten
from colprofile.inputs import HEAD, saved_format_of
from colprofile.sources.files.find import find
from colprofile.sources.files.formats import common_format, remark_on
from colprofile.sources.files.hive import read_by_partition
from colprofile.sources.files.lakes import read_lake
from colprofile.sources.files.names import data_suffix
from colprofile.sources.files.query import query_relation
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.options import InputOptions
from colprofile.sources.restrict import restricted
from colprofile.sources.urls import hide_passwords
from colprofile.sources.workspace import Workspace

FOR_ALL = frozenset(["query", "where"])
"""The options that every format has."""

_READ_TREES = frozenset(["Parquet"])
"""The formats whose readers give the columns of a hive tree themselves."""


def files_relation(
    given: Sequence[Any], table: str | None, shown: str, workspace: Workspace, options: InputOptions
) -> Relation:
    """Return the relation of the files behind paths, patterns, folders, URLs, ``-``, file objects and bytes.

    Raises
    ------
    SourceNotFound, SourceError
        There are none, of no known format or of several, or they cannot be read.
    ArgumentError
        ``table`` where there is no archive; an option that the format has no use for; a query or a condition that is
        none.
    MissingExtra
        The library that reads the format, or such an address, is not installed.
    """
    if options.query is not None:
        if table is not None:
            raise ArgumentError("table= and query= are both given: leave one of them out")
        relation = query_relation(
            options.query, given, lambda places: _relation(places, None, shown, workspace, options), workspace
        )
    else:
        relation = _relation(given, table, shown, workspace, options)
    paths = tuple(hide_passwords(place) for place in given if isinstance(place, str) and place != "-")
    relation = replace(relation, reading=replace(relation.reading, paths=paths))
    return restricted(relation, options.where, shown, workspace.connection)


def _relation(
    given: Sequence[Any], table: str | None, shown: str, workspace: Workspace, options: InputOptions
) -> Relation:
    """Return the relation of files that are one table."""
    found = find(given, table, workspace)
    if found.lake is not None:
        _check(options, frozenset(), found.lake.kind, shown)
        relation = read_lake(found.lake, workspace)
    else:
        relation = _of_files(found.files, shown, workspace, options)
    remarks = (*relation.reading.remarks, *found.remarks)
    return replace(relation, reading=replace(relation.reading, remarks=remarks))


def _of_files(files: Sequence[LocalFile], shown: str, workspace: Workspace, options: InputOptions) -> Relation:
    _refuse_results(files)
    found = common_format(files, shown)
    _check(options, found.options, found.name, shown)
    read = found.load()
    if found.name not in _READ_TREES and any(file.partitions for file in files):
        relation = read_by_partition(read, files, workspace, options)
    else:
        relation = read(files, workspace, options)
    remarks = dict.fromkeys(filter(None, (remark_on(file, found) for file in files)))
    return replace(relation, reading=replace(relation.reading, remarks=(*remarks, *relation.reading.remarks)))


def _refuse_results(files: Sequence[LocalFile]) -> None:
    """Raise ArgumentError where a file is a saved result, which has no rows to count."""
    for file in files:
        if file.suffix != ".json" and data_suffix(f"x{file.suffix}"):
            continue
        with open(file.path, "rb") as stream:
            kind = saved_format_of(stream.read(HEAD))
        if kind is not None:
            raise ArgumentError(
                f"{shorten(file.shown, 200)!r} is a saved result of colprofile, which has no rows to count: give the "
                "data. audit and drift take the path of a saved profile, and `colprofile report` shows it"
            )


def _check(options: InputOptions, useful: frozenset[str], name: str, shown: str) -> None:
    """Raise ArgumentError where an option is given that the format has no use for."""
    for option in options.given():
        if option not in useful | FOR_ALL:
            raise ArgumentError(f"{option}= is of no use for {shorten(shown)!r}, which is {name}: leave it out")
