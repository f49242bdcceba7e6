"""How probable it is by chance that a dependency holds exactly, however seldom its left sides repeat.

A lookup table with nearly as many rows as the table saves nothing, and yet that hundreds of repeated left sides all
agree about a target is no chance. Shuffle Y within the groups of a coarser left side A: of a group with n rows, n_y of
them with value y, the N = n!/Π n_y! arrangements are equally likely. Those in which every finer group of m rows is
constant are at most

- Π_g Σ_y q_y^m / Π q_y^n_y for any distribution q that depends on the n_y alone, since each such arrangement has the
  probability Π q_y^n_y if rows were drawn from q (q even gives k^G, one value of k for each of G groups);
- N / (n)_M · Π_{g: m ≥ 2} Σ_y (n_y)_m, where (n)_m = n!/(n − m)!, and M are the rows of groups with at least two: the
  other rows are arranged freely, and (n)_{m + m'} ≤ (n)_m (n)_m'.

The smallest bound of each group counts, and their product bounds the probability of all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_POWERS = (0.0, 0.5, 1.0)  # of the values' shares, for q

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def exactness_bits(groups: npt.ArrayLike, values: npt.ArrayLike, parents: npt.ArrayLike | None = None) -> float:
    """Return −log2 of a bound of the probability that shuffled values are constant within every group.

    Parameters
    ----------
    groups, values
        Numbers of at least 0, one a row: the row's left side, and its value of the target.
    parents
        The row's coarser left side, within which the values are shuffled; each group lies in one. None: all rows.

    Returns
    -------
    float
        Bits, at least 0; 0 without rows, and where no group has two rows. It says nothing where the values are not
        constant within every group.

    Examples
    --------
    >>> round(exactness_bits([0, 0, 1, 1], [5, 5, 7, 7]), 2)  # two of the six arrangements: 1.58
    0.58
    >>> exactness_bits([0, 1, 2], [5, 5, 7])
    0.0
    """
    group, value = (np.unique(np.asarray(each), return_inverse=True)[1].astype(np.int64) for each in (groups, values))
    if not group.size:
        return 0.0
    parent = np.zeros_like(group) if parents is None else np.unique(np.asarray(parents), return_inverse=True)[1]
    sizes = np.bincount(group)
    parent_of_group = np.zeros(sizes.size, np.int64)
    parent_of_group[group] = parent
    rows = np.bincount(parent)
    cells, counts = np.unique(parent * (value.max() + 1) + value, return_counts=True)
    parent_of_cell = cells // (value.max() + 1)
    kinds = np.bincount(parent_of_cell)
    # Cells and groups of one parent and one size count alike.
    cell_parents, cell_sizes, cell_times = _repetitions(parent_of_cell, counts)
    is_repeated = sizes > 1
    group_parents, group_sizes, group_times = _repetitions(parent_of_group[is_repeated], sizes[is_repeated])
    arrangements = _log2_factorial(rows) - _sums(parent_of_cell, _log2_factorial(counts), rows.size)
    shares = np.log2(cell_sizes / rows[cell_parents])
    best = np.zeros(rows.size)
    expanded = _Expanded(cell_parents, cell_times, group_parents, rows.size)
    for power in _POWERS:
        weights = power * shares
        whole = np.log2(_sums(cell_parents, cell_times * np.exp2(weights), rows.size))
        log_q = weights - whole[cell_parents]
        seen = _sums(cell_parents, cell_times * cell_sizes * log_q, rows.size)
        likely = expanded.log2_sums(lambda cell, each, q=log_q: q[cell] * group_sizes[each])
        bits = arrangements + seen - _sums(group_parents, group_times * likely, rows.size)
        best = np.maximum(best, bits)
    falling = expanded.log2_sums(lambda cell, each: _log2_falling(cell_sizes[cell], group_sizes[each]))
    repeated_rows = np.bincount(group_parents, group_times * group_sizes, rows.size)
    bits = _log2_falling(rows, repeated_rows) - _sums(group_parents, group_times * falling, rows.size)
    best = np.maximum(best, bits)
    return float(best[kinds > 1].sum())


class _Expanded:
    """Every kind of group with every kind of cell of its parent, to sum over the cells."""

    def __init__(self, cell_parents: Ids, cell_times: Ids, group_parents: Ids, parents: int) -> None:
        begins = np.searchsorted(cell_parents, np.arange(parents + 1))
        widths = np.diff(begins)[group_parents]
        self._starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int64) if widths.size else widths
        self._group = np.repeat(np.arange(group_parents.size), widths)
        within = np.arange(self._group.size) - np.repeat(self._starts, widths)
        self._cell = np.repeat(begins[group_parents], widths) + within
        self._times = np.log2(cell_times[self._cell])

    def log2_sums(self, log2_terms: Any) -> Floats:
        """Return for each kind of group log2 of the sum over its parent's cells of 2^term(cell, group)."""
        if not self._group.size:
            return np.zeros(0)
        terms = self._times + log2_terms(self._cell, self._group)
        largest = np.maximum.reduceat(terms, self._starts)
        return np.asarray(largest + np.log2(np.add.reduceat(np.exp2(terms - largest[self._group]), self._starts)))


def _repetitions(parents: Ids, sizes: Ids) -> tuple[Ids, Ids, Ids]:
    """Return the different (parent, size), by parent, and how often each occurs."""
    width = int(sizes.max(initial=0)) + 1
    found, times = np.unique(parents * width + sizes, return_counts=True)
    return found // width, found % width, times


def _sums(places: Ids, terms: npt.ArrayLike, size: int) -> Floats:
    return np.bincount(places, terms, size).astype(np.float64)


def _log2_factorial(n: Any) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(np.asarray(n) + 1.0) / np.log(2))


def _log2_falling(n: Any, m: Any) -> Floats:
    """Return log2 of n (n − 1) … (n − m + 1), −infinity where m exceeds n."""
    is_possible = np.asarray(n) >= m
    rest = np.where(is_possible, np.asarray(n) - m, 0)
    return np.where(is_possible, _log2_factorial(n) - _log2_factorial(rest), -np.inf)
