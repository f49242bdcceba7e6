"""Histogram: a saved marginal, what ``drift`` compares, whether we counted it or a database's ``ANALYZE`` did."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.values import Value

__all__ = ["Distribution", "Histogram", "Quantile", "TopValue", "Value"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """One column's saved marginal: what is needed to compare it with fresh data.

    Three parts, which together hold every row exactly once:

    * ``values`` with ``counts``: values counted one by one, the most frequent first (ties in the order of the
      values). Where ``is_complete`` they are all there are.
    * ``edges`` with ``bin_counts`` (numeric and temporal columns): the remaining rows in equal-mass bins. Bin i
      holds the rows with ``edges[i] < value <= edges[i + 1]``; the first bin also holds ``edges[0]``. Fresh values outside
      the edges were never seen. Edges of temporal columns are microseconds since 1970-01-01 (days for DATE ×
      86 400 000 000, time of day since midnight).
    * ``bucket_counts`` (other columns): the remaining rows by hash bucket; the bucket of a value is the first eight
      hexadecimal digits of the md5 of its text form (UTF-8), modulo the number of buckets.

    Attributes
    ----------
    rows
        All rows, NULLs included.
    nulls
        NULL rows.
    distinct
        Distinct values that are not NULL (of everything, not only of ``values``).
    values, counts
        The values counted one by one and their rows.
    edges, bin_counts, bin_distinct
        The tail of numeric and temporal columns, and how many distinct values each bin holds. Empty where there is none.
    bucket_counts, bucket_distinct
        The tail of other columns. Empty where there is none.
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

    @property
    def is_complete(self) -> bool:
        """Whether every distinct value is in ``values``, so that nothing is binned."""
        return not self.bin_counts and not self.bucket_counts


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a small chart of a column draws: equal-width bins of a numeric or temporal column.

    ``edges`` has one more entry than ``counts``; bins are closed on the left, the last one on both sides. Edges are
    numbers for numeric columns and ISO text for temporal ones. ``left_out`` counts rows that have no place on the axis
    (NaN and infinities).
    """

    edges: tuple[float | str, ...]
    counts: tuple[int, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value, the rows that hold it, and its share of the rows that are not NULL."""

    value: Value
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The smallest value v such that at least ``probability`` of the rows that are not NULL are <= v."""

    probability: float
    value: Value
