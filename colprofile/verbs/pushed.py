"""Count a source's columns and pairs inside its database, and put the results together."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from colprofile.counting.marginal import MANY_VALUES, ColumnCounts, dependence_bins
from colprofile.progress import Progress
from colprofile.results.histogram import Histogram
from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.sources.base import SourceColumn
from colprofile.sources.large import DatabaseMarginal
from colprofile.sources.plans import ColumnPlan
from colprofile.sources.pushdown import PairResult, PairSide, bin_starts, count_pair, small_marginal
from colprofile.sources.sqlalchemy import SQLAlchemySource
from colprofile.verbs.columns import column_profile
from colprofile.verbs.counted import Cancelled, Counted, Nulls, notes_of
from colprofile.verbs.pairs import pair_profile, strongest_first


def count_in_database(
    source: SQLAlchemySource,
    columns: Sequence[SourceColumn],
    *,
    pairs: bool,
    nulls: Nulls,
    shown: Progress,
    cancelled: threading.Event,
    like: Mapping[str, Histogram] | None = None,
    is_compared: bool = False,
) -> Counted:
    """Return rows, column profiles, pair profiles and notes, the same as ``count_table`` returns of fetched rows.

    Raises
    ------
    Cancelled
        ``cancelled`` was set meanwhile.
    """

    def report(label: str, done: int, total: int) -> None:
        if cancelled.is_set():
            raise Cancelled
        shown.update(label, done, total)

    rows = source.count_rows()
    bins = dependence_bins(rows)
    profiles: list[ColumnProfile] = []
    sides: list[PairSide] = []
    for number, column in enumerate(columns):
        report("counting columns in the database", number, len(columns))
        plan = source.plans[column.name]
        counts, starts = _counts(source, plan, rows, bins)
        histogram = like.get(column.name) if like else None
        profiles.append(column_profile(column, counts, rows, nulls, None, histogram, is_compared))
        sides.append(_side(column, plan, counts, starts, nulls))
    numbers = list(combinations(range(len(columns)), 2)) if pairs else []
    found: list[PairProfile] = []
    for done, (x, y) in enumerate(numbers):
        report("counting pairs in the database", done, len(numbers))
        result = count_pair(sides[x], sides[y], source.relation.clause, source.rows_of)
        is_numeric = columns[x].kind == columns[y].kind == "numeric"
        pearson = _correlation(result) if is_numeric else None
        bins_x, bins_y = (sides[i].bins if sides[i].starts is not None else None for i in (x, y))
        names = columns[x].name, columns[y].name
        found.append(pair_profile(*names, result.count, bins_x, bins_y, pearson, is_numeric))
    note = "Counted inside the database: only sums, fingerprints, frequent values and bins were fetched."
    return Counted(rows, tuple(profiles), strongest_first(found), (*notes_of(profiles, nulls), note))


def _counts(
    source: SQLAlchemySource, plan: ColumnPlan, rows: int, bins: int
) -> tuple[ColumnCounts, tuple[object, ...] | None]:
    """Return a column's counts, and where its bins but the first begin where it has too many values."""
    clause, rows_of = source.relation.clause, source.rows_of
    small = small_marginal(plan, clause, rows, rows_of)
    if small is not None:
        marginal, values = small
        is_binned = plan.is_ordered and marginal.distinct > max(bins, MANY_VALUES)
        return marginal, bin_starts(marginal, values, plan, bins) if is_binned else None
    large = DatabaseMarginal(plan, clause, rows, rows_of, source.dialect)
    return large, large.bin_starts(bins) if plan.is_ordered else None


def _side(
    column: SourceColumn, plan: ColumnPlan, counts: ColumnCounts, starts: tuple[object, ...] | None, nulls: Nulls
) -> PairSide:
    fingerprint = counts.fingerprint
    is_value = nulls == "value" and counts.nulls > 0
    if is_value:
        fingerprint = np.append(fingerprint[0], counts.nulls), np.append(fingerprint[1], 1)
    centre, scale = _centre(column, counts)
    return PairSide(
        plan=plan,
        fingerprint=fingerprint,
        starts=starts,
        bins=0 if starts is None else len(starts) + 1 + int(is_value),
        nulls=counts.nulls,
        is_null_a_value=is_value,
        centre=centre,
        scale=scale,
    )


def _centre(column: SourceColumn, counts: ColumnCounts) -> tuple[float | None, float]:
    """Return mean and standard deviation of a column that can be correlated: numbers, all finite."""
    span = counts.span() if column.kind == "numeric" else None
    if span is None or span.rows < counts.filled:
        return None, 1.0
    mean, scale, squares = counts.moments()
    deviation = float(np.sqrt(squares / counts.filled)) * scale
    return mean, deviation if deviation > 0 and np.isfinite(deviation) else scale


def _correlation(result: PairResult) -> float | None:
    """Return Pearson's r over the complete rows, None where either side is constant there."""
    if result.moments is None or result.moments[0] < 1:
        return None
    n, x, y, xx, yy, xy = result.moments.tolist()
    variance_x, variance_y = xx - x * x / n, yy - y * y / n
    # Below rounding of n squares of size one a variance is that of a constant.
    if variance_x <= 1e-12 * max(xx, 1e-300) or variance_y <= 1e-12 * max(yy, 1e-300):
        return None
    return float(np.clip((xy - x * y / n) / np.sqrt(variance_x * variance_y), -1.0, 1.0))
