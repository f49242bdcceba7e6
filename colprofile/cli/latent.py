"""colprofile latent: the kinds of rows that a table has."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.options import NullsAs, split_names
from colprofile.cli.output import check_targets, command_line, write_result


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("latent", help="Find the kinds of rows that a table has, and the bits that they explain.")(latent)


def latent(
    source: given.Source,
    table: given.Table = None,
    columns: given.Columns = None,
    max_classes: Annotated[int, typer.Option("--max-classes", metavar="N", help="The most classes to look for.")] = 10,
    restarts: Annotated[int, typer.Option("--restarts", metavar="N", help="First guesses to try.")] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same classes.")] = 0,
    nulls: Annotated[
        NullsAs, typer.Option("--nulls", help="Whether a NULL cell is left out or a value of its own.")
    ] = NullsAs.ignore,
    bins: Annotated[
        int, typer.Option("--bins", metavar="N", help="Ranges that columns with many numbers are cut into.")
    ] = 16,
    max_values: Annotated[
        int, typer.Option("--max-values", metavar="N", help="Values of other columns that are told apart.")
    ] = 64,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="P", help="Of the bound for the distribution behind the rows.")
    ] = 0.95,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    threads: given.Threads = None,
    memory_limit: given.MemoryLimit = None,
    statement_timeout: given.StatementTimeout = None,
) -> None:
    """Fit latent classes and write them where they were asked for; a report to the terminal otherwise."""
    from colprofile.verbs.latent.api import latent_classes

    targets = {"--save": save, "--html": html, "--json": json, "--markdown": markdown}
    check_targets(targets)
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
        statement_timeout=statement_timeout,
    )
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    write_result(result, targets)
