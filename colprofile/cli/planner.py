"""colprofile planner: a table's statistics, of PostgreSQL or Spark, against its data."""

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
from colprofile.cli.options import checked_bits, split_names
from colprofile.cli.output import checked_targets, command_line, complain, write_result
from colprofile.verbs.planner.options import PlannerOptions


def planner(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="postgresql://user@host/database, or a Spark server such as sc://host:15002."
        ),
    ],
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help="A table, with its schema if needed; all by default.")
    ] = None,
    tables: Tables = None,
    exclude: Exclude = None,
    schema: Schema = None,
    columns: given.Columns = None,
    no_pairs: given.NoPairs = not PlannerOptions.pairs,
    explain: Annotated[
        bool, typer.Option("--explain", help="Draw predicates from the data and compare EXPLAIN with the true counts.")
    ] = PlannerOptions.explain,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Apply the advice in a transaction, ANALYZE included, EXPLAIN again and roll back. It takes SHARE "
            "UPDATE EXCLUSIVE locks: queries and changes of rows continue; VACUUM, ANALYZE and DDL wait.",
        ),
    ] = PlannerOptions.verify,
    min_bits: Annotated[
        float, typer.Option(metavar="BITS", help="Errors below this need no advice.")
    ] = PlannerOptions.min_bits,
    examine: Annotated[
        int, typer.Option(metavar="N", help="How many pairs to examine closely, the strongest first.")
    ] = PlannerOptions.examine,
    predicates: Annotated[
        int, typer.Option(metavar="N", help="How many predicates --explain draws per column or pair.")
    ] = PlannerOptions.predicates,
    longest_list: Annotated[
        int, typer.Option(metavar="N", help="The longest list of most common values to advise.")
    ] = PlannerOptions.longest_list,
    budget: Annotated[
        int, typer.Option(metavar="N", help="Largest number of extended statistics to advise.")
    ] = PlannerOptions.budget,
    script: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the advice as SQL; - for standard output.")
    ] = None,
    html: given.Html = None,
    json: given.Json = None,
    markdown: given.Markdown = None,
    save: given.Save = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="BITS",
            callback=checked_bits,
            help="Exit with 1 if the error of any column, examined pair or group is above this.",
        ),
    ] = None,
    fetch: Annotated[
        Literal["auto", "always", "never"], typer.Option(help="Where pairs are counted: here, or in the database.")
    ] = PlannerOptions.fetch,
    statement_timeout: given.StatementTimeout = PlannerOptions.statement_timeout,
    lock_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long --verify waits for its lock.")
    ] = PlannerOptions.lock_timeout,
    partial: Partial = False,
) -> int:
    """Compare the statistics of PostgreSQL or Spark tables with their data. The report says which statements help."""
    from colprofile.verbs.database.api.planner import planner as compare

    targets = checked_targets(url, save=save, html=html, json=json, markdown=markdown, script=script)
    planned: Any = compare
    result: Any = planned(
        url,
        table,
        tables=tables,
        exclude=exclude,
        schema=schema,
        partial=partial,
        columns=split_names(columns),
        pairs=not no_pairs,
        min_bits=min_bits,
        examine=examine,
        explain=explain,
        verify=verify,
        predicates=predicates,
        longest_list=longest_list,
        budget=budget,
        fetch=fetch,
        statement_timeout=statement_timeout,
        lock_timeout=lock_timeout,
    )
    if is_database(result):
        result = as_typed_database(result)
        write_result(result, targets, script=result.script)
        status = _status(result.worst_error, fail_above) if result.is_complete else 0
        return database_status(result, [], {}, status)
    result = replace(result, provenance=replace(result.provenance, command=command_line()))
    write_result(result, targets, script=result.script)
    return _status(result.worst_error, fail_above)


def _status(error: float, fail_above: float | None) -> int:
    if fail_above is None or error <= fail_above:
        return 0
    complain(f"the planner is wrong by {error:.2f} bits, more than {fail_above:g} are allowed")
    return 1
