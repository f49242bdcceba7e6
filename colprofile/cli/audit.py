"""colprofile audit: what repeats in a table, what determines what, and the SQL that fixes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import typer

from colprofile.cli import options as given
from colprofile.cli.completion import complete_kinds
from colprofile.cli.databases import (
    INTERRUPTED,
    Exclude,
    Schema,
    Tables,
    as_typed_database,
    database_status,
    is_database,
)
from colprofile.cli.diagrams import checked_diagram, diagram_text
from colprofile.cli.fail_on import Wanted
from colprofile.cli.inputs import reads_data
from colprofile.cli.options import one_or_all, split_names
from colprofile.cli.output import as_typed_result, checked_targets, status_of, write_result
from colprofile.sources.options import InputKeywords
from colprofile.verbs.audit.options import MAX_ERROR
from colprofile.verbs.profile.options import Counting, Reading


@reads_data
def audit(
    source: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="Anything that profile takes as SOURCE, or a saved profile.")
    ],
    table: given.Table = None,
    tables: Tables = None,
    exclude: Exclude = None,
    schema: Schema = None,
    columns: given.Columns = None,
    max_determinants: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Largest number of columns on the left side: 1, 2 or 3. By default 3, and 1 for several tables.",
        ),
    ] = None,
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
    diagram: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="With a database: write a diagram of its tables and foreign keys, as SVG (.svg), Mermaid (.md, "
            ".mmd) or for Graphviz (.dot).",
        ),
    ] = None,
    dialect: Annotated[
        Literal["duckdb", "postgresql", "mysql"],
        typer.Option(help="The SQL dialect of the script; mysql for the fixes between tables alone."),
    ] = "duckdb",
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="KIND,…",
            autocompletion=complete_kinds,
            help="Exit with 1 if there is a finding of one of these kinds: empty, constant, duplicate, computed, "
            "one-to-one, determined, nearly-determined, key, together, related, null-together; of data quality: "
            "duplicate-rows, missing, placeholder, sentinel, stored-as-text, variants, leading-zeros, not-finite, gap, "
            "units, outliers, patterns, nearly-constant; between tables: key-violated, foreign-key-violated, orphans, "
            "foreign-key-missing, foreign-key-unindexed, copied-column, determined-column, equal-tables, "
            "contained-table, partitioned-tables, lookup-table, one-to-one-tables, mixed-types; or one at least as "
            "severe as high, medium or low.",
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
    """Find what is redundant in a table, or in a database. The report says what repeats, with SQL to fix it."""
    from colprofile.verbs.database.api.audit import audit as audit_all

    wanted = Wanted.of(fail_on)
    if table is not None:
        wanted.check_one_table(diagram, dialect if script is not None else None)
    targets = checked_targets(
        *(*source, table, inputs.get("query")),
        save=save,
        html=html,
        json=json,
        markdown=markdown,
        script=script,
        diagram=checked_diagram(diagram),
    )
    result: Any = audit_all(
        one_or_all(source),
        table,
        tables=tables,
        exclude=exclude,
        schema=schema,
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
    if is_database(result):
        result = as_typed_database(result)
        write_result(
            result, targets, script=lambda: result.script(dialect), diagram=lambda: diagram_text(result, diagram or "-")
        )
        status = wanted.status_of_database(result) if result.is_complete else 0
        return database_status(result, [each.result.provenance for each in result], inputs, status)
    wanted.check_one_table(diagram, dialect if script is not None else None)
    result = replace(result, provenance=as_typed_result(result.provenance))
    write_result(result, targets, script=lambda: result.script(dialect))
    if result.search.ended_by == "interrupt":
        return INTERRUPTED
    return status_of(result.provenance, inputs=inputs, otherwise=wanted.status(wanted.in_table(result)))
