"""Checks of arguments that the measures share: counts, pairs of arrays, and the base of a logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError, shorten

FloatArray: TypeAlias = NDArray[np.float64]

LARGEST_EXACT = 2**53
"""Whole numbers up to here are exact in double precision."""


def satisfies(given: float, condition: Callable[[float], bool]) -> bool:
    """Whether what was given meets a condition on numbers; it does not if it cannot be compared with numbers."""
    try:
        return bool(condition(given))
    except TypeError:
        return False


def bits_to(base: float) -> float:
    """Return the factor that turns bits into logarithms of ``base``; ArgumentError if that is not a number above 1.

    >>> bits_to(2)
    1.0
    >>> round(bits_to(math.e), 6)
    0.693147
    """
    if not satisfies(base, lambda number: 1 < number < math.inf):
        raise ArgumentError(f"base is {base!r}: give a number above 1, 2 for bits or math.e for nats")
    return 1.0 if base == 2 else 1.0 / math.log2(base)


def as_weights(values: ArrayLike, *, name: str = "counts", dimensions: int = 1) -> FloatArray:
    """Return ``values`` as an array of float64, checked to be numbers that can count something.

    ArgumentError if they are not numbers, not ``dimensions``-dimensional, negative, NaN or infinite, or have an
    infinite sum.
    """
    given = np.asarray(values)
    if given.size == 0 and given.ndim == dimensions:
        return np.zeros(given.shape)
    if given.ndim != dimensions:
        shape = "a flat sequence" if dimensions == 1 else "a table of rows and columns"
        raise ArgumentError(
            f"{name} must be {shape} of numbers, not {type(values).__name__} of {given.ndim} dimensions"
        )
    if given.dtype.kind not in "biufO":
        raise ArgumentError(f"{name} must be numbers, not {given.dtype}: count the values first")
    try:
        weights = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"{name} must be numbers: {shorten(str(error))}") from None
    lowest, highest = float(weights.min()), float(weights.max())
    if not (lowest >= 0 and highest < math.inf):
        bad = float(weights[~((weights >= 0) & (weights < math.inf))][0])
        raise ArgumentError(f"{name} contains {bad!r}: give finite numbers of at least 0")
    if highest * weights.size == math.inf:
        raise ArgumentError(f"{name} sums to more than a float can hold: scale the numbers down")
    return weights


def as_shares(weights: FloatArray) -> FloatArray | None:
    """Return weights divided by their sum, None where that is 0.

    A share below the smallest normal float (2^-1022) becomes 0, so that a ratio of two shares cannot
    overflow.
    """
    total = float(weights.sum())
    if not total:
        return None
    shares = weights / total
    return np.where(shares < np.finfo(np.float64).tiny, 0.0, shares)


def as_reals(values: ArrayLike, name: str, hint: str = "give finite numbers") -> FloatArray:
    """Return ``values`` as an array of finite float64 of any shape and sign, or raise ArgumentError."""
    try:
        reals = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be an array of numbers") from None
    if not bool(np.isfinite(reals).all()):
        raise ArgumentError(f"{name} contains NaN or infinity: {hint}")
    return reals


def as_counts(values: ArrayLike, *, name: str = "counts", dimensions: int = 1) -> FloatArray:
    """Return ``values`` as ``as_weights`` does, checked to be whole numbers too, with a sum below 2^53."""
    counts = as_weights(values, name=name, dimensions=dimensions)
    if counts.size and not bool(np.all(counts == np.rint(counts))):
        bad = float(counts[counts != np.rint(counts)][0])
        raise ArgumentError(f"{name} contains {bad!r}: give counts of rows, whole numbers")
    if counts.size and float(counts.sum()) >= LARGEST_EXACT:
        raise ArgumentError(
            f"{name} sums to {float(counts.sum()):.3g}: only fewer than 2^53 rows can be counted exactly"
        )
    return counts


def as_paired(p: ArrayLike, q: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return two arrays of weights over the same cells, checked as by ``as_weights`` and to be equally long."""
    weights_p, weights_q = as_weights(p, name="p"), as_weights(q, name="q")
    if weights_p.size != weights_q.size:
        raise ArgumentError(
            f"p has {weights_p.size} cells and q has {weights_q.size}: give both over the same cells,"
            " with 0 where one has none"
        )
    return weights_p, weights_q


def as_truth_and_model(p: ArrayLike, q: ArrayLike, smoothing: float | None) -> tuple[FloatArray, FloatArray] | None:
    """Return both as shares, q smoothed; None where one is all zeros or q is 0 in a cell where p is not."""
    truth, model = as_paired(p, q)
    shares_p, shares_q = as_shares(truth), as_shares(model + as_smoothing(smoothing))
    if shares_p is None or shares_q is None or bool(np.any(shares_q[shares_p > 0] == 0)):
        return None
    return shares_p, shares_q


def as_smoothing(smoothing: float | None) -> float:
    """Return the rows that smoothing adds to a cell, 0.0 for None; ArgumentError if they are not a number above 0."""
    if smoothing is None:
        return 0.0
    if not satisfies(smoothing, lambda number: 0 < number < math.inf):
        raise ArgumentError(f"smoothing is {smoothing!r}: give a number above 0, such as 0.5, or None for no smoothing")
    return float(smoothing)
