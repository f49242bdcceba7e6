"""One-sided bounds from a sample's two halves, in nats, from which ``bounds`` makes intervals.

The first half proposes a model or weights, the second judges them; where nothing has to be proposed the whole sample
judges. Each function spends the δ that it is given. ``docs/bounds.md`` has the theorems under the names used here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from colprofile.measures.bounds.betting import collision_rest, known_mean, surprisal_mean
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.models import IndexArray, JointCells, conditional, discounted
from colprofile.measures.checks import FloatArray

_COLLISIONS = 0.4
"""Part of δ for the two collision means where they are used."""

_MIXTURES = (0.03, 0.3, 1.0, 0.0)
"""Weights of the constraint Σ p <= 1 in its mixture with the collision constraint; trying several costs no δ."""


class Population(NamedTuple):
    """The least and the most rows that the population may have; equal where their number is known."""

    least: int
    most: int


def population_of(seen: int, sampled: int, rows: int, delta: float) -> Population:
    """Return how many of all rows are like the ``seen`` ones of a sample, with probability at least 1 − δ.

    Chernoff's bound: a share p is rejected where M·kl(seen/M ‖ p) > ln(2/δ).
    """
    level = math.log(2.0 / delta) / max(sampled, 1)
    share = seen / max(sampled, 1)
    ends = []
    for outer in (0.0, 1.0):
        inner = share
        for _ in range(40):
            middle = (inner + outer) / 2
            if _divergence(share, middle) > level:
                outer = middle
            else:
                inner = middle
        ends.append(outer)
    least = max(seen, math.floor(ends[0] * rows))
    return Population(least, max(least, min(rows - (sampled - seen), math.ceil(ends[1] * rows))))


def _divergence(p: float, q: float) -> float:
    """Return KL(p‖q) of two Bernoulli distributions in nats."""
    terms = ((p, q), (1 - p, 1 - q))
    return sum(0.0 if not a else math.inf if b <= 0 else a * math.log(a / b) for a, b in terms)


def with_first(first_mean: float, rest_mean: float, first_rows: float, whole: Population) -> float:
    """Return the lowest mean of a population whose first rows are known and whose other rows have ``rest_mean``."""
    return min(
        (first_rows * first_mean + (rows - first_rows) * rest_mean) / rows
        for rows in (max(whole.least, first_rows, 1), max(whole.most, first_rows, 1))
    )


def lowest_surprisal(
    first: FloatArray,
    second: FloatArray,
    offsets: FloatArray,
    weights: FloatArray | None,
    caps: FloatArray | None,
    floor: float,
    whole: Population,
    delta: float,
    enough: float = math.inf,
) -> float:
    """Return a lower bound of E[ln(1/p) − offset], p the unknown distribution of the cells (theorems 2 and 3).

    Parameters
    ----------
    weights
        float64[cells]: the weight of a collision in a cell; exp(offset) by default.
    caps, floor, enough
        As for ``surprisal_mean``.
    """
    counts = first + second
    weights = np.exp(offsets) if weights is None else weights
    limit = collision_mean(first, second, weights, whole, _COLLISIONS * delta)
    with np.errstate(over="ignore"):
        collisions = counts / counts.sum() * weights / limit
    many: FloatArray | None = None
    if caps is None and not offsets.any() and counts.size > 64:
        # Cells of equal counts are alike: the fingerprint is enough.
        counts, index, kinds = np.unique(counts, return_index=True, return_counts=True)
        many, offsets, collisions = kinds.astype(np.float64), offsets[index], collisions[index]
    best = floor
    for share in _MIXTURES:
        constraint = share + (1 - share) * collisions
        if not np.isfinite(constraint).all() or constraint.min() <= 0:
            continue
        found = surprisal_mean(
            counts,
            offsets,
            floor,
            (1 - _COLLISIONS) * delta,
            multiplicities=many,
            weights=constraint,
            caps=caps,
            enough=enough,
        )
        best = max(best, found)
        if best >= enough:
            break
    return best


def collision_mean(
    first: FloatArray, second: FloatArray, weights: FloatArray, whole: Population, delta: float
) -> float:
    """Return an upper bound of Σ p w c/M, the weighted chance that a row is in a sampled row's cell (lemma 2)."""
    ones = float(first.sum())
    others = float(second.sum())
    if not ones or not others:
        return math.inf
    limit = 0.0
    for model, judge, rows in ((first, second, ones), (second, first, others)):
        own, rest = collision_rest(model, judge, weights, rows, delta / 2)
        limit -= rows / (ones + others) * with_first(-own, -rest, rows, whole)
    return limit


def code_length(
    first: FloatArray,
    second: FloatArray,
    whole: Population,
    most: float,
    delta: float,
    offsets: FloatArray | None = None,
) -> float:
    """Return an upper bound of H, or of H − E[ln(1/q)] = −KL(P‖Q) with offsets ln q (theorem 1).

    H <= E[ln 1/r] for any code r. It is fitted on the first half and judged on the second.
    """
    model, unseen = discounted(first, most)
    rows = float(first.sum())
    lowest = float(np.min(model, initial=unseen))
    figures, floor = (model, lowest) if offsets is None else (model - offsets, min(0.0, lowest - float(offsets.max())))
    rest = known_mean(second, figures, floor, delta)
    return -with_first(float(np.sum(first * figures)) / rows if rows else 0.0, rest, rows, whole)


def information_lower(
    cells: JointCells, whole: Population, distributions: tuple[Distribution, Distribution], delta: float
) -> float:
    """Return a lower bound of I from exact marginals: E[ln q(y|x)/p(y)] <= I for any q (Barber & Agakov 2003)."""
    directions = (cells, distributions[1]), (cells.exchanged(), distributions[0])
    models = [conditional(turned, -distribution.surprisals[turned.y]) for turned, distribution in directions]
    chosen = max(models, key=lambda model: model.gain)
    if chosen.gain <= 0:
        return 0.0
    rows = float(cells.first.sum())
    rest = known_mean(cells.second, chosen.ratios, chosen.floor, delta)
    return with_first(float(np.sum(cells.first * chosen.ratios)) / rows if rows else 0.0, rest, rows, whole)


def information_lower_alone(
    cells: JointCells, whole: Population, models: tuple[Distribution, Distribution] | None, delta: float
) -> float:
    """Return a lower bound of I with unknown marginals: E[ln q(y|x) + ln 1/p(y)] for the worst p (theorem 4)."""
    directions = []
    for turned, side in ((cells, 1), (cells.exchanged(), 0)):
        if models is not None:
            base, lowest = -models[side].surprisals[turned.y], math.log(models[side].least)
        else:
            base, lowest = _base(turned.y, turned.first, whole)
        directions.append((conditional(turned, base), turned, base, lowest))
    model, turned, base, lowest = max(directions, key=lambda direction: direction[0].gain)
    rows = float(turned.first.sum())
    if model.gain <= 0 or not rows:
        return 0.0
    lengths = model.ratios + base  # ln q(y|x)
    floor = model.floor + lowest
    judged = turned.second > 0
    _, groups = np.unique(turned.y[judged], return_inverse=True)
    rest = surprisal_mean(turned.second[judged], -lengths[judged], floor, delta, groups=groups.astype(np.int64))
    by_y = np.bincount(turned.y, turned.first)
    some = by_y[by_y > 0] / rows
    own = float(np.sum(turned.first * lengths)) / rows - float(np.sum(some * np.log(some)))
    return with_first(own, rest, rows, whole)


def information_upper(
    cells: JointCells,
    whole: Population,
    distributions: tuple[Distribution, Distribution],
    slack: float,
    delta: float,
    enough: float = -math.inf,
) -> float:
    """Return an upper bound of I <= E[ln p(x,y)/(r(x) r(y))] for r fixed before the sample was drawn (theorem 5).

    A bound that is as low as ``enough`` need not be improved.
    """
    x, y = distributions
    return -lowest_surprisal(
        cells.first,
        cells.second,
        x.surprisals[cells.x] + y.surprisals[cells.y],
        x.weights[cells.x] * y.weights[cells.y],
        np.minimum(1.0, slack * np.minimum(x.shares[cells.x], y.shares[cells.y])),
        math.log(max(x.least, y.least)) - math.log(slack),
        whole,
        delta,
        -enough,
    )


def information_upper_alone(cells: JointCells, whole: Population, delta: float, seed: int) -> float:
    """Return an upper bound of I with unknown marginals: models from the first half, judged by the second."""
    rows = float(cells.first.sum())
    base_x, low_x = _base(cells.x, cells.first, whole)
    base_y, low_y = _base(cells.y, cells.first, whole)
    offsets = -base_x - base_y
    judged = cells.second > 0
    if not rows or not judged.any():
        return math.inf
    rng = np.random.default_rng([seed, 1])
    rest = cells.second[judged].astype(np.int64)
    third = rng.multivariate_hypergeometric(rest, int(rest.sum()) // 2, method="marginals").astype(np.float64)
    remaining = Population(max(0, whole.least - int(rows)), whole.most - int(rows))
    found = lowest_surprisal(third, rest - third, offsets[judged], None, None, low_x + low_y, remaining, delta)
    share = cells.first[cells.first > 0] / rows
    own = -float(np.sum(share * np.log(share))) - float(np.sum(cells.first * offsets)) / rows
    return -with_first(own, found, rows, whole)


def _base(codes: IndexArray, first: FloatArray, whole: Population) -> tuple[FloatArray, float]:
    """Return ln r of each cell's value, for a model of the column fitted on the first half, and the smallest ln r."""
    counts = np.bincount(codes, first)
    kinds = np.bincount(codes) > 0
    model, unseen = discounted(np.where(kinds, counts, 0.0), float(np.count_nonzero(counts) + whole.most - first.sum()))
    return model[codes], float(min(model[kinds].min(), unseen))
