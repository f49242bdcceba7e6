"""colprofile profile: every column and every pair of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from colprofile.cli import options as given
from colprofile.cli.databases import (
    Exclude,
    Partial,
    Schema,
    Tables,
    as_typed_database,
    database_status,
    is_database,
)
from colprofile.cli.inputs import reads_data
from colprofile.cli.options import one_or_all, split_names
from colprofile.cli.output import as_typed_result, checked_targets, status_of, write_result
from colprofile.sources.options import InputKeywords
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.sampling import Sampling


@reads_data
def profile(
    source: given.Sources,
    table: given.Table = None,
    tables: Tables = None,
    exclude: Exclude = None,
    schema: Schema = None,
    columns: given.Columns = None,
    no_pairs: given.NoPairs = not Counting.pairs,
    nulls: given.Nulls = Counting.nulls,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    matrix_columns: given.MatrixColumns = None,
    save: given.Save = None,
    threads: given.Threads = Reading.threads,
    memory_limit: given.MemoryLimit = None,
    fetch: given.Fetch = Reading.fetch,
    statement_timeout: given.StatementTimeout = Reading.statement_timeout,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="PROFILE",
            help="Count on the cells of this saved profile, so that the two can be merged: for parts of one table.",
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="BITS",
            help="Estimate pairs from random rows, in intervals no wider than this; columns stay exact.",
        ),
    ] = Sampling.precision,
    top_pairs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Only the N pairs of highest dependence, exactly; random rows rule most of the others out.",
        ),
    ] = Sampling.top_pairs,
    min_dependence: Annotated[
        float | None,
        typer.Option(
            metavar="D",
            help="Only pairs with at least this dependence, exactly; random rows rule most of the others out.",
        ),
    ] = Sampling.min_dependence,
    sample_rows: Annotated[
        str | None,
        typer.Option(
            "--sample-rows",
            "--sample",
            metavar="N or P%",
            callback=given.sample_size,
            help="Read this many random rows only, or this share: every figure in bits becomes an interval.",
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option(metavar="P", help="Probability that all intervals from random rows hold at once.")
    ] = Sampling.confidence,
    seed: given.Seed = Sampling.seed,
    no_quality: Annotated[
        bool, typer.Option("--no-quality", help="Do not look for what is probably wrong in the data.")
    ] = False,
    no_example_rows: Annotated[
        bool, typer.Option("--no-example-rows", help="Keep no example rows: reports then show no row of the table.")
    ] = False,
    partial: Partial = False,
    *,
    inputs: InputKeywords,
) -> int:
    """Profile every column and pair of a table, or of a database's tables: all rows, unless a sample is asked for."""
    from colprofile.verbs.database.api.profile import profile as profile_all

    targets = checked_targets(
        *source, table, inputs.get("query"), like, save=save, html=html, json=json, markdown=markdown
    )
    result: Any = profile_all(
        one_or_all(source),
        table,
        tables=tables,
        exclude=exclude,
        schema=schema,
        partial=partial,
        columns=split_names(columns),
        pairs=not no_pairs,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch,
        statement_timeout=statement_timeout,
        quality=not no_quality,
        example_rows=not no_example_rows,
        like=like,
        precision=precision,
        top_pairs=top_pairs,
        min_dependence=min_dependence,
        sample_rows=sample_rows,
        confidence=confidence,
        seed=seed,
        **inputs,
    )
    if is_database(result):
        result = as_typed_database(result)
        write_result(result, targets, matrix_columns=matrix_columns)
        return database_status(result, [each.result.provenance for each in result], inputs)
    result = replace(result, provenance=as_typed_result(result.provenance))
    write_result(result, targets, matrix_columns=matrix_columns)
    return status_of(result.provenance, inputs=inputs)
