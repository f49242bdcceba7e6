"""Shell completion: commands, options, choices, the columns of the source; -h everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import typer

import colprofile
from colprofile.cli import app, completion
from tests.support.command_line import run

COMMANDS = list(typer.main.get_group(app).commands)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"origin": ["a", "b"], "dest": ["c", "d"], "distance": [1, 2], "a, b": [1, 2]})
    frame.to_parquet(tmp_path / "trips.parquet")
    colprofile.profile(frame[["dest"]], pairs=False).save(tmp_path / "saved.json")
    (tmp_path / "odd.txt").write_text("1;2\n3;4\n")
    return tmp_path


def completions(folder: Path, line: str) -> list[str]:
    """Return what bash is offered at the end of a line."""
    environment = os.environ | {
        "_COLPROFILE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "colprofile"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("colprofile pl", ["planner"]),
        ("colprofile profile trips.parquet --mat", ["--matrix-columns"]),
        ("colprofile profile trips.parquet --nulls ", ["ignore", "value"]),
        ("colprofile profile trips.parquet --columns di", ["distance"]),
        ("colprofile profile trips.parquet --columns origin,d", ["origin,dest", "origin,distance"]),
        ("colprofile latent trips.parquet --columns ", ["origin", "dest", "distance", '"a, b"']),
        ("colprofile drift saved.json trips.parquet --columns de", ["dest"]),
        ("colprofile profile trips.parquet trips.parquet --columns di", ["distance"]),
        ("colprofile profile odd.txt --delimiter ; --no-header --columns ", ["column0", "column1"]),
        ("colprofile audit trips.parquet --fail-on key,one", ["key,one-to-one", "key,one-to-one-tables"]),
        ("colprofile sql --group pa", ["pairs"]),
        # Nothing to offer: the shell completes files. And no server is asked.
        ("colprofile profile tri", [""]),
        ("colprofile profile nowhere.csv --columns d", [""]),
        ("colprofile profile postgresql://nobody@192.0.2.1/none --columns d", [""]),
    ],
)
def test_what_is_offered(folder: Path, line: str, offered: list[str]) -> None:
    assert completions(folder, line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(shell: str) -> None:
    command = [sys.executable, "-m", "colprofile", "--show-completion", shell]
    environment = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_COLPROFILE_COMPLETE=complete_{shell}" in done.stdout


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_h_is_help(command: list[str]) -> None:
    short, long = run(*command, "-h"), run(*command, "--help")
    assert short == long
    assert short.returncode == 0
    assert short.stdout.startswith(" ".join(["Usage: colprofile", *command]))


def test_a_long_text_file_is_not_looked_at(tmp_path: Path) -> None:
    long, footed = tmp_path / "long.csv", tmp_path / "long.parquet"
    for path in (long, footed):
        with path.open("wb") as stream:
            stream.truncate(completion.LARGEST + 1)
    context: Any = SimpleNamespace(params={"source": [str(long), str(footed)], "stale": None}, args=["https://x.org/a"])
    assert completion.local_sources(context) == [str(footed)]
