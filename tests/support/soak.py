"""Interrupts at random moments of all commands: ``python -m tests.support.soak 2000`` for a long run.

A process that has imported and compiled everything forks a child for each run of a command, sends it a signal after a
random time and looks at what it leaves: its status, folder for temporary files, and outputs. It is a process of its
own, so that no thread is alive when it forks.
"""

from __future__ import annotations

import atexit
import gzip
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
OUTPUTS = {"out.html": "</html>", "out.json": "}\n", "out.md": "\n", "out.saved": "}", "out.sql": "\n"}
"""What outputs are called, and how a whole one ends."""

JOBS: dict[str, list[str]] = {
    "profile": ["profile", "t.csv", "--html", "out.html", "--save", "out.saved"],
    "spilled profile": ["profile", "t.parquet", "--memory-limit", "500MB", "--json", "out.json"],
    "unpacked profile": ["profile", "t.json.gz", "--no-pairs", "--markdown", "out.md"],
    "audit": ["audit", "t.csv", "--html", "out.html", "--script", "out.sql", "--json", "out.json"],
    "drift": ["drift", "t.parquet", "t.csv", "--html", "out.html", "--save", "out.saved"],
    "latent": ["latent", "t.parquet", "--max-classes", "4", "--html", "out.html", "--save", "out.saved"],
    "report": ["report", "saved.json", "--html", "out.html", "--markdown", "out.md"],
    "python": [],
}


@dataclass
class Found:
    """What was seen: how the children ended, by signal and status; the longest they took; and what was wrong."""

    ends: dict[str, int] = field(default_factory=dict)
    longest_seconds: float = 0.0
    longest_processor_seconds: float = 0.0
    killed_leftovers: int = 0
    faults: list[str] = field(default_factory=list)


def call(job: str) -> None:
    """Run a job to its end, in this process."""
    if job == "python":
        import colprofile

        colprofile.profile("t.csv", pairs=False).save("out.saved")
        colprofile.audit("t.parquet").to_html("out.html")
        return
    from colprofile.__main__ import run
    from colprofile.verbs.profile import limits, session

    if job == "spilled profile":
        session.__dict__["memory_shares"] = lambda given: limits.Memory(process=1, counting=50_000, database=None)
    sys.argv = ["colprofile", *JOBS[job]]
    run()


def child(job: str) -> int:
    """Run a job in a forked process and return its number."""
    number = os.fork()
    if number:
        return number
    status = 1
    try:
        with open("/dev/null") as nothing, open("errors", "a") as errors:
            os.dup2(nothing.fileno(), 0)
            os.dup2(errors.fileno(), 1)
            os.dup2(errors.fileno(), 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        call(job)
        status = 0
    except KeyboardInterrupt:
        status = 130
    except Exception:
        traceback.print_exc()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        if job == "python":
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python itself says what interrupts it while it ends
        atexit._run_exitfuncs()
        os._exit(status)
    raise AssertionError


def ended(number: int) -> tuple[int, float]:
    """Wait for a child; return its status, negative for a signal, and the processor time that it took."""
    _, status, used = os.wait4(number, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def processor_seconds(number: int) -> float:
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_data() -> None:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(5)
    rows = 600
    frame = pd.DataFrame({f"c{j}": rng.integers(0, 5 + 20 * j, rows) for j in range(7)})
    frame["text"] = [f"v{i % 50}" for i in range(rows)]
    frame["twice"] = frame["c3"] * 2
    frame.to_csv("t.csv", index=False)
    frame.to_parquet("t.parquet", index=False)
    Path("t.json.gz").write_bytes(gzip.compress(frame.to_json(orient="records", lines=True).encode()))


def soak(count: int, seed: int, folder: Path) -> Found:
    """Interrupt ``count`` children and return what was found."""
    os.chdir(folder)
    temporary = folder / "temporary"
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    make_data()
    import colprofile

    colprofile.profile("t.csv").save("saved.json")
    for job in JOBS:
        _finished(job)
    assert threading.active_count() == 1, "a thread is alive where it forks"
    durations = {job: _duration(job) for job in JOBS}
    found, chance = Found(), random.Random(seed)
    for number in range(count):
        job, sent = list(JOBS)[number % len(JOBS)], SIGNALS[number // len(JOBS) % len(SIGNALS)]
        _interrupt(job, sent, chance.uniform(0, 1.05 * durations[job]), temporary, found)
    for job in JOBS:
        if status := ended(child(job))[0]:
            found.faults.append(f"{job} ends with {status} in the end")
    found.faults += [f"{path.name} is left in the end" for path in temporary.iterdir()]
    found.faults += [f"{path.name} is left in the end" for path in folder.glob(".*")]
    for line in set((folder / "errors").read_text().splitlines()) - {
        "colprofile: interrupted",
        "colprofile: terminated",
    }:
        found.faults.append(f"it said: {line}")
    return found


def _finished(job: str) -> None:
    """Run a job in this process, so that its children need neither import nor compile anything."""
    from colprofile.cli import main

    if job == "python":
        call(job)
    elif status := main(JOBS[job]):
        raise AssertionError(f"{job} ended with {status}")


def _duration(job: str) -> float:
    began = time.monotonic()
    status, _ = ended(child(job))
    assert status == 0, f"{job} ended with {status}: {Path('errors').read_text()}"
    return time.monotonic() - began


def _interrupt(job: str, sent: signal.Signals, delay: float, temporary: Path, found: Found) -> None:
    """Send a signal to a child after so many seconds, and note what is wrong with its end."""
    before, parts = {path.name for path in temporary.iterdir()}, set(Path().glob(".out*.part"))
    for name in OUTPUTS:
        Path(name).write_text("old")
    number = child(job)
    time.sleep(delay)
    used = processor_seconds(number)
    os.kill(number, sent)
    began = time.monotonic()
    status, total = ended(number)
    found.longest_seconds = max(found.longest_seconds, time.monotonic() - began)
    found.longest_processor_seconds = max(found.longest_processor_seconds, total - used)
    key = f"{sent.name} {status}"
    found.ends[key] = found.ends.get(key, 0) + 1
    shown = f"{job}, {sent.name} after {delay:.3f} s"
    if status not in (0, -sent, 128 + sent):
        found.faults.append(f"{shown}: it ended with {status}")
    for name, end in OUTPUTS.items():
        text = Path(name).read_text()
        if text != "old" and not text.endswith(end):
            found.faults.append(f"{shown}: {name} is not whole")
    left = {path.name for path in temporary.iterdir()} - before
    is_killed = sent == signal.SIGKILL or (job == "python" and status == -sent)
    if is_killed:
        found.killed_leftovers += len(left)
    elif left:
        found.faults.append(f"{shown}, status {status}: {left} is left")
    elif status != -sent:
        found.faults += [f"{shown}: {path.name} is left" for path in set(Path().glob(".out*.part")) - parts]


def main() -> None:
    """Print what was found as JSON."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(tempfile.mkdtemp())  # not a TemporaryDirectory: the first child to exit would remove it
    try:
        found = soak(count, seed, folder)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
