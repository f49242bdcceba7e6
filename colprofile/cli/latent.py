"""colprofile latent: the kinds of rows that a table has."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from colprofile.cli import options as given
from colprofile.cli.inputs import reads_data
from colprofile.cli.options import one_or_all, split_names
from colprofile.cli.output import as_typed_result, checked_targets, status_of, write_result
from colprofile.sources.options import InputKeywords
from colprofile.verbs.latent.options import DEFAULTS
from colprofile.verbs.profile.options import Reading


@reads_data
def latent(
    source: given.Sources,
    table: given.Table = None,
    columns: given.Columns = None,
    max_classes: Annotated[
        int, typer.Option(metavar="N", help="Largest number of classes to try.")
    ] = DEFAULTS.max_classes,
    restarts: Annotated[int, typer.Option(metavar="N", help="Random starts to try.")] = DEFAULTS.restarts,
    sample_rows: given.SampleRows = None,
    seed: given.Seed = DEFAULTS.seed,
    nulls: given.Nulls = DEFAULTS.nulls,
    bins: Annotated[
        int, typer.Option(metavar="N", help="Ranges into which columns with many numbers are cut, at most.")
    ] = DEFAULTS.bins,
    max_values: Annotated[
        int,
        typer.Option(
            metavar="N", help="Values of other columns that are kept apart, at most; rarer ones count as one."
        ),
    ] = DEFAULTS.max_values,
    confidence: Annotated[
        float, typer.Option(metavar="P", help="Confidence of the bound for the distribution behind the rows.")
    ] = DEFAULTS.confidence,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    threads: given.Threads = Reading.threads,
    memory_limit: given.MemoryLimit = None,
    statement_timeout: given.StatementTimeout = Reading.statement_timeout,
    *,
    inputs: InputKeywords,
) -> int:
    """Find the kinds of rows that a table has. The report says how many bits they explain."""
    from colprofile.verbs.latent.api import latent_classes

    targets = checked_targets(*source, table, inputs.get("query"), save=save, html=html, json=json, markdown=markdown)
    result = latent_classes(
        one_or_all(source),
        table,
        columns=split_names(columns),
        max_classes=max_classes,
        restarts=restarts,
        sample_rows=sample_rows,
        seed=seed,
        nulls=nulls,
        bins=bins,
        max_values=max_values,
        confidence=confidence,
        threads=threads,
        memory_limit=memory_limit,
        statement_timeout=statement_timeout,
        **inputs,
    )
    result = replace(result, provenance=as_typed_result(result.provenance))
    write_result(result, targets)
    return status_of(result.provenance, inputs=inputs)
