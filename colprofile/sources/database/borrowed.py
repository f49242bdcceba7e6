"""Reading in a transaction of the user's: on their Connection, Session or sqlite3 connection, which goes on as it was.

Rows that they have not committed are there. Nothing is committed, rolled back or left open, and no setting stays.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.pool import StaticPool

from colprofile.errors import ArgumentError, SourceError
from colprofile.sources.database.engines import error_line
from colprofile.sources.database.transaction import ReadTransaction, reading_settings


class BorrowedTransaction(ReadTransaction):
    """A user's connection, for reading in the transaction that it is in; one that it was not in is ended on leaving.

    In PostgreSQL everything happens in a savepoint, which takes back our settings and keeps an error of ours from
    ending the user's transaction. A connection that commits every statement is in a transaction of ours meanwhile.
    """

    def __init__(self, connection: sa.Connection, timeout: float | None, interrupted: threading.Event) -> None:
        self._given = connection
        self._was_open = connection.in_transaction()
        super().__init__(connection.engine, timeout, interrupted)

    def _connected(self) -> sa.Connection:
        if self._given.closed:
            raise ArgumentError("the SQLAlchemy Connection is closed: give an open one, or its Engine")
        return self._given

    def _begin(self, snapshot: str | None) -> None:
        name = self.engine.dialect.name
        driver: Any = self.connection.connection.driver_connection
        if name == "postgresql":
            if getattr(driver, "autocommit", False):
                self.connection.exec_driver_sql("begin isolation level repeatable read read only")
                self._cleanup.callback(self._undo, "rollback")
            else:
                self._cleanup.callback(_quietly, self.connection.begin_nested().rollback)
                self.connection.execute(sa.select(sa.func.set_config("transaction_read_only", "on", True)))
            self.connection.execute(reading_settings(self._timeout))
        elif name == "sqlite":
            self._keep_any_text()
            was_read_only = self.connection.exec_driver_sql("pragma query_only").scalar()
            self.connection.exec_driver_sql("pragma query_only = 1")
            self._cleanup.callback(self._undo, f"pragma query_only = {was_read_only}")

    def _undo(self, statement: str) -> None:
        _quietly(lambda: self.connection.exec_driver_sql(statement))

    def _leave(self) -> None:
        if not self._was_open and self.connection.in_transaction():
            _quietly(self.connection.rollback)

    def exported_snapshot(self) -> str | None:
        """Return None: no other connection sees what this one has not committed."""
        return None


def _quietly(end: Callable[[], object]) -> None:
    """Do what ends our part. Everything has been read: what fails now, as on a lost connection, does not matter."""
    with contextlib.suppress(sa.exc.SQLAlchemyError, sqlite3.Error):
        end()


def connection_of(session: Any) -> sa.Connection | sa.Engine:
    """Return the connection that a Session is in a transaction on, else what it would connect to.

    Objects that are added and not flushed are no rows yet.

    Raises
    ------
    ArgumentError
        The session is bound to no database.
    """
    if isinstance(session, orm.scoped_session):
        session = session()
    try:
        bind: sa.Connection | sa.Engine = session.get_bind()
        return session.connection() if session.in_transaction() and isinstance(bind, sa.Engine) else bind
    except sa.exc.SQLAlchemyError as error:
        raise ArgumentError("the Session is bound to no database: give the Engine or the Connection") from error


def sqlite_connection(connection: sqlite3.Connection) -> sa.Connection:
    """Return a sqlite3 connection as SQLAlchemy has it, which neither commits nor rolls back nor closes it.

    Raises
    ------
    SourceError
        It is closed, or belongs to another thread.
    """
    lent: Any = _Lent(connection)
    try:
        with contextlib.closing(lent.cursor()) as cursor:
            path = cursor.execute("select file from pragma_database_list where name = 'main'").fetchone()[0]
        url = sa.URL.create("sqlite", database=path or None)
        return sa.create_engine(url, creator=lambda: lent, poolclass=StaticPool, pool_reset_on_return=None).connect()
    except (sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise SourceError(f"cannot read the sqlite3 connection: {error_line(error)}") from error


class _Lent:
    """A sqlite3 connection without what would change it; its rows are tuples."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        object.__setattr__(self, "_connection", connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._connection, name, value)

    def cursor(self, *arguments: Any) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._connection.cursor(*arguments)
        cursor.row_factory = None
        return cursor

    def commit(self) -> None:
        """Leave the user's transaction open."""

    def rollback(self) -> None:
        """Leave the user's transaction open."""

    def close(self) -> None:
        """Leave the connection open."""

    def create_function(self, *arguments: Any, **options: Any) -> None:
        """Leave the user's functions as they are."""
