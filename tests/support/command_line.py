"""The command line in the test's own process, on standard streams as strict about characters as those of a process.

pytest's capsys replaces characters that cannot be encoded; these do not. What depends on a process of its own, such as
its end or what it imports, is tested with a process.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from colprofile.cli import main


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, encoding: str = "utf-8") -> Finished:
    """Run ``colprofile`` with these arguments; ``encoding`` is that of standard output."""
    written, complained = io.BytesIO(), io.BytesIO()
    output = io.TextIOWrapper(written, encoding, errors="strict", write_through=True)
    errors = io.TextIOWrapper(complained, "utf-8", errors="backslashreplace", write_through=True)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = main(list(arguments))
    return Finished(status, written.getvalue().decode(encoding), complained.getvalue().decode("utf-8"))


def seen_on_a_terminal(work: Callable[[], object]) -> str:
    """Do some work whose standard error is a terminal, and return what was shown there, without escapes."""
    controller, terminal = os.openpty()
    shown = b""

    def read() -> None:
        nonlocal shown
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while part := os.read(controller, 65_536):
                shown += part

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(terminal, "w") as file, contextlib.redirect_stderr(file):
        work()
    reader.join(10)
    os.close(controller)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
