"""A profile as Markdown, and a saved result shown again from the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import colprofile
from colprofile.cli import main
from colprofile.report import text
from colprofile.report.markdown import ROWS_SHOWN, code_block
from colprofile.report.profile.markdown import PAIRS_SHOWN, render_markdown
from tests.support import profiles
from tests.support.markdown import check_markdown


def rows_of(shown: str) -> list[list[str]]:
    lines = [line for line in shown.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def test_markdown_shows_the_figures_of_the_profile() -> None:
    profile = profiles.flights_like()
    shown = profile.to_markdown()
    assert shown == render_markdown(profile)
    assert shown.startswith("### Profile of `flights`\n\n2,000 rows · 15 columns: 9 numeric, ")
    assert "- medium: `dest` and `distance` determine each other in every row: " in shown
    for column in profile.columns:
        if column.entropy is not None:
            assert f"| {text.bits(column.entropy)} |" in shown
    for pair in profile.pairs[:5]:
        assert f"| `{pair.x}` | `{pair.y}` | {text.coefficient(pair.dependence or 0)} |" in shown
    assert shown.count("<details>") == shown.count("</details>") == 2


@pytest.mark.parametrize("name", profiles.ALL)
def test_every_profile_makes_whole_tables_and_names_stay_code(name: str) -> None:
    shown = render_markdown(profiles.ALL[name]())
    check_markdown(shown)
    assert {len(row) for row in rows_of(shown)} <= {7, 8}


def test_long_tables_are_cut_and_small_enough_for_a_comment() -> None:
    shown = render_markdown(profiles.wide(300))
    assert f"… and {300 - ROWS_SHOWN} more" in shown
    assert f"The {PAIRS_SHOWN} strongest of" in shown
    assert len(shown) < 65_536


def test_a_block_of_code_holds_whatever_stands_in_it() -> None:
    assert code_block("a ```` b\x1b\n\nc", "sql") == ["`````sql", "a ```` b\\x1b\n\nc", "`````"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One saved result of every kind that needs no server."""
    folder = tmp_path_factory.mktemp("saved")
    frame = pd.DataFrame({"zip": [i % 40 for i in range(2000)], "city": [i % 40 // 4 for i in range(2000)]})
    results = {
        "profile": colprofile.profile(frame),
        "drift": colprofile.drift(frame, frame.iloc[:500]),
        "audit": colprofile.audit(frame),
        "latent": colprofile.latent_classes(frame, max_classes=2, restarts=1),
    }
    for name, result in results.items():
        result.save(folder / f"{name}.json")
        (folder / f"{name}.html").write_text(result.to_html(), "utf-8")
    return {name: folder / f"{name}.json" for name in results}


@pytest.mark.parametrize("name", ["profile", "drift", "audit", "latent"])
def test_a_saved_result_is_shown_again_without_the_data(
    saved: dict[str, Path], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(saved[name])
    page, note = tmp_path / "again.html", tmp_path / "again.md"
    assert main(["report", path, "--html", str(page), "--markdown", str(note)]) == 0
    assert capsys.readouterr().out == ""
    assert page.read_text("utf-8") == saved[name].with_suffix(".html").read_text("utf-8")
    assert note.read_text("utf-8").startswith("### ")
    assert main(["report", path]) == 0
    terminal = capsys.readouterr().out
    assert "zip" in terminal
    assert max(map(len, terminal.splitlines())) <= 100
    assert main(["report", path, "--markdown", "-"]) == 0
    assert capsys.readouterr().out == note.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "{folder}/none.json"], "no such file"),
        (["report", "{text}"], "it is not JSON"),
        (["report", "{drift}", "--matrix-columns", "9"], "is for profiles"),
        (
            ["report", "{profile}", "--html", "{folder}/a.html", "--matrix-columns", "1"],
            "is not allowed: give 2 or more",
        ),
        (["report", "{profile}", "--html", "-", "--markdown", "-"], "both want standard output"),
        (["profile", "{text}", "--json", "-", "--markdown", "-"], "both want standard output"),
    ],
)
def test_unusable_input_is_one_line(
    arguments: list[str], words: str, saved: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.json").write_text("not json")
    names = {"folder": tmp_path, "text": tmp_path / "text.json", **saved}
    assert main([argument.format(**names) for argument in arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(r"colprofile: [^\n]+\n", output.err)
    assert words in output.err


def test_profile_writes_markdown_and_a_larger_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "t.csv"
    pd.DataFrame({f"c{i}": [(row * (i + 3)) % 7 for row in range(90)] for i in range(5)}).to_csv(data, index=False)
    page = tmp_path / "p.html"
    assert main(["profile", str(data), "--markdown", "-", "--html", str(page), "--matrix-columns", "3"]) == 0
    assert capsys.readouterr().out.startswith("### Profile of `")
    assert "--matrix-columns 6 draws more" in page.read_text("utf-8")
