"""The worst-case bounds of entropy and mutual information from a sample without replacement (docs/bounds.md).

Deviation by the bounded differences of a sample without replacement (El-Yaniv & Pechyony 2009), bias by Jensen (Chen &
Wang, SIGMOD 2021, *Efficient approximate algorithms for empirical entropy and mutual information*). They hold for
every column and use nothing of the one at hand. ``bounds`` takes them where they are better, and ``make bench-bounds``
compares the two. All figures are in bits.
"""

from __future__ import annotations

import math

SHARE = 0.1
"""Part of δ that ``bounds`` spends on a worst-case bound; the sharper ones get the rest."""


def log_step(count: float) -> float:
    """Return d(c) = c log2 c − (c − 1) log2(c − 1), what the c-th row of a value adds to Σ c log2 c; 0 for c <= 1.

    >>> log_step(2)
    2.0
    """
    if count <= 1:
        return 0.0
    return count * math.log2(count) - (count - 1) * math.log2(count - 1)


def entropy_sensitivity(rows: int) -> float:
    """Return β = d(M)/M: the most that exchanging one of M sampled rows can change their entropy."""
    return log_step(rows) / rows


def information_sensitivity(rows: int) -> float:
    """Return β_I = (d(⌈(M+1)/2⌉) + d(⌊(M+1)/2⌋))/M: the most that one row can change the information."""
    return (log_step((rows + 2) // 2) + log_step((rows + 1) // 2)) / rows


def deviation(sensitivity: float, rows: int, population: int, delta: float) -> float:
    """Return λ(δ): the most that a sample's figure deviates from its expectation to one side, with probability 1 − δ.

    λ = β √( M (N − M) ln(1/δ) / (2 (N − ½)(1 − 1/(2 max(M, N − M)))) ).
    """
    rest = population - rows
    if rest <= 0:
        return 0.0
    scale = 2.0 * (population - 0.5) * (1.0 - 1.0 / (2.0 * max(rows, rest)))
    return sensitivity * math.sqrt(rows * rest * math.log(1.0 / delta) / scale)


def bias(distinct: float, rows: int, population: int) -> float:
    """Return b(u): the most that the sample's expected entropy is below the population's, with u distinct values.

    b(u) = log2(1 + (u − 1)(N − M)/(M (N − 1))).

    >>> bias(1, 10, 100), round(bias(65, 1_000, 1_000_000), 4)
    (0.0, 0.0894)
    """
    if rows >= population:
        return 0.0
    return math.log2(1.0 + max(0.0, distinct - 1.0) * (population - rows) / (rows * (population - 1.0)))


def entropy_lower(sample: float, rows: int, population: int, delta: float) -> float:
    """Return the lower bound of the population's entropy from the sample's; (M/N)·H_S always holds."""
    below = sample - deviation(entropy_sensitivity(rows), rows, population, delta)
    return max(below, sample * rows / population)


def entropy_upper(sample: float, rows: int, population: int, distinct: float, delta: float) -> float:
    """Return the upper bound of the population's entropy from the sample's; it has at most ``distinct`` values."""
    spread = deviation(entropy_sensitivity(rows), rows, population, delta)
    return sample + spread + bias(distinct, rows, population)


def rows_needed(width: float, rows: int, population: int, distinct: float | None, delta: float) -> int:
    """Return how many rows the worst-case bounds need for an interval of an entropy that is ``width`` bits wide.

    ``rows`` times the smallest power of two, from 2, that is enough; the whole population where no sample is. The
    sharper bounds often need fewer rows. With exact marginals it holds for mutual information too, with the number of
    distinct pairs as ``distinct``. None is for mutual information with unknown marginals.
    """
    sensitivity = information_sensitivity if distinct is None else entropy_sensitivity
    distinct, biases = (population, 2) if distinct is None else (distinct, 1)
    rows *= 2
    while rows < population:
        spread = deviation(sensitivity(rows), rows, population, delta / 2)
        if 2 * spread + biases * bias(distinct, rows, population) <= width:
            return rows
        rows *= 2
    return population
