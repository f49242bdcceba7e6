"""Joint distributions of the strongest pairs of a table that is counted inside its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.marginal import ColumnMarginal, Counts, Marginal
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.sources.base import SourceColumn
from colprofile.sources.database.category_queries import CategorySide, count_categories
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.joint_table import JointTable, fetch_joint_table
from colprofile.sources.database.large_marginal import DatabaseMarginal
from colprofile.sources.database.pair_sides import PairSide
from colprofile.sources.database.small_marginal import EqualMassBins, RowsOf, bins_of_values
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.verbs.profile.joints import DRAWN_CATEGORIES, ORDERED, categorised, few_values_show, pairs_to_draw

FETCHED_CELLS = 10_000
"""The joint tables of pairs with at most this many cells are fetched and cut into categories here."""


@dataclass(frozen=True)
class JointSide:
    """A column prepared for joint distributions.

    Many values are cut into ranges if it ``is_ordered``; ``starts`` are where the ranges but the first begin, as values
    given back. It ``is_drawable`` if few categories can show it.
    """

    pair_side: PairSide
    is_ordered: bool
    is_drawable: bool
    counts: ColumnMarginal
    starts: tuple[Any, ...] | None

    @property
    def most(self) -> int:
        """How many categories there may be, not counting NULL's."""
        return DRAWN_CATEGORIES - int(self.has_null)

    @property
    def has_null(self) -> bool:
        """Whether NULL is a category."""
        return self.pair_side.is_null_a_value and self.pair_side.nulls > 0


def equal_mass_bins(plan: ColumnPlan, counts: ColumnMarginal, values: Sequence[object], bins: int) -> EqualMassBins:
    """Return the equal-mass bins of an ordered column, wherever its marginal is."""
    if isinstance(counts, Marginal):
        return bins_of_values(counts, values, plan, bins)
    assert isinstance(counts, DatabaseMarginal)
    return counts.equal_mass_bins(bins)


def joint_side(
    column: SourceColumn, pair_side: PairSide, counts: ColumnMarginal, values: Sequence[object]
) -> JointSide:
    """Return a column for joint distributions; ``values`` are those of a whole marginal as they were fetched."""
    plan, is_ordered, is_whole = pair_side.plan, column.kind in ORDERED, isinstance(counts, Marginal)
    # Only the database can order what it ranks, and it does not say how the ends of ranges look.
    has_ends = is_whole or plan.is_ordered
    is_drawable = has_ends if is_ordered else few_values_show(counts)
    side = JointSide(pair_side, is_ordered, is_drawable, counts, None)
    if is_whole and is_drawable and plan.is_ordered and counts.distinct > side.most:
        return replace(side, starts=equal_mass_bins(plan, counts, values, side.most).starts)
    return side


def joint_jobs(
    source: SQLAlchemySource, sides: Mapping[str, JointSide], pairs: Sequence[PairProfile]
) -> list[Callable[[RowsOf], Joint]]:
    """Return jobs that count the joint distributions worth drawing, of all pairs, strongest first."""
    chosen = pairs_to_draw(pairs, lambda name: sides[name].is_drawable)
    return [partial(_count_joint, source, sides, pair) for pair in chosen]


def _count_joint(source: SQLAlchemySource, sides: Mapping[str, JointSide], pair: PairProfile, rows_of: RowsOf) -> Joint:
    x, y = sides[pair.x], sides[pair.y]
    clause = source.relation.clause
    if isinstance(x.counts, Marginal) and isinstance(y.counts, Marginal):
        categories_x, lookup_x = categorised(x.counts, x.is_ordered, x.pair_side.is_null_a_value)
        categories_y, lookup_y = categorised(y.counts, y.is_ordered, y.pair_side.is_null_a_value)
        if (x.counts.distinct + 1) * (y.counts.distinct + 1) <= FETCHED_CELLS:
            table = fetch_joint_table([x.pair_side, y.pair_side], clause, rows_of)
            by_x, by_y = _by_rank(x.counts, lookup_x), _by_rank(y.counts, lookup_y)
            return _joint(pair, categories_x, categories_y, _cut(table, by_x, by_y))
    else:
        categories_x, categories_y = _categories(x, rows_of), _categories(y, rows_of)
    both = _category_side(x, categories_x, rows_of), _category_side(y, categories_y, rows_of)
    return _joint(pair, categories_x, categories_y, count_categories(*both, clause, rows_of, source.dialect))


def _joint(pair: PairProfile, x: tuple[Category, ...], y: tuple[Category, ...], counts: npt.NDArray[np.int64]) -> Joint:
    return Joint(pair.x, pair.y, x, y, tuple(map(tuple, counts[: len(x), : len(y)].tolist())))


def _by_rank(marginal: Marginal, lookup: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the category of each value by its place in the order of the values, NULL's first."""
    return np.append(lookup[:1], lookup[marginal.occurring + 1])


def _cut(table: JointTable, by_x: npt.NDArray[np.uint8], by_y: npt.NDArray[np.uint8]) -> Counts:
    counts = np.zeros((DRAWN_CATEGORIES + 2, DRAWN_CATEGORIES + 2), np.int64)
    np.add.at(counts, (by_x[table.codes[0]], by_y[table.codes[1]]), table.counts)
    return counts[1:, 1:]


def _categories(side: JointSide, rows_of: RowsOf) -> tuple[Category, ...]:
    """Return the categories of a column, whether its marginal is here or in the database."""
    counts = side.counts
    if isinstance(counts, Marginal):
        return categorised(counts, side.is_ordered, side.pair_side.is_null_a_value)[0]
    assert isinstance(counts, DatabaseMarginal)
    asked = counts.asked_by(rows_of)
    if side.is_ordered:
        found = [Category("range", n, None, low, high, many) for low, high, n, many in asked.ranges(side.most)]
    else:
        found = [Category("value", n, value) for value, n in asked.top(side.most - 1)]
        left = counts.filled - sum(category.rows for category in found)
        found.append(Category("rest", left, distinct=counts.distinct - len(found)))
    if side.has_null:
        found.append(Category("null", counts.nulls))
    return tuple(found)


def _category_side(side: JointSide, categories: Sequence[Category], rows_of: RowsOf) -> CategorySide:
    has_ranges = any(category.kind == "range" for category in categories)
    starts = side.starts
    if has_ranges and isinstance(side.counts, DatabaseMarginal):
        starts = side.counts.asked_by(rows_of).equal_mass_bins(side.most).starts
    return CategorySide(
        side=side.pair_side,
        size=len(categories),
        starts=starts if has_ranges else None,
        ranges=side.most if has_ranges else 0,
        listed=sum(category.kind == "value" for category in categories),
        is_sorted=side.is_ordered,
    )
