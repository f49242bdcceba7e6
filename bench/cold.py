"""The command line from a cold process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from bench import data
from bench.harness import Measurement, Run, Target, Timing, case, format_seconds

SCRIPT = Path(sys.executable).parent / "colprofile"


@case("cold")
def cold_process(run: Run) -> list[Measurement]:
    """``colprofile profile`` of the zip codes and ``colprofile --help``, each a process of its own."""
    path = data.zipcodes_parquet(run.folder, 2_000 if run.small else None)
    with tempfile.TemporaryDirectory() as compiled:
        environment = dict(os.environ)
        if not run.small:
            environment["NUMBA_CACHE_DIR"] = compiled
        commands = {
            "profile": [str(SCRIPT), "profile", str(path)],
            "help": [str(SCRIPT), "--help"],
            "python": [sys.executable, "-c", "pass"],
            "duckdb": [sys.executable, "-c", "import duckdb, numpy, pyarrow"],
        }
        first = seconds_of(commands["profile"], environment)
        times = run.measure({name: partial(seconds_of, command, environment) for name, command in commands.items()})
    timing = {name: Timing(tuple(seconds)) for name, seconds in times.items()}
    compared = f"python {timing['python']}, importing duckdb, numpy, pyarrow {timing['duckdb']}"
    return [
        _line(run, "colprofile profile zipcodes.parquet", timing["profile"], compared, 2.0),
        _line(run, "colprofile --help", timing["help"], compared, 0.4),
        Measurement(
            "colprofile profile, the very first run",
            format_seconds(first),
            f"later runs {timing['profile']}",
            first,
            "s",
            note="kernels are compiled once and kept on disk",
        ),
    ]


def seconds_of(command: list[str], environment: dict[str, str]) -> float:
    """Return the wall time of a command that must succeed; its output goes nowhere."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return seconds


def _line(run: Run, what: str, timing: Timing, compared: str, limit: float) -> Measurement:
    return run.judge(Measurement(what, str(timing), compared, timing.median, "s", Target("at most", limit)))
