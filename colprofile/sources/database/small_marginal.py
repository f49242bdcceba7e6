"""A column's values and their rows, counted in the database; small marginals cross the wire whole.

What is fetched of a column: its values with their counts where they are few; else its fingerprint, frequent values,
quantiles, bins and sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from colprofile.counting.binning import equal_mass_bins
from colprofile.counting.dictionary import Dictionary
from colprofile.counting.marginal import Counts, Marginal
from colprofile.sources.database.column_plans import ColumnPlan, Expression
from colprofile.sources.database.fetch import dictionary_of, given_back

WHOLE_VALUES = 10_000
"""A column with at most this many values has a small marginal, which is fetched whole. More than a histogram lists."""

RowsOf = Callable[[Any], list[tuple[Any, ...]]]
"""Runs a SELECT and returns its rows."""


@dataclass(frozen=True)
class Grouped:
    """A column's values and their counts, as a subquery: k is the key, c its rows, t the text of a ranked key."""

    plan: ColumnPlan
    query: sa.Subquery

    @property
    def key(self) -> Expression:
        """The key."""
        return self.query.c.k

    @property
    def count(self) -> Expression:
        """Its rows."""
        return self.query.c.c

    @property
    def carried(self) -> Expression:
        """What crosses the wire for it."""
        return self.query.c.t if self.plan.wire == "ranked" else self.plan.carry(self.query.c.k)

    @property
    def order(self) -> Expression:
        """What sorts it in the order that people are shown."""
        return self.plan.order(self.query.c.k)


def grouped(plan: ColumnPlan, clause: sa.FromClause) -> Grouped:
    """Return the values of a column that are not NULL, with their rows."""
    selected = [plan.key.label("k"), sa.func.count().label("c")]
    if plan.wire == "ranked" and plan.label is not None:
        selected.append(sa.func.min(plan.label).label("t"))
    query = sa.select(*selected).select_from(clause).where(plan.key.is_not(None)).group_by(plan.key)
    return Grouped(plan, query.subquery("v"))


def small_marginal(
    plan: ColumnPlan, clause: sa.FromClause, rows: int, rows_of: RowsOf, limit: int | None = WHOLE_VALUES
) -> tuple[Marginal, list[Any]] | None:
    """Return a column's whole marginal and its values as fetched, in the database's order.

    None if there are more values than ``limit``.
    """
    values = grouped(plan, clause)
    statement = sa.select(values.carried.label("k"), values.count.label("c"))
    if limit is not None:
        # The order is the database's own, which for a ranked column only the database knows.
        listed = sa.select(*values.query.c).limit(limit + 1).subquery("v")
        values = Grouped(plan, listed)
        statement = sa.select(values.carried.label("k"), values.count.label("c"))
    found = rows_of(statement.order_by(values.order))
    if limit is not None and len(found) > limit:
        return None
    return marginal_of(plan, found, rows)


def marginal_of(plan: ColumnPlan, found: Sequence[tuple[Any, ...]], rows: int) -> tuple[Marginal, list[Any]]:
    """Return a marginal from (value, count) in the database's order, and the values as fetched."""
    values = [row[0] for row in found]
    counts: Counts = np.array([int(row[1]) for row in found], np.int64)
    dictionary: Dictionary = dictionary_of(plan, values)
    if plan.wire == "enum":
        place = {label: number for number, label in enumerate(plan.labels)}
        counts = counts[np.argsort([place[value] for value in values], kind="stable")]
    return Marginal(rows - int(counts.sum()), counts, dictionary), values


def bin_starts(marginal: Marginal, values: Sequence[Any], plan: ColumnPlan, bins: int) -> tuple[Any, ...]:
    """Return where each equal-mass bin except the first begins, from a whole marginal and its values as fetched."""
    order = marginal.occurring
    places = equal_mass_bins(marginal.cumulative, marginal.counts[order], bins)
    first = np.flatnonzero(np.diff(places)) + 1
    return tuple(given_back(plan, values[order[p]]) for p in first)
