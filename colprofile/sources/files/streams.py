"""Data that come without a file: standard input, pipes, file objects and bytes, written to the workspace."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.sources.files.names import last_suffix
from colprofile.sources.files.spool import spool
from colprofile.sources.workspace import Workspace

STANDARD_INPUT = "-"


def is_stream(source: Any) -> bool:
    """Whether an object is bytes, or a file that is open for reading."""
    return isinstance(source, bytes | bytearray | memoryview) or callable(getattr(type(source), "read", None))


def is_pipe(path: str) -> bool:
    """Whether a path is a pipe, a terminal or another device: it can be read once, from its beginning to its end."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def stream_name(source: Any) -> str:
    """Return what a file object or bytes are called: the file's own name, or the class."""
    name = getattr(source, "name", None)
    return name if isinstance(name, str) and name else f"the {type(source).__name__} object"


def standard_input(workspace: Workspace) -> str:
    """Return the path of a copy of standard input.

    Raises
    ------
    SourceError
        It is closed, a terminal, or empty.
    """
    stream = sys.stdin
    if stream is None or stream.closed:
        raise SourceError("standard input is closed: name a file, or pipe one into the command")
    if stream.isatty():
        raise SourceError("standard input is a terminal: name a file, or pipe one into the command")
    return _copy(stream, "standard input", workspace)


def stream_file(source: Any, workspace: Workspace) -> str:
    """Return the path of a copy of bytes, or of what a file object holds from where it stands, which it keeps.

    Raises
    ------
    SourceError
        It is closed, not readable, or has nothing.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        source = io.BytesIO(source)
    name = stream_name(source)
    if getattr(source, "closed", False):
        raise SourceError(f"{shorten(name, 200)} is closed: give an open file, or its path")
    position = None
    with contextlib.suppress(OSError, AttributeError, io.UnsupportedOperation):
        position = source.tell() if source.seekable() else None
    try:
        return _copy(source, name, workspace)
    finally:
        if position is not None:
            source.seek(position)


def pipe_file(path: str, workspace: Workspace) -> str:
    """Return the path of a copy of what a named pipe or a device gives.

    Raises
    ------
    SourceError
        It is a terminal, or gives nothing.
    """
    with open(path, "rb") as stream:
        if stream.isatty():
            raise SourceError(f"{shorten(path, 200)!r} is a terminal: name a file, or pipe one into the command")
        return _copy(stream, path, workspace)


def _copy(stream: Any, name: str, workspace: Workspace) -> str:
    # Text files are read as the bytes that they are, so that the encoding is found out as for every other file.
    raw = getattr(stream, "buffer", stream)
    try:
        path = spool(_reader(raw, name), workspace, shown=name, doing="reading", suffix=_ending(name))
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot read {shorten(name, 200)}: {getattr(error, 'strerror', None) or error}") from error
    if os.path.getsize(path) == 0:
        raise SourceError(f"{shorten(name, 200)} has no data: it is empty, or was read before")
    return str(path)


def _ending(name: str) -> str:
    suffix = last_suffix(PurePath(name).name)
    return suffix if suffix.isascii() and suffix.isprintable() else ""


def _reader(stream: Any, name: str) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        part = stream.read(size)
        if part is None:
            raise SourceError(f"{shorten(name, 200)} gives no data now: it does not block; give its bytes")
        if isinstance(part, str):
            return part.encode("utf-8", "surrogatepass")
        if not isinstance(part, bytes | bytearray | memoryview):
            raise ArgumentError(
                f"{shorten(name, 200)} gives {type(part).__name__}, not bytes: give a file of bytes or text"
            )
        return bytes(part)

    return read
