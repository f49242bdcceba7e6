"""Histogram: a saved marginal, what ``drift`` compares, whether we counted it or a database's ``ANALYZE`` did."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from colprofile.errors import ArgumentError
from colprofile.values import Value, axis_position


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


@dataclass
class _Tail:
    """What is not listed, while it is being added up."""

    edges: list[float] = field(default_factory=list)
    bins: list[int] = field(default_factory=list)
    bin_distinct: list[int] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)
    bucket_distinct: list[int] = field(default_factory=list)

    def takes(self, value: Value) -> bool:
        """Whether a value that is not listed would be here."""
        if self.bins:
            return math.isfinite(axis_position(value))
        return bool(self.buckets)

    def add(self, value: Value, count: int) -> None:
        """Add the rows of a value that is listed on one side only."""
        if not count:
            return
        if self.bins:
            place = axis_position(value)
            cell = int(np.searchsorted(self.edges[1:-1], place, side="left"))
            self.bins[cell] += count
            self.bin_distinct[cell] += 1
            self.edges[0], self.edges[-1] = min(self.edges[0], place), max(self.edges[-1], place)
        else:
            cell = bucket_of(value, len(self.buckets))
            self.buckets[cell] += count
            self.bucket_distinct[cell] += 1


def merged(one: Histogram, other: Histogram) -> Histogram:
    """Return the histogram of both parts' rows; ArgumentError where bins or buckets do not agree."""
    tail = _merged_tail(one, other)
    first = dict(zip(one.values, one.counts, strict=True))
    second = dict(zip(other.values, other.counts, strict=True))
    counts: dict[Value, int] = {}
    for value in [*one.values, *(value for value in other.values if value not in first)]:
        rows = first.get(value, 0) + second.get(value, 0)
        hidden = (value not in first and not one.is_complete) or (value not in second and not other.is_complete)
        if hidden and tail.takes(value):
            tail.add(value, rows)
        else:
            counts[value] = rows
    values = sorted(counts, key=lambda value: (-counts[value], _order(value)))
    listed = sum(count > 0 for count in counts.values())
    most = listed + sum(tail.bin_distinct) + sum(tail.bucket_distinct)
    least = max(_least(one), _least(other), listed)
    is_exact = one.is_complete and other.is_complete
    return Histogram(
        rows=one.rows + other.rows,
        nulls=one.nulls + other.nulls,
        distinct=most,
        values=tuple(values),
        counts=tuple(counts[value] for value in values),
        edges=tuple(tail.edges),
        bin_counts=tuple(tail.bins),
        bin_distinct=tuple(tail.bin_distinct),
        bucket_counts=tuple(tail.buckets),
        bucket_distinct=tuple(tail.bucket_distinct),
        distinct_lowest=None if is_exact or least == most else least,
    )


def _least(histogram: Histogram) -> int:
    return histogram.distinct if histogram.distinct_lowest is None else histogram.distinct_lowest


def _order(value: Value) -> tuple[int, float, bytes]:
    """Return what sorts values as their database does: numbers and moments by place, text by bytes."""
    place = axis_position(value)
    text = str(value).encode("utf-8", "surrogatepass")
    if isinstance(value, str):
        return (1, 0.0, text)
    return (0, place, text) if not math.isnan(place) else (2, 0.0, text)


def _merged_tail(one: Histogram, other: Histogram) -> _Tail:
    bins = [h for h in (one, other) if h.bin_counts]
    buckets = [h for h in (one, other) if h.bucket_counts]
    if bins and buckets:
        raise ArgumentError(
            "cannot merge a histogram of bins with one of hash buckets: the column's type changed between the parts"
        )
    if bins:
        return _merged_bins(bins)
    return _merged_buckets(buckets) if buckets else _Tail()


def _merged_bins(parts: Sequence[Histogram]) -> _Tail:
    if any(part.edges[1:-1] != parts[0].edges[1:-1] for part in parts):
        raise ArgumentError(
            f"cannot merge histograms of {len(parts[0].bin_counts)} and {len(parts[-1].bin_counts)} bins whose inner "
            "edges differ: profile the second part with like= the profile of the first"
        )
    return _Tail(
        edges=[min(p.edges[0] for p in parts), *parts[0].edges[1:-1], max(p.edges[-1] for p in parts)],
        bins=[sum(cell) for cell in zip(*(p.bin_counts for p in parts), strict=True)],
        bin_distinct=[sum(cell) for cell in zip(*(p.bin_distinct for p in parts), strict=True)],
    )


def _merged_buckets(parts: Sequence[Histogram]) -> _Tail:
    sizes = {len(part.bucket_counts) for part in parts}
    fewest = min(sizes)
    if any(size % fewest for size in sizes):
        raise ArgumentError(
            f"cannot merge histograms of {min(sizes)} and {max(sizes)} hash buckets: one number must divide the other"
        )
    return _Tail(
        buckets=_folded([part.bucket_counts for part in parts], fewest),
        bucket_distinct=_folded([part.bucket_distinct for part in parts], fewest),
    )


def _folded(parts: Sequence[Sequence[int]], size: int) -> list[int]:
    """Return the sum of bucket lists, each folded to ``size`` buckets."""
    total = [0] * size
    for part in parts:
        for number, count in enumerate(part):
            total[number % size] += count
    return total
