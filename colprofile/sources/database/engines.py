"""Database URLs and Engines, opened for reading only; errors are reported in one line without passwords."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from colprofile.errors import ArgumentError, ColprofileError, MissingExtra, SourceError, file_not_found, shorten
from colprofile.sources.database.remote_engines import (
    EXTRAS,
    arguments_of,
    check_reachable,
    fault_of_network,
    keep_quiet,
)
from colprofile.sources.urls import HIDDEN, SECRETS, hide_passwords

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "clickhouse": "clickhousedb+connect",
}
"""The drivers that our extras install, for URLs that name none."""

_EXTRAS = {
    "postgresql": ("reading PostgreSQL", "postgres"),
    **dict.fromkeys(("mysql", "mariadb"), ("reading MySQL and MariaDB", "mysql")),
    **EXTRAS,
}


def described(url: sa.URL) -> str:
    """Return a URL as it may be shown: no password, neither before the host nor among the options."""
    shown = {name: HIDDEN if SECRETS.search(name) else value for name, value in url.query.items()}
    if url.database is not None:  # a file's name may be of bytes that are not UTF-8
        known = url.database.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        url = url.set(database=known)
    return url.set(query=shown).render_as_string(hide_password=True)


def secrets_of(url: sa.URL) -> tuple[str, ...]:
    """Return the texts that no message may hold."""
    options = [value for name, value in url.query.items() if SECRETS.search(name)]
    flat = [item for value in options for item in ([value] if isinstance(value, str) else value)]
    return tuple(str(secret) for secret in (url.password, *flat) if secret)


def engine_for(given: str | sa.URL) -> sa.Engine:
    """Return an Engine of our own for a URL, its connections never kept.

    Raises
    ------
    ArgumentError
        Not a URL.
    MissingExtra
        The driver is not installed and one of our extras would bring it.
    SourceError
        No dialect of that name, or a driver that no extra brings.
    SourceNotFound
        An SQLite file that does not exist: SQLite would make an empty one.
    """
    try:
        url = sa.make_url(given)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ArgumentError(
            f"{shorten(hide_passwords(str(given)))!r} is not a database URL: "
            "give one like postgresql://user@host/database, mysql://… or sqlite:///file.db"
        ) from error
    if url.drivername in _DRIVERS:
        url = url.set(drivername=_DRIVERS[url.drivername])
    family = url.get_backend_name()
    try:
        if family == "sqlite":
            return _sqlite_engine(url)
        if family in EXTRAS:
            keep_quiet()
        engine = sa.create_engine(url, poolclass=NullPool, connect_args=arguments_of(family))
        check_reachable(url)
        return engine
    except sa.exc.NoSuchModuleError as error:
        if family in EXTRAS:
            raise MissingExtra(*EXTRAS[family]) from error
        raise SourceError(
            f"there is no SQLAlchemy dialect {url.drivername!r}: allowed are postgresql, mysql, mariadb, sqlite, "
            f"{', '.join(EXTRAS)}, and others whose package is installed"
        ) from error
    except ModuleNotFoundError as error:
        if family in EXTRAS or (family in _EXTRAS and error.name in {"psycopg", "pymysql"}):
            raise MissingExtra(*_EXTRAS[family]) from error
        ours = f", or write {family}:// for the driver of colprofile[{_EXTRAS[family][1]}]" if family in _EXTRAS else ""
        raise SourceError(
            f"{described(url)} needs the package {error.name!r}, which is not installed: install it{ours}"
        ) from error
    except (sa.exc.ArgumentError, TypeError) as error:
        raise ArgumentError(f"cannot use the URL {described(url)}: {error_line(error, secrets_of(url))}") from error
    except Exception as error:  # of a driver's own kind, such as Google's where there are no credentials
        if family not in EXTRAS:
            raise
        raise SourceError(f"cannot connect to {described(url)}: {error_line(error, secrets_of(url))}") from error


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    """Return an Engine whose connections open the file with mode=ro, and may be used from any one thread."""
    path = url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return sa.create_engine(url, poolclass=NullPool, connect_args={"check_same_thread": False})
    if not os.path.isfile(path):
        raise file_not_found(path)
    address = f"file:{quote(os.fsencode(os.path.abspath(path)))}?mode=ro"
    return sa.create_engine(
        url,
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=NullPool,
    )


def own_copy(engine: sa.Engine) -> sa.Engine | None:
    """Return an Engine on a copy of an SQLite database in memory, whose connection is bound to the calling thread.

    Counting runs in another thread. None where the Engine's connections may go there themselves.
    """
    if engine.dialect.name != "sqlite" or engine.url.database not in (None, "", ":memory:"):
        return None
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with contextlib.closing(engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        driver.backup(copy)
    return sa.create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool)


def spare_connections(engine: sa.Engine, wanted: int) -> int:
    """Return how many more connections an Engine can give at once without going beyond what its pool keeps.

    The overflow is left to the user, and what hands the same connection to everybody has none to spare.
    """
    pool = engine.pool
    if isinstance(pool, NullPool):
        return wanted
    if isinstance(pool, QueuePool):
        return wanted if pool.size() == 0 else min(wanted, max(0, pool.size() - pool.checkedout()))
    return 0


_HIVE_MESSAGE = re.compile(r"""errorMessage=(['"])(.*?)(?:\\n|\1[,)])""")
"""What Hive's driver was told, amid all else that it got."""


def error_line(error: BaseException, secrets: tuple[str, ...] = ()) -> str:
    """Return the part of a driver's error message that says what is wrong, without passwords."""
    origin = getattr(error, "orig", None) or error
    arguments: tuple[Any, ...] = getattr(origin, "args", ())
    # PyMySQL and mysqlclient: (number, message).
    is_numbered = len(arguments) == 2 and isinstance(arguments[0], int)
    text = str(arguments[1]) if is_numbered else str(origin)
    if found := _HIVE_MESSAGE.search(text):
        text = found[2]
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [type(origin).__name__]
    line = next((line for line in lines if "failed:" in line or "FATAL" in line), lines[0])
    if isinstance(origin, OSError) or "Max retries exceeded" in text:  # the libraries between say where, not why
        line = fault_of_network(origin) or line
    for secret in secrets:
        line = line.replace(secret, HIDDEN)
    return shorten(hide_passwords(line), 300)


_TIMEOUTS = {"57014", 1969, 3024}
_ABORTED = "25P02"
_INTERRUPTIONS = {"57014", 1317}


def error_code(error: BaseException) -> object:
    """Return the SQLSTATE or number that the server gave."""
    origin = getattr(error, "orig", None) or error
    state = getattr(origin, "sqlstate", None)
    arguments = getattr(origin, "args", ())
    return state if state is not None else arguments[0] if arguments and isinstance(arguments[0], int) else None


@contextlib.contextmanager
def readable_errors(
    description: str,
    secrets: tuple[str, ...] = (),
    *,
    is_interrupted: Callable[[], bool] = lambda: False,
    has_timed_out: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Turn a database's errors while reading into one SourceError line, what we interrupted into KeyboardInterrupt.

    ``secrets`` must not be shown. A statement ``has_timed_out`` where our own clock cancelled it.
    """
    try:
        yield
    except ColprofileError:
        raise
    except Exception as error:
        if not (isinstance(error, _READ_ERRORS) or _is_foreign(error)):
            raise
        if is_interrupted():
            raise KeyboardInterrupt from error
        if has_timed_out() or error_code(error) in _TIMEOUTS:
            raise SourceError(
                f"a statement on {description} took longer than the statement timeout: "
                "raise it, choose fewer columns, or leave the pairs out"
            ) from error
        if error_code(error) == _ABORTED:
            raise SourceError(
                f"the transaction of {description} was aborted by an earlier error: end it with rollback(), then try "
                "again"
            ) from error
        line = error_line(error, secrets)
        if getattr(error, "connection_invalidated", False):
            raise SourceError(f"lost the connection to {description}: {line}") from error
        raise SourceError(f"cannot read {description}: {line}") from error


_READ_ERRORS = (sa.exc.SQLAlchemyError, OSError, ValueError, OverflowError, sqlite3.Error)


def _is_foreign(error: Exception) -> bool:
    """Return whether an error is of a driver's own kind, rather than Python's or ours."""
    return type(error).__module__.partition(".")[0] not in {"builtins", "colprofile"}


def connected(engine: sa.Engine, description: str, secrets: tuple[str, ...]) -> sa.Connection:
    """Return an open connection; SourceError in one line where there is no server, database or right to use it."""
    try:
        return engine.connect()
    except ModuleNotFoundError as error:
        family = engine.dialect.name
        if family in EXTRAS:
            raise MissingExtra(*EXTRAS[family]) from error
        raise SourceError(f"{description} needs the package {error.name!r}, which is not installed") from error
    except Exception as error:
        if not (isinstance(error, (*_READ_ERRORS, RuntimeError)) or _is_foreign(error)):
            raise
        raise SourceError(f"cannot connect to {description}: {error_line(error, secrets)}") from error
