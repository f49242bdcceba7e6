"""Upper bounds of a pair's dependence from a sample of its rows.

Dependence is the largest figure that any resolution shows (``measures.resolutions``). Resolutions come in families: a
table, and what is folded from it. Folding never adds information, so an upper bound of the mutual information of the
finest table serves its whole family, and one of the columns' own values serves all families. What a family shows at
most follows from its excess over chance, which at own values is known where the marginals are. ``docs/bounds.md`` has
the proofs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.models import JointCells
from colprofile.measures.bounds.one_sided import Population, information_upper, lowest_surprisal
from colprofile.measures.chance import expected_bits
from colprofile.measures.cuts import FINEST
from colprofile.measures.resolutions import coefficient

_LN2 = math.log(2.0)
_BELOW = 1e-8
"""A bound is below what is wanted only if it is lower by at least this: it allows for rounding."""

_ROUNDING = 1e-9
"""Bits by which a computed excess over chance may be too small."""

_INFORMATION = 0.6
"""Part of δ for the mutual information where the two entropies need the rest."""

_NEAR = 0.9
"""An entropy is estimated from the sample unless the rows without NULL certainly keep this share of it."""

_FEW_CELLS = FINEST * FINEST
"""With at most so many pairs of own values the bound of their information serves all families."""


class PairMarginals(NamedTuple):
    """The marginals of a pair and its number of complete rows, as known before sampling.

    Attributes
    ----------
    whole
        Least and most complete rows.
    distributions
        Each column's distribution over its own rows that are not NULL.
    filled
        How many these are.
    are_exact
        Whether these are the marginals of the complete rows.
    slack
        No marginal of the complete rows is more than this times the distribution.
    dropped
        For each column the largest share of its own rows in which the other column may be NULL.
    """

    whole: Population
    distributions: tuple[Distribution, Distribution]
    filled: tuple[int, int]
    are_exact: bool
    slack: float
    dropped: tuple[float, float]

    @classmethod
    def of(
        cls, rows: int, nulls: tuple[int, int], distributions: tuple[Distribution, Distribution], seen: int
    ) -> PairMarginals:
        """Return what the columns' own counts tell of a pair of which ``seen`` sampled rows are complete."""
        missing = min(rows, sum(nulls))
        least = max(rows - missing, seen)
        filled = rows - nulls[0], rows - nulls[1]
        dropped = min(1.0, nulls[1] / max(1, filled[0])), min(1.0, nulls[0] / max(1, filled[1]))
        return cls(
            Population(least, rows - max(nulls)),
            distributions,
            filled,
            not missing,
            max(filled) / max(1, least),
            dropped,
        )

    @property
    def has_key(self) -> bool:
        """Whether a column has no value twice, so that own values share with any other what chance does."""
        return any(
            distribution.distinct == rows for distribution, rows in zip(self.distributions, self.filled, strict=True)
        )


class SampledTable(NamedTuple):
    """The finest table of a family of resolutions.

    Attributes
    ----------
    cells
        Returns the sample's joint cells: they are counted only if they are needed.
    known
        Its marginals.
    is_scaled
        Whether both columns are cut.
    """

    cells: Callable[[], JointCells]
    known: PairMarginals
    is_scaled: bool = False


def dependence_upper(own: SampledTable, cuts: Sequence[SampledTable], delta: float, wanted: float = 0.0) -> float:
    """Return an upper bound of the dependence, with probability at least 1 − δ.

    Parameters
    ----------
    own
        The columns as they are.
    cuts
        The families with columns cut that dependence looks at.
    wanted
        A bound below this is not improved, and one that cannot fall below it is not pursued.

    Returns
    -------
    float
        In [0, 1]; 0 where the dependence is undefined or certainly 0 by the marginals alone.
    """
    known = own.known
    if min(distribution.distinct for distribution in known.distributions) <= 1:
        return 0.0
    if known.has_key and not cuts:
        return 0.0
    cells = own.cells()
    if not cells.counts.size:
        return 1.0
    smaller, delta = _least_smaller(cells, known, delta)
    if smaller <= 0.0:
        return 1.0
    target = max(0.0, wanted * (1 - 1e-6) - _BELOW)
    shared = _most_shared(known)
    is_small = math.prod(distribution.distinct for distribution in known.distributions) <= _FEW_CELLS
    part = delta / (1 if is_small and not known.has_key else len(cuts) + (not known.has_key))
    bounds = [0.0]
    if not known.has_key:
        chance = _least_chance(known) - _ROUNDING
        enough = bits_at(target, smaller, False) + chance
        for_all = min((bits_at(target, smaller, cut.is_scaled) for cut in cuts), default=math.inf)
        if _strongest(shared - chance, smaller) >= target or is_small:
            if for_all > chance or is_small:
                enough = min(enough, for_all)
            shared = min(shared, _information(cells, known, part, enough))
        bounds = [_strongest(shared - chance, smaller)]
    bounds += [_strongest(min(shared, _most_shared(cut.known)), smaller, cut.is_scaled) for cut in cuts]
    if is_small and not known.has_key:
        return max(bounds)
    for place, cut in enumerate(cuts, 1):
        if 0.0 < target < max(bounds[:place]) - _BELOW / 2:
            break
        if bounds[place] >= target:
            enough = bits_at(target, smaller, cut.is_scaled)
            found = _information(cut.cells(), cut.known, part, enough)
            bounds[place] = min(bounds[place], _strongest(found, smaller, cut.is_scaled))
    return max(bounds)


def bits_at(strength: float, smaller: float, is_scaled: bool) -> float:
    """Return the excess over chance, in bits, that shows a dependence: the inverse of ``coefficient``.

    >>> bits_at(0.5, 2.0, False), round(float(coefficient(bits_at(0.5, 2.0, True), 2.0, True)), 12)
    (0.5, 0.5)
    """
    if not is_scaled or strength >= 1.0:
        return min(1.0, strength * strength) * smaller
    # λ(I)/λ(m) is at least √(I/m), as λ² is concave.
    return -0.5 * math.log1p(strength * strength * math.expm1(-2.0 * _LN2 * smaller)) / _LN2


def _strongest(excess: float, smaller: float, is_scaled: bool = False) -> float:
    return float(coefficient(excess, smaller, is_scaled))


def _information(cells: JointCells, known: PairMarginals, delta: float, enough: float) -> float:
    """Return an upper bound of a table's mutual information in bits."""
    slack = 1.0 if known.are_exact else known.slack
    return information_upper(cells, known.whole, known.distributions, slack, delta, enough=enough * _LN2) / _LN2


def _least_smaller(cells: JointCells, known: PairMarginals, delta: float) -> tuple[float, float]:
    """Return a lower bound in bits of the smaller entropy of own values, and what it leaves of δ."""
    entropies = _entropies(known)
    if entropies:
        return min(least for least, _ in entropies) / _LN2, delta
    left = _INFORMATION * delta
    smaller = math.inf
    for codes in (cells.x, cells.y):
        first, second = cells.halves(codes)
        none = np.zeros(first.size)
        smaller = min(smaller, lowest_surprisal(first, second, none, None, None, 0.0, known.whole, (delta - left) / 2))
    return smaller / _LN2, left


def _entropies(known: PairMarginals) -> list[tuple[float, float]]:
    """Return bounds of each column's entropy over the complete rows that always hold; nothing where they are wide.

    They are narrow where few rows are NULL. The choice does not depend on the sample.
    """
    found = _entropies_left(known)
    is_near = all(
        least >= _NEAR * distribution.entropy
        for (least, _), distribution in zip(found, known.distributions, strict=True)
    )
    return found if is_near else []


def _entropies_left(known: PairMarginals) -> list[tuple[float, float]]:
    return [
        distribution.entropy_after_dropping(dropped)
        for distribution, dropped in zip(known.distributions, known.dropped, strict=True)
    ]


def _most_shared(known: PairMarginals) -> float:
    """Return the most bits that two columns can share: the smaller entropy's upper bound."""
    return min(most for _, most in _entropies_left(known)) / _LN2


def _least_chance(known: PairMarginals) -> float:
    """Return a lower bound of E[I] in bits, exact where the marginals are.

    Elsewhere I >= H(X) + H(Y) − log2 n of any table of n rows, so of every permuted one.
    """
    if known.are_exact:
        rows = known.whole.most
        x, y = (np.rint(distribution.shares * rows).astype(np.int64) for distribution in known.distributions)
        return float(expected_bits(x, y, False))
    entropies = sum(least for least, _ in _entropies_left(known))
    return max(0.0, entropies - math.log(max(1, known.whole.most))) / _LN2
