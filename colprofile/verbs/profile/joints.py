"""Joint distributions of the strongest pairs, in few enough cells to draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.kernels import count_dense
from colprofile.counting.marginal import ColumnMarginal, Counts, Marginal
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.results.summary import is_unseen_by_pearson
from colprofile.verbs.profile.categories import CategoryOf, range_categories, value_categories

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable

DRAWN_CATEGORIES = 16
"""Categories per column."""

ORDERED = ("numeric", "temporal", "boolean")
"""Kinds of columns whose many values are cut into ranges."""

FEW_HOLD = 0.5
"""Of other columns the 15 most frequent values must hold this share of the rows."""

WEAKEST = 0.3
"""Below this dependence a drawing shows nothing."""

STRONGEST = 20
UNSEEN = 5
"""Pairs drawn, and pairs that Pearson does not see drawn beyond them."""


def pairs_to_draw(pairs: Sequence[PairProfile], is_drawable: Callable[[str], bool]) -> list[PairProfile]:
    """Return the pairs whose joint distribution is worth drawing, of all pairs, strongest first.

    The 20 strongest of columns that few categories can show, and 5 more that depend on each other while Pearson's
    correlation is about 0.
    """
    able = [
        pair for pair in pairs if (pair.dependence or 0.0) >= WEAKEST and is_drawable(pair.x) and is_drawable(pair.y)
    ]
    unseen = [pair for pair in able[STRONGEST:] if is_unseen_by_pearson(pair)]
    return [*able[:STRONGEST], *unseen[:UNSEEN]]


def joints(counted: CountedTable) -> tuple[Joint, ...]:
    """Return the joint distributions that are worth drawing, from the codes of a counted table."""
    table, columns, executor = counted.coded, counted.columns, counted.session.executor
    is_null_value = counted.session.counting.nulls == "value"
    places = {column.name: number for number, column in enumerate(columns)}

    @cache
    def is_drawable(name: str) -> bool:
        number = places[name]
        return columns[number].kind in ORDERED or few_values_show(table.marginals[number])

    chosen = pairs_to_draw(counted.profile.pairs, is_drawable)
    names = dict.fromkeys(name for pair in chosen for name in (pair.x, pair.y))

    def cut(name: str) -> tuple[tuple[Category, ...], CodeArray]:
        number = places[name]
        is_ordered = columns[number].kind in ORDERED
        categories, lookup = categorised(table.marginals[number], is_ordered, is_null_value)
        return categories, lookup[table.codes[number]]

    sides = dict(zip(names, executor.map(cut, names), strict=True))

    def count(pair: PairProfile) -> Joint:
        (x_categories, x_codes), (y_categories, y_codes) = sides[pair.x], sides[pair.y]
        width = len(y_categories) + 1
        cells = np.zeros((len(x_categories) + 1) * width, np.uint32)
        count_dense(x_codes, y_codes, width, cells)
        counts = cells.reshape(-1, width)[1:, 1:].tolist()
        return Joint(pair.x, pair.y, x_categories, y_categories, tuple(map(tuple, counts)))

    return tuple(executor.map(count, chosen))


def few_values_show(counts: ColumnMarginal) -> bool:
    """Whether the most frequent values hold so many of the rows that drawing them shows the column."""
    if counts.distinct <= DRAWN_CATEGORIES:
        return True
    return sum(frequent_counts(counts.fingerprint, DRAWN_CATEGORIES - 1)) >= FEW_HOLD * counts.filled


def frequent_counts(fingerprint: tuple[Counts, Counts], limit: int) -> list[int]:
    """Return the rows of the most frequent values, at most this many, most rows first."""
    found: list[int] = []
    for count, many in zip(fingerprint[0][::-1].tolist(), fingerprint[1][::-1].tolist(), strict=True):
        found += [count] * min(many, limit - len(found))
        if len(found) == limit:
            break
    return found


def categorised(marginal: Marginal, is_ordered: bool, is_null_value: bool) -> tuple[tuple[Category, ...], CategoryOf]:
    """Return at most 16 categories of a column, and the category of each of its codes."""
    category_of = np.zeros(marginal.counts.size + 1, np.uint8)
    most = DRAWN_CATEGORIES - (is_null_value and marginal.nulls > 0)
    if is_ordered and marginal.distinct > most:
        categories = range_categories(marginal, most, category_of)
    else:
        categories = value_categories(marginal, most, category_of, is_ordered=is_ordered)
    if is_null_value and marginal.nulls:
        categories.append(Category("null", marginal.nulls))
        category_of[0] = len(categories)
    return tuple(categories), category_of
