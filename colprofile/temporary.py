"""Temporary folders that are gone when their work has ended, however its process ended.

A folder is locked as long as it is in use. A process that was killed cannot remove what it made, but its locks are
gone: the next process that needs a folder removes those that nobody holds. Only folders of this user and this machine
are looked at, and only those that carry the names given here.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from colprofile.stopping import Cancelled

try:
    import fcntl
except ImportError:  # Windows: nothing is swept there
    fcntl = None  # type: ignore[assignment]

_PREFIX = f"colprofile-{zlib.crc32(os.fsencode(os.uname().nodename if hasattr(os, 'uname') else '')):08x}-"
"""Begins the names of folders, with the machine in it: locks say nothing where machines share a disk."""

_OWN_NAME = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}")
_TRIES = 100
_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

T = TypeVar("T")

_lock = threading.RLock()
_live: dict[str, int] = {}
"""What this process has made and not yet removed, with the handle that locks it."""
_swept: set[str] = set()
_is_over = False


class TemporaryFolder:
    """A folder in the system's folder for temporary files, removed with all that is in it when it is closed.

    Attributes
    ----------
    name
        Its path.
    """

    def __init__(self) -> None:
        parent = os.path.abspath(tempfile.gettempdir())
        if parent not in _swept:
            _swept.add(parent)
            sweep_folders(parent)
        self.name = _new_folder(parent)

    def __enter__(self) -> TemporaryFolder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Interrupted before it had a name, it has nothing to remove.
        if getattr(self, "name", None) is not None:
            self.close()

    def close(self) -> None:
        """Remove the folder; a forked process leaves it to its parent."""
        _remove(self.name)


@contextlib.contextmanager
def part_of(target: Path) -> Iterator[tuple[int, str]]:
    """Yield handle and path of a new file next to ``target``, to be moved into its place; if it is not, it is removed.

    Parts of the same target that killed processes left are removed first.
    """
    stem = f".{target.name[:48]}."  # 48 characters have at most 192 bytes, and names may have 255
    _sweep_parts(target.parent, stem)
    handle, path = _new_part(target.parent, stem)
    try:
        yield handle, path
    finally:
        _remove(path)


def remove_all(*, for_good: bool = False) -> None:
    """Remove everything that this process has made and not yet removed: it ends now.

    With ``for_good`` nothing new can be made any more: other threads may still run when the process is ended.
    """
    global _is_over
    with _lock:
        _is_over = _is_over or for_good
        for path in list(_live):
            _remove(path)


def sweep_folders(parent: str) -> None:
    """Remove the folders that processes of this user left in ``parent`` when they were killed."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _OWN_NAME.fullmatch(entry.name) and entry.path not in _live:
                _sweep(entry.path, stat.S_ISDIR)


def _sweep_parts(folder: Path, stem: str) -> None:
    """Remove the parts of a file that killed processes left."""
    own = re.compile(re.escape(stem) + r"[a-z0-9_]{8}\.part")
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if own.fullmatch(entry.name) and entry.path not in _live:
                _sweep(entry.path, stat.S_ISREG)


def _sweep(path: str, is_kind: Callable[[int], bool]) -> None:
    """Remove a folder or file that is ours and that no process holds; a link is never followed."""
    if fcntl is None:
        return
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        found = os.fstat(handle)
        if is_kind(found.st_mode) and found.st_uid == os.getuid() and _locked(handle):
            _delete(path)
    finally:
        os.close(handle)


def _new_folder(parent: str) -> str:
    """Return a new folder that is locked: a sweep may come between the two, and then it is done again."""
    for _ in range(_TRIES):
        path = os.path.join(parent, _PREFIX + secrets.token_hex(4))
        try:
            _made(path, lambda made: os.mkdir(made, 0o700))
        except FileExistsError:
            continue
        if fcntl is None:
            return path
        try:
            handle = _live[path] = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            del _live[path]
            continue
        _locked(handle, waits=True)
        if _is_there(path, handle):
            return path
        _remove(path)
    raise FileExistsError(f"no folder can be made in {parent!r}")


def _new_part(folder: Path, stem: str) -> tuple[int, str]:
    """Return handle and path of a new file that is locked, as ``_new_folder``."""
    for _ in range(_TRIES):
        path = os.path.join(folder, f"{stem}{secrets.token_hex(4)}.part")
        try:
            handle = _made(path, lambda made: os.open(made, _NEW_FILE, 0o600))
        except FileExistsError:
            continue
        _live[path] = os.dup(handle)
        _locked(handle, waits=True)
        if _is_there(path, handle):
            return handle, path
        os.close(handle)
        _remove(path)
    raise FileExistsError(f"no file can be made in {os.fspath(folder)!r}")


def _made(path: str, make: Callable[[str], T]) -> T:
    """Make what is called so, noted before it is there: what ends the process between the two removes it."""
    with _lock:
        if _is_over:
            raise Cancelled
        _live[path] = -1
        try:
            return make(path)
        except OSError:
            del _live[path]
            raise


def _is_there(path: str, handle: int) -> bool:
    """Whether an open file still has its name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _locked(handle: int, *, waits: bool = False) -> bool:
    """Lock a file and return whether it could be: some file systems have no locks, and then nothing is swept.

    Who has just made it waits: a sweep that holds it is about to remove it.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(path: str) -> None:
    """Remove what this process made; what interrupts it is made up for when the process ends."""
    with _lock:
        if path not in _live:
            return
        _delete(path)
        handle = _live.pop(path)
    if handle >= 0:
        os.close(handle)


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        for _ in range(_TRIES):  # a thread that goes on may write into it while it is removed
            shutil.rmtree(path, ignore_errors=True)
            if not os.path.lexists(path):
                break
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _forget_parents() -> None:
    """Leave to the parent of a forked process what it has made."""
    global _lock, _is_over
    _is_over = False
    _lock = threading.RLock()
    for handle in _live.values():
        if handle >= 0:
            os.close(handle)  # which ends no lock of the parent's
    _live.clear()
    _swept.clear()


atexit.register(remove_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)
