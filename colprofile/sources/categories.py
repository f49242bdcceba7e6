"""Joint counts of two columns by category, counted in the database: what a picture of a pair needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.sources.pairsides import PairSide
from colprofile.sources.plans import Expression, as_double
from colprofile.sources.pushdown import RowsOf, grouped


@dataclass(frozen=True)
class CategorySide:
    """One column as a picture sees it.

    Attributes
    ----------
    side
        The column.
    size
        Categories, NULL's included, which is the last one where NULL is a value.
    starts
        Where its ranges but the first begin, as values given back; None where they are not known or values are listed.
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

    def category(
        self, key: Expression, clause: sa.FromClause, name: str, dialect: str
    ) -> tuple[Expression, sa.Subquery | None]:
        """Return the category of a key from 1, NULL where it has none, and what must be joined on it."""
        values: sa.Subquery | None = None
        if self.starts is not None:
            binned = replace(self.side, starts=self.starts, is_null_a_value=False).bin(key, dialect)
            found: Expression = sa.case((key.is_not(None), binned))
        else:
            values = (self._ranges(clause) if self.ranges else self._listed(clause)).subquery(name)
            found = values.c.g
        if self.side.is_null_a_value:
            found = sa.case((key.is_(None), sa.literal_column(str(self.size))), else_=found)
        return found, values

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
        running = as_double(sa.func.sum(values.count).over(order_by=values.order))
        middle = running - as_double(values.count) / sa.literal(2.0, sa.Double())
        raw = sa.func.floor(
            middle * sa.literal(float(self.ranges), sa.Double()) / sa.literal(float(filled), sa.Double())
        )
        cut = sa.select(values.key.label("k"), raw.label("raw")).subquery("cut")
        last: Expression = sa.literal(self.ranges - 1.0, sa.Double())
        place = sa.case((cut.c.raw > last, last), else_=cut.c.raw)
        return sa.select(cut.c.k, sa.func.dense_rank().over(order_by=place).label("g"))


def count_categories(
    x: CategorySide, y: CategorySide, clause: sa.FromClause, rows_of: RowsOf, dialect: str
) -> npt.NDArray[np.int64]:
    """Return the rows of each category of x with each of y, array of shape (x.size, y.size)."""
    keys = [side.side.plan.key for side in (x, y)]
    cells = sa.select(keys[0].label("x"), keys[1].label("y"), sa.func.count().label("c")).select_from(clause)
    cells_named = cells.group_by(*keys).subquery("cells")
    source: sa.FromClause = cells_named
    found: list[Expression] = []
    for number, (side, key) in enumerate(zip((x, y), (cells_named.c.x, cells_named.c.y), strict=True)):
        category, joined = side.category(key, clause, f"values{number}", dialect)
        found.append(category)
        if joined is not None:
            source = source.outerjoin(joined, joined.c.k == key)
    named = sa.select(found[0].label("gx"), found[1].label("gy"), cells_named.c.c).select_from(source).subquery("named")
    total = sa.func.sum(named.c.c)
    counted = sa.select(named.c.gx, named.c.gy, total).where(named.c.gx.is_not(None), named.c.gy.is_not(None))
    counts = np.zeros((x.size, y.size), np.int64)
    for i, j, rows in rows_of(counted.group_by(named.c.gx, named.c.gy)):
        counts[int(i) - 1, int(j) - 1] = int(rows)
    return counts
