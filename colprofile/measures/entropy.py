"""Entropy of one column and figures that follow from it, from counts, in bits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from colprofile.errors import ArgumentError
from colprofile.measures.checks import FloatArray, as_shares, as_truth_and_model, as_weights, bits_to, satisfies
from colprofile.measures.fingerprints import as_fingerprint


def entropy(counts: ArrayLike, *, base: float = 2) -> float | None:
    """Return the entropy of a column: the bits per row that no code for independent rows can go below.

    H = Σ (c/n) log2(n/c), n = Σ c.

    Parameters
    ----------
    counts
        Array of shape (values,): how often each value occurs, or its probability; any numeric type. Only the
        proportions matter: the counts are divided by their sum. Zeros add nothing.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        In [0, log2 values]. 0.0 for a single value. None where there is nothing to count: empty, or all
        zeros.

    Raises
    ------
    ArgumentError
        Negative, NaN or infinite counts; not a flat sequence of numbers; ``base`` not above 1.

    Notes
    -----
    Shannon (1948), "A Mathematical Theory of Communication", section 6. Every term is positive, so nothing
    cancels: log2 n − (Σ c log2 c)/n would subtract two numbers of the size of log2 n.

    Examples
    --------
    >>> entropy([1, 1])
    1.0
    >>> round(entropy([99, 1]), 4)
    0.0808
    >>> entropy([1, 1, 1, 1])
    2.0
    >>> entropy([0, 0]) is None
    True
    """
    unit = bits_to(base)
    bits = _bits(as_weights(counts))
    return None if bits is None else bits * unit


def entropy_from_fingerprint(fingerprint: tuple[ArrayLike, ArrayLike], *, base: float = 2) -> float | None:
    """Return the entropy of a column from its fingerprint: the same number as ``entropy`` of all its counts.

    H = Σ_j m_j (c_j/n) log2(n/c_j), n = Σ m_j c_j.

    Parameters
    ----------
    fingerprint
        (counts, multiplicities), as ``fingerprint()`` returns it.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        None for an empty fingerprint.

    Raises
    ------
    ArgumentError
        Not a fingerprint; ``base`` not above 1.

    Examples
    --------
    >>> entropy_from_fingerprint(([1], [4]))
    2.0
    """
    unit = bits_to(base)
    counts, many = as_fingerprint(fingerprint)
    if not counts.size:
        return None
    rows = float(counts @ many)
    return float(np.sum(many * (counts / rows) * np.log2(rows / counts))) * unit


def max_entropy(counts: ArrayLike, *, base: float = 2) -> float | None:
    """Return log2 of the number of values: the entropy if all were equally frequent.

    Returns
    -------
    float or None
        None where there is nothing to count.

    Raises
    ------
    ArgumentError
        As ``entropy``.

    Examples
    --------
    >>> max_entropy([99, 1, 0])
    1.0
    """
    unit = bits_to(base)
    distinct = int(np.count_nonzero(as_weights(counts)))
    return math.log2(distinct) * unit if distinct else None


def efficiency(counts: ArrayLike) -> float | None:
    """Return how evenly the values are spread: entropy / max_entropy, without unit.

    Returns
    -------
    float or None
        In (0, 1]; 1.0 where all values are equally frequent. None for fewer than two values, where it is 0/0.

    Raises
    ------
    ArgumentError
        As ``entropy``.

    Examples
    --------
    >>> efficiency([5, 5])
    1.0
    >>> efficiency([10, 0]) is None
    True
    """
    weights = as_weights(counts)
    distinct, bits = int(np.count_nonzero(weights)), _bits(weights)
    if distinct < 2 or bits is None:
        return None
    return min(bits / math.log2(distinct), 1.0)  # above 1 by at most a rounding of the sum


def perplexity(counts: ArrayLike) -> float | None:
    """Return the effective number of values, 2^H: the number of equally frequent values with the same entropy.

    Returns
    -------
    float or None
        At least 1. None where there is nothing to count.

    Raises
    ------
    ArgumentError
        As ``entropy``.

    Examples
    --------
    >>> perplexity([1, 1, 1, 1])
    4.0
    """
    bits = entropy(counts)
    return None if bits is None else 2.0**bits


def surprisal(p: float, *, base: float = 2) -> float | None:
    """Return the information of an event of probability ``p``: −log2 p.

    Returns
    -------
    float or None
        At least 0. None for p = 0, where it would be infinite.

    Raises
    ------
    ArgumentError
        ``p`` outside [0, 1] or not a number; ``base`` not above 1.

    Examples
    --------
    >>> surprisal(0.25)
    2.0
    """
    unit = bits_to(base)
    if not satisfies(p, lambda number: 0 <= number <= 1):
        raise ArgumentError(f"p is {p!r}: a probability is a number from 0 to 1")
    return abs(math.log2(p)) * unit if p else None


def cross_entropy(p: ArrayLike, q: ArrayLike, *, base: float = 2, smoothing: float | None = None) -> float | None:
    """Return the mean code length when data from ``p`` are coded by the model ``q``: H(P) + KL(P‖Q).

    H(P, Q) = −Σ (p/Σp) log2(q/Σq).

    Parameters
    ----------
    p, q
        Arrays of shape (cells,): counts or probabilities over the same cells, p the truth (fresh), q the
        model (stale). Each is divided by its sum.
    base
        2 for bits, ``math.e`` for nats.
    smoothing
        Rows added to every cell of q, as in ``kl_divergence``; None adds none.

    Returns
    -------
    float or None
        None where p or q is empty, and where q = 0 in a cell where p is not, which makes it infinite. Use
        ``smoothing``, or see ``unseen_mass``.

    Raises
    ------
    ArgumentError
        As ``entropy``, or p and q of different lengths, or ``smoothing`` not above 0.

    Examples
    --------
    >>> cross_entropy([1, 1], [1, 3]) == 0.5 * 2 + 0.5 * math.log2(4 / 3)
    True
    >>> cross_entropy([1, 1], [1, 0]) is None
    True
    """
    unit = bits_to(base)
    shares = as_truth_and_model(p, q, smoothing)
    return None if shares is None else _cross_bits(*shares) * unit


def _bits(weights: FloatArray) -> float | None:
    shares = as_shares(weights)
    return None if shares is None else _cross_bits(shares, shares)


def _cross_bits(p: FloatArray, q: FloatArray) -> float:
    present = p > 0
    return float(np.sum(p[present] * np.log2(1 / q[present])))
