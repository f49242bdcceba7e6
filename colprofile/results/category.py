"""Category: what counts as one value of a column, where a column has too many values to show each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.values import Value

CategoryKind = Literal["value", "range", "rest", "null"]


@dataclass(frozen=True, slots=True)
class Category:
    """What counts as one value of a column.

    Attributes
    ----------
    kind
        "value": one value; "range": the values of an equal-mass bin; "rest": all values that are not listed; "null".
    rows
        Rows that hold it.
    value
        Of kind "value".
    low, high
        Of kind "range": its first and last value in the database's order.
    distinct
        Values that it holds.
    """

    kind: CategoryKind
    rows: int
    value: Value = None
    low: Value = None
    high: Value = None
    distinct: int = 1
