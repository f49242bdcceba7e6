"""Count a source's columns and pairs from its rows; CountedTable has the codes too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from colprofile.counting.coded import CodedTable, encode_table
from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.dictionary import IntegerDictionary
from colprofile.counting.pairs import PairColumn
from colprofile.counting.tasks import map_all
from colprofile.errors import SourceError, shorten
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.sources.base import SourceColumn
from colprofile.verbs.profile.bounded_pairs import CountPairs, bounded_pairs
from colprofile.verbs.profile.joints import joints
from colprofile.verbs.profile.pair_columns import pair_column
from colprofile.verbs.profile.pairs import count_pair_profiles, strongest_first
from colprofile.verbs.profile.pairs_from_samples import Settled, settle_pairs
from colprofile.verbs.profile.quality.column import Fault
from colprofile.verbs.profile.quality.table import example_rows, with_quality
from colprofile.verbs.profile.session import Session

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class CountedTable:
    """A table that was counted, while its codes are still there: for what needs more than columns and pairs.

    Attributes
    ----------
    profile
        Columns and pairs; clusters, tree, ledger and joint distributions are left empty.
    faults
        What is probably wrong in each column, by its name, with all values that show it.
    columns, coded
        The counted columns, and their codes and marginals.
    session
        ``session.run`` runs work on the codes so that Ctrl-C can end it, ``session.executor`` spreads it over the
        cores, and the work itself calls ``session.report`` (label, done, total) now and then, which ends it.
    """

    profile: Profile
    faults: Mapping[str, Sequence[Fault]]
    columns: Sequence[SourceColumn]
    coded: CodedTable
    session: Session

    def check_columns(self) -> None:
        """Raise SourceError where a column that was asked for cannot be counted: it would be missing here."""
        for column in self.profile.skipped:
            raise SourceError(f"column {shorten(column.name)!r} cannot be counted: {column.reason}")


def count_table(session: Session) -> CountedTable:
    """Count the columns and pairs of a session's source; the codes stay until the session is left."""
    source, columns, executor = session.source, session.columns, session.executor
    if not columns:
        rows = source.count_rows()
        return CountedTable(session.profile(rows), {}, (), CodedTable(rows, [], []), session)
    stored = source.stored_bytes()
    expected = source.expected_rows()
    schema, batches = source.batches(columns)
    table = session.resources.enter_context(
        encoded(session, schema, batches, lambda rows: session.report("reading rows", rows, expected or None), expected)
    )
    session.report("describing columns", 0, len(columns))
    describe = partial(session.column_profile, rows=table.rows, stored=stored)
    profiles = map_all(executor, describe, columns, table.marginals)
    settled = _pairs(session, table) if session.counting.pairs else Settled([], ())
    profile = session.profile(table.rows, profiles, strongest_first(settled.pairs), settled.notes)
    return CountedTable(*described(session, profile, table), columns, table, session)


def described(
    session: Session, profile: Profile, table: CodedTable, *, is_sample: bool = False
) -> tuple[Profile, Mapping[str, Sequence[Fault]]]:
    """Return a profile with example rows and with what is probably wrong in the data, as far as asked for.

    Beside it are the faults of each column, by its name.
    """
    faults: Mapping[str, Sequence[Fault]] = {}
    if session.counting.quality:
        session.report("looking at data quality", 0, None)
        profile, faults = with_quality(session, profile, table, is_sample=is_sample)
    return replace(profile, example_rows=example_rows(table)) if session.counting.sample else profile, faults


def count_every_row(session: Session) -> Profile:
    """Return the profile of a session's source, with the joint distributions that are worth drawing."""
    counted = count_table(session)
    session.report("counting joint distributions", 0, None)
    return replace(counted.profile, joints=joints(counted))


def encoded(
    session: Session,
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    progress: Callable[[int], None],
    expected_rows: int = 0,
    columns: Sequence[SourceColumn] | None = None,
) -> CodedTable:
    """Return the codes and marginals of a session's columns, or of some columns, from their batches."""
    return encode_table(
        batches,
        schema,
        executor=session.executor,
        memory_limit=session.memory_limit,
        number_texts=[
            IntegerDictionary.of_texts
            if column.is_integer_text
            else DecimalTextDictionary
            if column.is_decimal_text
            else None
            for column in (session.columns if columns is None else columns)
        ],
        progress=progress,
        expected_rows=expected_rows,
        scratch=session.scratch,
    )


def _pairs(session: Session, table: CodedTable) -> Settled:
    """Return all pairs counted exactly, or settled from samples of the codes where that was asked for."""
    count = pair_counter(session, table)
    if session.counting.sampling.is_of_pairs:
        return settle_pairs(session, table, count)
    if session.counting.are_pairs_bounded:
        distinct = [marginal.distinct for marginal in table.marginals]
        return Settled(bounded_pairs(distinct, session.most_pairs, session.counting.pairs_until, count), ())
    return Settled(count(list(combinations(range(len(session.columns)), 2))), ())


def pair_counter(session: Session, table: CodedTable) -> CountPairs:
    """Return what counts given pairs of column numbers; a column is prepared for pairs when it is first needed."""
    columns, executor, nulls = session.columns, session.executor, session.counting.nulls
    tests = len(columns) * (len(columns) - 1) // 2
    prepared: dict[int, PairColumn] = {}
    scratch = session.scratch_for(table.rows)

    def prepare(number: int) -> PairColumn:
        codes, marginal = table.codes[number], table.marginals[number]
        return pair_column(codes, marginal, columns[number], nulls, scratch)

    def count(pairs: Sequence[tuple[int, int]], begun: int = 0, total: int | None = None) -> list[PairProfile]:
        of = len(pairs) if total is None else total
        needed = sorted({number for pair in pairs for number in pair})
        missing = [number for number in needed if number not in prepared]
        prepared.update(zip(missing, map_all(executor, prepare, missing), strict=True))
        return count_pair_profiles(
            columns,
            {number: prepared[number] for number in needed},
            pairs,
            executor,
            lambda done: session.report("counting pairs", begun + done, of),
            tests,
            session.memory_limit // 2,
        )

    return count
