"""Bounds of the KL divergence of a whole population from a known model, from a sample without replacement."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from colprofile.measures.bounds import worst_case
from colprofile.measures.bounds.one_sided import Population, code_length, lowest_surprisal
from colprofile.measures.bounds.result import Bounds, checked, halves
from colprofile.measures.checks import as_counts, as_paired, as_smoothing

_LN2 = math.log(2.0)


def kl_bounds(
    sample: ArrayLike,
    q: ArrayLike,
    population_rows: int,
    *,
    confidence: float = 0.95,
    smoothing: float | None = None,
    seed: int = 0,
) -> Bounds | None:
    """Return bounds of KL(P‖Q), for a known Q and a population P of which a sample was counted.

    Parameters
    ----------
    sample
        Array of shape (cells,): sampled rows in each cell.
    q
        Array of shape (cells,): the model (stale), counts or probabilities over the same cells. The population must
        lie within these cells.
    population_rows
        Rows of the population, those of the sample included.
    confidence
        Probability that both bounds hold.
    smoothing
        Rows added to every cell of q, as in ``kl_divergence``.
    seed
        Seed of the random split of the sample into two halves.

    Returns
    -------
    Bounds or None
        Bits. None for an empty sample or an empty q, and where a sampled row is in a cell in which q is 0: the
        divergence is then infinite. ``upper`` is None where q is 0 in a cell that the sample has not seen.

    Raises
    ------
    ArgumentError
        As ``entropy_bounds``, or arrays of different lengths.

    Examples
    --------
    >>> found = kl_bounds([3_000, 1_000], [1, 1], 100_000)
    >>> found.lower < 0.1887 < found.upper
    True
    """
    counts, model = as_paired(sample, q)
    counts = as_counts(counts, name="sample")
    model = model + as_smoothing(smoothing)
    rows, delta = checked(counts, population_rows, confidence)
    if not rows or not model.sum() or bool(np.any((counts > 0) & (model == 0))):
        return None
    with np.errstate(divide="ignore"):
        logs = np.log(model / model.sum())
    possible = model > 0
    is_open = not bool(possible.all())
    counts, logs = counts[possible], logs[possible]
    first, second = halves(counts, seed)
    seen = counts > 0
    estimate = float(np.sum(counts[seen] * (np.log(counts[seen] / rows) - logs[seen]))) / rows / _LN2
    if rows == population_rows:
        return Bounds(estimate, estimate, estimate, rows, rows, confidence)
    whole = Population(population_rows, population_rows)
    # KL = −H − E[ln q], and for any model r of P it is at least E[ln r/q].
    worst = float(np.max(-logs, initial=0.0))
    least = -code_length(first, second, whole, logs.size, delta / 2, logs)
    lower = max(0.0, least / _LN2)
    upper: float | None = None
    if not is_open:
        # ln(1/p) − ln(1/q) is at least −ln(1/q) of the rarest cell.
        most = lowest_surprisal(first[seen], second[seen], -logs[seen], None, None, -worst, whole, delta / 2)
        upper = max(lower, -most / _LN2)
    estimate = max(lower, estimate if upper is None else min(estimate, upper))
    is_trivial = not lower and (upper is None or upper >= worst / _LN2)
    width = worst / _LN2 / 2
    needed = worst_case.rows_needed(width, rows, population_rows, model.size, delta) if is_trivial else None
    return Bounds(lower, estimate, upper, rows, population_rows, confidence, is_trivial, needed)
