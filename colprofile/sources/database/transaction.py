"""ReadTransaction: one connection in one read-only transaction, on one snapshot where the database has them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import sqlalchemy as sa

from colprofile import stopping
from colprofile.errors import SourceError
from colprofile.sources.database.engines import connected, described, readable_errors, secrets_of, spare_connections
from colprofile.sources.database.remote_engines import left_alone
from colprofile.sources.database.type_names import BY_NAME

T = TypeVar("T")

_SETTINGS = {"TimeZone": "UTC", "DateStyle": "ISO", "IntervalStyle": "postgres", "bytea_output": "hex"}
"""The text of PostgreSQL's values must not depend on the server's or the user's settings."""

_SPEED = {"jit": "off"}
"""Each of some hundred statements would be compiled anew, which can take longer than running it."""

_PATIENCE = {"idle_in_transaction_session_timeout": "0"}
"""The transaction is idle while values are counted here, however long that takes."""

_LOCK_WAIT = "100ms"
"""How long a connection that joins may wait for its lock.

A session that waits for an exclusive lock waits for the first connection, and the joining connection would wait for
that session: a deadlock that the server cannot see.
"""


def reading_settings(timeout: float | None, more: Mapping[str, str] = MappingProxyType({})) -> sa.Select[Any]:
    """Return the statement that changes PostgreSQL's settings until the transaction, or savepoint, ends."""
    settings = _SETTINGS | _SPEED | _PATIENCE | dict(more)
    if timeout is not None:
        settings["statement_timeout"] = str(max(1, round(timeout * 1000)))
    return sa.select(*(sa.func.set_config(key, value, True) for key, value in settings.items()))


class ReadTransaction:
    """A connection that only reads, until ``close``.

    Parameters
    ----------
    timeout
        Seconds that one statement may take; None for as long as the server lets it.
    interrupted
        Set when the user interrupted: what runs then ends in KeyboardInterrupt.
    snapshot
        The name of another transaction's snapshot, which this one is to read too: PostgreSQL only.

    Raises
    ------
    SourceError
        No connection, or the snapshot is not to be had.
    """

    def __init__(
        self, engine: sa.Engine, timeout: float | None, interrupted: threading.Event, *, snapshot: str | None = None
    ) -> None:
        self.engine = engine
        self.description = described(engine.url)
        self._secrets = secrets_of(engine.url)
        self._timeout = timeout
        self.interrupted = interrupted
        self._timed_out = False
        self._cursor: Any = None
        self._exported: str | None = None
        self._name_resolution: tuple[Any, ...] | None = None
        self._cleanup = contextlib.ExitStack()
        self.connection = self._connected()
        self._cleanup.callback(self._leave)
        try:
            with self.readable():
                self._begin(snapshot)
        except BaseException:
            self.close()
            raise

    def _connected(self) -> sa.Connection:
        def connect() -> sa.Connection:
            return connected(self.engine, self.description, self._secrets)

        connection = left_alone(self.engine.dialect.name, connect)
        if self.engine.dialect.name in BY_NAME:
            sa.event.listen(connection, "before_cursor_execute", self._remember)
        return connection

    def _remember(self, _: Any, cursor: Any, *__: Any) -> None:
        """Keep the cursor of the statement that begins: of these drivers it is what can cancel it."""
        self._cursor = cursor

    def waited_for(self, work: Callable[[], T]) -> T:
        """Return what some work with the connection gives; where no driver can end it, the wait can be ended.

        Raises
        ------
        TimeoutError
            The statement timeout has passed.
        """
        if self.engine.dialect.name not in BY_NAME:
            return work()
        with self.clock():
            return left_alone(self.engine.dialect.name, work, self._look)

    def _look(self) -> None:
        stopping.check()
        self.check()
        if self._timed_out:
            raise TimeoutError

    def close_quietly(self, close: Callable[[], object]) -> None:
        """Close something of the connection's, whose failure does not matter any more; the wait ends with the run."""
        try:
            self.waited_for(close)
        except KeyboardInterrupt:
            if not self.interrupted.is_set():  # the user's first
                raise
        except (Exception, stopping.Cancelled):
            pass

    def close(self) -> None:
        """End the transaction and give the connection back."""
        self._cleanup.close()

    def _leave(self) -> None:
        # Everything has been read: what fails now does not matter.
        if self.engine.dialect.name in BY_NAME:
            self.close_quietly(self.connection.close)
            return
        with contextlib.suppress(Exception):
            self.connection.rollback()
        if self.engine.dialect.name == "sqlite":
            with contextlib.suppress(Exception):
                self.connection.exec_driver_sql("pragma query_only = 0")
                self.connection.rollback()
        with contextlib.suppress(Exception):
            self.connection.close()

    def _begin(self, snapshot: str | None) -> None:
        name = self.engine.dialect.name
        if name == "postgresql":
            self.connection = self.connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            if snapshot is not None:
                quoted = snapshot.replace("'", "''")
                self.connection.exec_driver_sql(f"set transaction snapshot '{quoted}'")
            more = {} if snapshot is None else {"lock_timeout": _LOCK_WAIT}
            self.connection.execute(reading_settings(self._timeout, more))
        elif name in ("mysql", "mariadb"):
            # A statement before the transaction may have begun one: it ends here.
            self.connection.rollback()
            self.connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
            self.connection.exec_driver_sql("start transaction with consistent snapshot")
        elif name == "oracle":
            self.connection.exec_driver_sql("set transaction read only")
        elif name == "sqlite":
            self._keep_any_text()
            self.connection.exec_driver_sql("pragma query_only = 1")
            self.connection.exec_driver_sql("begin")

    def _keep_any_text(self) -> None:
        """Let SQLite return text that is no UTF-8, until the transaction is closed."""
        driver: Any = self.connection.connection.driver_connection
        self._cleanup.callback(setattr, driver, "text_factory", driver.text_factory)
        driver.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")

    def readable(self) -> contextlib.AbstractContextManager[None]:
        """Return what turns a database's errors into one line."""
        return readable_errors(
            self.description,
            self._secrets,
            is_interrupted=self.interrupted.is_set,
            has_timed_out=lambda: self._timed_out,
        )

    @contextlib.contextmanager
    def clock(self) -> Iterator[None]:
        """Cancel what runs inside when the statement timeout has passed."""
        self._timed_out = False  # a statement before may have been cancelled
        if self._timeout is None:
            yield
            return

        def cancel() -> None:
            self._timed_out = True
            self.cancel()

        timer = threading.Timer(self._timeout, cancel)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def check(self) -> None:
        """Raise KeyboardInterrupt where the user interrupted."""
        if self.interrupted.is_set():
            raise KeyboardInterrupt

    def rows_of(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement.

        Raises
        ------
        SourceError
            In one line: lost connection, no permission, statement timeout.
        KeyboardInterrupt
            The user interrupted.
        """
        with self.readable(), self.clock():
            self.check()
            return self.waited_for(lambda: [tuple(row) for row in self.connection.execute(statement).fetchall()])

    def rows_of_text(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query that is a text, as it is; raises what ``rows_of`` does.

        In PostgreSQL a query that fails does not end the transaction.
        """
        is_fragile = self.engine.dialect.name == "postgresql"
        with self.readable(), self.clock():
            self.check()
            with self.connection.begin_nested() if is_fragile else contextlib.nullcontext():
                return self.waited_for(lambda: [tuple(row) for row in self._execute_text(sql).fetchall()])

    def _execute_text(self, sql: str) -> sa.CursorResult[Any]:
        # Without parameters percent signs are themselves.
        return self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def cancel(self) -> None:
        """Ask the database to cancel the running statement; if that fails, the statement itself reports it."""
        with contextlib.suppress(Exception):
            if self.engine.dialect.name in BY_NAME:
                self._cursor.cancel()
                return
            driver: Any = self.connection.connection.driver_connection
            if self.engine.dialect.name in ("mysql", "mariadb"):
                with self._another_engine().connect() as other:
                    other.exec_driver_sql(f"kill query {int(driver.thread_id())}")
                return
            cancel: Callable[[], object] = (
                getattr(driver, "cancel_safe", None) or getattr(driver, "interrupt", None) or driver.cancel
            )
            cancel()

    def _another_engine(self) -> sa.Engine:
        """Return what gives one more connection at once: a full pool would let us wait for ourselves."""
        if spare_connections(self.engine, 1):
            return self.engine
        return sa.create_engine(self.engine.url, poolclass=sa.pool.NullPool)

    def exported_snapshot(self) -> str | None:
        """Return the name by which other connections can read this transaction's snapshot; None where they cannot.

        To be asked before anything else is read: where the server refuses, the transaction begins anew.
        """
        if self.engine.dialect.name != "postgresql" or self._exported is not None:
            return self._exported
        try:
            has_temporary = sa.func.pg_my_temp_schema() != sa.literal_column("0")
            snapshot, is_private = self.connection.execute(sa.select(sa.func.pg_export_snapshot(), has_temporary)).one()
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            self.connection.rollback()
            self._begin(None)
            return None
        # What this session has for itself others would not see, or they would see something else of that name.
        self._exported = None if is_private else str(snapshot)
        return self._exported

    def joined(self, snapshot: str, clause: sa.FromClause) -> ReadTransaction:
        """Return another connection on the same snapshot that holds its lock on the relation already.

        Raises
        ------
        SourceError
            There is no further connection, it sees other tables or has another role, or another session waits for a
            lock on the relation.
        """
        other = ReadTransaction(self.engine, self._timeout, self.interrupted, snapshot=snapshot)
        try:
            if other.name_resolution() != self.name_resolution():
                raise SourceError(f"another connection to {self.description} has other settings")
            other.rows_of(sa.select(sa.literal_column("1").label("one")).select_from(clause).limit(0))
        except BaseException:
            other.close()
            raise
        return other

    def name_resolution(self) -> tuple[Any, ...]:
        """Return what decides which tables and rows a name stands for, of PostgreSQL."""
        if self._name_resolution is None:
            settings = [sa.func.current_setting(name) for name in ("search_path", "role", "row_security")]
            who = [sa.func.current_database(), sa.literal_column("session_user::text")]
            self._name_resolution = self.rows_of(
                sa.select(*(e.label(f"s{i}") for i, e in enumerate([*who, *settings])))
            )[0]
        return self._name_resolution
