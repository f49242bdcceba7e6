"""Fingerprint: how many values occur once, twice, …: all that an entropy estimator needs of a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError
from colprofile.measures.checks import as_counts


class Fingerprint(NamedTuple):
    """The counts that occur in a marginal, and how many values have each.

    At most about √(2n) entries for n rows, however many values there are.

    Attributes
    ----------
    counts
        Array of shape (entries,): the distinct counts, ascending, at least 1.
    multiplicities
        Array of shape (entries,): the number of values with that count, at least 1.
    """

    counts: NDArray[np.int64]
    multiplicities: NDArray[np.int64]

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[int, int]]) -> Fingerprint:
        """Return the fingerprint of (count, number of values) pairs: what ``ColumnProfile`` holds.

        >>> Fingerprint.from_pairs([(1, 2), (5, 1)]).rows
        7
        """
        listed = list(pairs)
        return as_fingerprint(([count for count, _ in listed], [many for _, many in listed]))

    @property
    def rows(self) -> int:
        """Rows that were counted, n."""
        return int(self.counts @ self.multiplicities)

    @property
    def distinct(self) -> int:
        """Distinct values that were seen."""
        return int(self.multiplicities.sum())

    def values_seen(self, times: int) -> int:
        """Return how many values occur exactly ``times`` times: f1 and f2 of the ecologists' estimators.

        >>> fingerprint([3, 1, 1]).values_seen(1)
        2
        """
        return int(self.multiplicities[self.counts == times].sum())


def fingerprint(counts: ArrayLike) -> Fingerprint:
    """Return the fingerprint of a column's counts.

    Parameters
    ----------
    counts
        Array of shape (values,), whole numbers of any numeric type. Zeros are left out.

    Returns
    -------
    Fingerprint
        Without entries where nothing was counted.

    Raises
    ------
    ArgumentError
        Negative, fractional, NaN or infinite counts.

    Examples
    --------
    >>> counts, multiplicities = fingerprint([3, 1, 0, 1])
    >>> counts.tolist(), multiplicities.tolist()
    ([1, 3], [2, 1])
    """
    checked = as_counts(counts)
    distinct, many = np.unique(checked[checked > 0], return_counts=True)
    return Fingerprint(distinct.astype(np.int64), many.astype(np.int64))


def as_fingerprint(given: tuple[ArrayLike, ArrayLike]) -> Fingerprint:
    """Return (counts, multiplicities) as a Fingerprint: sorted, without zeros, each count once.

    Raises
    ------
    ArgumentError
        Not two flat arrays of whole numbers of the same length.

    Examples
    --------
    >>> counts, multiplicities = as_fingerprint(([4, 1], [1, 3]))
    >>> counts.tolist(), multiplicities.tolist()
    ([1, 4], [3, 1])
    """
    if isinstance(given, Fingerprint):
        return given
    try:
        first, second = given
    except (TypeError, ValueError):
        raise ArgumentError("a fingerprint is two arrays, counts and multiplicities: use fingerprint(counts)") from None
    counts, many = as_counts(first), as_counts(second, name="multiplicities")
    if counts.size != many.size:
        raise ArgumentError(
            f"{counts.size} counts and {many.size} multiplicities given: a fingerprint has one for each"
        )
    kept = (counts > 0) & (many > 0)
    distinct, where = np.unique(counts[kept], return_inverse=True)
    summed = np.bincount(where, weights=many[kept], minlength=distinct.size)
    return Fingerprint(distinct.astype(np.int64), summed.astype(np.int64))
