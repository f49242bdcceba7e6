"""StaleStatistics: what ANALYZE saved of a table, as the stale side of a comparison."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from colprofile.catalogs.analyze import ROWS_PER_TARGET
from colprofile.catalogs.explain import table_rows
from colprofile.catalogs.histograms import saved_histogram, saved_value
from colprofile.catalogs.postgresql import postgresql_engine, read_table
from colprofile.catalogs.selectivity import equality_errors
from colprofile.catalogs.statistics import SavedColumn
from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.results.column import ColumnProfile, Quantile
from colprofile.results.drift import ColumnDrift
from colprofile.results.histogram import Histogram
from colprofile.results.profile import Profile
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.sources.base import SourceColumn
from colprofile.sources.database.engines import described, readable_errors, secrets_of
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.sources.database.transaction import ReadTransaction
from colprofile.values import Value, axis_position, value_at, value_family
from colprofile.verbs.drift.expected_changes import unlisted_counts
from colprofile.verbs.profile.provenance import provenance_now

_PROBABILITIES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_UNKNOWN = ("entropy", "entropy_interval", "max_entropy", "efficiency", "perplexity", "mean", "standard_deviation")


@dataclass(frozen=True)
class StaleStatistics:
    """A table's saved statistics, and the profile that they amount to.

    It has the rows and NULLs of the table, and histograms of the rows that ANALYZE drew.
    """

    profile: Profile
    planner_error: Callable[[ColumnProfile], float | None]  # in bits, of the fresh rows; None where it is not known
    note: str  # what the stale side is
    skipped: tuple[SkippedColumn, ...]  # columns without statistics
    names: tuple[str, ...]  # all columns of the table

    def with_planner_error(self, figures: ColumnDrift, fresh: ColumnProfile) -> ColumnDrift:
        """Return a column's figures with the planner's error, and the factor by which it misestimates rows."""
        bits = self.planner_error(fresh)
        if bits is not None:
            return replace(figures, planner_error=bits, cardinality_factor=2.0**bits)
        reason = "the fresh side has no value, or it is not known how many rows hold each saved one"
        undefined = figures.undefined | dict.fromkeys(("planner_error", "cardinality_factor"), reason)
        return replace(figures, cardinality_factor=None, undefined=undefined)


def profile_of_statistics(rows: int, columns: Sequence[ColumnProfile], provenance: Provenance) -> Profile:
    """Return the profile that saved statistics amount to: columns without pairs."""
    return Profile(rows=rows, columns=tuple(columns), pairs=(), skipped=(), has_pairs=False, provenance=provenance)


def read_stale_statistics(
    source: Any, table: str | None, columns: Sequence[str] | None, statement_timeout: float | None
) -> StaleStatistics:
    """Return what a PostgreSQL database has saved of a table.

    Raises
    ------
    ArgumentError
        No table, or no PostgreSQL database.
    SourceError, SourceNotFound
        The database cannot be read, has no such table, or no statistics of it.
    """
    with postgresql_engine(source, "stale_statistics=") as engine:
        if table is None:
            raise ArgumentError("stale_statistics= needs a table: name it with stale_table=")
        name = described(engine.url)
        with readable_errors(f"{shorten(table)} in {name}", secrets_of(engine.url)):
            transaction = ReadTransaction(engine, statement_timeout, threading.Event())
            with contextlib.closing(transaction):
                saved = read_table(transaction.connection, table)
                planner_rows = table_rows(transaction.connection, saved)
                with SQLAlchemySource(engine, saved.quoted, fetch="always", transaction=transaction) as opened:
                    types = {column.name: column for column in opened.columns}
    if not any(column.is_analyzed for column in saved.columns):
        raise SourceError(
            f"there are no statistics of {saved.quoted}: it was never analysed, or was empty then; "
            f"run ANALYZE {saved.quoted}"
        )
    wanted = [column for column in saved.columns if columns is None or column.name in columns]
    reasons = {column.name: _why_skipped(column, types.get(column.name)) for column in wanted}
    # The table's own count leaves out the rows of its children.
    rows = planner_rows if saved.has_children else round(saved.saved_rows or 0)
    sample = min(rows, ROWS_PER_TARGET * max(column.target for column in saved.columns))
    compared = [column for column in wanted if not reasons[column.name]]
    made = provenance_now(f"statistics of {name}", saved.quoted, is_exact=False, sampled_rows=sample)
    profile = profile_of_statistics(
        rows,
        [_column_profile(column, types[column.name], rows, sample) for column in compared],
        replace(made, created=saved.last_analyzed or made.created),
    )
    by_name = {column.name: column for column in compared}
    return StaleStatistics(
        profile=profile,
        planner_error=functools.partial(_planner_error, by_name, profile, planner_rows),
        note=(
            f"The stale side is what ANALYZE saved of {sample:,} sampled rows. The planner error follows PostgreSQL's "
            "own arithmetic; KL compares the most common values and the bins."
        ),
        skipped=tuple(SkippedColumn(c.name, c.type, reasons[c.name]) for c in wanted if reasons[c.name]),
        names=tuple(column.name for column in saved.columns),
    )


def _planner_error(
    columns: Mapping[str, SavedColumn], profile: Profile, planner_rows: int, fresh: ColumnProfile
) -> float | None:
    """Return the mean log2 of true / estimated rows of ``column = value``, values drawn from the fresh rows.

    None where the fresh histogram does not list every saved value, or is of a sample.
    """
    column = columns[fresh.name]
    listed = profile[fresh.name].histogram.values[: len(column.values)]
    counts = dict(zip(fresh.histogram.values, fresh.histogram.counts, strict=True))
    is_known = fresh.histogram.is_complete or all(value in counts for value in listed)
    if not is_known or fresh.sampled_rows is not None or not fresh.rows:
        return None
    others = unlisted_counts(fresh, set(listed))
    errors = equality_errors(
        column,
        np.array([counts.get(value, 0) for value in listed], np.int64),
        np.array(list(others), np.int64),
        np.array(list(others.values()), np.int64),
        rows=fresh.rows,
        planner_rows=planner_rows,
    )
    return None if errors is None else errors.mean


def _why_skipped(column: SavedColumn, source: SourceColumn | None) -> str:
    """Return why there is nothing to compare a column with; empty where there is."""
    if not column.is_readable:
        return "no permission: GRANT SELECT on it shows its statistics too"
    if source is None or source.expression is None:
        return (source and source.reason) or "it cannot be counted"
    if not column.is_analyzed:
        return "its statistics target is 0" if column.target == 0 else "ANALYZE has not seen it yet"
    if not column.distinct and not column.values and column.null_share < 1:
        return "ANALYZE saves no values of its type"
    return ""


def _column_profile(column: SavedColumn, source: SourceColumn, rows: int, sample: int) -> ColumnProfile:
    """Return what the statistics say about a column; the histogram is of the rows that ANALYZE drew."""
    histogram = saved_histogram(column, sample)
    assert histogram is not None
    return column_of_statistics(
        source,
        with_bounds(histogram, [saved_value(text, column) for text in column.bounds]),
        rows=rows,
        nulls=round(column.null_share * rows),
        distinct=round(column.distinct_among(rows) or 0),
        sampled_rows=sample,
        is_whole=column.base_type in ("int2", "int4", "int8"),
    )


def with_bounds(histogram: Histogram, bounds: Sequence[Value]) -> Histogram:
    """Return a histogram that lists the bounds of its bins too, so that fresh rows are counted at each one.

    ANALYZE may have put the rows there into the bin on either side. Unchanged where the edges are not those bounds.
    """
    if not histogram.edges or histogram.edges != tuple(map(axis_position, bounds)):
        return histogram
    at_bounds = tuple(dict.fromkeys(bounds))
    values, counts = histogram.values + at_bounds, histogram.counts + (0,) * len(at_bounds)
    return replace(histogram, values=values, counts=counts)


def column_of_statistics(
    source: SourceColumn,
    histogram: Histogram,
    *,
    rows: int,
    nulls: int,
    distinct: int,
    sampled_rows: int | None,
    is_whole: bool,
) -> ColumnProfile:
    """Return what an optimizer's statistics say about a column; ``is_whole`` says that its values are integers."""
    masses = _masses(histogram)
    positions = [*(position for position, _ in masses), *histogram.edges]
    family = value_family(source.kind, source.type)

    def value(position: float) -> Value:
        return int(position) if is_whole else value_at(position, family)

    unknown: dict[str, Any] = dict.fromkeys(_UNKNOWN)
    return ColumnProfile(
        **unknown,
        name=source.name,
        type=source.type,
        kind=source.kind,
        rows=rows,
        nulls=nulls,
        distinct=distinct,
        minimum=value(min(positions)) if positions else None,
        maximum=value(max(positions)) if positions else None,
        quantiles=tuple(Quantile(share, value(position)) for share, position in _quantiles(masses)),
        top_values=(),
        distribution=None,
        histogram=histogram,
        fingerprint=(),
        floor_bytes=0,
        stored_bytes=None,
        is_constant=False,
        is_key=False,
        undefined=dict.fromkeys(_UNKNOWN, "not known from the optimizer's statistics"),
        sampled_rows=sampled_rows,
    )


def _masses(histogram: Histogram) -> list[tuple[float, int]]:
    """Return the rows at each position on the axis, ascending, those of a bin at its upper edge."""
    values = zip(map(axis_position, histogram.values), histogram.counts, strict=True)
    bins = zip(histogram.edges[1:], histogram.bin_counts, strict=True)
    return sorted((position, rows) for position, rows in (*values, *bins) if math.isfinite(position) and rows)


def _quantiles(masses: Sequence[tuple[float, int]]) -> Iterator[tuple[float, float]]:
    """Yield probabilities, each with the position at or below which so much of the rows lies."""
    if not masses:
        return
    positions, rows = np.array(masses, np.float64).T
    reached = np.cumsum(rows) / rows.sum()
    found = np.searchsorted(reached, _PROBABILITIES).clip(0, positions.size - 1)
    yield from zip(_PROBABILITIES, positions[found].tolist(), strict=True)
