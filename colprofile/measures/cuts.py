"""Cuts of ordered columns into bins of equal mass, at several resolutions, each folded from a finer one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

FEW_VALUES = 16
"""Ordered columns with at most this many values are not cut: then number, text and time give the same dependence."""

CUTS = (64, 32, 16, 8, 4, 2, 24, 12, 6, 3)
"""Bins that an ordered column is cut into: the finest, its halvings, then a third chain that is folded from it."""

RESTARTS = np.array([False, False, False, False, False, True, False, False, False])
"""Of each cut but the first, whether it is folded from the first rather than from the one before."""

HALVINGS = 6
"""So many of CUTS, from the first on, are halvings."""

FINEST = CUTS[0]


def even_edges(low: float, high: float, bins: int) -> npt.NDArray[np.float64]:
    """Return the edges of bins of equal width, float64[bins + 1]: near the largest double, too.

    ``high − low`` must be finite.

    >>> even_edges(0.0, 1.0, 4).tolist(), bool(np.isfinite(even_edges(-8.9e307, 8.9e307, 30)).all())
    ([0.0, 0.25, 0.5, 0.75, 1.0], True)
    """
    scale = 0.25 if max(abs(low), abs(high)) > 2.0**1000 else 1.0
    edges = np.linspace(low * scale, high * scale, bins + 1, dtype=np.float64)
    return edges.clip(low * scale, high * scale) / scale


def equal_mass_bins(cumulative: Counts, counts: Counts, bins: int) -> Counts:
    """Return each value's bin, from 0 without gaps: equal values share a bin, bins hold about equally many rows.

    Parameters
    ----------
    cumulative, counts
        int64[distinct] in the order of the values: rows up to and including the value, rows of the value.
    bins
        The most bins; there are fewer where one value fills several.
    """
    raw = mass_shares(cumulative, counts, int(cumulative[-1]), bins)
    return np.cumsum(np.diff(raw, prepend=raw[0]) > 0)


def mass_shares(cumulative: Counts, counts: Counts, total: int, bins: int) -> Counts:
    """Return in which of ``bins`` equal shares of ``total`` rows the middle row of each value lies, from 0.

    ``cumulative`` and ``counts`` are as ``equal_mass_bins`` has them, of all values or of some in a row.
    """
    middle = cumulative - counts / 2
    return np.minimum((middle * bins / total).astype(np.int64), bins - 1)


def fold_steps(counts: Counts, *, has_null_bin: bool = False) -> Counts:
    """Return how each cut but the first is folded: int64[9, 66], from each bin, 0 for NULL, to the coarser one.

    Parameters
    ----------
    counts
        int64[bins]: rows of each bin of the finest cut, in order.
    has_null_bin
        Whether NULL is a value: then the last bin is NULL's, and stays one of its own.
    """
    steps = np.zeros((len(CUTS) - 1, FINEST + 2), np.int64)
    first = np.asarray(counts[: counts.size - 1] if has_null_bin else counts, np.int64)
    current = first
    for step, (cut, is_restart) in enumerate(zip(CUTS[1:], RESTARTS, strict=True)):
        source = first if is_restart else current
        bins = equal_mass_bins(np.cumsum(source), source, cut) if source.size else source
        steps[step, 1 : bins.size + 1] = bins + 1
        current = np.bincount(bins, source).astype(np.int64) if source.size else source
        if has_null_bin:
            steps[step, bins.size + 1] = current.size + 1
    return steps
