"""colprofile report: a saved result shown again, without the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from colprofile.cli import options as given
from colprofile.cli.output import check_targets, terminal_width, write_results, write_text


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
    html: given.Html = None,
    markdown: given.Markdown = None,
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

    targets = {"--html": html, "--markdown": markdown}
    check_targets(targets)
    result, name, show = loaded(saved)
    if matrix_columns is not None and not isinstance(result, Profile):
        raise ArgumentError(f"--matrix-columns is for profiles, and {saved!r} holds another result: leave it out")
    if matrix_columns is not None and matrix_columns < 2:
        raise ArgumentError(f"--matrix-columns {matrix_columns} is not allowed: give 2 or more")
    options = {"matrix_columns": matrix_columns} if matrix_columns is not None else {}
    make = {"--html": lambda: result.to_html(**options), "--markdown": lambda: as_markdown(result, name, show)}
    if not write_results(targets, make):
        write_text(show(result, width=terminal_width()))


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

    wing = {
        "Audit": "audit",
        "Drift": "drift",
        "LatentClasses": "latent",
        "PlannerReport": "planner",
        "Profile": "profile",
    }[kind.__name__]
    found: Callable[..., str] = import_module(f"colprofile.report.{wing}.terminal").render_terminal
    return found


def as_markdown(result: Any, name: str, show: Callable[..., str]) -> str:
    """Return a result as Markdown."""
    from importlib import import_module

    wing = "latent" if name.startswith("latent") else name.split()[0]
    return str(import_module(f"colprofile.report.{wing}.markdown").render_markdown(result))
