"""Divergence of two distributions over the same cells: p the truth (fresh), q the model (stale)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from colprofile.errors import ArgumentError
from colprofile.measures.checks import FloatArray, as_paired, as_shares, as_smoothing, as_truth_and_model, bits_to


def kl_divergence(p: ArrayLike, q: ArrayLike, *, base: float = 2, smoothing: float | None = None) -> float | None:
    """Return how wrong the model ``q`` is about data from ``p``: KL(P‖Q) in bits per row.

    KL = Σ P log2(P/Q), with P = p/Σp and Q = q/Σq. It is the mean log2 of (true rows / estimated rows) for
    equality predicates drawn from the data, so 2^KL is the geometric mean of the underestimate.

    Parameters
    ----------
    p, q
        Arrays of shape (cells,): counts or probabilities over the same cells, in the same order. p is the
        truth (fresh), q the model (stale). Each is divided by its sum.
    base
        2 for bits, ``math.e`` for nats.
    smoothing
        Rows added to every cell of q, and to q alone: 0.5 is the Jeffreys prior's posterior mean, (q + ½)/(Σq
        + k/2) for k cells. p is what was seen and stays as it is. The number means rows, so q should be
        counts. It is always applied if given, so KL of equal counts is then small rather than 0.

    Returns
    -------
    float or None
        At least 0. None where p or q is empty or all zeros, and where q has no support without smoothing: q =
        0 in a cell where p is not, which makes it infinite. Use ``smoothing``, or ``unseen_mass`` for that
        share of p. Cells where both are 0 add nothing (but count as cells for smoothing).

    Raises
    ------
    ArgumentError
        p and q of different lengths; negative, NaN or infinite numbers; ``smoothing`` not above 0; ``base``
        not above 1.

    Notes
    -----
    Kullback & Leibler (1951). Smoothing: Krichevsky & Trofimov (1981), the posterior mean under Jeffreys'
    prior.

    Examples
    --------
    >>> round(kl_divergence([0.5, 0.5], [0.9, 0.1], base=math.e), 4)
    0.5108
    >>> round(kl_divergence([0.9, 0.1], [0.5, 0.5], base=math.e), 4)
    0.3681
    >>> kl_divergence([1, 1], [1, 0]) is None
    True
    >>> round(kl_divergence([1, 1], [1, 0], smoothing=0.5), 4)
    0.2075
    """
    unit = bits_to(base)
    shares = as_truth_and_model(p, q, smoothing)
    return None if shares is None else _kl_bits(*shares) * unit


def js_divergence(p: ArrayLike, q: ArrayLike, *, base: float = 2) -> float | None:
    """Return the Jensen-Shannon divergence: how far two distributions are from their average.

    Symmetric, and finite whatever the support.

    JS = ½ KL(P‖M) + ½ KL(Q‖M), M = (P + Q)/2, with P = p/Σp and Q = q/Σq. (Its square root is a distance,
    which scipy's ``jensenshannon`` returns.)

    Parameters
    ----------
    p, q
        Arrays of shape (cells,): counts or probabilities over the same cells. Each is divided by its sum.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        In [0, 1] bits: 0 for equal distributions, 1 where no cell is shared. None where p or q is empty or
        all zeros.

    Raises
    ------
    ArgumentError
        As ``kl_divergence``.

    Notes
    -----
    Lin (1991), "Divergence Measures Based on the Shannon Entropy", equation 4.1 with equal weights.

    Examples
    --------
    >>> js_divergence([1, 0], [0, 1])
    1.0
    >>> js_divergence([1, 3], [10, 30])
    0.0
    """
    unit = bits_to(base)
    shares_p, shares_q = (as_shares(side) for side in as_paired(p, q))
    if shares_p is None or shares_q is None:
        return None
    middle = (shares_p + shares_q) / 2
    bits = (_kl_bits(shares_p, middle) + _kl_bits(shares_q, middle)) / 2
    return min(bits, 1.0) * unit  # above 1 by at most a rounding of the sum


def psi(p: ArrayLike, q: ArrayLike, *, base: float = math.e, smoothing: float | None = None) -> float | None:
    """Return the population stability index: KL(P‖Q) + KL(Q‖P), in nats as its field defines it.

    PSI = Σ (P − Q) ln(P/Q), with P = p/Σp and Q = q/Σq. The field's rule of thumb: below 0.1 stable, above
    0.25 shifted. It is the one measure here whose unit is not bits: those thresholds are for natural
    logarithms.

    Parameters
    ----------
    p, q
        Arrays of shape (cells,): counts or probabilities over the same cells, fresh and stale. Each is
        divided by its sum. Swapping them changes nothing.
    base
        ``math.e`` for the usual index, 2 for bits.
    smoothing
        Rows added to every cell of both, since each is the other's model here; 0.5 for Jeffreys' prior.

    Returns
    -------
    float or None
        At least 0. None where p or q is empty or all zeros, and, without smoothing, where just one of them is
        0 in some cell, which makes it infinite.

    Raises
    ------
    ArgumentError
        As ``kl_divergence``.

    Notes
    -----
    Jeffreys (1946); as stability index Siddiqi (2006), "Credit Risk Scorecards".

    Examples
    --------
    >>> round(psi([50, 50], [90, 10]), 4)
    0.8789
    >>> psi([1, 1], [2, 0]) is None
    True
    """
    unit = bits_to(base)
    added = as_smoothing(smoothing)
    shares_p, shares_q = (as_shares(side + added) for side in as_paired(p, q))
    if shares_p is None or shares_q is None or bool(np.any((shares_p > 0) != (shares_q > 0))):
        return None
    present = shares_p > 0
    fresh, stale = shares_p[present], shares_q[present]
    return float(np.sum((fresh - stale) * np.log2(fresh / stale))) * unit  # no term is negative


def unseen_mass(p: ArrayLike, q: ArrayLike) -> float | None:
    """Return the share of ``p`` in cells where ``q`` is 0: fresh rows with values never seen before.

    Returns
    -------
    float or None
        In [0, 1]; 1.0 where q is all zeros. None where p is empty or all zeros.

    Raises
    ------
    ArgumentError
        As ``kl_divergence``.

    Examples
    --------
    >>> unseen_mass([6, 3, 1], [5, 0, 0])
    0.4
    """
    return _mass_outside(*as_paired(p, q))


def vanished_mass(p: ArrayLike, q: ArrayLike) -> float | None:
    """Return the share of ``q`` in cells where ``p`` is 0: stale rows with values that have disappeared.

    Returns
    -------
    float or None
        In [0, 1]; 1.0 where p is all zeros. None where q is empty or all zeros.

    Raises
    ------
    ArgumentError
        As ``kl_divergence``.

    Examples
    --------
    >>> vanished_mass([6, 0], [3, 1])
    0.25
    """
    truth, model = as_paired(p, q)
    return _mass_outside(model, truth)


def kl_noise_floor(bins: int, fresh_rows: int, stale_rows: int | None = None) -> float | None:
    """Return the KL that sampling alone is expected to show between two samples of one distribution, in bits.

    (k − 1)/(2 n ln 2) for each side that is a sample, added up.

    Parameters
    ----------
    bins
        k, cells with support.
    fresh_rows, stale_rows
        Rows of each sample. ``stale_rows=None`` where the stale side is the truth itself, not a sample.

    Returns
    -------
    float or None
        0.0 for one bin. None without a bin, or without rows on a side.

    Raises
    ------
    ArgumentError
        A negative number.

    Notes
    -----
    The mean of χ² with k − 1 degrees (``g_test``), divided by 2 n ln 2. First order in 1/n: where cells hold
    few rows, sampling shows less than this.

    Examples
    --------
    >>> round(kl_noise_floor(11, 1000), 6)
    0.007213
    >>> kl_noise_floor(11, 1000, 1000) == 2 * kl_noise_floor(11, 1000)
    True
    """
    sides = [fresh_rows] if stale_rows is None else [fresh_rows, stale_rows]
    if bins < 0 or min(sides) < 0:
        raise ArgumentError(f"bins {bins!r} and rows {sides!r}: give numbers of at least 0")
    if bins == 0 or min(sides) == 0:
        return None
    return (bins - 1) / (2 * math.log(2)) * sum(1 / rows for rows in sides)


class GTest(NamedTuple):
    """A G-test's outcome.

    Attributes
    ----------
    statistic
        G = 2 Σ observed · ln(observed/expected). None where it is infinite: p occurs where the model has no
        support.
    degrees_of_freedom
        Cells with support, less one.
    p_value
        Probability of a G at least this large if both came from one distribution.
    """

    statistic: float | None
    degrees_of_freedom: int
    p_value: float

    @classmethod
    def of(cls, statistic: float, cells: int) -> GTest:
        """Return the outcome of a statistic over cells with support, which has a χ² distribution."""
        from scipy.special import chdtrc

        return cls(statistic, cells - 1, float(chdtrc(cells - 1, statistic)) if cells > 1 else 1.0)


def g_test(p: ArrayLike, q: ArrayLike, *, is_model_sampled: bool = False) -> GTest | None:
    """Return whether fresh counts could be a sample of the stale distribution: the likelihood-ratio test.

    With q the true distribution, G = 2 n ln 2 · KL(P‖Q), χ² with k − 1 degrees, n = Σp. With q a sample too
    (``is_model_sampled``), G is of the 2 × k table of both, which gives each side its own noise.

    Parameters
    ----------
    p
        Array of shape (cells,): fresh counts of rows (not probabilities: the number of rows is the evidence).
    q
        Array of shape (cells,): the stale distribution, as counts or probabilities; counts where it is a
        sample.
    is_model_sampled
        Whether q is a sample too, treated in the same way as p.

    Returns
    -------
    GTest or None
        None where p or q is empty or all zeros. One cell gives p_value 1.0.

    Raises
    ------
    ArgumentError
        As ``kl_divergence``.

    Notes
    -----
    Wilks (1938); Sokal & Rohlf (1981), chapter 17. The χ² is an approximation for expected counts of at
    least about 5 per cell; with many cells of fewer rows the p-value is only a guide.

    Examples
    --------
    >>> outcome = g_test([60, 40], [0.5, 0.5])
    >>> round(outcome.statistic, 3), outcome.degrees_of_freedom, round(outcome.p_value, 4)
    (4.027, 1, 0.0448)
    """
    truth, model = as_paired(p, q)
    shares_p, shares_q = as_shares(truth), as_shares(model)
    if shares_p is None or shares_q is None:
        return None
    rows_p, rows_q = float(truth.sum()), float(model.sum())
    if is_model_sampled:
        middle = (truth + model) / (rows_p + rows_q)
        cells = int(np.count_nonzero(middle))
        bits = rows_p * _kl_bits(shares_p, middle) + rows_q * _kl_bits(shares_q, middle)
    else:
        cells = int(np.count_nonzero(shares_q))
        if bool(np.any(shares_p[shares_q == 0])):
            return GTest(None, cells - 1, 0.0)
        bits = rows_p * _kl_bits(shares_p, shares_q)
    return GTest.of(2 * math.log(2) * bits, cells)


def _mass_outside(weights: FloatArray, support: FloatArray) -> float | None:
    total = float(weights.sum())
    return float(weights[support == 0].sum()) / total if total else None


def _kl_bits(p: FloatArray, q: FloatArray) -> float:
    """Σ p log2(p/q) as Σ (p ln(p/q) − p + q)/ln 2: each term is at least 0, so the sum does not cancel."""
    present = p > 0
    here, model = p[present], q[present]
    nats = float(np.sum(here * np.log(here / model) - here + model)) + float(q[~present].sum())
    return max(nats, 0.0) / math.log(2)  # a term's rounding is within 2^-52 of p, so the sum's is below 1e-15
