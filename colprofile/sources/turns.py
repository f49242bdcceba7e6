"""Turns: what can be read by one verb at a time is read by one at a time, in whatever threads they are called."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import duckdb

from colprofile import stopping
from colprofile.sources.files.streams import is_stream
from colprofile.sources.frames.libraries import is_instance

_LOOK_SECONDS = 0.1


class _Turn:
    """The lock of one object, and how many wait for it or have it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users = 0


_turns: dict[int, _Turn] = {}
_guard = threading.Lock()


@contextlib.contextmanager
def turn(source: Any) -> Iterator[None]:
    """Wait until no other thread reads a connection or an open file by colprofile, and keep it until the block is left.

    Of everything else, such as data frames and engines, several threads read at once. Within a block the same thread
    goes on at once.
    """
    if not _is_exclusive(source):
        yield
        return
    with _guard:
        mine = _turns.setdefault(id(source), _Turn())
        mine.users += 1
    is_mine = False
    try:
        while not (is_mine := mine.lock.acquire(timeout=_LOOK_SECONDS)):
            stopping.check_blocks()
        yield
    finally:
        if is_mine:
            mine.lock.release()
        with _guard:
            mine.users -= 1
            if not mine.users:
                del _turns[id(source)]


def _is_exclusive(source: Any) -> bool:
    if isinstance(source, duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation | sqlite3.Connection):
        return True
    if isinstance(source, bytes | bytearray | memoryview):
        return False
    return (
        is_stream(source)
        or is_instance(source, "sqlalchemy", "Connection")
        or is_instance(source, "sqlalchemy.orm", "Session", "scoped_session")
        or is_instance(source, "adbc_driver_manager.dbapi", "Connection")
    )
