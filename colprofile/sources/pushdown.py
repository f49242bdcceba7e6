"""Counting in the database: the sums of columns and pairs by GROUP BY, so that neither rows nor tables cross the wire.

What crosses of a column: its values with their counts where they are few; else its fingerprint, frequent values,
quantiles, bins and sums. What crosses of a pair: how often each count occurs, in the joint table and in both
marginals. All sums of PairSums follow from that, and so do the expected bits; logarithms are taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.dictionary import Dictionary
from colprofile.counting.marginal import Counts, Marginal, equal_mass_bins
from colprofile.counting.pairs import PairCount
from colprofile.measures.chance import expected_bits
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import exchanged
from colprofile.sources.fetch import dictionary_of, given_back
from colprofile.sources.plans import ColumnPlan, Expression, as_double

WHOLE_VALUES = 10_000
"""A column with at most so many values has a small marginal, which crosses as it is. More than a histogram lists."""

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


def balanced_case(key: Expression, starts: Sequence[Expression], first: int = 1) -> Expression:
    """Return which bin a key is in, from ``first``: ``starts`` holds where the second bin and those after it begin.

    A tree of comparisons: six for 64 bins.
    """
    if not starts:
        return sa.literal_column(str(first))
    middle = len(starts) // 2
    below = balanced_case(key, starts[:middle], first)
    above = balanced_case(key, starts[middle + 1 :], first + middle + 1)
    return sa.case((key < starts[middle], below), else_=above)


@dataclass(frozen=True)
class PairSide:
    """One column as the pairs see it.

    Attributes
    ----------
    plan
        How it is compared.
    fingerprint
        (counts, how many values have each), NULL's own included where NULL is a value.
    starts
        Where its bins but the first begin, as values given back; None where it is taken as it is.
    bins
        How many bins, NULL's own included where NULL is a value.
    nulls
        NULL rows.
    is_null_a_value
        Whether NULL counts as a value.
    centre, scale
        Of the numbers that Pearson's correlation is computed on; None where it is undefined.
    """

    plan: ColumnPlan
    fingerprint: tuple[Counts, Counts]
    starts: tuple[Any, ...] | None
    bins: int
    nulls: int
    is_null_a_value: bool
    centre: float | None
    scale: float

    @property
    def is_unique(self) -> bool:
        """No NULL and every value once: all of its pairs are known without counting."""
        counts, _ = self.fingerprint
        return (self.nulls == 0 or self.is_null_a_value) and counts.size == 1 and int(counts[0]) == 1

    @cached_property
    def is_constant(self) -> bool:
        """One value and no NULL: all of its pairs are known without counting."""
        counts, many = self.fingerprint
        return (self.nulls == 0 or self.is_null_a_value) and counts.size == 1 and int(many[0]) == 1

    def bin(self, key: Expression) -> Expression:
        """Return the bin of a key, the key itself without bins."""
        if self.starts is None:
            return key
        starts = [sa.bindparam(None, value, type_=self.plan.bind) for value in self.starts]
        binned = balanced_case(key, starts)
        return sa.case((key.is_(None), sa.literal_column("0")), else_=binned) if self.is_null_a_value else binned

    def standardised(self, key: Expression) -> Expression:
        """Return the number behind a key, centred and scaled."""
        return (as_double(key) - sa.literal(self.centre, sa.Double())) / sa.literal(self.scale, sa.Double())


@dataclass(frozen=True)
class PairResult:
    """What counting a pair gives, and the sums for Pearson's r: n, Σx, Σy, Σx², Σy², Σxy; None where undefined."""

    count: PairCount
    moments: npt.NDArray[np.float64] | None


def count_pair(x: PairSide, y: PairSide, clause: sa.FromClause, rows_of: RowsOf) -> PairResult:
    """Return the sums of a pair, its bins' sums and its moments, from one statement."""
    if x.is_constant or y.is_constant:
        sums = _beside_constant(x, y)
        return PairResult(PairCount(sums, 0.0, sums, 0.0), None)
    has_bins = x.starts is not None or y.starts is not None
    has_moments = x.centre is not None and y.centre is not None
    statement = pair_statement(x, y, clause, has_bins, has_moments)
    found = rows_of(statement)
    sums, expected = _sums(found, 0)
    if x.is_unique or y.is_unique:
        # In exact arithmetic, as the kernels have it: the expectation is what the other column holds.
        expected = _entropy_of(sums, y if x.is_unique else x, is_other_x=not x.is_unique)
    if has_bins:
        binned, binned_expected = _sums(found, 3)
    else:
        binned, binned_expected = sums, expected
    moments = None
    if has_moments:
        moments = np.array([[float(item or 0.0) for item in row[5:11]] for row in found if row[0] == 0]).reshape(-1, 6)
        moments = moments.sum(axis=0)
    return PairResult(PairCount(sums, expected, binned, binned_expected), moments)


def _beside_constant(x: PairSide, y: PairSide) -> PairSums:
    """Return the sums of a pair of which one column is constant: its cells are the other column's values."""
    counts, many = (y if x.is_constant else x).fingerprint
    rows, distinct = int(counts @ many), int(many.sum())
    clogc, square = _clogc(counts, many), float((counts.astype(np.float64) ** 2) @ many)
    total = rows * float(np.log2(rows)) if rows else 0.0
    beside = PairSums(
        rows=rows,
        distinct_x=1 if rows else 0,
        distinct_y=distinct,
        cells=distinct,
        joint_clogc=clogc,
        x_clogc=total,
        y_clogc=clogc,
        square_over_x=square / rows if rows else 0.0,
        square_over_y=float(rows),
        x_square=float(rows) ** 2,
        y_square=square,
        best_y_by_x=int(counts.max(initial=0)),
        best_x_by_y=rows,
    )
    return beside if x.is_constant else exchanged(beside)


def _entropy_of(sums: PairSums, other: PairSide, *, is_other_x: bool) -> float:
    clogc = sums.x_clogc if is_other_x else sums.y_clogc
    return float(np.log2(sums.rows) - clogc / sums.rows) if sums.rows else 0.0


def pair_statement(
    x: PairSide, y: PairSide, clause: sa.FromClause, has_bins: bool, has_moments: bool
) -> sa.CompoundSelect[Any]:
    """Return the statement that counts a pair.

    Its rows are (side, n, how many, Σ largest cell, Σ of squared cells, six moments): side 0 are joint cells of n rows,
    1 values of x, 2 values of y with n rows; 3, 4 and 5 the same of the bins.
    """
    cells = _cells(x, y, clause)
    parts = _fingerprints(cells, 0, (x, y) if has_moments else None)
    if has_bins:
        key_x, key_y = x.bin(cells.c.x), y.bin(cells.c.y)
        # First as columns, then grouped: a statement need not repeat what is bound in it.
        named = sa.select(key_x.label("x"), key_y.label("y"), cells.c.c).subquery("named")
        grouping = sa.select(named.c.x, named.c.y, sa.func.sum(named.c.c).label("c")).group_by(named.c.x, named.c.y)
        parts += _fingerprints(grouping.cte("bins"), 3, None)
    return sa.union_all(*parts)


def _cells(x: PairSide, y: PairSide, clause: sa.FromClause) -> sa.CTE:
    key_x, key_y = x.plan.key, y.plan.key
    query = sa.select(key_x.label("x"), key_y.label("y"), sa.func.count().label("c")).select_from(clause)
    for side, key in ((x, key_x), (y, key_y)):
        if side.nulls and not side.is_null_a_value:
            query = query.where(key.is_not(None))
    return query.group_by(key_x, key_y).cte("cells")


def _fingerprints(cells: sa.CTE, first: int, moments: tuple[PairSide, PairSide] | None) -> list[sa.Select[Any]]:
    """Return what to select of the joint cells, of x's values and of y's values."""
    nothing: list[Expression] = [sa.cast(sa.literal_column("0"), sa.Double()).label(f"m{i}") for i in range(6)]
    square = as_double(cells.c.c) * as_double(cells.c.c)
    zero: Expression = sa.cast(sa.literal_column("0"), sa.Double())
    parts = [
        sa.select(
            sa.literal_column(str(first)).label("side"),
            cells.c.c.label("n"),
            sa.func.count().label("many"),
            sa.literal_column("0").label("best"),
            zero.label("square"),
            *(nothing if moments is None else _moments(cells, *moments)),
        ).group_by(cells.c.c)
    ]
    for number, key in enumerate((cells.c.x, cells.c.y), first + 1):
        by = (
            sa.select(
                sa.func.sum(cells.c.c).label("n"),
                sa.func.max(cells.c.c).label("best"),
                sa.func.sum(square).label("square"),
            )
            .group_by(key)
            .subquery(f"side{number}")
        )
        parts.append(
            sa.select(
                sa.literal_column(str(number)).label("side"),
                by.c.n,
                sa.func.count().label("many"),
                sa.func.sum(by.c.best).label("best"),
                sa.func.sum(by.c.square).label("square"),
                *nothing,
            ).group_by(by.c.n)
        )
    return parts


def _moments(cells: sa.CTE, x: PairSide, y: PairSide) -> list[Expression]:
    """Return n, Σx, Σy, Σx², Σy², Σxy over the cells in which neither is NULL."""
    c, u, v = as_double(cells.c.c), x.standardised(cells.c.x), y.standardised(cells.c.y)
    complete = sa.and_(cells.c.x.is_not(None), cells.c.y.is_not(None))
    terms = [c, c * u, c * v, c * u * u, c * v * v, c * u * v]
    return [sa.func.sum(sa.case((complete, term))).label(f"m{i}") for i, term in enumerate(terms)]


def _sums(found: Sequence[tuple[Any, ...]], first: int) -> tuple[PairSums, float]:
    """Return the sums, and the expected bits of the marginals of the complete rows."""
    sides = []
    for side in (first, first + 1, first + 2):
        rows = [row for row in found if row[0] == side]
        n = np.array([int(row[1]) for row in rows], np.int64)
        many = np.array([int(row[2]) for row in rows], np.int64)
        best = sum(int(row[3]) for row in rows)
        square = float(sum(float(row[4]) / int(row[1]) for row in rows)) if side != first else 0.0
        order = np.argsort(n)
        sides.append((n[order], many[order], best, square))
    (joint, cells, _, _), (by_x, many_x, best_x, square_x), (by_y, many_y, best_y, square_y) = sides
    sums = PairSums(
        rows=int(joint @ cells),
        distinct_x=int(many_x.sum()),
        distinct_y=int(many_y.sum()),
        cells=int(cells.sum()),
        joint_clogc=_clogc(joint, cells),
        x_clogc=_clogc(by_x, many_x),
        y_clogc=_clogc(by_y, many_y),
        square_over_x=square_x,
        square_over_y=square_y,
        x_square=float((by_x.astype(np.float64) ** 2) @ many_x),
        y_square=float((by_y.astype(np.float64) ** 2) @ many_y),
        best_y_by_x=best_x,
        best_x_by_y=best_y,
    )
    return sums, float(expected_bits(np.repeat(by_x, many_x), np.repeat(by_y, many_y), False))


def _clogc(counts: Counts, many: Counts) -> float:
    return float((counts * np.log2(counts.astype(np.float64))) @ many.astype(np.float64)) if counts.size else 0.0


def bin_starts(marginal: Marginal, values: Sequence[Any], plan: ColumnPlan, bins: int) -> tuple[Any, ...]:
    """Return where each equal-mass bin but the first begins, from a whole marginal and its values as fetched."""
    order = marginal.occurring
    places = equal_mass_bins(marginal.cumulative, marginal.counts[order], bins)
    first = np.flatnonzero(np.diff(places)) + 1
    return tuple(given_back(plan, values[order[p]]) for p in first)
