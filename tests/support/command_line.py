"""The command line in the test's own process, on standard streams as strict about characters as those of a process.

pytest's capsys replaces characters that cannot be encoded; these do not. What depends on a process of its own, such as
its end or what it imports, is tested with a process.
"""

from __future__ import annotations

import contextlib
import io
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
