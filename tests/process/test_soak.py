"""Interrupts at random moments of every command: nothing stays in TMPDIR, and outputs are old or whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUNS = 120


def test_120_interrupts_leave_nothing() -> None:
    root = Path(__file__).parents[2]
    process = subprocess.run(
        [sys.executable, "-m", "tests.support.soak", str(RUNS), "1"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found["faults"] == []
    assert sum(found["ends"].values()) == RUNS
    for name in ("SIGINT 130", "SIGTERM 143", "SIGKILL -9"):
        assert found["ends"].get(name, 0) > 3, found["ends"]  # it was in the midst of its work
    assert found["longest_processor_seconds"] < 2, "on an idle machine it is a tenth of a second"
