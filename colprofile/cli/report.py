"""colprofile report: a saved result shown again, without the data."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from colprofile.cli.profile import terminal_width


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("report", help="Show a saved result again, without the data: in the terminal, as a page, as Markdown.")(
        report
    )


def report(
    saved: Annotated[
        str,
        typer.Argument(
            metavar="SAVED", help="A file that --save, --json or save() wrote, of any command.", show_default=False
        ),
    ],
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write a page; - for standard output.", show_default=False),
    ] = None,
    markdown: Annotated[
        str | None,
        typer.Option(
            "--markdown",
            metavar="FILE",
            help="Write Markdown for a pull request; - for standard output.",
            show_default=False,
        ),
    ] = None,
    matrix_columns: Annotated[
        int | None,
        typer.Option(
            "--matrix-columns",
            metavar="N",
            help="Columns that a profile's matrix and graph draw; 60 by default.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Render a saved result where it was asked for; to the terminal otherwise."""
    from colprofile.errors import ArgumentError
    from colprofile.results.profile import Profile

    if html == "-" and markdown == "-":
        raise ArgumentError("--html - and --markdown - both want standard output: give one of them a file")
    result, name, show = loaded(saved)
    if matrix_columns is not None and not isinstance(result, Profile):
        raise ArgumentError(f"--matrix-columns is for profiles, and {saved!r} holds another result: leave it out")
    if html is not None:
        options = {"matrix_columns": matrix_columns} if matrix_columns is not None else {}
        write(html, result.to_html(**options))
    if markdown is not None:
        write(markdown, as_markdown(result, name, show))
    if html is None and markdown is None:
        sys.stdout.write(show(result, width=terminal_width()))


def loaded(path: str) -> tuple[Any, str, Callable[..., str]]:
    """Return a saved result, what it is called, and what shows it in the terminal.

    Raises
    ------
    ResultError
        Not a saved result.
    """
    from colprofile.results.profile import Profile
    from colprofile.results.serialize import FORMATS, load_result, saved_format

    # What is no saved result is read as a profile, which says in one line what is wrong with it.
    kind = FORMATS.get(saved_format(path) or "", Profile)
    names = {cls: name.removeprefix("colprofile.").replace("_", " ") for name, cls in FORMATS.items()}
    return load_result(kind, path), names[kind], terminal_of(kind)


def terminal_of(kind: type) -> Callable[..., str]:
    """Return what shows a result of this class in the terminal."""
    from importlib import import_module

    module, function = {
        "Audit": ("audit_terminal", "render_terminal"),
        "Drift": ("drift_terminal", "render_terminal"),
        "LatentClasses": ("latent_terminal", "render_terminal"),
        "PlannerReport": ("planner_terminal", "render_planner_terminal"),
        "Profile": ("terminal", "render_terminal"),
    }[kind.__name__]
    found: Callable[..., str] = getattr(import_module(f"colprofile.report.{module}"), function)
    return found


def as_markdown(result: Any, name: str, show: Callable[..., str]) -> str:
    """Return a result as Markdown: its own, or its terminal report in a block."""
    from colprofile.report.markdown import fenced

    if hasattr(result, "to_markdown"):
        return str(result.to_markdown())
    return fenced(name.capitalize(), show(result, width=100, color=False))


def write(target: str, content: str) -> None:
    """Write to a file, or to standard output for ``-``."""
    if target == "-":
        sys.stdout.write(content)
        return
    from colprofile.results.files import write_atomically

    write_atomically(target, content)
