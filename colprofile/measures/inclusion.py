"""How improbable it is by chance that the values of a column are among those of another."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_SUMMED = 32
"""Up to so many factors are added one by one."""

_TERMS = 256
"""Of many numbers of orphans, so many are added: the largest, which have all but a little of the probability."""


def inclusion_bits(domain: float, target: float, values: int, orphans: int = 0) -> float:
    """Return −log2 of the probability that at most some of a column's values are not among the target's.

    If the n values were drawn without replacement from a domain of D, of which the target has m, the number of those
    that it has would be hypergeometric: P(at most k orphans) = Σ_{j ≤ k} C(m, n−j) · C(D−m, j) / C(D, n). Without
    orphans the bits are log2 C(D, n) − log2 C(m, n). They are 0 where the target has the whole domain, such as a column
    of the numbers 1 … m and values up to m.

    Parameters
    ----------
    domain
        D: how many values the column could hold. At least as many as it has, and as the target has.
    target
        m: how many of them the target has.
    values, orphans
        n and k: the column's different values, and how many of them the target lacks.

    Examples
    --------
    >>> inclusion_bits(100, 100, 7), round(inclusion_bits(1000, 10, 1), 3), inclusion_bits(16, 8, 1, 1)
    (0.0, 6.644, 0.0)
    """
    if not values or orphans >= values:
        return 0.0
    target = max(target, values - orphans)
    domain = max(domain, target, target + orphans)
    rest = domain - target
    first = max(0, orphans - _TERMS + 1)
    terms = [
        _log2_choose(target, values - j) + _log2_choose(rest, j)
        for j in range(first, orphans + 1)
        if j <= rest and values - j <= target
    ]
    most = max(terms, default=-math.inf)
    if most == -math.inf:
        return 0.0
    total = most + math.log2(sum(2.0 ** (term - most) for term in terms))
    return max(0.0, _log2_choose(domain, values) - total)


def gap_bits(target: float, reach: float, values: int) -> float:
    """Return −log2 of the probability that values drawn from a target of m in order all lie among its first r.

    Of n values drawn without replacement it is C(r, n) / C(m, n): small where a column such as a quantity holds the
    smallest keys alone, although it is said to refer to all of them.

    >>> gap_bits(8, 8, 3), round(gap_bits(275, 10, 10)), round(gap_bits(8, 5, 3), 3)
    (0.0, 59, 2.485)
    """
    reach = max(reach, values)
    return max(0.0, _log2_choose(max(target, reach), values) - _log2_choose(reach, values)) if values else 0.0


def _log2_choose(n: float, k: int) -> float:
    """Return log2 of n choose k, for n up to 2^1000 without loss of digits."""
    if k > n:
        return -math.inf
    if k <= _SUMMED:
        return sum(math.log2((n - i) / (k - i)) for i in range(k))
    if n > 1e9 * k:  # the factors hardly differ
        return k * math.log2(n) - math.lgamma(k + 1) / math.log(2)
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)


def exact_inclusion_bits(
    domains: npt.NDArray[np.float64], targets: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return ``inclusion_bits`` without orphans for many columns at once, to about nine digits.

    >>> exact_inclusion_bits(np.array([1000.0, 50]), np.array([10.0, 50]), np.array([1.0, 7])).round(3).tolist()
    [6.644, 0.0]
    """
    targets = np.maximum(targets, values)
    domains = np.maximum(domains, targets)
    return np.maximum(0.0, _log2_falling(domains, values) - _log2_falling(targets, values))


def _log2_falling(n: npt.NDArray[np.float64], k: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return log2 of n · (n − 1) … (n − k + 1)."""
    from scipy.special import gammaln

    is_large = n > 1e6 * np.maximum(k, 1.0)
    few = np.where(is_large, k, n)
    falling = np.where(is_large, k * np.log(n) - k * (k - 1) / (2 * n), gammaln(few + 1) - gammaln(few - k + 1))
    found: npt.NDArray[np.float64] = falling / math.log(2)
    return found
