"""Mutual information of two continuous samples, by nearest neighbours."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError, MissingExtra
from colprofile.measures.checks import as_reals, bits_to


def mutual_information_ksg(
    x: ArrayLike, y: ArrayLike, *, neighbors: int = 3, seed: int = 0, base: float = 2
) -> float | None:
    """Return an estimate of the mutual information of two continuous variables from a sample of both.

    Ψ(n) + Ψ(k) − mean(Ψ(n_x + 1) + Ψ(n_y + 1)), with n_x and n_y the points nearer than the k-th neighbour.

    Unlike the measures of counts it needs no bins, and its result is always an estimate, for the distribution and not
    for the table. It needs scikit-learn: pip install 'colprofile[knn]'. ``docs/entropy.md`` has examples.

    Parameters
    ----------
    x, y
        Arrays of shape (rows,): continuous numbers, without many equal values.
    neighbors
        k: small for little bias, large for little variance.
    seed
        Seed of the noise (1e-10 of the scale) that scikit-learn adds to separate equal values.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        At least 0: scikit-learn sets negative estimates to 0. None with at most ``neighbors`` rows, and where either
        column is constant.

    Raises
    ------
    ArgumentError
        x and y of different lengths, NaN or infinite values, not flat; ``neighbors`` below 1; ``base`` not
        above 1.
    MissingExtra
        scikit-learn is not installed.

    Notes
    -----
    Kraskov, Stögbauer & Grassberger (2004), "Estimating mutual information", equation 8.

    Examples
    --------
    >>> import numpy as np
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 2000))
    >>> bool(abs(np.corrcoef(x, x**2 + 0.18 * noise)[0, 1]) < 0.1)
    True
    >>> round(mutual_information_ksg(x, x**2 + 0.18 * noise, base=math.e), 1)
    1.5
    """
    unit = bits_to(base)
    if not isinstance(neighbors, int) or neighbors < 1:
        raise ArgumentError(f"neighbors is {neighbors!r}: give a whole number of at least 1")
    first, second = _as_sample(x, "x"), _as_sample(y, "y")
    if first.size != second.size:
        raise ArgumentError(f"x has {first.size} rows and y has {second.size}: give both over the same rows")
    try:
        from sklearn.feature_selection import mutual_info_regression
    except ImportError:
        raise MissingExtra("mutual information by nearest neighbours (ksg)", "knn") from None
    if first.size <= neighbors or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    nats = mutual_info_regression(
        first[:, np.newaxis], second, discrete_features=False, n_neighbors=neighbors, random_state=seed
    )
    return float(nats[0]) / math.log(2) * unit


def _as_sample(values: ArrayLike, name: str) -> NDArray[np.float64]:
    sample = as_reals(values, name, "leave those rows out of both x and y")
    if sample.ndim != 1:
        raise ArgumentError(f"{name} must be flat, one number per row, not of {sample.ndim} dimensions")
    # A power of two changes no digit, and neither the square of 1e308 nor that of 1e-200 is lost.
    largest = float(np.abs(sample).max(initial=0.0))
    return np.ldexp(sample, -math.frexp(largest)[1]) if largest else sample
