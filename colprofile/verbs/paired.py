"""A column as pairs see it: bins for dependence, NULL as a value."""

from __future__ import annotations

import numpy as np

from colprofile.counting.coded import CodeArray, narrowest
from colprofile.counting.marginal import MANY_VALUES, Counts, Marginal, equal_mass_bins
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
