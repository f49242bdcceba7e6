"""A counted table as categories: what each column's codes mean to the latent classes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from colprofile.counting.binning import MANY_VALUES, equal_mass_bins
from colprofile.counting.buffers import CodeArray
from colprofile.counting.marginal import Marginal
from colprofile.counting.mixtures.kernels import take_column
from colprofile.results.joint import Category
from colprofile.sources.base import SourceColumn

CategoryOf = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Coding:
    """How a column's codes become categories.

    Attributes
    ----------
    category_of
        uint8[codes]: 0 for a cell that is left out, else the category from 1.
    categories
        What they hold; fewer than two have nothing to say.
    reason
        Why the column is left out, if it is.
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
        categories = _ranges(marginal, bins, category_of)
    else:
        categories = _values(marginal, max_values, category_of)
    if is_null_value and marginal.nulls:
        categories.append(Category("null", marginal.nulls))
        category_of[0] = len(categories)
    reason = None
    if not marginal.filled and not is_null_value:
        reason = "every row is NULL"
    elif len(categories) < 2 and marginal.distinct > 1:
        reason = "every value occurs once: none can be typical"
    elif len(categories) < 2:
        reason = "it holds one value only"
    return Coding(category_of, tuple(categories), reason)


def _ranges(marginal: Marginal, bins: int, category_of: CategoryOf) -> list[Category]:
    order = marginal.occurring
    places = equal_mass_bins(marginal.cumulative, marginal.counts[order], bins)
    category_of[order + 1] = places + 1
    first = np.searchsorted(places, np.arange(int(places[-1]) + 1))
    last = np.append(first[1:], order.size) - 1
    lows, highs = (marginal.dictionary.values(order[ends]) for ends in (first, last))
    rows = np.add.reduceat(marginal.counts[order], first)
    return [
        Category("range", int(rows[i]), None, lows[i], highs[i], int(last[i] - first[i] + 1)) for i in range(first.size)
    ]


def _values(marginal: Marginal, max_values: int, category_of: CategoryOf) -> list[Category]:
    has_rest = marginal.distinct > max_values
    listed = marginal.most_frequent(max_values - 1 if has_rest else max_values)
    if has_rest:
        listed = listed[marginal.counts[listed] > 1]
    listed = listed[marginal.counts[listed] > 0]
    category_of[listed + 1] = np.arange(1, listed.size + 1)
    values = marginal.dictionary.values(listed)
    categories = [
        Category("value", rows, value) for value, rows in zip(values, marginal.counts[listed].tolist(), strict=True)
    ]
    if has_rest:
        is_rest = category_of == 0
        is_rest[0] = False
        category_of[is_rest] = listed.size + 1
        rows = marginal.filled - int(marginal.counts[listed].sum())
        categories.append(Category("rest", rows, distinct=marginal.distinct - int(listed.size)))
    return categories


def category_matrix(
    codes: Sequence[CodeArray], codings: Sequence[CategoryOf], executor: Executor
) -> npt.NDArray[np.uint8]:
    """Return uint8[rows, columns]: each row's categories side by side."""
    rows = codes[0].size if codes else 0
    matrix = np.empty((rows, len(codes)), np.uint8)

    def fill(number: int) -> None:
        take_column(codes[number], codings[number], matrix, number)

    list(executor.map(fill, range(len(codes))))
    return matrix
