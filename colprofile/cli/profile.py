"""colprofile profile: every column and every pair of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.options import FetchFrom, NullsAs, split_names
from colprofile.cli.output import check_targets, command_line, terminal_width, write_results, write_text


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("profile", help="Profile a table: entropy of every column, dependence of every pair, exact.")(profile)


def profile(
    source: given.Source,
    table: given.Table = None,
    columns: given.Columns = None,
    no_pairs: Annotated[bool, typer.Option("--no-pairs", help="Columns only.")] = False,
    nulls: given.Nulls = NullsAs.ignore,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    matrix_columns: Annotated[
        int | None,
        typer.Option(
            "--matrix-columns",
            metavar="N",
            help="Columns that the page's matrix and graph draw; 60 by default.",
            show_default=False,
        ),
    ] = None,
    save: given.Save = None,
    threads: given.Threads = None,
    memory_limit: given.MemoryLimit = None,
    fetch: given.Fetch = FetchFrom.auto,
    statement_timeout: given.StatementTimeout = None,
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="PROFILE",
            help="Count on the cells of this saved profile, so that the two can be merged: for parts of one table.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="BITS",
            help="Estimate pairs from random rows, in intervals no wider than this; columns stay exact.",
            show_default=False,
        ),
    ] = None,
    top_pairs: Annotated[
        int | None,
        typer.Option(
            "--top-pairs",
            metavar="N",
            help="Only the N pairs of highest dependence, exactly; most others are ruled out from random rows.",
            show_default=False,
        ),
    ] = None,
    min_dependence: Annotated[
        float | None,
        typer.Option(
            "--min-dependence",
            metavar="D",
            help="Only pairs with at least this dependence, exactly; most others are ruled out from random rows.",
            show_default=False,
        ),
    ] = None,
    sample_rows: Annotated[
        int | None,
        typer.Option(
            "--sample-rows",
            metavar="N",
            help="Look at N random rows only: every entropy and mutual information becomes an interval.",
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[
        float,
        typer.Option(
            "--confidence", metavar="P", help="Probability that all that comes from random rows holds together."
        ),
    ] = 0.95,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the random rows.")] = 0,
) -> None:
    """Profile a table and write the results where they were asked for; a report to the terminal otherwise."""
    from colprofile.errors import ArgumentError
    from colprofile.verbs.profile.api import profile as make_profile

    targets = {"--save": save, "--html": html, "--json": json, "--markdown": markdown}
    check_targets(targets)
    if matrix_columns is not None and matrix_columns < 2:
        raise ArgumentError(f"--matrix-columns {matrix_columns} is not allowed: give 2 or more")
    result = make_profile(
        source,
        table,
        columns=None if columns is None else split_names(columns),
        pairs=not no_pairs,
        nulls=nulls.value,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch.value,
        statement_timeout=statement_timeout,
        like=like,
        precision=precision,
        top_pairs=top_pairs,
        min_dependence=min_dependence,
        sample_rows=sample_rows,
        confidence=confidence,
        seed=seed,
    )
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    make = {
        "--save": result.to_json,
        "--html": lambda: result.to_html(matrix_columns=matrix_columns),
        "--json": lambda: result.to_json(indent=2) + "\n",
        "--markdown": result.to_markdown,
    }
    if not write_results(targets, make):
        from colprofile.report.profile.terminal import render_terminal

        write_text(render_terminal(result, width=terminal_width()))
