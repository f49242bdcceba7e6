"""Cells: what a histogram consists of, as counting gives it: listed values, and bins or buckets of the rest."""

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
"""Up to so many distinct values, each is listed with its count."""

TAIL_CELLS = 1024
"""Beyond: bins or buckets of the rest. Listed are then the values that hold more than this part of the rows."""


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
    """What another histogram was cut by, to count on the same cells.

    Attributes
    ----------
    values
        Those listed.
    edges
        Of its bins; empty without.
    buckets
        How many it has; 0 without.
    """

    values: Sequence[Value]
    edges: Sequence[float]
    buckets: int


class HistogramCells(NamedTuple):
    """Listed values with their rows, and the tail of the others."""

    values: list[Value]
    counts: list[int]
    tail: Tail
