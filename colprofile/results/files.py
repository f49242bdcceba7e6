"""Writing results so that nothing half-written is ever left."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from colprofile.errors import ResultError, shorten
from colprofile.results.targets import obstacle
from colprofile.temporary import part_of


def write_atomically(path: str | os.PathLike[str], content: str | bytes, inputs: Iterable[str] = ()) -> None:
    """Write ``content`` to a temporary file next to ``path`` and rename it, so that nobody sees a half-written file.

    A link is followed, an existing file's permissions are kept, and a pipe or device such as /dev/stdout is written to.

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
        The file is an input, a database or other data (see ``targets.obstacle``), its folder is missing or cannot be
        written, or the path is a folder.
    """
    shown = repr(shorten(os.fspath(path), 200))
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if os.path.isdir(path):
        raise ResultError(f"cannot write {shown}: it is a folder; name a file in it")
    if reason := obstacle(path, inputs):
        raise ResultError(f"cannot write {shown}: {reason}; name another file")
    try:
        if is_special(path):
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


def _replace(target: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file: all of it, or the file stays as it was."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    with part_of(target) as (handle, part):
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(part, mode)
        os.replace(part, target)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
