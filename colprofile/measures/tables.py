"""A pair's sums and entropies, whether it comes as PairSums from a kernel or as a contingency table."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from colprofile.errors import ArgumentError
from colprofile.measures.checks import as_counts, as_weights, satisfies
from colprofile.measures.entropy import entropy
from colprofile.measures.sums import PairSums

Pair: TypeAlias = PairSums | ArrayLike
"""A PairSums, or a contingency table: array of shape (values of x, values of y)."""

Side = Literal["x", "y"]

PRECISION = 1e-9
"""What all sums promise, in bits: a figure that must not be negative may miss 0 by this and no more."""


def pair_sums(table: ArrayLike) -> PairSums:
    """Return the sums of a contingency table, from which every pair measure follows.

    Parameters
    ----------
    table
        Array of shape (values of x, values of y): in each cell the rows with that pair of values, whole
        numbers of any numeric type. Empty rows and columns are left out. A pandas ``crosstab`` serves.

    Returns
    -------
    PairSums
        All zeros where nothing was counted.

    Raises
    ------
    ArgumentError
        Not two-dimensional; negative, fractional, NaN or infinite counts; more than 2^53 rows.

    Examples
    --------
    >>> sums = pair_sums([[2, 0], [1, 1]])
    >>> sums.rows, sums.distinct_x, sums.distinct_y, sums.cells, sums.best_y_by_x
    (4, 2, 2, 3, 3)
    """
    counts = as_counts(table, name="table", dimensions=2)
    by_x, by_y = counts.sum(axis=1), counts.sum(axis=0)
    counts = counts[np.ix_(by_x > 0, by_y > 0)]
    by_x, by_y = by_x[by_x > 0], by_y[by_y > 0]
    joint = counts[counts > 0]
    squares = counts * counts
    return PairSums(
        rows=int(by_x.sum()),
        distinct_x=by_x.size,
        distinct_y=by_y.size,
        cells=joint.size,
        joint_clogc=float(np.sum(joint * np.log2(joint))),
        x_clogc=float(np.sum(by_x * np.log2(by_x))),
        y_clogc=float(np.sum(by_y * np.log2(by_y))),
        square_over_x=float(np.sum(squares.sum(axis=1) / by_x)),
        square_over_y=float(np.sum(squares.sum(axis=0) / by_y)),
        x_square=float(by_x @ by_x),
        y_square=float(by_y @ by_y),
        best_y_by_x=int(counts.max(axis=1, initial=0).sum()),
        best_x_by_y=int(counts.max(axis=0, initial=0).sum()),
    )


def exchanged(sums: PairSums) -> PairSums:
    """Return the sums of the same pair with x and y exchanged.

    >>> exchanged(pair_sums([[2, 0], [1, 1]])) == pair_sums([[2, 1], [0, 1]])
    True
    """
    return replace(
        sums,
        distinct_x=sums.distinct_y,
        distinct_y=sums.distinct_x,
        x_clogc=sums.y_clogc,
        y_clogc=sums.x_clogc,
        square_over_x=sums.square_over_y,
        square_over_y=sums.square_over_x,
        x_square=sums.y_square,
        y_square=sums.x_square,
        best_y_by_x=sums.best_x_by_y,
        best_x_by_y=sums.best_y_by_x,
    )


def sums_with_unique(rows: int, distinct: int, clogc: float, square: float) -> PairSums:
    """Return the sums of a pair whose x is unique, so that every cell is one row.

    ``distinct``, ``clogc`` and ``square`` are y's distinct values, Σ c·log2 c and Σ c².

    >>> sums_with_unique(3, 2, 2.0, 5.0) == pair_sums([[1, 0], [1, 0], [0, 1]])
    True
    """
    return PairSums(
        rows=rows,
        distinct_x=rows,
        distinct_y=distinct,
        cells=rows,
        joint_clogc=0.0,
        x_clogc=0.0,
        y_clogc=clogc,
        square_over_x=float(rows),
        square_over_y=float(distinct),
        x_square=float(rows),
        y_square=square,
        best_y_by_x=rows,
        best_x_by_y=distinct,
    )


def towards(pair: Pair, given: Side) -> PairSums:
    """Return the sums with the given column as x, so that measures of X → Y need one formula."""
    known_x = is_x(given)
    sums = pair if isinstance(pair, PairSums) else pair_sums(pair)
    return sums if known_x else exchanged(sums)


class Entropies(NamedTuple):
    """Bits: H(X), H(Y), H(X,Y), I(X;Y), H(X|Y), H(Y|X), made consistent where a dependency is exact."""

    x: float
    y: float
    joint: float
    shared: float
    x_given_y: float
    y_given_x: float


def entropies(pair: Pair) -> Entropies | None:
    """Return the entropies of a pair, None without rows."""
    if isinstance(pair, PairSums):
        n = pair.rows
        if not n:
            return None
        distinct_x, distinct_y, cells = pair.distinct_x, pair.distinct_y, pair.cells
        log_n = math.log2(n)
        x, y, joint = (log_n - clogc / n for clogc in (pair.x_clogc, pair.y_clogc, pair.joint_clogc))
    else:
        table = as_weights(pair, name="table", dimensions=2)
        by_x, by_y = table.sum(axis=1), table.sum(axis=0)
        distinct_x, distinct_y, cells = (int(np.count_nonzero(part)) for part in (by_x, by_y, table))
        alone_x, alone_y, together = entropy(by_x), entropy(by_y), entropy(table.ravel())
        if alone_x is None or alone_y is None or together is None:
            return None
        x, y, joint = alone_x, alone_y, together
    # How many cells there are says exactly what rounding would blur: a column with one value holds 0 bits,
    # and a joint with as many cells as x has values is a function of x.
    x, y = _bits(x, distinct_x == 1), _bits(y, distinct_y == 1)
    y_given_x, x_given_y = cells == distinct_x, cells == distinct_y
    joint = x if y_given_x else y if x_given_y else joint
    return Entropies(
        x=x,
        y=y,
        joint=joint,
        shared=_bits(x + y - joint, distinct_x == 1 or distinct_y == 1),
        x_given_y=_bits(joint - y, x_given_y),
        y_given_x=_bits(joint - x, y_given_x),
    )


def _bits(figure: float, is_zero: bool) -> float:
    """Return a figure that mathematics forbids to be negative, 0.0 where it is so by a rounding of the sums.

    Beyond PRECISION it is not rounding: then the sums do not belong together, and no figure may be made of
    them.
    """
    if figure < -PRECISION or (is_zero and figure > PRECISION):
        raise ArgumentError(
            f"these sums are not of one table: a figure that cannot be negative comes to {figure:.3g} bits"
        )
    return 0.0 if is_zero else max(figure, 0.0)


def is_x(given: str) -> bool:
    """Return whether the known column is x; ArgumentError if ``given`` names neither."""
    if given not in ("x", "y"):
        raise ArgumentError(f"given is {given!r}: it is the known column, 'x' or 'y'")
    return given == "x"


def check_expected(expected: float) -> None:
    """Raise ArgumentError if ``expected`` cannot be an expected mutual information."""
    if not satisfies(expected, lambda number: 0 <= number < math.inf):
        raise ArgumentError(f"expected is {expected!r}: give E[I] in bits, from expected_mutual_information")
