"""Joint counts of two columns by category, counted in the database: what drawing a pair needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.sources.database.engine_sql import Expression, as_double
from colprofile.sources.database.pair_sides import PairSide
from colprofile.sources.database.small_marginal import RowsOf, equal_mass_group, grouped


@dataclass(frozen=True)
class CategorySide:
    """One column of a joint distribution.

    Attributes
    ----------
    size
        Categories, NULL's included, which is the last one where NULL is a value.
    starts
        Where its ranges begin, except the first, as values to bind; None where they are not known or values are listed.
    ranges
        How many equal-mass ranges to aim at; 0 where values are listed.
    listed
        How many values are listed; what is left is the category after them.
    is_sorted
        Whether values are listed in their order; else the most frequent first.
    """

    side: PairSide
    size: int
    starts: tuple[Any, ...] | None
    ranges: int
    listed: int
    is_sorted: bool

    def seen(self, dialect: str) -> Expression:
        """Return what rows are grouped by: the category where it follows from the key alone, else the key."""
        key = self.side.plan.key
        if self.starts is None:
            return key
        binned = replace(self.side, cut=None, starts=self.starts, is_null_a_value=False).bin(key, dialect)
        return self._with_null(key, sa.case((key.is_not(None), binned)))

    def category(self, seen: Expression, clause: sa.FromClause, name: str) -> tuple[Expression, sa.Subquery | None]:
        """Return the category of what was seen, from 1, NULL where it has none, and what must be joined on it."""
        if self.starts is not None:
            return seen, None
        values = (self._ranges(clause) if self.ranges else self._listed(clause)).subquery(name)
        # As a double that may be NULL: in ClickHouse other numbers are 0 where an outer join finds no row.
        return self._with_null(seen, as_double(values.c.g)), values

    def _with_null(self, key: Expression, category: Expression) -> Expression:
        if not self.side.is_null_a_value:
            return category
        return sa.case((key.is_(None), sa.literal_column(str(self.size))), else_=category)

    def _listed(self, clause: sa.FromClause) -> sa.Select[Any]:
        """Return the values k and their categories g."""
        values = grouped(self.side.plan, clause)
        order = [values.order] if self.is_sorted else [values.count.desc(), values.order]
        place = sa.func.row_number().over(order_by=order)
        rest: Expression = sa.literal_column(str(self.listed + 1))
        return sa.select(values.key.label("k"), sa.case((place <= self.listed, place), else_=rest).label("g"))

    def _ranges(self, clause: sa.FromClause) -> sa.Select[Any]:
        """Return the values k and their ranges g, by the same arithmetic as ``equal_mass_bins``."""
        values = grouped(self.side.plan, clause)
        filled = self.side.filled - (self.side.nulls if self.side.is_null_a_value else 0)
        running = sa.func.sum(values.count).over(order_by=values.order)
        cut = sa.select(values.key.label("k"), values.count.label("c"), running.label("s")).subquery("cut")
        group = equal_mass_group(cut.c.s, cut.c.c, self.ranges, filled)
        return sa.select(cut.c.k, sa.func.dense_rank().over(order_by=group).label("g"))


def count_categories(
    x: CategorySide, y: CategorySide, clause: sa.FromClause, rows_of: RowsOf, dialect: str
) -> npt.NDArray[np.int64]:
    """Return the rows of each category of x with each of y, array of shape (x.size, y.size)."""
    # First as columns, then grouped: a statement need not repeat what is bound in it.
    rows = sa.select(x.seen(dialect).label("x"), y.seen(dialect).label("y")).select_from(clause).subquery("seen")
    grouping = sa.select(rows.c.x, rows.c.y, sa.func.count().label("c")).group_by(rows.c.x, rows.c.y)
    cells = grouping.subquery("cells")
    source: sa.FromClause = cells
    found: list[Expression] = []
    for number, (side, seen) in enumerate(((x, cells.c.x), (y, cells.c.y))):
        category, joined = side.category(seen, clause, f"values{number}")
        found.append(category)
        if joined is not None:
            source = source.outerjoin(joined, side.side.plan.is_same(joined.c.k, seen))
    named = sa.select(found[0].label("gx"), found[1].label("gy"), cells.c.c).select_from(source).subquery("named")
    total = sa.func.sum(named.c.c)
    counted = sa.select(named.c.gx, named.c.gy, total).where(named.c.gx.is_not(None), named.c.gy.is_not(None))
    counts = np.zeros((x.size, y.size), np.int64)
    for i, j, number in rows_of(counted.group_by(named.c.gx, named.c.gy)):
        counts[int(i) - 1, int(j) - 1] = int(number)
    return counts
