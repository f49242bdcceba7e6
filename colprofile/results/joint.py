"""Joint: two columns' joint distribution in few enough cells to draw."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.results.category import Category


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
