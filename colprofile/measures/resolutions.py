"""Dependence: how strongly two columns depend on each other, on the scale of a correlation, in any functional form.

With m = min(H(X), H(Y)) on the columns' own values, and with the mutual information I and its expectation E[I] under
permutation at some resolution, it is the largest over the resolutions of

    √((I − E[I]) / m)           the share of the smaller column's bits that the other holds beyond chance, and
    λ(I − E[I]) / λ(m)          where both columns are cut, λ(I) = √(1 − 2^(−2 I)).

λ is the informational coefficient of correlation (Linfoot 1957): |r| for normal variables. A resolution is the own
values, or cuts of ordered columns into bins of equal mass. Only excesses I − E[I] beyond chance count, as
``is_beyond_chance`` judges.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled, inlined
from colprofile.errors import ArgumentError
from colprofile.measures.chance import _LOG2_TABLE, expected_bits
from colprofile.measures.checks import as_counts, satisfies
from colprofile.measures.cuts import (
    CUTS,
    FEW_VALUES,
    FINEST,
    HALVINGS,
    RESTARTS,
    Counts,
    equal_mass_bins,
    fold_steps,
)
from colprofile.measures.permutation import variance_bits
from colprofile.measures.tables import PRECISION, entropies

SMALL_TABLE = 1 << 16
"""Cells of a table with one column cut: at most this many, or a quarter of the rows if that is more."""

CHANCE = 0.01
"""A table of independent columns shows any dependence at all with at most this probability."""

TIE = 1e-9
"""Dependences that differ by no more than this are the same."""

_LARGEST = 1 << 32
_LN2 = math.log(2.0)
_NO_STEPS = (np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64))
_NO_RESTARTS = RESTARTS[:0]
_DENSE = 10.0
"""From this expected count in the smallest cell on, the variance is that of χ²."""

_SMOOTH = 30.0
"""From this expected count in the smallest cell on, E[I] follows from its asymptotic series."""


class Strength(NamedTuple):
    """A dependence and the resolution that shows it.

    Attributes
    ----------
    value
        In [0, 1]. None where it is undefined: a column is constant, or there are no rows.
    bins_x, bins_y
        The bins at that resolution; None for a column that is taken as it is, and where the value is 0.
    """

    value: float | None
    bins_x: int | None = None
    bins_y: int | None = None


@compiled
def coefficient(excess: Any, smaller: Any, is_scaled: Any) -> Any:
    """Return the dependence that an excess of bits over chance shows: see the module; ``is_scaled`` adds λ."""
    if excess <= 0.0 or smaller <= 0.0:
        return 0.0
    found = np.sqrt(excess / smaller)
    if is_scaled:
        scale = np.sqrt(-np.expm1(-2.0 * _LN2 * smaller))
        found = max(found, np.sqrt(-np.expm1(-2.0 * _LN2 * excess)) / scale)
    return min(1.0, found)


@compiled
def expected_at(counts_x: Any, counts_y: Any) -> Any:
    """Return E[I] in bits from int64 counts, by a series where all cells are full: then it is 1e-4 of itself off.

    The series is that of E[C ln C] about the mean with the central moments of the hypergeometric distribution, of
    which the terms of order 1 and 1/mean are kept: they are products of a sum over x and a sum over y.
    """
    rows, k_x, least_x, odd_x, square_x = _inverse_sums(counts_x)
    _, k_y, least_y, odd_y, square_y = _inverse_sums(counts_y)
    if k_x < 2 or k_y < 2:
        return 0.0
    n = np.float64(rows)
    if least_x * (least_y / n) < _SMOOTH:
        return expected_bits(counts_x, counts_y, False)
    first = (k_x - 1.0) * (k_y - 1.0) / (2.0 * (n - 1.0))
    return (first + square_x * square_y / 4.0 - odd_x * odd_y / 6.0) / _LN2


@compiled
def _inverse_sums(counts: Any) -> Any:
    """Return rows, values, the smallest count, Σ (1 − p)(1 − 2p)/c and Σ (1 − p)²/c."""
    rows = 0
    kinds = 0
    least = np.inf
    for i in range(counts.size):
        if counts[i]:
            rows += counts[i]
            kinds += 1
            least = min(least, np.float64(counts[i]))
    odd = square = 0.0
    for i in range(counts.size):
        if counts[i]:
            rest = 1.0 - counts[i] / rows
            odd += rest * (2.0 * rest - 1.0) / counts[i]
            square += rest * rest / counts[i]
    return rows, kinds, least, odd, square


@compiled
def is_beyond_chance(counts_x: Any, counts_y: Any, excess: Any, nats: Any) -> Any:
    """Return whether chance shows an excess of bits with at most probability e^−nats.

    With ν = 2 ln² 2 · V for the variance V of n·I under permutation, ν + 2 ln 2 · n · excess is compared with χ² of ν
    degrees of freedom: of the G statistic where all cells are full, of the same mean and variance elsewhere. The tail
    of χ² is bounded by Chernoff's inequality, e^(−(z − ν ln(1 + 2z/ν)/2)) at ν + 2z.
    """
    if excess <= 0.0:
        return False
    rows, k_x, least_x, _, _ = _inverse_sums(counts_x)
    _, k_y, least_y, _, _ = _inverse_sums(counts_y)
    if least_x * (least_y / rows) >= _DENSE:
        degrees = (k_x - 1.0) * (k_y - 1.0)
    else:
        degrees = 2.0 * _LN2 * _LN2 * variance_bits(counts_x, counts_y)
    z = _LN2 * rows * excess
    if degrees <= 0.0:
        return False
    return z - degrees / 2.0 * np.log1p(2.0 * z / degrees) >= nats


@compiled
def strongest_fold(
    table: Any,
    width: Any,
    steps_x: Any,
    steps_y: Any,
    restarts: Any,
    smaller: Any,
    is_scaled: Any,
    nats: Any,
    best: Any,
) -> Any:
    """Return the strongest dependence beyond chance that a counted table and its folds show, if above ``best``.

    Parameters
    ----------
    table, width
        uint32[height · width], x-major: rows by codes, those of NULL (0) first, which are left out.
    steps_x, steps_y
        int64[steps, bins + 1]: how each fold's bins follow from its source's, as ``fold_steps`` has it; empty for a
        column that stays as it is.
    restarts
        bool[steps]: whether a fold is made from ``table`` rather than from the fold before.
    smaller
        min(H(X), H(Y)) on own values.
    is_scaled
        Whether both columns are cut.
    nats
        As ``is_beyond_chance`` takes it.
    best
        A dependence that is known already.

    Returns
    -------
    tuple
        The dependence, and the number of the fold that shows it, 0 being the table itself; ``best`` and −1 where
        none is stronger.
    """
    found = -1
    source, source_width = table, np.int64(width)
    shared, best, is_better = _look_at(table, width, np.inf, smaller, is_scaled, nats, best)
    if is_better:
        found = 0
    whole = shared
    for step in range(restarts.size):
        if restarts[step]:
            source, source_width, shared = table, np.int64(width), whole
        if coefficient(shared, smaller, is_scaled) <= best:
            continue
        height = source.size // source_width
        folded_height, folded_width = height, source_width
        if steps_x.shape[0]:
            folded_height = _last(steps_x[step], height) + 1
        if steps_y.shape[0]:
            folded_width = _last(steps_y[step], source_width) + 1
        if folded_height == height and folded_width == source_width:
            continue
        folded = np.zeros(folded_height * folded_width, table.dtype)
        for i in range(height):
            line = (steps_x[step, i] if steps_x.shape[0] else i) * folded_width
            begin = i * source_width
            if steps_y.shape[0]:
                for j in range(source_width):
                    folded[line + steps_y[step, j]] += source[begin + j]
            else:
                for j in range(source_width):
                    folded[line + j] += source[begin + j]
        source, source_width = folded, folded_width
        shared, best, is_better = _look_at(folded, folded_width, shared, smaller, is_scaled, nats, best)
        if is_better:
            found = step + 1
    return best, found


@inlined
def _last(step: Any, size: Any) -> Any:
    """Return the largest bin that a fold gives to the first ``size`` bins."""
    largest = 0
    for i in range(size):
        largest = max(largest, step[i])
    return largest


@compiled
def _look_at(table: Any, width: Any, most: Any, smaller: Any, is_scaled: Any, nats: Any, best: Any) -> Any:
    """Return the mutual information of a table, at most ``most``, the best dependence, and whether it is this one's."""
    height = table.size // width
    counts_x = np.zeros(height, np.int64)
    counts_y = np.zeros(width, np.int64)
    clogc = 0.0
    for i in range(1, height):
        begin = i * width
        for j in range(1, width):
            count = np.int64(table[begin + j])
            if count:
                counts_x[i] += count
                counts_y[j] += count
                clogc += _clogc(count)
    rows = 0
    alone = 0.0
    for i in range(1, height):
        rows += counts_x[i]
        alone += _clogc(counts_x[i])
    for j in range(1, width):
        alone += _clogc(counts_y[j])
    if rows == 0:
        return 0.0, best, False
    shared = min(most, max(0.0, np.log2(np.float64(rows)) - (alone - clogc) / rows))
    value, is_better = shown_beyond_chance(shared, counts_x, counts_y, smaller, is_scaled, nats, best)
    return shared, value, is_better


@compiled
def shown_beyond_chance(
    shared: Any, counts_x: Any, counts_y: Any, smaller: Any, is_scaled: Any, nats: Any, best: Any
) -> Any:
    """Return the dependence that bits shared at a resolution show beyond chance, or ``best``, and whether it is more.

    More by TIE: the same cells may come from two resolutions, of which the first is then kept whatever the rounding.
    """
    if coefficient(shared, smaller, is_scaled) <= best + TIE:
        return best, False
    excess = shared - expected_at(counts_x, counts_y)
    value = coefficient(excess, smaller, is_scaled)
    if value > best + TIE and is_beyond_chance(counts_x, counts_y, excess, nats):
        return value, True
    return best, False


@inlined
def _clogc(count: Any) -> Any:
    if count <= 0:
        return 0.0
    if count <= _LOG2_TABLE.size:
        return count * _LOG2_TABLE[count - 1]
    return count * np.log2(np.float64(count))


def resolutions(is_cut_x: bool, is_cut_y: bool) -> int:
    """Return at how many resolutions two columns are compared, at most.

    >>> resolutions(False, False), resolutions(True, False), resolutions(True, True)
    (1, 7, 23)
    """
    return 1 + HALVINGS * (is_cut_x + is_cut_y) + len(CUTS) * (is_cut_x and is_cut_y)


def needed_nats(pairs: int, is_cut_x: bool, is_cut_y: bool) -> float:
    """Return −ln of the probability up to which chance explains an excess at one resolution (Bonferroni)."""
    return math.log(max(1, pairs) * resolutions(is_cut_x, is_cut_y) / CHANCE)


def dependence(table: npt.ArrayLike, *, ordered_x: bool = False, ordered_y: bool = False, pairs: int = 1) -> Strength:
    """Return how strongly two columns depend on each other, in any functional form, on the scale of a correlation.

    The largest over resolutions of √((I − E[I])/m) and, where both columns are cut, λ(I − E[I])/λ(m), with
    m = min(H(X), H(Y)) and λ(I) = √(1 − 2^(−2I)).

    Parameters
    ----------
    table
        Array of shape (values of x, values of y): the rows with each pair of values, whole numbers.
    ordered_x, ordered_y
        Whether the values of x, and of y, are numbers or times, given in ascending order. With more than 16 values such
        a column is also cut into 64, 32, 24, 16, 12, 8, 6, 4, 3 and 2 bins of equal mass.
    pairs
        How many pairs are looked at together: the more, the stronger the evidence must be. All of them together show
        any dependence between independent columns with a probability of at most 1 %.

    Returns
    -------
    Strength
        (value, bins_x, bins_y): the dependence in [0, 1] and the resolution that shows it. 0.0 where none shows more
        than chance, as for a unique column taken as it is. None where either column is constant, and without rows.

    Raises
    ------
    ArgumentError
        Not two-dimensional; negative, fractional, NaN or infinite counts; 2^32 rows or more; ``pairs`` below 1.

    Notes
    -----
    Linfoot (1957), "An informational measure of correlation", for λ; Vinh, Epps & Bailey (2010) for E[I].

    Examples
    --------
    >>> round(dependence([[50, 0], [0, 50]]).value, 2)
    1.0
    >>> dependence([[25, 25], [25, 25]]).value, dependence([[25, 25]]).value
    (0.0, None)
    """
    counts = as_counts(table, name="table", dimensions=2)
    if not satisfies(pairs, lambda number: number >= 1):
        raise ArgumentError(f"pairs is {pairs!r}: give how many pairs are looked at, at least 1")
    by_x, by_y = counts.sum(axis=1), counts.sum(axis=0)
    if (rows := float(by_x.sum())) >= _LARGEST:
        raise ArgumentError(f"the table holds {rows:,.0f} rows: this function counts fewer than {_LARGEST:,}")
    counts = counts[np.ix_(by_x > 0, by_y > 0)]
    bits = entropies(counts)
    if bits is None or (smaller := min(bits.x, bits.y)) <= PRECISION:
        return Strength(None)
    is_cut = tuple(
        is_ordered and size > FEW_VALUES for is_ordered, size in zip((ordered_x, ordered_y), counts.shape, strict=True)
    )
    nats = needed_nats(pairs, *is_cut)
    found, _ = strongest_fold(*_framed(counts), *_NO_STEPS, _NO_RESTARTS, smaller, False, nats, 0.0)
    best = Strength(float(found))
    for cut_x, cut_y in ((True, True), (True, False), (False, True)):
        if cut_x <= is_cut[0] and cut_y <= is_cut[1]:
            best = _look_at_cuts(counts, (cut_x, cut_y), most_cells(int(rows)), smaller, nats, best)
    return best


def _look_at_cuts(
    counts: npt.NDArray[np.float64],
    is_cut: tuple[bool, bool],
    most: int,
    smaller: float,
    nats: float,
    best: Strength,
) -> Strength:
    """Return the dependence that cuts of one or both columns show, or the best so far."""
    is_scaled = all(is_cut)
    for level in range(1 if is_scaled else HALVINGS):
        table, steps = counts, list(_NO_STEPS)
        for axis in (0, 1):
            if is_cut[axis]:
                table, steps[axis] = _cut_axis(table, axis, level)
        if not is_scaled and (table.shape[0] + 1) * (table.shape[1] + 1) > most:
            continue
        chosen = slice(level, None if is_scaled else HALVINGS - 1)
        steps = [step[chosen] for step in steps]
        value, fold = strongest_fold(
            *_framed(table), steps[0], steps[1], RESTARTS[chosen], smaller, is_scaled, nats, best.value
        )
        if fold < 0:
            return best
        sizes = [min(CUTS[level + int(fold)], size) for size in table.shape]
        return Strength(float(value), *(size if cut else None for size, cut in zip(sizes, is_cut, strict=True)))
    return best


def _cut_axis(counts: npt.NDArray[np.float64], axis: int, level: int) -> tuple[npt.NDArray[np.float64], Counts]:
    """Return a table with one side cut at a halving, and how the cuts of that side are folded."""
    alone = counts.sum(axis=1 - axis).astype(np.int64)
    bins = equal_mass_bins(np.cumsum(alone), alone, FINEST)
    steps = fold_steps(np.bincount(bins, alone).astype(np.int64))
    for step in steps[:level]:
        bins = step[bins + 1] - 1
    # Bins are in the order of the values: each is a run of them.
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    return np.add.reduceat(counts, starts, axis=axis), steps


def _framed(counts: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint32], int]:
    """Return a table as ``strongest_fold`` takes it, with an empty row and column for NULL in front, and its width."""
    framed = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), np.uint32)
    framed[1:, 1:] = counts
    return framed.ravel(), framed.shape[1]


def most_cells(rows: int) -> int:
    """Return the most cells of a table with one column cut and the other as it is."""
    return max(SMALL_TABLE, rows // 4)
