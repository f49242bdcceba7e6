"""planner for Spark: a table's saved statistics against its data, and the statements that would help."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from colprofile.catalogs.selectivity import log_errors
from colprofile.catalogs.spark import RowsOf, SparkColumn, SparkTable, read_spark_table
from colprofile.catalogs.spark_counts import (
    MOST_FETCHED,
    DrawnPredicate,
    count_cells,
    count_spark_rows,
    draw_predicates,
    fetch_positions,
    worst_misjudged,
)
from colprofile.catalogs.spark_explain import explained_rows, with_cbo
from colprofile.catalogs.spark_selectivity import FloatArray, equality_cells
from colprofile.catalogs.spark_session import spark_rows, spark_session
from colprofile.errors import ArgumentError
from colprofile.progress import Progress
from colprofile.results.planner import (
    ColumnStatistics,
    JointEstimate,
    Measurement,
    PairStatistics,
    PlannerReport,
    Statement,
)
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.verbs.planner.columns import WORST_SHOWN
from colprofile.verbs.planner.options import PlannerOptions
from colprofile.verbs.planner.pairs import pair_statistics, set_aside
from colprofile.verbs.planner.spark_columns import (
    SparkEstimates,
    SparkFacts,
    expected_shares,
    foresee,
    spark_column_statistics,
    spark_errors,
)
from colprofile.verbs.profile.provenance import provenance_now

_POSTGRESQL_ONLY = ("verify", "longest_list", "budget", "fetch", "statement_timeout", "lock_timeout")


@dataclass
class SparkExamination:
    """What is found out about a table, step by step."""

    table: SparkTable
    facts: SparkFacts
    columns: list[ColumnStatistics] = field(default_factory=list)
    after: dict[str, float] = field(default_factory=dict)  # |log2| errors that ANALYZE would leave where it is advised
    estimates: dict[str, SparkEstimates] = field(default_factory=dict)
    pairs: list[PairStatistics] = field(default_factory=list)
    pairs_left_out: int = 0
    skipped: list[SkippedColumn] = field(default_factory=list)


def spark_planner(given: Any, table: str, options: PlannerOptions, progress: bool | None) -> PlannerReport:
    """Return what Spark's optimizer does not know about a table, for ``planner`` and with its options.

    Raises
    ------
    ArgumentError
        An option that is PostgreSQL's alone.
    SourceNotFound, SourceError
        As ``planner``.
    """
    for name in _POSTGRESQL_ONLY:
        if getattr(options, name) != getattr(PlannerOptions, name):
            raise ArgumentError(f"{name}={getattr(options, name)!r} is for PostgreSQL: leave it out with Spark")
    began = time.perf_counter()
    with (
        spark_session(given) as session,
        Progress(progress, "reading the statistics") as shown,
    ):
        rows_of = spark_rows(session)
        found = _examine_columns(rows_of, table, options, shown)
        if options.pairs and found.facts.rows:
            _examine_pairs(rows_of, session, found, options, shown)
        if options.explain:
            _explain(rows_of, found, options, shown)
    duration = time.perf_counter() - began
    provenance = provenance_now(f"Spark {found.table.version}", found.table.quoted, duration=duration)
    return _report(found, options, provenance)


def _examine_columns(rows_of: RowsOf, name: str, options: PlannerOptions, shown: Progress) -> SparkExamination:
    """Return the columns' statistics against their counts."""
    saved = read_spark_table(rows_of, name, options.columns)
    chosen, skipped = [], []
    for column in saved.columns:
        if reason := _why_skipped(column):
            skipped.append(SkippedColumn(column.name, column.type, reason))
        else:
            chosen.append(column)
    saved = replace(saved, columns=tuple(chosen))
    rows = count_spark_rows(rows_of, saved)
    # Without a saved number of rows Spark expects none in particular, and takes every row to match.
    planner_rows = saved.saved_rows or rows
    found = SparkExamination(saved, SparkFacts(rows, planner_rows, saved.settings, options.min_bits), skipped=skipped)
    for done, column in enumerate(chosen):
        shown.update("comparing columns", done, len(chosen))
        _compare(rows_of, found, column)
    found.columns.sort(key=lambda column: -column.error)
    return found


def _why_skipped(column: SparkColumn) -> str:
    """Return why a column is not examined; empty where it is."""
    if not column.can_be_analyzed:
        return "ANALYZE TABLE does not take its type: Spark takes all rows to match any value"
    if column.estimated == "fails":
        return (
            "while spark.sql.cbo.enabled is on, Spark fails to plan filters on a timestamp_ntz that has statistics: "
            "analyse the other columns by their names"
        )
    return ""


def _compare(rows_of: RowsOf, found: SparkExamination, column: SparkColumn) -> None:
    facts, cells = found.facts, equality_cells(column)
    counts = count_cells(rows_of, found.table, [column], [cells])
    estimates = SparkEstimates(column, cells, counts)
    errors = estimates.errors(facts)
    is_wrong = errors is not None and errors.absolute >= facts.min_bits
    if (
        column.can_have_bins
        and 1 < counts.values <= MOST_FETCHED
        and (is_wrong or column.bins or facts.settings.has_histograms)
    ):
        estimates = replace(estimates, positions=fetch_positions(rows_of, found.table, column))
    worst: list[tuple[str, int, int]] = []
    if errors is not None:
        expected = expected_shares(estimates.selectivities(facts.planner_rows), facts.planner_rows) * facts.rows
        worst = worst_misjudged(rows_of, found.table, column, cells, expected.tolist(), WORST_SHOWN)
    foreseen = foresee(estimates, facts) if counts.values else None
    statistics, after = spark_column_statistics(estimates, foreseen, worst, facts)
    found.columns.append(statistics)
    found.estimates[column.name] = estimates
    if after is not None:
        found.after[column.name] = after


def _examine_pairs(
    rows_of: RowsOf, session: Any, found: SparkExamination, options: PlannerOptions, shown: Progress
) -> None:
    """Find the pairs that Spark assumes to be independent: all, as it keeps no statistics of several columns."""
    from colprofile.verbs.profile.api import profile

    # Only Spark can tell which texts a collation takes for equal.
    varied = [c.name for c in found.columns if c.distinct > 1 and " collate " not in c.type]
    if len(varied) < 2:
        return
    shown.update("counting pairs", 0, None)
    counted = profile(session, found.table.quoted, columns=varied, progress=False).pairs
    screened = [pair_statistics(pair, *set_aside(pair, options.min_bits)) for pair in counted]
    listed = [pair for pair in screened if pair.verdict != "small"]
    listed.sort(key=lambda pair: -pair.visible_bits)
    found.pairs_left_out = len(screened) - len(listed)
    left = options.examine
    for done, pair in enumerate(listed):
        if pair.verdict == "not examined" and left > 0:
            left -= 1
            shown.update("examining pairs", done, min(len(listed), options.examine))
            pair = _examined(rows_of, found, pair)
        found.pairs.append(pair)
    found.pairs.sort(
        key=lambda pair: (-(pair.evidence.predicted_error if pair.evidence else -math.inf), -pair.visible_bits)
    )


def _examined(rows_of: RowsOf, found: SparkExamination, pair: PairStatistics) -> PairStatistics:
    """Return a pair with the error of its joint values: I(X;Y), and the errors of both columns."""
    sides = [found.estimates[name] for name in (pair.x, pair.y)]
    counts = count_cells(rows_of, found.table, [side.column for side in sides], [side.cells for side in sides])
    if not counts.rows:
        return pair
    selectivities = _joint(sides, counts.cells, found.facts)
    errors = spark_errors(counts, selectivities, found.facts)
    distinct = [side.column.distinct or side.counts.values for side in sides]
    evidence = JointEstimate(
        combinations=counts.values,
        drawn=counts.values,
        predicted_error=errors.mean,
        predicted_q_error=errors.q_error,
        groups=counts.values,
        estimated_groups=float(min(math.prod(distinct), found.facts.planner_rows)),
        degree_forward=None,
        degree_backward=None,
        predicted_after=None,
    )
    reason = f"mean error {errors.mean:.2f} bits, {pair.mutual_information:.2f} of them shared by the two columns"
    return replace(pair, verdict="assumed", reason=reason, evidence=evidence)


def _joint(sides: Sequence[SparkEstimates], cells: np.ndarray[Any, Any], facts: SparkFacts) -> FloatArray:
    """Return the selectivities of equalities together: the product, NULL included."""
    shares = [side.selectivities(facts.planner_rows)[cells[:, i]] for i, side in enumerate(sides)]
    return np.asarray(np.prod(shares, axis=0), np.float64)


def _explain(rows_of: RowsOf, found: SparkExamination, options: PlannerOptions, shown: Progress) -> None:
    """Add to columns and pairs what EXPLAIN COST estimates of predicates drawn from the data."""
    if found.table.saved_rows is None:
        return
    drawn: dict[tuple[str, ...], list[DrawnPredicate]] = {}
    keys: list[tuple[str, ...]] = [(column.name,) for column in found.columns]
    keys += [(pair.x, pair.y) for pair in found.pairs if pair.evidence is not None]
    for done, key in enumerate(keys):
        shown.update("drawing predicates", done, len(keys))
        sides = [found.estimates[name] for name in key]
        columns, cells = [side.column for side in sides], [side.cells for side in sides]
        counts = sides[0].counts if len(sides) == 1 else count_cells(rows_of, found.table, columns, cells)
        if counts.rows:
            drawn[key] = draw_predicates(rows_of, found.table, columns, cells, counts, options.predicates)
    total, before = sum(map(len, drawn.values())), 0
    measured: dict[tuple[str, ...], Measurement] = {}
    with with_cbo(rows_of, found.table):
        for key, predicates in drawn.items():
            start = before
            rows = explained_rows(
                rows_of,
                found.table,
                [predicate.condition for predicate in predicates],
                lambda done, start=start: shown.update("asking EXPLAIN", start + done, total),  # type: ignore[misc]
            )
            before += len(predicates)
            if predicates:
                measured[key] = _measurement([found.estimates[name] for name in key], predicates, rows, found.facts)
    found.columns = [replace(column, measured=measured.get((column.name,))) for column in found.columns]
    found.pairs = [replace(pair, measured=measured.get((pair.x, pair.y))) for pair in found.pairs]


def _measurement(
    sides: Sequence[SparkEstimates], predicates: Sequence[DrawnPredicate], rows: Sequence[float], facts: SparkFacts
) -> Measurement:
    true = np.array([predicate.rows for predicate in predicates], np.float64) / facts.rows
    weights = np.array([predicate.weight for predicate in predicates], np.float64)
    errors = log_errors(true, np.maximum(np.array(rows, np.float64), 1.0) / facts.planner_rows, weights)
    cells = np.array([predicate.cells for predicate in predicates], np.int64)
    shares = expected_shares(_joint(sides, cells, facts), facts.planner_rows)
    return Measurement(
        predicates=len(predicates),
        error=errors.mean,
        q_error=errors.q_error,
        q_error_90=errors.q_error_90,
        predicted=float(np.average(np.log2(true / shares), weights=weights)),
    )


def _advice(found: SparkExamination) -> tuple[Statement, ...]:
    """Return the settings and the ANALYZE that would help, in the order in which they run."""
    table, settings = found.table, found.table.settings
    wrong = [column for column in found.columns if column.name in found.after]
    gains = {c.name: max(0.0, math.log2(c.q_error or 1.0) - found.after[c.name]) for c in wrong}
    names = tuple(column.name for column in table.columns if column.name in gains)
    statements = []
    if not settings.is_cbo_enabled:
        reason = "off by default: without it Spark uses no statistics for filters"
        statements.append(Statement("set statistics", "SET spark.sql.cbo.enabled = true", (), 0.0, reason))
    helped = {c.name for c in wrong if c.saved_bins or found.after[c.name] < (c.fresh_error or 0.0)}
    if helped and not settings.has_histograms:
        sql = "SET spark.sql.statistics.histogram.enabled = true"
        listed = tuple(name for name in names if name in helped)
        gain = max(gains[name] for name in listed)
        statements.append(Statement("set statistics", sql, listed, gain, "so that ANALYZE TABLE saves histograms"))
    analyze = f"ANALYZE TABLE {table.quoted} COMPUTE STATISTICS"
    if names:
        sql = f"{analyze} FOR COLUMNS {', '.join(table.column(name).quoted for name in names)}"
        statements.append(Statement("analyze", sql, names, max(gains.values()), "; ".join(_whys(wrong))))
    elif table.saved_rows is not None and table.saved_rows != found.facts.rows:
        reason = f"the catalog has {table.saved_rows:,} rows, the table {found.facts.rows:,}"
        statements.append(Statement("analyze", analyze, (), 0.0, reason))
    return tuple(statements)


def _whys(columns: Sequence[ColumnStatistics]) -> list[str]:
    found: dict[str, list[str]] = {}
    for column in columns:
        found.setdefault(column.verdict, []).append(column.name)
    return [f"{verdict}: {', '.join(names)}" for verdict, names in found.items()]


def _report(found: SparkExamination, options: PlannerOptions, provenance: Provenance) -> PlannerReport:
    saved = found.table
    return PlannerReport(
        schema=saved.schema,
        table=saved.name,
        quoted=saved.quoted,
        kind="table",
        server=f"Spark {saved.version}",
        rows=found.facts.rows,
        planner_rows=found.facts.planner_rows,
        saved_rows=None if saved.saved_rows is None else float(saved.saved_rows),
        last_analyzed=None,
        modified_rows=None,
        columns=tuple(found.columns),
        pairs=tuple(found.pairs),
        pairs_left_out=found.pairs_left_out,
        groups=(),
        extended=(),
        statements=_advice(found),
        min_bits=options.min_bits,
        skipped=tuple(found.skipped),
        is_explained=options.explain,
        is_verified=False,
        provenance=provenance,
        notes=_notes(found, options),
    )


def _notes(found: SparkExamination, options: PlannerOptions) -> tuple[str, ...]:
    """Return what the reader should know of this table."""
    notes = []
    if not found.table.settings.is_cbo_enabled:
        notes.append(
            "spark.sql.cbo.enabled is off, as it is by default: Spark uses no statistics for filters and takes all "
            "rows to match. The figures are those with it on."
        )
    if found.table.saved_rows is None:
        unknown = "No number of rows is saved: Spark goes by the size of the files and takes all rows to match."
        notes.append(unknown + (" EXPLAIN COST shows no rows, so nothing was measured." if options.explain else ""))
    if not found.facts.rows:
        notes.append("The table is empty.")
    ranged = {name for name, side in found.estimates.items() if side.column.estimated == "values"}
    without = [column.name for column in found.columns if column.unseen_share and column.name in ranged]
    if without:
        notes.append(
            f"Spark expects no row of values outside of the saved range ({', '.join(without[:5])}"
            f"{' …' if len(without) > 5 else ''}): such an estimate counts as one row."
        )
    sides = found.estimates.values()
    many = [side.column.name for side in sides if side.column.can_have_bins and side.counts.values > MOST_FETCHED]
    if many:
        notes.append(
            f"{', '.join(many[:5])}{' …' if len(many) > 5 else ''}: more than {MOST_FETCHED:,} values, so what a "
            "histogram would leave is not foreseen; the error after ANALYZE is that without one."
        )
    if any(pair.evidence is not None for pair in found.pairs):
        notes.append("Spark keeps no statistics of several columns: the errors of pairs stay.")
    if options.explain and found.table.saved_rows is not None:
        notes.append("EXPLAIN COST shows three digits: a measured error may differ by 0.007 bits for that alone.")
    return tuple(notes)
