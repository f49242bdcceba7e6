"""Memory, threads and disk: what there is to say, in one line, when one of them is used up."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator

from colprofile.errors import NoRoom

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DISK_WORDS = ("No space left on device", "Disk quota exceeded", "File too large")
_DUCKDB = {"IOException", "TransactionException", "FatalException"}
"""What DuckDB raises where it cannot write a file."""

_MEMORY_WORDS = ("bad_alloc", "Cannot allocate memory", "failed to map segment", "bad allocation")
_THREAD_WORDS = ("start new thread", "Resource temporarily unavailable")
_MEMORY = "memory is used up: give a lower memory_limit=, fewer columns, or more memory"
_DUCKDB_MEMORY = "memory_limit= is too low, or memory is used up: raise it, choose fewer columns, or give more memory"
_THREADS = "no more threads can be started: give a lower threads=, or allow the process more (ulimit -u, ulimit -v)"


def no_room(error: BaseException | None) -> NoRoom | None:
    """Return what says in one line what is used up, where an error or one behind it comes from that; else None.

    >>> no_room(MemoryError())
    NoRoom('memory is used up: give a lower memory_limit=, fewer columns, or more memory')
    >>> no_room(ValueError("x")) is None
    True
    """
    while error is not None:
        if isinstance(error, NoRoom):
            return error
        if found := _reason(error):
            return NoRoom(found)
        error = error.__cause__
    return None


@contextlib.contextmanager
def room_errors() -> Iterator[None]:
    """Turn errors that come from full memory or a full disk into NoRoom, the line that says so."""
    try:
        yield
    except NoRoom:
        raise
    except Exception as error:
        found = no_room(error)
        if found is None:
            raise
        raise found from error


def _reason(error: BaseException) -> str | None:
    name, text = type(error).__name__, str(error)
    if name == "OutOfMemoryException":  # DuckDB's, as IOException: it is not imported for this
        return _DUCKDB_MEMORY
    if isinstance(error, MemoryError):
        return _MEMORY
    number = error.errno if isinstance(error, OSError) else None
    is_own_word = isinstance(error, OSError | RuntimeError | ImportError | SystemError) or name in _DUCKDB
    if "No usable temporary directory" in text and isinstance(error, FileNotFoundError):
        return "there is no folder for temporary files that can be written: set TMPDIR to one"
    if number in _DISK or (is_own_word and any(words in text for words in _DISK_WORDS)):
        return (
            f"no room for temporary files in {tempfile.gettempdir()!r}: free some, or set TMPDIR to a folder on a "
            "larger disk"
        )
    if number == errno.EAGAIN or (is_own_word and any(words in text for words in _THREAD_WORDS)):
        return _THREADS
    if number == errno.ENOMEM or (is_own_word and any(words in text for words in _MEMORY_WORDS)):
        return _MEMORY
    return None
