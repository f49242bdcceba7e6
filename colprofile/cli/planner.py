"""colprofile planner: what a database's optimizer does not know of a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.options import FetchFrom, split_names
from colprofile.cli.output import check_targets, command_line, write_result


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
    columns: given.Columns = None,
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
        str | None,
        typer.Option(
            "--script", metavar="FILE", help="Write the advice as SQL; - for standard output.", show_default=False
        ),
    ] = None,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
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
        FetchFrom, typer.Option("--fetch", help="Where pairs are counted: here, or in the database.")
    ] = FetchFrom.auto,
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
    from colprofile.errors import ArgumentError
    from colprofile.verbs.planner.api import planner as compare

    targets = {"--save": save, "--html": html, "--json": json, "--markdown": markdown, "--script": script}
    check_targets(targets)
    if fail_above is not None and not fail_above >= 0:
        raise ArgumentError(f"--fail-above {fail_above!r} is not allowed: give bits, 0 or more")
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
    write_result(result, targets, script=result.script)
    if fail_above is not None and result.worst_error > fail_above:
        sys.stderr.write(
            f"colprofile: the planner is wrong by {result.worst_error:.2f} bits, more than {fail_above:g} are allowed\n"
        )
        raise typer.Exit(1)
