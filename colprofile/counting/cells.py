"""The cells of a histogram: listed values, and bins or buckets of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from colprofile.values import Value

Counts = npt.NDArray[np.int64]
Edges = npt.NDArray[np.float64]

MOST_VALUES = 2048
"""If there are at most this many distinct values, each is listed with its count."""

TAIL_CELLS = 1024
"""Bins or buckets of the rest if there are more. Values with more than this fraction of the rows are then listed."""


@dataclass(frozen=True)
class Tail:
    """The values that are not listed, by bin or by bucket; all empty where every value is listed.

    Attributes
    ----------
    edges
        float64[bins + 1], ascending: bin i holds ``edges[i] < place <= edges[i + 1]``, the first one ``edges[0]`` too.
    bin_counts, bin_distinct
        int64[bins]: rows, values.
    bucket_counts, bucket_distinct
        int64[buckets]: rows, values.
    """

    edges: Edges
    bin_counts: Counts
    bin_distinct: Counts
    bucket_counts: Counts
    bucket_distinct: Counts


@dataclass(frozen=True)
class Shape:
    """The cells of another histogram, to count on the same: listed values, edges of the bins, number of buckets.

    ``keys`` are those of the values, as a ``Histogram`` has them.
    """

    values: Sequence[Value]
    edges: Sequence[float]
    buckets: int
    keys: Sequence[str] | None = None


class HistogramCells(NamedTuple):
    """Listed values with their rows, the tail of the others, and the listed values' keys if the column has any."""

    values: list[Value]
    counts: list[int]
    tail: Tail
    keys: list[str] | None = None
