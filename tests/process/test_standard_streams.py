"""Standard streams that are closed, missing, full, or whose reader has gone; and too little memory to start."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile import __main__, standard
from colprofile.cli import main
from colprofile.cli import memory as memory_limit
from colprofile.cli.signals import Signals
from colprofile.progress import Progress, waiting_since_now

FRAME = pd.DataFrame({"zip": [i % 9 for i in range(90)], "city": [i % 9 // 3 for i in range(90)]})


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "t.csv"
    FRAME.to_csv(path, index=False)
    return str(path)


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


class Bare:
    """What some services put in the place of standard error: it can be written to, and nothing else."""

    def write(self, text: str) -> None:
        """Lose the text."""

    def flush(self) -> None:
        """Do nothing."""


MISSING: dict[str, Callable[[], Any]] = {"none": lambda: None, "closed": closed, "bare": Bare}


@pytest.mark.parametrize("kind", MISSING)
@pytest.mark.parametrize("stream", ["stdout", "stderr", "both"])
def test_every_verb_works_without_standard_streams(
    kind: str, stream: str, csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdout", "stderr"):
        if stream in (name, "both"):
            monkeypatch.setattr(sys, name, MISSING[kind]())
    results = [
        colprofile.profile(csv, progress=True),
        colprofile.drift(csv, FRAME, progress=True),
        colprofile.audit(csv, progress=True),
        colprofile.latent_classes(csv, progress=True),
    ]
    for result in results:
        result.show()
        result.to_terminal()
        result.save(tmp_path / "saved")
        result.to_html(tmp_path / "page")
    with waiting_since_now(), Progress(True) as progress:
        progress._began -= 10  # a second is over
        progress.update("reading rows", 1, 2)
    assert main(["profile", csv, "--html", str(tmp_path / "page")]) == 0
    assert main(["report", str(tmp_path / "saved"), "--html", str(tmp_path / "page")]) == 0
    assert main(["profile", "nowhere.csv"]) == 2


def test_messages_do_not_go_to_standard_output(csv: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["profile", "nowhere.csv"]) == 2
    assert main([]) == 2
    assert capsys.readouterr().out == ""


class Unwritable(io.TextIOWrapper):
    """Standard output that cannot be written to."""

    def __init__(self, error: OSError) -> None:
        super().__init__(io.BytesIO(), "utf-8")
        self._error: OSError | None = error

    def write(self, text: str) -> int:
        """Fail, until it is closed."""
        if self._error is not None:
            raise self._error
        return len(text)


COMMANDS = {
    "help": ["--help"],
    "help of a command": ["profile", "--help"],
    "version": ["--version"],
    "sql": ["sql"],
    "list": ["sql", "--list"],
    "report": ["profile", "{csv}"],
    "json": ["profile", "{csv}", "--json", "-"],
    "page": ["audit", "{csv}", "--html", "-"],
    "script": ["audit", "{csv}", "--script", "-"],
    "markdown": ["drift", "{csv}", "{csv}", "--markdown", "-"],
    "saved": ["latent", "{csv}", "--json", "-"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_went_away_is_no_failure_and_a_full_disk_is_one_line(
    name: str, csv: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    given = [word.replace("{csv}", csv) for word in COMMANDS[name]]
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Unwritable(BrokenPipeError(32, "Broken pipe")))
        assert main(given) == 0
    assert capsys.readouterr().err == ""
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Unwritable(OSError(28, "No space left on device")))
        assert main(given) == 2
    assert capsys.readouterr().err == "colprofile: cannot write to standard output: No space left on device\n"


def test_completion_whose_reader_went_away(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    words = {"_COLPROFILE_COMPLETE": "complete_bash", "COMP_WORDS": "colprofile profile --", "COMP_CWORD": "2"}
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    for error, status in ((BrokenPipeError(32, "Broken pipe"), 0), (OSError(28, "No space left on device"), 2)):
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", Unwritable(error))
            assert main([]) == status
        lines = capsys.readouterr().err.splitlines()
        assert lines == ["colprofile: cannot write to standard output: No space left on device"] * (status == 2)


def in_a_shell(command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    given = command.replace("colprofile", f"{sys.executable} -m colprofile")
    return subprocess.run(["bash", "-c", f"set -o pipefail; {given}"], capture_output=True, text=True, **options)


def test_a_shell_that_closes_and_cuts_off() -> None:
    for command, status in (
        ("colprofile --help | true", 0),
        ("colprofile --help >/dev/full", 2),
        ("colprofile --help >&- 2>&-", 0),
        ("colprofile sql 2>&- | head -1 >/dev/null", 0),
    ):
        found = in_a_shell(command)
        assert found.returncode == status, (command, found)
        assert found.stderr.count("\n") == (status == 2)


def test_the_next_file_does_not_take_the_number_of_a_closed_stream() -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        standard.occupy_closed()
        with open(__file__, "rb") as file:
            number = file.fileno()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert number > 2


def test_a_limit_below_what_libraries_need_is_one_line() -> None:
    found = in_a_shell("ulimit -v 600000; colprofile profile nowhere.csv")
    assert found.returncode == 2
    line = r"colprofile: memory is limited to 0\.61 GB of addresses \(ulimit -v 600000\), [^\n]+\n"
    assert re.fullmatch(line, found.stderr)
    assert in_a_shell("ulimit -v 600000; colprofile --help").returncode == 0


def test_a_limit_is_only_looked_at_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shared: list[bool] = []
    monkeypatch.setattr(memory_limit, "_share_arenas", lambda: shared.append(True))
    monkeypatch.setattr(memory_limit, "_limit", lambda: None)
    assert memory_limit.lack_of_memory(["profile", "t.csv"]) is None and not shared
    monkeypatch.setattr(memory_limit, "_limit", lambda: 100 * memory_limit.LEAST)
    assert memory_limit.lack_of_memory(["profile", "t.csv"]) is None and shared
    monkeypatch.setattr(memory_limit, "_limit", lambda: 1000)
    assert memory_limit.lack_of_memory(["profile", "--help"]) is None
    assert "ulimit -v" in (memory_limit.lack_of_memory(["profile", "t.csv"]) or "")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers of signals back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_python_has_its_own_handlers(csv: str, handlers: None) -> None:
    def mine(*_: object) -> None:
        raise AssertionError

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, mine)
    colprofile.profile(csv, pairs=False)
    main(["profile", csv, "--no-pairs", "--html", os.devnull])
    assert signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGHUP) is mine


def test_what_is_ignored_stays_ignored(handlers: None) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    signals = Signals()
    signals.install()
    try:
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        with pytest.raises(SystemExit) as caught:
            signal.raise_signal(signal.SIGTERM)
        assert caught.value.code == signals.status == 143
    finally:
        signals.end()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


STUCK = """
import sys, time
import colprofile.cli
from colprofile.temporary import TemporaryFolder
def main():
    folder = TemporaryFolder()
    print("ready", flush=True)
    while True:
        try:
            time.sleep(60)
        except BaseException:  # what never listens
            pass
colprofile.cli.main = main
from colprofile.__main__ import run
run()
"""


@pytest.mark.parametrize(
    ("number", "word"), [(signal.SIGTERM, "terminated"), (signal.SIGINT, "interrupted"), (signal.SIGHUP, "hung up")]
)
def test_work_that_does_not_listen_is_ended_too(number: int, word: str, tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    with contextlib.closing(process.stdout), contextlib.closing(process.stderr):  # type: ignore[type-var]
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert process.stderr.read() == f"colprofile: {word}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_entry_point_ends_with_the_status_of_the_command(
    csv: str, monkeypatch: pytest.MonkeyPatch, handlers: None, capsys: Any
) -> None:
    for words, status in ((["sql", "--list"], 0), (["profile", "nowhere.csv"], 2)):
        monkeypatch.setattr(sys, "argv", ["colprofile", *words])
        with pytest.raises(SystemExit) as caught:
            __main__.run()
        assert caught.value.code == status
        signal.signal(signal.SIGINT, signal.default_int_handler)
    capsys.readouterr()
