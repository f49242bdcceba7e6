"""Bounds of a pair's dependence (I − E[I]) / (min(H(X), H(Y)) − E[I]) from a sample of its rows.

The dependence falls as chance E[I] grows and as the smaller entropy grows, so each side takes the end of their ranges
that is worse for it. Chance lies between 0 and log2(1 + (k_x − 1)(k_y − 1)/(n − 1)) for k_x and k_y values in n rows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from colprofile.measures.bounds.betting import known_mean
from colprofile.measures.bounds.distributions import Law
from colprofile.measures.bounds.models import Cells, seen_entropies
from colprofile.measures.bounds.sides import (
    Population,
    information_lower,
    information_lower_alone,
    information_upper,
    lowest_surprisal,
)

_LN2 = math.log(2.0)
_BELOW = 1e-8
"""How far below what is wanted a bound has to be, at least, to be surely below it."""

_INFORMATION = 0.6
"""Part of δ for the mutual information where the two entropies need the rest."""


_NEAR = 0.9
"""What NULLs leave of an entropy, at the least, for it not to be asked of the sample."""


class Range(NamedTuple):
    """What is known of a pair before it is sampled.

    Attributes
    ----------
    whole
        Least and most complete rows.
    laws
        Each column's probabilities by code over its own rows that are not NULL.
    are_exact
        Whether these are the marginals of the complete rows.
    slack
        No marginal of the complete rows is more than this times the law.
    dropped
        The largest share of each column's own rows that may not be complete, because the other column is NULL.
    """

    whole: Population
    laws: tuple[Law, Law]
    are_exact: bool
    slack: float
    dropped: tuple[float, float]


def dependence_estimate(cells: Cells) -> float:
    """Return a rough dependence to sort pairs by: the sample's, corrected for chance after Miller & Madow."""
    if not cells.counts.size:
        return 0.0
    seen = seen_entropies(cells)
    chance = (seen.kinds_x - 1) * (seen.kinds_y - 1) / (2 * seen.rows)
    room = min(seen.x, seen.y) - chance
    return (seen.x + seen.y - seen.joint - chance) / room if room > 0 else 0.0


def dependence_lower(cells: Cells, known: Range, delta: float) -> float:
    """Return a lower bound of a dependence that is defined; 0 where none is known."""
    if not cells.counts.size:
        return 0.0
    if known.are_exact:
        least = information_lower(cells, known.whole, known.laws, delta)
        smaller = min(law.entropy for law in known.laws)
    else:
        entropies = _entropies(known)
        spent = 0.0 if entropies else (1 - _INFORMATION) * delta / 2
        least = information_lower_alone(cells, known.whole, known.laws, delta - 2 * spent)
        smaller = min(
            (most for _, most in entropies)
            if entropies
            else (
                -known_mean(cells.counts, -law.surprisals[codes], math.log(law.least), spent)
                for law, codes in zip(known.laws, (cells.x, cells.y), strict=True)
            )
        )
    chance = _most_chance(known)
    if smaller <= chance:
        return 0.0
    return max(0.0, (least - chance) / (smaller - chance))


def dependence_upper(cells: Cells, known: Range, delta: float, wanted: float = 0.0) -> float:
    """Return an upper bound of the dependence; 1 where none is known, or where it would not be below ``wanted``.

    0 where the marginals tell that it is undefined: a column is constant, or unique over the pair's rows.
    """
    kinds = [law.kinds for law in known.laws]
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
            first, second = (np.bincount(codes, part).astype(np.float64) for part in (cells.first, cells.second))
            seen = first + second > 0
            bits = lowest_surprisal(
                first[seen], second[seen], np.zeros(int(seen.sum())), None, None, 0.0, known.whole, (delta - spent) / 2
            )
            smaller = min(smaller, bits)
    if smaller <= 0:
        return 1.0
    most = information_upper(
        cells,
        known.whole,
        known.laws,
        1.0 if known.are_exact else known.slack,
        spent,
        enough=max(0.0, wanted * (1 - 1e-6) - _BELOW) * smaller,
    )
    return min(1.0, max(0.0, most / smaller))


def _entropies(known: Range) -> list[tuple[float, float]]:
    """Return between which entropies each column of the complete rows lies, for certain; none where that says little.

    What NULLs leave out may be known well enough from how few they are. Whether it is depends on nothing sampled.
    """
    found = [law.entropy_of_others(dropped) for law, dropped in zip(known.laws, known.dropped, strict=True)]
    is_near = all(least >= _NEAR * law.entropy for (least, _), law in zip(found, known.laws, strict=True))
    return found if is_near else []


def _most_chance(known: Range) -> float:
    kinds = [law.kinds - 1 for law in known.laws]
    return math.log1p(float(kinds[0]) * float(kinds[1]) / max(1, known.whole.least - 1))
