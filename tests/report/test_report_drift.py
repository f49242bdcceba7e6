"""The comparison's faces: terminal, Markdown, HTML and the command line, whatever names and values hold."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from rich.cells import cell_len

import colprofile
from colprofile.cli import main
from colprofile.report.drift.html import render_fragment, render_html
from colprofile.report.drift.markdown import render_markdown
from colprofile.report.drift.terminal import render_terminal
from colprofile.results.drift import Drift
from colprofile.results.json_schema import result_schema
from tests.support import profiles
from tests.support.browser import Open, overflow
from tests.support.markdown import check_markdown

SCRIPT = "<script>document.title='owned'</script>"


def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every verdict, with names and values that want out of their place."""
    stale = pd.DataFrame(
        {
            "same": [1, 2] * 500,
            "kind": ["a", "b"] * 500,
            SCRIPT: [f"{SCRIPT}|", "`x`"] * 500,
            "pipe|`tick`\n@someone **bold**": ["x", "y"] * 500,
            "id": range(1000),
            "gone": [1] * 1000,
            "retyped": [1] * 1000,
            "noisy": [i % 97 for i in range(1000)],
        }
    )
    fresh = pd.DataFrame(
        {
            "same": [1, 2] * 500,
            "kind": ["a", "b", "b", "b"] * 250,
            SCRIPT: [f"{SCRIPT}|", "`y`"] * 500,
            "pipe|`tick`\n@someone **bold**": ["x"] * 1000,
            "id": range(1000, 2000),
            "retyped": ["1"] * 1000,
            "noisy": [(i * i) % 97 // 2 + i % 49 for i in range(1000)],
            "new": [True, False] * 500,
        }
    )
    return stale, fresh


@pytest.fixture(scope="module")
def hostile() -> Drift:
    return colprofile.drift(*sides())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift")
    for name, side in zip(("stale", "fresh"), sides(), strict=True):
        side.to_parquet(folder / f"{name}.parquet")
    colprofile.profile(folder / "stale.parquet", pairs=False).save(folder / "stale.json")
    return folder


def test_the_sides_show_every_loud_verdict(hostile: Drift) -> None:
    verdicts = {column.name: column.verdict for column in hostile.columns}
    assert {verdicts[name] for name in ("gone", "retyped")} == {"broken"}
    assert (verdicts["new"], verdicts["id"], verdicts["kind"]) == ("added", "explained", "drifted")


# Terminal


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_terminal_line_is_too_wide(hostile: Drift, width: int) -> None:
    lines = render_terminal(hostile, width=width, color=False).split("\n")
    assert [line for line in lines if "█" in line or "░" in line or "▓" in line]
    assert max(map(cell_len, lines)) <= width


def test_narrow_terminals_leave_columns_out_rather_than_cut_figures(hostile: Drift) -> None:
    wide, narrow = (render_terminal(hostile, width=width, color=False) for width in (120, 60))
    assert re.search(r"^column +verdict +missing +unseen +KL, bits +planner error +p-value$", wide, re.MULTILINE)
    assert re.search(r"^column +verdict +missing +unseen +KL, bits$", narrow, re.MULTILINE)
    for shown in (wide, narrow):
        assert re.search(r"^kind +drifted +0 % +0 % +0\.189", shown, re.MULTILINE)
        assert re.search(r"^  b +█+▓+ +50\.0 % → 75\.0 %$", shown, re.MULTILINE)


def test_the_terminal_shows_no_control_character(hostile: Drift) -> None:
    shown = render_terminal(hostile, color=False)
    assert not [c for c in shown if not c.isprintable() and c != "\n"]
    assert "2 broken" in shown and "kind" in shown and "b: 50.0 % → 75.0 %" in shown


def test_both_histograms_lie_over_each_other(hostile: Drift) -> None:
    shown = render_terminal(hostile, color=False)
    [line] = [line for line in shown.split("\n") if line.strip().startswith("b  ")]
    assert re.search(r"█+▓+ +50\.0 % → 75\.0 %", line)
    [line] = [line for line in shown.split("\n") if line.strip().startswith("a  ")]
    assert re.search(r"█+░+ +50\.0 % → 25\.0 %", line)


# Markdown


def test_every_markdown_row_has_the_same_cells(hostile: Drift) -> None:
    rows = [line for line in render_markdown(hostile).split("\n") if line.startswith("|")]
    assert len(rows) == len(hostile.columns) + 4
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 9, row


def test_markdown_holds_no_html_of_the_data(hostile: Drift) -> None:
    shown = render_markdown(hostile)
    check_markdown(shown)
    assert shown.startswith("### Data drift: 2 columns broken and ")


# HTML


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def test_names_and_values_are_text_in_html(hostile: Drift) -> None:
    page = render_html(hostile)
    assert SCRIPT not in page
    tags = Tags()
    tags.feed(page)
    assert tags.found.count("script") == 2  # one runs, one is the packed result
    assert not re.search(r"(src|href)=\"?(https?:)?//", page)
    assert SCRIPT not in render_fragment(hostile) == hostile._repr_html_()


@pytest.mark.parametrize("name", profiles.ALL)
def test_every_profile_can_be_compared_with_itself(name: str) -> None:
    profile = profiles.ALL[name]()
    if not profile.columns:
        return
    found = colprofile.drift(profile, profile)
    assert {column.verdict for column in found.columns} <= {"same", "noise", "broken"}
    for text in (render_terminal(found, color=False), render_markdown(found), render_html(found), found.to_json()):
        assert text


def test_the_page_is_quiet_in_a_browser(hostile: Drift, open_file: Open, tmp_path: Path) -> None:
    hostile.to_html(tmp_path / "drift.html")
    report = open_file(tmp_path / "drift.html", width=390)
    assert report.page.title().startswith("2 columns broken")
    assert overflow(report.page) <= 0
    assert report.page.locator("svg.overlay path.fresh").count() >= 4
    assert report.complaints == []


# JSON


def test_the_json_obeys_its_schema(hostile: Drift) -> None:
    jsonschema.Draft202012Validator(result_schema("colprofile.drift")).validate(json.loads(hostile.to_json()))


# Command line


def run(files: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "colprofile", "drift", *arguments]
    return subprocess.run(command, cwd=files, capture_output=True, text=True)


def test_the_gate_exits_with_1_and_says_why(files: Path) -> None:
    done = run(files, "stale.json", "fresh.parquet", "--fail-on", "broken")
    assert done.returncode == 1 and "→ fresh.parquet\n1,000 → 1,000 rows" in done.stdout
    assert done.stderr == "colprofile: drift in gone, retyped\n"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 0),
        (["--fail-on", "drifted"], 1),
        (["--fail-above", "0.1", "--columns", "kind"], 1),
        (["--fail-above", "0.5", "--columns", "kind"], 0),
        (["--fail-on", "drifted", "--columns", "same,id"], 0),
        (["--fail-on", "drifted", "--columns", "kind", "--tolerance", "0.5"], 0),
        (["--columns", "nope"], 2),
        (["--fail-above", "-1"], 2),
        (["--fail-on", "noise"], 2),
        (["--smoothing", "0"], 2),
        (["--json", "-", "--markdown", "-"], 2),
    ],
    ids=str,
)
def test_exit_statuses(
    files: Path, options: list[str], status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    assert main(["drift", "stale.json", "fresh.parquet", *options]) == status
    shown = capsys.readouterr()
    if status == 2:
        assert shown.out == "" and shown.err.startswith("colprofile: ") and shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"format": "colprofile.profile", "version": 99}',
        '{"format": "colprofile.pro',
        '{"a": [1, 2',
        "[1, 2]",
        '{"z": 1}',
    ],
    ids=["newer", "cut off", "cut off early", "a list", "other JSON"],
)
def test_bad_profiles_exit_with_2_and_one_line(
    files: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    for arguments in ([str(bad), str(files / "fresh.parquet")], [str(files / "stale.json"), str(bad)]):
        assert main(["drift", *arguments]) == 2
        shown = capsys.readouterr()
        assert shown.out == "" and shown.err.startswith("colprofile: ") and shown.err.count("\n") == 1


def test_files_are_written_where_asked(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = ["--html", "d.html", "--json", "d.json", "--markdown", "d.md"]
    assert main(["drift", str(files / "stale.json"), str(files / "fresh.parquet"), *paths]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "d.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "d.md").read_text("utf-8").startswith("### Data drift")
    assert Drift.load(tmp_path / "d.json")["kind"].verdict == "drifted"


def test_tables_of_a_database_are_named_once_or_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("create table a as select i % 2 as x from range(100) r(i); create table b as from a")
    assert main(["drift", path, path, "--stale-table", "a", "--fresh-table", "b"]) == 0
    assert "1 same" in capsys.readouterr().out
    colprofile.profile(path, "a").save(tmp_path / "a.json")
    assert main(["drift", str(tmp_path / "a.json"), path, "--table", "b"]) == 0
