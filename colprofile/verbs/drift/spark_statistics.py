"""Spark's saved statistics of a table, as the stale side of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import numpy as np

from colprofile.catalogs.spark import SparkColumn, read_spark_table
from colprofile.catalogs.spark_selectivity import Cells, equality_cells, estimated_rows, filled_share
from colprofile.catalogs.spark_session import spark_rows, spark_session
from colprofile.errors import ArgumentError, SourceError
from colprofile.results.column import ColumnProfile
from colprofile.results.histogram import Histogram
from colprofile.results.provenance import SkippedColumn
from colprofile.sources.base import SourceColumn
from colprofile.sources.open import open_source
from colprofile.values import Value, axis_position, value_at
from colprofile.verbs.drift.stale_statistics import (
    StaleStatistics,
    column_of_statistics,
    profile_of_statistics,
    with_bounds,
)
from colprofile.verbs.profile.provenance import provenance_now

_DAY = 86_400e6
"""Microseconds of a day: histograms have dates in these, and Spark in days."""

_WIDE = Context(prec=76)
"""Digits enough for all decimals of Spark."""

_SURE = 2.0**53
"""Whole numbers beyond this are not all doubles."""


@dataclass(frozen=True)
class _Errors:
    """The errors of Spark's estimates on fresh rows."""

    columns: dict[str, SparkColumn]
    planner_rows: int

    def __call__(self, fresh: ColumnProfile) -> float | None:
        """Return the mean log2 of true / estimated rows of ``column = value``, values drawn from the fresh rows.

        It is Σ rows · log2 rows of the values, less Σ rows · log2 of the estimate in each cell. None where the fresh
        side is a sample, or has rows of which the cell is not known, and where Spark expects an empty table.
        """
        column = self.columns[fresh.name]
        cells = equality_cells(column)
        filled = fresh.histogram.filled
        if fresh.sampled_rows is not None or not filled or not self.planner_rows:
            return None
        rows = _rows_by_cell(column, cells, fresh.histogram)
        if rows is None:
            return None
        shares = np.array(cells.selectivities) * filled_share(column, self.planner_rows)
        expected = np.maximum(estimated_rows(shares, self.planner_rows), 1.0) / self.planner_rows
        true = math.fsum(count * many * math.log2(count) for count, many in fresh.fingerprint if count)
        return float((true - rows @ np.log2(expected * fresh.rows)) / filled)


def _rows_by_cell(column: SparkColumn, cells: Cells, histogram: Histogram) -> np.ndarray[Any, Any] | None:
    """Return the fresh rows in each cell; None where some lie in a bin or bucket that is in several."""
    if not cells.edges:
        return np.array([histogram.filled], np.float64)
    rows = np.zeros(len(cells.selectivities))
    edges = [_on_axis(edge, column) for edge in cells.edges]
    for value, count in zip(histogram.values, histogram.counts, strict=True):
        rows[int(cells.find(_for_spark(axis_position(value), column)))] += count
    for low, high, count in zip(histogram.edges, histogram.edges[1:], histogram.bin_counts, strict=False):
        # The values at the edges are listed: what is left lies between them, or beyond all.
        if count and any(low < edge < high for edge in edges):
            return None
        rows[int(cells.find(_for_spark((low + high) / 2, column)))] += count
    return None if histogram.bucket_counts else rows


def _on_axis(position: float, column: SparkColumn) -> float:
    """Return what a number that Spark compares is on the axis of histograms, where dates are microseconds."""
    return position * _DAY if column.base_type == "date" else position


def _for_spark(position: float, column: SparkColumn) -> float:
    """Return the number that Spark compares for a position on the axis of histograms, NaN being the largest."""
    if math.isnan(position):
        return math.inf
    return position / _DAY if column.base_type == "date" else position


def read_spark_statistics(given: Any, table: str | None, columns: Sequence[str] | None) -> StaleStatistics:
    """Return what Spark has saved of a table.

    Raises
    ------
    ArgumentError
        No table.
    SourceError, SourceNotFound
        The table cannot be read, is not there, or has no statistics.
    """
    if table is None:
        raise ArgumentError("stale_statistics= needs a table: name it with stale_table=")
    with spark_session(given) as session:
        saved = read_spark_table(spark_rows(session), table)
        with open_source(session, saved.quoted) as opened:
            types = {column.name: column for column in opened.columns}
    if saved.saved_rows is None or not any(column.is_analyzed for column in saved.columns):
        raise SourceError(
            f"there are no statistics of {saved.quoted}: run ANALYZE TABLE {saved.quoted} COMPUTE STATISTICS FOR "
            "COLUMNS … (INSERT and other writes drop what was there)"
        )
    rows = saved.saved_rows
    wanted = [column for column in saved.columns if columns is None or column.name in columns]
    reasons = {column.name: _why_skipped(column, types.get(column.name)) for column in wanted}
    compared = [column for column in wanted if not reasons[column.name]]
    return StaleStatistics(
        profile=profile_of_statistics(
            rows,
            [_column_profile(column, types[column.name], rows) for column in compared],
            provenance_now(f"statistics of Spark {saved.version}", saved.quoted, is_exact=False),
        ),
        planner_error=_Errors({column.name: column for column in compared}, rows),
        note=(
            "The stale side is what ANALYZE TABLE saved. The planner error follows Spark's own arithmetic with "
            "spark.sql.cbo.enabled on; KL compares the bins of histograms, and of other columns only NULL."
        ),
        skipped=tuple(SkippedColumn(c.name, c.type, reasons[c.name]) for c in wanted if reasons[c.name]),
        names=tuple(column.name for column in saved.columns),
    )


def _why_skipped(column: SparkColumn, source: SourceColumn | None) -> str:
    """Return why there is nothing to compare a column with; empty where there is."""
    if source is None or source.expression is None:
        return (source and source.reason) or "it cannot be counted"
    if not column.can_be_analyzed:
        return "ANALYZE TABLE does not take its type"
    if not column.is_analyzed:
        return "ANALYZE TABLE has not seen it yet"
    if not all(math.isfinite(end or 0.0) for end in (column.minimum, column.maximum)):
        return "it has infinite values or NaN, and Spark's bins do not tell where the others lie"
    return ""


def _column_profile(column: SparkColumn, source: SourceColumn, rows: int) -> ColumnProfile:
    nulls, distinct = min(column.nulls or 0, rows), column.distinct or 0
    filled = rows - nulls
    histogram = Histogram(rows=rows, nulls=nulls, distinct=distinct)
    if filled and column.estimated == "values":
        ends = list(_ends(column))
        bounds = [_bound(end, column) for end in ends]
        bins = len(ends) - 1
        histogram = with_bounds(
            Histogram(
                rows=rows,
                nulls=nulls,
                distinct=distinct,
                edges=tuple(_on_axis(end, column) for end in ends),
                bin_counts=_shared(filled, bins),
                bin_distinct=_shared(distinct, bins),
            ),
            bounds,
        )
    elif filled:
        histogram = Histogram(
            rows=rows, nulls=nulls, distinct=distinct, bucket_counts=(filled,), bucket_distinct=(distinct,)
        )
    return column_of_statistics(
        source,
        histogram,
        rows=rows,
        nulls=nulls,
        distinct=distinct,
        sampled_rows=None,
        is_whole=column.base_type in ("tinyint", "smallint", "int", "bigint"),
    )


def _ends(column: SparkColumn) -> Iterator[float]:
    """Yield the ends of the bins, or of the one between minimum and maximum, in Spark's positions."""
    if column.bins:
        yield column.bins[0].lower
        yield from (item.upper for item in column.bins)
    elif column.minimum is not None and column.maximum is not None:
        yield column.minimum
        yield column.maximum


def _bound(end: float, column: SparkColumn) -> Value:
    """Return the end of a bin as a profile of the column lists the value; NaN's text where a double cannot tell it."""
    base = column.base_type
    if base in ("date", "timestamp"):
        return value_at(_on_axis(end, column), "moment")
    if base in ("float", "double"):
        return end
    if abs(end) >= _SURE:
        return "nan"
    if base == "decimal":
        scale = int(column.type.rstrip(")").rpartition(",")[2])
        return str(Decimal(repr(end)).quantize(Decimal(1).scaleb(-scale), context=_WIDE))
    return int(end)


def _shared(amount: int, bins: int) -> tuple[int, ...]:
    """Return an amount spread over the bins as evenly as whole numbers can be."""
    return tuple((index + 1) * amount // bins - index * amount // bins for index in range(bins))
