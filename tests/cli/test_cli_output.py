"""Where results go: files, standard output, and what cannot be written."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

import colprofile
from colprofile.cli import app, main
from colprofile.sources.options import InputOptions
from tests.support.command_line import run

COMMANDS = {
    "profile": ["profile", "{data}"],
    "drift": ["drift", "{data}", "{data}"],
    "audit": ["audit", "{data}"],
    "latent": ["latent", "{data}"],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "stops.csv"
    pd.DataFrame({"zip": [i % 30 for i in range(300)], "city": [f"c{i % 30 // 3}" for i in range(300)]}).to_csv(
        path, index=False
    )
    return str(path)


def command(name: str, data: str) -> list[str]:
    return [part.replace("{data}", data) for part in COMMANDS[name]]


def run_process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-m", "colprofile", *arguments]
    return subprocess.run(given, stderr=subprocess.PIPE, text=True, errors="replace", **options)


# What a command lacks on purpose: Python objects; the terminal decides about progress; what is no use there.
LEFT_OUT = {
    "profile": {"progress"},
    "drift": {"progress"},
    "audit": {"progress"},
    "planner": {"progress"},
    "latent": {"progress", "concentration", "max_iterations", "tolerance"},
}
CALLED = {"pairs": "no_pairs", "quality": "no_quality", "example_rows": "no_example_rows", "engine": "url"}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_python_takes_the_command_line_takes(name: str) -> None:
    verb = colprofile.latent_classes if name == "latent" else getattr(colprofile, name)
    group = typer.main.get_command(app)
    taken = {parameter.name for parameter in group.commands[name].params}  # type: ignore[attr-defined]
    wanted = {CALLED.get(parameter, parameter) for parameter in inspect.signature(verb).parameters}
    if "inputs" in wanted:
        wanted = wanted - {"inputs"} | {field.name for field in dataclasses.fields(InputOptions)}
    assert wanted - taken == LEFT_OUT[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_writes_every_kind(name: str, data: str, tmp_path: Path, capsys: Any) -> None:
    paths = {option: tmp_path / f"out{option}" for option in ("--html", "--json", "--markdown", "--save")}
    options = [word for option, path in paths.items() for word in (option, str(path))]
    assert main([*command(name, data), *options]) == 0
    assert capsys.readouterr().out == ""
    assert paths["--html"].read_text("utf-8").startswith("<!doctype html>")
    assert paths["--markdown"].read_text("utf-8").startswith("### ")
    assert json.loads(paths["--save"].read_text()) == json.loads(paths["--json"].read_text())
    assert main(["report", str(paths["--save"])]) == 0
    capsys.readouterr()
    assert main(["report", str(paths["--save"]), "--html", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    for option in ("--html", "--json", "--markdown"):
        assert main([*command(name, data), option, "-"]) == 0
        assert capsys.readouterr().out.startswith({"--html": "<!doctype", "--json": "{", "--markdown": "### "}[option])


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--html", "-", "--json", "-"], "--html and --json both want standard output"),
        (["--save", "{folder}/x", "--markdown", "{folder}/./x"], "--save and --markdown both want"),
        (["--save", "-"], "--save - is not allowed"),
        (["--save", "{folder}"], "it is a folder"),
        (["--html", "{folder}/none/x.html"], "no such folder"),
        (["--html", ""], "it is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    name: str, options: list[str], words: str, tmp_path: Path, capsys: Any
) -> None:
    # There is no such source either: nobody has looked for it yet.
    given = [option.replace("{folder}", str(tmp_path)) for option in options]
    assert main([*command(name, "nowhere.csv"), *given]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert re.fullmatch(r"colprofile: [^\n]+\n", error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_run_that_fails_keeps_what_was_there(name: str, data: str, tmp_path: Path, capsys: Any) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("old")
    assert main([*command(name, data), "--columns", "nope", "--json", str(kept), "--save", str(tmp_path / "new")]) == 2
    assert "no column 'nope'" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]
    assert kept.read_text() == "old"


def test_a_full_disk_and_a_closed_output_are_one_line(data: str) -> None:
    with open("/dev/full", "w") as full:
        result = run_process("profile", data, "--no-pairs", stdout=full)
    assert result.returncode == 2
    assert result.stderr == "colprofile: cannot write to standard output: No space left on device\n"
    closed = run_process("profile", data, "--no-pairs", preexec_fn=lambda: os.close(1))
    assert closed.returncode == 2
    assert closed.stderr.startswith("colprofile: standard output is closed")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_characters(data: str, encoding: str) -> None:
    result = run("profile", data, encoding=encoding)
    assert (result.returncode, result.stderr) == (0, "")
    assert "###" in result.stdout and r"\u2588" not in result.stdout


def test_no_command_shows_the_help() -> None:
    result = run()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: colprofile")
    assert "\n  profile" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["plan"], "colprofile: No such command 'plan'. Did you mean 'planner', 'latent'? See colprofile --help."),
        (["--nope"], "colprofile: No such option: --nope. See colprofile --help."),
        (["drift", "a", "b", "--fetch", "no"], "--fetch no is not allowed: give 'auto', 'always' or 'never'. See"),
        (["profile"], "colprofile: SOURCE is missing. See colprofile profile --help."),
        (["report", "{data}", "--matrix-columns", "2"], "it is a table, not a saved result"),
    ],
)
def test_wrong_usage_is_a_sentence(arguments: list[str], line: str, data: str, capsys: Any) -> None:
    assert main([argument.replace("{data}", data) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert line in error
    assert "Value error" not in error


def test_parts_of_a_table_are_merged(data: str, tmp_path: Path, capsys: Any) -> None:
    frame = pd.DataFrame({"x": [i * 0.37 for i in range(9000)]})
    for number in (0, 1):
        frame.iloc[number::2].to_parquet(tmp_path / f"part{number}.parquet")
    first, second = str(tmp_path / "first.json"), str(tmp_path / "second.json")
    assert main(["profile", str(tmp_path / "part0.parquet"), "--save", first]) == 0
    assert main(["profile", str(tmp_path / "part1.parquet"), "--like", first, "--save", second]) == 0
    parts = [colprofile.Profile.load(path)["x"].histogram for path in (first, second)]
    assert parts[0].bin_counts and parts[0].edges[1:-1] == parts[1].edges[1:-1]
    assert parts[0].merge(parts[1]).rows == 9000
    assert main(["profile", data, "--like", data]) == 2
    assert "it is a table, not a saved result" in capsys.readouterr().err


def test_drift_counts_in_the_database_and_gives_up(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "t.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table t (a integer, b text)")
    connection.executemany("insert into t values (?, ?)", [(i % 7, str(i % 3)) for i in range(300)])
    connection.commit()
    connection.close()
    url = f"sqlite:///{path}"
    shown = []
    for fetch in ("always", "never"):
        assert main(["drift", url, url, "--table", "t", "--fetch", fetch, "--json", "-"]) == 0
        shown.append([column["kl_divergence"] for column in json.loads(capsys.readouterr().out)["columns"]])
    assert shown == [[0.0, 0.0]] * 2
    assert main(["drift", url, url, "--table", "t", "--statement-timeout", "-1"]) == 2
    assert "--statement-timeout -1 is not allowed" in capsys.readouterr().err


def text_that_is_no_utf8(path: Path) -> str:
    """A SQLite file whose text holds bytes that are no UTF-8: they become lone surrogates."""
    connection = sqlite3.connect(path)
    connection.execute("create table t (a text, b text)")
    rows = [(bytes([0x78, 0x80 + i % 5]), f"v{i % 5 // 2}") for i in range(200)]
    connection.executemany("insert into t values (cast(? as text), ?)", rows)
    connection.commit()
    connection.close()
    return str(path)


@pytest.mark.parametrize("name", COMMANDS)
def test_lone_surrogates_in_values_reach_every_output(name: str, tmp_path: Path) -> None:
    given = [*command(name, text_that_is_no_utf8(tmp_path / "t.sqlite")), "--table", "t"]
    files = [tmp_path / f"out{option}" for option in ("--html", "--json", "--markdown", "--save")]
    written = run(*given, *[word for path in files for word in (path.name[3:], str(path))])
    assert (written.returncode, written.stderr) == (0, "")
    assert all(path.read_bytes().decode("utf-8") for path in files)
    for arguments in (given, ["report", str(tmp_path / "out--save")]):
        shown = run(*arguments)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout


def test_lone_surrogates_in_names_and_frames(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [i % 5 for i in range(200)], "y": [i % 5 // 2 for i in range(200)]})
    frame.columns = pd.Index(["a\udc80", "y"], dtype=object)
    results = [
        colprofile.profile(frame),
        colprofile.drift(frame, frame.iloc[:50]),
        colprofile.audit(frame),
        colprofile.latent_classes(frame),
    ]
    for result in results:
        result.save(tmp_path / "saved.json")
        assert type(result).load(tmp_path / "saved.json") == result
        assert r"a\udc80" in result.to_html()
        result.to_html().encode()
        assert main(["report", str(tmp_path / "saved.json"), "--markdown", str(tmp_path / "out.md")]) == 0
    texts = pd.DataFrame({"x": pd.Series(["a\udc80", "b"], dtype=object)})
    found = colprofile.profile(texts)
    assert [top.value for top in found["x"].top_values] == ["a\udc80", "b"]
    assert r"a\udc80" in found.to_html() and r"a\udc80" in found.to_terminal()
