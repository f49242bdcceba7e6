"""Count a source's columns and pairs inside its database, and put the results together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from colprofile.counting.marginal import ColumnMarginal, Marginal
from colprofile.counting.pairs import PairCount
from colprofile.counting.strength import Cut
from colprofile.measures.cuts import FEW_VALUES, FINEST
from colprofile.results.column import ColumnProfile
from colprofile.results.joint import Joint
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.sources.base import SourceColumn
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.engine_sql import REPEATS_CTES
from colprofile.sources.database.joint_table import count_in_table, fetch_joint_table
from colprofile.sources.database.large_marginal import DatabaseMarginal
from colprofile.sources.database.pair_queries import PairCounter
from colprofile.sources.database.pair_sides import PairSide
from colprofile.sources.database.shared_groupings import Pair, guessed_cells, shared_groupings
from colprofile.sources.database.small_marginal import RowsOf, small_marginal
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.verbs.profile.joints_in_database import JointSide, equal_mass_bins, joint_jobs, joint_side
from colprofile.verbs.profile.options import Nulls
from colprofile.verbs.profile.pairs import pair_profile, strongest_first
from colprofile.verbs.profile.quality.in_database import with_database_quality
from colprofile.verbs.profile.session import Session

CONNECTIONS = 4
"""Connections at most, however many cores there are: the database has other users."""

_FETCHED_CELLS = 20_000
_FETCHED_CELLS_LEAST = 1_000
_ROWS_A_FETCHED_CELL = 16
"""Joint tables with at most this many cells are fetched whole: fetching a cell costs as much as grouping 16 rows."""

_ROWS_A_SHARED_CELL = 6
"""Several columns are grouped together if that leaves at least this many rows per cell."""

_GUESSED_FROM = 10_000
_PAIRS_A_GUESS = 100
_LEAST_GUESSED = 3
"""The cells of pairs are estimated from this many rows, this many pairs per statement, if there are at least three."""

T = TypeVar("T")

Job = Callable[[RowsOf], list[tuple[Pair, PairCount]]]


@dataclass(frozen=True)
class _Column:
    """A column that was counted: its counts and profile, and the column prepared for pairs and joint distributions."""

    counts: ColumnMarginal
    profile: ColumnProfile
    side: PairSide
    joint_side: JointSide


def count_in_database(session: Session) -> Profile:
    """Return the same profile as ``count_every_row``, without fetching rows: of a database's source.

    The session's workers share the work, on CONNECTIONS connections at most.
    """
    source, columns, nulls = session.source, session.columns, session.counting.nulls
    assert isinstance(source, SQLAlchemySource)

    def run(jobs: Sequence[Callable[[RowsOf], T]], label: str) -> list[T]:
        def progress(done: int) -> None:
            session.report(label, done, len(jobs))

        return source.run(jobs, progress, min(session.workers, CONNECTIONS))

    rows = source.count_rows()

    def count_column(column: SourceColumn, rows_of: RowsOf) -> _Column:
        plan = source.plans[column.name]
        clause = source.relation.clause
        small = small_marginal(plan, clause, rows, rows_of)
        counts, values = small or (DatabaseMarginal(plan, clause, rows, rows_of, source.dialect), [])
        profile = session.column_profile(column, counts, rows, {})
        side = _side(column, plan, counts, values, nulls)
        return _Column(counts, profile, side, joint_side(column, side, counts, values))

    counted = run([partial(count_column, column) for column in columns], "counting columns in the database")
    found: tuple[PairProfile, ...] = ()
    counted_joints: tuple[Joint, ...] = ()
    if session.counting.pairs:
        plan = _PairPlan([column.side for column in counted], rows)
        guesses = run(plan.guesses(source), "choosing columns to group together")
        jobs = plan.jobs(source, {pair: cells for part in guesses for pair, cells in part.items()})
        results = dict(chain.from_iterable(run(jobs, "counting pairs in the database")))
        found = strongest_first(pair_profile(columns[x], columns[y], results[x, y]) for x, y in plan.pairs)
        joint_sides = {column.profile.name: column.joint_side for column in counted}
        counted_joints = tuple(
            run(joint_jobs(source, joint_sides, found), "counting joint distributions in the database")
        )
    note = "Counted inside the database: only sums, fingerprints, frequent values, bins and small tables were fetched."
    profile = replace(
        session.profile(rows, [column.profile for column in counted], found, [note]), joints=counted_joints
    )
    return with_database_quality(session, source, profile, [column.counts for column in counted], run)


class _PairPlan:
    """The jobs that count all pairs of some columns, each pair once."""

    def __init__(self, sides: Sequence[PairSide], rows: int) -> None:
        self.sides = sides
        self.rows = rows
        self.widths = [side.distinct + int(side.nulls > 0 and not side.is_null_a_value) for side in sides]
        self.pairs = list(combinations(range(len(sides)), 2))
        counted = [pair for pair in self.pairs if not any(sides[i].is_constant or sides[i].is_unique for i in pair)]
        self.fetched = shared_groupings(self.widths, counted, _most_fetched(rows))
        covered = {pair for _, inside in self.fetched for pair in inside}
        self.rest = [pair for pair in counted if pair not in covered]

    def guesses(self, source: SQLAlchemySource) -> list[Callable[[RowsOf], dict[Pair, int]]]:
        """Return jobs that guess how many cells pairs have, where the database can draw rows for that."""
        sample = source.some_rows(self.rows, _GUESSED_FROM)
        if sample is None or len(self.rest) < _LEAST_GUESSED:
            return []
        keys = [side.plan.key for side in self.sides]
        return [
            partial(guessed_cells, keys, self.rest[begin : begin + _PAIRS_A_GUESS], sample, self.rows)
            for begin in range(0, len(self.rest), _PAIRS_A_GUESS)
        ]

    def jobs(self, source: SQLAlchemySource, guesses: Mapping[Pair, int]) -> list[Job]:
        """Return the jobs, the longest first."""
        sides, clause, dialect = self.sides, source.relation.clause, source.dialect
        counter = PairCounter(clause, dialect, self.rows, len(self.pairs))
        shared = []
        if dialect not in REPEATS_CTES:
            most = self.rows // _ROWS_A_SHARED_CELL
            shared = shared_groupings(self.widths, self.rest, most, guesses, least=2)

        def fetch(numbers: Sequence[int], inside: Sequence[Pair], rows_of: RowsOf) -> list[tuple[Pair, PairCount]]:
            table = fetch_joint_table([sides[i] for i in numbers], clause, rows_of)
            at = {number: place for place, number in enumerate(numbers)}
            return [
                ((x, y), count_in_table(table, at[x], at[y], sides[x], sides[y], self.rows, len(self.pairs)))
                for x, y in inside
            ]

        def share(numbers: Sequence[int], inside: Sequence[Pair], rows_of: RowsOf) -> list[tuple[Pair, PairCount]]:
            at = {number: place for place, number in enumerate(numbers)}
            asked = [(at[x], at[y]) for x, y in inside]
            found = counter.count_together([sides[i] for i in numbers], asked, rows_of)
            return list(zip(inside, found, strict=True))

        def ask(pair: Pair, rows_of: RowsOf) -> list[tuple[Pair, PairCount]]:
            return [(pair, counter.count(sides[pair[0]], sides[pair[1]], rows_of))]

        covered = {pair for _, inside in [*self.fetched, *shared] for pair in inside}
        alone = [pair for pair in self.pairs if pair not in covered]
        alone.sort(key=lambda pair: -self.widths[pair[0]] * self.widths[pair[1]])
        jobs: list[Job] = [partial(share, numbers, inside) for numbers, inside in shared]
        jobs += [partial(ask, pair) for pair in alone]
        return jobs + [partial(fetch, numbers, inside) for numbers, inside in self.fetched]


def _most_fetched(rows: int) -> int:
    return int(np.clip(rows // _ROWS_A_FETCHED_CELL, _FETCHED_CELLS_LEAST, _FETCHED_CELLS))


def _side(
    column: SourceColumn, plan: ColumnPlan, counts: ColumnMarginal, values: Sequence[object], nulls: Nulls
) -> PairSide:
    fingerprint = counts.fingerprint
    is_value = nulls == "value" and counts.nulls > 0
    if is_value:
        fingerprint = np.append(fingerprint[0], counts.nulls), np.append(fingerprint[1], 1)
    cut, starts = None, ()
    if plan.is_ordered and counts.distinct > FEW_VALUES:
        starts, rows = equal_mass_bins(plan, counts, values, FINEST)
        cut = Cut.of_counts(np.append(rows, counts.nulls) if is_value else rows, has_null_bin=is_value)
    size = counts.counts.size if isinstance(counts, Marginal) else counts.distinct
    centre, scale = _centre(column, counts)
    return PairSide(
        plan=plan,
        fingerprint=fingerprint,
        width=size + 1 + int(is_value),
        cut=cut,
        starts=starts,
        nulls=counts.nulls,
        is_null_a_value=is_value,
        centre=centre,
        scale=scale,
        axis=_axis(counts) if centre is not None else None,
        has_ranks=plan.is_ordered and not _has_nan(counts),
    )


def _axis(counts: ColumnMarginal) -> npt.NDArray[np.float64] | None:
    """Return where a column's values lie, in their order, where all of them crossed."""
    if not isinstance(counts, Marginal) or counts.dictionary.axis is None:
        return None
    return counts.dictionary.axis[counts.occurring]


def _has_nan(counts: ColumnMarginal) -> bool:
    """Return whether NaN is among the values of an ordered column."""
    if isinstance(counts, Marginal):
        axis = counts.dictionary.axis
        return axis is None or bool(np.isnan(axis).any())
    assert isinstance(counts, DatabaseMarginal)
    return counts.has_nan


def _centre(column: SourceColumn, counts: ColumnMarginal) -> tuple[float | None, float]:
    """Return mean and standard deviation of a column that can be correlated: numbers, all finite."""
    span = counts.span() if column.kind == "numeric" else None
    if span is None or span.rows < counts.filled:
        return None, 1.0
    mean, scale, squares = counts.moments()
    deviation = float(np.sqrt(squares / counts.filled)) * scale
    return mean, deviation if deviation > 0 and np.isfinite(deviation) else scale
