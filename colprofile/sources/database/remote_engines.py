"""Query engines that drivers reach over HTTP or Thrift: which extra brings the driver, and how it is kept in bounds.

Their drivers have no transactions to speak of, try again for minutes, and wait where nothing can interrupt them.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.request import getproxies

import sqlalchemy as sa

from colprofile import stopping
from colprofile.sources.database.type_names import BY_NAME

T = TypeVar("T")

EXTRAS = {
    "trino": ("reading Trino", "trino"),
    "snowflake": ("reading Snowflake", "snowflake"),
    "bigquery": ("reading BigQuery", "bigquery"),
    "databricks": ("reading Databricks SQL", "databricks"),
    "clickhousedb": ("reading ClickHouse", "clickhouse"),
    "hive": ("reading Hive", "hive"),
}
"""By the name of the dialect: the feature, and our extra that installs its driver."""

_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "databricks": {"enable_telemetry": False},  # or it reports its use to its maker
}

_PORTS = {"databricks": 443}
"""Where drivers try for 15 minutes to reach a server: it may be a warehouse that starts, or nothing at all."""

_REACH_SECONDS = 10.0

_LOGGERS = ("trino", "databricks", "snowflake", "clickhouse_connect", "pyhive", "thrift", "google")


def arguments_of(family: str) -> dict[str, Any]:
    """Return what a driver of ours is given beside the URL; nothing for most."""
    return dict(_ARGUMENTS.get(family, {}))


def check_reachable(url: sa.URL) -> None:
    """Raise OSError where nothing listens at a URL whose driver would try for long to reach it.

    Behind a proxy only the driver can tell.
    """
    port = _PORTS.get(url.get_backend_name())
    if port is not None and url.host and not getproxies():
        socket.create_connection((url.host, url.port or port), _REACH_SECONDS).close()


def keep_quiet() -> None:
    """Keep what drivers log off a terminal that nobody set up for it. Who set up logging still gets all."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def left_alone(dialect: str, work: Callable[[], T], look: Callable[[], object] = stopping.check) -> T:
    """Return what some work with a database gives; what ``look`` raises while an engine is waited for ends the wait.

    Such work goes on in a thread of its own, and what it gives is lost: no driver of these can be interrupted.
    """
    return stopping.left_alone(work, look=look) if dialect in BY_NAME else work()


def fault_of_network(error: BaseException) -> str | None:
    """Return why a server was not reached, from what is below the errors of the libraries between; None otherwise."""
    for each in _below(error):
        if isinstance(each, OSError) and each.strerror and not isinstance(each, FileNotFoundError | PermissionError):
            return each.strerror
        if isinstance(each, TimeoutError):
            return "nothing answers"
    return None


def _below(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it came from."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [getattr(each, "orig", None), each.__cause__, each.__context__, getattr(each, "reason", None)]
            waiting += each.args
