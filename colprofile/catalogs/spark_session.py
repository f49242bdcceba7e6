"""Statements in a Spark session, classic or of Spark Connect: their rows, their errors, and how they are stopped."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from colprofile.catalogs.spark import RowsOf
from colprofile.errors import SourceError, SourceNotFound
from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.quiet import quiet
from colprofile.sources.spark.recognise import is_spark_session, names_spark
from colprofile.sources.spark.sessions import open_session
from colprofile.stopping import left_alone

DESCRIPTION = "the Spark session"

_TRY_SECONDS = 1.0
_AGAIN_SECONDS = 0.1

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


def is_spark_catalog(given: Any) -> bool:
    """Whether a catalog of Spark is given: a session, or the address of one."""
    return is_spark_session(given) or (isinstance(given, str | os.PathLike) and names_spark(os.fsdecode(given)))


@contextlib.contextmanager
def spark_rows(session: Any) -> Iterator[RowsOf]:
    """Yield a function that runs a statement and returns its rows.

    Its jobs carry a tag: leaving the block on an error, such as a KeyboardInterrupt, ends those that still run, and no
    others. The function raises SourceNotFound for a missing table, and SourceError in one line for all else.
    """
    tag = f"colprofile-{uuid.uuid4().hex}"
    idle = threading.Event()
    idle.set()

    def run(statement: str) -> Sequence[Sequence[Any]]:
        try:
            with readable_errors(DESCRIPTION), quiet():
                session.addTag(tag)
                return [tuple(row) for row in session.sql(statement).collect()]
        finally:
            session.removeTag(tag)
            idle.set()

    def rows_of(statement: str) -> Sequence[Sequence[Any]]:
        idle.clear()
        try:
            return left_alone(run, statement)
        except SourceError as error:
            cause = error.__cause__
            if _condition(cause).startswith(_NOT_FOUND) or any(f"[{name}]" in str(cause) for name in _NOT_FOUND):
                raise SourceNotFound(str(error)) from error
            raise

    try:
        yield rows_of
    except BaseException:
        # The job may have been on its way to the server when it was first told.
        latest = time.monotonic() + _TRY_SECONDS
        while not idle.wait(_AGAIN_SECONDS) and time.monotonic() < latest:
            with contextlib.suppress(Exception), quiet():
                session.interruptTag(tag)
        raise


def _condition(error: BaseException | None) -> str:
    """Return the name of Spark's error condition; empty for other errors."""
    for name in ("getCondition", "getErrorClass"):
        if callable(ask := getattr(error, name, None)):
            return str(ask() or "")
    return ""
