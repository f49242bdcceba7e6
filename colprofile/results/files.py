"""Writing results so that nothing half-written is ever left."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from colprofile.errors import ResultError


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write ``content`` to a temporary file next to ``path`` and rename it, so that nobody sees a half-written file.

    Parameters
    ----------
    path
        The file to make or replace. Its folder must exist.
    content
        Text (written as UTF-8) or bytes.

    Raises
    ------
    ResultError
        The folder is missing or cannot be written, or the path is a folder.
    """
    target = Path(path)
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if target.is_dir():
        raise ResultError(f"cannot write {str(target)!r}: it is a folder; name a file in it")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:64]}.", suffix=".part")
    except OSError as error:
        raise ResultError(
            f"cannot write {str(target)!r}: {error.strerror}; the folder must exist and allow writing"
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ResultError(f"cannot write {str(target)!r}: {error.strerror}") from error
        raise


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
