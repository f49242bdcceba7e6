"""The lowest mean that a sample leaves possible: betting on rows drawn without replacement.

Every bound of ``bounds`` answers one question. Each row of a population has a figure φ, and a sample of n rows was
drawn without replacement: how low can the mean θ of φ be? Bet a share λ of the capital on each sampled row. If θ is the
mean, the capital Π (1 + λ (φ_i − θ)) is at most 1 in expectation (Hoeffding 1963, theorem 4: drawing without
replacement can only lower it), so it reaches 1/δ with probability at most δ. A θ at which it does is rejected.

φ may contain the surprisal of something whose distribution p is not known: φ = ln(1/p) − offset. The capital is then
the smallest over all p that satisfy Σ b p <= 1. That is a convex problem, and the tangent at any trial p gives a
certified answer. ``docs/bounds.md`` has the proofs. All figures are in nats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled
from colprofile.measures.checks import FloatArray

IndexArray = npt.NDArray[np.int64]

SPREADS = 5.4 / 3.0 ** np.arange(4)
"""Standard deviations of φ, in nats, for which a share is prepared; between them at most 16 % of the width is lost."""

_SCALED_SHARES = 0.9 / 3.0 ** np.arange(8)
"""Shares for a figure between −1 and 0."""

_NEWTON = 6
_STEPS = 30
_DESCENTS = 2
_ENOUGH = 1.02
_AIM = 1.01
"""A capital within 2 % of the level is close enough: it lowers the bound by about 1 % of its deviation."""


def shares(rows: float, delta: float) -> tuple[FloatArray, float]:
    """Return the betting shares λ for ``rows`` sampled rows and the level ln(1/δ') that each has to reach.

    They are fixed before the sample is seen, and δ is split among them, so that the best can be chosen afterwards.
    """
    level = math.log(len(SPREADS) / delta)
    return np.sqrt(2.0 * level / max(rows, 1.0)) / SPREADS, level


def known_mean(counts: FloatArray, figures: FloatArray, floor: float, delta: float) -> float:
    """Return a lower bound of the population's mean of φ that holds with probability 1 − δ.

    ``counts`` (float64[k]) sampled rows have each of the ``figures`` φ. No row of the population has a φ below
    ``floor``, which is the bound if the sample is too small for a better one.
    """
    rows = float(counts.sum())
    if not rows:
        return floor
    sizes, level = shares(rows, delta)
    return max(floor, float(_known(counts, figures, floor, sizes, level)))


def collision_rest(
    model: FloatArray, judge: FloatArray, weights: FloatArray, rows: float, delta: float
) -> tuple[float, float]:
    """Return the mean of a collision figure over one half of a sample, and an upper bound of it beyond that half.

    The figure of a row is w·a/A, with w its cell's weight and a how many of the A = ``rows`` rows of ``model`` are in
    its cell. It is judged on the rows of ``judge``. Betting shares are relative to the largest figure, as it is not in
    nats.
    """
    sizes = _SCALED_SHARES
    own, rest = _collision_rest(model, judge, weights, rows, sizes, math.log(sizes.size / delta))
    return float(own), float(rest)


def surprisal_mean(
    counts: FloatArray,
    offsets: FloatArray,
    floor: float,
    delta: float,
    *,
    multiplicities: FloatArray | None = None,
    groups: IndexArray | None = None,
    weights: FloatArray | None = None,
    caps: FloatArray | None = None,
    enough: float = math.inf,
) -> float:
    """Return a lower bound of the population's mean of ln(1/p) − offset that holds with probability 1 − δ.

    Parameters
    ----------
    counts, offsets
        float64[k]: how many sampled rows are in each cell, and the cell's offset.
    floor
        No row of the population has a lower ln(1/p) − offset.
    multiplicities
        float64[k]: how many cells there are of each kind; 1 by default.
    groups
        int64[k]: the cell's value whose distribution p is unknown, from 0 without gaps; each cell its own by default.
    weights
        float64[groups]: b of the constraint Σ b p <= 1 that p is known to satisfy; 1 by default.
    caps
        float64[groups]: no p is larger; 1 by default.
    enough
        A bound that reaches this need not be improved.

    Returns
    -------
    float
        ``floor`` where the sample says nothing.
    """
    multiplicities = np.ones(counts.size) if multiplicities is None else multiplicities
    rows = float(np.sum(counts * multiplicities))
    if not rows:
        return floor
    index = np.arange(counts.size) if groups is None else groups
    size = int(index.max()) + 1
    ones = np.ones(size)
    constraint = multiplicities if groups is None else ones, ones if weights is None else weights
    cells = counts, multiplicities, offsets, index, *constraint, ones if caps is None else caps
    return max(floor, float(_surprisal(cells, floor, enough, *shares(rows, delta))))


@compiled
def _best_share(sizes: Any, level: Any, rows: Any, variance: Any, most: Any) -> Any:
    """Return the share that suits an observed variance best or, if it exceeds ``most``, the largest below; 0 if none.

    A larger φ − floor than 1/λ would let a factor of the capital fall to 0.
    """
    wanted = np.sqrt(2.0 * level / (rows * max(variance, 1e-300)))
    best = sizes[0]
    largest = 0.0
    for share in sizes:
        if abs(np.log(share / wanted)) < abs(np.log(best / wanted)):
            best = share
        if share <= most:
            largest = max(largest, share)
    return best if best <= most else largest


@compiled
def _known(counts: Any, figures: Any, floor: Any, sizes: Any, level: Any) -> Any:
    rows = 0.0
    mean = 0.0
    for k in range(counts.size):
        rows += counts[k]
        mean += counts[k] * figures[k]
    mean /= rows
    variance = 0.0
    for k in range(counts.size):
        variance += counts[k] * (figures[k] - mean) ** 2
    variance /= rows
    share = _best_share(sizes, level, rows, variance, 0.99 / max(mean - floor, 1e-300))
    if share == 0.0:
        return floor
    at = mean - level / (rows * share) - share * variance / 2.0
    for turn in range(_STEPS):
        if at <= floor:
            return floor
        total = 0.0  # ln capital
        slope = 0.0  # over −λ
        for k in range(counts.size):
            factor = 1.0 + share * (figures[k] - at)
            total += counts[k] * np.log(factor)
            slope += counts[k] / factor
        if total >= level and (total <= _ENOUGH * level or turn >= _NEWTON):
            return at
        # Aim a little beyond the level, so that the step ends where it is reached.
        at = min(at + (total - _AIM * level) / (share * slope), mean)
    return floor


@compiled
def _collision_rest(model: Any, judge: Any, weights: Any, rows: Any, sizes: Any, level: Any) -> Any:
    counts = np.empty(model.size + 1)
    figures = np.empty(model.size + 1)
    used = 1
    missed = 0.0
    highest = 0.0
    own = 0.0
    for k in range(model.size):
        hits = model[k] / rows * weights[k]
        highest = max(highest, hits)
        own += model[k] * hits
        if hits > 0.0 and judge[k] > 0.0:
            counts[used] = judge[k]
            figures[used] = -hits
            used += 1
        else:
            missed += judge[k]
    if highest == 0.0:
        return 0.0, 0.0
    counts[0] = missed
    figures[0] = 0.0
    least = _known(counts[:used], figures[:used], -highest, sizes / highest, level)
    return own / rows, -max(-highest, least)


@compiled
def _set_probabilities(cells: Any, factors: Any, probabilities: Any) -> None:
    """Fill ``probabilities`` with p ∝ Σ (c / factor) / b, scaled to Σ b p = 1. What caps cut off goes to the others."""
    counts, multiplicities, _, groups, group_multiplicities, weights, caps = cells
    probabilities[:] = 0.0
    total = 0.0
    for k in range(counts.size):
        part = counts[k] / factors[k]
        probabilities[groups[k]] += part
        total += multiplicities[k] * part
    held = 0.0
    free = 0.0
    for g in range(probabilities.size):
        probabilities[g] /= total * weights[g]
        if probabilities[g] >= caps[g]:
            probabilities[g] = caps[g]
            held += group_multiplicities[g] * weights[g] * caps[g]
        else:
            free += group_multiplicities[g] * weights[g] * probabilities[g]
    if held > 0.0 and free > 0.0 and held < 1.0:
        for g in range(probabilities.size):
            if probabilities[g] < caps[g]:
                probabilities[g] = min(probabilities[g] * (1.0 - held) / free, caps[g])


@compiled
def _factors(offsets: Any, groups: Any, probabilities: Any, share: Any, mean: Any, factors: Any) -> None:
    for k in range(offsets.size):
        factors[k] = 1.0 + share * (-np.log(probabilities[groups[k]]) - offsets[k] - mean)


@compiled
def _least_capital(cells: Any, probabilities: Any, factors: Any, gains: Any, share: Any) -> Any:
    """Return a certified lower bound of ln capital over all distributions, and its slope over −λ.

    ln capital is convex in the probabilities where every factor is at least λ, so it lies above its tangent at
    ``probabilities``. The tangent is smallest where all weight is on the cell that gains most.
    """
    counts, multiplicities, _, groups, group_multiplicities, weights, caps = cells
    total = 0.0
    slope = 0.0
    gains[:] = 0.0
    for k in range(counts.size):
        total += multiplicities[k] * counts[k] * np.log(factors[k])
        slope += multiplicities[k] * counts[k] / factors[k]
        gains[groups[k]] += share * counts[k] / factors[k]
    most = 0.0
    for g in range(probabilities.size):
        gains[g] /= probabilities[g]
        if probabilities[g] < caps[g]:
            most = max(most, gains[g] / weights[g])
    held = 0.0
    beyond = 0.0
    for g in range(probabilities.size):
        held += group_multiplicities[g] * gains[g] * probabilities[g]
        beyond += group_multiplicities[g] * max(0.0, gains[g] - most * weights[g]) * caps[g]
    return total - (most + beyond - held), slope


@compiled
def _surprisal(cells: Any, floor: Any, enough: Any, sizes: Any, level: Any) -> Any:
    counts, multiplicities, offsets, groups, _, weights, _ = cells
    probabilities = np.empty(weights.size)
    factors = np.ones(counts.size)
    gains = np.empty(weights.size)
    _set_probabilities(cells, factors, probabilities)
    rows = 0.0
    mean = 0.0
    for k in range(counts.size):
        rows += multiplicities[k] * counts[k]
        mean += multiplicities[k] * counts[k] * (-np.log(probabilities[groups[k]]) - offsets[k])
    mean /= rows
    variance = 0.0
    for k in range(counts.size):
        variance += multiplicities[k] * counts[k] * (-np.log(probabilities[groups[k]]) - offsets[k] - mean) ** 2
    variance /= rows
    if mean <= floor:
        return floor
    share = _best_share(sizes, level, rows, variance, 1.0 / (1.0 + mean - floor))
    if share == 0.0:
        return floor
    at = mean - level / (rows * share) - share * variance / 2.0
    is_aimed = floor < enough < at
    if is_aimed:
        at = enough
    for turn in range(_STEPS):
        if at <= floor:
            return floor
        for _ in range(_DESCENTS if turn == 0 else 1):
            _factors(offsets, groups, probabilities, share, at, factors)
            _set_probabilities(cells, factors, probabilities)
        _factors(offsets, groups, probabilities, share, at, factors)
        total, slope = _least_capital(cells, probabilities, factors, gains, share)
        if total >= level and (total <= _ENOUGH * level or turn >= _NEWTON):
            return at
        if turn == 0 and total >= level and is_aimed:
            return at
        at = min(at + (total - _AIM * level) / (share * slope), mean)
    return floor
