"""The README is short and true: its snippets run, its targets, extras and options exist, its links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from colprofile.cli import main
from tests.support.snippets import ROOT, Session, check, snippets

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_is_short() -> None:
    assert len(README.split()) <= 1_200


def test_the_snippets_run_from_top_to_bottom(tmp_path: Path) -> None:
    session = Session(tmp_path)
    check(ROOT / "README.md", session)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("flights.parquet", "report.html", "flights.json", "fixes.sql"),
    }
    assert session.names["profile"].rows == 336_776


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", README, re.MULTILINE))
    assert {"demo", "test", "docs"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_extras_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = set(re.findall(r"'\.\[(\w+)\]'", README))
    assert named == set(extras) - {"docs", "test"}


def test_every_command_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    commands = re.findall(r"^  (\w+) ", capsys.readouterr().out.partition("Commands:")[2], re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
    assert sorted(rows) == sorted(commands)


def test_the_options_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("profile", "drift", "audit", "planner"):
        main([command, "--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    prose = re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`(?:\w+ )?(--[a-z-]+[a-z])`", prose)) <= known


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert len(links) > 15
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_there_is_a_snippet_of_each_kind() -> None:
    assert {snippet.language for snippet in snippets(README)} == {"sh", "python"}
