"""Guaranteed bounds from a sample without replacement: entropy, mutual information, KL divergence, distinct values.

A lower bound overestimates, or an upper bound underestimates, with probability at most 1 − confidence. Several methods
compete for each bound and the best is taken; δ is split among them beforehand. The sample must be drawn row by row and
without replacement, not by blocks. ``docs/bounds.md`` has the proofs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from colprofile.errors import ArgumentError
from colprofile.measures.bounds import worst_case
from colprofile.measures.bounds.distinct import distinct_bounds
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.divergence import kl_bounds
from colprofile.measures.bounds.models import JointCells
from colprofile.measures.bounds.one_sided import (
    Population,
    code_length,
    information_lower,
    information_lower_alone,
    information_upper,
    information_upper_alone,
    lowest_surprisal,
)
from colprofile.measures.bounds.result import Bounds, checked, halves
from colprofile.measures.checks import FloatArray, as_counts
from colprofile.measures.estimators import entropy_estimate

__all__ = [
    "Bounds",
    "JointCells",
    "distinct_bounds",
    "entropy_bounds",
    "joint_cells",
    "kl_bounds",
    "mutual_information_bounds",
]

_LN2 = math.log(2.0)


def entropy_bounds(
    counts: ArrayLike,
    population_rows: int,
    *,
    confidence: float = 0.95,
    distinct: int | None = None,
    seed: int = 0,
) -> Bounds | None:
    """Return bounds of the entropy of a whole column from the counts of a sample of its rows.

    Parameters
    ----------
    counts
        Array of shape (values,): how many sampled rows hold each value.
    population_rows
        Rows of the column that are not NULL, those of the sample included.
    confidence
        Probability that both bounds hold.
    distinct
        The most distinct values that the whole column can have, if known: it sharpens the upper bound.
    seed
        Seed of the random split of the sample into two halves.

    Returns
    -------
    Bounds or None
        Bits. None for an empty sample.

    Raises
    ------
    ArgumentError
        More sampled rows than rows, fewer distinct values than the sample has, a confidence outside (0, 1).

    Examples
    --------
    >>> found = entropy_bounds([2_500] * 4, 1_000_000)
    >>> found.lower <= 2.0 <= found.upper, round(found.width, 2)
    (True, 0.07)
    >>> print(entropy_bounds([5, 5], 10))
    1.0000 bits, exact
    """
    sample = as_counts(counts)
    sample = sample[sample > 0]
    rows, delta = checked(sample, population_rows, confidence)
    if not rows:
        return None
    most = _most_values(sample.size, rows, population_rows, distinct)
    first, second = halves(sample, seed)
    whole = Population(population_rows, population_rows)
    sides = entropy_sides(first, second, whole, delta, most)
    return _bounds(sides, rows, population_rows, confidence, math.log2(max(1, most)), most)


def entropy_sides(
    first: FloatArray, second: FloatArray, whole: Population, delta: float, most: float
) -> tuple[float, float, float]:
    """Return (lower, estimate, upper) of a column's entropy in bits from the counts of a sample's two halves.

    ``most`` is the most distinct values that are possible; δ is split between the two bounds.
    """
    occurring = first + second > 0
    first, second = first[occurring], second[occurring]
    counts = first + second
    rows = int(counts.sum())
    shares = counts / rows
    sample = float(np.sum(shares * np.log2(1 / shares)))
    if rows >= whole.most:
        return sample, sample, sample
    side, spent = delta / 2, worst_case.SHARE * delta / 2
    bet = lowest_surprisal(first, second, np.zeros(counts.size), None, None, 0.0, whole, side - spent) / _LN2
    lower = max(0.0, bet, worst_case.entropy_lower(sample, rows, whole.most, spent))
    length = code_length(first, second, whole, most, side - spent) / _LN2
    upper = min(length, worst_case.entropy_upper(sample, rows, whole.most, most, spent), math.log2(max(most, 1.0)))
    upper = max(lower, upper)
    return lower, min(max(_likely_entropy(counts), lower), upper), upper


def mutual_information_bounds(
    table: ArrayLike | JointCells,
    population_rows: int,
    *,
    confidence: float = 0.95,
    marginals: tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 0,
) -> Bounds | None:
    """Return bounds of the mutual information of two whole columns from a sample's joint counts.

    Parameters
    ----------
    table
        Array of shape (values of x, values of y): sampled rows with each pair of values; or the
        result of ``joint_cells``.
    population_rows
        Rows in which neither column is NULL, those of the sample included.
    confidence
        Probability that both bounds hold.
    marginals
        Rows of each value of x and of y in the whole population, if known: the interval is much narrower with
        them. Each must add up to ``population_rows``.
    seed
        Seed of the random splits of the sample.

    Returns
    -------
    Bounds or None
        Bits. None for an empty sample.

    Raises
    ------
    ArgumentError
        As ``entropy_bounds``; marginals that contradict the sample.

    Examples
    --------
    >>> found = mutual_information_bounds([[4_000, 0], [0, 4_000]], 1_000_000, marginals=([500_000] * 2,) * 2)
    >>> round(found.lower, 2), found.estimate, round(found.upper, 2)
    (0.98, 1.0, 1.0)
    """
    cells = table if isinstance(table, JointCells) else _cells(table, seed)
    rows, delta = checked(cells.counts, population_rows, confidence)
    if not rows:
        return None
    distributions = None if marginals is None else _distributions(cells, population_rows, marginals)
    whole = Population(population_rows, population_rows)
    sides = information_sides(cells, whole, delta, distributions, seed=seed)
    most: int | None = None
    if distributions is not None:
        trivial = min(distribution.entropy for distribution in distributions) / _LN2
        most = min(population_rows, math.prod(distribution.distinct for distribution in distributions))
    else:
        seen = min(int(np.unique(codes).size) for codes in (cells.x, cells.y))
        trivial = math.log2(float(seen + population_rows - rows))
    return _bounds(sides, rows, population_rows, confidence, trivial, most)


def information_sides(
    cells: JointCells,
    whole: Population,
    delta: float,
    distributions: tuple[Distribution, Distribution] | None,
    *,
    are_exact: bool = True,
    slack: float = 1.0,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Return (lower, estimate, upper) of a pair's mutual information in bits; δ is split between the two bounds.

    Parameters
    ----------
    distributions
        Each column's distribution: that of the population or, unless ``are_exact``, any model fixed before the sample
        was drawn. None fits models on the first half.
    slack
        With such models: no probability of the population is more than ``slack`` times the model's.
    """
    marginals = [np.add(*cells.halves(codes)) for codes in (cells.x, cells.y)]
    sample = sum(map(_entropy_of_counts, marginals)) - _entropy_of_counts(cells.counts)
    sample = max(0.0, sample)
    if int(cells.counts.sum()) >= whole.most:
        return sample, sample, sample
    if distributions is None:
        low, high = _sides_alone(cells, whole, delta, sample, seed)
    elif are_exact:
        low, high = _sides_exact(cells, whole, delta, distributions)
    else:
        low = information_lower_alone(cells, whole, distributions, delta / 2) / _LN2
        high = information_upper(cells, whole, distributions, slack, delta / 2) / _LN2
        high = min(high, *(math.log2(max(1, distribution.distinct)) for distribution in distributions))
    low = max(0.0, low)
    high = max(low, high)
    likely = sum(map(_likely_entropy, marginals)) - _likely_entropy(cells.counts)
    return low, min(max(likely, low), high), high


def _sides_exact(
    cells: JointCells, whole: Population, delta: float, distributions: tuple[Distribution, Distribution]
) -> tuple[float, float]:
    """Return both bounds from the population's own marginals."""
    rows, population = int(cells.counts.sum()), whole.most
    bits = [distribution.entropy / _LN2 for distribution in distributions]
    kinds = [distribution.distinct for distribution in distributions]
    # Near a key no value is seen twice and only the worst-case bound says something: the marginals show it beforehand.
    share = 0.9 if max(kinds) > 10 * rows else 0.5 if max(kinds) > rows else worst_case.SHARE
    spent = share * delta / 2
    low = information_lower(cells, whole, distributions, delta / 2 - spent) / _LN2
    high = information_upper(cells, whole, distributions, 1.0, delta / 2 - spent) / _LN2
    middle = sum(bits) - _entropy_of_counts(cells.counts)
    spread = worst_case.deviation(worst_case.entropy_sensitivity(rows), rows, population, spent)
    wide = worst_case.bias(min(population, math.prod(kinds)), rows, population)
    return max(low, middle - spread - wide), min(high, middle + spread, *bits)


def _sides_alone(cells: JointCells, whole: Population, delta: float, sample: float, seed: int) -> tuple[float, float]:
    """Return both bounds from the sample alone; I is at most either entropy, so bounds of those compete too."""
    rows, population = int(cells.counts.sum()), whole.most
    spent = worst_case.SHARE * delta / 2
    spread = worst_case.deviation(worst_case.information_sensitivity(rows), rows, population, spent)
    wide = worst_case.bias(population, rows, population)
    low = information_lower_alone(cells, whole, None, delta / 2 - spent) / _LN2
    high = information_upper_alone(cells, whole, delta / 2 - 3 * spent, seed) / _LN2
    lengths = []
    for codes in (cells.x, cells.y):
        first, second = cells.halves(codes)
        most = first.size + population - rows
        lengths.append(min(code_length(first, second, whole, most, spent) / _LN2, math.log2(most)))
    return max(low, sample - spread - wide), min(high, sample + spread + wide, *lengths)


def _most_values(seen: int, rows: int, population: int, distinct: int | None) -> int:
    most = seen + population - rows
    if distinct is None:
        return most
    if distinct < seen:
        raise ArgumentError(f"distinct is {distinct!r}, but the sample has {seen} distinct values: give at least those")
    return min(most, distinct)


def joint_cells(x: ArrayLike, y: ArrayLike, counts: ArrayLike, *, seed: int = 0) -> JointCells:
    """Return a sampled pair's joint cells, split at random into halves, for ``mutual_information_bounds``.

    Parameters
    ----------
    x, y
        Arrays of shape (cells,): each cell's codes, whole numbers from 0. Each pair of codes once.
    counts
        Array of shape (cells,): sampled rows in each cell.
    seed
        Seed of the split.

    Raises
    ------
    ArgumentError
        Counts that are not whole numbers.
    """
    rows = as_counts(counts)
    seen = rows > 0
    first, second = halves(rows[seen], seed)
    codes_x, codes_y = (np.asarray(codes, np.int64)[seen] for codes in (x, y))
    return JointCells(codes_x, codes_y, first, second)


def _cells(table: ArrayLike, seed: int) -> JointCells:
    counts = as_counts(table, name="table", dimensions=2)
    x, y = np.nonzero(counts)
    return joint_cells(x, y, counts[x, y], seed=seed)


def _distributions(
    cells: JointCells, population: int, marginals: tuple[ArrayLike, ArrayLike]
) -> tuple[Distribution, Distribution]:
    distributions = []
    for name, codes, given in (("x", cells.x, marginals[0]), ("y", cells.y, marginals[1])):
        rows = as_counts(given, name=f"marginals of {name}")
        if int(rows.sum()) != population:
            raise ArgumentError(
                f"marginals of {name} add up to {int(rows.sum()):,}: give the counts of all {population:,} rows"
            )
        if codes.max() >= rows.size or bool(np.any(np.bincount(codes, cells.counts, rows.size) > rows)):
            raise ArgumentError(
                f"marginals of {name} have fewer rows of a value than the sample: give the counts of all rows"
            )
        distributions.append(Distribution.of_counts(rows))
    return distributions[0], distributions[1]


def _likely_entropy(counts: FloatArray) -> float:
    """Return the estimate of a population's entropy in bits (Chao, Wang & Jost 2013)."""
    return entropy_estimate(np.unique(counts, return_counts=True), "chao-wang-jost") or 0.0


def _entropy_of_counts(counts: FloatArray) -> float:
    return Distribution.of_counts(counts).entropy / _LN2


def _bounds(
    sides: tuple[float, float, float], rows: int, population: int, confidence: float, trivial: float, most: int | None
) -> Bounds:
    """Return the result; if it is no narrower than [0, trivial], with the sample size that would make it narrower.

    ``most`` is the most distinct values or pairs that are possible; None for a pair with unknown marginals.
    """
    lower, _, upper = sides
    is_trivial = rows < population and trivial > 0 and lower <= 0 and upper >= trivial * (1 - 1e-9)
    needed = worst_case.rows_needed(trivial / 2, rows, population, most, 1 - confidence) if is_trivial else None
    return Bounds(*sides, rows, population, confidence, is_trivial, needed)
