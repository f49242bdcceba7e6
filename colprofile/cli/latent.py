"""colprofile latent: the kinds of rows that a table has."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from colprofile.cli.profile import Nulls, command_line, split_names, terminal_width


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("latent", help="Find the kinds of rows that a table has, and the bits that they explain.")(latent)


def latent(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A Parquet, CSV (also .gz), JSON or DuckDB file; a glob in quotes; a SQLAlchemy URL.",
            show_default=False,
        ),
    ],
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", help="With a database: a table, view or query.", show_default=False),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="A,B,…",
            help="Only these columns, separated by commas; quote names that hold commas with double quotes.",
            show_default=False,
        ),
    ] = None,
    max_classes: Annotated[int, typer.Option("--max-classes", metavar="N", help="The most classes to look for.")] = 10,
    restarts: Annotated[int, typer.Option("--restarts", metavar="N", help="First guesses to try.")] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same classes.")] = 0,
    nulls: Annotated[
        Nulls, typer.Option("--nulls", help="Whether a NULL cell is left out or a value of its own.")
    ] = Nulls.ignore,
    bins: Annotated[
        int, typer.Option("--bins", metavar="N", help="Ranges that columns with many numbers are cut into.")
    ] = 16,
    max_values: Annotated[
        int, typer.Option("--max-values", metavar="N", help="Values of other columns that are told apart.")
    ] = 64,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="P", help="Of the bound for the distribution behind the rows.")
    ] = 0.95,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report as a page.", show_default=False),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write JSON; - for standard output.", show_default=False),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Save the classes.", show_default=False),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Cores to use; all by default.", show_default=False),
    ] = None,
    memory_limit: Annotated[
        str | None,
        typer.Option(
            "--memory-limit",
            metavar="SIZE",
            help="Memory for codes, such as 2GB, before they go to a file; half of the machine's if not given.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fit latent classes and write them where they were asked for; a report to the terminal otherwise."""
    from colprofile.results.files import write_atomically
    from colprofile.verbs.latent_classes import latent_classes

    result = latent_classes(
        source,
        table,
        columns=None if columns is None else split_names(columns),
        max_classes=max_classes,
        restarts=restarts,
        seed=seed,
        nulls=nulls.value,
        bins=bins,
        max_values=max_values,
        confidence=confidence,
        threads=threads,
        memory_limit=memory_limit,
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
    if html is None and json is None and save is None:
        from colprofile.report.latent_terminal import render_terminal

        sys.stdout.write(render_terminal(result, width=terminal_width()))
