"""Interrupts at random moments of every command: nothing stays in TMPDIR, and outputs are old or whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUNS = 100
"""In each of two processes, which share the cores."""


def test_200_interrupts_leave_nothing() -> None:
    root = Path(__file__).parents[2]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.soak", str(RUNS), str(seed)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (1, 2)
    ]
    printed = [(process, *process.communicate(timeout=600)) for process in processes]  # all, or one would stay behind
    for process, output, errors in printed:
        assert process.returncode == 0, errors
        found = json.loads(output)
        assert found["faults"] == []
        assert sum(found["ends"].values()) == RUNS
        for name in ("SIGINT 130", "SIGTERM 143", "SIGKILL -9"):
            assert found["ends"].get(name, 0) > 3, found["ends"]  # it was in the midst of its work
        assert found["longest_processor_seconds"] < 2, "on an idle machine it is a tenth of a second"
