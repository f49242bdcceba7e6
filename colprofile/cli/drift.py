"""colprofile drift: stale against fresh, as a report and as a gate."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

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
from colprofile.cli.options import checked_bits, split_names
from colprofile.cli.output import checked_targets, command_line, complain, status_of, with_options, write_result
from colprofile.sources.options import InputKeywords
from colprofile.verbs.drift.options import SIGNIFICANCE, SMOOTHING, TOLERANCE
from colprofile.verbs.profile.options import Reading


@reads_data
def drift(
    stale: Annotated[
        str, typer.Argument(metavar="STALE", help="A saved profile, or anything that profile takes as SOURCE.")
    ],
    fresh: Annotated[str, typer.Argument(metavar="FRESH", help="The same, to be compared with it.")],
    table: Annotated[
        str | None, typer.Option(metavar="NAME", help="With databases: the table, view or query of both sides.")
    ] = None,
    stale_table: Annotated[
        str | None, typer.Option(metavar="NAME", help="The stale side's table, if the two differ.")
    ] = None,
    fresh_table: Annotated[
        str | None, typer.Option(metavar="NAME", help="The fresh side's table, if the two differ.")
    ] = None,
    tables: Tables = None,
    exclude: Exclude = None,
    schema: Schema = None,
    stale_statistics: Annotated[
        bool,
        typer.Option(
            "--stale-statistics",
            help="STALE is the URL of PostgreSQL or Spark. Compare with what its optimizer has saved about the table.",
        ),
    ] = False,
    columns: given.Columns = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="BITS",
            callback=checked_bits,
            help="Exit with 1 if a drifted column's KL, of values or of NULLs, is above this, or a column is broken.",
        ),
    ] = None,
    fail_on: Annotated[
        Literal["broken", "drifted"] | None,
        typer.Option(
            help="Exit with 1 if a column is broken (missing, or of another type) or, with drifted, has drifted."
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(metavar="BITS", help="A column whose KL is at most this has not drifted.")
    ] = TOLERANCE,
    significance: Annotated[
        float,
        typer.Option(metavar="P", help="A drift is real up to this p-value, corrected for the number of columns."),
    ] = SIGNIFICANCE,
    smoothing: Annotated[
        float, typer.Option(metavar="ROWS", help="Rows added to each cell where KL would be infinite.")
    ] = SMOOTHING,
    sample_rows: given.SampleRows = None,
    seed: given.Seed = Reading.seed,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    threads: given.Threads = Reading.threads,
    memory_limit: given.MemoryLimit = None,
    fetch: given.Fetch = Reading.fetch,
    statement_timeout: given.StatementTimeout = Reading.statement_timeout,
    partial: Partial = False,
    *,
    inputs: InputKeywords,
) -> int:
    """Compare fresh data with a saved profile, or two databases. With --fail-above or --fail-on, status 1 stops."""
    from colprofile.verbs.database.api.drift import drift as compare

    targets = checked_targets(
        *(stale, fresh, table, stale_table, fresh_table, inputs.get("query")),
        save=save,
        html=html,
        json=json,
        markdown=markdown,
    )
    result: Any = compare(
        stale,
        fresh,
        table=table,
        stale_table=stale_table,
        fresh_table=fresh_table,
        tables=tables,
        exclude=exclude,
        schema=schema,
        partial=partial,
        stale_statistics=stale_statistics,
        columns=split_names(columns),
        tolerance=tolerance,
        significance=significance,
        smoothing=smoothing,
        sample_rows=sample_rows,
        seed=seed,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch,
        statement_timeout=statement_timeout,
        **inputs,
    )
    if is_database(result):
        result = as_typed_database(result)
        write_result(result, targets)
        failures = result.failures(above=fail_above, on=fail_on) if result.is_complete else ()
        if failures:
            _say_failures([table if column is None else f"{table}.{column}" for table, column in failures])
        made = [side for each in result for side in (each.result.stale, each.result.fresh)]
        return database_status(result, made, inputs, 1 if failures else 0)
    stale_side, fresh_side = with_options(result.stale), with_options(result.fresh)
    result = replace(result, command=command_line(), stale=stale_side, fresh=fresh_side)
    write_result(result, targets)
    failures = result.failures(above=fail_above, on=fail_on)
    if failures:
        _say_failures([column.name for column in failures])
    return status_of(result.stale, result.fresh, inputs=inputs, otherwise=1 if failures else 0)


def _say_failures(names: list[str]) -> None:
    from colprofile.report.text import visible

    shown = ", ".join(visible(name, 40) for name in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    complain(f"drift in {shown}{more}")
