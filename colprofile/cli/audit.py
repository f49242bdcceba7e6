"""colprofile audit: what repeats in a table, what determines what, and the SQL that mends it."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import typer

from colprofile.cli import options as given
from colprofile.cli.options import NullsAs, split_names
from colprofile.cli.output import check_targets, command_line, terminal_width, write_results, write_text
from colprofile.cli.report import as_markdown

INTERRUPTED = 130


class Dialect(StrEnum):
    """Whose SQL the script is in."""

    duckdb = "duckdb"
    postgresql = "postgresql"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "audit", help="Find what is redundant in a table: what repeats, what determines what, and the SQL to fix it."
    )(audit)


def audit(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="What profile takes as SOURCE; or a saved profile.", show_default=False),
    ],
    table: given.Table = None,
    columns: given.Columns = None,
    max_determinants: Annotated[
        int, typer.Option("--max-determinants", metavar="N", min=1, max=3, help="Columns on the left side, up to 3.")
    ] = 3,
    max_error: Annotated[
        float,
        typer.Option(
            "--max-error",
            metavar="SHARE",
            min=0.0,
            max=0.05,
            help="Rows that may break a near dependency with several columns on the left; one column: always 0.05.",
        ),
    ] = 0.01,
    nulls: Annotated[
        NullsAs, typer.Option("--nulls", help="Whether rows with NULL are left out, or NULL is a value.")
    ] = NullsAs.ignore,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    script: Annotated[
        str | None,
        typer.Option(
            "--script",
            metavar="FILE",
            help="Write the fixes as one SQL script; - for standard output.",
            show_default=False,
        ),
    ] = None,
    dialect: Annotated[Dialect, typer.Option("--dialect", help="Whose SQL the script is in.")] = Dialect.duckdb,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="KIND,…",
            help="Exit with 1 if there is a finding of such a kind: empty, constant, duplicate, computed, bijection, "
            "dependency, near, key, group, missingness.",
            show_default=False,
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="On Ctrl-C show what was found so far (exit status 130).")
    ] = False,
    latent_classes: Annotated[
        bool, typer.Option("--latent-classes", help="Fit latent classes too, for the ledger of bits.")
    ] = False,
    threads: given.Threads = None,
    memory_limit: given.MemoryLimit = None,
    statement_timeout: given.StatementTimeout = None,
) -> int:
    """Audit a table, write what was asked for, and return 1 if a finding is of a kind to fail on."""
    from colprofile.report.audit.terminal import render_terminal
    from colprofile.results.audit import check_kinds
    from colprofile.verbs.audit.api import audit as make_audit

    kinds = tuple(kind.strip() for kind in fail_on.split(",")) if fail_on is not None else ()
    check_kinds(kinds)
    targets = {"--save": save, "--html": html, "--json": json, "--markdown": markdown, "--script": script}
    check_targets(targets)
    result = make_audit(
        source,
        table,
        columns=None if columns is None else split_names(columns),
        max_determinants=max_determinants,
        max_error=max_error,
        nulls=nulls.value,
        threads=threads,
        memory_limit=memory_limit,
        statement_timeout=statement_timeout,
        partial=partial,
        latent_classes=latent_classes,
    )
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    make = {
        "--save": result.to_json,
        "--html": lambda: result.to_html(),
        "--json": lambda: result.to_json(indent=2) + "\n",
        "--markdown": lambda: as_markdown(result, "audit", render_terminal),
        "--script": lambda: result.script(dialect.value),
    }
    if not write_results(targets, make):
        write_text(render_terminal(result, width=terminal_width()))
    if not result.search.is_complete:
        return INTERRUPTED
    return _failed(result.of_kind(*kinds) if kinds else ())


def _failed(found: Any) -> int:
    """Return 1 and say why, if anything was found that is to fail."""
    if not found:
        return 0
    first = found[0].statement
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    line = " ".join("".join(c if c.isprintable() else " " for c in first).split())
    print(f"colprofile: {line}{more}", file=sys.stderr)
    return 1
