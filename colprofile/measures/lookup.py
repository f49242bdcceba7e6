"""The bits that a dependency saves when it is used to store less, which also bound its p-value.

If Y is shuffled against X, each of its N = n!/Π n_y! arrangements is equally likely. A code can describe at most 2^L of
them in at most L bits, so the chance of a description that short is at most 2^L / N, for tables of any size and however
sparse. The bits that a description saves, log2 N − L, therefore bound the p-value: p ≤ 2^−saved (the
no-hypercompression inequality, Grünwald 2007, section 3.3), without asymptotics or simulation.

N is bounded below by 2^(n·H(Y)) / C(n + k_y − 1, k_y − 1), the type class (Csiszár & Körner 2011, lemma 2.3).
"""

from __future__ import annotations

import math

from colprofile.measures.tables import Pair, Side, entropies, towards


def log2_binomial(n: float, k: float) -> float:
    """Return log2 of n choose k; −infinity where k is not in 0 … n.

    >>> round(log2_binomial(4, 2), 12) == round(math.log2(6), 12)
    True
    """
    if k < 0 or k > n:
        return -math.inf
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)


def arrangement_bits(rows: int, distinct: int, entropy: float) -> float:
    """Return a lower bound, at least 0, of log2 of the number of arrangements of a column's values.

    Parameters
    ----------
    rows, distinct
        Rows and distinct values of the column.
    entropy
        Its entropy in bits per row.
    """
    return max(0.0, rows * entropy - log2_binomial(rows + distinct - 1, distinct - 1)) if rows else 0.0


def lookup_savings(pair: Pair, *, given: Side = "x") -> float | None:
    """Return the bits that a lookup of Y by X, with its exceptions listed, saves over storing Y.

    log2 N − (k_x·log2 k_y + log2 C(n, v) + v·log2 k_y), with v the violating rows: the code is a table of one y for
    each x, which rows are exceptions, and their values.

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts of rows.
    given
        "x" for X → Y, "y" for Y → X.

    Returns
    -------
    float or None
        Bits for the whole table, not per row; at most 0 where nothing is saved. If Y were shuffled, so few violating
        rows would appear with probability at most 2^−savings. None without rows.

    Raises
    ------
    ArgumentError
        As ``pair_sums``.

    Examples
    --------
    >>> lookup_savings([[50, 0], [0, 50]]) > 80
    True
    >>> lookup_savings([[25, 25], [25, 25]]) < 0
    True
    """
    sums = towards(pair, given)
    bits = entropies(sums)
    if bits is None:
        return None
    against = sums.rows - sums.best_y_by_x
    return savings(sums.rows, sums.distinct_x, sums.distinct_y, bits.y, against)


def savings(rows: int, distinct_x: int, distinct_y: int, entropy_y: float, violating: int) -> float:
    """Return ``lookup_savings`` from its parts; overestimates of the distinct values only make it smaller."""
    width = math.log2(max(1, distinct_y))
    code = distinct_x * width + log2_binomial(rows, violating) + violating * width
    return arrangement_bits(rows, distinct_y, entropy_y) - code


def table_savings(rows: int, distinct_x: int, distinct_y: int, cells: int, entropy_y: float, left: float) -> float:
    """Return the bits that knowing X saves in describing Y, less the bits of their contingency table.

    log2 N − (log2(cells possible) + log2 C(k_x·k_y, cells) + log2 C(n − 1, cells − 1) + n·H(Y|X)).

    Parameters
    ----------
    rows
        Complete rows n.
    distinct_x, distinct_y, cells
        Values of x and y, and distinct pairs, among them.
    entropy_y, left
        H(Y) and H(Y|X), bits per row.

    Returns
    -------
    float
        Bits for the whole table. If Y were shuffled, this much would be saved with probability at most 2^−savings.

    Examples
    --------
    >>> table_savings(100, 2, 2, 2, 1.0, 0.0) > 70
    True
    """
    if not rows:
        return 0.0
    possible = distinct_x * distinct_y
    code = math.log2(min(rows, possible)) + log2_binomial(possible, cells) + log2_binomial(rows - 1, cells - 1)
    return arrangement_bits(rows, distinct_y, entropy_y) - code - rows * left
