"""Options on how inputs are read: each changes what is read, in every command. Missing rows end with status 2."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.cli import main
from colprofile.cli.inputs import NAMES
from colprofile.inputs import InputReading
from colprofile.sources.options import InputOptions

FILES = {
    "plain.csv": "id,name\n1,Ann\n2,Bob\n3,Cid\n",
    "semicolon.csv": "id;name\n1;a,b\n2;c,d\n",
    "latin.csv": "id,name\n1,Köln\n",
    "no-header.csv": "1,2\n3,4\n",
    "preamble.csv": "title\nsubtitle\nid,name\n1,a\n2,b\n",
    "missing.csv": "id,price\n1,2.5\n2,gone\n3,4.5\n",
    "numbers.csv": "id;price\n1;1.234,5\n2;2.000,0\n",
    "quoted.csv": "id,name\n1,'a,b'\n2,'c'\n",
    "comments.csv": "id,name\n1,a\n%2,b\n3,c\n",
    "codes.csv": "zip,city\n01,a\n02,b\n",
    "ragged.csv": "id,name\n1,a\n2\n3,c\n",
    "nested.json": '{"a": {"b": 1, "c": 2}}\n{"a": {"b": 3, "c": 4}}\n',
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_bytes(text.encode("latin-1" if name == "latin.csv" else "utf-8"))
    return tmp_path


def read(*arguments: str) -> tuple[int, Any]:
    """Return the exit status of a profile, and rows, names and numbers of values of its columns; None for none."""
    output = Path("out.json")
    output.unlink(missing_ok=True)
    status = main(["profile", *arguments, "--no-pairs", "--no-quality", "--json", str(output)])
    if not output.exists():
        return status, None
    found = json.loads(output.read_text())
    return status, (found["rows"], [(c["name"], c["type"], c["nulls"], c["distinct"]) for c in found["columns"]])


TWO = [("id", "BIGINT", 0, 2), ("name", "VARCHAR", 0, 2)]
THREE = [("id", "BIGINT", 0, 3), ("name", "VARCHAR", 0, 3)]
EFFECTS: dict[str, tuple[str, list[str], Any]] = {
    "delimiter": ("semicolon.csv", ["--delimiter", "semicolon"], (2, TWO)),
    "encoding": ("latin.csv", ["--encoding", "cp1252"], (1, [("id", "BIGINT", 0, 1), ("name", "VARCHAR", 0, 1)])),
    "header": ("no-header.csv", ["--header"], (1, [("1", "BIGINT", 0, 1), ("2", "BIGINT", 0, 1)])),
    "skip": (
        "preamble.csv",
        ["--skip", "3", "--no-header"],
        (2, [("column0", "BIGINT", 0, 2), ("column1", "VARCHAR", 0, 2)]),
    ),
    "null": ("missing.csv", ["--null", 'NA,"gone"'], (3, [("id", "BIGINT", 0, 3), ("price", "DOUBLE", 1, 2)])),
    "thousands": (
        "numbers.csv",
        ["--decimal", ",", "--thousands", "."],
        (2, [("id", "BIGINT", 0, 2), ("price", "DOUBLE", 0, 2)]),
    ),
    "quote": ("quoted.csv", ["--quote", "apostrophe"], (2, TWO)),
    "comment": ("comments.csv", ["--comment", "%"], (2, TWO)),
    "all_text": ("plain.csv", ["--all-text"], (3, [("id", "VARCHAR", 0, 3), ("name", "VARCHAR", 0, 3)])),
    "types": ("plain.csv", ["--types", "id=DECIMAL(9,2)"], (3, [("id", "DECIMAL(9,2)", 0, 3), THREE[1]])),
    "ragged": ("ragged.csv", ["--ragged"], (3, [("id", "BIGINT", 0, 3), ("name", "VARCHAR", 1, 2)])),
    "accept_rejects": ("ragged.csv", ["--accept-rejects"], (2, TWO)),
    "flatten": ("nested.json", ["--flatten"], (2, [("a.b", "BIGINT", 0, 2), ("a.c", "BIGINT", 0, 2)])),
    "query": ("plain.csv", ["--query", "select id from data where id > 1"], (2, [("id", "BIGINT", 0, 2)])),
    "where": ("plain.csv", ["--where", "id > 1"], (2, TWO)),
}
EFFECTS["decimal"] = EFFECTS["thousands"]
IN_A_TEST_OF_ITS_OWN = {"sheet"}


@pytest.mark.parametrize("option", EFFECTS)
def test_an_option_changes_what_is_read(option: str) -> None:
    file, options, expected = EFFECTS[option]
    assert f"--{option.replace('_', '-')}" in options
    assert read(file, *options) == (0, expected)
    assert read(file)[1] != expected or option in ("delimiter", "encoding", "quote"), "those are guessed well"


def test_nested_data_are_flattened_to_a_depth(capsys: pytest.CaptureFixture[str]) -> None:
    Path("deep.json").write_text('{"a": {"b": {"c": 1}}}\n{"a": {"b": {"c": 2}}}\n')
    for options, expected in ((["--flatten"], ["a.b.c"]), (["--flatten=1"], ["a.b"]), (["--flatten=2"], ["a.b.c"])):
        assert [name for name, *_ in read("deep.json", *options)[1][1]] == expected
    for depth in ("0", "-1", "x", "1.5"):
        assert main(["profile", "deep.json", f"--flatten={depth}"]) == 2
        assert re.match(rf"colprofile: --flatten '?{depth}'? is not allowed: give ", capsys.readouterr().err)


def test_every_option_has_a_test() -> None:
    assert {*EFFECTS, *IN_A_TEST_OF_ITS_OWN} == set(NAMES) == {f.name for f in dataclasses.fields(InputOptions)}


def test_what_is_given_counts_more_than_what_would_be_guessed() -> None:
    guessed, given = (
        colprofile.profile("latin.csv", pairs=False, encoding=encoding)["name"].top_values[0].value
        for encoding in (None, "cp437")
    )
    assert (guessed, given) == ("Köln", "K÷ln")
    assert read("semicolon.csv", "--delimiter", "|") == (0, (2, [("id;name", "VARCHAR", 0, 2)]))
    assert read("plain.csv", "--no-header", "--quote", "none")[1][0] == 4


def test_a_sheet_is_chosen() -> None:
    pytest.importorskip("python_calamine")
    with pd.ExcelWriter("book.xlsx") as book:
        pd.DataFrame({"a": [1, 2]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"b": [1, 2, 3]}).to_excel(book, sheet_name="other", index=False)
    for sheet in ("other", "2"):
        assert read("book.xlsx", "--sheet", sheet) == (0, (3, [("b", "BIGINT", 0, 3)]))


@pytest.mark.parametrize("flag", ["--header", "--no-header", "--all-text", "--ragged", "--accept-rejects", "--flatten"])
@pytest.mark.parametrize("command", ["profile", "audit", "latent", "drift"])
def test_flags_reach_every_command(command: str, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Other options do too: test_cli_options has a value of each that is refused."""
    file = "plain.csv" if flag == "--flatten" else "p.parquet"
    pd.DataFrame({"a": [1]}).to_parquet("p.parquet")
    assert main([command, *[file] * (2 if command == "drift" else 1), flag]) == 2
    error = capsys.readouterr().err
    named = "--header" if flag == "--no-header" else flag
    assert re.fullmatch(rf"colprofile: (--no-)?{named}.* is of no use for .*: leave it out\n", error), error


def test_several_sources_are_one_table() -> None:
    Path("more.csv").write_text("id,name\n4,Dan\n")
    assert read("plain.csv", "more.csv") == (0, (4, [("id", "BIGINT", 0, 4), ("name", "VARCHAR", 0, 4)]))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("plain.csv") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert read("-") == (0, (3, THREE))


def test_rows_that_are_missing_end_with_status_2(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A saved profile of a file that lacks rows, on either side of a comparison, which is written all the same."""
    reading = InputReading(
        format="CSV", reader="DuckDB", records=5, rejected_rows=2, remarks=("2 rows have no second field, as line 7",)
    )
    whole = colprofile.profile("plain.csv", pairs=False)
    made = dataclasses.replace(whole.provenance, reading=reading, is_exact=False)
    whole.save("whole.json")
    dataclasses.replace(whole, provenance=made).save("lacking.json")
    for sides in (["lacking.json", "whole.json"], ["whole.json", "lacking.json"]):
        assert main(["drift", *sides, "--json", "drift.json"]) == 2
        assert capsys.readouterr() == (
            "",
            "colprofile: 2 of 5 rows of plain.csv could not be read and are in no figure. "
            "2 rows have no second field, as line 7. --accept-rejects accepts that.\n",
        )
        assert json.loads(Path("drift.json").read_text())["fresh_rows"] == 3
        assert main(["drift", *sides, "--accept-rejects", "--json", "drift.json"]) == 0
        assert capsys.readouterr() == ("", "")
    assert main(["report", "lacking.json"]) == 0, "nothing is read"
    assert "2 of 5 rows" in capsys.readouterr().out


def test_rows_that_are_accepted_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "ragged.csv", "--no-pairs"]) == 2
    error = capsys.readouterr().err
    assert "line 3" in error and "--ragged " in error and "--accept-rejects " in error
    assert main(["profile", "ragged.csv", "--no-pairs", "--accept-rejects"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert "1 of 3 rows of ragged.csv could not be read and is in no figure." in output.out


def test_remarks_name_options_on_the_command_line_and_parameters_in_python(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["profile", "latin.csv", "--no-pairs", "--save", "saved.json"]) == 0
    said = colprofile.Profile.load("saved.json").provenance.reading
    plain = colprofile.profile("latin.csv", pairs=False).provenance.reading
    assert said is not None and plain is not None
    assert [remark for remark in said.remarks if "--encoding" in remark] and "encoding=" not in str(said.remarks)
    assert [remark for remark in plain.remarks if "encoding=" in remark]


SPELLINGS: list[tuple[str, Callable[[InputOptions], Any], str, Any]] = [
    ("delimiter", lambda o: o.delimiter, "tab", "\t"),
    ("delimiter", lambda o: o.delimiter, r"\t", "\t"),
    ("delimiter", lambda o: o.delimiter, "Semicolon", ";"),
    ("delimiter", lambda o: o.delimiter, "||", "||"),
    ("quote", lambda o: o.quote, "none", ""),
    ("quote", lambda o: o.quote, "apostrophe", "'"),
    ("thousands", lambda o: o.thousands, "space", " "),
    ("null", lambda o: o.null_texts, 'NA, --,"a, b","say ""x"""', ("NA", "--", "a, b", 'say "x"')),
]


@pytest.mark.parametrize(("name", "value_of", "given", "expected"), SPELLINGS)
def test_spellings_are_those_of_python(
    name: str, value_of: Callable[[InputOptions], Any], given: str, expected: Any
) -> None:
    assert value_of(InputOptions.of({name: given})) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"delimiter": "\n"}, "delimiter='\\n' is not allowed: give 1 to 4 characters"),
        ({"delimiter": "abcde"}, "delimiter='abcde' is not allowed"),
        ({"delimiter": 5}, "delimiter=5 is not allowed"),
        ({"encoding": "base64"}, "encoding='base64' is not allowed"),
        ({"encoding": "a\0b"}, "is not allowed: give the name of an encoding"),
        ({"skip": True}, "skip=True is not allowed"),
        ({"null": []}, "null=[] is not allowed"),
        ({"decimal": ",", "thousands": ","}, "thousands=',' is not allowed: decimal= is ',' too"),
        ({"delimiter": "'", "quote": "'"}, 'quote= is "\'" too'),
        ({"types": "zip=VARCHAR"}, "types='zip=VARCHAR' is not allowed: give types by column"),
        ({"types": {"zip": ""}}, "is not allowed: give types by column"),
        ({"sheet": 0}, "sheet=0 is not allowed: give its name, or its number from 1"),
        ({"flatten": 0.5}, "flatten=0.5 is not allowed"),
        ({"ragged": "yes"}, "ragged='yes' is not allowed: give True or False"),
        ({"delimeter": ","}, "there is no parameter 'delimeter'. Did you mean 'delimiter'?"),
    ],
)
def test_what_is_not_allowed(given: dict[str, Any], message: str) -> None:
    with pytest.raises(colprofile.ArgumentError, match=re.escape(message)):
        InputOptions.of(given)
