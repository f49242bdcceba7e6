"""A column's values and their rows, counted in the database; small marginals cross the wire whole.

What is fetched of a column: its values with their counts where they are few; else its fingerprint, frequent values,
quantiles, bins and sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.dictionary import Dictionary
from colprofile.counting.marginal import Counts, Marginal
from colprofile.measures.cuts import equal_mass_bins
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.engine_sql import Expression, as_double, double
from colprofile.sources.database.fetch import dictionary_of, given_back

WHOLE_VALUES = 10_000
"""A column with at most this many values has a small marginal, which is fetched whole. More than a histogram lists."""

RowsOf = Callable[[Any], list[tuple[Any, ...]]]
"""Runs a SELECT and returns its rows."""


@dataclass(frozen=True)
class Grouped:
    """A column's values and their counts, as a subquery: k is the key, c its rows, t the text of a ranked key.

    i is the text that is the same for equal values, where the plan has one.
    """

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
        return self.plan.ascending(self.query.c.k)

    @property
    def reversed_order(self) -> Expression:
        """What sorts it against that order."""
        return self.plan.descending(self.query.c.k)

    def listed(self) -> sa.Select[Any]:
        """Return the statement that fetches the values and their rows."""
        return sa.select(self.carried.label("k"), self.count.label("c"))

    def keyed(self) -> sa.Select[Any]:
        """Return the statement that fetches the values and their rows, and their keys where the plan has some."""
        return self.listed() if self.plan.equality is None else self.listed().add_columns(self.query.c.i)


def grouped(plan: ColumnPlan, clause: sa.FromClause) -> Grouped:
    """Return the values of a column that are not NULL, with their rows."""
    selected = [plan.key.label("k"), sa.func.count().label("c")]
    if plan.wire == "ranked" and plan.label is not None:
        selected.append(sa.func.min(plan.label).label("t"))
    if plan.equality is not None:
        selected.append(sa.func.min(plan.equality).label("i"))
    query = sa.select(*selected).select_from(clause).where(plan.key.is_not(None)).group_by(plan.key)
    return Grouped(plan, query.subquery("v"))


def equal_mass_group(running: Expression, count: Expression, bins: int, total: int) -> Expression:
    """Return the number of a value's equal-mass bin, by the same arithmetic as ``equal_mass_bins``.

    ``running`` are the rows up to and including the value, ``count`` its own, of ``total``.
    """
    middle = as_double(running) - as_double(count) / double(2.0)
    raw = sa.func.floor(middle * double(float(bins)) / double(float(total)))
    return sa.case((raw > double(bins - 1.0), double(bins - 1.0)), else_=raw)


def summed_by(cells: npt.NDArray[np.int64], counts: Counts, size: int = 1) -> Counts:
    """Return the sums of the counts in each cell, of at least ``size`` cells; exact below 2^53 rows."""
    return np.bincount(cells, counts, size).astype(np.int64)


def small_marginal(
    plan: ColumnPlan, clause: sa.FromClause, rows: int, rows_of: RowsOf, limit: int | None = WHOLE_VALUES
) -> tuple[Marginal, list[Any]] | None:
    """Return a column's whole marginal and its values as fetched, in the database's order.

    None if there are more values than ``limit``.
    """
    groups = grouped(plan, clause)
    if limit is not None:
        # The order is the database's own, which for a ranked column only the database knows.
        groups = Grouped(plan, sa.select(*groups.query.c).limit(limit + 1).subquery("v"))
    found = rows_of(groups.keyed().order_by(groups.order))
    if limit is not None and len(found) > limit:
        return None
    values = [row[0] for row in found]
    counts: Counts = np.array([int(row[1]) for row in found], np.int64)
    keys = None if plan.equality is None else [row[2] for row in found]
    dictionary: Dictionary = dictionary_of(plan, values, keys)
    if plan.wire == "enum":
        place = {label: number for number, label in enumerate(plan.labels)}
        counts = counts[np.argsort([place[value] for value in values], kind="stable")]
    return Marginal(rows - int(counts.sum()), counts, dictionary), values


class EqualMassBins(NamedTuple):
    """Where each bin but the first begins, as values given back, and the rows of each."""

    starts: tuple[Any, ...]
    rows: Counts


def bins_of_values(marginal: Marginal, values: Sequence[Any], plan: ColumnPlan, bins: int) -> EqualMassBins:
    """Return the equal-mass bins of a whole marginal, whose values are given as they were fetched."""
    order = marginal.occurring
    counts = marginal.counts[order]
    places = equal_mass_bins(marginal.cumulative, counts, bins)
    first = np.flatnonzero(np.diff(places)) + 1
    return EqualMassBins(tuple(given_back(plan, values[order[p]]) for p in first), summed_by(places, counts))
