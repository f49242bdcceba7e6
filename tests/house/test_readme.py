"""The README tells the truth: its Python examples run, its targets and options exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from colprofile.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_python_examples_give_what_they_show() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", README, re.MULTILINE))
    assert {"demo", "test", "lint", "bench"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_commands_and_options_exist(capsys: object) -> None:
    shown = re.findall(r"^colprofile (\w+) (.*?)(?:#.*)?$", README, re.MULTILINE)
    assert shown
    for command, rest in shown:
        assert main([command, "--help"]) == 0
        help_text = capsys.readouterr().out  # type: ignore[attr-defined]
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in help_text, (command, option)


def test_the_audit_is_what_the_audit_says() -> None:
    """tests/audit/test_docs_audit.py holds docs/audit.md against the program, so it is enough to be found there."""
    [shown] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    lines = shown.splitlines()
    assert len(lines) > 10
    documented = (ROOT / "docs" / "audit.md").read_text().splitlines()
    assert [line for line in lines if line not in documented] == []


def test_linked_files_exist() -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / link).exists(), link
