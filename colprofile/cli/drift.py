"""colprofile drift: stale against fresh, as a report and as a gate."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.options import FetchFrom, split_names
from colprofile.cli.output import check_targets, command_line, terminal_width, write_results, write_text


class FailOn(StrEnum):
    """Which verdicts stop a pipeline."""

    broken = "broken"
    drifted = "drifted"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("drift", help="Compare fresh data with a saved profile: what drifted, in bits; exit status 1 to stop.")(
        drift
    )


def drift(
    stale: Annotated[
        str,
        typer.Argument(
            metavar="STALE", help="A saved profile, or anything that profile takes as SOURCE.", show_default=False
        ),
    ],
    fresh: Annotated[
        str, typer.Argument(metavar="FRESH", help="The same, to be compared with it.", show_default=False)
    ],
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="NAME",
            help="With databases: the table, view or query of both sides.",
            show_default=False,
        ),
    ] = None,
    stale_table: Annotated[
        str | None,
        typer.Option("--stale-table", metavar="NAME", help="The stale side's, where they differ.", show_default=False),
    ] = None,
    fresh_table: Annotated[
        str | None,
        typer.Option("--fresh-table", metavar="NAME", help="The fresh side's, where they differ.", show_default=False),
    ] = None,
    stale_statistics: Annotated[
        bool,
        typer.Option(
            "--stale-statistics",
            help="The stale side is a PostgreSQL URL: compare with what its optimizer has saved about the table.",
        ),
    ] = False,
    columns: given.Columns = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            "--fail-above",
            metavar="BITS",
            help="Exit with 1 if a drifted column's KL, or its KL of being NULL, is above this, or a column is broken.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            help="Exit with 1 if a column is broken (gone, or of another type), or drifted too.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="BITS", help="Up to so many bits a column is the same.")
    ] = 0.01,
    significance: Annotated[
        float,
        typer.Option(
            "--significance", metavar="P", help="The largest p-value, corrected for the columns, that is real."
        ),
    ] = 0.05,
    smoothing: Annotated[
        float,
        typer.Option("--smoothing", metavar="ROWS", help="Rows added to each cell where KL would be infinite."),
    ] = 0.5,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    threads: given.Threads = None,
    memory_limit: given.MemoryLimit = None,
    fetch: given.Fetch = FetchFrom.auto,
    statement_timeout: given.StatementTimeout = None,
) -> int:
    """Compare two states of a table, write what was asked for, and return 1 if the gate is to stop."""
    from colprofile.errors import ArgumentError
    from colprofile.verbs.drift.api import drift as compare

    targets = {"--save": save, "--html": html, "--json": json, "--markdown": markdown}
    check_targets(targets)
    if fail_above is not None and not fail_above >= 0:
        raise ArgumentError(f"--fail-above {fail_above!r} is not allowed: give bits, 0 or more")
    result = compare(
        stale,
        fresh,
        table=table,
        stale_table=stale_table,
        fresh_table=fresh_table,
        stale_statistics=stale_statistics,
        columns=None if columns is None else split_names(columns),
        tolerance=tolerance,
        significance=significance,
        smoothing=smoothing,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch.value,
        statement_timeout=statement_timeout,
    )
    result = replace(result, command=command_line())
    make = {
        "--save": result.to_json,
        "--html": lambda: result.to_html(),
        "--json": lambda: result.to_json(indent=2) + "\n",
        "--markdown": result.to_markdown,
    }
    if not write_results(targets, make):
        from colprofile.report.drift.terminal import render_terminal

        write_text(render_terminal(result, width=terminal_width()))
    failures = result.failures(above=fail_above, on=None if fail_on is None else fail_on.value)
    if failures:
        _say_failures([column.name for column in failures])
    return 1 if failures else 0


def _say_failures(names: list[str]) -> None:
    from colprofile.report.text import visible

    shown = ", ".join(visible(name, 40) for name in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    print(f"colprofile: drift in {shown}{more}", file=sys.stderr)
