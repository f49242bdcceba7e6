"""colprofile report: a saved result shown again, without the data."""

from __future__ import annotations

from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.output import checked_targets, write_result


def report(
    saved: Annotated[
        str, typer.Argument(metavar="SAVED", help="A file that --save, --json or save() wrote, of any command.")
    ],
    html: given.Html = None,
    markdown: given.Markdown = None,
    matrix_columns: given.MatrixColumns = None,
) -> None:
    """Show a saved result again, without the data. It may be written as a page or as Markdown."""
    from colprofile.errors import ArgumentError
    from colprofile.results.base import Result
    from colprofile.results.profile import Profile

    targets = checked_targets(saved, html=html, markdown=markdown)
    result = Result.load(saved)
    if matrix_columns is None:
        write_result(result, targets)
    elif isinstance(result, Profile):
        write_result(result, targets, matrix_columns=matrix_columns)
    else:
        raise ArgumentError(f"matrix_columns= is for profiles, and {saved!r} holds another result: leave it out")
