"""Entropy of the larger whole that rows are a sample of: estimators, all from the fingerprint.

Counting every row of a table gives its exact entropy (``entropy``) and needs none of these. Where the rows
are a sample, the plug-in figure is too low, by about (values − 1)/(2 n ln 2) bits, and each of the others
repairs that in its own way. f1 and f2 are the numbers of values that occur once and twice, n the rows, k the
values seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from colprofile.errors import ArgumentError, did_you_mean
from colprofile.measures.checks import FloatArray, bits_to
from colprofile.measures.fingerprints import Fingerprint, as_fingerprint
from colprofile.measures.nsb import chao1_alphabet, nsb_entropy


def entropy_estimate(
    fingerprint: tuple[ArrayLike, ArrayLike],
    estimator: str = "chao-wang-jost",
    *,
    base: float = 2,
    alphabet: int | None = None,
) -> float | None:
    """Return an estimate of the entropy of the population that the counted rows are a sample of.

    Parameters
    ----------
    fingerprint
        (counts, multiplicities), as ``fingerprint()`` returns it.
    estimator
        A key of ``ESTIMATORS``: "chao-shen", "chao-wang-jost", "grassberger", "jackknife", "miller-madow",
        "nsb" or "plug-in". The default needs no alphabet and has the least bias where many values are unseen.
    base
        2 for bits, ``math.e`` for nats.
    alphabet
        For "nsb" alone: how many values are possible, seen or not. None for Chao's estimate of it (see
        ``nsb``).

    Returns
    -------
    float or None
        None for an empty fingerprint. At least 0, except for "grassberger" (see there).

    Raises
    ------
    ArgumentError
        An unknown estimator; ``alphabet`` for one that has none, or below the values seen; not a fingerprint;
        ``base`` not above 1.

    Examples
    --------
    >>> round(entropy_estimate(([1, 2, 5], [3, 1, 1]), "miller-madow"), 4)
    2.2495
    """
    unit = bits_to(base)
    if estimator not in ESTIMATORS:
        raise ArgumentError(f"there is no estimator {estimator!r}. {did_you_mean(str(estimator), ESTIMATORS)}")
    if alphabet is not None and estimator != "nsb":
        raise ArgumentError(f"estimator {estimator!r} takes no alphabet: leave it out, or use 'nsb'")
    checked = as_fingerprint(fingerprint)
    if not checked.counts.size:
        return None
    bits = nsb(checked, alphabet) if estimator == "nsb" else ESTIMATORS[estimator](checked)
    return bits * unit


def plug_in(fingerprint: Fingerprint) -> float:
    """Return the entropy of the rows themselves, in bits: what the others correct.

    H = Σ m (c/n) log2(n/c).

    >>> plug_in(Fingerprint.from_pairs([(1, 4)]))
    2.0
    """
    counts, many, n = _floats(fingerprint)
    return float(np.sum(many * (counts / n) * np.log2(n / counts)))


def miller_madow(fingerprint: Fingerprint) -> float:
    """Return the plug-in entropy with its first-order bias added, in bits: H + (k − 1)/(2 n ln 2).

    Miller (1955), "Note on the bias of information estimates".

    >>> round(miller_madow(Fingerprint.from_pairs([(1, 4)])), 4)
    2.541
    """
    return plug_in(fingerprint) + (fingerprint.distinct - 1) / (2 * fingerprint.rows * math.log(2))


def grassberger(fingerprint: Fingerprint) -> float:
    """Return Grassberger's estimate in bits: (ln n − (1/n) Σ c G(c)) / ln 2.

    G(c) = ψ(c) + ½(−1)^c [ψ((c+1)/2) − ψ(c/2)].

    Grassberger (2003), "Entropy estimates from insufficient samplings": G(1) = −γ − ln 2, G(2) = 2 + G(1),
    G(2k + 1) = G(2k). Not the estimate of his 1988 letter, which some packages call by his name. May exceed
    log2 of the values seen, for it counts on unseen ones, and is a little below 0 for a single value that occurs an
    even number of times: nothing is clipped.

    >>> round(grassberger(Fingerprint.from_pairs([(1, 1), (3, 1)])), 4)
    1.6687
    """
    from scipy.special import digamma

    counts, many, n = _floats(fingerprint)
    sign = np.where(fingerprint.counts % 2, -1.0, 1.0)
    logs = digamma(counts) + sign / 2 * (digamma((counts + 1) / 2) - digamma(counts / 2))
    # Σ c (ln n − G(c)) rather than n ln n − Σ c G(c): the terms nearly cancel one by one.
    return float(np.sum(many * counts * (math.log(n) - logs))) / n / math.log(2)


def chao_shen(fingerprint: Fingerprint) -> float:
    """Return Chao and Shen's estimate in bits: coverage-adjusted shares in a Horvitz–Thompson sum.

    H = −Σ p ln p / (1 − (1 − p)^n) / ln 2, p = Ĉ c/n, Ĉ = 1 − f1/n.

    Chao & Shen (2003), "Nonparametric estimation of Shannon's index of diversity when there are unseen
    species". Where every value is single, Ĉ would be 0 and the estimate undefined: one of them is
    then taken as not single, Ĉ = 1/n, as the authors' own software does.

    >>> round(chao_shen(Fingerprint.from_pairs([(1, 1), (3, 1)])), 4)
    1.2873
    """
    counts, many, n = _floats(fingerprint)
    singles = fingerprint.values_seen(1)
    coverage = 1 - (singles if singles < n else n - 1) / n
    shares = coverage * counts / n
    seen = -np.expm1(n * np.log1p(-np.minimum(shares, 1 - 2**-53)))
    return abs(float(np.sum(many * shares * np.log2(shares) / seen)))


def jackknife(fingerprint: Fingerprint) -> float:
    """Return the jackknifed plug-in entropy in bits: n H − (n − 1) · mean of H without one row.

    Zahl (1977), "Jackknifing an index of diversity"; 0.0 for a single row.

    >>> round(jackknife(Fingerprint.from_pairs([(1, 1), (3, 1)])), 4)
    1.1789
    """
    counts, many, n = _floats(fingerprint)
    if n == 1:
        return 0.0
    # n H − (n − 1) H' in sums S = Σ c log2 c: n log2 n − S − (n − 1) log2(n − 1) + S', and S' = S − d(c) for
    # a row whose value occurs c times, d(c) = c log2 c − (c − 1) log2(c − 1): S drops out.
    figure = float(_step(np.array([n]))[0]) - float(np.sum(many * counts * _step(counts))) / n
    return max(figure, 0.0)  # d grows with c, so only rounding takes it below 0


def chao_wang_jost(fingerprint: Fingerprint) -> float:
    """Return Chao, Wang and Jost's estimate in bits: from the slope of the species accumulation curve.

    H = Σ m (c/n) (ψ(n) − ψ(c)) + (f1/n) (1−A)^(1−n) [−ln A − Σ_{r<n} (1−A)^r / r], over ln 2, with
    A = 2 f2 / ((n−1) f1 + 2 f2); 2 / ((n−1)(f1−1) + 2) without a value seen twice; 1 without either.

    Chao, Wang & Jost (2013), "Entropy and the species accumulation curve".

    >>> round(chao_wang_jost(Fingerprint.from_pairs([(1, 1), (3, 1)])), 4)
    1.0219
    """
    from scipy.special import digamma

    counts, many, n = _floats(fingerprint)
    seen = float(np.sum(many * (counts / n) * (digamma(n) - digamma(counts))))
    once, twice = fingerprint.values_seen(1), fingerprint.values_seen(2)
    if not once or n == 1:
        return seen / math.log(2)
    share = 2 * twice / ((n - 1) * once + 2 * twice) if twice else 2 / ((n - 1) * (once - 1) + 2)
    return (seen + once / n * _log_tail(share, int(n))) / math.log(2)


def nsb(fingerprint: Fingerprint, alphabet: int | None = None) -> float:
    """Return the Nemenman–Shafee–Bialek estimate in bits: Bayesian, its prior nearly flat in the entropy.

    A mixture of symmetric Dirichlet priors over ``alphabet`` values, weighted so that no entropy is
    preferred; the result is the posterior mean.

    Parameters
    ----------
    fingerprint
        Of at least one row.
    alphabet
        How many values are possible, seen or not. None for the values seen plus Chao's (1984, bias-corrected)
        lower bound of the unseen, ⌈(n−1)/n · f1 (f1 − 1) / (2 (f2 + 1))⌉: the estimate depends on it where
        few values repeat.

    Raises
    ------
    ArgumentError
        ``alphabet`` below the values seen.

    Notes
    -----
    Nemenman, Shafee & Bialek (2002), "Entropy and inference, revisited".

    Examples
    --------
    >>> round(nsb(Fingerprint.from_pairs([(1, 1), (3, 1)]), 2), 4)
    0.8129
    """
    possible = chao1_alphabet(fingerprint) if alphabet is None else alphabet
    if possible < fingerprint.distinct:
        raise ArgumentError(f"alphabet is {alphabet!r}: at least the {fingerprint.distinct} values seen are possible")
    return nsb_entropy(fingerprint, possible) / math.log(2)


ESTIMATORS: dict[str, Callable[[Fingerprint], float]] = {
    "chao-shen": chao_shen,
    "chao-wang-jost": chao_wang_jost,
    "grassberger": grassberger,
    "jackknife": jackknife,
    "miller-madow": miller_madow,
    "nsb": nsb,
    "plug-in": plug_in,
}
"""Name → function of a Fingerprint of at least one row; all return bits."""


def _floats(fingerprint: Fingerprint) -> tuple[FloatArray, FloatArray, float]:
    return (
        fingerprint.counts.astype(np.float64),
        fingerprint.multiplicities.astype(np.float64),
        float(fingerprint.rows),
    )


def _step(counts: FloatArray) -> FloatArray:
    """C log2 c − (c − 1) log2(c − 1), as log2 c + (c − 1) log2(c/(c − 1)): large counts do not cancel."""
    less = np.maximum(counts - 1, 1)  # at c = 1 the second term is 0, whatever stands in its logarithm
    return np.asarray(np.log2(counts) + (counts - 1) * np.log1p(1 / less) / math.log(2))


def _log_tail(share: float, n: int) -> float:
    """Return q^(1−n) (−ln A − Σ_{r<n} q^r / r), q = 1 − A, as the series it is: Σ_{r≥n} q^(r−n+1) / r.

    The paper's form multiplies a huge number with a tiny difference. The series' first terms are added up;
    the rest, where it matters, is Euler and Maclaurin's ∫ + ½f − f'/12 + f'''/720, with the integral by E1.
    """
    if share >= 1:
        return 0.0
    rate = -math.log1p(-share)
    terms = 64 if rate < 0.1 else math.ceil(40 / rate)  # 40 nats down the rest is lost in rounding
    orders = np.arange(terms)
    total = float(np.sum(np.exp(-rate * (orders + 1)) / (n + orders)))
    if rate >= 0.1:
        return total
    start = n + terms
    first = math.exp(-rate * (terms + 1)) / start
    a, b = rate, 1 / start  # f = e^(−a r)/r has f' = −f (a + b), f''' = −f (a³ + 3a²b + 6ab² + 6b³)
    correction = 0.5 + (a + b) / 12 - (a**3 + 3 * a * a * b + 6 * a * b * b + 6 * b**3) / 720
    return total + first * (start * _scaled_e1(rate * start) + correction)


def _scaled_e1(x: float) -> float:
    """Return e^x E1(x), without underflow for large x."""
    from scipy.special import exp1

    if x < 300:
        return math.exp(x) * float(exp1(x))
    return (1 - 1 / x + 2 / x**2 - 6 / x**3 + 24 / x**4 - 120 / x**5) / x
