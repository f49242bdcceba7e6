"""Tests of two samples of counts for a common distribution, and the correction for many tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError
from colprofile.measures.checks import FloatArray, as_paired
from colprofile.measures.divergence import GTest

LEAST_EXPECTED = 5.0
"""Expected rows of each sample in a cell of the G-test; smaller cells are pooled until they have them."""

RARE = 50.0
"""With fewer expected rows a share is tested by the binomial distribution instead of by χ²."""


def pooled_g_test(fresh: ArrayLike, stale: ArrayLike, keys: ArrayLike) -> GTest | None:
    """Return the two-sample G-test of whether two samples have one distribution, with small cells pooled.

    G = 2 ln 2 · (n KL(P‖M) + m KL(Q‖M)) for M the distribution of both samples together, divided by Williams'
    correction, χ² with k − 1 degrees for k cells after pooling.

    Parameters
    ----------
    fresh, stale
        Arrays of shape (cells,): rows of each sample. Both are samples: neither is taken as the truth.
    keys
        Array of shape (cells,): the order in which small cells are pooled. It must not depend on how the rows are split
        between the samples (such as one sample's ranking), or the test measures that ranking.

    Returns
    -------
    GTest or None
        None where a sample has no rows. p_value 1.0 where a single cell is left.

    Raises
    ------
    ArgumentError
        As ``g_test``; keys of another length.

    Notes
    -----
    The χ² approximation needs about 5 expected rows of each sample in each cell. Cells are pooled by the rows of both
    samples together, which says nothing about their difference, so pooling costs power but not validity. Williams
    (1976): q = 1 + (N/n + N/m − 1)(Σ N/c_j − 1)/(6 N (k − 1)) removes the bias that cells of few rows still have.

    Examples
    --------
    >>> outcome = pooled_g_test([60, 40], [40, 60], [0, 1])
    >>> round(outcome.statistic, 3), outcome.degrees_of_freedom, round(outcome.p_value, 4)
    (7.994, 1, 0.0047)
    """
    here, there = as_paired(fresh, stale)
    order = np.asarray(keys)
    if order.shape != here.shape:
        raise ArgumentError(f"keys has shape {order.shape} and the counts {here.shape}: give a key for each cell")
    n, m = float(here.sum()), float(there.sum())
    if not n or not m:
        return None
    groups, size = _pools(here + there, LEAST_EXPECTED * (n + m) / min(n, m), order)
    p: FloatArray = np.bincount(groups, here, size).astype(np.float64)
    q: FloatArray = np.bincount(groups, there, size).astype(np.float64)
    if size == 1:
        return GTest(0.0, 0, 1.0)
    both: FloatArray = p + q
    nats = _sum_of_logs(p, both * (n / (n + m))) + _sum_of_logs(q, both * (m / (n + m)))
    total = n + m
    williams = 1 + (total / n + total / m - 1) * (float((total / both).sum()) - 1) / (6 * total * (size - 1))
    return GTest.of(max(0.0, 2 * nats / williams), size)


def _sum_of_logs(observed: FloatArray, expected: NDArray[np.floating[Any]]) -> float:
    present = observed > 0
    return float(np.sum(observed[present] * np.log(observed[present] / expected[present])))


def _pools(totals: FloatArray, least: float, keys: NDArray[np.generic]) -> tuple[NDArray[np.int64], int]:
    """Return each cell's pool, from 0 without gaps, and how many: each holds at least ``least``, if any can."""
    pools = np.full(totals.size, -1, np.int64)
    large = np.flatnonzero(totals >= least)
    pools[large] = np.arange(large.size)
    small = np.flatnonzero((totals < least) & (totals > 0))
    number, held = large.size, 0.0
    for cell in small[np.argsort(keys[small], kind="stable")].tolist():
        pools[cell] = number
        held += totals[cell]
        if held >= least:
            number, held = number + 1, 0.0
    if held and number > large.size:
        pools[pools == number] = number - 1
    elif held and large.size:
        pools[pools == number] = int(np.argmin(totals[large]))
    elif held:
        number += 1
    pools[pools < 0] = 0  # empty on both sides: adds nothing anywhere
    return pools, max(number, 1)


def unseen_test(fresh: ArrayLike, stale: ArrayLike) -> float:
    """Return the p-value of the number of values that only the fresh sample has, under one common distribution.

    A value with c rows in total is missing from the stale sample with probability (n/(n + m))^c. The number of such
    values is then nearly Poisson with the sum of these as its mean (it varies slightly less, so the p-value is
    conservative). The test detects what pooling hides: many rare values that were all replaced.

    Parameters
    ----------
    fresh, stale
        Arrays of shape (values,): rows of each value.

    Returns
    -------
    float
        p-value, one-sided. 1.0 without an unseen value or where a sample is empty.

    Examples
    --------
    >>> unseen_test([5, 5, 5, 0, 0, 0], [0, 0, 0, 5, 5, 5]) < 0.001, unseen_test([5, 5], [5, 5])
    (True, 1.0)
    """
    here, there = as_paired(fresh, stale)
    n, m = float(here.sum()), float(there.sum())
    unseen = int(np.count_nonzero((here > 0) & (there == 0)))
    if not unseen or not n or not m:
        return 1.0
    totals = (here + there)[(here + there) > 0]
    expected = float(np.sum(np.exp(totals * math.log(n / (n + m)))))
    from scipy.special import gammainc

    return float(gammainc(unseen, expected))


def share_test(fresh: int, fresh_rows: int, stale: int, stale_rows: int) -> float:
    """Return the two-sided p-value of the difference of two shares, under one common distribution.

    From the G-test of the 2 × 2 table; where fewer than 50 rows of the rarer outcome are expected in a sample, from the
    binomial distribution of how they are split between the samples (twice the smaller tail).

    Parameters
    ----------
    fresh, stale
        Rows with the outcome (NULL, for example).
    fresh_rows, stale_rows
        All rows.

    Examples
    --------
    >>> share_test(0, 100, 0, 100), round(share_test(8, 100, 0, 100), 4)
    (1.0, 0.0078)
    """
    total = fresh_rows + stale_rows
    rare = fresh + stale
    if 2 * rare > total:
        fresh, stale, rare = fresh_rows - fresh, stale_rows - stale, total - rare
    if not rare or not fresh_rows or not stale_rows:
        return 1.0
    share = fresh_rows / total
    if rare * min(share, 1 - share) >= RARE:
        counts = [fresh, fresh_rows - fresh], [stale, stale_rows - stale]
        outcome = pooled_g_test(*counts, [0, 1])
        return outcome.p_value if outcome is not None else 1.0
    from scipy.special import bdtr, bdtrc

    above = float(bdtrc(fresh - 1, rare, share)) if fresh else 1.0
    return min(1.0, 2 * min(float(bdtr(fresh, rare, share)), above))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in their order: q_(i) = min over j ≥ i of p_(j) · count / j.

    Among the findings with an adjusted p-value of at most α, the expected share of false ones is at most α.

    Notes
    -----
    Benjamini & Hochberg (1995), "Controlling the false discovery rate". scipy.stats.false_discovery_control returns the
    same, but importing scipy.stats takes longer than comparing two small tables.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5])
    [0.04, 0.05333333333333334, 0.05333333333333334, 0.5]
    >>> benjamini_hochberg([])
    []
    """
    given = np.asarray(p_values, np.float64)  # scipy.stats has this too, but its import takes half a second
    order = np.argsort(-given, kind="stable")
    raised = given[order] * given.size / np.arange(given.size, 0, -1)
    adjusted = np.empty(given.size)
    adjusted[order] = np.minimum.accumulate(np.minimum(raised, 1.0))
    return [float(value) for value in adjusted]
