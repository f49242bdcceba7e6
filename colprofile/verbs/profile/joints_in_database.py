"""Joint distributions of the strongest pairs of a table that is counted inside its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.marginal import ColumnCounts, Counts, Marginal
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.sources.base import SourceColumn
from colprofile.sources.database.category_queries import CategorySide, count_categories
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.joint_table import JointTable, fetch_joint_table
from colprofile.sources.database.large_marginal import DatabaseMarginal
from colprofile.sources.database.pair_sides import PairSide
from colprofile.sources.database.small_marginal import RowsOf, bin_starts
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.verbs.profile.joints import CELLS, ORDERED, categorised, drawn_pairs, is_told_by_few

FETCHED_CELLS = 10_000
"""Pairs with at most so many cells are fetched and cut here."""


@dataclass(frozen=True)
class Picture:
    """What a picture needs of a column.

    Attributes
    ----------
    side
        The column as pairs see it.
    is_ordered
        Whether many values are cut into ranges.
    is_drawable
        Whether few categories can show it.
    counts
        Its counts.
    starts
        Where its ranges but the first begin, as values given back; None without.
    """

    side: PairSide
    is_ordered: bool
    is_drawable: bool
    counts: ColumnCounts
    starts: tuple[Any, ...] | None

    @property
    def most(self) -> int:
        """How many categories there may be beside NULL's."""
        return CELLS - int(self.has_null)

    @property
    def has_null(self) -> bool:
        """Whether NULL is a category."""
        return self.side.is_null_a_value and self.side.nulls > 0


def range_starts(
    plan: ColumnPlan, counts: ColumnCounts, values: Sequence[object], bins: int
) -> tuple[object, ...] | None:
    """Return where each equal-mass bin of an ordered column but the first begins, as values given back."""
    if isinstance(counts, Marginal):
        return bin_starts(counts, values, plan, bins)
    assert isinstance(counts, DatabaseMarginal)
    return counts.bin_starts(bins)


def picture_of(column: SourceColumn, side: PairSide, counts: ColumnCounts, values: Sequence[object]) -> Picture:
    """Return what a picture needs of a column; ``values`` are those of a whole marginal as they were fetched."""
    is_ordered = column.kind in ORDERED
    is_whole = isinstance(counts, Marginal)
    # Only the database can order what it ranks, and it does not tell how the ends of ranges look.
    has_ends = is_whole or side.plan.is_ordered
    is_drawable = has_ends if is_ordered else is_told_by_few(counts)
    picture = Picture(side, is_ordered, is_drawable, counts, None)
    if is_whole and is_drawable and side.plan.is_ordered and counts.distinct > picture.most:
        starts = range_starts(side.plan, counts, values, picture.most)
        return Picture(side, is_ordered, is_drawable, counts, starts)
    return picture


def drawings(
    source: SQLAlchemySource, pictures: Mapping[str, Picture], pairs: Sequence[PairProfile]
) -> list[Callable[[RowsOf], Joint]]:
    """Return jobs that count the joint distributions worth a picture, of all pairs, strongest first."""
    chosen = drawn_pairs(pairs, lambda name: pictures[name].is_drawable)
    return [partial(_draw, source, pictures, pair) for pair in chosen]


def _draw(source: SQLAlchemySource, pictures: Mapping[str, Picture], pair: PairProfile, rows_of: RowsOf) -> Joint:
    x, y = pictures[pair.x], pictures[pair.y]
    clause = source.relation.clause
    if isinstance(x.counts, Marginal) and isinstance(y.counts, Marginal):
        categories_x, lookup_x = categorised(x.counts, x.is_ordered, x.side.is_null_a_value)
        categories_y, lookup_y = categorised(y.counts, y.is_ordered, y.side.is_null_a_value)
        if (x.counts.distinct + 1) * (y.counts.distinct + 1) <= FETCHED_CELLS:
            table = fetch_joint_table([x.side, y.side], clause, rows_of)
            by_x, by_y = _by_rank(x.counts, lookup_x), _by_rank(y.counts, lookup_y)
            return _joint(pair, categories_x, categories_y, _cut(table, by_x, by_y))
    else:
        categories_x, categories_y = _categories(x, rows_of), _categories(y, rows_of)
    sides = _category_side(x, categories_x, rows_of), _category_side(y, categories_y, rows_of)
    return _joint(pair, categories_x, categories_y, count_categories(*sides, clause, rows_of, source.dialect))


def _joint(pair: PairProfile, x: tuple[Category, ...], y: tuple[Category, ...], counts: npt.NDArray[np.int64]) -> Joint:
    return Joint(pair.x, pair.y, x, y, tuple(map(tuple, counts[: len(x), : len(y)].tolist())))


def _by_rank(marginal: Marginal, lookup: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the category of each value by its place in the order of the values, NULL's first."""
    return np.append(lookup[:1], lookup[marginal.occurring + 1])


def _cut(table: JointTable, by_x: npt.NDArray[np.uint8], by_y: npt.NDArray[np.uint8]) -> Counts:
    counts = np.zeros((CELLS + 2, CELLS + 2), np.int64)
    np.add.at(counts, (by_x[table.codes[0]], by_y[table.codes[1]]), table.counts)
    return counts[1:, 1:]


def _categories(picture: Picture, rows_of: RowsOf) -> tuple[Category, ...]:
    """Return the categories of a column, whether its marginal is here or in the database."""
    counts = picture.counts
    if isinstance(counts, Marginal):
        return categorised(counts, picture.is_ordered, picture.side.is_null_a_value)[0]
    assert isinstance(counts, DatabaseMarginal)
    asked = counts.asked_by(rows_of)
    if picture.is_ordered:
        found = [Category("range", n, None, low, high, many) for low, high, n, many in asked.ranges(picture.most)]
    else:
        found = [Category("value", n, value) for value, n in asked.top(picture.most - 1)]
        left = counts.filled - sum(category.rows for category in found)
        found.append(Category("rest", left, distinct=counts.distinct - len(found)))
    if picture.has_null:
        found.append(Category("null", counts.nulls))
    return tuple(found)


def _category_side(picture: Picture, categories: Sequence[Category], rows_of: RowsOf) -> CategorySide:
    has_ranges = any(category.kind == "range" for category in categories)
    starts = picture.starts
    if has_ranges and isinstance(picture.counts, DatabaseMarginal):
        starts = picture.counts.asked_by(rows_of).bin_starts(picture.most)
    return CategorySide(
        side=picture.side,
        size=len(categories),
        starts=starts if has_ranges else None,
        ranges=picture.most if has_ranges else 0,
        listed=sum(category.kind == "value" for category in categories),
        is_sorted=picture.is_ordered,
    )
