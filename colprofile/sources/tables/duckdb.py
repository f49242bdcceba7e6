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

_TABLES = """
select database_name, schema_name, table_name, false from duckdb_tables() where not internal
union all select database_name, schema_name, view_name, true from duckdb_views() where not internal order by all
"""
_TEMPORARY = "temp"
"""DuckDB's database of temporary tables, which go before others of their name."""


class DuckDBQueries:
    """Queries over the tables of a DuckDB connection; ``places`` has the parts of tables' names, by name."""

    dialect: str = "duckdb"

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

    dialect: str = "duckdb"
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
                catalog = _Catalog(connection)
                self._places = catalog.places(schema, description)
        except BaseException:
            close()
            raise
        self._sql_parts = {name: catalog.sql_parts(place) for name, place in self._places.items()}
        self.names: Sequence[str] = tuple(self._places if names is None else names)
        self.known: Sequence[str] = tuple(self._places)
        self.views = frozenset(name for name in self.names if self._places.get(name) in catalog.views)

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

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a table's own name, with its schema before it where that is not the connection's own."""
        return self._sql_parts.get(name) or tuple(split_identifier(name))

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the connection or the path, and the table."""
        return self._given, name

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[bool]:
        """Yield True: nobody else changes a file meanwhile, nor, as a rule, the tables of a connection."""
        yield True

    def declared(self) -> Declared:
        """Return what the database declares of the tables."""
        with readable_errors(self.description):
            return declared_of(self._connection, self._places)

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Open what queries are asked through: the connection itself, whose temporary tables no other sees."""
        yield DuckDBQueries(self._connection, self.description, self._sql_parts)

    def __enter__(self) -> DuckDBTables:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()


class _Catalog:
    """The tables and views of a connection's databases."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(_TABLES).fetchall()
        self._all = [Place(*parts) for *parts, _ in rows]
        self._hidden = {place.table.lower() for place in self._all if place.database == _TEMPORARY}
        self.views = {Place(*parts) for *parts, is_view in rows if is_view}
        self._database, self._own = connection.execute("select current_database(), current_schema()").fetchall()[0]
        self._databases = {
            name for (name,) in connection.execute("select database_name from duckdb_databases()").fetchall()
        }

    def places(self, schema: str | None, description: str) -> dict[str, Place]:
        """Return the tables and views of a schema by name."""
        temporary = [place for place in self._all if place.database == _TEMPORARY]
        here = [place for place in self._all if place.database == self._database]
        own = [place for place in here if place.schema == self._own and place.table.lower() not in self._hidden]
        taken = {place.table for place in self._all}
        if schema is None:
            return named_places([*own, *temporary], [] if own or temporary else here, taken)
        schemas = sorted({str(place.schema) for place in here})
        if schema not in schemas:
            known = did_you_mean(schema, schemas)
            raise SourceNotFound(f"no schema {shorten(schema)!r} with tables in {description}. {known}")
        meant = [place for place in here if place.schema == schema]
        if schema != self._own:
            return named_places([], meant, taken)
        unqualified = set(own)
        return named_places(own, [place for place in meant if place not in unqualified], taken)

    def sql_parts(self, place: Place) -> tuple[str, ...]:
        """Return the shortest qualification of a table that nothing else has."""
        is_hidden = place.table.lower() in self._hidden
        if place.database == _TEMPORARY or (place.schema == self._own and not is_hidden):
            return (place.table,)
        return place.parts if place.schema in self._databases else place.parts[1:]
