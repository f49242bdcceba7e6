"""colprofile sql: the SQL functions as text, for any DuckDB client."""

from __future__ import annotations

from typing import Annotated

import typer

from colprofile.cli.completion import complete_groups
from colprofile.cli.output import write_text


def sql(
    group: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            autocompletion=complete_groups,
            help="Only this group (see --list) and the functions that it calls; can be repeated.",
        ),
    ] = None,
    list_functions: Annotated[bool, typer.Option("--list", help="List the functions instead, by group.")] = False,
) -> None:
    """Print the SQL functions, for any DuckDB client. Write them to a file, then .read it."""
    from colprofile.sqlfunctions.script import list_text, script_text

    groups = None if not group else tuple(group)
    write_text(list_text(groups) if list_functions else script_text(groups))
