"""Bounds of a pair's dependence (I − E[I]) / (min(H(X), H(Y)) − E[I]) from a sample of its rows.

The dependence falls as the chance term E[I] and the smaller entropy grow, so each bound takes the less favourable end
of their ranges. E[I] lies between 0 and log2(1 + (k_x − 1)(k_y − 1)/(n − 1)) for k_x and k_y values in n rows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from colprofile.measures.bounds.betting import known_mean
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.models import JointCells
from colprofile.measures.bounds.one_sided import (
    Population,
    information_lower,
    information_lower_alone,
    information_upper,
    lowest_surprisal,
)

_LN2 = math.log(2.0)
_BELOW = 1e-8
"""A bound is below what is wanted only if it is lower by at least this: it allows for rounding."""

_INFORMATION = 0.6
"""Part of δ for the mutual information where the two entropies need the rest."""

_NEAR = 0.9
"""An entropy is estimated from the sample unless the rows without NULL certainly keep this share of it."""


class PairMarginals(NamedTuple):
    """The marginals of a pair and its number of complete rows, as known before sampling.

    Attributes
    ----------
    whole
        Least and most complete rows.
    distributions
        Each column's distribution over its own rows that are not NULL.
    are_exact
        Whether these are the marginals of the complete rows.
    slack
        No marginal of the complete rows is more than this times the distribution.
    dropped
        For each column the largest share of its own rows in which the other column may be NULL.
    """

    whole: Population
    distributions: tuple[Distribution, Distribution]
    are_exact: bool
    slack: float
    dropped: tuple[float, float]


def dependence_estimate(cells: JointCells) -> float:
    """Return a rough dependence to sort pairs by: the sample's, with Miller and Madow's correction for chance."""
    if not cells.counts.size:
        return 0.0
    counts = cells.counts
    x, y = (Distribution.of_counts(np.bincount(codes, counts)) for codes in (cells.x, cells.y))
    chance = (x.distinct - 1) * (y.distinct - 1) / (2 * float(counts.sum()))
    room = min(x.entropy, y.entropy) - chance
    return (x.entropy + y.entropy - Distribution.of_counts(counts).entropy - chance) / room if room > 0 else 0.0


def dependence_lower(cells: JointCells, known: PairMarginals, delta: float) -> float:
    """Return a lower bound of a dependence that is defined; 0 where none is known."""
    if not cells.counts.size:
        return 0.0
    if known.are_exact:
        least = information_lower(cells, known.whole, known.distributions, delta)
        smaller = min(distribution.entropy for distribution in known.distributions)
    else:
        entropies = _entropies(known)
        spent = 0.0 if entropies else (1 - _INFORMATION) * delta / 2
        least = information_lower_alone(cells, known.whole, known.distributions, delta - 2 * spent)
        smaller = min(
            (most for _, most in entropies)
            if entropies
            else (
                -known_mean(cells.counts, -distribution.surprisals[codes], math.log(distribution.least), spent)
                for distribution, codes in zip(known.distributions, (cells.x, cells.y), strict=True)
            )
        )
    chance = _most_chance(known)
    if smaller <= chance:
        return 0.0
    return max(0.0, (least - chance) / (smaller - chance))


def dependence_upper(cells: JointCells, known: PairMarginals, delta: float, wanted: float = 0.0) -> float:
    """Return an upper bound of the dependence; 1 where none is known or it would not be below ``wanted``.

    0 where the dependence is undefined: a column is constant, or unique over the pair's rows.
    """
    kinds = [distribution.distinct for distribution in known.distributions]
    if min(kinds) <= 1 or (known.are_exact and max(kinds) == known.whole.most):
        return 0.0
    if not cells.counts.size:
        return 1.0
    entropies = _entropies(known)
    if entropies:
        smaller = min(least for least, _ in entropies)
        spent = delta
    else:
        spent = _INFORMATION * delta
        smaller = math.inf
        for codes in (cells.x, cells.y):
            first, second = cells.halves(codes)
            none = np.zeros(first.size)
            bits = lowest_surprisal(first, second, none, None, None, 0.0, known.whole, (delta - spent) / 2)
            smaller = min(smaller, bits)
    if smaller <= 0:
        return 1.0
    most = information_upper(
        cells,
        known.whole,
        known.distributions,
        1.0 if known.are_exact else known.slack,
        spent,
        enough=max(0.0, wanted * (1 - 1e-6) - _BELOW) * smaller,
    )
    return min(1.0, max(0.0, most / smaller))


def _entropies(known: PairMarginals) -> list[tuple[float, float]]:
    """Return bounds of each column's entropy over the complete rows that always hold; nothing where they are wide.

    They are narrow where few rows are NULL. The choice does not depend on the sample.
    """
    found = [
        distribution.entropy_after_dropping(dropped)
        for distribution, dropped in zip(known.distributions, known.dropped, strict=True)
    ]
    is_near = all(
        least >= _NEAR * distribution.entropy
        for (least, _), distribution in zip(found, known.distributions, strict=True)
    )
    return found if is_near else []


def _most_chance(known: PairMarginals) -> float:
    kinds = [distribution.distinct - 1 for distribution in known.distributions]
    return math.log1p(float(kinds[0]) * float(kinds[1]) / max(1, known.whole.least - 1))
