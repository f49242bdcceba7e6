"""Ctrl-C in a process of its own, sent when its work has come to a certain point."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
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
    """How a process ended, how many seconds after the signal, and how much of a processor it took from then on."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    processor_seconds: float


def interrupt(script: str, *arguments: str, after: str, delay: float, **options: Any) -> Interrupted:
    """Run a Python script, send it SIGINT ``delay`` seconds after it printed the line ``after``, and wait for its end.

    ``stdout`` holds what it printed from then on.
    """
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", SHOW_LABELS + script, *arguments],
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
        used = processor_seconds(process.pid)
        before = ended_children_seconds()
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        try:
            output, errors = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # Python then says where each thread is
            raise AssertionError(f"it did not end:\n{process.communicate()[1]}") from None
        took = ended_children_seconds() - before - used
        return Interrupted(process.returncode, output, errors, time.monotonic() - began, took)
    finally:
        process.kill()
        process.communicate()


def processor_seconds(process: int) -> float:
    """Return the processor time that a running process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ended_children_seconds() -> float:
    """Return the processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
