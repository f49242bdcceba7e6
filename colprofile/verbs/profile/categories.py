"""A column's values in few categories: ranges of ordered values, or the most frequent values and the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from colprofile.counting.marginal import Marginal
from colprofile.measures.cuts import equal_mass_bins
from colprofile.results.joint import Category

CategoryOf = npt.NDArray[np.uint8]
"""uint8[codes]: the category of each code of a column from 1; 0 for none."""


def range_categories(marginal: Marginal, most: int, category_of: CategoryOf) -> list[Category]:
    """Return at most ``most`` equal-mass ranges in the order of the values, and write them into ``category_of``."""
    order = marginal.occurring
    counts = marginal.counts[order]
    bins = equal_mass_bins(marginal.cumulative, counts, most)
    category_of[order + 1] = bins + 1
    first = np.searchsorted(bins, np.arange(int(bins[-1]) + 1))
    last = np.append(first[1:], order.size) - 1
    lows, highs = (marginal.dictionary.values(order[ends]) for ends in (first, last))
    rows = np.add.reduceat(counts, first).tolist()
    return [Category("range", rows[i], None, lows[i], highs[i], int(last[i] - first[i]) + 1) for i in range(first.size)]


def value_categories(
    marginal: Marginal, most: int, category_of: CategoryOf, *, is_ordered: bool = False, has_unique: bool = True
) -> list[Category]:
    """Return at most ``most`` categories, one per value and one for the rest, and write them into ``category_of``.

    If it ``is_ordered``, values that all have a category come in their own order, else the most frequent first.
    ``has_unique`` lets a value that occurs once have a category of its own where there is a rest.
    """
    has_rest = marginal.distinct > most
    if has_rest:
        listed = marginal.most_frequent(most - 1)
        listed = listed[marginal.counts[listed] > (0 if has_unique else 1)]
    else:
        listed = marginal.occurring if is_ordered else marginal.most_frequent(most)
        listed = listed[marginal.counts[listed] > 0]
    rows = marginal.counts[listed].tolist()
    categories = [
        Category("value", n, value) for value, n in zip(marginal.dictionary.values(listed), rows, strict=True)
    ]
    if has_rest:
        category_of[1:] = listed.size + 1
        categories.append(Category("rest", marginal.filled - sum(rows), distinct=marginal.distinct - int(listed.size)))
    category_of[listed + 1] = np.arange(1, listed.size + 1)
    return categories
