"""Statements in a Spark session, classic or of Spark Connect: their rows, their errors, and how they are stopped."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from colprofile.catalogs.spark import RowsOf
from colprofile.errors import SourceNotFound
from colprofile.sources.duckdb import first_line
from colprofile.sources.spark.errors import readable_errors

DESCRIPTION = "the Spark session"

_NOT_FOUND = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND")


@contextlib.contextmanager
def spark_rows(session: Any) -> Iterator[RowsOf]:
    """Yield a function that runs a statement and returns its rows.

    Its jobs carry a tag: leaving the block on an error, such as a KeyboardInterrupt, ends those that still run, and no
    others. The function raises SourceNotFound for a missing table, and SourceError in one line for all else.
    """
    tag = f"colprofile-{uuid.uuid4().hex}"

    def rows_of(statement: str) -> Sequence[Sequence[Any]]:
        with readable_errors(DESCRIPTION):
            session.addTag(tag)
            try:
                return [tuple(row) for row in session.sql(statement).collect()]
            except Exception as error:
                if _condition(error).startswith(_NOT_FOUND) or any(f"[{name}]" in str(error) for name in _NOT_FOUND):
                    raise SourceNotFound(f"{DESCRIPTION}: {first_line(error)}") from error
                raise
            finally:
                session.removeTag(tag)

    try:
        yield rows_of
    except BaseException:
        with contextlib.suppress(Exception):
            session.interruptTag(tag)
        raise


def _condition(error: Exception) -> str:
    """Return the name of Spark's error condition; empty for other errors."""
    for name in ("getCondition", "getErrorClass"):
        if callable(ask := getattr(error, name, None)):
            return str(ask() or "")
    return ""
