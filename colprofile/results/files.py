"""Writing results so that nothing half-written is ever left."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from colprofile.errors import ResultError, shorten
from colprofile.results.targets import obstacle
from colprofile.standard import opened
from colprofile.temporary import part_of


def write_atomically(path: str | os.PathLike[str], content: str | bytes, inputs: Iterable[str] = ()) -> None:
    """Write ``content`` to a temporary file next to ``path`` and rename it, so that nobody sees a half-written file.

    A link is followed, an existing file's permissions and owner are kept, another name of it (a hard link) keeps what
    it has. A pipe or a device is written to, and so is an open file, such as /dev/stdout: it goes on where it is.

    Parameters
    ----------
    path
        The file to make or replace. Its folder must exist.
    content
        Text (written as UTF-8) or bytes.
    inputs
        What the content was made from: none of these files is replaced, whatever ``path`` calls it.

    Raises
    ------
    ResultError
        The file is an input, a database or other data (see ``targets.obstacle``), it may not be written, its folder is
        missing or cannot be written, or the path is a folder.
    """
    shown = repr(shorten(os.fspath(path), 200))
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if os.path.isdir(path):
        raise ResultError(f"cannot write {shown}: it is a folder; name a file in it")
    if reason := obstacle(path, inputs):
        raise ResultError(f"cannot write {shown}: {reason}; name another file")
    try:
        if (number := _open_file(path)) is not None:
            _write_open(number, data)
        elif is_special(path):
            Path(path).write_bytes(data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except FileNotFoundError as error:
        raise ResultError(f"cannot write {shown}: no such folder; the folder must exist") from error
    except OSError as error:
        raise ResultError(f"cannot write {shown}: {error.strerror}") from error


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether ``path`` is a pipe or a device: it is written to, never replaced."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _open_file(path: str | os.PathLike[str]) -> int | None:
    """Return the number of the open file that a path such as /dev/stdout or /dev/fd/3 stands for, else None."""
    if name := re.fullmatch(r"/dev/(stdout|stderr)", os.fspath(path)):
        return 1 if name[1] == "stdout" else 2
    found = re.fullmatch(r"(?:/dev|/proc/self)/fd/([0-9]{1,9})", os.fspath(path))
    return int(found[1]) if found else None


def _write_open(number: int, data: bytes) -> None:
    """Write to a file that is open already, from where it stands: it may be a log that others write to."""
    for stream in filter(None, map(opened, (sys.stdout, sys.stderr))):
        stream.flush()
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(data)


def _replace(target: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file: all of it, or the file stays as it was."""
    before = target.lstat() if os.path.lexists(target) else None
    if before is not None and stat.S_ISLNK(before.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if before is not None and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "it may not be written")
    with part_of(target) as (handle, part):
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if before is not None:
                _keep_owner(part, before)
        os.chmod(part, 0o666 & ~_umask() if before is None else stat.S_IMODE(before.st_mode))
        os.replace(part, target)


def _keep_owner(part: str, before: os.stat_result) -> None:
    """Give a file the owner and the group of the one that it replaces, as far as that is allowed."""
    made = os.stat(part)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        with contextlib.suppress(OSError):
            os.chown(part, before.st_uid, before.st_gid)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
