"""The help of the commands: in groups, with examples that can be typed, at every width."""

from __future__ import annotations

import shlex

import pytest
import typer

from colprofile.cli import app, main
from colprofile.cli.help import EXAMPLES, GROUPS

COMMANDS = typer.main.get_group(app).commands


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for width in (*range(60, 109, 7), 200):  # lines end at column 100
        monkeypatch.setenv("COLUMNS", str(width))
        assert main([name, "--help"] if name else ["--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= min(width, 100)


def test_every_command_has_an_example_that_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(EXAMPLES) == set(COMMANDS)
    for name, examples in EXAMPLES.items():
        main([name, "--help"])
        shown = capsys.readouterr().out
        for example in examples:
            assert f"\n  {example}\n" in shown
            program, command, *arguments = shlex.split(example.partition(" > ")[0])
            assert (program, command) == ("colprofile", name)
            COMMANDS[name].make_context(name, arguments)  # raises where an option or argument is wrong


def test_options_stand_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    known = {parameter.name for command in COMMANDS.values() for parameter in command.params}
    assert {name for names in GROUPS.values() for name in names} <= known
    main(["profile", "--help"])
    shown = capsys.readouterr().out
    sections = ["Arguments:", "Options:", *(f"{title}:" for title in GROUPS if title != "Exit status"), "Examples:"]
    places = [shown.index(f"\n{title}\n") for title in sections]
    assert places == sorted(places)
    assert shown.index("--table") < shown.index("\nResults:\n") < shown.index("--html") < shown.index("--threads")


def test_a_seed_that_does_not_draw_rows_is_an_option_like_others(capsys: pytest.CaptureFixture[str]) -> None:
    main(["latent", "--help"])
    shown = capsys.readouterr().out
    assert "Estimates from random rows" not in shown
    assert shown.index("\nOptions:\n") < shown.index("--seed") < shown.index("\nResults:\n")
