"""Hive trees: columns whose values are in the names of folders, ``year=2024/month=1/``, for files of every format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

from colprofile.errors import shorten
from colprofile.progress import report
from colprofile.sources.base import SourceColumn
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.names import NULL_PARTITION, partitions_of
from colprofile.sources.files.relation import LocalFile, Reader, Relation, column_types, named_sql
from colprofile.sources.files.union import Described, joined_reading, union_remarks
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_INTEGER = re.compile(r"0|-?[1-9]\d{0,18}")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_TIME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[ T](\d\d):(\d\d):(\d\d)(?:\.\d{1,6})?")
MOST_UNITED = 50
"""Folders of a tree that one query reads each time; rows of more are kept in a table."""

_MOST_INTEGER = 1 << 63


def partition_types(files: Iterable[LocalFile]) -> dict[str, str]:
    """Return the type of every column that the folders of files give, in alphabetical order.

    Where all of its values are whole numbers without leading zeros it is BIGINT, where all are days DATE, where all are
    times TIMESTAMP, else VARCHAR, as DuckDB does it.
    """
    values: dict[str, set[str]] = {}
    for file in files:
        for name, value in file.partitions.items():
            values.setdefault(name, set()).add(value)
    return {name: _type_of(values[name] - {NULL_PARTITION}) for name in sorted(values)}


def _type_of(values: set[str]) -> str:
    if not values:
        return "VARCHAR"
    if all(map(_is_integer, values)):
        return "BIGINT"
    if all(map(_is_day, values)):
        return "DATE"
    return "TIMESTAMP" if all(map(_is_time, values)) else "VARCHAR"


def _is_integer(text: str) -> bool:
    return bool(_INTEGER.fullmatch(text)) and -_MOST_INTEGER <= int(text) < _MOST_INTEGER


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date(*map(int, text.split("-"))))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None or not _is_day(found[1]):
        return False
    hours, minutes, seconds = (int(part or 0) for part in (found[2], found[3], found[4]))
    return hours < 24 and minutes < 60 and seconds < 60


def partition_remarks(files: Sequence[LocalFile]) -> tuple[str, ...]:
    """Return a sentence where the folders of some files give columns that those of others do not."""
    names = {name for file in files for name in file.partitions}
    lacking = [file for file in files if len(file.partitions) < len(names)]
    if not lacking:
        return ()
    return (
        f"{len(lacking):,} of {len(files):,} files lie outside folders for {' and '.join(sorted(names))}: NULL there.",
    )


def as_tree(files: Sequence[LocalFile], workspace: Workspace) -> list[str]:
    """Return the paths of files, or of links to them, in a tree that DuckDB reads as a hive tree."""
    keys = files[0].partitions.keys()
    if all(file.partitions.keys() == keys and partitions_of(file.path) == file.partitions for file in files):
        return [file.path for file in files]
    root, names = workspace.new_path(), sorted({name for file in files for name in file.partitions})
    made: set[Path] = set()
    paths = []
    for number, file in enumerate(files):
        folder = root.joinpath(
            *(f"{name}={quote(file.partitions.get(name, NULL_PARTITION), safe='')}" for name in names)
        )
        if folder not in made:
            folder.mkdir(parents=True, exist_ok=True)
            made.add(folder)
        link = folder / f"{number}{file.suffix}"
        os.symlink(os.path.abspath(file.path), link)
        paths.append(str(link))
    return paths


def hive_arguments(types: Mapping[str, str]) -> str:
    """Return what DuckDB's readers need to give the columns of a hive tree with these types."""
    listed = ", ".join(f"{quote_literal(name)}: {kind}" for name, kind in types.items())
    return f", hive_partitioning=true, hive_types_autocast=false, hive_types={{{listed}}}"


def read_by_partition(
    read: Reader, files: Sequence[LocalFile], workspace: Workspace, options: InputOptions
) -> Relation:
    """Return the relation of files in a hive tree: each folder's files are read together, and get its values."""
    types = partition_types(files)
    groups: dict[tuple[tuple[str, str], ...], list[LocalFile]] = {}
    for file in files:
        groups.setdefault(tuple(sorted(file.partitions.items())), []).append(file)
    relations = [read(group, workspace, options) for group in groups.values()]
    connection, shown = workspace.connection, files[0].shown
    named = [named_sql(relation, connection) for relation in relations]
    columns = [column_types(connection, sql, shown) for sql in named]
    sql = " union all by name ".join(
        f"select {_selected(own, dict(values), types)} from {name}"
        for values, name, own in zip(groups, named, columns, strict=True)
    )
    sql = f"({sql})"
    parts = [Described(own, len(group), group[0].shown) for own, group in zip(columns, groups.values(), strict=True)]
    joint = column_types(connection, sql, shown)
    found = {name: kind for name, kind in joint.items() if name not in types}
    joined = joined_reading([relation.reading for relation in relations])
    remarks = (*joined.remarks, *union_remarks(parts, found), *partition_remarks(files))
    if len(groups) > MOST_UNITED:
        sql = _kept(sql, shown, workspace)
    return Relation(
        sql=sql,
        reading=replace(joined, remarks=remarks),
        columns=_joined_columns(relations, columns, list(joint)),
        expected_rows=lambda: sum(relation.expected_rows() for relation in relations),
    )


def _kept(sql: str, shown: str, workspace: Workspace) -> str:
    """Return a table on disk with the rows of a query that is slow to plan: it is asked for several times."""
    path = workspace.new_path(".duckdb")
    database = quote_identifier(f"colprofile_{path.stem}")
    report(f"reading {shorten(shown, 60)} and its like", 0, None)
    with readable_errors(shown):
        workspace.connection.execute(f"attach {quote_literal(str(path))} as {database}")
        workspace.connection.execute(f"create table {database}.main.rows as select * from {sql}")
    return f"{database}.main.rows"


def _joined_columns(
    relations: Sequence[Relation], names: Sequence[Iterable[str]], joint: Sequence[str]
) -> list[SourceColumn | None] | None:
    """Return what relations say of their columns themselves, for those of all together; None where they say nothing."""
    told: dict[str, SourceColumn] = {}
    skipped: dict[str, SourceColumn] = {}
    for relation, own in zip(relations, names, strict=True):
        columns = relation.columns or ()
        skipped |= {column.name: column for column in columns if column is not None and column.expression is None}
        counted = [column for column in columns if column is None or column.expression is not None]
        told |= {name: column for name, column in zip(own, counted, strict=False) if column is not None}
    if not told and not skipped:
        return None
    return [*map(told.get, joint), *(column for name, column in skipped.items() if name not in joint)]


def _selected(columns: Iterable[str], values: Mapping[str, str], types: Mapping[str, str]) -> str:
    """Return what to select: the columns of files, and the values of their folder, which go before."""
    folded = {name.lower() for name in types}
    own = [quote_identifier(name) for name in columns if name.lower() not in folded]
    constants = [
        f"{_constant(values.get(name, NULL_PARTITION))}::{kind} as {quote_identifier(name)}"
        for name, kind in types.items()
    ]
    return ", ".join([*own, *constants])


def _constant(value: str) -> str:
    return "null" if value == NULL_PARTITION else quote_literal(value)
