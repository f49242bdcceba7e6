"""The slow twin of dependence: from the values of two columns, step by step as the definition says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from colprofile.measures.cuts import FEW_VALUES
from colprofile.measures.resolutions import CHANCE, most_cells

Values = npt.NDArray[Any]
Codes = npt.NDArray[np.int64]

HALVED = (64, 32, 16, 8, 4, 2)
THIRDS = (24, 12, 6, 3)


def slow_dependence(x: Values, y: Values, ordered_x: bool, ordered_y: bool, pairs: int = 1) -> float | None:
    """Return the dependence of two columns without NULL, given by their values."""
    sides = [np.unique(values, return_inverse=True)[1].astype(np.int64) for values in (x, y)]
    smaller = min(_entropy(np.bincount(side)) for side in sides)
    if smaller < 1e-9:
        return None
    is_cut = [
        is_ordered and int(side.max()) + 1 > FEW_VALUES
        for is_ordered, side in zip((ordered_x, ordered_y), sides, strict=True)
    ]
    tests = 1 + 6 * sum(is_cut) + 10 * all(is_cut)
    best = 0.0
    for first, second, is_scaled in _resolutions(sides[0], sides[1], *is_cut):
        table = np.zeros((first.max() + 1, second.max() + 1), np.int64)
        np.add.at(table, (first, second), 1)
        excess = _shared(table) - slow_expected(table)
        if excess <= 0 or not _is_beyond_chance(table, excess, math.log(pairs * tests / CHANCE)):
            continue
        best = max(best, min(1.0, math.sqrt(excess / smaller)))
        if is_scaled:
            best = max(best, min(1.0, _linfoot(excess) / _linfoot(smaller)))
    return best


def _resolutions(x: Codes, y: Codes, is_cut_x: bool, is_cut_y: bool) -> Iterator[tuple[Codes, Codes, bool]]:
    yield x, y, False
    if is_cut_x and is_cut_y:
        for cut_x, cut_y in zip(_cuts(x), _cuts(y), strict=True):
            yield cut_x, cut_y, True
    most = most_cells(x.size)
    # NULL has a row and a column of its own.
    if is_cut_x:
        yield from ((cut, y, False) for cut in _cuts(x)[:6] if (cut.max() + 2) * (y.max() + 2) <= most)
    if is_cut_y:
        yield from ((x, cut, False) for cut in _cuts(y)[:6] if (cut.max() + 2) * (x.max() + 2) <= most)


def _cuts(codes: Codes) -> list[Codes]:
    """Return the column cut into 64, 32 … 2 and 24, 12, 6 and 3 bins, each from the one before, 24 from 64."""
    halved = [_cut(codes, HALVED[0])]
    for bins in HALVED[1:]:
        halved.append(_cut(halved[-1], bins))
    thirds = [_cut(halved[0], THIRDS[0])]
    for bins in THIRDS[1:]:
        thirds.append(_cut(thirds[-1], bins))
    return halved + thirds


def _cut(codes: Codes, bins: int) -> Codes:
    """Return each row's bin: a value goes where the middle of its rows lies among ``bins`` equal shares."""
    counts = np.bincount(codes)
    below = np.concatenate([[0], np.cumsum(counts)[:-1]])
    bin_of = [
        min(int((low + count / 2) * bins / codes.size), bins - 1) for low, count in zip(below, counts, strict=True)
    ]
    return np.unique(np.array(bin_of)[codes], return_inverse=True)[1].astype(np.int64)


def _entropy(counts: Codes) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _shared(table: Codes) -> float:
    return _entropy(table.sum(axis=1)) + _entropy(table.sum(axis=0)) - _entropy(table.ravel())


def _linfoot(bits: float) -> float:
    return math.sqrt(1 - 2 ** (-2 * bits))


@cache
def _cell_moments(a: int, b: int, rows: int) -> tuple[float, float, float, float, float]:
    """Return E[C], Var C, E[g], E[g²] and E[C g] of a cell with hypergeometric C, for g = C log2 C."""

    def log_choose(n: int, k: Codes) -> npt.NDArray[np.float64]:
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    c = np.arange(max(0, a + b - rows), min(a, b) + 1)
    p = np.exp(log_choose(a, c) + log_choose(rows - a, b - c) - log_choose(rows, np.array(b)))
    p /= p.sum()
    g = np.where(c > 0, c * np.log2(np.maximum(c, 1)), 0.0)
    mean, variance = a * b / rows, a * b * (rows - a) * (rows - b) / (rows**2 * (rows - 1))
    return mean, variance, float(p @ g), float(p @ (g * g)), float(p @ (c * g))


def slow_expected(table: Codes) -> float:
    """Return E[I] of a table under permutation: the sum over cells of the expectation of each."""
    by_x, by_y, rows = table.sum(axis=1), table.sum(axis=0), int(table.sum())
    cells = {(a, b): _cell_moments(a, b, rows)[2] for a in set(by_x.tolist()) for b in set(by_y.tolist()) if a and b}
    total = sum(cells[a, b] for a in by_x.tolist() for b in by_y.tolist() if a and b)
    return _entropy(by_x) + _entropy(by_y) - math.log2(rows) + total / rows


def slow_variance(table: Codes) -> float:
    """Return the approximate variance of Σ c·log2 c: linear part and rests, over the cells one by one."""
    by_x, by_y = (margin[margin > 0] for margin in (table.sum(axis=1), table.sum(axis=0)))
    rows = int(table.sum())
    if by_x.size < 2 or by_y.size < 2:
        return 0.0
    slopes = np.zeros((by_x.size, by_y.size))
    rests = 0.0
    known: dict[tuple[int, int], tuple[float, float]] = {}
    for i, a in enumerate(by_x.tolist()):
        for j, b in enumerate(by_y.tolist()):
            if (a, b) not in known:
                mean, variance, g, squares, cross = _cell_moments(a, b, rows)
                covariance = cross - mean * g
                rest = squares - g * g - covariance**2 / variance
                known[a, b] = covariance / variance, rest / ((1 - a / rows) * (1 - b / rows))
            slopes[i, j], rest = known[a, b]
            rests += rest
    weight_x, weight_y = by_x / rows, by_y / rows
    slopes -= (slopes @ weight_y)[:, None]
    slopes -= weight_x @ slopes
    return rests + rows**2 / (rows - 1) * float(weight_x @ slopes**2 @ weight_y)


def _is_beyond_chance(table: Codes, excess: float, nats: float) -> bool:
    by_x, by_y = (margin[margin > 0] for margin in (table.sum(axis=1), table.sum(axis=0)))
    rows = int(table.sum())
    degrees = 2 * math.log(2) ** 2 * slow_variance(table)
    if by_x.min() * by_y.min() / rows >= 10:
        degrees = (by_x.size - 1) * (by_y.size - 1)
    z = math.log(2) * rows * excess
    return degrees > 0 and z - degrees / 2 * math.log1p(2 * z / degrees) >= nats
