"""Count a table in an engine's partitions where it is: workers keep the codes of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from colprofile.counting.coded import ROOM_SHARE
from colprofile.counting.marginal import Marginal
from colprofile.counting.tasks import map_all
from colprofile.errors import ArgumentError, SourceError
from colprofile.results.joint import Joint
from colprofile.results.profile import Profile
from colprofile.sources.partitions import chunks
from colprofile.sources.partitions.engine import BLOB_BYTES
from colprofile.sources.partitions.shipped import shipped
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.verbs.profile.joints import ORDERED, categorised, few_values_show, pairs_to_draw
from colprofile.verbs.profile.on_workers.heads import CODES_BYTES, Heads, TooManyValues
from colprofile.verbs.profile.on_workers.jobs import Answers, Job, Runner
from colprofile.verbs.profile.on_workers.pairs import count_on_workers
from colprofile.verbs.profile.on_workers.sides import WorkerSide, rows_of
from colprofile.verbs.profile.pairs import pair_profile, strongest_first
from colprofile.verbs.profile.quality.column import QualityColumn
from colprofile.verbs.profile.quality.columns import column_faults
from colprofile.verbs.profile.quality.in_database import repeated_rows
from colprofile.verbs.profile.quality.table import (
    cannot_repeat,
    example_rows,
    filled,
    is_whole_table,
    together_issues,
)
from colprofile.verbs.profile.session import Session

NOTE = (
    "Counted by the workers, which kept the codes of their rows: only values with their counts, sums and small tables "
    "were fetched."
)

_CODE_BYTES = 2
"""Bytes that a code takes, about: one of a column with up to 255 values, two with up to 65,535."""


def is_for_workers(session: Session) -> bool:
    """Whether the workers of a session's source are to count: where that was asked for, or memory here would not do.

    Raises
    ------
    ArgumentError
        It was asked for, and the engine cannot.
    """
    source, counting = session.source, session.counting
    if not isinstance(source, PartitionedSource) or not session.columns or source.fetch == "always":
        return False
    if counting.sampling.is_of_pairs or counting.are_pairs_bounded:
        return False  # both look at codes again and again
    if source.fetch == "never":
        if not source.engine.can_shuffle:
            raise ArgumentError(f"fetch='never' cannot be had with {source.description}: leave it out")
        return True
    if not source.engine.can_shuffle:
        return False
    codes = source.count_rows() * len(session.columns) * _CODE_BYTES
    return codes > session.memory_limit // ROOM_SHARE


def count_by_workers(session: Session) -> Profile | None:
    """Return the same profile as ``count_every_row``, without fetching codes.

    None where there is no row, or where there are too many values for that.

    Raises
    ------
    SourceError
        The rows changed between two looks at them; or there are too many values, and nothing else is allowed.
    """
    source = session.source
    assert isinstance(source, PartitionedSource)
    try:
        return _count(session, source)
    except TooManyValues:
        if source.fetch != "never":
            session.note("Rows were fetched, because their columns have too many values to be counted by the workers.")
            return None
    raise SourceError(
        f"the columns of {source.description} have too many values to be counted by its workers, with "
        f"{CODES_BYTES >> 20} MB for their codes: leave out fetch='never', or columns of unique values"
    )


def _count(session: Session, source: PartitionedSource) -> Profile | None:
    numbers = [source.number_of(column) for column in session.columns]
    blobs = source.engine.map(numbers, shipped(chunks.chunks, blob_bytes=BLOB_BYTES))
    with blobs.kept() as kept:
        heads = Heads(session, kept.map(shipped(chunks.heads)))
        if not heads.rows:
            return None
        marginals, codes = heads.merged(source)
        runner = Runner(session, source, kept, heads.chunks, codes, heads.code_bytes, heads.rows)
        profiles = map_all(
            session.executor,
            lambda column, marginal: session.column_profile(column, marginal, heads.rows, {}),
            session.columns,
            marginals,
        )
        profile = session.profile(heads.rows, profiles, notes=[NOTE])
        if session.counting.pairs:
            profile = _with_pairs(session, runner, profile, marginals)
        profile = _with_last_look(session, runner, profile, marginals, heads)
        if session.counting.sample:
            profile = replace(profile, example_rows=example_rows(heads.first_rows(marginals, codes)))
        return profile


def _with_pairs(session: Session, runner: Runner, profile: Profile, marginals: Sequence[Marginal]) -> Profile:
    columns, nulls = session.columns, session.counting.nulls
    scratch = session.scratch_for(max(marginal.counts.size for marginal in marginals))
    sides = [
        WorkerSide.of(number, marginal, column, nulls, scratch)
        for number, (marginal, column) in enumerate(zip(marginals, columns, strict=True))
    ]
    counts = count_on_workers(runner, sides)
    pairs = strongest_first(pair_profile(columns[x], columns[y], count) for (x, y), count in counts.items())
    return replace(profile, pairs=pairs)


def _with_last_look(
    session: Session, runner: Runner, profile: Profile, marginals: Sequence[Marginal], heads: Heads
) -> Profile:
    """Return a profile with joint distributions and what is probably wrong: what follows from pairs, and equal rows."""
    job = Job()
    drawn = _Joints(session, profile, marginals, job)
    is_whole = is_whole_table(session)
    can_repeat = is_whole and not cannot_repeat(profile.columns, profile.pairs, profile.rows)
    job.finds_equal_rows = session.counting.quality and can_repeat
    if not job.is_empty:
        answers = runner.run(job, "counting joint distributions and equal rows")
        profile = replace(profile, joints=drawn.counted(answers))
    if not session.counting.quality:
        return profile
    session.report("looking at data quality", 0, None)
    duplicates = None
    if is_whole:
        duplicates = profile.rows - answers.different_rows() if can_repeat else 0
    described = map_all(
        session.executor,
        lambda column, marginal: column_faults(column, QualityColumn(column.name, column.type, marginal, profile.rows)),
        session.columns,
        marginals,
    )
    issues = [fault.issue for _, faults in described for fault in faults]
    patterns = dict(sorted(heads.patterns.items())) if any(marginal.nulls for marginal in marginals) else {}
    issues += together_issues([column.name for column in session.columns], patterns, None)
    issues += list(repeated_rows(profile, duplicates))
    return filled(profile, [shape for shape, _ in described], issues, patterns, duplicates)


class _Joints:
    """The joint distributions that are worth drawing, asked for in a job."""

    def __init__(self, session: Session, profile: Profile, marginals: Sequence[Marginal], job: Job) -> None:
        columns = session.columns
        places = {column.name: number for number, column in enumerate(columns)}
        is_null_value = session.counting.nulls == "value"

        def is_drawable(name: str) -> bool:
            number = places[name]
            return columns[number].kind in ORDERED or few_values_show(marginals[number])

        self._pairs = pairs_to_draw(profile.pairs, is_drawable)
        names = dict.fromkeys(name for pair in self._pairs for name in (pair.x, pair.y))
        cut = {n: categorised(marginals[places[n]], columns[places[n]].kind in ORDERED, is_null_value) for n in names}
        self._categories = {name: categories for name, (categories, _) in cut.items()}
        views = {
            name: job.view(places[name], rows_of(marginals[places[name]]), "categories", lookup)
            for name, (_, lookup) in cut.items()
        }
        self._tables = [job.table(views[pair.x], views[pair.y]) for pair in self._pairs]

    def counted(self, answers: Answers) -> tuple[Joint, ...]:
        """Return them."""
        found = []
        for pair, number in zip(self._pairs, self._tables, strict=True):
            x, y = self._categories[pair.x], self._categories[pair.y]
            table = np.zeros((len(x) + 1, len(y) + 1), np.int64)
            part = answers.table(number)
            table[: part.shape[0], : part.shape[1]] = part
            found.append(Joint(pair.x, pair.y, x, y, tuple(map(tuple, table[1:, 1:].tolist()))))
        return tuple(found)
