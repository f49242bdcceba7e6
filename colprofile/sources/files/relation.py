"""What readers of formats are given, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import SourceColumn
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class LocalFile:
    """A file on this machine that a reader can open.

    Attributes
    ----------
    path
        Where it is; a file that was downloaded or unpacked is in the workspace.
    shown
        How the user named it, for messages.
    suffix
        The ending that tells its format, in lower case and without that of a compression: ".csv".
    partitions
        What a hive tree says of its rows, by column: ``year=2024/`` gives {"year": "2024"}.
    """

    path: str
    shown: str
    suffix: str
    partitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """The rows of an input, as DuckDB sees them.

    Attributes
    ----------
    sql
        What stands behind FROM.
    reading
        How it was read.
    names
        The columns' own names where those in SQL are others, else None.
    columns
        All columns of the input, in order; None for one that is as DuckDB describes the next column of the SQL. One
        without an expression is not in the SQL; in the others' expressions ``@`` stands for the column in the SQL.
    stored_bytes, expected_rows
        As a Source has them.
    """

    sql: str
    reading: InputReading
    names: Sequence[str] | None = None
    columns: Sequence[SourceColumn | None] | None = None
    stored_bytes: Callable[[], dict[str, int]] = dict
    expected_rows: Callable[[], int] = int


def name_error(error: UnicodeDecodeError, shown: str) -> SourceError:
    """Return what to raise where a column of a file, or a member of one, has a name that is not UTF-8."""
    name = bytes(error.object).decode("utf-8", "backslashreplace")
    return SourceError(
        f"{shorten(shown, 200)!r} has a column whose name is not UTF-8, {shorten(name)!r}: neither DuckDB nor Arrow "
        "reads it; write the file again with another name"
    )


def column_types(connection: duckdb.DuckDBPyConnection, sql: str, shown: str) -> dict[str, str]:
    """Return the names of a relation's columns, as SQL has them, with their types."""
    with readable_errors(shown):
        found = connection.sql(f"select * from {sql} limit 0")
        return dict(zip(found.columns, map(str, found.types), strict=True))


def named_sql(relation: Relation, connection: duckdb.DuckDBPyConnection) -> str:
    """Return what stands behind FROM to get a relation's columns by their own names."""
    if relation.names is None:
        return relation.sql
    columns = list(column_types(connection, relation.sql, relation.reading.format))
    if columns == list(relation.names) or len(columns) != len(relation.names):
        return relation.sql
    renamed = (
        f"{quote_identifier(own)} as {quote_identifier(name)}"
        for own, name in zip(columns, relation.names, strict=True)
    )
    return f"(select {', '.join(renamed)} from {relation.sql})"


class Reader(Protocol):
    """Reads files of one format, all of one table; raises SourceError, or MissingExtra without its library."""

    def __call__(self, files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
        """Return the relation of the files."""
        ...
