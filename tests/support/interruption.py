"""Ctrl-C in a process of its own, sent when its work has come to a certain point."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

# What the work says of its progress becomes lines on standard output, each label once.
SHOW_LABELS = """
import colprofile.progress
labels = []
def show(self, label, done, total):
    if label not in labels:
        labels.append(label)
        print(label, flush=True)
colprofile.progress.Progress.update = show
"""


@dataclass(frozen=True)
class Interrupted:
    """How a process ended, and how many seconds after the signal."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float


def interrupt(script: str, *arguments: str, after: str, delay: float, **options: Any) -> Interrupted:
    """Run a Python script, send it SIGINT ``delay`` seconds after it printed the line ``after``, and wait for its end.

    ``stdout`` holds what it printed from then on.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", SHOW_LABELS + script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert after + "\n" in lines, f"it ended without {after!r}"
        time.sleep(delay)
        assert process.poll() is None, "it was over before it could be interrupted"
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        output, errors = process.communicate(timeout=60)
        return Interrupted(process.returncode, output, errors, time.monotonic() - began)
    finally:
        process.kill()
        process.communicate()
