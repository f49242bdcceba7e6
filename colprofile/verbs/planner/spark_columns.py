"""Columns of Spark: one column's saved statistics against its counts, with a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.selectivity import EstimateErrors, log_errors
from colprofile.catalogs.spark import SparkColumn, SparkSettings
from colprofile.catalogs.spark_counts import CellCounts
from colprofile.catalogs.spark_selectivity import (
    Cells,
    FloatArray,
    estimated_rows,
    filled_share,
    fresh_bins,
    histogram_cells,
)
from colprofile.results.planner import ColumnStatistics, ColumnVerdict, WorstValue
from colprofile.verbs.planner.columns import COARSE_BITS, DISTINCT_FACTOR, ratio

DISTINCT_ERROR = 0.15
"""Numbers of distinct values are wrong by 5 % (spark.sql.statistics.ndv.maxError), and seldom by three times that."""

_NEVER = "it was never analysed"


@dataclass(frozen=True, slots=True)
class SparkFacts:
    """A table's rows, as counted and as Spark assumes, and the session's settings."""

    rows: int
    planner_rows: int
    settings: SparkSettings
    min_bits: float


@dataclass(frozen=True, slots=True)
class SparkEstimates:
    """A column with the cells of its axis, how Spark estimates each, and the counts of its values."""

    column: SparkColumn
    cells: Cells
    counts: CellCounts
    positions: tuple[FloatArray, NDArray[np.int64]] | None = (
        None  # with the rows of each, where a histogram is foreseen
    )

    def selectivities(self, rows: int) -> FloatArray:
        """Return the share of all rows that Spark expects of a value, for each cell."""
        return np.array(self.cells.selectivities, np.float64) * filled_share(self.column, rows)

    def errors(self, facts: SparkFacts) -> EstimateErrors | None:
        """Return the errors of ``column = value`` with values drawn from the data; None without values."""
        if not self.counts.count.size:
            return None
        selectivities = self.selectivities(facts.planner_rows)[self.counts.cells[:, 0]]
        return spark_errors(self.counts, selectivities, facts)


def expected_shares(selectivities: FloatArray, planner_rows: int) -> FloatArray:
    """Return estimated shares: as whole rows, and one row where Spark expects none, whose logarithm is infinite."""
    return np.maximum(estimated_rows(selectivities, planner_rows), 1.0) / planner_rows


def spark_errors(counts: CellCounts, selectivities: FloatArray, facts: SparkFacts) -> EstimateErrors:
    """Return the errors of estimated selectivities, one for each group of values or combinations."""
    weights = (counts.count * counts.many).astype(np.float64)
    return log_errors(counts.count / facts.rows, expected_shares(selectivities, facts.planner_rows), weights)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The |log2| errors that a fresh ANALYZE would leave: as things are set now, and with a histogram."""

    fresh: float
    with_histogram: float | None  # None where there is no histogram of the type, or none was foreseen


def foresee(estimates: SparkEstimates, facts: SparkFacts) -> Foreseen:
    """Return what a fresh ANALYZE would leave, its histograms from exact counts."""
    column, counts = estimates.column, estimates.counts
    fresh_facts = SparkFacts(facts.rows, facts.rows, facts.settings, facts.min_bits)
    share = counts.rows / facts.rows
    kind = SparkColumn(column.name, column.quoted, column.type, nulls=0, distinct=counts.values).estimated
    if kind in ("every row", "no row") and not column.can_have_bins:
        whole = share if kind == "every row" else 0.0
        return Foreseen(_absolute(counts, np.full(counts.count.size, whole), fresh_facts), None)
    if _has_nan(estimates):
        return Foreseen(_absolute(counts, np.zeros(counts.count.size), fresh_facts), None)
    plain = _absolute(counts, np.full(counts.count.size, share / _expected_distinct(column, counts)), fresh_facts)
    if estimates.positions is None:
        return Foreseen(plain, None)
    positions, rows = estimates.positions
    cells = histogram_cells(fresh_bins(positions, rows, facts.settings.bins))
    by_value = np.array(cells.selectivities)[cells.find(positions)] * share
    single = CellCounts(np.zeros((positions.size, 1), np.int64), rows, np.ones(positions.size, np.int64))
    binned = _absolute(single, by_value, fresh_facts)
    # Whoever has a histogram is advised to keep it.
    return Foreseen(binned if facts.settings.has_histograms or column.bins else plain, binned)


def _has_nan(estimates: SparkEstimates) -> bool:
    """Whether a value is NaN: Spark then expects no row for any value, see ``SparkColumn.estimated``."""
    if estimates.positions is not None:
        return bool(np.isnan(estimates.positions[0][-1:]).any())
    return math.isnan(estimates.column.maximum or 0.0)


def _expected_distinct(column: SparkColumn, counts: CellCounts) -> int:
    """Return the distinct values that ANALYZE would save: HyperLogLog's, where what is saved is within its error."""
    saved = column.distinct or 0
    return saved if abs(saved - counts.values) <= DISTINCT_ERROR * counts.values else counts.values


def _absolute(counts: CellCounts, selectivities: FloatArray, facts: SparkFacts) -> float:
    return spark_errors(counts, selectivities, facts).absolute


def spark_column_statistics(
    estimates: SparkEstimates,
    foreseen: Foreseen | None,
    worst: Sequence[tuple[str, int, int]],
    facts: SparkFacts,
) -> tuple[ColumnStatistics, float | None]:
    """Return a column's statistics against its data, and the |log2| error that the advice would leave, if it has any.

    ``worst`` are text, rows and cell of the values that are misjudged most; ``foreseen`` is None without values.
    """
    column, counts = estimates.column, estimates.counts
    errors = estimates.errors(facts)
    unseen = _unseen_share(estimates)
    distinct_factor = column.distinct / counts.values if column.distinct and counts.values else None
    undefined = dict.fromkeys(("range_divergence", "range_distance"), "ranges are not examined in Spark")
    undefined["correlation"] = "Spark saves none"
    if errors is None:
        reason = "the table has no rows" if not facts.rows else "every row is NULL"
        undefined |= dict.fromkeys(("kl_divergence", "q_error", "q_error_90", "q_error_max", "fresh_error"), reason)
    if not column.is_analyzed:
        undefined |= dict.fromkeys(("saved_null_share", "saved_distinct"), _NEVER)
    if unseen is None:
        undefined["unseen_share"] = "nothing is saved of where its values lie" if counts.values else "it has no value"
    if distinct_factor is None:
        undefined["distinct_factor"] = "the catalog does not know" if counts.values else "it has no value"
    verdict, reason, after = _verdict(estimates, errors, foreseen, unseen, facts)
    statistics = ColumnStatistics(
        name=column.name,
        type=column.type,
        rows=facts.rows,
        nulls=facts.rows - counts.rows,
        distinct=counts.values,
        is_analyzed=column.is_analyzed,
        statistics_target=facts.settings.bins if facts.settings.has_histograms and column.can_have_bins else 0,
        saved_values=0,
        saved_bins=len(column.bins),
        saved_null_share=1.0 - filled_share(column, facts.planner_rows) if column.is_analyzed else None,
        saved_distinct=column.distinct,
        correlation=None,
        kl_divergence=None if errors is None else errors.mean,
        q_error=None if errors is None else errors.q_error,
        q_error_90=None if errors is None else errors.q_error_90,
        q_error_max=None if errors is None else errors.q_error_max,
        unseen_share=unseen,
        range_divergence=None,
        range_distance=None,
        distinct_factor=distinct_factor,
        fresh_error=None if foreseen is None else foreseen.fresh,
        worst=_worst(estimates, worst, facts),
        verdict=verdict,
        reason=reason,
        undefined=undefined,
    )
    return statistics, after


def _unseen_share(estimates: SparkEstimates) -> float | None:
    """Return the share of the filled rows whose values lie outside of the saved range: Spark expects no row of them."""
    if estimates.column.estimated not in ("values", "no row") or not estimates.counts.values:
        return None
    is_outside = np.array(estimates.cells.selectivities)[estimates.counts.cells[:, 0]] == 0
    weights = estimates.counts.count * estimates.counts.many
    return float(weights[is_outside].sum() / weights.sum())


def _worst(
    estimates: SparkEstimates, worst: Sequence[tuple[str, int, int]], facts: SparkFacts
) -> tuple[WorstValue, ...]:
    if not worst:
        return ()
    shares = expected_shares(estimates.selectivities(facts.planner_rows), facts.planner_rows).tolist()
    return tuple(
        WorstValue(text[:200], rows, rows / facts.rows, shares[cell], rows / facts.rows / shares[cell], False)
        for text, rows, cell in worst
    )


def _verdict(
    estimates: SparkEstimates,
    errors: EstimateErrors | None,
    foreseen: Foreseen | None,
    unseen: float | None,
    facts: SparkFacts,
) -> tuple[ColumnVerdict, str, float | None]:
    """Return the verdict, its evidence, and the |log2| error that ANALYZE would leave where it is advised."""
    column = estimates.column
    if errors is None or foreseen is None:
        return "fine", "there is no value to estimate", None
    left = f"mean error {errors.absolute:.2f} bits"
    best = foreseen.fresh if foreseen.with_histogram is None else min(foreseen.fresh, foreseen.with_histogram)
    has_help = best < foreseen.fresh - facts.min_bits / 2 and errors.absolute - best >= facts.min_bits
    histogram = f", {best:.2f} with a histogram" if has_help else ""
    if not column.is_analyzed:
        reason = f"Spark takes all rows to match: {left}; ANALYZE leaves {foreseen.fresh:.2f}{histogram}"
        return "never analysed", reason, best
    if special := _special(column):
        return ("beyond help" if errors.absolute >= facts.min_bits else "fine"), f"{special}: {left}", None
    if has_help:
        return "coarse", f"{left}; ANALYZE leaves {foreseen.fresh:.2f}{histogram}", best
    is_distinct_wrong = ratio(column.distinct, estimates.counts.values) >= DISTINCT_FACTOR
    if errors.absolute - foreseen.fresh >= facts.min_bits or is_distinct_wrong:
        beyond = f", {unseen:.1%} of the rows beyond the saved range" if unseen else ""
        return "stale", f"{left}{beyond}; a fresh ANALYZE leaves {foreseen.fresh:.2f}", foreseen.fresh
    if foreseen.fresh >= COARSE_BITS:
        why = "" if column.can_have_bins else ": Spark keeps no histogram of its type"
        return "beyond help", f"{left}; ANALYZE leaves {best:.2f}{why}", None
    return "fine", left, None


def _special(column: SparkColumn) -> str | None:
    """Return why Spark estimates nothing of a column that it has statistics of."""
    if column.base_type == "boolean":
        return "Spark does not estimate predicates on a boolean and keeps all rows that are not NULL"
    if column.base_type == "char":
        return "Spark pads CHAR before it compares, does not estimate that, and keeps all rows that are not NULL"
    if " collate " in column.type:
        return "Spark expects no row for any text with a collation"
    if column.estimated == "no row" and column.minimum is not None:
        return "a NaN is the largest value, and Spark then expects no row for any value"
    return None
