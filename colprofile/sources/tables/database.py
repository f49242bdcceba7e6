"""The tables of a database that SQLAlchemy reaches: of a URL, an Engine, a Connection, a Session, an SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from colprofile.sources.database.borrowed import BorrowedTransaction, connection_of, sqlite_connection
from colprofile.sources.database.engine_sql import TEXT
from colprofile.sources.database.engines import engine_for, own_copy
from colprofile.sources.database.remote_engines import left_alone
from colprofile.sources.database.transaction import ReadTransaction
from colprofile.sources.frames.libraries import is_instance
from colprofile.sources.tables.base import Declared, Queries
from colprofile.sources.tables.catalog import list_tables
from colprofile.sources.tables.declared import declared_of
from colprofile.sources.tables.names import Place
from colprofile.sources.tables.texts import text_writer

_WITH_SNAPSHOTS = frozenset(["postgresql", "mysql", "mariadb"])
"""The databases whose transactions see one state of the data."""


class DatabaseQueries:
    """Queries over the tables of a database, all in one read-only transaction."""

    def __init__(self, transaction: ReadTransaction, places: Mapping[str, Place]) -> None:
        dialect = transaction.engine.dialect
        self.dialect = dialect_name(dialect)
        self._transaction = transaction
        self._places = places
        self._quote = dialect.identifier_preparer.quote_identifier
        self._doubles_percents = self._quote("%").count("%") > 1
        self._write_text = text_writer(self.dialect, _exact_collation(dialect), str(TEXT.compile(dialect)))

    def table(self, name: str) -> str:
        """Return a table's name quoted, with its schema where that is not the connection's own."""
        return ".".join(map(self.column, self._places[name].parts))

    def column(self, name: str) -> str:
        """Return a column's name quoted."""
        quoted = str(self._quote(name))
        return quoted.replace("%%", "%") if self._doubles_percents else quoted

    def text(self, expression: str) -> str:
        """Return SQL for the text of a value."""
        return self._write_text(expression)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query; SourceError where the database refuses it or it takes too long."""
        return self._transaction.rows_of_text(sql)

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread; there is none afterwards."""
        self._transaction.interrupted.set()
        self._transaction.cancel()


def dialect_name(dialect: sa.Dialect) -> str:
    """Return SQLAlchemy's name of a database; "mariadb" for a MariaDB that is reached as MySQL."""
    return "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name


def _exact_collation(dialect: sa.Dialect) -> str:
    """Return a collation of MySQL or MariaDB by which only equal characters are equal, blanks at the end too."""
    if getattr(dialect, "is_mariadb", False):
        return "utf8mb4_nopad_bin"
    return "utf8mb4_0900_bin" if (dialect.server_version_info or ()) >= (8, 0, 17) else "utf8mb4_bin"


_WITH_HASHES = 8
"""MariaDB's join_cache_level with all its ways to join; by default it has no hash joins."""


_NO_LIMIT = 0
"""No end of MariaDB's transactions that are idle, as ours is while values are counted here."""

_SETTINGS = {
    "join_cache_level": _WITH_HASHES,
    "idle_transaction_timeout": _NO_LIMIT,
    "idle_readonly_transaction_timeout": _NO_LIMIT,
}


@contextlib.contextmanager
def _patient_with_hashes(transaction: ReadTransaction) -> Iterator[None]:
    """Let MariaDB join without an index by hashes, and wait for us; the session's settings are put back."""
    if dialect_name(transaction.engine.dialect) != "mariadb":
        yield
        return
    with transaction.readable():
        asked = ", ".join(f"@@session.{name}" for name in _SETTINGS)
        before = transaction.connection.exec_driver_sql(f"select {asked}").one()
        transaction.connection.exec_driver_sql(_setting(_SETTINGS))
    try:
        yield
    finally:
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # a lost connection has no settings
            transaction.connection.exec_driver_sql(_setting(dict(zip(_SETTINGS, before, strict=True))))


def _setting(values: Mapping[str, int]) -> str:
    return "set " + ", ".join(f"session {name} = {int(value)}" for name, value in values.items())


class DatabaseTables:
    """The tables and views of one schema of a database.

    Parameters
    ----------
    source
        A URL, a path of an SQLite file, an Engine, a Connection, a Session or a sqlite3 connection. A connection is
        read in the transaction that it is in, in the thread that gave it.
    schema
        By default the connection's own. Its tables have unqualified names, those of another ``schema.table``.
    statement_timeout
        Seconds that one statement may take.

    Attributes
    ----------
    remarks
        What was left out, as sentences.

    Raises
    ------
    SourceNotFound
        No such file or schema, or no tables in it.
    SourceError
        No server, database or right; the connection has no schema of its own.
    ArgumentError, MissingExtra
        Not a URL; the driver is not installed.
    """

    def __init__(self, source: Any, schema: str | None = None, statement_timeout: float | None = None) -> None:
        self._timeout = statement_timeout
        self._cleanup = contextlib.ExitStack()
        try:
            self._given, self._reached = self._opened(source)
            with self._transaction() as transaction, transaction.readable():
                self.description = transaction.description
                has_temporary = isinstance(self._reached, sa.Connection)
                self._listing = transaction.waited_for(
                    lambda: list_tables(
                        transaction.connection, schema, transaction.description, has_temporary=has_temporary
                    )
                )
                self.dialect = dialect_name(transaction.engine.dialect)
        except BaseException:
            self._cleanup.close()
            raise
        self.names: Sequence[str] = tuple(self._listing.places)
        self.known: Sequence[str] = self.names
        self.views = self._listing.views
        self.remarks: Sequence[str] = self._listing.remarks

    @classmethod
    def open(cls, source: Any, schema: str | None = None, statement_timeout: float | None = None) -> DatabaseTables:
        """Open the tables of a database for reading only, as the class describes it."""
        return cls(source, schema, statement_timeout)

    def _opened(self, source: Any) -> tuple[Any, sa.Engine | sa.Connection]:
        """Return what verbs are given, and what is read here."""
        if is_instance(source, "sqlalchemy.orm", "Session", "scoped_session"):
            source = connection_of(source)
        if isinstance(source, sqlite3.Connection):
            lent = sqlite_connection(source)
            self._cleanup.callback(lent.close)
            return source, lent
        if isinstance(source, sa.Connection):
            return source, source
        if isinstance(source, sa.Engine):
            copy = own_copy(source)
            if copy is None:
                return source, source
            self._cleanup.callback(copy.dispose)
            return source, copy
        if isinstance(source, str | os.PathLike) and "://" not in os.fsdecode(source):
            source = sa.URL.create("sqlite", database=os.fsdecode(source))
        family = source.get_backend_name() if isinstance(source, sa.URL) else source.partition("://")[0]
        engine = left_alone(family, lambda: engine_for(source))
        self._cleanup.callback(engine.dispose)
        return engine, engine

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[ReadTransaction]:
        """Open a transaction that only reads."""
        interrupted = threading.Event()
        if isinstance(self._reached, sa.Connection):
            transaction: ReadTransaction = BorrowedTransaction(self._reached, self._timeout, interrupted)
        else:
            transaction = ReadTransaction(self._reached, self._timeout, interrupted)
        with contextlib.closing(transaction):
            yield transaction

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a table's own name, with its schema before it where that is not the connection's own."""
        return self._listing.places[name].parts

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the Engine or connection that all tables are read through, and the table."""
        return self._given, name

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[bool]:
        """Read everything in one transaction of PostgreSQL, MySQL or MariaDB until the block is left.

        Of an SQLite database, of other databases, and in a transaction that is the user's, each table is read at its
        own time.
        """
        if isinstance(self._reached, sa.Connection) or self._reached.dialect.name not in _WITH_SNAPSHOTS:
            yield False
            return
        given, reached = self._given, self._reached
        with self._transaction() as transaction, _patient_with_hashes(transaction):
            self._given = self._reached = transaction.connection
            try:
                yield True
            finally:
                self._given, self._reached = given, reached

    def declared(self) -> Declared:
        """Return the keys, foreign keys and indexes that the database declares."""
        with self._transaction() as transaction, transaction.readable():
            return transaction.waited_for(lambda: declared_of(transaction.connection, self._listing))

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Open a read-only transaction, in which all queries see the same rows."""
        with self._transaction() as transaction, _patient_with_hashes(transaction):
            yield DatabaseQueries(transaction, self._listing.places)

    def __enter__(self) -> DatabaseTables:
        return self

    def __exit__(self, *exception: object) -> None:
        self._cleanup.close()
