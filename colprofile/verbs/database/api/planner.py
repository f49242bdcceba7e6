"""planner: of one table, or of all tables of a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from colprofile.results.planner import PlannerReport
from colprofile.sources.base import Fetch
from colprofile.verbs.database.keywords import PlannerKeywords
from colprofile.verbs.database.opening import check_table
from colprofile.verbs.planner.api import planner as planner_of_table
from colprofile.verbs.planner.options import PlannerOptions

if TYPE_CHECKING:
    from colprofile.results.database import DatabasePlannerReport


@overload
def planner(engine: Any, table: str, *, partial: bool = False, **options: Unpack[PlannerKeywords]) -> PlannerReport: ...


@overload
def planner(
    engine: Any,
    table: None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    partial: bool = False,
    **options: Unpack[PlannerKeywords],
) -> DatabasePlannerReport: ...


def planner(
    engine: Any,
    table: str | None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
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
    partial: bool = False,
) -> PlannerReport | DatabasePlannerReport:
    """Return what the optimizer does not know about a table: its saved statistics against the data, with advice.

    KL(fresh ‖ saved) is the planner's mean log2 error for ``column = value`` with values drawn from the data, and
    I(X;Y) its mean log2 underestimate for ``x = … AND y = …``.

    Parameters
    ----------
    engine
        A SQLAlchemy Engine or URL of a PostgreSQL database, version 14 or later; or a Spark session, classic or of
        Spark Connect, or its address, such as sc://host:15002.
    table
        Name of a table, partitioned table or materialized view, with its schema where that is not on the search path.
        Of a Spark table, with its database where that is not the current one. By default all tables.
    tables, exclude, schema
        As for ``profile``. By default all tables on the search path, or of Spark's current database.
    columns
        Only these, of one table.
    pairs
        Whether to count pairs.
    min_bits
        Errors below this are fine, and pairs that share less are not listed.
    examine
        How many pairs, those with most bits first, are examined by their joint values.
    explain
        Whether to draw predicates from the data and compare what EXPLAIN estimates with the truth. Spark's
        ``spark.sql.cbo.enabled`` is on meanwhile.
    verify
        Whether to also apply the advice in a transaction, ANALYZE included, ask EXPLAIN again, and roll back. It
        takes SHARE UPDATE EXCLUSIVE locks on the table meanwhile: queries and changes of rows continue; VACUUM
        and ANALYZE wait.
    predicates
        How many predicates per column or pair EXPLAIN estimates: all values if there are no more.
    longest_list
        The longest list of combinations to advise, at most 10,000. Every query on its columns goes through the whole
        list.
    budget
        The most extended statistics to advise: planning a query reads all of the table's.
    fetch
        Whether pairs are counted from fetched rows: "always", "never" (in the database), or "auto" by the table's
        size.
    statement_timeout
        Seconds that one statement may take.
    lock_timeout
        Seconds that ``verify`` waits for its lock.
    partial
        Without ``table``: on Ctrl-C return the tables that were finished before. ``is_complete`` is then False.
    progress
        Whether to show progress on standard error; by default where that is a terminal.

    Returns
    -------
    PlannerReport or DatabasePlannerReport
        Errors in bits; ``script()`` returns the advice as SQL. A DatabasePlannerReport unless ``table`` is given.

    Raises
    ------
    SourceNotFound
        No such table or column.
    SourceError
        The database cannot be reached or read, or the relation has no statistics of its own.
    ArgumentError
        Neither PostgreSQL nor Spark, or an argument outside what is allowed. Spark takes none of ``verify``,
        ``longest_list``, ``budget``, ``fetch``, ``statement_timeout`` and ``lock_timeout``.
    """
    check_table(table, tables=tables, exclude=exclude, schema=schema)
    options = PlannerKeywords(
        columns=columns,
        pairs=pairs,
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
        progress=progress,
    )
    if table is not None:
        return planner_of_table(engine, table, **options)
    from colprofile.verbs.database.planners import planner_tables

    return planner_tables(engine, schema, tables, exclude, options, partial=partial)
