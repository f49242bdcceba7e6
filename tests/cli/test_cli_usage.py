"""Wrong usage is said in the project's own words, with what was typed."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import typer

import colprofile
from colprofile.cli import app, main
from colprofile.errors import ArgumentError

COMMANDS = typer.main.get_group(app).commands
FOREIGN = re.compile(
    r"Input should|valid integer|valid number|Value error|Got unexpected|requires an argument|argument\\(s\\)"
)
WHOLE = "give a whole number from 0 to 9223372036854775807"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.to_csv("t.csv", index=False)
    frame.to_parquet("t.parquet")
    colprofile.profile(frame, pairs=False).save("p.json")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("profile t.csv --matrix-columns 1", "--matrix-columns 1 is not allowed: give 2 or more"),
        ("report p.json --matrix-columns 0", "--matrix-columns 0 is not allowed: give 2 or more"),
        ("audit t.csv --max-determinants 9", "--max-determinants 9 is not allowed: give 1, 2 or 3"),
        ("audit t.csv --max-error 0.9", "--max-error 0.9 is not allowed: give a share of the rows from 0 to 0.05"),
        ("profile t.csv --precision -1", "--precision -1 is not allowed: give bits, above 0, such as 0.05"),
        ("profile t.csv --precision=-1e0", "--precision -1e0 is not allowed: give bits, above 0, such as 0.05"),
        ("drift t.csv t.csv --fail-above -1", "--fail-above -1 is not allowed: give bits, 0 or more"),
        ("profile t.csv --statement-timeout -1", "--statement-timeout -1 is not allowed: give seconds above 0"),
        ("profile t.csv --seed -1", f"--seed -1 is not allowed: {WHOLE}"),
        ("latent t.csv --seed -1", f"--seed -1 is not allowed: {WHOLE}"),
        (f"profile t.csv --seed {2**63}", f"--seed {2**63} is not allowed: {WHOLE}"),
        (f"latent t.csv --seed {2**63}", f"--seed {2**63} is not allowed: {WHOLE}"),
        ("drift t.csv t.csv more", "the command does not take 'more'. See colprofile drift --help."),
        ("profile t.csv more", "no file 'more'."),
        ("profile t.csv --columns", "--columns needs a value behind it. See colprofile profile --help."),
        ("profile t.csv --no-pairs=1", "--no-pairs takes no value. See colprofile profile --help."),
        ("--debug", "Missing command. See colprofile --help."),
        (
            "report t.parquet",
            "cannot read 't.parquet': it is a Parquet file, not a saved result; give a file that --save or save() "
            "wrote; data is for profile, audit and drift",
        ),
        (
            "planner t.csv t",
            "'t.csv' is not a database URL: planner reads the statistics of PostgreSQL and Spark; give a URL like "
            "postgresql://user@host/database or sc://host:15002",
        ),
        (
            "planner sqlite:///none.db t",
            "planner reads the statistics of PostgreSQL and Spark, and sqlite:///none.db is sqlite: profile and audit "
            "work there",
        ),
        (
            "planner mysql://me:secret@host/db t",
            "planner reads the statistics of PostgreSQL and Spark, and mysql://me:***@host/db is mysql: profile and "
            "audit work there",
        ),
        (
            "drift p.json t.csv --stale-statistics",
            "'p.json' is not a database URL: --stale-statistics reads the statistics of PostgreSQL and Spark; give a "
            "URL like postgresql://user@host/database or sc://host:15002",
        ),
        (
            "drift postgresql://nobody@127.0.0.1:1/none t.csv --stale-statistics",
            "--stale-statistics needs a table: name it with --stale-table",
        ),
    ],
)
def test_messages(command: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command.split()) == 2
    assert capsys.readouterr() == ("", f"colprofile: {message}\n")


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, parameter.opts[0])
        for name, command in COMMANDS.items()
        for parameter in command.params
        if parameter.opts[0].startswith("--")
    ],
)
def test_no_option_answers_in_the_words_of_the_framework(
    name: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = {"drift": ["none", "none"], "planner": ["none", "none"], "sql": []}.get(name, ["none"])
    for value in ("x y", "-1", "1e999", ""):
        main([name, *sources, option, value])
        error = capsys.readouterr().err
        assert not FOREIGN.search(error), error
    main([name, *sources, option])
    assert not FOREIGN.search(capsys.readouterr().err)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True, 2**63])
@pytest.mark.parametrize("verb", ["profile", "latent_classes"])
def test_seeds_are_checked_alike(verb: str, seed: object) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"seed={seed!r} is not allowed: {WHOLE}")):
        getattr(colprofile, verb)("t.csv", seed=seed)


@pytest.mark.parametrize("given", [5, None, {"a", "b"}, [], object()])
def test_objects_that_are_no_source(given: object) -> None:
    with pytest.raises(ArgumentError, match=f"cannot read an object of type {type(given).__name__}: give a path"):
        colprofile.profile(given)
