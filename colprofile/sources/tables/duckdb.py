"""The tables of a DuckDB database, of a connection or file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from colprofile.errors import SourceNotFound, did_you_mean, shorten
from colprofile.sources.connection_errors import clear_connection_errors
from colprofile.sources.database_files import open_duckdb_file
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.identifiers import quote_identifier, split_identifier
from colprofile.sources.tables.base import Declared, Queries
from colprofile.sources.tables.duckdb_declared import declared_of
from colprofile.sources.tables.names import Place, named_places
from colprofile.sources.tables.texts import text_writer
from colprofile.stopping import ends_by

_TEMPORARY = "temp"
"""DuckDB's database of temporary tables, which go before others of their name."""


class DuckDBQueries:
    """Queries over the tables of a DuckDB connection; ``places`` has the parts of tables' names, by name."""

    dialect = "duckdb"

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        description: str,
        places: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._connection = connection
        self._description = description
        self._places = places or {}
        self._write_text = text_writer("duckdb", "", "varchar")

    def table(self, name: str) -> str:
        """Return a table's name quoted, with its schema."""
        return ".".join(map(quote_identifier, self._places.get(name) or split_identifier(name)))

    def column(self, name: str) -> str:
        """Return a column's name quoted."""
        return quote_identifier(name)

    def text(self, expression: str) -> str:
        """Return SQL for the text of a value."""
        return self._write_text(expression)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query; SourceError where DuckDB refuses it."""
        with readable_errors(self._description):
            return self._connection.execute(sql).fetchall()

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        self._connection.interrupt()


class DuckDBTables:
    """The tables and views of a DuckDB connection.

    Parameters
    ----------
    connection
        Left open on leaving, unless ``close`` closes it.
    description
        The source as results name it.
    names
        The tables that are meant; by default all of ``schema``.
    schema
        By default the connection's own, and what is temporary; where that has none, all schemas of the database.
    given
        What verbs are given: the connection itself, or the path of its file.

    Raises
    ------
    SourceNotFound
        There is no such schema.
    """

    dialect = "duckdb"
    remarks: Sequence[str] = ()

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        description: str,
        names: Sequence[str] | None = None,
        *,
        schema: str | None = None,
        given: Any = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._given = connection if given is None else given
        self._close = close
        self.description = description
        try:
            with clear_connection_errors(description):
                self._places = _places(connection, schema, description)
        except BaseException:
            close()
            raise
        self.names: Sequence[str] = tuple(self._places if names is None else names)

    @classmethod
    def open(
        cls,
        source: duckdb.DuckDBPyConnection | str | os.PathLike[str],
        schema: str | None = None,
        memory_limit: int | None = None,
        threads: int | None = None,
    ) -> DuckDBTables:
        """Open the tables of a connection, or of a file, for reading only.

        ``memory_limit`` and ``threads`` are for a file, as for ``open_source``: all who open it in one process have to
        give the same.

        Raises
        ------
        SourceNotFound, SourceBusy, SourceError
            No such file or schema, it is locked by another process, or no DuckDB database.
        """
        if isinstance(source, duckdb.DuckDBPyConnection):
            ends_by(source.interrupt)
            return cls(source, "the DuckDB connection", schema=schema)
        path = os.fsdecode(source)
        connection = open_duckdb_file(path, memory_limit, threads)
        return cls(connection, path, schema=schema, given=path, close=connection.close)

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the connection or the path, and the table."""
        return self._given, name

    def declared(self) -> Declared:
        """Return what the database declares of the tables."""
        with readable_errors(self.description):
            return declared_of(self._connection, self._places)

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Open what queries are asked through: the connection itself, whose temporary tables no other sees."""
        parts = {name: place.parts for name, place in self._places.items()}
        yield DuckDBQueries(self._connection, self.description, parts)

    def __enter__(self) -> DuckDBTables:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()


def _places(connection: duckdb.DuckDBPyConnection, schema: str | None, description: str) -> dict[str, Place]:
    """Return the tables and views of a schema by name."""
    rows = connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables() where not internal "
        "union all select database_name, schema_name, view_name from duckdb_views() where not internal order by all"
    ).fetchall()
    everything = [Place(*row) for row in rows]
    database, own_schema = connection.execute("select current_database(), current_schema()").fetchall()[0]
    temporary = [place for place in everything if place.database == _TEMPORARY]
    hidden = {place.table.lower() for place in temporary}
    of_database = [place for place in everything if place.database == database]
    own = [place for place in of_database if place.schema == own_schema and place.table.lower() not in hidden]
    taken = {place.table for place in everything}
    if schema is None:
        others = [] if own or temporary else of_database
        return named_places([*own, *temporary], others, taken)
    if schema == own_schema:
        return named_places(own, [place for place in of_database if place.schema == schema and place not in own], taken)
    schemas = sorted({str(place.schema) for place in of_database})
    if schema not in schemas:
        raise SourceNotFound(
            f"no schema {shorten(schema)!r} with tables in {description}. {did_you_mean(schema, schemas)}"
        )
    return named_places([], [place for place in of_database if place.schema == schema], taken)
