"""Bins of equal mass: how many, and which value belongs to which."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from colprofile.counting.cells import Counts

MANY_VALUES = 64
"""Numeric and temporal columns with more values than this are cut into at most this many bins for dependence."""


def dependence_bins(rows: int) -> int:
    """Return how many equal-mass bins numeric columns are cut into for the dependence of ``rows`` rows.

    At most 64, and few enough that the chance bits of two such columns, (bins − 1)² / (2 n ln 2), stay under 0.01; at
    least 2.

    >>> dependence_bins(336_776), dependence_bins(42_789), dependence_bins(100)
    (64, 25, 2)
    """
    return int(np.clip(1 + np.floor(np.sqrt(0.01 * 2 * rows * np.log(2))), 2, MANY_VALUES))


def equal_mass_bins(cumulative: Counts, counts: Counts, bins: int) -> npt.NDArray[np.int64]:
    """Return each value's bin, from 0 without gaps: equal values share a bin, bins hold about equally many rows.

    Parameters
    ----------
    cumulative, counts
        int64[distinct] in the order of the values: rows up to and including the value, rows of the value.
    bins
        The most bins; there are fewer where one value fills several.
    """
    total = int(cumulative[-1])
    middle = cumulative - counts / 2
    raw = np.minimum((middle * bins / total).astype(np.int64), bins - 1)
    return np.cumsum(np.diff(raw, prepend=raw[0]) > 0)
