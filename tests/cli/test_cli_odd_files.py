"""Odd text files from the command line and in every verb that reads data: read alike, or refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import colprofile
from colprofile.errors import ColprofileError
from tests.support.command_line import run
from tests.support.text_corpus import encodings, fields, layouts
from tests.support.text_corpus.case import Case

CASES = {case.name: case for module in (encodings, fields, layouts) for case in module.CASES}

READ = [
    ("cp1252 with curly quotes, dashes and euros", [], ["cp1252"]),
    ("comments before the header, one with a comma", [], ["2 lines"]),
    ("a delimiter at the end of every line", [], ["2 rows", "president"]),
    ("a long row, left out", ["--accept-rejects"], ["3 rows", "1 row"]),
    ("rows that become longer, ragged", ["--ragged"], ["2,100 rows"]),
    ("two signs, told", ["--delimiter", "||"], ["2 rows"]),
    ("single quotes, told", ["--quote", "'"], ["Doe, John"]),
]


def written(case: Case, folder: Path) -> str:
    path = folder / case.file
    path.write_bytes(case.data)
    return str(path)


@pytest.mark.parametrize(("name", "options", "words"), READ, ids=[name for name, *_ in READ])
def test_what_is_odd_is_on_the_first_screen(name: str, options: list[str], words: list[str], tmp_path: Path) -> None:
    done = run("profile", written(CASES[name], tmp_path), "--no-pairs", *options)
    assert done.returncode == 0, done.stderr
    for word in words:
        assert word in done.stdout, done.stdout


@pytest.mark.parametrize("name", ["rows that become longer", "a short row", "an empty file", "latin-1 named UTF-8"])
def test_what_is_refused_is_one_line(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    options = [text for key, value in case.options.items() for text in (f"--{key}", str(value))]
    done = run("profile", written(case, tmp_path), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr


def sales(folder: Path, name: str, many: int) -> Path:
    """A file that is read as numbers with its options only: latin-1, a preamble, semicolons, decimal commas, a word."""
    rows = [f"Málaga;{i % 7},5;{'--' if i % 20 == 3 else i % 5}" for i in range(many)]
    path = folder / name
    path.write_bytes("\n".join(["Sales of the year", "", "año;price;sold", *rows, ""]).encode("latin-1"))
    return path


INPUTS: dict[str, Any] = {"decimal": ",", "null": "--"}


def test_every_verb_reads_a_file_alike(tmp_path: Path) -> None:
    path = sales(tmp_path, "new.csv", 140)
    found = colprofile.profile(path, progress=False, **INPUTS)
    assert [(column.name, column.kind, column.nulls) for column in found.columns][1:] == [
        ("price", "numeric", 0),
        ("sold", "numeric", 7),
    ]
    drift = colprofile.drift(sales(tmp_path, "old.csv", 280), path, **INPUTS)
    assert [column.name for column in drift.columns] == ["año", "price", "sold"]
    audit = colprofile.audit(path, **INPUTS)
    assert audit.rows == 140
    latent = colprofile.latent_classes(path, **INPUTS)
    assert latent.rows == 140
    for verb in (colprofile.profile, colprofile.audit, colprofile.latent_classes):
        with pytest.raises(ColprofileError, match="line 7"):
            verb(_with_a_short_row(path))


def _with_a_short_row(path: Path) -> Path:
    lines = path.read_bytes().splitlines()
    broken = path.with_name("broken.csv")
    broken.write_bytes(b"\n".join([*lines[:6], b"x;1,5", *lines[6:], b""]))
    return broken


@pytest.mark.parametrize("verb", [["audit"], ["latent"], ["drift"]])
def test_commands_take_the_options(verb: list[str], tmp_path: Path) -> None:
    paths = [str(sales(tmp_path, name, 140)) for name in (["new.csv", "old.csv"] if verb == ["drift"] else ["new.csv"])]
    done = run(*verb, *paths, "--decimal", ",", "--null", "--", "--encoding", "latin-1", "--skip", "2")
    assert done.returncode == 0, done.stderr
    refused = run(*verb, *paths, "--decimal", ",,")
    assert refused.returncode == 2
    assert "decimal" in refused.stderr
