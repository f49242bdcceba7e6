"""colprofile report: a saved result shown again, without the data."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from colprofile.cli import options as given
from colprofile.cli.output import check_targets, write_result


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
    from colprofile.results.base import Result
    from colprofile.results.profile import Profile

    targets = {"--html": html, "--markdown": markdown}
    check_targets(targets)
    result = Result.load(saved)
    if matrix_columns is not None and not isinstance(result, Profile):
        raise ArgumentError(f"--matrix-columns is for profiles, and {saved!r} holds another result: leave it out")
    if matrix_columns is not None and matrix_columns < 2:
        raise ArgumentError(f"--matrix-columns {matrix_columns} is not allowed: give 2 or more")
    options: dict[str, Any] = {"matrix_columns": matrix_columns} if matrix_columns is not None else {}
    write_result(result, targets, **options)
