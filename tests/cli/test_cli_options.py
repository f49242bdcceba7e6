"""Options of every command: what is not allowed is refused in their own words, and defaults are those of Python."""

from __future__ import annotations

import inspect
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import typer

import colprofile
from colprofile.cli import app, main

COMMANDS = typer.main.get_group(app).commands
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"

COUNTING = {
    "--threads": ["0"],
    "--memory-limit": ["huge"],
    "--statement-timeout": ["0"],
    "--columns": [""],
    "--nulls": ["drop"],
}
SELECTION = {"--tables": [""], "--exclude": [""]}
TARGETS = {"--html": ["{folder}"], "--json": ["{folder}/no/x"], "--markdown": ["{folder}"], "--save": ["-"]}

INPUTS = {
    "--delimiter": [""],
    "--encoding": ["klingon"],
    "--skip": ["-1"],
    "--null": [""],
    "--decimal": ["x"],
    "--thousands": ["."],
    "--quote": ["xy"],
    "--comment": [""],
    "--types": ["zip"],
    "--sheet": [" "],
    "--query": [""],
    "--where": [""],
}
SAMPLE = {"--sample-rows": ["1"], "--sample": ["110%"]}
FLAGS = {"--header", "--no-header", "--all-text", "--ragged", "--accept-rejects", "--flatten"}

REFUSED: dict[str, dict[str, list[str]]] = {
    "profile": {
        **SELECTION,
        **COUNTING,
        **INPUTS,
        **TARGETS,
        "--fetch": ["sometimes"],
        "--precision": ["0"],
        "--top-pairs": ["0"],
        "--min-dependence": ["2"],
        **SAMPLE,
        "--confidence": ["1"],
        "--seed": ["-1"],
        "--matrix-columns": ["1"],
        "--no-pairs": ["--top-pairs", "3"],
    },
    "drift": {
        **SELECTION,
        **{option: values for option, values in COUNTING.items() if option not in ("--nulls", "--columns")},
        **INPUTS,
        **TARGETS,
        "--fetch": ["sometimes"],
        "--fail-above": ["nan"],
        "--stale-statistics": [],
        "--fail-on": ["same"],
        "--tolerance": ["-1"],
        "--significance": ["1"],
        "--smoothing": ["0"],
        **SAMPLE,
        "--seed": ["-1"],
    },
    "audit": {
        **SELECTION,
        "--diagram": ["tables.png"],
        **COUNTING,
        **INPUTS,
        **TARGETS,
        "--max-determinants": ["4"],
        "--max-error": ["0.5"],
        "--max-seconds": ["0", "nan"],
        "--dialect": ["mumps"],
        "--script": ["{folder}"],
    },
    "latent": {
        **COUNTING,
        **INPUTS,
        **TARGETS,
        "--max-classes": ["0"],
        "--restarts": ["0"],
        **SAMPLE,
        "--seed": ["-1"],
        "--bins": ["1"],
        "--max-values": ["1"],
        "--confidence": ["0.4"],
    },
    "planner": {
        **SELECTION,
        **TARGETS,
        "--min-bits": ["0"],
        "--examine": ["-1"],
        "--predicates": ["0"],
        "--longest-list": ["0"],
        "--budget": ["-1"],
        "--script": ["{folder}"],
        "--fail-above": ["-1"],
        "--fetch": ["sometimes"],
        "--statement-timeout": ["0"],
        "--lock-timeout": ["-1"],
    },
    "report": {"--html": ["{folder}"], "--markdown": ["{folder}"], "--matrix-columns": ["1"]},
    "sql": {},
}
"""By command: for each option a value that is refused, or what cannot stand beside it."""

NAMES = {
    "profile": {"--table", "--schema", "--partial", "--like", "--no-quality", "--no-example-rows", *FLAGS},
    "drift": {"--table", "--stale-table", "--fresh-table", "--schema", "--partial", "--columns", *FLAGS},
    "audit": {"--table", "--schema", "--fail-on", "--partial", "--latent-classes", *FLAGS},
    "latent": {"--table", *FLAGS},
    "planner": {"--schema", "--partial", "--columns", "--no-pairs", "--explain", "--verify"},
    "report": set[str](),
    "sql": {"--group", "--list"},
}
"""Flags, which are never refused; and names of tables, columns, kinds: a message says which one was not found."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("options") / "t.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (a integer, b text)")
        connection.executemany("insert into t values (?, ?)", [(i % 5, f"b{i % 5}") for i in range(50)])
    connection.close()
    return str(path)


def options_of(command: Any) -> set[str]:
    words = (word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts))
    return {word for word in words if word.startswith("--")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_lists(name: str) -> None:
    assert options_of(COMMANDS[name]) - {"--help"} == {*REFUSED[name], *NAMES[name]}


@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, options in REFUSED.items() for option in options]
)
def test_a_refusal_names_the_option(
    name: str, option: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = {"drift": [database, database], "planner": [NOWHERE, "t"], "report": [database]}
    values = [value.replace("{folder}", str(tmp_path)) for value in REFUSED[name][option]]
    assert main([name, *sources.get(name, [database]), option, *values]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.search(rf"(?<!\w){option}\b", output.err), output.err
    assert not re.search(r"(?<!')\b[a-z_]+=", output.err), f"a parameter of Python: {output.err}"


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"report", "sql"}))
def test_defaults_are_those_of_python(name: str) -> None:
    verb = colprofile.latent_classes if name == "latent" else getattr(colprofile, name)
    python = inspect.signature(verb).parameters
    compared = 0
    for parameter in COMMANDS[name].params:
        if parameter.name in python and parameter.opts[0].startswith("--"):
            assert parameter.default == python[parameter.name].default, parameter.name
            compared += 1
    assert compared >= 7
