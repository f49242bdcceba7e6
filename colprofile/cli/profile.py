"""colprofile profile: every column and every pair of a table."""

from __future__ import annotations

import shlex
import sys
from contextvars import ContextVar
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("ARGUMENTS")
"""What ``main`` was called with, for the provenance of what it makes."""


class Fetch(StrEnum):
    """Where the rows of a database are counted."""

    auto = "auto"
    always = "always"
    never = "never"


class Nulls(StrEnum):
    """What NULL is."""

    ignore = "ignore"
    value = "value"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("profile", help="Profile a table: entropy of every column, dependence of every pair, exact.")(profile)


def profile(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A Parquet, CSV (also .gz), JSON, DuckDB or SQLite file; a glob in quotes; a database URL.",
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
    no_pairs: Annotated[bool, typer.Option("--no-pairs", help="Columns only.")] = False,
    nulls: Annotated[
        Nulls, typer.Option("--nulls", help="Whether NULL is left out or a value of its own.")
    ] = Nulls.ignore,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report as a page.", show_default=False),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write JSON; - for standard output.", show_default=False),
    ] = None,
    markdown: Annotated[
        str | None,
        typer.Option(
            "--markdown",
            metavar="FILE",
            help="Write Markdown for a pull request; - for standard output.",
            show_default=False,
        ),
    ] = None,
    matrix_columns: Annotated[
        int | None,
        typer.Option(
            "--matrix-columns",
            metavar="N",
            help="Columns that the page's matrix and graph draw; 60 by default.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Save the profile for later comparison.", show_default=False),
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
    fetch: Annotated[
        Fetch,
        typer.Option(
            "--fetch",
            help="With a database URL: fetch rows and count them here, or count in the database (never). "
            "Auto fetches tables of up to 5 million rows.",
        ),
    ] = Fetch.auto,
    statement_timeout: Annotated[
        float | None,
        typer.Option(
            "--statement-timeout",
            metavar="SECONDS",
            help="With a database URL: give up when one statement takes longer.",
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
    from colprofile.results.files import write_atomically
    from colprofile.verbs.profile import profile as make_profile

    if json == "-" and markdown == "-":
        raise ArgumentError("--json - and --markdown - both want standard output: give one of them a file")
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
        precision=precision,
        top_pairs=top_pairs,
        min_dependence=min_dependence,
        sample_rows=sample_rows,
        confidence=confidence,
        seed=seed,
    )
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    if save is not None:
        result.save(save)
    if html is not None:
        result.to_html(html, matrix_columns=matrix_columns)
    if json == "-":
        sys.stdout.write(result.to_json(indent=2) + "\n")
    elif json is not None:
        write_atomically(json, result.to_json(indent=2))
    if markdown == "-":
        sys.stdout.write(result.to_markdown())
    elif markdown is not None:
        write_atomically(markdown, result.to_markdown())
    if html is None and json is None and save is None and markdown is None:
        from colprofile.report.terminal import render_terminal

        sys.stdout.write(render_terminal(result, width=terminal_width()))


def split_names(text: str) -> list[str]:
    """Return the names in a comma-separated list; double quotes protect commas and are doubled to stand for themselves.

    >>> split_names('zip,"city, state"')
    ['zip', 'city, state']
    """
    import csv

    return [name for row in csv.reader([text], skipinitialspace=True) for name in row]


def command_line() -> str:
    """Return the command that runs now, as it could be typed again but for the passwords of URLs."""
    given = list(ARGUMENTS.get(()))
    if any("://" in argument for argument in given):
        from colprofile.sources.engines import hide_passwords

        given = [hide_passwords(argument) for argument in given]
    return shlex.join(["colprofile", *given])


def terminal_width() -> int:
    """Return the terminal's width, at most 100; 100 where output is no terminal."""
    import shutil

    return min(100, shutil.get_terminal_size((100, 24)).columns) if sys.stdout.isatty() else 100
