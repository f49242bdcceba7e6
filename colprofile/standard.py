"""Standard streams that may not be there: services have none, `2>&-` closes one, `| head` goes away."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO


def opened(stream: TextIO | None) -> TextIO | None:
    """Return a stream that can be written to; None where there is none or it is closed."""
    return None if stream is None or getattr(stream, "closed", False) else stream


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal; what is closed or no file is none."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return bool(stream.isatty())
    return False


def write_error(text: str) -> None:
    """Write to standard error; what cannot be written there is lost."""
    stream = opened(sys.stderr)
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


def let_go(stream: TextIO | None) -> None:
    """Send what a stream still holds nowhere: its reader is gone or its disk is full, and Python would try at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if stream is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def occupy_closed() -> None:
    """Open the null device as each standard stream that is closed: the next file would take its number otherwise.

    What C libraries write to standard error would go into that file.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # which takes the lowest free number
