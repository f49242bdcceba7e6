"""Distribution: the probabilities of a column's values, and the quantities that bounds need of them."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from colprofile.measures.checks import FloatArray

_RARE = 0.01
"""Values that together hold at most this share of the rows are rare."""


class Distribution:
    """The probability of each code of a column. Logarithms are natural.

    Parameters
    ----------
    shares
        float64[codes] that add up to 1; 0 for a code that does not occur.

    Examples
    --------
    >>> distribution = Distribution.of_counts([0, 3, 1])
    >>> distribution.shares.tolist(), distribution.distinct, distribution.least
    ([0.0, 0.75, 0.25], 2, 0.25)
    """

    def __init__(self, shares: FloatArray) -> None:
        self.shares = shares

    @classmethod
    def of_counts(cls, counts: ArrayLike) -> Distribution:
        """Return the distribution of counts; without rows every probability is 0."""
        rows = np.asarray(counts, np.float64)
        return cls(rows / max(1.0, float(rows.sum())))

    @cached_property
    def _occurring(self) -> FloatArray:
        return self.shares[self.shares > 0]

    @cached_property
    def surprisals(self) -> FloatArray:
        """ln(1/p) by code; infinite where p is 0."""
        with np.errstate(divide="ignore"):
            return -np.log(self.shares)

    @property
    def distinct(self) -> int:
        """How many codes occur."""
        return self._occurring.size

    @cached_property
    def least(self) -> float:
        """The smallest probability of a code that occurs."""
        return float(self._occurring.min())

    @cached_property
    def entropy(self) -> float:
        """Entropy in nats."""
        return float(-np.sum(self._occurring * np.log(self._occurring)))

    def entropy_after_dropping(self, dropped: float) -> tuple[float, float]:
        """Return bounds, in nats, of the entropy that is left when at most this share of the rows is dropped.

        They always hold. With H' the entropy that is left and a the dropped share: H <= (1 − a) H' + a ln k + h(a), as
        a mixture has at most the entropy of its parts and of the choice between them, and H >= (1 − a) H', as entropy
        is concave. Both are solved for H' at the largest a.

        >>> distribution = Distribution.of_counts([500, 500])
        >>> [round(bound, 3) for bound in distribution.entropy_after_dropping(0.01)]
        [0.637, 0.693]
        """
        highest = math.log(self.distinct) if self.distinct else 0.0
        if not 0.0 < dropped < 1.0:
            return (0.0, highest) if dropped else (self.entropy, self.entropy)
        choice = -dropped * math.log(dropped) - (1.0 - dropped) * math.log1p(-dropped)
        least = (self.entropy - dropped * highest - choice) / (1.0 - dropped)
        return max(0.0, least), min(highest, self.entropy / (1.0 - dropped))

    @cached_property
    def common(self) -> float:
        """The probability below which values are rare: together they hold at most 1 % of the rows."""
        ordered = np.sort(self._occurring)
        return float(ordered[np.searchsorted(np.cumsum(ordered), _RARE)])

    @cached_property
    def weights(self) -> FloatArray:
        """1/p by code, the weight of a collision; rare values count as if they had the probability ``common``."""
        return 1.0 / np.maximum(self.shares, self.common)
