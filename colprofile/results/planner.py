"""PlannerReport: what ``planner()`` returns, the saved statistics against the data and what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from colprofile.errors import ArgumentError, SourceNotFound, one_line, shorten
from colprofile.results.base import Result, amount
from colprofile.results.parts import ByColumn, Part
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.values import Value

if TYPE_CHECKING:
    import pandas as pd

ColumnVerdict = Literal["fine", "never analysed", "stale", "distinct", "coarse", "beyond help"]
PairVerdict = Literal[
    "advised", "covered", "in group", "assumed", "over budget", "no help", "hidden", "chance", "small", "not examined"
]
StatementKind = Literal["set statistics", "set n_distinct", "create statistics", "alter statistics", "analyze"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What ``EXPLAIN`` estimates of predicates drawn from the data, against the true rows.

    Selectivities are compared, not rows: a wrong number of rows in the catalog is not counted as an error of a
    column.

    Attributes
    ----------
    predicates
        How many different predicates were explained. Where the column or pair has no more values than that it is all
        of them.
    error
        Mean log2 of true / estimated selectivity in bits, each predicate weighted by its rows. Above 0:
        underestimated.
    q_error
        Geometric mean of max(true/estimated, estimated/true), at least 1.
    q_error_90
        90th percentile of the same.
    predicted
        What colprofile predicted of these same predicates, in bits: to compare with ``error``.
    """

    predicates: int
    error: float
    q_error: float
    q_error_90: float
    predicted: float | None = None


@dataclass(frozen=True, slots=True)
class WorstValue:
    """A value whose rows the planner misjudges most.

    Attributes
    ----------
    value
        The value as the database's text, at most 200 characters.
    rows
        Its true rows.
    share, estimated_share
        True and estimated share of all rows.
    factor
        True / estimated: above 1 underestimated.
    is_saved
        Whether it is among the saved most common values.
    """

    value: Value
    rows: int
    share: float
    estimated_share: float
    factor: float
    is_saved: bool

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise ArgumentError(f"factor={self.factor!r} is not allowed: give a number above 0")


@dataclass(frozen=True, slots=True, repr=False)
class ColumnStatistics(Part):
    """One column's saved statistics against its data. Errors in bits per predicate.

    Attributes
    ----------
    name, type
        As the database names them.
    rows, nulls, distinct
        True numbers, counted now.
    is_analyzed
        Whether the catalog has statistics of it.
    statistics_target
        How many values and bins ANALYZE may keep. In Spark the bins of histograms, 0 without.
    saved_values, saved_bins
        How many it has kept.
    saved_null_share, saved_distinct
        What the catalog says; distinct as a number of values, also where it is saved as a share. None if never
        analysed.
    correlation
        Saved correlation of the column's order with the rows'.
    kl_divergence
        KL(fresh ‖ saved), the planner's error for ``column = value`` with values drawn from the data: the mean log2
        of true over estimated selectivity, in bits. The estimate is the server's: whole rows, at least one. (It is a
        KL divergence where the saved selectivities add up to one, and may be slightly negative where they add up to
        more.)
    q_error, q_error_90, q_error_max
        Of the same predicates: geometric mean, 90th percentile and largest of max(true/estimated, estimated/true).
    unseen_share
        Share of the rows that are not NULL whose values the statistics do not cover: values that are not saved
        although all were, or that lie outside the bounds.
    range_divergence
        The same error for ``column >= bound AND column < next bound`` over the saved bins, and beyond their ends.
        None without bins.
    range_distance
        Largest difference between the true and the estimated share of rows below a bound.
    distinct_factor
        Saved / true number of distinct values.
    fresh_error
        Mean |log2| error, in bits, that a fresh ANALYZE with the same target is expected to leave.
    worst
        Values that the planner misjudges most, by rows × |log2 factor|.
    verdict
        fine; never analysed; stale (ANALYZE helps); distinct (ANALYZE cannot see how many values there are); coarse
        (needs a larger statistics target); beyond help (no setting helps).
    reason
        The verdict's evidence in a sentence.
    measured, measured_after
        By EXPLAIN now, and with the advice applied. None unless asked for.
    undefined
        For each figure that is None: why.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    is_analyzed: bool
    statistics_target: int
    saved_values: int
    saved_bins: int
    saved_null_share: float | None
    saved_distinct: float | None
    correlation: float | None
    kl_divergence: float | None
    q_error: float | None
    q_error_90: float | None
    q_error_max: float | None
    unseen_share: float | None
    range_divergence: float | None
    range_distance: float | None
    distinct_factor: float | None
    fresh_error: float | None
    worst: tuple[WorstValue, ...]
    verdict: ColumnVerdict
    reason: str
    measured: Measurement | None = None
    measured_after: Measurement | None = None
    undefined: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.q_error is not None and not self.q_error > 0:
            raise ArgumentError(f"q_error={self.q_error!r} is not allowed: give a number above 0")

    @property
    def error(self) -> float:
        """Mean |log2| error of predicates on the column, in bits: the larger of the equality's and the ranges'."""
        return max(math.log2(self.q_error or 1.0), self.range_divergence or 0.0)


@dataclass(frozen=True, slots=True)
class JointEstimate:
    """What the joint values of several columns show. Errors as mean log2 of true / estimated selectivity, in bits.

    Attributes
    ----------
    combinations
        Different combinations of values.
    drawn
        Predicates drawn for it; all combinations where there are no more.
    predicted_error
        The planner's error for ``x = … AND y = …`` with combinations drawn from the data, under all statistics it
        has now, its whole rows and its least of one row: I(X;Y), plus the columns' own errors, less what one row
        hides.
    predicted_q_error
        Geometric mean of max(true/estimated, estimated/true).
    groups, estimated_groups
        Rows that ``GROUP BY x, y`` returns, and what the planner expects. NULL is not counted.
    degree_forward, degree_backward
        Share of rows in which x determines y, and y determines x, as PostgreSQL counts it. None for more than two
        columns.
    predicted_after
        Mean |log2| error with the advised statistics and fresh ones of the columns. None where nothing is advised.
    """

    combinations: int
    drawn: int
    predicted_error: float
    predicted_q_error: float
    groups: int
    estimated_groups: float
    degree_forward: float | None
    degree_backward: float | None
    predicted_after: float | None


@dataclass(frozen=True, slots=True, repr=False)
class PairStatistics(Part):
    """Two columns that the planner assumes to be independent. Bits per predicate.

    Attributes
    ----------
    x, y
        Column names.
    rows
        Rows in which neither is NULL.
    mutual_information
        I(X;Y): the mean log2 underestimate of ``x = … AND y = …`` by a planner that knows both columns and assumes
        independence.
    expected_mutual_information
        What chance alone would show.
    planner_factor
        2^I.
    visible_bits
        The part of it that can show: a planner that estimates at least one row underestimates by at most
        mean log2(true rows).
    distinct_pairs
        Different pairs of values.
    covered_by
        Names of extended statistics that hold both columns and help this predicate.
    kinds, statistics_target
        Advised kinds (mcv, dependencies, ndistinct), and the target that an mcv list needs. Empty and None if not
        advised.
    bits
        The figure that ranks pairs: bits by which the advice is predicted to reduce the error; 0 if nothing is advised.
    verdict, reason
        Whether statistics of both are advised, and why or why not.
    evidence
        From the pair's joint values; None if it was not examined.
    measured, measured_after
        By EXPLAIN now, and with the advice applied. None unless asked for.
    """

    x: str
    y: str
    rows: int
    mutual_information: float
    expected_mutual_information: float
    planner_factor: float
    visible_bits: float
    distinct_pairs: int
    covered_by: tuple[str, ...]
    kinds: tuple[str, ...]
    statistics_target: int | None
    bits: float
    verdict: PairVerdict
    reason: str
    evidence: JointEstimate | None = None
    measured: Measurement | None = None
    measured_after: Measurement | None = None


@dataclass(frozen=True, slots=True, repr=False)
class GroupStatistics(Part):
    """Three or more columns that belong together: pairs alone leave the planner wrong. Bits per predicate.

    Attributes
    ----------
    columns
        Names.
    bits
        Bits by which statistics of all of them improve the error that is left with statistics of their pairs.
    kinds, statistics_target
        As of pairs.
    reason
        The evidence in a sentence.
    evidence
        From the joint values.
    measured, measured_after
        By EXPLAIN now, and with the advice applied. None unless asked for.
    """

    columns: tuple[str, ...]
    bits: float
    kinds: tuple[str, ...]
    statistics_target: int | None
    reason: str
    evidence: JointEstimate
    measured: Measurement | None = None
    measured_after: Measurement | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the advice, without its semicolon; ``bits`` is the error that it is predicted to remove."""

    kind: StatementKind
    sql: str
    columns: tuple[str, ...]
    bits: float
    reason: str


@dataclass(frozen=True, slots=True)
class ExtendedStatistics:
    """Extended statistics that the table has already, and whether ANALYZE has filled them."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    is_filled: bool


@dataclass(frozen=True, slots=True)
class EstimateError:
    """The error of a column's, pair's or group's estimates in bits: predicted, measured, measured with the advice.

    ``predicted`` is for the same predicates as ``measured`` where there are measurements.
    """

    kind: Literal["column", "pair", "group"]
    columns: tuple[str, ...]
    predicted: float
    measured: float | None
    after: float | None

    @classmethod
    def of(
        cls,
        kind: Literal["column", "pair", "group"],
        columns: tuple[str, ...],
        predicted: float | None,
        item: ColumnStatistics | PairStatistics | GroupStatistics,
    ) -> EstimateError | None:
        """Return the error of an item of a report; None without a prediction."""
        if predicted is None:
            return None
        measured, after = item.measured, item.measured_after
        return cls(
            kind,
            columns,
            predicted if measured is None or measured.predicted is None else measured.predicted,
            None if measured is None else measured.error,
            None if after is None else after.error,
        )


@dataclass(frozen=True, repr=False)
class PlannerReport(Result, ByColumn[ColumnStatistics]):
    """A table's saved statistics against its data, with advice.

    Attributes
    ----------
    schema, table, quoted
        Which table; ``quoted`` is its name as SQL has it.
    kind
        Table, partitioned table, materialized view or foreign table.
    server
        Version of the database server.
    rows
        Counted now.
    planner_rows
        The number of rows that the planner assumes.
    saved_rows, last_analyzed, modified_rows
        ``reltuples``, when it was last analysed, and rows changed since, as the server counted. None where it does
        not know.
    columns
        One ColumnStatistics per column, the largest error first.
    pairs
        Pairs that share bits, those that the advice helps most first, then by shared bits.
    pairs_left_out
        How many pairs share too little to be listed.
    groups
        Three or more columns that belong together.
    extended
        Extended statistics that exist.
    statements
        The advice, in the order in which it runs.
    min_bits
        Errors below this are fine.
    skipped
        Columns that could not be compared.
    is_explained, is_verified
        Whether EXPLAIN was asked, and whether the advice was tried.
    provenance, notes
        Source, version, duration; what the reader should know.
    """

    _place = "report"

    schema: str
    table: str
    quoted: str
    kind: str
    server: str
    rows: int
    planner_rows: int
    saved_rows: float | None
    last_analyzed: str | None
    modified_rows: int | None
    columns: tuple[ColumnStatistics, ...]
    pairs: tuple[PairStatistics, ...]
    pairs_left_out: int
    groups: tuple[GroupStatistics, ...]
    extended: tuple[ExtendedStatistics, ...]
    statements: tuple[Statement, ...]
    min_bits: float
    skipped: tuple[SkippedColumn, ...]
    is_explained: bool
    is_verified: bool
    provenance: Provenance
    notes: tuple[str, ...] = ()

    def pair(self, x: str, y: str) -> PairStatistics:
        """Return the pair of two columns, in whichever order; SourceNotFound if it is not listed."""
        for pair in self.pairs:
            if (pair.x, pair.y) in {(x, y), (y, x)}:
                return pair
        raise SourceNotFound(
            f"no pair of {shorten(x)!r} with {shorten(y)!r} in the report: "
            f"it lists pairs that share at least {self.min_bits:g} bits"
        )

    @property
    def worst_error(self) -> float:
        """Bits of the largest error of any column, pair or group: what ``--fail-above`` compares."""
        pairs = [pair.evidence.predicted_error for pair in self.pairs if pair.evidence is not None]
        groups = [group.evidence.predicted_error for group in self.groups]
        return max([0.0, *(column.error for column in self.columns), *pairs, *groups])

    @property
    def errors(self) -> tuple[EstimateError, ...]:
        """Predicted and measured errors of columns, pairs and groups, the largest prediction first."""
        found = [
            *(EstimateError.of("column", (c.name,), c.kl_divergence, c) for c in self.columns),
            *(EstimateError.of("pair", (p.x, p.y), p.evidence.predicted_error, p) for p in self.pairs if p.evidence),
            *(EstimateError.of("group", g.columns, g.evidence.predicted_error, g) for g in self.groups),
        ]
        return tuple(sorted((error for error in found if error), key=lambda error: -abs(error.predicted)))

    @property
    def prediction_gap(self) -> float | None:
        """Bits of the largest difference between a predicted and a measured error; None if nothing was measured."""
        gaps = [abs(error.predicted - error.measured) for error in self.errors if error.measured is not None]
        return max(gaps, default=None)

    @property
    def gain(self) -> tuple[float, float] | None:
        """Mean |error| in bits of the advised pairs and groups by EXPLAIN: now, and with the advice.

        None if that was not measured.
        """
        served = [pair for pair in self.pairs if pair.verdict in ("advised", "in group")]
        items: list[PairStatistics | GroupStatistics] = [*served, *self.groups]
        errors = [
            (abs(i.measured.error), abs(i.measured_after.error)) for i in items if i.measured and i.measured_after
        ]
        if not errors:
            return None
        now, after = (sum(side) / len(errors) for side in zip(*errors, strict=True))
        return now, after

    @property
    def has_transactions(self) -> bool:
        """Whether the advice can be tried in a transaction, as in PostgreSQL; Spark's ANALYZE cannot be rolled back."""
        return self.server.startswith("PostgreSQL")

    def script(self) -> str:
        """Return the advice as one SQL script that any client of the database runs; only a comment if there is none."""
        return script(self)

    def columns_frame(self) -> pd.DataFrame:
        """Return one row per column, the scalar fields of ColumnStatistics as columns, indexed by name."""
        return self._frame_of(ColumnStatistics, self.columns).set_index("name")

    def pairs_frame(self) -> pd.DataFrame:
        """Return one row per pair, the scalar fields of PairStatistics and of its evidence and measurements."""
        return self._frame_of(PairStatistics, self.pairs)

    def statements_frame(self) -> pd.DataFrame:
        """Return one row per statement of the advice, in the order in which they run."""
        return self._frame_of(Statement, self.statements)

    def _describe(self) -> str:
        counted = (amount(len(self.columns), "column"), amount(len(self.pairs), "pair"))
        advice = amount(len(self.statements), "statement") + " advised"
        return f"of {self.provenance.subject}: {amount(self.rows, 'row')}, {', '.join(counted)}, {advice}"


def script(report: PlannerReport) -> str:
    """Return the advice as SQL that any client of the database runs; only comments if there is none."""
    made = report.provenance
    head = [f"Advice for {report.quoted} by colprofile {made.version}, {made.created}."]
    if report.has_transactions:
        head += [
            "Takes SHARE UPDATE EXCLUSIVE locks on the table: queries and changes of rows continue; VACUUM, ANALYZE",
            "and other changes of the table wait.",
        ]
    if not report.statements:
        return "\n".join(map(_comment, [head[0], "Nothing to do."])) + "\n"
    parts = ["\n".join(map(_comment, head))]
    for statement in report.statements:
        bits = f" [{statement.bits:.2f} bits]" if statement.bits >= 0.005 else ""
        parts.append(f"{_comment(statement.reason + bits)}\n{statement.sql};")
    return "\n\n".join(parts) + "\n"


def _comment(text: str) -> str:
    r"""Return text as one comment: a name with a line break in it must not begin a statement.

    >>> _comment("a; drop\ntable")
    '-- a; drop table'
    """
    return f"-- {one_line(text, 500)}"
