"""Bounds of a column's number of distinct values from a sample without replacement."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colprofile.measures.bounds.result import Bounds, checked, halves
from colprofile.measures.checks import FloatArray, as_counts


def distinct_bounds(
    counts: ArrayLike, population_rows: int, *, confidence: float = 0.95, seed: int = 0
) -> Bounds | None:
    """Return bounds of a whole column's distinct values from the counts of a sample.

    ``lower`` is certain: a sample never has more distinct values than the column. For ``upper``, each value that the
    first half missed has at least one row among the others, which the second half holds with probability n/(N − n). The
    number of new values in the second half limits, by the hypergeometric distribution, how many there can be.

    Returns
    -------
    Bounds or None
        Numbers of values. None for an empty sample. The estimate is Chao's (1984), within the bounds.

    Raises
    ------
    ArgumentError
        As ``entropy_bounds``.

    Examples
    --------
    >>> found = distinct_bounds([1_000] * 10, 100_000)
    >>> found.lower, found.upper
    (10, 65)
    """
    sample = as_counts(counts)
    sample = sample[sample > 0]
    rows, delta = checked(sample, population_rows, confidence)
    if not rows:
        return None
    if rows == population_rows:
        return Bounds(sample.size, sample.size, sample.size, rows, rows, confidence)
    first, second = halves(sample, seed)
    upper = distinct_most(first, second, population_rows, delta)
    once, twice = float((sample == 1).sum()), float((sample == 2).sum())
    chao = sample.size + (once * (once - 1)) / (2 * (twice + 1))
    is_trivial = sample.size == rows and upper >= population_rows
    estimate, needed = min(max(chao, sample.size), upper), population_rows if is_trivial else None
    return Bounds(sample.size, estimate, upper, rows, population_rows, confidence, is_trivial, needed)


def distinct_most(first: FloatArray, second: FloatArray, population: int, delta: float) -> int:
    """Return an upper bound of a population's distinct values, which holds with probability at least 1 − δ."""
    from scipy.stats import hypergeom

    known = int(np.count_nonzero(first))
    new = int(np.count_nonzero((first == 0) & (second > 0)))
    rest, drawn = population - int(first.sum()), int(second.sum())
    # The most representatives among the remaining rows of which a sample meets at most `new` with probability > δ.
    low, high = new, rest - (drawn - new)
    while low < high:
        middle = (low + high + 1) // 2
        if hypergeom.cdf(new, rest, middle, drawn) > delta:
            low = middle
        else:
            high = middle - 1
    return known + low
