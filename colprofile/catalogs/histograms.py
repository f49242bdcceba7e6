"""A column's saved statistics as the Histogram that ``drift`` compares."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from colprofile.catalogs.parsing import parse_value
from colprofile.catalogs.statistics import SavedColumn
from colprofile.results.histogram import Histogram
from colprofile.values import Value, axis_position

_ON_AXIS = frozenset(
    ["int2", "int4", "int8", "float4", "float8", "numeric", "date", "time", "timestamp", "timestamptz"]
)
"""Types whose values have a position on an axis, so that a histogram cuts them into bins."""

_ANY_NUMBER = sys.float_info.max / 4
"""Beyond all but a few numbers, and still far enough from infinity for the next double and the width of the bin."""


def saved_histogram(column: SavedColumn, rows: float) -> Histogram | None:
    """Return a column's saved statistics as a Histogram; None if it was never analysed.

    Most common values with their rows, then what is neither NULL nor among them: in equi-depth bins where the column
    is numeric or temporal, else in one bucket, since the statistics do not say where it lies. Every bin holds an
    equal share of the rows and of the distinct values.

    Parameters
    ----------
    column
        Saved statistics.
    rows
        Rows that the histogram is to have: those of the table when it was analysed, or of the sample that ANALYZE drew.
    """
    if not column.is_analyzed:
        return None
    total = round(rows)
    nulls = min(total, round(column.null_share * rows))
    counts = _whole([share * rows for share in column.frequencies], total - nulls)
    rest = total - nulls - sum(counts)
    if 0 < column.distinct <= len(counts):
        counts[0] += rest  # every value is listed: what is left is rounding
        rest = 0
    distinct = max(len(counts), round(column.distinct_among(rows) or 0))
    others = max(distinct - len(counts), min(rest, 1)) if rest else 0
    edges = _edges(column) if rest and column.base_type in _ON_AXIS else ()
    bins = max(0, len(edges) - 1)
    has_bucket = rest > 0 and not bins
    return Histogram(
        rows=total,
        nulls=nulls,
        distinct=len(counts) + others,
        values=tuple(saved_value(text, column) for text in column.values),
        counts=tuple(counts),
        edges=edges,
        bin_counts=_shared(rest, bins),
        bin_distinct=_shared(others, bins),
        bucket_counts=(rest,) if has_bucket else (),
        bucket_distinct=(others,) if has_bucket else (),
    )


def saved_value(text: str, column: SavedColumn) -> Value:
    """Return a saved value as a profile of the column lists it."""
    if column.type == "numeric" and "." in text:
        return text.rstrip("0").rstrip(".")  # without a declared scale, 1.50 and 1.5 are one value
    return parse_value(text, column.base_type)


def _edges(column: SavedColumn) -> tuple[float, ...]:
    """Return the bounds as positions on the axis; without any, or with infinite ones, a single bin for all numbers."""
    bounds = tuple(axis_position(saved_value(text, column)) for text in column.bounds)
    if len(bounds) > 1 and all(map(math.isfinite, bounds)):
        return bounds
    return (-_ANY_NUMBER, _ANY_NUMBER)


def _whole(amounts: Sequence[float], most: int) -> list[int]:
    """Return amounts as whole rows of at least one, no more than ``most`` together."""
    whole = [max(1, round(amount)) for amount in amounts]
    excess = sum(whole) - most
    for index, amount in enumerate(whole):
        if excess <= 0:
            break
        taken = min(excess, amount)
        whole[index] -= taken
        excess -= taken
    return whole


def _shared(amount: int, bins: int) -> tuple[int, ...]:
    """Return an amount spread over the bins as evenly as whole numbers can be.

    >>> _shared(7, 3)
    (2, 2, 3)
    """
    return tuple((index + 1) * amount // bins - index * amount // bins for index in range(bins))
