"""The posterior mean of Nemenman, Shafee and Bialek's entropy estimator, by quadrature in log space."""

from __future__ import annotations

import math

import numpy as np

from colprofile.measures.checks import FloatArray
from colprofile.measures.fingerprints import Fingerprint

DROP = 40.0
"""Nats below the posterior's peak where the integral ends: e^−40 is below double precision."""

NODES, PANELS = 24, 20
"""Gauss–Legendre nodes per panel; panels on each side of the peak. Each is twice as wide as its inner neighbour."""

_BLOCK = 2**20
"""Values of ln Γ computed at a time, to limit memory."""


def chao1_alphabet(fingerprint: Fingerprint) -> int:
    """Return the values seen plus Chao's bias-corrected lower bound of the unseen.

    Chao (1984), "Nonparametric estimation of the number of classes in a population".

    >>> chao1_alphabet(Fingerprint.from_pairs([(1, 4), (2, 1)]))
    8
    """
    n, once, twice = fingerprint.rows, fingerprint.values_seen(1), fingerprint.values_seen(2)
    if not n:
        return 0
    return fingerprint.distinct - (-(n - 1) * once * (once - 1) // (2 * n * (twice + 1)))


def nsb_entropy(fingerprint: Fingerprint, alphabet: int) -> float:
    """Return the NSB estimate in nats, for at least one row and an alphabet of at least the values seen.

    ∫ ⟨S⟩_β ρ(β) ξ'(β) dβ / ∫ ρ(β) ξ'(β) dβ over β > 0, where ρ is the evidence of a symmetric Dirichlet(β)
    prior, ξ(β) = ψ(Kβ + 1) − ψ(β + 1) the prior mean of the entropy, and K the alphabet. The integral is over ln β.
    On both sides of its peak the integrand decreases at least as fast as e^−|ln β|.
    """
    if alphabet == 1:
        return 0.0
    posterior = _Posterior(fingerprint, alphabet)
    span = 60.0 + 2 * math.log(alphabet) + 2 * math.log(fingerprint.rows)
    grid = np.linspace(-span, span, 1 + 8 * math.ceil(span))
    heights = posterior.log_density(grid)
    peak, height = _climb(posterior, grid, int(np.argmax(heights)))
    above = np.append(grid[heights > height - DROP], peak)
    step = float(grid[1] - grid[0])
    places, weights = _quadrature(float(above.min()) - step, peak, float(above.max()) + step)
    density = weights * np.exp(posterior.log_density(places) - height)
    return float(np.sum(density * posterior.mean_entropy(places)) / np.sum(density))


class _Posterior:
    """The posterior of ln β: its density up to a constant, and the mean entropy at each β."""

    def __init__(self, fingerprint: Fingerprint, alphabet: int) -> None:
        self.counts = fingerprint.counts.astype(np.float64)
        self.many = fingerprint.multiplicities.astype(np.float64)
        self.rows = float(fingerprint.rows)
        self.alphabet = float(alphabet)
        self.unseen = float(alphabet - fingerprint.distinct)

    def log_density(self, places: FloatArray) -> FloatArray:
        """Return ln(ρ(β) · dξ/dln β) at ln β = places, array of shape (places,)."""
        return np.concatenate([self._log_density(np.exp(part)) + part for part in self._parts(places)])

    def mean_entropy(self, places: FloatArray) -> FloatArray:
        """Return ⟨S⟩_β in nats at ln β = places, array of shape (places,)."""
        return np.concatenate([self._mean_entropy(np.exp(part)) for part in self._parts(places)])

    def _parts(self, places: FloatArray) -> list[FloatArray]:
        return np.array_split(places, 1 + places.size * self.counts.size // _BLOCK)

    def _log_density(self, beta: FloatArray) -> FloatArray:
        seen = _log_rising(beta[:, np.newaxis], self.counts) @ self.many
        evidence = seen - _log_rising(self.alphabet * beta, np.array(self.rows))
        return np.asarray(evidence + np.log(_slope(beta, self.alphabet)))

    def _mean_entropy(self, beta: FloatArray) -> FloatArray:
        """ψ(n + Kβ + 1) − Σ (c + β)/(n + Kβ) ψ(c + β + 1) over all K values, seen or not."""
        from scipy.special import digamma

        whole = self.rows + self.alphabet * beta
        top = digamma(whole + 1)
        weights = self.counts + beta[:, np.newaxis]
        seen = (weights * (top[:, np.newaxis] - digamma(weights + 1))) @ self.many
        unseen = self.unseen * beta * (top - digamma(beta + 1))
        return np.asarray((seen + unseen) / whole)


def _log_rising(start: FloatArray, steps: FloatArray) -> FloatArray:
    """Return lnΓ(start + steps) − lnΓ(start).

    For large ``start`` the two Stirling series are subtracted term by term, so that nothing cancels.
    """
    from scipy.special import gammaln

    large = np.maximum(start, 20.0)
    end = large + steps
    series = (large - 0.5) * np.log1p(steps / large) + steps * (np.log(end) - 1) + _stirling(end) - _stirling(large)
    return np.asarray(np.where(start < 20.0, gammaln(start + steps) - gammaln(start), series))


def _stirling(x: FloatArray) -> FloatArray:
    """Return lnΓ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 20, to 1e-16."""
    inverse = 1 / (x * x)
    series = 1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))
    return np.asarray(series / x)


def _slope(beta: FloatArray, alphabet: float) -> FloatArray:
    """Return dξ/dβ = K ψ₁(Kβ + 1) − ψ₁(β + 1). Large β need the series: its first terms cancel."""
    from scipy.special import polygamma

    small = np.minimum(beta, 100.0)
    exact = alphabet * polygamma(1, alphabet * small + 1) - polygamma(1, small + 1)
    large = 1 / np.maximum(beta, 100.0)
    shrunk = large / alphabet
    series = large**2 * (
        (1 - 1 / alphabet) / 2
        - (large - shrunk / alphabet) / 6
        + (large**3 - shrunk**3 / alphabet) / 30
        - (large**5 - shrunk**5 / alphabet) / 42
    )
    return np.where(beta < 100.0, exact, series)


def _climb(posterior: _Posterior, grid: FloatArray, top: int) -> tuple[float, float]:
    """Return the peak near ``grid[top]`` and its height. Each step makes the bracket eight times narrower."""
    low, high = float(grid[max(top - 1, 0)]), float(grid[min(top + 1, grid.size - 1)])
    for _ in range(10):
        inner = np.linspace(low, high, 17)
        best = int(np.argmax(posterior.log_density(inner)))
        low, high = float(inner[max(best - 1, 0)]), float(inner[min(best + 1, 16)])
    peak = (low + high) / 2
    return peak, float(posterior.log_density(np.array([peak]))[0])


def _quadrature(low: float, peak: float, high: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on [low, high], denser near the peak."""
    from scipy.special import roots_legendre

    nodes, weights = roots_legendre(NODES)
    parts = np.concatenate([[0.0], 2.0 ** np.arange(1 - PANELS, 1)])
    edges = np.concatenate([peak + (low - peak) * parts[::-1], peak + (high - peak) * parts[1:]])
    middles, halves = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    places = (middles[:, np.newaxis] + halves[:, np.newaxis] * nodes).ravel()
    return places, np.outer(halves, weights).ravel()
