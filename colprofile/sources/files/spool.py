"""Bytes that come from elsewhere go to files in the workspace, as long as the disk has room."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from colprofile.errors import NoRoom, shorten
from colprofile.progress import report
from colprofile.sources.workspace import Workspace

_CHUNK = 1 << 20
_CHUNKS_PER_LOOK = 32
KEPT_FREE = 1 << 28
"""Bytes of the disk that are left to others."""


def spool(
    read: Callable[[int], bytes], workspace: Workspace, *, shown: str, doing: str, suffix: str, total: int | None = None
) -> Path:
    """Write all that ``read(size)`` returns to a file in the workspace, and return its path.

    Parameters
    ----------
    read
        Returns at most so many bytes, none at the end.
    shown
        What it is, for messages.
    doing
        What happens, for progress and messages: "downloading".
    suffix
        The ending of the file.
    total
        How many bytes there will be, where that is known, for progress.

    Raises
    ------
    NoRoom
        The disk has no room for it.
    """
    path = workspace.new_path(suffix)
    label, megabytes = f"{doing} {shorten(shown, 60)}: MB", None if total is None else total >> 20
    done = chunks = 0
    try:
        with open(path, "wb") as target:
            while chunk := read(_CHUNK):
                if chunks % _CHUNKS_PER_LOOK == 0:
                    _check_room(path, shown, doing, done, max(len(chunk), (total or 0) - done))
                target.write(chunk)
                done += len(chunk)
                chunks += 1
                report(label, done >> 20, megabytes)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise _no_room(path, shown, doing, done) from error
        raise
    return path


def _check_room(path: Path, shown: str, doing: str, done: int, needed: int) -> None:
    if shutil.disk_usage(path.parent).free < needed + KEPT_FREE:
        raise _no_room(path, shown, doing, done)


def _no_room(path: Path, shown: str, doing: str, done: int) -> NoRoom:
    return NoRoom(
        f"{doing} {shorten(shown, 200)!r} would fill the disk after {done >> 20:,} MB: free some, or set TMPDIR to a "
        f"larger one than {os.fspath(path.parent.parent)!r}"
    )
