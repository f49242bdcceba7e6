"""A profile from random rows of a table: every entropy and mutual information with its guaranteed interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from colprofile.counting.coded import CodedTable
from colprofile.counting.sampling import pair_cells
from colprofile.errors import ArgumentError, SourceError
from colprofile.measures.bounds.api import entropy_sides, information_sides
from colprofile.measures.bounds.distinct import distinct_most
from colprofile.measures.bounds.one_sided import Population, population_of
from colprofile.measures.bounds.result import delta_of
from colprofile.measures.bounds.worst_case import SHARE, rows_needed
from colprofile.results.base import amount
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.sources.base import SourceColumn
from colprofile.sources.sampled import sample_size
from colprofile.verbs.profile.count_table import count_every_row, described, encoded, pair_counter
from colprofile.verbs.profile.options import Counting
from colprofile.verbs.profile.pair_columns import nulls_as_value
from colprofile.verbs.profile.pairs import sampled_pair_profile, strongest_first
from colprofile.verbs.profile.session import Session

_COMPLETE = 0.1
"""Share of each δ that is spent on how many rows of the table are not NULL."""

_NARROW = 0.1
"""Bits: an interval this narrow is informative, even if it only says that a column is nearly constant."""


def count_sample(session: Session) -> Profile:
    """Return the profile of ``sample_rows`` random rows, with intervals; exact where the table has no more rows.

    Raises
    ------
    ArgumentError
        The source is a query that samples by itself.
    SourceError
        The source changes while it is read.
    """
    source, columns, sampling = session.source, session.columns, session.counting.sampling
    if source.is_sampled():
        raise ArgumentError(
            "sample_rows= of a query that samples by itself bounds nothing: its rows may come in blocks of "
            "similar rows; name the whole table"
        )
    rows = source.count_rows()
    wanted = sample_size(sampling.sample_rows or 0, rows)
    if rows <= wanted or not columns:
        return count_every_row(session)
    stored = source.stored_bytes()
    with (
        source.sampled_batches(columns, rows, wanted, sampling.seed) as (schema, batches),
        encoded(session, schema, batches, lambda done: session.report("sampling rows", done, wanted)) as table,
    ):
        if table.rows != wanted:
            raise SourceError(
                f"{source.description} had {rows:,} rows when they were counted and fewer when they were read: "
                "sample a table that does not change in between"
            )
        profiles = [
            session.column_profile(column, table.marginals[number], table.rows, stored)
            for number, column in enumerate(columns)
        ]
        seen, _ = described(session, session.profile(table.rows, profiles), table, is_sample=True)
        # The halves of the sample have to be random halves, in whatever order the rows came.
        order = np.random.default_rng([sampling.seed, 1]).permutation(table.rows)
        table.codes[:] = [codes[order] for codes in table.codes]
        sample = _Sample(table, columns, rows, session.counting)
        profiles = [sample.column(number, seen.columns[number]) for number in range(len(columns))]
        found = sample.all_pairs(session) if session.counting.pairs else []
    result = session.profile(rows, profiles, strongest_first(found), sample.notes(profiles, found))
    return replace(result, missing_patterns=seen.missing_patterns, quality=seen.quality, example_rows=seen.example_rows)


class _Sample:
    """A coded sample in random order, and the rows it was drawn from."""

    def __init__(self, table: CodedTable, columns: Sequence[SourceColumn], rows: int, counting: Counting) -> None:
        nulls = counting.nulls
        self.table, self.columns, self.rows, self.nulls = table, columns, rows, nulls
        self.confidence = counting.sampling.confidence
        self.half = table.rows // 2
        count = len(columns)
        # Each column has two intervals, of its entropy and of its distinct values.
        intervals = 2 * count + (count * (count - 1) // 2 if counting.pairs else 0)
        self.delta = delta_of(self.confidence) / intervals
        self.spent = (1 - _COMPLETE) * self.delta
        self.codes = [
            nulls_as_value(codes, marginal.counts.size + 1) if nulls == "value" and marginal.nulls else codes
            for codes, marginal in zip(table.codes, table.marginals, strict=True)
        ]
        self.widths = [
            marginal.counts.size + 1 + (nulls == "value" and marginal.nulls > 0) for marginal in table.marginals
        ]

    def whole(self, seen: int) -> Population:
        """Return how many rows of the table may be complete, as ``seen`` ones of the sample are."""
        if self.nulls == "value":
            return Population(self.rows, self.rows)
        return population_of(seen, self.table.rows, self.rows, _COMPLETE * self.delta)

    def column(self, number: int, sample: ColumnProfile) -> ColumnProfile:
        """Return the profile of a table's column from that of the sample's."""
        scale = self.rows / self.table.rows
        first, second = (
            np.bincount(part, minlength=self.widths[number])[1:].astype(np.float64)
            for part in (self.codes[number][: self.half], self.codes[number][self.half :])
        )
        seen = int(first.sum() + second.sum())
        reason = f"not known from a sample of {self.table.rows:,} rows"
        undefined = {**sample.undefined, "max_entropy": reason, "efficiency": reason}
        common = replace(
            sample,
            rows=self.rows,
            nulls=round(sample.nulls * scale),
            max_entropy=None,
            efficiency=None,
            is_constant=False,
            is_key=False,
            undefined=undefined,
            sampled_rows=self.table.rows,
        )
        if not seen:
            return replace(common, distinct_interval=(0.0, float(self.rows - self.table.rows)))
        whole = self.whole(seen)
        kinds = int(np.count_nonzero(first + second))
        lower, estimate, upper = entropy_sides(first, second, whole, self.spent, kinds + whole.most - seen)
        is_null_counted = self.nulls == "value" and sample.nulls > 0
        most = distinct_most(first, second, whole.most, self.spent) - is_null_counted
        return replace(
            common,
            entropy=estimate,
            entropy_interval=(lower, upper),
            perplexity=2.0**estimate,
            floor_bytes=math.ceil(lower * whole.least / 8 - 1e-9),
            distinct_interval=(float(sample.distinct), float(max(most, sample.distinct))),
        )

    def all_pairs(self, session: Session) -> list[PairProfile]:
        """Return every pair of the table with its interval."""
        numbers = list(combinations(range(len(self.columns)), 2))
        counted = pair_counter(session, self.table)(numbers)
        session.report("bounding pairs", 0, len(numbers))
        return list(session.executor.map(self._pair, numbers, counted))

    def _pair(self, pair: tuple[int, int], sample: PairProfile) -> PairProfile:
        x, y = pair
        if not sample.rows:
            return replace(sample, sampled_rows=self.table.rows)
        cells = pair_cells(self.codes[x], self.codes[y], self.widths[x], self.widths[y])
        sides = information_sides(cells, self.whole(sample.rows), self.spent, None)
        return sampled_pair_profile(sample, sides, self.table.rows, self.rows)

    def notes(self, columns: Sequence[ColumnProfile], pairs: Sequence[PairProfile]) -> tuple[str, ...]:
        """Return what the reader should know, the figures that the sample is too small for among it."""
        sampled = self.table.rows
        notes = [
            f"Estimated from {sampled:,} of {self.rows:,} rows, drawn at random: entropies, mutual information and "
            f"distinct values lie in their intervals with {100 * self.confidence:g} % confidence for all together. "
            "Dependence, minima, maxima, quantiles, frequent values and histograms are those of the sampled rows; "
            "dependence is corrected for chance."
        ]
        empty = [pair for pair in pairs if pair.mutual_information_interval and self._is_trivial(pair, columns)]
        if empty:
            names = ", ".join(f"{pair.x} × {pair.y}" for pair in empty[:3])
            more = f" and {len(empty) - 3:,} more" if len(empty) > 3 else ""
            notes.append(
                f"The sample says nothing about {amount(len(empty), 'pair')} ({names}{more}): "
                f"{self._what_would([self._rows_needed(pair, columns) for pair in empty])}."
            )
        return tuple(notes)

    def _what_would(self, needed: Sequence[int]) -> str:
        """Return what to ask for instead, from the sample sizes that are certain to say something about each pair."""
        enough = [rows for rows in needed if rows < self.rows]
        if not enough:
            return "count every row, or estimate all pairs to a precision"
        if len(enough) == len(needed):
            return f"a sample of {max(enough):,} rows would be enough"
        enough_for = f"a sample of {max(enough):,} rows would be enough for {len(enough):,} of them"
        return f"{enough_for}; count every row for the others"

    def _is_trivial(self, pair: PairProfile, columns: Sequence[ColumnProfile]) -> bool:
        """Whether the interval only says that I is at least 0 and at most the smaller entropy."""
        lower, upper = pair.mutual_information_interval or (0.0, 0.0)
        return lower <= 0.0 and upper >= max(_smaller_entropy(pair, columns)[1], _NARROW)

    def _rows_needed(self, pair: PairProfile, columns: Sequence[ColumnProfile]) -> int:
        """Return a sample size at which the worst-case bounds alone make an interval narrower than the smaller entropy.

        Such an interval cannot contain both 0 and the smaller entropy.
        """
        width = max(_smaller_entropy(pair, columns)[0], _NARROW)
        return rows_needed(width * (1 - 1e-6), self.table.rows, self.rows, None, SHARE * self.spent)


def _smaller_entropy(pair: PairProfile, columns: Sequence[ColumnProfile]) -> tuple[float, float]:
    """Return between what bits the smaller entropy of a pair's columns lies."""
    ends = [column.entropy_interval for column in columns if column.name in (pair.x, pair.y)]
    known = [interval for interval in ends if interval is not None]
    return min((low for low, _ in known), default=0.0), min((high for _, high in known), default=0.0)
