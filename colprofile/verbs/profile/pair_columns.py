"""A column prepared for pairs: bins for dependence, NULL as a value; of all rows or of sampled ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.correlation import standardised
from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.pairs import CodedCut, PairColumn
from colprofile.counting.sampling import SampledColumn
from colprofile.counting.scratch import Scratch, blocks
from colprofile.counting.strength import Cut
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.cuts import FEW_VALUES, FINEST, equal_mass_bins, mass_shares
from colprofile.sources.base import SourceColumn
from colprofile.verbs.profile.options import Nulls


def is_ordered(column: SourceColumn) -> bool:
    """Whether a column's values have an order that means something: numbers and times."""
    return column.kind in ("numeric", "temporal")


def bin_lookup(marginal: Marginal, column: SourceColumn) -> Counts | None:
    """Return each code's bin of the finest cut from 1, NULL's being 0; None of a column that is not cut."""
    if not is_ordered(column) or marginal.dictionary.axis is None or marginal.distinct <= FEW_VALUES:
        return None
    scratch = marginal.dictionary.scratch
    if scratch is not None:
        return scratch.stored(chain([np.zeros(1)], _bins(marginal)), np.int64)
    lookup: Counts = np.zeros(marginal.counts.size + 1, np.int64)
    lookup[marginal.occurring + 1] = np.concatenate(list(_bins(marginal)))
    return lookup


def _bins(marginal: Marginal) -> Iterator[Counts]:
    """Yield each value's bin of the finest cut from 1, some values at a time, in their order."""
    before, last, bins = 0, -1, 1
    for positions in marginal.blocks():
        counts = marginal.counts[positions]
        shares = mass_shares(before + np.cumsum(counts), counts, marginal.filled, FINEST)
        found = bins + np.cumsum(np.diff(shares, prepend=shares[0] if last < 0 else last) > 0)
        before, last, bins = before + int(counts.sum()), int(shares[-1]), int(found[-1])
        yield found


def _counts_by_code(marginal: Marginal) -> Counts:
    """Return the rows of each code, NULL's first."""
    nulls = np.array([marginal.nulls], np.int64)
    scratch = marginal.dictionary.scratch
    if scratch is None:
        return np.concatenate([nulls, marginal.counts])
    return scratch.stored(chain([nulls], (marginal.counts[s] for s in blocks(marginal.counts.size))), np.int64)


def _ordered_codes(marginal: Marginal) -> Counts:
    """Return the codes of the values that occur, in their order."""
    scratch = marginal.dictionary.scratch
    if scratch is None:
        return marginal.occurring + 1
    return scratch.stored((positions + 1 for positions in marginal.blocks()), np.int64)


def pair_column(
    codes: CodeArray, marginal: Marginal, column: SourceColumn, nulls: Nulls, scratch: Scratch | None = None
) -> PairColumn:
    """Return a column prepared for pairs: cut if it is ordered and has many values, NULL as a value if asked for.

    Where memory is short, and there is ``scratch``, each row's bin is looked up whenever it is needed: slower, and a
    byte a row less.
    """
    counts = _counts_by_code(marginal)
    lookup = bin_lookup(marginal, column)
    axis = (
        standardised(marginal.dictionary.axis, marginal.counts, marginal.dictionary.scratch)
        if column.kind == "numeric"
        else None
    )
    is_value = nulls == "value" and marginal.nulls > 0
    correlated = codes if is_value else None
    if is_value:
        codes = nulls_as_value(codes, counts.size, scratch)
        counts = np.concatenate([[0], marginal.counts, [marginal.nulls]])
        if lookup is not None:
            lookup = np.append(lookup, lookup.max() + 1)
    cut = (
        None if lookup is None else CodedCut.of(codes, counts, lookup, has_null_bin=is_value, are_kept=scratch is None)
    )
    places = marginal.dictionary.axis
    has_ranks = is_ordered(column) and places is not None and not np.isnan(places).any()
    return PairColumn(codes, counts, cut, axis, correlated, _ordered_codes(marginal) if has_ranks else None)


def sampled_pair_column(codes: CodeArray, marginal: Marginal, column: SourceColumn, nulls: Nulls) -> PairColumn:
    """Return a column for pairs of sampled rows, cut anew, without an axis: its codes are those of the values drawn."""
    places = np.arange(marginal.counts.size + 1)
    if is_ordered(column):
        places[marginal.occurring + 1] = np.arange(1, marginal.distinct + 1)
    drawn, ranks = np.unique(places[codes], return_inverse=True)
    has_null = bool(drawn.size) and drawn[0] == 0
    ranks = ranks + (not has_null)
    counts = np.bincount(ranks, minlength=1).astype(np.int64)
    size = counts.size
    lookup: Counts | None = None
    if is_ordered(column) and size - 1 > FEW_VALUES:
        lookup = np.append(0, equal_mass_bins(np.cumsum(counts[1:]), counts[1:], FINEST) + 1)
    is_value = nulls == "value" and has_null
    if is_value:
        ranks[ranks == 0] = size
        counts = np.append(np.append(0, counts[1:]), counts[0])
        lookup = None if lookup is None else np.append(lookup, lookup.max() + 1)
    seen = ranks.astype(narrowest(size))
    return PairColumn(
        seen, counts, None if lookup is None else CodedCut.of(seen, counts, lookup, has_null_bin=is_value)
    )


def nulls_as_value(codes: CodeArray, code: int, scratch: Scratch | None = None) -> CodeArray:
    """Return codes in which NULL is a value with the given code; in a temporary file where there is ``scratch``."""
    value = np.array(code, narrowest(code))
    if scratch is None:
        return np.where(codes == 0, value, codes)
    parts = (np.where(codes[some] == 0, value, codes[some]) for some in blocks(codes.size))
    return scratch.stored(parts, np.result_type(value, codes))


@dataclass(frozen=True, slots=True)
class View:
    """How a column's codes are seen by pairs, and the whole table's marginals of what is seen.

    ``lookup`` maps each code to its bin, None takes codes as they are; ``null`` is the code that NULL gets where it is
    a value, 0 where it is not.
    """

    lookup: CodeArray | None
    null: int
    distribution: Distribution
    nulls: int

    def of(self, codes: CodeArray) -> SampledColumn:
        """Return sampled codes as seen."""
        seen = codes if self.lookup is None else self.lookup[codes]
        if self.null:
            seen = nulls_as_value(seen, self.null)
        return SampledColumn(seen, self.distribution, self.nulls)


@dataclass(frozen=True, slots=True)
class Views:
    """A column as it is and, if dependence cuts it, in the bins of its finest cut, from which the others follow."""

    values: View
    bins: View | None
    cut: Cut | None

    def halved(self, bins: SampledColumn, level: int) -> SampledColumn:
        """Return sampled bins of the finest cut in the halving of that number; 0 is the finest."""
        if level == 0 or self.cut is None:
            return bins
        coarser = self.cut.level(level)[0]
        shares = np.bincount(coarser, bins.distribution.shares).astype(np.float64)
        return SampledColumn(coarser.astype(np.uint8)[bins.codes], Distribution(shares), bins.nulls)


def views_of(marginal: Marginal, column: SourceColumn, is_null_value: bool) -> Views:
    """Return a column as pairs see it."""
    counts: Counts = np.concatenate([[marginal.nulls], marginal.counts])
    lookup = bin_lookup(marginal, column)
    values = _view(None, counts, is_null_value)
    if lookup is None:
        return Views(values, None, None)
    by_bin = np.bincount(lookup, counts).astype(np.int64)
    view = _view(lookup.astype(narrowest(by_bin.size)), by_bin, is_null_value)
    is_value = view.null > 0
    in_order = np.append(by_bin[1:], by_bin[:1]) if is_value else by_bin[1:]
    return Views(values, view, Cut.of_counts(in_order, has_null_bin=is_value))


def _view(lookup: CodeArray | None, counts: Counts, is_null_value: bool) -> View:
    nulls, null = int(counts[0]), 0
    if is_null_value and nulls:
        null = counts.size
        counts = np.append(counts, nulls)
        nulls = 0
    filled = counts.astype(np.float64)
    filled[0] = 0.0
    return View(lookup, null, Distribution.of_counts(filled), nulls)
