"""The tables of a folder of files, and SQL over them in a private DuckDB."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from colprofile.errors import SourceError, SourceNotFound, shorten
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.open import files_relation
from colprofile.sources.files.relation import Relation, column_types
from colprofile.sources.files.tables_in_folder import FolderListing, tables_in_folder
from colprofile.sources.files.useful_options import useful_inputs
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputKeywords, InputOptions
from colprofile.sources.tables.base import Declared, Queries
from colprofile.sources.tables.duckdb import DuckDBQueries
from colprofile.sources.workspace import Workspace

_READ_IN_PLACE = frozenset(["Parquet"])
"""Formats of which each query reads just what it needs; the rows of others are kept on disk when first asked for."""

_KEPT = "colprofile_kept"
"""The database on disk that has them."""


class FolderQueries(DuckDBQueries):
    """Queries over the tables of a folder: each is a view by its name, made when it is first asked for."""

    def __init__(self, workspace: Workspace, paths: Mapping[str, str], shown: str, inputs: InputKeywords) -> None:
        super().__init__(workspace.connection, shown)
        self._workspace = workspace
        self._paths = paths
        self._inputs = inputs
        self._made: set[str] = set()
        self._kept = 0

    def table(self, name: str) -> str:
        """Return a table's name quoted; SourceError where its files cannot be read."""
        quoted = quote_identifier(name)
        if name not in self._made:
            path = self._paths[name]
            try:
                rows = self._rows(path)
            except SourceError as error:
                raise type(error)(self._workspace.in_users_words(str(error))) from error
            with readable_errors(path):
                self._connection.execute(f"create view {quoted} as {rows}")
            self._made.add(name)
        return quoted

    def _rows(self, path: str) -> str:
        """Return the query of a table's rows as an audit has them."""
        options = InputOptions.of(useful_inputs(path, self._inputs))
        relation = files_relation([path], None, path, self._workspace, options)
        selected = f"select {', '.join(_selected(relation, self._connection, path))} from {relation.sql}"
        if relation.reading.format in _READ_IN_PLACE:
            return selected
        with readable_errors(path):
            if not self._kept:
                file = self._workspace.new_path(".duckdb")
                self._connection.execute(f"attach {quote_literal(str(file))} as {_KEPT}")
            self._kept += 1
            self._connection.execute(f"create table {_KEPT}.main.t{self._kept} as {selected}")
        return f"select * from {_KEPT}.main.t{self._kept}"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query; SourceError where DuckDB refuses it."""
        try:
            return super().rows(sql)
        except SourceError as error:
            raise type(error)(self._workspace.in_users_words(str(error))) from error


def _selected(relation: Relation, connection: duckdb.DuckDBPyConnection, shown: str) -> Iterator[str]:
    """Yield the columns of a relation that can be read, as an audit has them."""
    sql_names = list(column_types(connection, relation.sql, shown))
    names = sql_names if relation.names is None or len(relation.names) != len(sql_names) else relation.names
    rest = iter(zip(map(quote_identifier, sql_names), names, strict=True))
    for column in relation.columns or [None] * len(sql_names):
        if column is not None and column.expression is None:
            continue  # it is not in the SQL
        quoted, name = next(rest)
        if column is None or column.is_ranked or column.expression is None:
            yield f"{quoted} as {quote_identifier(name)}"
        else:
            yield f"{column.expression.replace('@', quoted)} as {quote_identifier(column.name)}"


class FolderTables:
    """The tables of a folder: each file, hive tree, Delta or Iceberg folder is one, by its name without ending.

    Parameters
    ----------
    path, listing
        The folder, and what ``tables_in_folder`` found in it.
    inputs
        How files are read, for queries.
    memory_limit, threads
        For the private DuckDB of queries.

    Attributes
    ----------
    remarks
        What was left out, as sentences.
    """

    dialect = "duckdb"
    views: frozenset[str] = frozenset()

    def __init__(
        self, path: str, listing: FolderListing, inputs: InputKeywords, memory_limit: int | None, threads: int | None
    ) -> None:
        self._paths = listing.paths
        InputOptions.of(inputs)  # what is not allowed is said now
        self._inputs = inputs
        self._limits = (memory_limit, threads)
        self.description = path
        self.names: Sequence[str] = tuple(listing.paths)
        self.known: Sequence[str] = self.names
        self.remarks: Sequence[str] = listing.remarks

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        inputs: InputKeywords | None = None,
        memory_limit: int | None = None,
        threads: int | None = None,
    ) -> FolderTables:
        """Find the tables of a folder that holds several.

        Raises
        ------
        SourceNotFound
            It is one table, or none: see ``tables_in_folder``.
        SourceError
            It cannot be read.
        ArgumentError
            An option in ``inputs`` is not allowed.
        """
        folder = os.fsdecode(path)
        listing = tables_in_folder(folder)
        if listing is None:
            raise SourceNotFound(f"{shorten(folder, 200)!r} does not hold several tables")
        return cls(folder, listing, inputs or {}, memory_limit, threads)

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a table's name, which is one part."""
        return (name,)

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the path of a table's file or folder."""
        return self._paths[name], None

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[bool]:
        """Yield True: nobody changes the files meanwhile, as a rule."""
        yield True

    def declared(self) -> Declared:
        """Return nothing: files declare no keys."""
        return Declared()

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Open a private DuckDB, in which each table is a view."""
        workspace = Workspace(*self._limits)
        with contextlib.closing(workspace):
            yield FolderQueries(workspace, self._paths, self.description, self._inputs)

    def __enter__(self) -> FolderTables:
        return self

    def __exit__(self, *exception: object) -> None:
        pass
