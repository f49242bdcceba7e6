"""Joint distributions of the strongest pairs, in few enough cells to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.kernels import count_dense
from colprofile.counting.marginal import ColumnCounts, Counts, Marginal, equal_mass_bins
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.results.summary import is_unseen_by_pearson

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable

CELLS = 16
"""Categories a side."""

ORDERED = ("numeric", "temporal", "boolean")
"""Kinds of columns whose many values are cut into ranges."""

FEW_HOLD = 0.5
"""Of other columns the 15 most frequent values must hold this share of the rows."""

WEAKEST = 0.1
"""Below this dependence a picture shows nothing."""

STRONGEST = 20
UNSEEN = 5
"""Pairs drawn, and pairs that Pearson does not see drawn beyond them."""


def drawn_pairs(pairs: Sequence[PairProfile], is_drawable: Callable[[str], bool]) -> list[PairProfile]:
    """Return the pairs whose joint distribution is worth a picture, of all pairs, strongest first.

    The 20 strongest of columns that few categories can show, and 5 more that depend on each other while Pearson's
    correlation is about 0.
    """
    able = [
        pair for pair in pairs if (pair.dependence or 0.0) >= WEAKEST and is_drawable(pair.x) and is_drawable(pair.y)
    ]
    unseen = [pair for pair in able[STRONGEST:] if is_unseen_by_pearson(pair)]
    return [*able[:STRONGEST], *unseen[:UNSEEN]]


def joints(counted: CountedTable) -> tuple[Joint, ...]:
    """Return the joint distributions that are worth a picture, from the codes of a counted table."""
    table, columns, executor = counted.coded, counted.columns, counted.session.executor
    is_null_value = counted.session.counting.nulls == "value"
    places = {column.name: number for number, column in enumerate(columns)}

    @cache
    def is_drawable(name: str) -> bool:
        number = places[name]
        return columns[number].kind in ORDERED or is_told_by_few(table.marginals[number])

    chosen = drawn_pairs(counted.profile.pairs, is_drawable)
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


def is_told_by_few(counts: ColumnCounts) -> bool:
    """Whether the most frequent values hold so many of the rows that a picture of them shows the column."""
    if counts.distinct <= CELLS:
        return True
    return sum(frequent_counts(counts.fingerprint, CELLS - 1)) >= FEW_HOLD * counts.filled


def frequent_counts(fingerprint: tuple[Counts, Counts], limit: int) -> list[int]:
    """Return the rows of the most frequent values, at most so many, most rows first."""
    found: list[int] = []
    for count, many in zip(fingerprint[0][::-1].tolist(), fingerprint[1][::-1].tolist(), strict=True):
        found += [count] * min(many, limit - len(found))
        if len(found) == limit:
            break
    return found


def categorised(
    marginal: Marginal, is_ordered: bool, is_null_value: bool
) -> tuple[tuple[Category, ...], npt.NDArray[np.uint8]]:
    """Return at most 16 categories of a column, and uint8[codes]: each code's category from 1, 0 for none."""
    lookup = np.zeros(marginal.counts.size + 1, np.uint8)
    most = CELLS - (is_null_value and marginal.nulls > 0)
    if is_ordered and marginal.distinct > most:
        categories = _ranges(marginal, most, lookup)
    else:
        categories = _values(marginal, most, is_ordered, lookup)
    if is_null_value and marginal.nulls:
        categories.append(Category("null", marginal.nulls))
        lookup[0] = len(categories)
    return tuple(categories), lookup


def _ranges(marginal: Marginal, most: int, lookup: npt.NDArray[np.uint8]) -> list[Category]:
    """Return equal-mass bins in the order of the values."""
    order = marginal.occurring
    counts = marginal.counts[order]
    places = equal_mass_bins(marginal.cumulative, counts, most)
    lookup[order + 1] = places + 1
    first = np.searchsorted(places, np.arange(int(places[-1]) + 1))
    last = np.append(first[1:], order.size) - 1
    lows, highs = (marginal.dictionary.values(order[ends]) for ends in (first, last))
    rows = np.add.reduceat(counts, first).tolist()
    return [Category("range", rows[i], None, lows[i], highs[i], int(last[i] - first[i]) + 1) for i in range(first.size)]


def _values(marginal: Marginal, most: int, is_ordered: bool, lookup: npt.NDArray[np.uint8]) -> list[Category]:
    """Return the values, in their order or the most frequent first, and a rest where there are too many."""
    has_rest = marginal.distinct > most
    listed = marginal.occurring if is_ordered else marginal.most_frequent(most - 1 if has_rest else most)
    listed = listed[marginal.counts[listed] > 0]
    counts = marginal.counts[listed].tolist()
    values = marginal.dictionary.values(listed)
    categories = [Category("value", rows, value) for value, rows in zip(values, counts, strict=True)]
    if has_rest:
        lookup[1:] = len(categories) + 1
        categories.append(
            Category("rest", marginal.filled - sum(counts), distinct=marginal.distinct - int(listed.size))
        )
    lookup[listed + 1] = np.arange(1, listed.size + 1)
    return categories
