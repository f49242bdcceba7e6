"""Models fitted on the first half of a sample and judged by the second: any gives a bound, a good one a sharp bound.

Absolute discounting (Ney, Essen & Kneser 1994): every seen count gives up the same number of rows, at most all of them,
to the values that were not seen. All logarithms are natural.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from colprofile.measures.checks import FloatArray

IndexArray = npt.NDArray[np.int64]

_DISCOUNTS = (0.05, 0.5, 0.9, 2.0, 5.0)


class JointCells(NamedTuple):
    """The joint cells of a sampled pair: codes of x and y, and rows in the first and the second half of the sample."""

    x: IndexArray
    y: IndexArray
    first: FloatArray
    second: FloatArray

    @property
    def counts(self) -> FloatArray:
        """Rows in the whole sample."""
        return self.first + self.second

    def halves(self, codes: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Return the rows in each half of every value seen, for the ``codes`` of x or of y."""
        first, second = (np.bincount(codes, part).astype(np.float64) for part in (self.first, self.second))
        is_seen = first + second > 0
        return first[is_seen], second[is_seen]

    def exchanged(self) -> JointCells:
        """Return the same cells with x and y exchanged."""
        return JointCells(self.y, self.x, self.first, self.second)


def discounted(first: FloatArray, most: float) -> tuple[FloatArray, float]:
    """Return (ln r of each given value, ln r of any other) of a model fitted on counts: Σ r is at most 1.

    ``first`` (float64[k]) is 0 for a value seen only in the second half; there are at most ``most`` distinct values.
    """
    rows = float(first.sum())
    seen = int(np.count_nonzero(first))
    others = most - seen
    if not rows:
        everywhere = -np.log(max(most, 1.0))
        return np.full(first.size, everywhere), float(everywhere)
    if others <= 0:
        return np.log(np.maximum(first, 1e-300) / rows), float("inf")
    once, twice = float((first == 1).sum()), float((first == 2).sum())
    discount = min(max((once + 0.5) / (once + 2 * twice + 1), 0.05), 0.9)
    unseen = float(np.log(discount * seen / rows / others))
    return np.where(first > 0, np.log(np.maximum(first - discount, 1e-300) / rows), unseen), unseen


class Conditional(NamedTuple):
    """A model q(y|x): ln(q/r) of each cell, where r is the model of y alone, and the smallest possible ln(q/r).

    ``gain`` is the mean of ln(q/r) over the rows that q was fitted on, each left out in turn, in nats per row.
    """

    ratios: FloatArray
    floor: float
    gain: float


def conditional(cells: JointCells, base: FloatArray) -> Conditional:
    """Return the model of y given x, fitted on the first half, that is best when each row is left out in turn.

    ``base`` (float64[cells]) is ln r(y) of each cell, r the model of y alone, with which q is mixed.
    """
    first = cells.first
    size = int(cells.x.max()) + 1
    rows_of = np.bincount(cells.x, first, size)
    rows = rows_of[cells.x]
    plain = np.exp(base)
    total = float(first.sum())
    is_seen = first > 0
    some, rest, alone = first[is_seen], rows[is_seen] - 1, plain[is_seen]
    gain, discount = -np.inf, _DISCOUNTS[0]
    for candidate in _DISCOUNTS:
        given = np.bincount(cells.x, np.minimum(first, candidate), size)[cells.x][is_seen]
        given += np.minimum(some - 1, candidate) - np.minimum(some, candidate)
        left = np.maximum(some - 1 - candidate, 0) / alone + given
        ratio = np.where(rest > 0, left / np.maximum(rest, 1), 1.0)
        found = float(np.sum(some * np.log(ratio))) / total if total else 0.0
        if found > gain:
            gain, discount = found, candidate
    given_of = np.bincount(cells.x, np.minimum(first, discount), size)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log((np.maximum(first - discount, 0) / plain + given_of[cells.x]) / rows)
        lowest = np.log(given_of[rows_of > 0] / rows_of[rows_of > 0])
    ratios = np.where(rows > 0, ratios, 0.0)
    return Conditional(ratios, min(0.0, float(lowest.min(initial=0.0))), gain)
