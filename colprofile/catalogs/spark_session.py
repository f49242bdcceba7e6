"""Statements in a Spark session, classic or of Spark Connect: their rows, their errors, and how they are stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

from colprofile.catalogs.spark import RowsOf
from colprofile.errors import SourceError, SourceNotFound
from colprofile.sources.spark.jobs import SparkJobs
from colprofile.sources.spark.recognise import is_spark_session
from colprofile.sources.spark.sessions import open_session

DESCRIPTION = "the Spark session"

_NOT_FOUND = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND")


@contextlib.contextmanager
def spark_session(given: Any) -> Iterator[Any]:
    """Yield the given session, or one of our own for an address such as ``sc://host:15002``, closed at the end."""
    if is_spark_session(given):
        yield given
        return
    session, close = open_session(os.fspath(given))
    try:
        yield session
    finally:
        close()


def spark_rows(session: Any) -> RowsOf:
    """Return a function that runs a statement and returns its rows; what breaks the wait off ends its jobs.

    It raises SourceNotFound for a missing table, and SourceError in one line for all else.
    """
    jobs = SparkJobs(session, DESCRIPTION)

    def rows_of(statement: str) -> Sequence[Sequence[Any]]:
        try:
            return jobs.run(lambda: [tuple(row) for row in session.sql(statement).collect()])
        except SourceError as error:
            cause = error.__cause__
            if _condition(cause).startswith(_NOT_FOUND) or any(f"[{name}]" in str(cause) for name in _NOT_FOUND):
                raise SourceNotFound(str(error)) from error
            raise

    return rows_of


def _condition(error: BaseException | None) -> str:
    """Return the name of Spark's error condition; empty for other errors."""
    for name in ("getCondition", "getErrorClass"):
        if callable(ask := getattr(error, name, None)):
            return str(ask() or "")
    return ""
