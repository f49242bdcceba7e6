"""colprofile audit: what repeats in a table, what determines what, and the SQL that fixes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from colprofile.cli import options as given
from colprofile.cli.completion import complete_kinds
from colprofile.cli.inputs import reads_data
from colprofile.cli.options import one_or_all, split_names
from colprofile.cli.output import as_typed_result, checked_targets, complain, status_of, write_result
from colprofile.sources.options import InputKeywords
from colprofile.verbs.audit.options import MAX_DETERMINANTS, MAX_ERROR
from colprofile.verbs.profile.options import Counting, Reading

INTERRUPTED = 130


@reads_data
def audit(
    source: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="Anything that profile takes as SOURCE, or a saved profile.")
    ],
    table: given.Table = None,
    columns: given.Columns = None,
    max_determinants: Annotated[
        int, typer.Option(metavar="N", help="Largest number of columns on the left side: 1, 2 or 3.")
    ] = MAX_DETERMINANTS,
    max_error: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of rows, at most 0.05, that may contradict a dependency on several columns; on one column it "
            "is always 0.05.",
        ),
    ] = MAX_ERROR,
    nulls: given.Nulls = Counting.nulls,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    script: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the fixes as one SQL script; - for standard output.")
    ] = None,
    dialect: Annotated[Literal["duckdb", "postgresql"], typer.Option(help="The SQL dialect of the script.")] = "duckdb",
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="KIND,…",
            autocompletion=complete_kinds,
            help="Exit with 1 if there is a finding of one of these kinds: empty, constant, duplicate, computed, "
            "one-to-one, determined, nearly-determined, key, together, related, null-together; of data quality: "
            "duplicate-rows, missing, placeholder, sentinel, stored-as-text, variants, leading-zeros, not-finite, gap, "
            "units, outliers, patterns, nearly-constant; or one at least as severe as high, medium or low.",
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="On Ctrl-C show what was found so far (exit status 130).")
    ] = False,
    max_seconds: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            help="End the search for dependencies S seconds after the start, counting pairs for half of them at most, "
            "and say what was left out; reading is not cut short. By default the search ends after much work, one or "
            "two minutes.",
        ),
    ] = None,
    latent_classes: Annotated[
        bool, typer.Option("--latent-classes", help="Fit latent classes too, for the ledger of bits.")
    ] = False,
    threads: given.Threads = Reading.threads,
    memory_limit: given.MemoryLimit = None,
    statement_timeout: given.StatementTimeout = Reading.statement_timeout,
    *,
    inputs: InputKeywords,
) -> int:
    """Find what is redundant in a table. The report says what repeats and what determines what, with SQL to fix it."""
    from colprofile.results.audit_kinds import checked_kinds
    from colprofile.results.quality import SEVERITIES
    from colprofile.verbs.audit.api import audit as audit_table

    kinds = tuple(kind.strip() for kind in fail_on.split(",")) if fail_on is not None else ()
    severities = tuple(kind for kind in kinds if kind in SEVERITIES)
    kinds = tuple(kind for kind in kinds if kind not in SEVERITIES)
    checked_kinds(kinds)
    targets = checked_targets(
        *source, table, inputs.get("query"), save=save, html=html, json=json, markdown=markdown, script=script
    )
    result = audit_table(
        one_or_all(source),
        table,
        columns=split_names(columns),
        max_determinants=max_determinants,
        max_error=max_error,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        statement_timeout=statement_timeout,
        partial=partial,
        max_seconds=max_seconds,
        latent_classes=latent_classes,
        **inputs,
    )
    result = replace(result, provenance=as_typed_result(result.provenance))
    write_result(result, targets, script=lambda: result.script(dialect))
    if result.search.ended_by == "interrupt":
        return INTERRUPTED
    found = [*(result.of_kind(*kinds) if kinds else ()), *(f for s in severities for f in result.of_severity(s))]
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        complain(found[0].statement + more)
    return status_of(result.provenance, inputs=inputs, otherwise=1 if found else 0)
