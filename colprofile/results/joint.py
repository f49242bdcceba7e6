"""Joint: two columns' joint distribution in few enough cells to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.errors import ArgumentError
from colprofile.values import Value


@dataclass(frozen=True, slots=True)
class Joint:
    """Two columns' joint counts, over the rows where neither is NULL.

    Attributes
    ----------
    x, y
        Column names.
    x_categories, y_categories
        At most 16 each: equal-mass bins or values in their order for numeric and temporal columns, else the most
        frequent values first and a rest. Their ``rows`` are the column's own.
    counts
        One row a category of x, in it the rows with each category of y. Every complete row is counted once.
    """

    x: str
    y: str
    x_categories: tuple[Category, ...]
    y_categories: tuple[Category, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        x, y = len(self.x_categories), len(self.y_categories)
        if len(self.counts) != x or any(len(row) != y for row in self.counts):
            raise ArgumentError(f"counts of {x} × {y} categories must have {x} rows of {y}")


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
