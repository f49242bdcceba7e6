"""Sizes of joins: exact from the counts of the joined columns, and bounded by their fingerprints alone.

A fingerprint is a degree sequence in short: how many values occur once, twice, … It says nothing of which values they
are, so two columns of given fingerprints can be joined in many ways. The bounds here are the largest and the smallest
number of rows that any of these ways gives. Proofs are in docs/joins.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError
from colprofile.measures.checks import as_counts, satisfies
from colprofile.measures.fingerprints import Fingerprint, as_fingerprint

Pairs: TypeAlias = Fingerprint | tuple[ArrayLike, ArrayLike]
Numbers: TypeAlias = NDArray[np.int64]
Run: TypeAlias = tuple[Numbers, Numbers]
"""A sequence of numbers in short: each number, and how many times it follows itself."""


def join_size(*counts: ArrayLike) -> int:
    """Return the rows of a join of tables on one column: Σ_v Π c(v) over the values.

    Parameters
    ----------
    *counts
        For each table, an array of shape (values,): how many of its rows have each value, over the same values in the
        same order; 0 where it has none. NULL equals nothing: leave it out.

    Returns
    -------
    int
        Rows, exact however large. 0 without values.

    Raises
    ------
    ArgumentError
        Fewer than two arrays, or arrays of different lengths; counts that are negative, fractional, NaN or infinite.

    Examples
    --------
    >>> join_size([2, 1, 0], [3, 0, 5])
    6
    """
    if len(counts) < 2:
        raise ArgumentError(f"{len(counts)} arrays of counts given: a join needs one for each of two tables or more")
    checked = [as_counts(given) for given in counts]
    lengths = sorted({each.size for each in checked})
    if len(lengths) > 1:
        raise ArgumentError(
            f"counts of {lengths[0]} and of {lengths[-1]} values given: give all over the same values, 0 where a table"
            " has none"
        )
    return _total(*(each.astype(np.int64) for each in checked))


def join_upper_bound(*fingerprints: Pairs, most_shared: int | None = None) -> int:
    """Return the most rows that a join of tables on one column can have, from the columns' fingerprints alone.

    Σ_i Π d(i), with each table's counts d sorted in descending order: the most frequent values meet. No bound from
    the fingerprints can be lower, as there are tables whose values do meet so; Hölder's ‖a‖_p ‖b‖_q, from norms of the
    same counts (``degree_norm``), is never lower.

    Parameters
    ----------
    *fingerprints
        For each table, (counts, multiplicities) of its column, NULL left out.
    most_shared
        The most values that all columns can have in common, where something is known: 0 where their ranges do not
        meet. Unlimited by default.

    Returns
    -------
    int
        Rows. 0 where a column has no values.

    Raises
    ------
    ArgumentError
        Fewer than two fingerprints, something that is none, or a negative ``most_shared``.

    Notes
    -----
    Hardy, Littlewood & Pólya (1934), theorem 368, for two; for degree sequences Deeds, Suciu & Balazinska (2023),
    "SafeBound"; ℓp-norms Zhang, Mayer, Abo Khamis, Olteanu & Suciu (2025), "LpBound".

    Examples
    --------
    >>> join_upper_bound(([1, 3], [2, 1]), ([2, 4], [1, 1]))  # counts 3 1 1 and 4 2
    14
    """
    if len(fingerprints) < 2:
        raise ArgumentError(f"{len(fingerprints)} fingerprints given: a join needs one for each of two tables or more")
    runs = [_descending(as_fingerprint(given)) for given in fingerprints]
    return _total(*_aligned(*runs, *_limit(most_shared)))


def join_lower_bound(first: Pairs, second: Pairs, *, shared: int = 0) -> int:
    """Return the fewest rows that a join of two tables can have, from fingerprints and the number of shared values.

    Fingerprints alone promise nothing: the columns may have no value in common. Where k values are known to be, the
    fewest rows are Σ_{i ≤ k} a(i) b(k + 1 − i), with both tables' counts in ascending order: the k rarest values of
    each, the frequent of one with the rare of the other.

    Parameters
    ----------
    first, second
        (counts, multiplicities) of the joined columns, NULL left out.
    shared
        How many values are known to be in both: all of a foreign key's, less those that are orphans; of whole numbers
        what ``fewest_shared`` says.

    Returns
    -------
    int
        Rows. 0 where ``shared`` is 0.

    Raises
    ------
    ArgumentError
        Something that is no fingerprint; ``shared`` negative or above the number of values of a column.

    Notes
    -----
    Hardy, Littlewood & Pólya (1934), theorem 368. Stoian et al. (2026), "The Case for Cardinality Lower Bounds"
    (xBound), bound the same sum from below by norms, which is never higher.

    Examples
    --------
    >>> join_lower_bound(([1, 3], [2, 1]), ([1, 2, 9], [1, 1, 2]), shared=3)  # counts 3 1 1 and 9 9 2 1
    14
    """
    one, other = as_fingerprint(first), as_fingerprint(second)
    number = _checked_shared(shared, one, other)
    met = _aligned(_descending(_rarest(one, number)), _ascending(_rarest(other, number)))
    return _total(*met)


def chain_upper_bound(
    first: Pairs,
    middle: tuple[Pairs, Pairs],
    last: Pairs,
    *,
    most_shared: tuple[int | None, int | None] = (None, None),
) -> int:
    """Return the most rows that R(x) ⋈ S(x, y) ⋈ T(y) can have, from the fingerprints of the four columns alone.

    Each row of S meets r(x) · t(y) rows. Sorted in descending order, r's counts are given to the values of x from the
    most frequent one on, and t's to those of y; the rows of S then have them in descending order, both at once. No
    bound from these fingerprints can be lower, where rows of S may be equal.

    Parameters
    ----------
    first, last
        (counts, multiplicities) of R's x and T's y, NULL left out.
    middle
        Those of S's x and S's y. They may be of one column: then ``join_upper_bound`` of three is never higher.
    most_shared
        The most values that R's x and S's x can have in common, and S's y and T's y, as for ``join_upper_bound``.

    Returns
    -------
    int
        Rows. 0 where a column has no values.

    Raises
    ------
    ArgumentError
        Something that is no fingerprint, or a negative ``most_shared``.

    Examples
    --------
    >>> chain_upper_bound(([2], [2]), (([1, 2], [1, 1]), ([3], [1])), ([5], [1]))  # r: 2 2, S: 3 rows, t: 5
    30
    """
    runs = []
    for side, own, most in zip((first, last), middle, most_shared, strict=True):
        found = [_descending(as_fingerprint(side)), _descending(as_fingerprint(own))]
        values, partners, degrees, *_ = _aligned(*found, *_limit(most))
        runs.append(_row_degrees(values, partners, degrees))
    return _total(*_aligned(*runs))


def chain_lower_bound(
    first: Pairs, middle: tuple[Pairs, Pairs], last: Pairs, *, rows: int, shared: tuple[int, int] = (0, 0)
) -> int:
    """Return the fewest rows that R(x) ⋈ S(x, y) ⋈ T(y) can have, from fingerprints and the numbers of shared values.

    The values of S's x that R may lack are its most frequent ones; of the others, the more frequent meet the rarer of
    R. The same for T; and the rows of S that meet many of R are those that meet few of T.

    Parameters
    ----------
    first, last
        (counts, multiplicities) of R's x and T's y, NULL left out.
    middle
        Those of S's x and S's y. They may be of one column.
    rows
        Rows of S, those with NULL too: a row without x may be the one that has y.
    shared
        How many values R's x and S's x are known to share, and S's y and T's y.

    Returns
    -------
    int
        Rows. 0 where one of ``shared`` is 0.

    Raises
    ------
    ArgumentError
        Something that is no fingerprint; ``rows`` below the rows of a fingerprint of S; ``shared`` negative or above
        the number of values of a column.

    Examples
    --------
    >>> chain_lower_bound(([2], [2]), (([1, 2], [1, 1]), ([3], [1])), ([5], [1]), rows=3, shared=(2, 1))
    30
    """
    middle_x, middle_y = as_fingerprint(middle[0]), as_fingerprint(middle[1])
    most = max(middle_x.rows, middle_y.rows)
    if not satisfies(rows, lambda number: number >= most):
        raise ArgumentError(f"rows is {rows!r}: the middle table has at least {most} rows by its fingerprints")
    on_x = _fewest_per_row(as_fingerprint(first), middle_x, shared[0], rows)
    on_y = _fewest_per_row(as_fingerprint(last), middle_y, shared[1], rows)
    return _total(*_aligned(on_x, (on_y[0][::-1], on_y[1][::-1])))


def fewest_shared(distinct: Sequence[int], lows: Sequence[int], highs: Sequence[int]) -> int:
    """Return how many values columns of whole numbers must share: they do not fit into their range otherwise.

    Σ distinct − (columns − 1) · (max high − min low + 1), at least 0.

    Parameters
    ----------
    distinct, lows, highs
        For each column its number of distinct values, all whole numbers, the smallest and the largest.

    Returns
    -------
    int
        Values that are in every column; 0 where nothing is certain, and without columns.

    Raises
    ------
    ArgumentError
        The three are not equally long.

    Notes
    -----
    Stoian et al. (2026), "The Case for Cardinality Lower Bounds", section 3.

    Examples
    --------
    >>> fewest_shared([90, 100], [1, 1], [100, 100])
    90
    """
    if not len(distinct) == len(lows) == len(highs):
        raise ArgumentError(
            f"{len(distinct)} numbers of values, {len(lows)} lows, {len(highs)} highs given: give one of each a column"
        )
    if not distinct or min(distinct) == 0:
        return 0
    room = max(highs) - min(lows) + 1
    return max(0, sum(distinct) - (len(distinct) - 1) * room)


def degree_norm(fingerprint: Pairs, p: float) -> float:
    """Return the ℓp-norm of a column's counts, (Σ c^p)^(1/p): what LpBound keeps of a column for a few p.

    Parameters
    ----------
    fingerprint
        (counts, multiplicities) of the column.
    p
        At least 1: 1 gives the rows, 2 the root of the rows of a join with itself, ``math.inf`` the largest count.

    Returns
    -------
    float
        In rows. 0.0 without values.

    Raises
    ------
    ArgumentError
        Something that is no fingerprint; ``p`` below 1.

    Notes
    -----
    Zhang, Mayer, Abo Khamis, Olteanu & Suciu (2025), section 2. With 1/p + 1/q = 1 a join of two has at most
    ‖a‖_p ‖b‖_q rows.

    Examples
    --------
    >>> degree_norm(([3, 4], [1, 1]), 2), degree_norm(([3, 4], [1, 1]), math.inf)
    (5.0, 4.0)
    """
    if not satisfies(p, lambda number: number >= 1):
        raise ArgumentError(f"p is {p!r}: give a number of at least 1, or math.inf")
    counts, many = as_fingerprint(fingerprint)
    if not counts.size:
        return 0.0
    largest = float(counts[-1])
    if p == math.inf:
        return largest
    powers = math.fsum(many * (counts / largest) ** p)  # scaled: c^p may be more than a float holds
    return float(largest * powers ** (1 / p))


def _as_number(given: int, name: str) -> int:
    if not satisfies(given, lambda number: number >= 0 and number == int(number)):
        raise ArgumentError(f"{name} is {given!r}: give a number of values, 0 or more")
    return int(given)


def _limit(most_shared: int | None) -> list[Run]:
    """Return a sequence of ones that is as long as values can be shared; none where nothing is known."""
    if most_shared is None:
        return []
    return [(np.ones(1, np.int64), np.array([_as_number(most_shared, "most_shared")]))]


def _checked_shared(shared: int, one: Fingerprint, other: Fingerprint) -> int:
    number, most = _as_number(shared, "shared"), min(one.distinct, other.distinct)
    if number > most:
        raise ArgumentError(
            f"shared is {shared!r}: columns of {one.distinct} and {other.distinct} values share at most {most}"
        )
    return number


def _descending(fingerprint: Fingerprint) -> Run:
    return fingerprint.counts[::-1], fingerprint.multiplicities[::-1]


def _ascending(fingerprint: Fingerprint) -> Run:
    return fingerprint.counts, fingerprint.multiplicities


def _rarest(fingerprint: Fingerprint, number: int) -> Fingerprint:
    """Return the fingerprint of the ``number`` rarest values."""
    ends = np.minimum(np.cumsum(fingerprint.multiplicities), number)
    many = np.diff(ends, prepend=0)
    return Fingerprint(fingerprint.counts[many > 0], many[many > 0])


def _aligned(*runs: Run) -> tuple[Numbers, ...]:
    """Lay sequences beside each other, as far as the shortest goes.

    Return how many places have the same numbers, and each sequence's number there.
    """
    ends = [np.cumsum(lengths) for _, lengths in runs]
    shortest = min(int(end[-1]) if end.size else 0 for end in ends)
    cuts = np.unique(np.concatenate(ends))
    cuts = cuts[(cuts > 0) & (cuts <= shortest)]
    return np.diff(cuts, prepend=0), *(
        numbers[np.searchsorted(end, cuts)] for (numbers, _), end in zip(runs, ends, strict=True)
    )


def _row_degrees(values: Numbers, partners: Numbers, degrees: Numbers) -> Run:
    """Return how many partners the rows of a table have, of ``values`` values with ``degrees`` rows each."""
    return partners, values * degrees


def _fewest_per_row(side: Fingerprint, middle: Fingerprint, shared: int, rows: int) -> Run:
    """Return, in ascending order, how few partners each row of the middle table may have."""
    number = _checked_shared(shared, side, middle)
    found = _rarest(side, number)
    padded = (
        np.concatenate([[0], found.counts]),
        np.concatenate([[middle.distinct - number], found.multiplicities]),
    )
    partners, lengths = _row_degrees(*_aligned(padded, _descending(middle)))
    return np.concatenate([[0], partners]), np.concatenate([[rows - middle.rows], lengths])


def _total(*factors: Numbers) -> int:
    """Return the sum of products in whole numbers of any size."""
    product = factors[0].astype(object)
    for factor in factors[1:]:
        product = product * factor.astype(object)
    return int(product.sum())
