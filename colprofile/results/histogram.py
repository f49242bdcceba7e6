"""Histogram: a saved marginal, what ``drift`` compares, whether we counted it or a database's ``ANALYZE`` did."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from colprofile.values import Value

__all__ = ["Distribution", "Histogram", "Quantile", "TopValue", "Value", "bucket_of"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """One column's saved marginal: what is needed to compare it with fresh data.

    Three parts, which together hold every row exactly once:

    * ``values`` with ``counts``: values counted one by one, the most frequent first (ties in the order of the
      values). Up to 2,048 distinct values all are listed; of more, those that hold over 1/1,024 of the rows.
      A histogram that was counted like another one lists that one's values, in its order, with 0 for none.
    * ``edges`` with ``bin_counts`` (numeric and temporal columns): the remaining rows in equal-mass bins. Bin i
      holds the rows with ``edges[i] < value <= edges[i + 1]``; the first bin also holds ``edges[0]``. Fresh values
      outside the edges were never seen. Edges of temporal columns are microseconds since 1970-01-01 (days for DATE ×
      86 400 000 000, time of day since midnight). NaN and infinities are always in ``values``.
    * ``bucket_counts`` (other columns): the remaining rows by hash bucket; the bucket of a value is the first eight
      hexadecimal digits of the md5 of its text form (UTF-8), modulo the number of buckets.

    Attributes
    ----------
    rows
        All rows, NULLs included.
    nulls
        NULL rows.
    distinct
        Distinct values that are not NULL (of everything, not only of ``values``). After ``merge`` the most there can
        be.
    values, counts
        The values counted one by one and their rows.
    edges, bin_counts, bin_distinct
        The tail of numeric and temporal columns, and how many distinct values each bin holds. Empty where there is
        none.
    bucket_counts, bucket_distinct
        The tail of other columns. Empty where there is none.
    distinct_lowest
        The least that ``distinct`` can be, where merged parts do not tell which values they share; None where it is
        exact.
    """

    rows: int
    nulls: int
    distinct: int
    values: tuple[Value, ...] = ()
    counts: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()
    bin_counts: tuple[int, ...] = ()
    bin_distinct: tuple[int, ...] = ()
    bucket_counts: tuple[int, ...] = ()
    bucket_distinct: tuple[int, ...] = ()
    distinct_lowest: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every distinct value is in ``values``, so that nothing is binned."""
        return not self.bin_counts and not self.bucket_counts

    @property
    def filled(self) -> int:
        """Rows that are not NULL."""
        return self.rows - self.nulls

    def merge(self, other: Histogram) -> Histogram:
        """Return the histogram of both parts' rows: what counting them together would have given, cell by cell.

        A value that one part lists and the other may hold in its tail moves to its bin or bucket. Parts that list all
        of their values can always be merged. Parts with buckets too (the coarser number counts, which must divide the
        other). Of parts with bins the inner edges must be equal: ``profile(part, like=saved)`` makes them so.

        Raises
        ------
        ArgumentError
            The bins or buckets do not agree.

        Examples
        --------
        >>> monday = Histogram(rows=3, nulls=1, distinct=1, values=("a",), counts=(2,))
        >>> tuesday = Histogram(rows=4, nulls=0, distinct=2, values=("b", "a"), counts=(3, 1))
        >>> both = monday.merge(tuesday)
        >>> both.rows, both.nulls, both.distinct, both.values, both.counts
        (7, 1, 2, ('a', 'b'), (3, 3))
        """
        from colprofile.results.merging import merged

        return merged(self, other)


def bucket_of(value: Value, buckets: int) -> int:
    """Return the hash bucket of a value: the first eight hexadecimal digits of its text form's md5, modulo ``buckets``.

    >>> bucket_of("abc", 1024)
    152
    """
    text = str(value).encode("utf-8", "surrogateescape")
    return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16) % buckets


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a small chart of a column draws: equal-width bins of a numeric or temporal column.

    Attributes
    ----------
    edges
        One more than ``counts``: numbers for numeric columns, ISO text for temporal ones. Bins are closed on the left,
        the last one on both sides.
    counts
        The rows in each bin.
    left_out
        Rows that have no place on the axis: NaN and infinities.
    """

    edges: tuple[float | str, ...]
    counts: tuple[int, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value.

    Attributes
    ----------
    value
        As JSON can hold it: temporal values as ISO text, nested ones and blobs as the database's text.
    count
        The rows that hold it.
    share
        Its share of the rows that are not NULL, in [0, 1].
    """

    value: Value
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile that is an actual value of the column.

    Attributes
    ----------
    probability
        In [0, 1].
    value
        The smallest value v such that at least ``probability`` of the rows that are not NULL are <= v.
    """

    probability: float
    value: Value
