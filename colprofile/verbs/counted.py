"""Count a source's columns and pairs, and put the results together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from colprofile.counting.coded import CodeArray, CodedTable, encode_table, narrowest
from colprofile.counting.correlation import standardised
from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.marginal import Counts, Marginal, dependence_bins, equal_mass_bins
from colprofile.counting.pairs import PairColumn, bin_codes, count_pairs
from colprofile.progress import Progress
from colprofile.results.histogram import Histogram
from colprofile.results.joint import Joint
from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.sources.base import Source, SourceColumn
from colprofile.verbs.columns import column_profile
from colprofile.verbs.joints import joints
from colprofile.verbs.pairs import pair_profile, strongest_first

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
) -> Counted:
    """Return rows, column profiles, pair profiles, notes and joint distributions of a source's columns.

    ``like`` holds by column name the histograms on whose cells columns are counted, ``is_compared`` says whether to
    compare with them rather than to merge. ``inspect`` is called with the counted table before its codes go.

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
    schema, batches = source.batches(columns)
    with encode_table(
        batches,
        schema,
        executor=executor,
        memory_limit=memory_limit,
        integer_texts=[column.is_integer_text for column in columns],
        progress=lambda rows: report("reading rows", rows, None),
    ) as table:
        for number, column in enumerate(columns):
            if column.is_decimal_text:
                marginal = table.marginals[number]
                decimals = DecimalTextDictionary(marginal.dictionary)
                table.marginals[number] = replace(marginal, dictionary=decimals)
        report("describing columns", 0, len(columns))
        profiles = tuple(
            executor.map(
                lambda column, marginal: column_profile(
                    column,
                    marginal,
                    table.rows,
                    nulls,
                    stored.get(column.name),
                    like.get(column.name) if like else None,
                    is_compared,
                ),
                columns,
                table.marginals,
            )
        )
        counted = _all_pairs(table, columns, profiles, nulls, executor, report) if pairs else []
        pair_profiles = strongest_first(counted)
        if inspect is not None:
            inspect(CountedTable(source, columns, table, profiles, pair_profiles, nulls, executor, report))
        report("drawing pairs", 0, None)
        drawn = joints(table, columns, pair_profiles, nulls, executor)
    return Counted(table.rows, profiles, pair_profiles, notes_of(profiles, nulls), drawn)


def _all_pairs(
    table: CodedTable,
    columns: Sequence[SourceColumn],
    profiles: Sequence[ColumnProfile],
    nulls: Nulls,
    executor: Executor,
    report: Callable[[str, int, int | None], None],
) -> list[PairProfile]:
    numbers = list(combinations(range(len(columns)), 2))
    total = len(numbers)
    bins = dependence_bins(table.rows)
    pair_columns = list(
        executor.map(
            lambda codes, marginal, column: _pair_column(codes, marginal, column, bins, nulls),
            table.codes,
            table.marginals,
            columns,
        )
    )
    counts = count_pairs(
        pair_columns, numbers, executor=executor, progress=lambda done: report("counting pairs", done, total)
    )
    return [
        pair_profile(
            columns[x].name,
            columns[y].name,
            count,
            pair_columns[x].bins if pair_columns[x].binned is not None else None,
            pair_columns[y].bins if pair_columns[y].binned is not None else None,
            count.pearson,
            columns[x].kind == columns[y].kind == "numeric",
        )
        for (x, y), count in zip(numbers, counts, strict=True)
    ]


def _pair_column(codes: CodeArray, marginal: Marginal, column: SourceColumn, bins: int, nulls: Nulls) -> PairColumn:
    """Return a column as the pairs see it: NULL made a value if asked, bins where it has many ordered values."""
    counts: Counts = np.concatenate([[marginal.nulls], marginal.counts])
    binned: CodeArray | None = None
    used = 0
    is_ordered = column.kind in ("numeric", "temporal")
    if is_ordered and marginal.distinct > bins and marginal.distinct > 64:
        order = marginal.occurring
        places = equal_mass_bins(marginal.cumulative, marginal.counts[order], bins)
        lookup = np.zeros(counts.size, np.int64)
        lookup[order + 1] = places + 1
        used = int(places[-1]) + 1
        binned = bin_codes(codes, lookup)
    axis = standardised(marginal.dictionary.axis, marginal.counts) if column.kind == "numeric" else None
    correlated: CodeArray | None = None
    if nulls == "value" and marginal.nulls:
        correlated = codes
        codes = nulls_as_value(codes, counts.size)
        if binned is not None:
            used += 1
            binned = nulls_as_value(binned, used)
        counts = np.concatenate([[0], marginal.counts, [marginal.nulls]])
    return PairColumn(codes, counts, binned, used, axis, correlated)


def nulls_as_value(codes: CodeArray, code: int) -> CodeArray:
    """Return codes in which NULL is a value with the given code."""
    return np.where(codes == 0, np.array(code, narrowest(code)), codes)


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
