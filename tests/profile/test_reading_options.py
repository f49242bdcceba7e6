"""Numbers that are text in a text file: the options that are proposed read them."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.results.quality import QualityIssue
from colprofile.results.quality_words import quality_parts
from colprofile.results.reading_options import ReadingOptions, together
from tests.support.command_line import run


def written(folder: Path, columns: dict[str, list[str]]) -> Path:
    path = folder / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path


def issues(path: Path, **inputs: Any) -> dict[str, QualityIssue]:
    found = colprofile.profile(path, pairs=False, progress=False, **inputs)
    return {issue.columns[0]: issue for issue in found.quality if issue.options is not None}


def numbers(count: int = 200) -> list[str]:
    return [str(i * i + 1) for i in range(count)]


CASES: list[tuple[str, list[str], ReadingOptions, float | None]] = [
    ("--", [*numbers(), *["--"] * 150], ReadingOptions(("--",)), 1.0),
    ("NA and n/a", [*numbers(), "NA", "n/a", "NA"], ReadingOptions(("NA", "n/a")), 1.0),
    ("#N/A among fractions", [*(f"{i / 8}" for i in range(90)), "#N/A"], ReadingOptions(("#N/A",)), 0.0),
    ("a word of its own", [*numbers(), "closed"], ReadingOptions(("closed",)), 1.0),
    ("a dot", [*numbers(), ".", "."], ReadingOptions((".",)), 1.0),
    ("thousands", [f"{i * 37:,}" for i in range(1, 90)], ReadingOptions(thousands=","), 37.0),
    ("some thousands", [*numbers(31), *(f"{i * 370:,}" for i in range(40))], ReadingOptions(thousands=","), 0.0),
    (
        "thousands, fractions and -",
        [*(f"{i * 37.5:,.2f}" for i in range(90)), "-"],
        ReadingOptions(("-",), None, ","),
        0.0,
    ),
    ("decimal commas", [f"{i},50" for i in range(60)], ReadingOptions(decimal=","), 0.5),
    ("points and commas", [f"{i}.234,5" for i in range(1, 60)], ReadingOptions((), ",", "."), 1234.5),
    ("apostrophes", [f"{i}'234.5" for i in range(1, 60)], ReadingOptions((), None, "'"), 1234.5),
    ("dollars", [f"${i * 37}.25" for i in range(60)], ReadingOptions(types={"x": "number"}), 0.25),
    ("dollars and thousands", [f"${i * 37:,}" for i in range(60)], ReadingOptions(types={"x": "number"}), 0.0),
    (
        "euros, points and commas",
        [f"{i}.234,5 €" for i in range(1, 60)],
        ReadingOptions(decimal=",", types={"x": "number"}),
        1234.5,
    ),
    ("pounds and apostrophes", [f"£{i}'234" for i in range(1, 60)], ReadingOptions(types={"x": "number"}), 1234.0),
    ("narrow spaces", [f"{i}\u202f234" for i in range(1, 60)], ReadingOptions(thousands="\u202f"), 1234.0),
    ("curly apostrophes", [f"{i}’234.5" for i in range(1, 60)], ReadingOptions(thousands="’"), 1234.5),
    ("percent and NA", [*(f"{i}.5 %" for i in range(60)), "NA"], ReadingOptions(("NA",), types={"x": "number"}), 0.5),
    ("dates", [*(f"2020-01-{i:02}" for i in range(1, 31)), "unknown"], ReadingOptions(("unknown",)), None),
]


@pytest.mark.parametrize(("name", "values", "options", "least"), CASES, ids=[case[0] for case in CASES])
def test_what_is_proposed_reads_them(
    name: str, values: list[str], options: ReadingOptions, least: float | None, tmp_path: Path
) -> None:
    path = written(tmp_path, {"x": values, "word": [f"word {i % 5}" for i in range(len(values))]})
    issue = issues(path)["x"]
    assert (issue.kind, issue.options) == ("stored_as_text", options)
    assert issue.options is not None
    missing = sum(value in options.null for value in values)
    assert issue.converting_share == pytest.approx(1 - missing / len(values))
    [again, _] = colprofile.profile(path, pairs=False, progress=False, **issue.options.keywords()).columns
    assert (again.kind, again.nulls) == ("numeric" if least is not None else "temporal", missing)
    if least is not None:
        assert isinstance(again.minimum, int | float | str)
        assert float(again.minimum) == least
    assert again.distinct == len(set(values) - set(options.null))


def test_what_is_proposed_can_be_typed(tmp_path: Path) -> None:
    values = [*(f"${i * 37:,}" for i in range(60)), "it's", "--"]
    path = written(tmp_path, {"net, $": values, "-": [*numbers(61), "NA"]})
    found = colprofile.profile(path, pairs=False, progress=False)
    [finding] = [finding for finding in found.findings if finding.kind == "options"]
    assert finding.options is not None
    assert finding.columns == ("net, $", "-")
    typed = finding.options.in_shell()
    assert typed == """--null 'it'"'"'s,--,NA' --types '"net, $"=number'"""
    saved = tmp_path / "saved.json"
    assert run("profile", str(path), "--no-pairs", "--save", str(saved), *shlex.split(typed)).returncode == 0
    assert [column.kind for column in colprofile.Profile.load(saved).columns] == ["numeric", "numeric"]


FRACTIONS = [f"{i / 8}" for i in range(60)]


@pytest.mark.parametrize(
    ("values", "other", "inputs"),
    [
        pytest.param([*numbers(), "12x"], None, {}, id="a text with digits"),
        pytest.param([*numbers(), *"abcdef"], None, {}, id="many words"),
        pytest.param([*numbers(), "a,b"], None, {}, id="a word with a comma"),
        pytest.param([*numbers(), "NA "], None, {}, id="a word with a blank"),
        pytest.param([*numbers(), "\x07"], None, {}, id="a word that nobody can type"),
        pytest.param([*numbers(), "--"], None, {"all_text": True}, id="all text"),
        pytest.param([*numbers(), "--"], None, {"types": {"x": "VARCHAR"}}, id="text by its type"),
        pytest.param([f"{i},50" for i in range(60)], FRACTIONS, {}, id="points in another column"),
        pytest.param([f"{i}.234,5" for i in range(1, 61)], FRACTIONS, {}, id="points that would separate thousands"),
        pytest.param([f"{i}.5" for i in range(60)], None, {"decimal": ","}, id="points where commas were asked for"),
        pytest.param(["yes", "no"] * 30, None, {}, id="booleans"),
        pytest.param([f"192.168.{i}.{i % 7}" for i in range(60)], None, {}, id="addresses"),
        pytest.param([f"1.{i}.{i % 7}" for i in range(60)], None, {}, id="versions"),
        pytest.param([f"{i:05}" for i in range(60)], None, {}, id="codes"),
    ],
)
def test_nothing_is_proposed(
    values: list[str], other: list[str] | None, inputs: dict[str, Any], tmp_path: Path
) -> None:
    columns = {"x": values, "y": other or [f"word {i % 7}" for i in range(len(values))]}
    assert issues(written(tmp_path, columns), **inputs) == {}


def test_nothing_is_proposed_for_frames_and_other_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [*numbers(), "--"]})
    frame.to_parquet(tmp_path / "x.parquet")
    for source in (frame, tmp_path / "x.parquet"):
        found = colprofile.profile(source, pairs=False, progress=False)
        [issue] = found.quality
        assert (issue.kind, issue.options, issue.converting_share) == ("stored_as_text", None, None)
        assert not [finding for finding in found.findings if finding.kind == "options"]


def test_what_the_file_was_read_with_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [*numbers(), "NA", "--"], "y": [*(f"${i}" for i in range(200)), "NA", "NA"]})
    found = issues(path, null="NA")
    assert found["x"].options == ReadingOptions(("NA", "--"))
    assert found["y"].options == ReadingOptions(types={"y": "number"})
    again = colprofile.profile(path, pairs=False, progress=False, null="NA,--", types={"y": "number"})
    assert [column.nulls for column in again.columns] == [2, 2]


def test_placeholders_beside_texts_and_codes(tmp_path: Path) -> None:
    towns = [f"Town {i % 30} of {i % 7}" for i in range(200)]
    path = written(tmp_path, {"town": [*towns, "NA", "?"], "id": [*numbers(), "--", "--"]})
    found = issues(path)
    assert {name: (issue.kind, issue.options) for name, issue in found.items()} == {
        "town": ("placeholder", ReadingOptions(("NA", "?"))),
        "id": ("placeholder", ReadingOptions(("--",))),
    }
    again = colprofile.profile(path, pairs=False, progress=False, null="NA,?,--")
    assert [(column.kind, column.nulls) for column in again.columns] == [("text", 2), ("numeric", 2)]


def test_values_that_the_options_take_away_are_said(tmp_path: Path) -> None:
    countries = ["DE", "NA", "FR", "IT"] * 50
    path = written(tmp_path, {"x": [*numbers(199), "NA"], "country": countries})
    issue = issues(path)["x"]
    assert issue.options == ReadingOptions(("NA",), emptied=("country",))
    assert "takes values away from" in "".join(part for part in quality_parts(issue) if isinstance(part, str))


def test_options_that_contradict_each_other_have_none_together() -> None:
    assert together([ReadingOptions(decimal=","), ReadingOptions(thousands=",")]) is None
    assert together([ReadingOptions(decimal=","), ReadingOptions(("--",), ",", ".")]) == ReadingOptions(
        ("--",), ",", "."
    )
    assert together([ReadingOptions(("NA",))]) is None


def test_one_sentence_for_many_columns(tmp_path: Path) -> None:
    path = written(tmp_path, {f"c{j}": [*(str(i * (j + 1)) for i in range(60)), "--"] for j in range(9)})
    shown = run("profile", str(path), "--no-pairs").stdout
    assert shown.count("Read the file with --null '--' (null='--' in Python):") == 1
    assert shown.count("reads it as one.") == 4
    assert "5 more columns are of numbers or dates with these options." in shown
