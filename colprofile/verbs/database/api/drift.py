"""drift: of one table, or of all tables of two databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from colprofile.results.drift import Drift
from colprofile.sources.options import InputKeywords
from colprofile.verbs.database.keywords import DriftKeywords
from colprofile.verbs.database.opening import check_not_asked, check_table
from colprofile.verbs.database.sides import opened_sides
from colprofile.verbs.drift.api import drift as drift_of_table
from colprofile.verbs.drift.options import SIGNIFICANCE, SMOOTHING, TOLERANCE
from colprofile.verbs.profile.options import Reading

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseDrift


@overload
def drift(
    stale: Any,
    fresh: Any,
    *,
    table: str,
    stale_table: str | None = None,
    fresh_table: str | None = None,
    stale_statistics: bool = False,
    partial: bool = False,
    **options: Unpack[DriftKeywords],
) -> Drift: ...


@overload
def drift(
    stale: Any,
    fresh: Any,
    *,
    tables: str | Sequence[str],
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    stale_statistics: bool = False,
    partial: bool = False,
    **options: Unpack[DriftKeywords],
) -> DatabaseDrift: ...


# What the rest returns depends on the data: callers who know it need not ask which it is.
@overload
def drift(
    stale: Any,
    fresh: Any,
    *,
    table: str | None = None,
    stale_table: str | None = None,
    fresh_table: str | None = None,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    stale_statistics: bool = False,
    partial: bool = False,
    **options: Unpack[DriftKeywords],
) -> Drift | Any: ...


def drift(
    stale: Any,
    fresh: Any,
    *,
    table: str | None = None,
    stale_table: str | None = None,
    fresh_table: str | None = None,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    stale_statistics: bool = False,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    significance: float = SIGNIFICANCE,
    smoothing: float = SMOOTHING,
    sample_rows: int | str | None = None,
    seed: int = Reading.seed,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    fetch: Literal["auto", "always", "never"] = Reading.fetch,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    partial: bool = False,
    **inputs: Unpack[InputKeywords],
) -> Drift | DatabaseDrift:
    """Return how far fresh data differs from stale data: KL in bits, what changed, and a verdict for each column.

    Of two databases, or folders, of several tables it is the drift of each table that both have, by name.

    Parameters
    ----------
    stale, fresh
        Each a Profile or DatabaseProfile, the path of a saved one, or anything that ``profile`` takes. Fresh data is
        counted on the stale histograms' cells, in one pass over its rows.
    table, stale_table, fresh_table
        With databases: the table, view or query of both sides, and of one side where they differ.
    tables, exclude, schema
        With databases: as for ``profile``; of both sides.
    stale_statistics
        Whether the stale side is what an optimizer has saved about ``stale_table``, ``stale`` being the URL or Engine
        of a PostgreSQL database, or a Spark session or its address. ``ColumnDrift.planner_error`` is then what
        ``planner`` calls ``kl_divergence``.
    columns
        Only these; all columns of either side by default. ``columns`` and ``where`` are for one table.
    tolerance
        In bits. A column is the "same" if neither its KL nor its KL of being NULL is above this, unless it had no NULL
        and now has some. With 0.01 bits an estimate of rows is wrong by 0.7 %.
    significance
        A difference is real if its p-value, corrected for the number of columns, is at most this.
    smoothing
        Rows added to every cell of the side that has no row in some cell, where KL would be infinite: 0.5 is Jeffreys'.
        ``ColumnDrift.smoothed`` names the figures that needed it.
    sample_rows
        Read this many random rows of each side, or a share such as "10%", rather than all; saved profiles are taken as
        they are. The test allows for it. Rare values may be missing from a sample: KL then leans on ``smoothing``.
    seed
        Random seed of the sample.
    partial
        With several tables: on Ctrl-C return the tables that were finished before. ``is_complete`` is then False.
    threads, memory_limit, fetch, statement_timeout, progress, inputs
        As for ``profile``; both sides are read in the same way. Where they need other ways, profile one of them first.

    Returns
    -------
    Drift or DatabaseDrift
        One ColumnDrift per column of either side. A DatabaseDrift where a side has several tables, or ``tables``,
        ``exclude`` or ``schema`` is given: tables of one side alone are in ``added`` or ``removed``.

    Raises
    ------
    ResultError
        A saved profile is damaged, or from a newer version.
    SourceError, SourceNotFound, SourceBusy
        Data cannot be read, or the sides have no column in common.
    ArgumentError
        An argument is outside what is allowed.

    Notes
    -----
    Both sides are treated as samples: verdicts rest on a two-sample G-test with small cells pooled, on the number of
    unseen values and on the share of NULL, together corrected for their number and for that of the columns.

    Examples
    --------
    >>> import pandas as pd, colprofile
    >>> monday = pd.DataFrame({"kind": ["a", "b"] * 500, "size": range(1000)})
    >>> tuesday = pd.DataFrame({"kind": ["a", "b", "b", "b"] * 250, "size": range(1000)})
    >>> result = colprofile.drift(monday, tuesday)
    >>> [(column.name, column.verdict) for column in result.columns]
    [('kind', 'drifted'), ('size', 'same')]
    >>> round(result["kind"].kl_divergence, 4), result["kind"].contributions[0].value
    (0.1887, 'a')
    """
    named = next((name for name in (table, stale_table, fresh_table) if name is not None), None)
    check_table(named, tables=tables, exclude=exclude, schema=schema)
    options = DriftKeywords(
        columns=columns,
        tolerance=tolerance,
        significance=significance,
        smoothing=smoothing,
        sample_rows=sample_rows,
        seed=seed,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch,
        statement_timeout=statement_timeout,
        progress=progress,
        **inputs,
    )
    if named is None:
        is_asked = tables is not None or exclude is not None or schema is not None
        with opened_sides(stale, fresh, schema, options, is_asked=is_asked) as sides:
            if sides is not None:
                from colprofile.verbs.database.drifts import drift_tables

                statistics = stale if stale_statistics else None
                return drift_tables(
                    *sides, options, tables=tables, exclude=exclude, partial=partial, statistics=statistics
                )
        check_not_asked(tables=tables, exclude=exclude)
    return drift_of_table(
        stale,
        fresh,
        table=table,
        stale_table=stale_table,
        fresh_table=fresh_table,
        stale_statistics=stale_statistics,
        **options,
    )
