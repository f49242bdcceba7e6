"""Histogram from a column's counts, on cells of its own or on those of another histogram."""

from __future__ import annotations

from colprofile.counting.cells import MOST_VALUES, Shape
from colprofile.counting.marginal import ColumnCounts
from colprofile.results.histogram import Histogram

NEW_VALUES_COMPARED = 1 << 16
"""Values that a stale histogram never saw and that are still compared one by one."""


def column_histogram(
    counts: ColumnCounts, rows: int, like: Histogram | None = None, *, is_compared: bool = False
) -> Histogram:
    """Return a column's histogram.

    Parameters
    ----------
    rows
        Rows of the table.
    like
        Count on the cells of this histogram.
    is_compared
        Whether the two will be compared: what lies outside the other's edges is then kept apart and many new values
        are listed. Else the two can be merged.
    """
    if like is None:
        cells = counts.cells()
    else:
        shape = Shape(like.values, like.edges, len(like.bucket_counts))
        room = NEW_VALUES_COMPARED if is_compared else max(0, MOST_VALUES - len(like.values))
        cells = counts.cells(shape, room=room, is_open=is_compared)
    tail = cells.tail
    return Histogram(
        rows=rows,
        nulls=counts.nulls,
        distinct=counts.distinct,
        values=tuple(cells.values),
        counts=tuple(cells.counts),
        edges=tuple(tail.edges.tolist()),
        bin_counts=tuple(tail.bin_counts.tolist()),
        bin_distinct=tuple(tail.bin_distinct.tolist()),
        bucket_counts=tuple(tail.bucket_counts.tolist()),
        bucket_distinct=tuple(tail.bucket_distinct.tolist()),
    )
