"""drift: stale against fresh, in bits, with a verdict for each column."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Unpack

from colprofile import __version__
from colprofile.errors import ArgumentError, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.measures.two_samples import benjamini_hochberg
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import ColumnDrift, Drift
from colprofile.results.profile import Profile
from colprofile.results.saved import saved_profile
from colprofile.sources.options import InputKeywords
from colprofile.sources.spark.recognise import is_spark_catalog
from colprofile.stopping import import_whole
from colprofile.values import value_family
from colprofile.verbs.drift.common_bins import Incomparable
from colprofile.verbs.drift.compare import Comparison, column_side, compare
from colprofile.verbs.drift.options import SIGNIFICANCE, SMOOTHING, TOLERANCE
from colprofile.verbs.drift.verdict import judge
from colprofile.verbs.profile.api import COUNTING, counted_profile
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.sampling import checked_seed

if TYPE_CHECKING:
    from colprofile.verbs.drift.stale_statistics import StaleStatistics


@dataclass(frozen=True)
class _Pair:
    """A column's two states; None where a side lacks it. ``comparison`` is None where they cannot be compared."""

    name: str
    stale: ColumnProfile | None
    fresh: ColumnProfile | None
    comparison: Comparison | None = None
    problem: str | None = None


def drift(
    stale: Any,
    fresh: Any,
    *,
    table: str | None = None,
    stale_table: str | None = None,
    fresh_table: str | None = None,
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
    **inputs: Unpack[InputKeywords],
) -> Drift:
    """Return the drift of one table, as ``colprofile.drift`` describes it."""
    began = time.perf_counter()
    _check(tolerance, significance, smoothing, columns)
    reading = Reading(
        threads, memory_limit, fetch, statement_timeout, progress, inputs, sample_rows, checked_seed(seed)
    )
    statistics = None
    if stale_statistics:
        statistics = _statistics(stale, stale_table or table, columns, statement_timeout)
        old, names = statistics.profile, set(statistics.names)
    else:
        old, names = _side(stale, stale_table, table, None, columns, reading)
    # Rows of their own: the test takes the two sides for independent samples.
    new, new_names = _side(fresh, fresh_table, table, old, columns, replace(reading, seed=seed + 1))
    for name in columns or ():
        if name not in names | new_names:
            hint = did_you_mean(name, names | new_names)
            raise SourceNotFound(f"no column {shorten(name)!r} on either side. {hint}")
    skipped = statistics.skipped if statistics else ()
    pairs = _pairs(old, new, columns, {column.name for column in skipped})
    compared = [_compared(pair, smoothing, statistics) for pair in pairs]
    return Drift(
        columns=_judged(compared, tolerance, significance),
        stale_rows=old.rows,
        fresh_rows=new.rows,
        stale=old.provenance,
        fresh=new.provenance,
        tolerance=float(tolerance),
        significance=float(significance),
        smoothing=float(smoothing),
        colprofile_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        duration=time.perf_counter() - began,
        notes=_notes(old, new, compared, statistics),
        skipped=skipped,
    )


def _check(tolerance: float, significance: float, smoothing: float, columns: Sequence[str] | None) -> None:
    if not 0 <= tolerance < math.inf:
        raise ArgumentError(f"tolerance={tolerance!r} is not allowed: give bits, 0 or more")
    if not 0 < significance < 1:
        raise ArgumentError(f"significance={significance!r} is not allowed: give a number between 0 and 1")
    if not 0 < smoothing < math.inf:
        raise ArgumentError(f"smoothing={smoothing!r} is not allowed: give a number of rows above 0, such as 0.5")
    if isinstance(columns, str):
        raise ArgumentError(f"columns={columns!r} is a text: give a list of column names, [{columns!r}]")


def _statistics(
    given: Any, table: str | None, columns: Sequence[str] | None, statement_timeout: float | None
) -> StaleStatistics:
    """Return what an optimizer has saved about a table."""
    if is_spark_catalog(given):
        from colprofile.verbs.drift.spark_statistics import read_spark_statistics

        return read_spark_statistics(given, table, columns)
    from colprofile.verbs.drift.stale_statistics import read_stale_statistics

    return read_stale_statistics(given, table, columns, statement_timeout)


def _side(
    given: Any,
    own_table: str | None,
    table: str | None,
    like: Profile | None,
    columns: Sequence[str] | None,
    reading: Reading,
) -> tuple[Profile, set[str]]:
    """Return a side's profile, saved or counted (on the cells of ``like``), and the names of all of its columns."""
    saved = saved_profile(given)
    if saved is not None:
        if own_table is not None:
            raise ArgumentError(f"a saved profile is not a database: it has no table {shorten(own_table)!r}")
        return saved, {column.name for column in saved.columns} | {column.name for column in saved.skipped}
    import_whole(*COUNTING)
    from colprofile.verbs.profile.session import counting_session

    counting = Counting(columns, pairs=False, like=like, is_compared=True, quality=False, sample=False)
    with counting_session(given, own_table or table, counting, reading) as session:
        return counted_profile(session), {column.name for column in session.source.columns}


def _pairs(stale: Profile, fresh: Profile, columns: Sequence[str] | None, left_out: set[str]) -> list[_Pair]:
    old = {column.name: column for column in stale.columns}
    new = {column.name: column for column in fresh.columns}
    skipped = {column.name: column for side in (stale, fresh) for column in side.skipped}
    if columns is None and not old.keys() & new.keys():
        raise SourceError(
            "the two sides have no column in common. The stale one has "
            f"{shorten(', '.join(map(repr, old)) or 'none', 120)}, the fresh one "
            f"{shorten(', '.join(map(repr, new)) or 'none', 120)}"
        )
    names = [name for name in dict.fromkeys([*old, *new, *skipped]) if name not in left_out]
    return [
        _Pair(
            name,
            old.get(name),
            new.get(name),
            problem=f"it cannot be counted: {skipped[name].reason}" if name in skipped else None,
        )
        for name in names
        if columns is None or name in columns
    ]


def _compared(pair: _Pair, smoothing: float, statistics: StaleStatistics | None) -> _Pair:
    if pair.stale is None or pair.fresh is None or pair.problem is not None:
        return pair
    if value_family(pair.stale.kind, pair.stale.type) != value_family(pair.fresh.kind, pair.fresh.type):
        return replace(pair, problem=f"its type changed from {pair.stale.type} to {pair.fresh.type}")
    try:
        found = compare(pair.stale, pair.fresh, smoothing, has_statistics=statistics is not None)
    except Incomparable as error:
        return replace(pair, problem=f"its histograms cannot be compared: {error}")
    if statistics is not None:
        found = replace(found, figures=statistics.with_planner_error(found.figures, pair.fresh))
    return replace(pair, comparison=found)


def _judged(pairs: Sequence[_Pair], tolerance: float, significance: float) -> tuple[ColumnDrift, ...]:
    tested = [p.comparison.p_value for p in pairs if p.comparison is not None and p.comparison.p_value is not None]
    adjusted = iter(benjamini_hochberg(tested))
    judged = []
    for pair in pairs:
        if pair.comparison is None:
            judged.append(_without_figures(pair))
            continue
        corrected = next(adjusted) if pair.comparison.p_value is not None else None
        judged.append(judge(pair.comparison, corrected, tolerance, significance))
    return tuple(judged)


def _without_figures(pair: _Pair) -> ColumnDrift:
    """Return the finding about a column that is on one side only, or of another type, or cannot be counted."""
    stale = None if pair.stale is None else column_side(pair.stale)
    fresh = None if pair.fresh is None else column_side(pair.fresh)
    is_added = pair.problem is None and fresh is not None
    missing = "the stale side has no such column" if is_added else "the fresh side has no such column"
    return ColumnDrift(
        pair.name, "added" if is_added else "broken", (pair.problem or missing,), stale=stale, fresh=fresh
    )


def _notes(
    stale: Profile, fresh: Profile, pairs: Sequence[_Pair], statistics: StaleStatistics | None
) -> tuple[str, ...]:
    notes = []
    if statistics is not None:
        notes.append(statistics.note)
        notes += [f"No statistics of {column.name}: {column.reason}." for column in statistics.skipped]
    sides = [("stale", stale.provenance)] * (statistics is None) + [("fresh", fresh.provenance)]
    notes += [
        f"The {side} side: {made.sampled_rows:,} random rows, not all." for side, made in sides if made.is_sampled
    ]
    found = [pair.comparison for pair in pairs if pair.comparison is not None]
    if by_text := [comparison.figures.name for comparison in found if comparison.is_by_text]:
        notes.append(
            f"Compared by their texts, as one side does not say which values its database calls equal: "
            f"{shorten(', '.join(by_text), 200)}."
        )
    if any(comparison.cells.has_tail for comparison in found):
        notes.append(
            "Columns with too many values to list are compared by bins or hash buckets: their KL is a lower bound."
        )
    if any("kl_divergence" in comparison.figures.smoothed for comparison in found):
        notes.append(
            "KL is infinite where the stale side lacks fresh values. Such figures are smoothed: rows are added to each "
            "stale cell (Jeffreys)."
        )
    if any(comparison.cells.bins.possible is not None for comparison in found):
        notes.append(
            "Some bins of the two sides differ: rows in such a bin are split as if nothing had changed within it."
        )
    return tuple(notes)
