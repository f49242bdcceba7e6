"""planner: what a database's optimizer does not know about a table, and the statements that would help."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from colprofile.catalogs.explain import run
from colprofile.catalogs.postgresql import postgresql_engine
from colprofile.errors import shorten
from colprofile.progress import Progress
from colprofile.results.planner import (
    ColumnStatistics,
    ExtendedStatistics,
    GroupStatistics,
    Measurement,
    PairStatistics,
    PlannerReport,
    Statement,
)
from colprofile.results.provenance import Provenance
from colprofile.sources.base import Fetch
from colprofile.sources.database.engines import connected, described, readable_errors, secrets_of
from colprofile.sources.database.transaction import ReadTransaction
from colprofile.sources.spark.recognise import is_spark_catalog
from colprofile.verbs.planner.advice import advise
from colprofile.verbs.planner.examine import Examination, examine_table
from colprofile.verbs.planner.explain import Key, try_advice
from colprofile.verbs.planner.options import PlannerOptions
from colprofile.verbs.profile.provenance import provenance_now

if TYPE_CHECKING:
    import sqlalchemy as sa

Item = TypeVar("Item", ColumnStatistics, PairStatistics, GroupStatistics)


def planner(
    engine: Any,
    table: str,
    *,
    columns: Sequence[str] | None = None,
    pairs: bool = True,
    min_bits: float = PlannerOptions.min_bits,
    examine: int = PlannerOptions.examine,
    explain: bool = False,
    verify: bool = False,
    predicates: int = PlannerOptions.predicates,
    longest_list: int = PlannerOptions.longest_list,
    budget: int = PlannerOptions.budget,
    fetch: Fetch = "auto",
    statement_timeout: float | None = None,
    lock_timeout: float = PlannerOptions.lock_timeout,
    progress: bool | None = None,
) -> PlannerReport:
    """Return what the optimizer does not know about one table, as ``colprofile.planner`` describes it."""
    began = time.perf_counter()
    options = PlannerOptions(
        columns=columns,
        pairs=pairs,
        min_bits=min_bits,
        examine=examine,
        explain=explain or verify,
        verify=verify,
        predicates=predicates,
        longest_list=longest_list,
        budget=budget,
        fetch=fetch,
        statement_timeout=statement_timeout,
        lock_timeout=lock_timeout,
    )
    label = "reading the statistics"
    if is_spark_catalog(engine):
        from colprofile.verbs.planner.spark import spark_planner

        return spark_planner(engine, table, options, progress)
    with postgresql_engine(engine, "planner") as opened, Progress(progress, label) as shown:
        name, secrets = described(opened.url), secrets_of(opened.url)
        with readable_errors(f"{shorten(table)} in {name}", secrets):
            transaction = ReadTransaction(opened, statement_timeout, threading.Event())
            with contextlib.closing(transaction):
                found = examine_table(transaction, table, options, shown)
            statements = advise(
                found.table, found.columns, found.remedies, found.pairs, found.groups, found.taken_names
            )
            if verify and found.probes:
                with connected(opened, name, secrets) as connection:
                    found.measured_after = _verified(connection, found, statements, options, shown)
    provenance = provenance_now(name, found.table.quoted, duration=time.perf_counter() - began)
    return _report(found, statements, options, provenance)


def _verified(
    connection: sa.Connection,
    found: Examination,
    statements: Sequence[Statement],
    options: PlannerOptions,
    shown: Progress,
) -> dict[Key, Measurement]:
    """Return what EXPLAIN says with the advice applied, in a transaction of its own that is rolled back."""
    run(connection, "set transaction isolation level repeatable read, read write")
    if options.statement_timeout is not None:
        run(connection, f"set local statement_timeout = {max(1, round(options.statement_timeout * 1000))}")
    total = sum(len(probe.conditions) for probe in found.probes.values())
    return try_advice(
        connection,
        found.table,
        statements,
        found.probes,
        options.lock_timeout,
        lambda done: shown.update("trying the advice", done, total),
    )


def _report(
    found: Examination, statements: Sequence[Statement], options: PlannerOptions, provenance: Provenance
) -> PlannerReport:
    """Return the report, each measurement with its column, pair or group."""
    saved = found.table

    def with_measured(item: Item, key: Key) -> Item:
        # The prediction is of the errors without the advice.
        after = found.measured_after.get(key)
        undone = None if after is None else replace(after, predicted=None)
        return replace(item, measured=found.measured.get(key), measured_after=undone)

    return PlannerReport(
        schema=saved.schema,
        table=saved.name,
        quoted=saved.quoted,
        kind=saved.kind,
        server=f"PostgreSQL {saved.server_version}",
        rows=found.rows,
        planner_rows=found.planner_rows,
        saved_rows=saved.saved_rows,
        last_analyzed=saved.last_analyzed,
        modified_rows=saved.modified_rows,
        columns=tuple(with_measured(column, (column.name,)) for column in found.columns),
        pairs=tuple(with_measured(pair, (pair.x, pair.y)) for pair in found.pairs),
        pairs_left_out=found.pairs_left_out,
        groups=tuple(with_measured(group, group.columns) for group in found.groups),
        extended=tuple(
            ExtendedStatistics(item.name, item.columns, item.kinds, item.is_filled) for item in saved.extended
        ),
        statements=tuple(statements),
        min_bits=options.min_bits,
        skipped=tuple(found.skipped),
        is_explained=options.explain,
        is_verified=options.verify,
        provenance=provenance,
        notes=_notes(found),
    )


def _notes(found: Examination) -> tuple[str, ...]:
    """Return what the reader should know of this table."""
    saved = found.table
    notes = []
    if not found.rows:
        notes.append(f"The table is empty; the planner assumes {found.planner_rows:,} rows.")
    if saved.kind == "partitioned table":
        notes.append(
            "A partitioned table's own statistics serve joins and GROUP BY; scans are estimated partition by "
            "partition, each from its own, so run planner on a partition too. Autovacuum never analyses the whole."
        )
    elif saved.has_children:
        notes.append("Other tables inherit from it: figures are of them all, and so are the statistics.")
    if saved.kind == "foreign table":
        notes.append("A foreign table's rows are estimated by its wrapper, which may not use these statistics.")
    return tuple(notes)
