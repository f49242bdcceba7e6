"""Histograms added up: partitions profiled apart become the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from colprofile.errors import ArgumentError
from colprofile.results.histogram import Histogram, bucket_of
from colprofile.values import Value, place_of


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
            return math.isfinite(place_of(value))
        return bool(self.buckets)

    def add(self, value: Value, count: int) -> None:
        """Add the rows of a value that is listed on one side only."""
        if not count:
            return
        if self.bins:
            place = place_of(value)
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
    place = place_of(value)
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
