"""A column prepared for pairs: bins for dependence, NULL as a value; of all rows or of sampled ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colprofile.counting.binning import MANY_VALUES, equal_mass_bins
from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.sampling import SampledColumn
from colprofile.measures.bounds.distributions import Distribution
from colprofile.sources.base import SourceColumn


def bin_lookup(marginal: Marginal, column: SourceColumn, bins: int) -> Counts | None:
    """Return each code's equal-mass bin from 1, NULL's being 0; None where dependence is taken on the values."""
    if column.kind not in ("numeric", "temporal") or marginal.distinct <= max(bins, MANY_VALUES):
        return None
    order = marginal.occurring
    lookup: Counts = np.zeros(marginal.counts.size + 1, np.int64)
    lookup[order + 1] = equal_mass_bins(marginal.cumulative, marginal.counts[order], bins) + 1
    return lookup


def nulls_as_value(codes: CodeArray, code: int) -> CodeArray:
    """Return codes in which NULL is a value with the given code."""
    return np.where(codes == 0, np.array(code, narrowest(code)), codes)


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


def views_of(marginal: Marginal, column: SourceColumn, bins: int, is_null_value: bool) -> tuple[View, View | None]:
    """Return a column as it is, and binned where dependence is taken on bins."""
    counts: Counts = np.concatenate([[marginal.nulls], marginal.counts])
    lookup = bin_lookup(marginal, column, bins)
    values = _view(None, counts, is_null_value)
    if lookup is None:
        return values, None
    by_bin = np.bincount(lookup, counts).astype(np.int64)
    return values, _view(lookup.astype(narrowest(by_bin.size)), by_bin, is_null_value)


def _view(lookup: CodeArray | None, counts: Counts, is_null_value: bool) -> View:
    nulls, null = int(counts[0]), 0
    if is_null_value and nulls:
        null = counts.size
        counts = np.append(counts, nulls)
        nulls = 0
    filled = counts.astype(np.float64)
    filled[0] = 0.0
    return View(lookup, null, Distribution.of_counts(filled), nulls)
