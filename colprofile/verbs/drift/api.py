"""drift: stale against fresh, in bits, with a verdict for each column."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from colprofile import __version__
from colprofile.errors import ArgumentError, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.measures.two_samples import benjamini_hochberg
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import ColumnDrift, Drift, Side
from colprofile.results.profile import Profile
from colprofile.results.serialize import saved_format
from colprofile.sources.open import open_source
from colprofile.values import family
from colprofile.verbs.drift.common_tails import Incomparable
from colprofile.verbs.drift.compare import Comparison, compare
from colprofile.verbs.drift.options import SIGNIFICANCE, SMOOTHING, TOLERANCE
from colprofile.verbs.drift.verdict import judge
from colprofile.verbs.profile.api import profile_of
from colprofile.verbs.profile.options import Counting, Reading


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
    stale_table: str | None = None,
    fresh_table: str | None = None,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    significance: float = SIGNIFICANCE,
    smoothing: float = SMOOTHING,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    fetch: Literal["auto", "always", "never"] = "auto",
    statement_timeout: float | None = None,
    progress: bool | None = None,
) -> Drift:
    """Return how far fresh data left the stale one: KL in bits, what moved, and a verdict for each column.

    Parameters
    ----------
    stale, fresh
        Each a Profile, the path of a saved one, or anything that ``profile`` takes. Fresh data is counted on the stale
        histograms' cells, in one pass over its rows.
    stale_table, fresh_table
        With a DuckDB connection or file: a table, view or query.
    columns
        Only these; all columns of either side by default.
    tolerance
        Bits: a column whose KL and whose KL of being NULL are not above this is the "same", unless it had no NULL and
        now has some. 0.01 bits make an estimate of rows wrong by 0.7 %.
    significance
        A difference is called real where its p-value, corrected for the number of columns, is at most this.
    smoothing
        Rows added to every cell of the side that has no row in some cell, where KL would be infinite: 0.5 is Jeffreys'.
        ``ColumnDrift.smoothed`` names the figures for which that was needed.
    threads, memory_limit, fetch, statement_timeout, progress
        As for ``profile``.

    Returns
    -------
    Drift
        One ColumnDrift a column of either side.

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
    began = time.perf_counter()
    _check(tolerance, significance, smoothing, columns)
    reading = Reading(threads, memory_limit, fetch, statement_timeout, progress)
    old = _side(stale, stale_table, None, columns, reading)
    new = _side(fresh, fresh_table, old, columns, reading)
    if columns is not None:
        _check_names(columns, (old, stale, stale_table), (new, fresh, fresh_table))
    pairs = _pairs(old, new, columns)
    compared = [_compared(pair, smoothing) for pair in pairs]
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
        notes=_notes(old, new, compared),
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


def _side(
    given: Any, table: str | None, like: Profile | None, columns: Sequence[str] | None, reading: Reading
) -> Profile:
    """Return a side's profile: as it is, from a file, or counted (on the cells of ``like``)."""
    loaded = given if isinstance(given, Profile) else None
    if (
        loaded is None
        and isinstance(given, str | os.PathLike)
        and (saved_format(given) or "").startswith("colprofile.")
    ):
        loaded = Profile.load(given)
    if loaded is None:
        return profile_of(given, table, Counting(columns, pairs=False, like=like, is_compared=True), reading)
    if table is not None:
        raise ArgumentError(f"a saved profile is not a database: it has no table {shorten(table)!r}")
    return loaded


def _check_names(columns: Sequence[str], *sides: tuple[Profile, Any, str | None]) -> None:
    """Raise SourceNotFound for a name that neither side has; only then is data opened again for the names it has."""
    known = {column.name for profile, _, _ in sides for column in profile.columns}
    known |= {column.name for profile, _, _ in sides for column in profile.skipped}
    missing = [name for name in columns if name not in known]
    if not missing:
        return
    for profile, given, table in sides:
        if not profile.columns and not isinstance(given, Profile):
            with open_source(given, table) as opened:
                known |= {column.name for column in opened.columns}
    raise SourceNotFound(f"no column {shorten(missing[0])!r} on either side. {did_you_mean(missing[0], known)}")


def _pairs(stale: Profile, fresh: Profile, columns: Sequence[str] | None) -> list[_Pair]:
    old = {column.name: column for column in stale.columns}
    new = {column.name: column for column in fresh.columns}
    skipped = {column.name: column for side in (stale, fresh) for column in side.skipped}
    every = dict.fromkeys([*old, *new, *skipped])
    if columns is None and not old.keys() & new.keys():
        raise SourceError(
            "the two sides have no column in common. The stale one has "
            f"{shorten(', '.join(map(repr, old)) or 'none', 120)}, the fresh one "
            f"{shorten(', '.join(map(repr, new)) or 'none', 120)}"
        )
    names = [name for name in every if columns is None or name in columns]
    return [
        _Pair(
            name,
            old.get(name),
            new.get(name),
            problem=f"it cannot be counted: {skipped[name].reason}" if name in skipped else None,
        )
        for name in names
    ]


def _compared(pair: _Pair, smoothing: float) -> _Pair:
    if pair.stale is None or pair.fresh is None or pair.problem is not None:
        return pair
    if family(pair.stale.kind, pair.stale.type) != family(pair.fresh.kind, pair.fresh.type):
        return _Pair(
            pair.name, pair.stale, pair.fresh, None, f"its type changed from {pair.stale.type} to {pair.fresh.type}"
        )
    try:
        found = compare(pair.stale, pair.fresh, smoothing)
    except Incomparable as error:
        return _Pair(pair.name, pair.stale, pair.fresh, None, f"its histograms cannot be compared: {error}")
    return _Pair(pair.name, pair.stale, pair.fresh, found)


def _judged(pairs: Sequence[_Pair], tolerance: float, significance: float) -> tuple[ColumnDrift, ...]:
    tested = [p.comparison.p_value for p in pairs if p.comparison is not None and p.comparison.p_value is not None]
    adjusted = iter(benjamini_hochberg(tested))
    judged = []
    for pair in pairs:
        if pair.comparison is None or pair.stale is None or pair.fresh is None:
            judged.append(_without_figures(pair))
            continue
        corrected = next(adjusted) if pair.comparison.p_value is not None else None
        judged.append(
            judge(
                pair.stale,
                pair.fresh,
                pair.comparison,
                corrected,
                sides=(_described(pair.stale), _described(pair.fresh)),
                tolerance=tolerance,
                significance=significance,
            )
        )
    return tuple(judged)


def _without_figures(pair: _Pair) -> ColumnDrift:
    """Return the finding about a column that is on one side only, or of another type, or cannot be counted."""
    stale = None if pair.stale is None else _described(pair.stale)
    fresh = None if pair.fresh is None else _described(pair.fresh)
    if pair.problem is not None:
        return ColumnDrift(pair.name, "broken", (pair.problem,), stale=stale, fresh=fresh)
    if fresh is None:
        return ColumnDrift(pair.name, "broken", ("the fresh side has no such column",), stale=stale)
    return ColumnDrift(pair.name, "added", ("the stale side has no such column",), fresh=fresh)


def _described(column: ColumnProfile) -> Side:
    return Side(column.type, column.kind, column.rows, column.nulls, column.distinct, column.null_share)


def _notes(stale: Profile, fresh: Profile, pairs: Sequence[_Pair]) -> tuple[str, ...]:
    notes = []
    for name, side in (("stale", stale), ("fresh", fresh)):
        if not side.provenance.is_exact:
            notes.append(f"The {name} side is itself an estimate from a sample.")
    found = [pair.comparison for pair in pairs if pair.comparison is not None]
    if any(comparison.aligned.has_tail for comparison in found):
        notes.append(
            "Columns with too many values to list are compared by bins or hash buckets: their KL is a lower bound."
        )
    if any("kl_divergence" in comparison.smoothed for comparison in found):
        notes.append(
            "Where fresh values were never seen, KL would be infinite: it is shown with rows added to every stale cell "
            "(Jeffreys smoothing), and the unseen share beside it."
        )
    if any(comparison.aligned.tails.possible is not None for comparison in found):
        notes.append(
            "Some bins of the two sides differ; rows within a bin were split as if nothing had changed inside."
        )
    return tuple(notes)
