"""open_session: a session of Spark by its address, of our own and closed by us."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from colprofile.errors import ArgumentError, ColprofileError, MissingExtra, SourceError, one_line
from colprofile.sources.duckdb import first_line
from colprofile.sources.spark.quiet import quiet, quiet_child
from colprofile.sources.spark.recognise import is_connect
from colprofile.sources.urls import hide_passwords
from colprofile.stopping import left_alone

_CONNECT_SECONDS = 10.0
_START_SECONDS = 120.0
_CLOSE_SECONDS = 2.0
_RETRIES = 3

_DETAILS = re.compile(r'^\s*details = "(.*)"\s*$', re.MULTILINE)

Close = Callable[[], object]


def open_session(url: str) -> tuple[Any, Close]:
    """Return a session of Spark, and what closes it.

    The user's own sessions in this process stay what they are: the new one becomes neither active nor the default.

    Parameters
    ----------
    url
        ``sc://host:port/;token=…`` of Spark Connect, ``spark://host:port`` of a Spark cluster, or ``databricks://``
        with the name of a profile, or none.

    Raises
    ------
    ArgumentError
        It is no such address.
    MissingExtra
        There is no pyspark.
    SourceError
        There is no server, or it does not answer within seconds.
    """
    shown = hide_passwords(url)
    scheme = url.partition("://")[0].lower()
    opens = {"sc": _open_connect, "spark": _open_master, "databricks": _open_databricks}[scheme]
    seconds = _CONNECT_SECONDS if scheme == "sc" else _START_SECONDS
    opening = _Opening(opens, url, shown)
    try:
        session, close = left_alone(opening.run, seconds=seconds)
    except ColprofileError:
        raise
    except Exception as error:  # of pyspark, py4j, gRPC or the Databricks SDK
        opening.give_up()
        raise SourceError(f"cannot connect to {shown}: {one_line(hide_passwords(_reason(error)), 300)}") from error
    except BaseException:
        opening.give_up()
        raise
    return session, lambda: _closed(close)


def activate(session: Any) -> None:
    """Have what this thread asks of Spark follow a session's settings, such as its ANSI mode.

    A thread of classic Spark that has no active session follows Spark's own defaults in some steps. The public
    interface has nothing for it but to make a DataFrame from something.
    """
    if not is_connect(session):
        session.createDataFrame([], "nothing int")


class _Opening:
    """A session that is being opened; where nobody waits for it any more it is closed at once."""

    def __init__(self, opens: Callable[[str, str], tuple[Any, Close]], url: str, shown: str) -> None:
        self._opens, self._url, self._shown = opens, url, shown
        self._lock = threading.Lock()
        self._is_awaited = True
        self._close: Close | None = None

    def run(self) -> tuple[Any, Close]:
        with quiet():
            session, close = self._opens(self._url, self._shown)
        with self._lock:
            self._close = close
            is_awaited = self._is_awaited
        if not is_awaited:
            close()
        return session, close

    def give_up(self) -> None:
        """Have the session closed, once it is there."""
        with self._lock:
            self._is_awaited = False
            close = self._close
        if close is not None:
            _closed(close)


def _closed(close: Close) -> None:
    """Close a session; a server that does not answer is not waited for."""
    with quiet():
        ending = threading.Thread(target=close, daemon=True)
        ending.start()
        ending.join(_CLOSE_SECONDS)


def _reason(error: Exception) -> str:
    """Return what an error says, without what gRPC puts around it."""
    found = _DETAILS.search(str(error))
    text = found[1] if found is not None else first_line(error)
    return text.partition("last error: ")[2] or text


def _need_pyspark() -> None:
    if importlib.util.find_spec("pyspark") is None:
        raise MissingExtra("reading from Spark", "spark")


def _open_connect(url: str, shown: str) -> tuple[Any, Close]:
    _need_pyspark()
    if "grpc" not in sys.modules:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its lines about connections that failed
    try:
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise MissingExtra("Spark Connect", "spark") from error

    class OwnSession(SparkSession):
        """A session that the garbage collector leaves alone once it is closed.

        pyspark's own waits there for the threads of all sessions, in the middle of whatever the collector interrupts:
        where that holds a lock of gRPC, for ever.
        """

        __module__ = SparkSession.__module__  # by which classes of Spark Connect are told
        __qualname__ = SparkSession.__qualname__

        def __del__(self) -> None:
            pass

    try:
        # Not by its builder, which makes its first session the active one of the process.
        session = OwnSession(connection=f"sc{url[2:]}")
    except Exception:
        raise ArgumentError(
            f"{shown!r} is not an address of Spark Connect: give one like sc://host:15002 or "
            "sc://host:443/;use_ssl=true;token=…;user_id=…"
        ) from None  # pyspark's own error quotes the whole address
    policies = session.client.get_retry_policies()
    try:
        session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])  # not for ten minutes
        session.version  # noqa: B018  the first question
    except BaseException:
        session.client.close()
        raise
    session.client.set_retry_policies(policies)

    def close() -> None:
        session.client.set_retry_policies([DefaultPolicy(max_retries=0)])  # locks of all sessions wait for the answer
        session.stop()

    return session, close


def _open_master(url: str, shown: str) -> tuple[Any, Close]:
    _need_pyspark()
    if importlib.util.find_spec("pyspark.core") is None:
        raise SourceError(
            f"{shown} needs Java and all of pyspark, and here is pyspark-client alone: give an address of Spark "
            "Connect, sc://…, or install pyspark in its place"
        )
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    with _driver.lock:
        context = SparkContext._active_spark_context
        if context is None:
            _reach_one(url)
            builder = SparkSession.builder.master(url).appName("colprofile")
            for name in ("spark.ui.showConsoleProgress", "spark.ui.enabled"):
                builder = builder.config(name, "false")
            with quiet_child():
                session = _driver.session = builder.getOrCreate()
        elif context.master != url:
            raise SourceError(
                f"this process has a Spark context on {one_line(str(context.master), 100)}, and can have no other: "
                f"pass its session, or stop it before {shown} is opened"
            )
        else:
            session = SparkSession(context).newSession()
        if _driver.session is None or _driver.session.sparkContext is not session.sparkContext:
            return session, lambda: None  # the user's own context stays
        _driver.users += 1
    return session, _driver.leave


class _Driver:
    """The driver that an address has started in this process, which can have one alone: its users share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Any = None
        self.users = 0

    def leave(self) -> None:
        """Stop it with its last user."""
        with self.lock:
            self.users -= 1
            if not self.users:
                session, self.session = self.session, None
                session.stop()


_driver = _Driver()


def _reach_one(url: str) -> None:
    """Raise OSError where none of a cluster's masters listens: Spark itself would look for a minute."""
    places = url.partition("://")[2].split(",")
    for number, place in enumerate(places, 1):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
            return
        except ValueError as error:
            raise ArgumentError(
                f"{hide_passwords(url)!r} is not an address of a Spark cluster: give one like spark://host:7077"
            ) from error
        except OSError:
            if number == len(places):
                raise


def _open_databricks(url: str, shown: str) -> tuple[Any, Close]:
    try:
        databricks = importlib.import_module("databricks.connect")
    except ImportError as error:
        raise SourceError(
            f"{shown} needs the package 'databricks-connect', which is not installed: install it in an environment "
            "without pyspark, or give a SQLAlchemy URL, databricks://token:…@host?http_path=…"
        ) from error
    builder = databricks.DatabricksSession.builder
    profile = url.partition("://")[2]
    session = (builder.profile(profile) if profile else builder).create()
    session.version  # noqa: B018  the first question
    return session, session.stop
