"""Drift: what ``drift()`` returns, how far fresh data differs from saved data, with one ColumnDrift per column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from colprofile.errors import ArgumentError
from colprofile.results.base import Result, amount
from colprofile.results.parts import ByColumn, Part
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.values import Value

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["same", "noise", "explained", "added", "drifted", "broken"]

VERDICTS: tuple[Verdict, ...] = ("broken", "drifted", "added", "explained", "noise", "same")
"""What matters most first."""

Explanation = Literal["key", "moved", "grown", "turnover"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """A value or bin, and its part of the divergence.

    Attributes
    ----------
    kind
        value, bin (numeric and temporal columns: ``low < value <= high``, the lowest bin with its ``low`` too) or
        bucket (hash bucket number ``bucket`` of values that are not listed).
    value
        Of kind value.
    low, high
        Of kind bin: numbers or ISO text. None where the bin is open at that end.
    bucket
        Of kind bucket.
    stale_rows, fresh_rows
        Rows on each side.
    stale_share, fresh_share
        The same as shares q and p of the rows that are not NULL.
    bits
        p log2(p/q) + (q − p)/ln 2, at least 0; all cells' bits add up to KL(fresh ‖ stale).
    """

    kind: Literal["value", "bin", "bucket"]
    stale_rows: float
    fresh_rows: float
    stale_share: float
    fresh_share: float
    bits: float
    value: Value = None
    low: float | str | None = None
    high: float | str | None = None
    bucket: int | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """Both sides' distributions for a chart: the same bars, as shares of the rows that are not NULL.

    Attributes
    ----------
    edges
        Of numeric and temporal columns: one more than bars, numbers or ISO text; the outermost bars hold everything
        beyond too.
    values
        Of other columns: one per bar.
    stale, fresh
        Shares.
    stale_rest, fresh_rest
        Shares that have no bar.
    ends
        The smallest and the largest value that the edges reach: the last bar of whole numbers ends one beyond its
        largest. Empty without edges, and where it is not known.
    """

    edges: tuple[float | str, ...]
    values: tuple[Value, ...]
    stale: tuple[float, ...]
    fresh: tuple[float, ...]
    stale_rest: float
    fresh_rest: float
    ends: tuple[float | str, ...] = ()

    def __post_init__(self) -> None:
        bars = len(self.edges) - 1 if self.edges else len(self.values)
        if not bars == len(self.stale) == len(self.fresh):
            raise ArgumentError(f"{bars} bars have {len(self.stale)} stale and {len(self.fresh)} fresh shares")


@dataclass(frozen=True, slots=True)
class ColumnSide:
    """One side of a column.

    Attributes
    ----------
    type, kind
        As that side's profile has them.
    rows, nulls, distinct
        All rows; NULL rows; distinct values that are not NULL.
    null_share
        nulls / rows; 0 without rows.
    """

    type: str
    kind: str
    rows: int
    nulls: int
    distinct: int
    null_share: float


@dataclass(frozen=True, slots=True, repr=False)
class ColumnDrift(Part):
    """One column, stale against fresh. Divergences are of the rows that are not NULL, in bits.

    Attributes
    ----------
    name
        The column.
    verdict
        same: the difference is too small to matter. noise: it could matter, but sampling alone explains it. explained:
        it is real, but expected of such a column (``explanation``). drifted: it is real and matters. broken: the column
        is missing or has another type. added: only the fresh side has it.
    reasons
        Sentences that say why.
    explanation
        key: nearly every value occurs once, on both sides. moved: the range moved on and its shape was kept. grown:
        new values lie beyond the stale range, and nothing changed within it. turnover: text with many values, of which
        some came and went. None otherwise.
    stale, fresh
        The two sides; None where a side has no such column.
    kl_divergence
        KL(fresh ‖ stale) = Σ p log2(p/q): how wrong the stale histogram is about fresh rows.
    reverse_kl_divergence
        KL(stale ‖ fresh).
    js_divergence
        Jensen-Shannon divergence, in [0, 1].
    psi
        Population stability index, in nats, as is customary: above 0.1 counts as a change, above 0.25 as a large one.
    entropy
        H of the fresh rows over the compared cells: the bits per row of a code that was made for them.
    cross_entropy
        H + KL: the bits per fresh row of a code that was made for the stale rows.
    cardinality_factor
        2^KL: the geometric mean by which a planner with the stale histogram underestimates fresh equality predicates.
    planner_error
        With an optimizer's statistics as the stale side: the mean log2 of true / estimated selectivity of
        ``column = value``, values drawn from the fresh rows, by the planner's own arithmetic. What ``planner`` calls
        ``kl_divergence``; ``cardinality_factor`` is then 2 to this. None otherwise, or where fresh counts of the saved
        values are not known.
    unseen_mass
        Share of fresh rows in cells that the stale side never saw.
    vanished_mass
        Share of stale rows in cells that the fresh side lost.
    null_bits
        KL of being NULL, fresh against stale.
    noise_floor
        KL that sampling alone is expected to show: (cells − 1)/(2 ln 2) · (1/n_fresh + 1/n_stale).
    statistic, degrees_of_freedom
        Of the two-sample G-test with small cells pooled.
    p_value
        Probability of such a difference from sampling alone: the smallest of the tests' (G-test of the values, number
        of unseen values, share of NULL), times how many tests there were.
    adjusted_p_value
        The same, corrected for the number of columns (Benjamini-Hochberg).
    cells
        How many values, bins and buckets were compared.
    is_lower_bound
        Whether some cells hold several values: the divergences are then lower bounds.
    is_interpolated
        Whether the two sides' bins differ, so that rows within a bin were split by assumption: as if nothing had
        changed within it.
    smoothed
        The figures for which a side had no support in a cell, so that ``smoothing`` rows were added to every cell of
        that side; without that they are infinite.
    contributions
        At most ten, largest part of KL first.
    overlay
        What a chart draws; None where there is nothing to draw.
    undefined
        For each figure that is None: why.
    """

    name: str
    verdict: Verdict
    reasons: tuple[str, ...]
    explanation: Explanation | None = None
    stale: ColumnSide | None = None
    fresh: ColumnSide | None = None
    kl_divergence: float | None = None
    reverse_kl_divergence: float | None = None
    js_divergence: float | None = None
    psi: float | None = None
    entropy: float | None = None
    cross_entropy: float | None = None
    cardinality_factor: float | None = None
    unseen_mass: float | None = None
    vanished_mass: float | None = None
    null_bits: float | None = None
    noise_floor: float | None = None
    statistic: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    cells: int = 0
    is_lower_bound: bool = False
    is_interpolated: bool = False
    smoothed: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    overlay: Overlay | None = None
    undefined: dict[str, str] = field(default_factory=dict)
    planner_error: float | None = None


@dataclass(frozen=True, repr=False)
class Drift(Result, ByColumn[ColumnDrift]):
    """Two states of a table compared: every column of either.

    Attributes
    ----------
    columns
        In the stale table's order, added ones last.
    stale_rows, fresh_rows
        Rows of each side.
    stale, fresh
        Where each side comes from.
    tolerance
        Bits below which a difference does not matter.
    significance
        Adjusted p-value at or below which a difference is real.
    smoothing
        Rows added to a cell where a side had no support.
    colprofile_version, created, duration, command
        Of colprofile; UTC in ISO 8601; seconds; the command line that makes it again, if there is one.
    notes
        What the reader should know.
    skipped
        Columns about which the stale side, an optimizer's statistics, says nothing, each with the reason.
    """

    _place = "comparison"

    columns: tuple[ColumnDrift, ...]
    stale_rows: int
    fresh_rows: int
    stale: Provenance
    fresh: Provenance
    tolerance: float
    significance: float
    smoothing: float
    colprofile_version: str
    created: str
    duration: float
    command: str | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[SkippedColumn, ...] = ()

    def having(self, *verdicts: Verdict) -> tuple[ColumnDrift, ...]:
        """Return the columns with one of these verdicts, the largest KL first."""
        found = [column for column in self.columns if column.verdict in verdicts]
        return tuple(sorted(found, key=lambda c: (VERDICTS.index(c.verdict), -(c.kl_divergence or 0.0))))

    @property
    def broken(self) -> tuple[ColumnDrift, ...]:
        """Columns that are missing or have another type."""
        return self.having("broken")

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        """Columns whose difference is real and matters, the largest KL first."""
        return self.having("drifted")

    @property
    def verdict(self) -> Verdict:
        """The most severe verdict of any column; "same" if there are no columns."""
        return min((column.verdict for column in self.columns), key=VERDICTS.index, default="same")

    def failures(
        self, *, above: float | None = None, on: Literal["broken", "drifted"] | None = None
    ) -> tuple[ColumnDrift, ...]:
        """Return the columns at which a pipeline should stop.

        Parameters
        ----------
        above
            Drifted columns whose KL or NULL bits exceed this many bits, and broken ones. Noise and explained
            columns are never returned.
        on
            "broken" returns broken columns, "drifted" drifted ones too.

        Raises
        ------
        ArgumentError
            ``above`` is negative or NaN, or ``on`` something else.
        """
        if above is not None and not above >= 0:
            raise ArgumentError(f"above={above!r} is not allowed: give bits, 0 or more")
        if on not in (None, "broken", "drifted"):
            raise ArgumentError(f"on={on!r} is not allowed: give 'broken' or 'drifted'")
        found = []
        for column in self.having("broken", "drifted"):
            if column.verdict == "broken":
                is_stopped = above is not None or on is not None
            else:
                bits = max(column.kl_divergence or 0.0, column.null_bits or 0.0)
                is_stopped = on == "drifted" or (above is not None and bits > above)
            if is_stopped:
                found.append(column)
        return tuple(found)

    def columns_frame(self) -> pd.DataFrame:
        """Return one row per column in the comparison's order, indexed by name.

        The fields of ColumnDrift that hold one value; each side's with the prefix ``stale_`` or ``fresh_``; ``reasons``
        as one text. What is undefined is missing (``pd.NA``), in nullable dtypes.
        """
        frame = self._frame_of(ColumnDrift, self.columns).set_index("name")
        return frame.assign(reasons=["; ".join(column.reasons) for column in self.columns])

    def contributions_frame(self) -> pd.DataFrame:
        """Return one row per contribution, most bits first: the column's ``name``, then the fields of Contribution."""
        found = [(column.name, part) for column in self.columns for part in column.contributions]
        found.sort(key=lambda item: -item[1].bits)
        names, parts = [name for name, _ in found], [part for _, part in found]
        return self._frame_of(Contribution, parts, objects=("low", "high"), name=names)

    def _describe(self) -> str:
        verdicts = Counter(column.verdict for column in self.columns)
        counted = [f"{verdicts[verdict]:,} {verdict}" for verdict in VERDICTS if verdicts[verdict]]
        columns = amount(len(self.columns), "column")
        return f"from {self.stale.subject} to {self.fresh.subject}: {', '.join([columns, *counted])}"
