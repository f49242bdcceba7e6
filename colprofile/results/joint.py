"""Joint: the joint distribution of two columns, in few enough cells to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.errors import ArgumentError
from colprofile.results.parts import Part
from colprofile.values import Value


@dataclass(frozen=True, slots=True, repr=False)
class Joint(Part):
    """The joint counts of two columns, over the rows where neither is NULL.

    Attributes
    ----------
    x, y
        Names of the columns.
    x_categories, y_categories
        At most 16 categories each. Numeric and temporal columns have values or equal-mass bins in ascending order,
        other columns their most frequent values and a rest. ``rows`` of a category counts the whole column.
    counts
        One item per category of x, with the number of rows for each category of y. Every row where neither column is
        NULL is counted once.
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
    """One or more values of a column that are counted together.

    Attributes
    ----------
    kind
        "value": one value. "range": the values of an equal-mass bin. "rest": all values of no other category. "null":
        NULL.
    rows
        Number of rows in the category.
    value
        The value, if the kind is "value".
    low, high
        Smallest and largest value, if the kind is "range".
    distinct
        Number of distinct values in the category.
    """

    kind: CategoryKind
    rows: int
    value: Value = None
    low: Value = None
    high: Value = None
    distinct: int = 1
