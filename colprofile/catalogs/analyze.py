"""What ``ANALYZE`` would save: PostgreSQL's sampling and its choice of most common values, predicted from exact counts.

Follows compute_scalar_stats and analyze_mcv_list (src/backend/commands/analyze.c), with each value's expected count
in the sample instead of a drawn one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]

ROWS_PER_TARGET = 300
"""ANALYZE samples this many rows for each unit of the statistics target."""

MOST_TARGET = 10_000
"""The largest statistics target that PostgreSQL takes."""


@dataclass(frozen=True, slots=True)
class ExpectedStatistics:
    """What ``ANALYZE`` is expected to save of a column."""

    saved: int  # how many of the most frequent values are kept
    distinct: float  # as it estimates from its sample
    sample: int  # rows that it looks at


def expected_statistics(counts: FloatArray, rows: int, target: int) -> ExpectedStatistics:
    """Return what ``ANALYZE`` would save of a column with these rows of each value, the largest first.

    ``rows`` are the table's, NULL included, and ``target`` is the statistics target.
    """
    sample = min(rows, ROWS_PER_TARGET * target)
    if not counts.size or not sample:
        return ExpectedStatistics(0, 0.0, sample)
    share = sample / rows
    distinct, is_all = _distinct(counts, rows, share)
    expected = counts[:target] * share
    tracked = int(np.count_nonzero(expected > 1.0)) if share < 1 else int(np.count_nonzero(counts[:target] > 1))
    if is_all and counts.size <= target:
        return ExpectedStatistics(counts.size, distinct, sample)
    filled = float(counts.sum()) / rows
    return ExpectedStatistics(_kept(expected[:tracked], distinct, 1 - filled, sample, rows), distinct, sample)


def sampling_noise(counts: FloatArray, rows: int, sample: int) -> FloatArray:
    """Return the expected |log2| error of shares that a sample gives to values with these counts, in bits.

    A share's standard error is √((1 − p)(1 − n/N)/(n p)) of it; the mean of |normal| is √(2/π) standard deviations.

    >>> sampling_noise(np.array([1000.0]), 100_000, 30_000).round(4).tolist()
    [0.0553]
    """
    share = counts / rows
    variance = (1 - share) * (1 - sample / rows) / (sample * share)
    return np.asarray(np.sqrt(2 / np.pi * variance) / np.log(2), np.float64)


def _distinct(counts: FloatArray, rows: int, share: float) -> tuple[float, bool]:
    """Return the expected estimate of Haas and Stokes (Duj1), and whether the sample sees every value twice or more."""
    if share >= 1:
        return float(counts.size), not bool(np.any(counts == 1))
    missed = (1 - share) ** counts
    seen = float((1 - missed).sum())
    once = float((counts * share * (1 - share) ** (counts - 1)).sum())
    if once < 0.5:
        return seen, seen > counts.size - 0.5
    filled = float(counts.sum())
    drawn = filled * share
    if seen - once < 0.5:
        return filled, False
    estimate = drawn * seen / ((drawn - once) + once * share)
    return float(np.clip(np.floor(estimate + 0.5), seen, filled)), False


def _kept(expected: FloatArray, distinct: float, null_share: float, sample: int, rows: int) -> int:
    """Return how many of the candidates are kept: the last must stand out from what is not (analyze_mcv_list)."""
    number = expected.size
    if sample == rows or rows <= 1:
        return number
    before = np.concatenate([[0.0], np.cumsum(expected)])
    while number > 0:
        count = float(expected[number - 1])
        rest = min(max(1.0 - before[number - 1] / sample - null_share, 0.0), 1.0)
        others = distinct - (number - 1)
        if others > 1:
            rest /= others
        alike = rows * count / sample
        variance = sample * alike * (rows - alike) * (rows - sample) / (float(rows) * rows * (rows - 1))
        if count > rest * sample + 2 * np.sqrt(variance) + 0.5:
            break
        number -= 1
    return number


def least_listed(sample: int, rows: int) -> float:
    """Return the fewest sampled rows that a combination needs to be listed (get_mincount_for_mcv_list).

    With these, the standard deviation of its share is at most a fifth of it.

    >>> least_listed(336_776, 336_776), round(least_listed(30_000, 336_776), 1)
    (0.0, 22.8)
    """
    if sample >= rows:
        return 0.0
    left = float(rows - sample)
    return sample * left / (left + 0.04 * sample * (rows - 1))
