"""No command writes over what it reads, nor over a database or other data, whatever the file is called."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import typer

import colprofile
import colprofile.progress
from colprofile.cli import app, main
from colprofile.errors import ResultError
from tests.golden.make_saved import FOLDER
from tests.support.command_line import seen_on_a_terminal

OUTPUTS = {
    name: sorted(option for parameter in command.params for option in parameter.opts if option in FORMS)
    for FORMS in [{"--save", "--html", "--json", "--markdown", "--script"}]
    for name, command in typer.main.get_group(app).commands.items()
}
COMMANDS = {
    "profile": ["profile", "{input}"],
    "audit": ["audit", "{input}"],
    "latent": ["latent", "{input}"],
    "drift, stale": ["drift", "{input}", "other.parquet"],
    "drift, fresh": ["drift", "other.parquet", "{input}"],
    "planner": ["planner", "{input}", "t"],
    "report": ["report", "{input}"],
    "profile, like": ["profile", "other.parquet", "--like", "{input}"],
}
EVERY_OUTPUT = [(command, option) for command in COMMANDS for option in OUTPUTS[command.partition(",")[0]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one of everything, which nothing may have changed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    table = pa.table({"zip": [1, 1, 2, 3] * 5, "city": ["a", "a", "b", "c"] * 5})
    for name in ("data.parquet", "other.parquet"):
        pq.write_table(table, name)
    feather.write_feather(table, "data.arrow")
    Path("data.csv").write_text("zip,city\n1,a\n2,b\n")
    Path("data.json").write_text('[{"zip": 1}, {"zip": 2}]')
    Path("empty.csv").touch()
    shutil.copy(FOLDER / "profile.json", "saved.json")
    with contextlib.closing(sqlite3.connect("data.db")) as connection:
        connection.executescript("create table t (a integer); insert into t values (1), (2)")
    with duckdb.connect("data.duckdb") as con:
        con.execute("create table t as select range as a from range(9)")
    os.symlink("data.parquet", "link.parquet")
    os.link("data.parquet", "hard.parquet")
    (tmp_path / "folder").mkdir()
    os.symlink(tmp_path, "folder/up")
    before = contents(tmp_path)
    yield tmp_path
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, tuple[bool, bytes]]:
    return {path.name: (path.is_symlink(), path.read_bytes()) for path in folder.iterdir() if path.is_file()}


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must be refused, and return its one line."""
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(r"colprofile: [^\n]+\n", output.err)
    return output.err


def test_every_output_is_tried() -> None:
    assert {name.partition(",")[0] for name in COMMANDS} == {name for name, options in OUTPUTS.items() if options}
    assert OUTPUTS["audit"] == ["--html", "--json", "--markdown", "--save", "--script"]


@pytest.mark.parametrize(("command", "option"), EVERY_OUTPUT)
def test_no_output_of_any_command_goes_to_its_input(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [part.replace("{input}", "data.json") for part in COMMANDS[command]]
    error = refused([*arguments, option, "data.json"], capsys)
    assert error == f"colprofile: cannot write {option} 'data.json': it is the input; name another file\n"


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("data.json", "./data.json"),
        ("data.json", "folder/../data.json"),
        ("data.json", "folder/up/data.json"),
        ("data.json", "{folder}/data.json"),
        ("{folder}/data.json", "data.json"),
        ("folder/up/data.json", "data.json"),
        ("link.parquet", "data.parquet"),
        ("data.parquet", "link.parquet"),
        ("data.parquet", "hard.parquet"),
        ("*.parquet", "other.parquet"),
        ("d?ta.js[o]n", "data.json"),
        ("**/data.json", "data.json"),
        ("sqlite:///data.db", "data.db"),
        ("sqlite+pysqlite:///{folder}/data.db", "data.db"),
        ("sqlite:///file:data.db?mode=ro&uri=true", "data.db"),
        ("duckdb:///data.duckdb", "folder/up/data.duckdb"),
        ("duckdb:////{folder}/data.duckdb", "data.duckdb"),
    ],
)
def test_an_input_is_known_by_every_name(
    given: str, target: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, target = (text.replace("{folder}", str(folder)) for text in (given, target))
    assert "it is the input; name another file" in refused(["profile", given, "--json", target], capsys)


def test_every_one_of_several_inputs_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["profile", "other.parquet", "link.parquet", "data.json"]
    assert "it is the input" in refused([*command, "--json", "folder/../data.json"], capsys)


@pytest.mark.parametrize("given", [".", "folder/up", "{folder}/folder/.."])
def test_a_file_in_a_folder_that_is_read_is_an_input(
    given: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["profile", given.replace("{folder}", str(folder)), "--tables", "nothing"]
    assert "which is read; name another file" in refused([*command, "--save", "data.json"], capsys)
    # What is new there, or is no data, is in nobody's way: only now is the folder looked at.
    assert "is called 'nothing'" in refused([*command, "--save", "new.json"], capsys)
    Path("page.html").write_text("<p>")
    assert "is called 'nothing'" in refused([*command, "--html", "page.html"], capsys)
    Path("page.html").unlink()


def test_a_result_knows_all_of_its_inputs(folder: Path) -> None:
    Path("more.json").write_text('{"zip": 3}')
    for source in (["data.json", "more.json"], "*e.json"):
        found = colprofile.profile(source, pairs=False, quality=False)
        with pytest.raises(ResultError, match="it is the input"):
            found.save("more.json")
    Path("folder/a.json").write_text('{"zip": 3}')
    Path("folder/up").unlink()
    found = colprofile.profile("folder", pairs=False, quality=False)
    with pytest.raises(ResultError, match="it is in the folder 'folder', which is read"):
        found.to_html("folder/a.json")
    Path("more.json").unlink()


@pytest.mark.parametrize("query", ["from 'data.json'", 'select * from "data.json"', "from read_json('~/data.json')"])
def test_a_file_that_a_query_reads_is_an_input(query: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["profile", "data.duckdb", "--table", query, "--json", "data.json"]
    assert "it is the input" in refused(arguments, capsys)


@pytest.mark.parametrize(
    ("given", "companion"),
    [
        *[("data.db", f"data.db{end}") for end in ("-wal", "-shm", "-journal")],
        ("sqlite:///data.db", "data.db-wal"),
        ("data.duckdb", "data.duckdb.wal"),
    ],
)
def test_what_belongs_to_a_database_is_left_alone(
    given: str, companion: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(["profile", given, "--save", companion], capsys)
    assert f"it belongs to the database {given.removeprefix('sqlite:///')!r}" in error


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("data.db", "an SQLite database"),
        ("data.duckdb", "a DuckDB database"),
        ("data.parquet", "a Parquet file"),
        ("link.parquet", "a Parquet file"),
        ("data.arrow", "an Arrow file"),
        ("data.csv", "a table"),
    ],
)
@pytest.mark.parametrize("option", ["--save", "--html"])
def test_data_is_never_replaced_although_nobody_reads_it(
    target: str, kind: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(["profile", "data.json", option, target], capsys)
    assert f"cannot write {option} {target!r}: it is {kind}, which is never replaced; name another file" in error


def test_nothing_is_read_before_the_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    # There is no such server, and no such source.
    unreachable = "postgresql://nobody@127.0.0.1:1/none"
    assert "which is never replaced" in refused(["planner", unreachable, "t", "--script", "data.db"], capsys)
    assert "which is never replaced" in refused(["drift", "none", "none", "--html", "data.duckdb"], capsys)


@pytest.mark.parametrize(
    ("first", "second"),
    [("out", "out"), ("out", "./out"), ("out", "folder/../out"), ("out", "folder/up/out"), ("saved.json", "new.json")],
)
def test_two_outputs_to_one_file(first: str, second: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if second == "new.json":
        os.link(first, second)
    error = refused(["profile", "data.json", "--save", first, "--html", second], capsys)
    assert f"--save and --html both want {second!r}: give one of them another file" in error
    (folder / "new.json").unlink(missing_ok=True)


def test_what_colprofile_wrote_is_replaced_and_a_terminal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 1000.0)
    written = {"--save": "a.json", "--html": "a.html", "--json": "b.json", "--markdown": "empty.csv"}
    options = [word for pair in written.items() for word in pair]
    for _ in range(2):
        command = ["profile", "data.json", "--no-pairs", *options]
        assert seen_on_a_terminal(partial(main, command)).splitlines() == [
            "colprofile: wrote the result to a.json",
            "colprofile: wrote the page to a.html",
            "colprofile: wrote the JSON to b.json",
            "colprofile: wrote the Markdown to empty.csv",
        ]
        for name in written.values():
            assert Path(name).stat().st_size > 0
        Path("empty.csv").write_bytes(b"")
    for name in written.values():
        Path(name).unlink()
    Path("empty.csv").touch()
