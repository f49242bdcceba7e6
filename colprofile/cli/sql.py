"""colprofile sql: the SQL functions as text, for any DuckDB client."""

from __future__ import annotations

from typing import Annotated

import typer

from colprofile.cli.output import write_text


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sql", help="Print the SQL functions, for any DuckDB client: colprofile sql > f.sql, then .read f.sql")(
        sql
    )


def sql(
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="NAME",
            help="Only this group and what it calls, see --list; may be given again.",
            show_default=False,
        ),
    ] = None,
    list_functions: Annotated[bool, typer.Option("--list", help="List the functions instead, by group.")] = False,
) -> None:
    """Print the macros, or their list."""
    from colprofile.sqlfunctions.script import list_text, script_text

    groups = None if not group else tuple(group)
    write_text(list_text(groups) if list_functions else script_text(groups))
