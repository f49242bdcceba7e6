"""colprofile planner: what a database's optimizer does not know of a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from colprofile.cli.profile import Fetch, command_line, split_names, terminal_width


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "planner", help="Compare a PostgreSQL table's statistics with its data, and say which statements help."
    )(planner)


def planner(
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="A PostgreSQL database, such as postgresql://user@host/database."),
    ],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table, with its schema where that is needed.")],
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="A,B,…", help="Only these columns.", show_default=False),
    ] = None,
    no_pairs: Annotated[bool, typer.Option("--no-pairs", help="Columns only.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Draw predicates from the data and compare EXPLAIN with the truth.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Apply the advice in a transaction, ANALYZE included, EXPLAIN again and roll back. Takes SHARE UPDATE "
            "EXCLUSIVE locks meanwhile: queries and changes of rows go on, VACUUM, ANALYZE and DDL wait.",
        ),
    ] = False,
    min_bits: Annotated[float, typer.Option("--min-bits", metavar="BITS", help="Errors below this are fine.")] = 0.1,
    examine: Annotated[
        int, typer.Option("--examine", metavar="N", help="How many pairs, strongest first, get a closer look.")
    ] = 50,
    predicates: Annotated[
        int, typer.Option("--predicates", metavar="N", help="How many predicates EXPLAIN is asked a column or pair.")
    ] = 500,
    longest_list: Annotated[
        int, typer.Option("--longest-list", metavar="N", help="The longest list of combinations to advise.")
    ] = 1000,
    budget: Annotated[int, typer.Option("--budget", metavar="N", help="The most extended statistics to advise.")] = 10,
    script: Annotated[
        Path | None,
        typer.Option(
            "--script", metavar="FILE", help="Write the advice as SQL; - for standard output.", show_default=False
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.", show_default=False)
    ] = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write JSON; - for standard output.", show_default=False),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Save the report.", show_default=False)
    ] = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            "--fail-above",
            metavar="BITS",
            help="Exit with 1 if any column's, examined pair's or group's error is above this.",
            show_default=False,
        ),
    ] = None,
    fetch: Annotated[
        Fetch, typer.Option("--fetch", help="Where pairs are counted: here, or in the database.")
    ] = Fetch.auto,
    statement_timeout: Annotated[
        float | None,
        typer.Option(
            "--statement-timeout", metavar="SECONDS", help="The longest that a statement may take.", show_default=False
        ),
    ] = None,
    lock_timeout: Annotated[
        float, typer.Option("--lock-timeout", metavar="SECONDS", help="How long --verify waits for its lock.")
    ] = 5.0,
) -> None:
    """Compare a table's statistics with its data and write the results where they were asked for."""
    from colprofile.results.files import write_atomically
    from colprofile.verbs.planner import planner as compare

    result = compare(
        url,
        table,
        columns=None if columns is None else split_names(columns),
        pairs=not no_pairs,
        min_bits=min_bits,
        examine=examine,
        explain=explain,
        verify=verify,
        predicates=predicates,
        longest_list=longest_list,
        budget=budget,
        fetch=fetch.value,
        statement_timeout=statement_timeout,
        lock_timeout=lock_timeout,
    )
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    if save is not None:
        result.save(save)
    if html is not None:
        result.to_html(html)
    if json == "-":
        sys.stdout.write(result.to_json(indent=2) + "\n")
    elif json is not None:
        write_atomically(json, result.to_json(indent=2))
    if str(script) == "-":
        sys.stdout.write(result.script())
    elif script is not None:
        write_atomically(script, result.script())
    if json != "-" and str(script) != "-" and not (html or json or save):
        from colprofile.report.planner_terminal import render_planner_terminal

        sys.stdout.write(render_planner_terminal(result, width=terminal_width()))
    if fail_above is not None and result.worst_error > fail_above:
        sys.stderr.write(
            f"colprofile: the planner is wrong by {result.worst_error:.2f} bits, more than {fail_above:g} are allowed\n"
        )
        raise typer.Exit(1)
