"""What the query planner does not know of the tables of a database."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from colprofile.catalogs.postgresql import analyzed_tables, postgresql_engine
from colprofile.errors import SourceError, shorten
from colprofile.progress import Progress
from colprofile.results.database import DatabasePlannerReport, TablePlannerReport
from colprofile.sources.database.engines import described
from colprofile.sources.database.transaction import ReadTransaction
from colprofile.sources.spark.recognise import is_spark_catalog
from colprofile.sources.tables.patterns import Patterns, chosen_names
from colprofile.verbs.database.keywords import PlannerKeywords
from colprofile.verbs.database.run import check_of_many, each_table, provenance_of
from colprofile.verbs.planner.api import planner


def planner_tables(
    given: Any, schema: str | None, tables: Patterns, exclude: Patterns, options: PlannerKeywords, *, partial: bool
) -> DatabasePlannerReport:
    """Return the planner's report of each table that has statistics; errors as ``each_table`` says."""
    began = time.perf_counter()
    check_of_many(options)
    with _catalog(given, schema, options.get("statement_timeout")) as (engine, description, names):
        if not names:
            raise SourceError(f"{shorten(description, 200)} has no table that the planner keeps statistics of")
        chosen = chosen_names(names, tables, exclude, description)

        def read(name: str) -> TablePlannerReport:
            return TablePlannerReport(name, planner(engine, name, **options))

        with Progress(options.get("progress"), "looking for tables") as shown:
            found = each_table(chosen, read, shown, description=description, partial=partial)
    made = [table.result.provenance for table in found.results]
    return DatabasePlannerReport(
        tables=found.results,
        skipped=found.skipped,
        provenance=provenance_of(description, made, time.perf_counter() - began),
        is_complete=found.is_complete,
    )


@contextlib.contextmanager
def _catalog(given: Any, schema: str | None, timeout: float | None) -> Iterator[tuple[Any, str, Sequence[str]]]:
    """Yield what ``planner`` reads tables of, all from one engine or session, its description and its tables' names."""
    if is_spark_catalog(given):
        from colprofile.sources.tables.spark import SparkTables

        with SparkTables.open(given, schema) as tables:
            yield tables.session, tables.description, tables.names
        return
    with postgresql_engine(given, "planner") as engine:
        transaction = ReadTransaction(engine, timeout, threading.Event())
        with contextlib.closing(transaction), transaction.readable():
            names = analyzed_tables(transaction.connection, schema)
        yield engine, described(engine.url), names
