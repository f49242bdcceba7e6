"""A counted table as categories, which latent classes are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.marginal import Marginal
from colprofile.counting.mixtures.kernels import take_column
from colprofile.results.joint import Category
from colprofile.sources.base import SourceColumn
from colprofile.verbs.profile.categories import CategoryOf, range_categories, value_categories

MANY_VALUES = 64
"""Numbers and times with more values than this are cut into ranges."""


@dataclass(frozen=True)
class Coding:
    """How a column's codes become categories, or the reason why the column is left out: it has fewer than two.

    ``category_of`` (uint8[codes]) is 0 for a cell that is left out, else the category from 1.
    """

    category_of: CategoryOf
    categories: tuple[Category, ...]
    reason: str | None = None


def column_coding(
    column: SourceColumn, marginal: Marginal, *, bins: int, max_values: int, is_null_value: bool
) -> Coding:
    """Return a column's categories: equal-mass bins of many ordered values, else the most frequent and a rest."""
    category_of = np.zeros(marginal.counts.size + 1, np.uint8)
    is_ordered = column.kind in ("numeric", "temporal")
    if is_ordered and marginal.distinct > max(bins, MANY_VALUES):
        categories = range_categories(marginal, bins, category_of)
    else:
        categories = value_categories(marginal, max_values, category_of, has_unique=False)
    if is_null_value and marginal.nulls:
        categories.append(Category("null", marginal.nulls))
        category_of[0] = len(categories)
    reason = None
    if not marginal.filled and not is_null_value:
        reason = "every row is NULL"
    elif len(categories) < 2 and marginal.distinct > 1:
        reason = "every value occurs only once"
    elif len(categories) < 2:
        reason = "it has only one value"
    return Coding(category_of, tuple(categories), reason)


def category_matrix(
    codes: Sequence[CodeArray], codings: Sequence[CategoryOf], executor: Executor
) -> npt.NDArray[np.uint8]:
    """Return uint8[rows, columns]: the categories of each row."""
    rows = codes[0].size if codes else 0
    matrix = np.empty((rows, len(codes)), np.uint8)

    def fill(number: int) -> None:
        take_column(codes[number], codings[number], matrix, number)

    list(executor.map(fill, range(len(codes))))
    return matrix
