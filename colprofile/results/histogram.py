"""Histogram: the counts of a column's values, from a profile or a database's ``ANALYZE``, which ``drift`` compares."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from colprofile.errors import ArgumentError
from colprofile.results.parts import Part
from colprofile.values import Value, axis_position


@dataclass(frozen=True, slots=True, repr=False)
class Histogram(Part):
    """The counts of one column's values, in a form that can be saved and compared with fresh data.

    Every row that is not NULL is counted in exactly one of three parts:

    * ``values`` with ``counts``: values that are counted one by one, most frequent first; values with equal counts are
      in the order of the values. If the column has at most 2,048 distinct values, all are listed; otherwise those
      that hold more than 1/1,024 of the rows. A histogram counted with ``like=`` another one lists the values of that
      one, in its order, with count 0 for values that do not occur.
    * ``edges`` with ``bin_counts`` (numeric and temporal columns): the remaining rows in equal-mass bins. Bin i
      holds the rows with ``edges[i] < value <= edges[i + 1]``; the first bin also holds ``edges[0]``. Edges of temporal
      columns are microseconds since 1970-01-01; of times of day, microseconds since midnight. NaN and infinities are
      always in ``values``.
    * ``bucket_counts`` (other columns): the remaining rows by hash bucket. The bucket of a value is the first eight
      hexadecimal digits of the md5 of its text form (UTF-8), or of its key, modulo the number of buckets.

    Values that the database calls equal are one value: the smallest of their texts stands for it. Where texts do not
    decide what is equal (of texts with a collation, intervals, unions, variants, and what is nested), each value has a
    key as well.

    Attributes
    ----------
    rows
        Number of rows, including NULL.
    nulls
        Number of rows that are NULL.
    distinct
        Number of distinct values that are not NULL, in all three parts. After ``merge``, an upper bound.
    values, counts
        The values that are counted one by one, and the rows that hold each.
    edges, bin_counts, bin_distinct
        Bins of numeric and temporal columns: their edges, rows and numbers of distinct values. Empty without bins.
    bucket_counts, bucket_distinct
        Hash buckets of other columns: their rows and numbers of distinct values. Empty without buckets.
    distinct_lowest
        Lower bound of ``distinct`` if merging made it uncertain, because bins and buckets do not show which values both
        parts share. None if ``distinct`` is exact.
    keys
        What decides which values are equal, one for each of ``values``. None if their texts do.
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
    keys: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        bins, buckets = len(self.bin_counts), len(self.bucket_counts)
        if len(self.values) != len(self.counts):
            raise ArgumentError(f"{len(self.values)} values have {len(self.counts)} counts")
        if self.keys is not None and len(self.keys) != len(self.values):
            raise ArgumentError(f"{len(self.values)} values have {len(self.keys)} keys")
        if len(self.edges) != (bins + 1 if bins else 0) or len(self.bin_distinct) != bins:
            raise ArgumentError(
                f"{bins} bins have {len(self.edges)} edges and {len(self.bin_distinct)} distinct counts"
            )
        if len(self.bucket_distinct) != buckets:
            raise ArgumentError(f"{buckets} buckets have {len(self.bucket_distinct)} numbers of distinct values")

    @property
    def is_complete(self) -> bool:
        """Whether every distinct value is in ``values``: there are no bins and no buckets."""
        return not self.bin_counts and not self.bucket_counts

    @property
    def filled(self) -> int:
        """Number of rows that are not NULL."""
        return self.rows - self.nulls

    def merge(self, other: Histogram) -> Histogram:
        """Return the histogram of both parts' rows, as if they had been counted together.

        A value that only one part lists moves to its bin or bucket if the other part may have counted it there. Parts
        without bins and buckets can always be merged. Parts with buckets can be merged if one number of buckets divides
        the other; the result has the smaller number. Parts with bins must have the same inner edges:
        ``profile(part, like=saved)`` makes them so.

        Raises
        ------
        ArgumentError
            The bins or buckets cannot be merged.

        Examples
        --------
        >>> monday = Histogram(rows=3, nulls=1, distinct=1, values=("a",), counts=(2,))
        >>> tuesday = Histogram(rows=4, nulls=0, distinct=2, values=("b", "a"), counts=(3, 1))
        >>> both = monday.merge(tuesday)
        >>> both.rows, both.nulls, both.distinct, both.values, both.counts
        (7, 1, 2, ('a', 'b'), (3, 3))
        """
        is_keyed = self.keys is not None and other.keys is not None
        if (self.bucket_counts or other.bucket_counts) and (self.keys is None) != (other.keys is None):
            raise ArgumentError("cannot merge hash buckets of keys with those of texts: profile both parts anew")
        tail = _merged_tail(self, other)
        first, second = self.by_key(is_keyed), other.by_key(is_keyed)
        listed: dict[Value, tuple[Value, int]] = {}
        for key in first | second:
            value = min((known[key][0] for known in (first, second) if key in known), key=_database_order)
            count = sum(known[key][1] for known in (first, second) if key in known)
            parts_without = [part for part, known in ((self, first), (other, second)) if key not in known]
            if not all(part.is_complete for part in parts_without) and tail.has_place_for(value):
                tail.add(value, count, key)
            else:
                listed[key] = value, count
        keys = sorted(listed, key=lambda key: (-listed[key][1], _database_order(listed[key][0])))
        seen = sum(count > 0 for _, count in listed.values())
        most = seen + sum(tail.bin_distinct) + sum(tail.bucket_distinct)
        fewest = max(self._fewest_distinct, other._fewest_distinct, seen)
        is_exact = self.is_complete and other.is_complete
        return Histogram(
            rows=self.rows + other.rows,
            nulls=self.nulls + other.nulls,
            distinct=most,
            values=tuple(listed[key][0] for key in keys),
            counts=tuple(listed[key][1] for key in keys),
            edges=tuple(tail.edges),
            bin_counts=tuple(tail.bin_counts),
            bin_distinct=tuple(tail.bin_distinct),
            bucket_counts=tuple(tail.bucket_counts),
            bucket_distinct=tuple(tail.bucket_distinct),
            distinct_lowest=None if is_exact or fewest == most else fewest,
            keys=tuple(map(str, keys)) if is_keyed else None,
        )

    def without_keys(self) -> Histogram:
        """Return the histogram for a comparison by texts: itself where its buckets are of keys, and there is none."""
        return self if self.keys is None or self.bucket_counts else replace(self, keys=None)

    def by_key(self, is_keyed: bool) -> dict[Any, tuple[Value, int]]:
        """Return the listed values and their rows by key, or by themselves: those of one key together, as the first."""
        found: dict[Any, tuple[Value, int]] = {}
        keys = self.keys if is_keyed and self.keys is not None else self.values
        for key, value, count in zip(keys, self.values, self.counts, strict=True):
            first, rows = found.get(key, (value, 0))
            found[key] = first, rows + count
        return found

    @property
    def _fewest_distinct(self) -> int:
        return self.distinct if self.distinct_lowest is None else self.distinct_lowest


def bucket_of(value: Value, buckets: int) -> int:
    """Return the hash bucket of a value or key: the first eight digits of the md5 of its text, modulo ``buckets``.

    >>> bucket_of("abc", 1024)
    152
    """
    text = str(value).encode("utf-8", "surrogateescape")
    return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16) % buckets


@dataclass
class _Tail:
    """The rows of two histograms that are in bins or buckets, while they are added up."""

    edges: list[float] = field(default_factory=list)
    bin_counts: list[int] = field(default_factory=list)
    bin_distinct: list[int] = field(default_factory=list)
    bucket_counts: list[int] = field(default_factory=list)
    bucket_distinct: list[int] = field(default_factory=list)

    def has_place_for(self, value: Value) -> bool:
        """Whether a value that is not listed is counted in a bin or bucket."""
        return math.isfinite(axis_position(value)) if self.bin_counts else bool(self.bucket_counts)

    def add(self, value: Value, count: int, key: Value) -> None:
        """Add the rows of a value that only one of the histograms lists."""
        if not count:
            return
        if not self.bin_counts:
            bucket = bucket_of(key, len(self.bucket_counts))
            self.bucket_counts[bucket] += count
            self.bucket_distinct[bucket] += 1
            return
        place = axis_position(value)
        number = int(np.searchsorted(self.edges[1:-1], place, side="left"))
        self.bin_counts[number] += count
        self.bin_distinct[number] += 1
        self.edges[0], self.edges[-1] = min(self.edges[0], place), max(self.edges[-1], place)


def _database_order(value: Value) -> tuple[int, float, bytes]:
    """Return a sort key that orders values as databases do: numbers and times by size, text by bytes."""
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
        bin_counts=_folded([part.bin_counts for part in parts], len(parts[0].bin_counts)),
        bin_distinct=_folded([part.bin_distinct for part in parts], len(parts[0].bin_counts)),
    )


def _merged_buckets(parts: Sequence[Histogram]) -> _Tail:
    fewest, most = sorted((len(parts[0].bucket_counts), len(parts[-1].bucket_counts)))
    if most % fewest:
        raise ArgumentError(
            f"cannot merge histograms of {fewest} and {most} hash buckets: one number must divide the other"
        )
    return _Tail(
        bucket_counts=_folded([part.bucket_counts for part in parts], fewest),
        bucket_distinct=_folded([part.bucket_distinct for part in parts], fewest),
    )


def _folded(parts: Sequence[Sequence[int]], size: int) -> list[int]:
    """Return the sum of lists of bins or buckets, each folded to ``size`` of them."""
    return [sum(sum(part[number::size]) for part in parts) for number in range(size)]
