"""What is wrong with a DuckDB connection that somebody else uses too, in one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb

from colprofile.errors import SourceBusy, SourceError


def connection_error(error: BaseException, description: str) -> SourceError | None:
    """Return what is wrong with a DuckDB connection, in one line, where an error comes from that; else None."""
    if isinstance(error, duckdb.ConnectionException) and "closed" in str(error):
        return SourceError(f"{description} is closed: give an open one")
    if isinstance(error, duckdb.TransactionException) and "aborted" in str(error):
        return SourceError(
            f"the transaction of {description} was aborted by an earlier error: end it with rollback(), then try again"
        )
    if isinstance(error, duckdb.ResourceInUseException):
        return SourceBusy(f"{description} is busy in another thread: give each thread its own, made by cursor()")
    return None


def raise_interruption(error: BaseException) -> None:
    """Raise KeyboardInterrupt where DuckDB was interrupted, which it says in errors of other kinds too."""
    if isinstance(error, duckdb.InterruptException) or (isinstance(error, duckdb.Error) and "INTERRUPT" in str(error)):
        raise KeyboardInterrupt from error


@contextlib.contextmanager
def clear_connection_errors(description: str) -> Iterator[None]:
    """Raise ``connection_error`` in the place of what DuckDB raises."""
    try:
        yield
    except duckdb.Error as error:
        clear = connection_error(error, description)
        if clear is None:
            raise
        raise clear from error
