"""The tables of a DuckDB database, of a connection or file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from colprofile.sources.duckdb import readable_errors
from colprofile.sources.identifiers import quote_identifier, split_identifier
from colprofile.sources.tables.base import Declared, Queries


class DuckDBQueries:
    """Queries over the tables of a DuckDB connection."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, description: str) -> None:
        self._connection = connection
        self._description = description

    def table(self, name: str) -> str:
        """Return a table's name quoted, with its schema."""
        return ".".join(map(quote_identifier, split_identifier(name)))

    def column(self, name: str) -> str:
        """Return a column's name quoted."""
        return quote_identifier(name)

    def text(self, expression: str) -> str:
        """Return SQL for the text of a value."""
        return f"cast({expression} as varchar)"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query; SourceError where DuckDB refuses it."""
        with readable_errors(self._description):
            return self._connection.execute(sql).fetchall()

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        self._connection.interrupt()


class DuckDBTables:
    """The tables of a DuckDB connection, which stays open."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, description: str, names: Sequence[str]) -> None:
        self._connection = connection
        self.description = description
        self.names = tuple(names)

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the connection and the table."""
        return self._connection, name

    def declared(self) -> Declared:
        """Return what the database declares."""
        return Declared()

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Open what queries are asked through: the connection itself."""
        yield DuckDBQueries(self._connection, self.description)

    def __enter__(self) -> DuckDBTables:
        return self

    def __exit__(self, *exception: object) -> None:
        pass
