"""Count a source's columns and pairs, and put the results together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.coded import CodedTable, encode_table
from colprofile.counting.correlation import standardised
from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.marginal import Counts, Marginal, dependence_bins
from colprofile.counting.pairs import PairColumn, bin_codes, count_pairs
from colprofile.progress import Progress
from colprofile.results.histogram import Histogram
from colprofile.results.joint import Joint
from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.sources.base import Source, SourceColumn
from colprofile.verbs.profile.columns import column_profile
from colprofile.verbs.profile.joints import joints
from colprofile.verbs.profile.pair_columns import bin_lookup, nulls_as_value
from colprofile.verbs.profile.pairs import pair_profile, strongest_first
from colprofile.verbs.profile.pairs_from_samples import Settled, settle_pairs
from colprofile.verbs.profile.sampling import Promise

Nulls = Literal["ignore", "value"]


class Counted(NamedTuple):
    """What counting a table gives: the parts of its Profile."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    pairs: tuple[PairProfile, ...]
    notes: tuple[str, ...]
    joints: tuple[Joint, ...] = ()


@dataclass(frozen=True)
class CountedTable:
    """A table that was counted, while its codes are still there: for what needs more than columns and pairs.

    ``report`` shows progress (label, done, total) and raises Cancelled; call it in the thread that was called.
    """

    source: Source
    columns: Sequence[SourceColumn]
    coded: CodedTable
    profiles: tuple[ColumnProfile, ...]
    pairs: tuple[PairProfile, ...]
    nulls: Nulls
    executor: Executor
    report: Callable[[str, int, int | None], None]


class Cancelled(Exception):
    """The caller gave up; nobody waits for the result."""


def count_table(
    source: Source,
    columns: Sequence[SourceColumn],
    *,
    pairs: bool,
    nulls: Nulls,
    executor: Executor,
    memory_limit: int,
    shown: Progress,
    cancelled: threading.Event,
    like: Mapping[str, Histogram] | None = None,
    is_compared: bool = False,
    inspect: Callable[[CountedTable], None] | None = None,
    promise: Promise | None = None,
) -> Counted:
    """Return rows, column profiles, pair profiles, notes and joint distributions of a source's columns.

    ``like`` holds by column name the histograms on whose cells columns are counted, ``is_compared`` says whether to
    compare with them rather than to merge. ``inspect`` is called with the counted table before its codes go.
    ``promise`` settles pairs from samples of the codes where that is enough.

    Raises
    ------
    Cancelled
        ``cancelled`` was set meanwhile.
    """

    def check() -> None:
        if cancelled.is_set():
            raise Cancelled

    def report(label: str, done: int, total: int | None) -> None:
        check()
        shown.update(label, done, total)

    stored = source.stored_bytes()
    expected = expected_rows(source)
    schema, batches = source.batches(columns)
    with encode_table(
        batches,
        schema,
        executor=executor,
        memory_limit=memory_limit,
        integer_texts=[column.is_integer_text for column in columns],
        progress=lambda rows: report("reading rows", rows, None),
        expected_rows=expected,
    ) as table:
        for number, column in enumerate(columns):
            if column.is_decimal_text:
                marginal = table.marginals[number]
                decimals = DecimalTextDictionary(marginal.dictionary)
                table.marginals[number] = replace(marginal, dictionary=decimals)
        report("describing columns", 0, len(columns))

        def described(column: SourceColumn, marginal: Marginal) -> ColumnProfile:
            check()
            histogram = like.get(column.name) if like else None
            size = stored.get(column.name)
            return column_profile(column, marginal, table.rows, nulls, size, histogram, is_compared)

        profiles = tuple(executor.map(described, columns, table.marginals))
        settled = _pairs(table, columns, nulls, executor, report, promise) if pairs else Settled([], ())
        pair_profiles = strongest_first(settled.pairs)
        if inspect is not None:
            inspect(CountedTable(source, columns, table, profiles, pair_profiles, nulls, executor, report))
        report("drawing pairs", 0, None)
        drawn = joints(table, columns, pair_profiles, nulls, executor)
    return Counted(table.rows, profiles, pair_profiles, notes_of(profiles, nulls) + settled.notes, drawn)


def expected_rows(source: Source) -> int:
    """Return about how many rows a source will give; 0 where it cannot tell without counting."""
    tell = getattr(source, "expected_rows", None)
    return int(tell()) if tell is not None else 0


def _pairs(
    table: CodedTable,
    columns: Sequence[SourceColumn],
    nulls: Nulls,
    executor: Executor,
    report: Callable[[str, int, int | None], None],
    promise: Promise | None,
) -> Settled:
    """Return all pairs counted exactly, or what was promised of them."""
    count = pair_counter(table, columns, nulls, executor, report)
    if promise is None:
        return Settled(count(list(combinations(range(len(columns)), 2))), ())
    return settle_pairs(table, columns, count, nulls == "value", executor, report, promise)


def pair_counter(
    table: CodedTable,
    columns: Sequence[SourceColumn],
    nulls: Nulls,
    executor: Executor,
    report: Callable[[str, int, int | None], None],
) -> Callable[[Sequence[tuple[int, int]]], list[PairProfile]]:
    """Return what counts given pairs of column numbers; a column is made ready for pairs when it is first needed."""
    bins = dependence_bins(table.rows)
    ready: dict[int, PairColumn] = {}

    def count(numbers: Sequence[tuple[int, int]]) -> list[PairProfile]:
        needed = sorted({number for pair in numbers for number in pair})
        missing = [number for number in needed if number not in ready]
        made = executor.map(
            lambda i: _pair_column(table.codes[i], table.marginals[i], columns[i], bins, nulls), missing
        )
        ready.update(zip(missing, made, strict=True))
        place = {number: index for index, number in enumerate(needed)}
        counts = count_pairs(
            [ready[number] for number in needed],
            [(place[x], place[y]) for x, y in numbers],
            executor=executor,
            progress=lambda done: report("counting pairs", done, len(numbers)),
        )
        return [
            pair_profile(
                columns[x].name,
                columns[y].name,
                count,
                ready[x].bins if ready[x].binned is not None else None,
                ready[y].bins if ready[y].binned is not None else None,
                count.pearson,
                columns[x].kind == columns[y].kind == "numeric",
            )
            for (x, y), count in zip(numbers, counts, strict=True)
        ]

    return count


def _pair_column(codes: CodeArray, marginal: Marginal, column: SourceColumn, bins: int, nulls: Nulls) -> PairColumn:
    """Return a column as the pairs see it: NULL made a value if asked, bins where it has many ordered values."""
    counts: Counts = np.concatenate([[marginal.nulls], marginal.counts])
    binned: CodeArray | None = None
    used = 0
    lookup = bin_lookup(marginal, column, bins)
    if lookup is not None:
        used = int(lookup.max())
        binned = bin_codes(codes, lookup)
    axis = standardised(marginal.dictionary.axis, marginal.counts) if column.kind == "numeric" else None
    correlated: CodeArray | None = None
    if nulls == "value" and marginal.nulls:
        correlated = codes
        codes = nulls_as_value(codes, counts.size)
        if lookup is not None and binned is not None:
            used += 1
            binned = nulls_as_value(binned, used)
            lookup = np.append(lookup, used)
        counts = np.concatenate([[0], marginal.counts, [marginal.nulls]])
    return PairColumn(codes, counts, binned, used, axis, correlated, lookup)


def notes_of(profiles: Sequence[ColumnProfile], nulls: Nulls) -> tuple[str, ...]:
    """Return what the reader of these profiles should know."""
    notes = []
    if nulls == "value":
        notes.append("NULL is counted as a value of its own in entropies and pairs.")
    if any(profile.stored_bytes is not None for profile in profiles):
        notes.append(
            "Floor bytes bound what coding rows independently needs; sorted or correlated data can be stored in less."
        )
    return tuple(notes)
