"""How many values two columns share, by the hashes that are kept of them."""

from __future__ import annotations

import numpy as np

from colprofile.verbs.schema.table_values import ColumnValues, Hashes

SKETCH = 256
"""Smallest hashes that an estimate compares."""


def members(some: Hashes, of: Hashes) -> int:
    """Return how many of some hashes are in an ascending array of others."""
    if not len(some) or not len(of):
        return 0
    places = np.minimum(np.searchsorted(of, some), len(of) - 1)
    return int((of[places] == some).sum())


def containment(column: ColumnValues, other: ColumnValues) -> float | None:
    """Return the share of a column's values that another has, of its SKETCH smallest hashes.

    They are a random sample of the column's values, the same one each time. Exact for columns of at most SKETCH
    values; None where hashes were not kept, 0 for a column without values.
    """
    if column.hashes is None or other.hashes is None:
        return None
    sample = column.hashes[:SKETCH]
    return members(sample, other.hashes) / len(sample) if len(sample) else 0.0


def shared_values(column: ColumnValues, other: ColumnValues) -> int | None:
    """Return how many values two columns share; None where hashes were not kept."""
    if column.hashes is None or other.hashes is None:
        return None
    small, large = sorted((column.hashes, other.hashes), key=len)
    return members(small, large)
