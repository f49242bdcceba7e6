"""Other profilers on the same Parquet file, each in an environment of its own, taking turns with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import data
from bench.harness import Measurement, Run, Timing, case, timed

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-peers"
REQUIREMENTS = (
    "desbordante>=2.3",
    "fg-data-profiling>=4.20",
    "phik>=0.12.5",
    "pyarrow>=18",
    "skrub>=0.6",
)
"""fg-data-profiling is ydata-profiling under its new name."""

Ours = Callable[[Path], object]


def _columns_page(path: Path) -> object:
    import colprofile

    return colprofile.profile(path, pairs=False).to_html()


def _page(path: Path) -> object:
    import colprofile

    return colprofile.profile(path).to_html()


def _columns(path: Path) -> object:
    import colprofile

    return colprofile.profile(path, pairs=False)


def _profile(path: Path) -> object:
    import colprofile

    return colprofile.profile(path)


SKRUB = "skrub takes its associations from 3,000 sampled rows, colprofile from all"
CONTESTS: dict[str, tuple[str, Ours, int, str]] = {
    "data-profiling-minimal": ("flights: report of the columns", _columns_page, 3, ""),
    "data-profiling": ("flights: report with the pairs", _page, 1, ""),
    "skrub": ("flights: report with the pairs", _page, 3, SKRUB),
    "phik": ("flights: association of all pairs", _profile, 1, ""),
    "desbordante-tane": ("flights: dependencies of all pairs", _profile, 3, ""),
    "desbordante-stats": ("flights: statistics of the columns", _columns, 3, ""),
}
"""Worker's task → what both do, our side, how often, what is not alike."""


class Worker:
    """A process of the peers' environment that runs one task on request and answers with its seconds."""

    def __init__(self, python: Path, parquet: Path) -> None:
        command = [str(python), str(Path(__file__).with_name("peer_worker.py")), str(parquet)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, task: str) -> dict[str, object]:
        """Return the worker's answer to one task: {"seconds", "version"} or {"error"}."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(task, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            return {"error": f"its process ended with status {self._process.wait()}"}
        answer: dict[str, object] = json.loads(line)
        return answer

    def seconds(self, task: str) -> float:
        """Return how long a task took; RuntimeError with the peer's own words where it fails."""
        answer = self.ask(task)
        if "error" in answer:
            raise RuntimeError(str(answer["error"]))
        return float(str(answer["seconds"]))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@case("peers", peers=True)
def other_profilers(run: Run) -> list[Measurement]:
    """What other profilers need for their nearest equivalent, both from the same Parquet file."""
    parquet = data.flights_parquet(run.folder, data.SMALL_ROWS if run.small else None)
    python = install(run.say)
    return [_contest(run, task, python, parquet) for task in CONTESTS]


def install(
    say: Callable[[str], None] = print,
    environment: Path = ENVIRONMENT,
    requirements: tuple[str, ...] = REQUIREMENTS,
) -> Path:
    """Return the interpreter of ``.venv-peers`` or another environment, filled where something is missing."""
    windows = os.name == "nt"
    python = environment / ("Scripts/python.exe" if windows else "bin/python")
    stamp = environment / ".installed"
    wanted = "\n".join(requirements)
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        say(f"installing {', '.join(requirements)} into {environment.name}")
        if not python.exists():
            venv.create(environment, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _contest(run: Run, task: str, python: Path, parquet: Path) -> Measurement:
    """Return one line: ours and the peer in turns; where the peer fails, its own words."""
    what, ours, repeat, note = CONTESTS[task]
    with worker(python, parquet) as peer:
        ours(parquet)  # compiled and warm, also where the peer takes too long for a second turn
        version = str(peer.ask(f"{task} version").get("version", task))
        try:
            times = run.measure(
                {"colprofile": timed(lambda: ours(parquet)), "peer": lambda: peer.seconds(task)},
                repeat=repeat,
                warm=repeat > 1,
            )
        except RuntimeError as error:
            return Measurement(what, "", version, None, "×", note=f"{version} does not run: {error}")
    timing = {name: Timing(tuple(seconds)) for name, seconds in times.items()}
    return run.compare(what, timing["colprofile"], timing["peer"], version, note=note)


@contextmanager
def worker(python: Path, parquet: Path) -> Iterator[Worker]:
    process = Worker(python, parquet)
    try:
        yield process
    finally:
        process.close()


if __name__ == "__main__":
    install(lambda text: print(text, file=sys.stderr))
