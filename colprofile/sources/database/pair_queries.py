"""Counting pairs in the database: the sums of joint tables by GROUP BY, so that neither rows nor tables cross the wire.

What is fetched of a pair: how often each count occurs, in the joint table and in both marginals. All sums of PairSums
follow from that, and so do the expected bits; logarithms are taken here. Several pairs of a few columns can be
derived from one grouping of all of them, which is then the only look at the rows.

For dependence the small table of two cut columns is fetched; of one cut column and another one's values, which may be
a large table, how often each count occurs at every halving: only where that can show more than what is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.marginal import Counts
from colprofile.counting.pairs import PairCount
from colprofile.counting.strength import Cut, Resolutions, counted, strongest
from colprofile.measures.chance import expected_bits
from colprofile.measures.cuts import HALVINGS
from colprofile.measures.resolutions import SMALL_TABLE, Strength
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import exchanged
from colprofile.sources.database.engine_sql import REPEATS_CTES, Expression, as_double
from colprofile.sources.database.pair_sides import (
    PairSide,
    balanced_case,
    clogc_of,
    correlation,
    expected_with_unique,
    has_moments,
    sums_of,
    sums_with_constant,
    sums_with_unique,
)
from colprofile.sources.database.small_marginal import RowsOf

_PARTS = 5
"""Kinds of rows that come of one pair: cells, values of x, values of y, cells of the finest cuts, ranks."""

_WITHOUT_HASH_JOINS = frozenset({"sqlite"})
"""Databases that may join two subqueries by comparing each row of one with each of the other."""

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class PairCounter:
    """Counts pairs of columns of a relation.

    Attributes
    ----------
    clause
        The relation.
    dialect
        SQLAlchemy's name of its database.
    rows
        Its rows.
    tests
        How many pairs are looked at together: see ``measures.resolutions``.
    """

    clause: sa.FromClause
    dialect: str
    rows: int
    tests: int

    def count(self, x: PairSide, y: PairSide, rows_of: RowsOf) -> PairCount:
        """Return what counting a pair gives.

        With a constant column nothing has to be counted, with a unique column only the bins and the correlations.
        """
        if x.is_constant or y.is_constant:
            return PairCount(sums_with_constant(x, y), 0.0, Strength(None))
        if x.is_unique or y.is_unique:
            return self._count_with_unique(x, y, rows_of)
        return self.count_together([x, y], [(0, 1)], rows_of)[0]

    def count_together(
        self, sides: Sequence[PairSide], pairs: Sequence[tuple[int, int]], rows_of: RowsOf
    ) -> list[PairCount]:
        """Return what counting each pair of these columns gives, none of them constant or unique.

        One statement, and up to two for each pair of which a column is cut.
        """
        found = rows_of(together_statement(sides, pairs, self.clause, self.dialect))
        of_part: dict[int, list[tuple[Any, ...]]] = {}
        for row in found:
            of_part.setdefault(int(row[0]) // _PARTS, []).append((int(row[0]) % _PARTS, *row[1:]))
        return [self._pair(sides[x], sides[y], of_part.get(number, []), rows_of) for number, (x, y) in enumerate(pairs)]

    def _pair(self, x: PairSide, y: PairSide, found: Rows, rows_of: RowsOf) -> PairCount:
        sums, counts = _sums(found)
        expected = float(expected_bits(*counts, False))
        strength = _Search(self, x, y, sums, expected, counts, _cut_cells(found), rows_of).strength()
        r = correlation(_moments(found)) if has_moments(x, y) else None
        return PairCount(sums, expected, strength, r, _spearman(found))

    def _count_with_unique(self, x: PairSide, y: PairSide, rows_of: RowsOf) -> PairCount:
        sums = sums_with_unique(x, y)
        # In exact arithmetic, as the kernels have it: the expectation is what the other column holds.
        expected = expected_with_unique(y if x.is_unique else x)
        rows = sa.select(x.plan.key.label("x"), y.plan.key.label("y"), as_double(sa.literal_column("1")).label("c"))
        cells = _complete(rows.select_from(self.clause), (x, x.plan.key), (y, y.plan.key)).subquery("cells")
        parts = [_cells_of_cuts(x, y, cells, 0, self.dialect)] if x.cut is not None and y.cut is not None else []
        if x.has_ranks and y.has_ranks:
            parts.append(_ranks_of_cells(cells, 4))
        found = [row for part in parts for row in rows_of(part)]
        counts = np.repeat(*x.fingerprint), np.repeat(*y.fingerprint)
        search = _Search(self, x, y, sums, expected, counts, _cut_cells(found), rows_of)
        return PairCount(sums, expected, search.strength(), self._pearson(x, y, rows_of), _spearman(found))

    def _pearson(self, x: PairSide, y: PairSide, rows_of: RowsOf) -> float | None:
        """Return Pearson's r straight from the rows."""
        if not has_moments(x, y):
            return None
        u, v = x.standardised(x.plan.key), y.standardised(y.plan.key)
        both = sa.and_(x.plan.key.is_not(None), y.plan.key.is_not(None))
        terms = [as_double(sa.literal_column("1")), u, v, u * u, v * v, u * v]
        selected = sa.select(*(sa.func.sum(term).label(f"m{i}") for i, term in enumerate(terms)))
        found = rows_of(selected.select_from(self.clause).where(both))[0]
        return correlation(np.array([float(item or 0.0) for item in found]))


@dataclass(frozen=True)
class _Search:
    """The search for the resolution that shows the dependence of a pair.

    ``counts`` are the rows of each value over the complete rows, ``cells`` those of the finest cuts: x, y, rows.
    """

    counter: PairCounter
    x: PairSide
    y: PairSide
    sums: PairSums
    expected: float
    counts: tuple[Counts, Counts]
    cells: npt.NDArray[np.int64]
    rows_of: RowsOf

    def strength(self) -> Strength:
        """Return the dependence, and the bins that show it."""
        x, y, sums = self.x, self.y, self.sums
        if x.width < y.width:  # as the kernels have it, so that of equal resolutions the same is named
            other = _Search(
                self.counter,
                y,
                x,
                exchanged(sums),
                self.expected,
                self.counts[::-1],
                self.cells[[1, 0, 2]],
                self.rows_of,
            )
            value, bins_y, bins_x = other.strength()
            return Strength(value, bins_x, bins_y)
        counts = None if x.is_unique or y.is_unique else self.counts
        return strongest(x, y, sums, self.expected, counts, self.counter.rows, self.counter.tests, self._look)

    def _look(self, resolutions: Resolutions) -> Strength:
        level_x, level_y = resolutions.levels
        if level_x is not None and level_y is not None:
            return resolutions.of_table(*_table(self.cells))
        if level_x is not None:
            return self._look_at_halvings(resolutions, self.x, self.y, level_x, self.counts[1])
        assert level_y is not None
        return self._look_at_halvings(resolutions, self.y, self.x, level_y, self.counts[0])

    def _look_at_halvings(
        self, resolutions: Resolutions, side: PairSide, other: PairSide, level: int, own: Counts
    ) -> Strength:
        """Return the strongest of one column cut, ``side``, beside the other's values."""
        counter, cut = self.counter, side.cut
        assert cut is not None
        key = other.plan.key
        table = sa.select(side.bin(side.plan.key, counter.dialect, level).label("x"), key.label("y"))
        complete = _complete(table.select_from(counter.clause), (side, side.plan.key), (other, key))
        # First as columns, then grouped: a statement need not repeat what is bound in it.
        named = complete.subquery("named")
        count = as_double(sa.func.count()).label("c")
        cells = sa.select(named.c.x, named.c.y, count).group_by(named.c.x, named.c.y).cte("cells")
        _, size = cut.level(level)
        if counter.dialect in REPEATS_CTES and (size + 1) * other.width <= SMALL_TABLE:
            rank = sa.func.dense_rank().over(order_by=cells.c.y)
            fetched = _cells(self.rows_of(sa.select(cells.c.x, rank.label("y"), cells.c.c)))
            return resolutions.of_table(*_table(fetched if side is self.x else fetched[[1, 0, 2]]))
        found = self.rows_of(_halvings_statement(cells, cut, level))
        joint = [_clogc([row for row in found if int(row[0]) == part]) for part in range(HALVINGS - level)]
        binned = np.zeros(size + 1, np.int64)
        for _, rows, place in (row for row in found if int(row[0]) == HALVINGS):
            binned[int(place)] = int(rows)
        return resolutions.of_halvings(joint, own, binned)


def _halvings_statement(cells: sa.CTE, cut: Cut, level: int) -> sa.CompoundSelect[Any]:
    """Return the statement for the joint cells of one cut column, x, at a halving and at those after it.

    Its rows are (part, n, many): of the part-th halving ``many`` cells of n rows, and at last the n rows of the bin
    ``many``.
    """
    parts = []
    finest, _ = cut.level(level)
    for part in range(HALVINGS - level):
        folded: sa.FromClause = cells
        if part:
            bins, _ = cut.level(level + part)
            # Where in the halving at hand those of the coarser one begin.
            starts = np.unique(finest[1:][np.diff(bins[1:], prepend=bins[1]) > 0]).tolist()
            bin_of = balanced_case([cells.c.x < sa.literal_column(str(start)) for start in starts])
            named = sa.select(bin_of.label("x"), cells.c.y, cells.c.c).subquery(f"named{part}")
            total = sa.func.sum(named.c.c).label("c")
            folded = sa.select(total).group_by(named.c.x, named.c.y).subquery(f"folded{part}")
        place: Expression = sa.literal_column(str(part)).label("part")
        parts.append(sa.select(place, folded.c.c.label("n"), sa.func.count().label("many")).group_by(folded.c.c))
    last: Expression = sa.literal_column(str(HALVINGS)).label("part")
    parts.append(sa.select(last, sa.func.sum(cells.c.c).label("n"), cells.c.x.label("many")).group_by(cells.c.x))
    return sa.union_all(*parts)


def _clogc(found: Rows) -> float:
    """Return Σ c·log2 c of cells that are given by how many there are of each count."""
    return clogc_of(*(np.array([int(row[place]) for row in found], np.int64) for place in (1, 2)))


def _cells(found: Rows) -> npt.NDArray[np.int64]:
    """Return joint cells as int64[3, cells]: code of x, code of y, rows."""
    return np.array([[int(item) for item in row] for row in found], np.int64).reshape(-1, 3).T


def _table(cells: npt.NDArray[np.int64]) -> tuple[Any, int]:
    """Return joint cells as a table, and its width."""
    shape = int(cells[0].max(initial=0)) + 1, int(cells[1].max(initial=0)) + 1
    table = np.zeros(shape, np.int64)
    table[cells[0], cells[1]] = cells[2]
    return counted(table), shape[1]


def together_statement(
    sides: Sequence[PairSide], pairs: Sequence[tuple[int, int]], clause: sa.FromClause, dialect: str = ""
) -> sa.CompoundSelect[Any]:
    """Return the statement that counts pairs of some columns.

    Its rows are (part, n, how many, Σ largest cell, Σ of squared cells, five moments). Part 5 i of pair i are joint
    cells of n rows, the next are values of x and values of y with n rows. Then come the cells of the finest cuts of
    both columns, n rows each, with their bins of x and of y; and the sums of squares and products of ranks.
    """
    # Counts as doubles: exact up to 2^53, and added up faster than a database's widest integers.
    count = as_double(sa.func.count()).label("c")
    if len(sides) == 2:
        x, y = sides[pairs[0][0]], sides[pairs[0][1]]
        table = sa.select(x.plan.key.label("x"), y.plan.key.label("y"), count).select_from(clause)
        complete = _complete(table, (x, x.plan.key), (y, y.plan.key))
        cells = complete.group_by(x.plan.key, y.plan.key).cte("cells0")
        return sa.union_all(*_parts(x, y, cells, 0, dialect))
    table = sa.select(*(side.plan.key.label(f"k{i}") for i, side in enumerate(sides)), count).select_from(clause)
    counted = table.group_by(*(side.plan.key for side in sides)).cte("counted")
    parts: list[sa.Select[Any]] = []
    for number, (i, j) in enumerate(pairs):
        key_x, key_y = counted.c[f"k{i}"], counted.c[f"k{j}"]
        table = sa.select(key_x.label("x"), key_y.label("y"), sa.func.sum(counted.c.c).label("c"))
        folded = _complete(table, (sides[i], key_x), (sides[j], key_y))
        cells = folded.group_by(key_x, key_y).cte(f"cells{number}")
        parts += _parts(sides[i], sides[j], cells, number, dialect)
    return sa.union_all(*parts)


def _complete(query: sa.Select[Any], *columns: tuple[PairSide, Expression]) -> sa.Select[Any]:
    """Return a query over the rows in which no column is NULL that ignores it; each is given with its key there."""
    return query.where(*(key.is_not(None) for side, key in columns if not side.is_whole))


def _parts(x: PairSide, y: PairSide, cells: sa.CTE, number: int, dialect: str) -> list[sa.Select[Any]]:
    """Return all that is selected of one pair."""
    first = _PARTS * number
    is_moved, is_ranked = has_moments(x, y), x.has_ranks and y.has_ranks
    is_joined = is_ranked and dialect not in _WITHOUT_HASH_JOINS
    by_value = _by_value(cells, x, y, number, is_joined=is_joined)
    many = sa.func.count().label("many")
    parts = [_part(first, cells.c.c, many).group_by(cells.c.c)]
    for place, (by, side) in enumerate(zip(by_value, (x, y), strict=True)):
        terms = _moment_terms(by, side, is_first=place == 0) if is_moved else []
        sums = sa.func.sum(by.c.best), sa.func.sum(by.c.square)
        parts.append(_part(first + place + 1, by.c.n, many, *sums, *terms).group_by(by.c.n))
    if x.cut is not None and y.cut is not None:
        parts.append(_cells_of_cuts(x, y, cells, number, dialect))
    if is_ranked:
        parts += _ranks(by_value, first + 4) if is_joined else [_ranks_of_cells(cells, first + 4)]
    return parts


def _cells_of_cuts(x: PairSide, y: PairSide, cells: sa.FromClause, number: int, dialect: str) -> sa.Select[Any]:
    """Return the joint cells of the finest cuts of both columns."""
    # First as columns, then grouped: a statement need not repeat what is bound in it.
    key_x, key_y = x.bin(cells.c.x, dialect), y.bin(cells.c.y, dialect)
    named = sa.select(key_x.label("x"), key_y.label("y"), cells.c.c).subquery(f"named{number}")
    part = _part(_PARTS * number + 3, sa.func.sum(named.c.c), named.c.x, as_double(named.c.y))
    return part.group_by(named.c.x, named.c.y)


def _ranks(by_value: Sequence[sa.CTE], part: int) -> list[sa.Select[Any]]:
    """Return the sums of the squares and products of ranks: of each value's mean rank, centred and doubled."""
    zero: Expression = as_double(sa.literal_column("0"))
    x, y = (_ranked(by) for by in by_value)
    rows = zero, sa.func.count(), zero, zero
    return [
        _part(part, *rows, sa.func.sum(x.c.m * x.c.u * x.c.u), zero, sa.func.sum(x.c.u * x.c.r)),
        _part(part, *rows, zero, sa.func.sum(y.c.m * y.c.u * y.c.u), zero),
    ]


def _ranked(by: sa.CTE) -> sa.Subquery:
    """Return values k with their rows m and their rank u; with r, the sum of the other's ranks, where that is known."""
    upto, total = sa.func.sum(by.c.m).over(order_by=by.c.k), sa.func.sum(by.c.m).over()
    rank = (upto + upto - by.c.m - total).label("u")  # a whole number, exact as a double
    kept = [by.c.k, by.c.m, rank, *([by.c.r] if "r" in by.c else [])]
    return sa.select(*kept).where(by.c.k.is_not(None), by.c.m.is_not(None)).subquery()


def _ranks_of_cells(cells: sa.FromClause, part: int) -> sa.Select[Any]:
    """Return the same without a join, but sorting the cells four times."""
    # What is not above a value less what is not below it.
    ranks = [
        sa.func.sum(cells.c.c).over(order_by=key) - sa.func.sum(cells.c.c).over(order_by=key.desc())
        for key in (cells.c.x, cells.c.y)
    ]
    both = cells.c.x.is_not(None), cells.c.y.is_not(None)
    ranked = sa.select(cells.c.c, ranks[0].label("u"), ranks[1].label("v")).where(*both).subquery()
    c, u, v, zero = ranked.c.c, ranked.c.u, ranked.c.v, as_double(sa.literal_column("0"))
    sums = (sa.func.sum(c * u * u), sa.func.sum(c * v * v), sa.func.sum(c * u * v))
    return _part(part, zero, sa.func.count(), zero, zero, *sums)


def _by_value(cells: sa.CTE, x: PairSide, y: PairSide, number: int, *, is_joined: bool) -> tuple[sa.CTE, sa.CTE]:
    """Return what the joint cells of each value of x, and of each value of y, add up to.

    Where it ``is_joined``, the ranks of y are joined with the cells, so that those of each value of x are added up.
    """
    is_moved = has_moments(x, y)

    def sums(key: Expression, other: Expression, side: PairSide) -> list[Expression]:
        selected: list[Expression] = [
            key.label("k"),
            sa.func.sum(cells.c.c).label("n"),
            sa.func.max(cells.c.c).label("best"),
            sa.func.sum(cells.c.c * cells.c.c).label("square"),
        ]
        if is_moved or is_joined:
            # Only rows with two values count, even where NULL is one.
            both = sa.case((other.is_not(None), cells.c.c)) if side.is_null_a_value else cells.c.c
            selected.append(sa.func.sum(both).label("m"))
        return selected

    source: sa.FromClause = cells
    of_x = sums(cells.c.x, cells.c.y, y)
    by_y = sa.select(*sums(cells.c.y, cells.c.x, x)).group_by(cells.c.y).cte(f"side{number}_1")
    if is_moved:
        of_x.append(sa.func.sum(cells.c.c * y.standardised(cells.c.y)).label("t"))
    if is_joined:
        ranked = _ranked(by_y)
        of_x.append(sa.func.sum(cells.c.c * ranked.c.u).label("r"))
        source = cells.outerjoin(ranked, ranked.c.k == cells.c.y)
    by_x = sa.select(*of_x).select_from(source).group_by(cells.c.x).cte(f"side{number}_0")
    return by_x, by_y


_MOMENTS = 5


def _part(part: int, n: Expression, many: Expression, *sums: Expression) -> sa.Select[Any]:
    """Return a part: as many sums as there may be, 0 for those that are not given."""
    zero: Expression = as_double(sa.literal_column("0"))
    padded = [*sums, *[zero] * (_MOMENTS + 2 - len(sums))]
    names = ["best", "square", *(f"m{i}" for i in range(_MOMENTS))]
    named = [sa.literal_column(str(part)).label("part"), n.label("n"), many.label("many")]
    return sa.select(*named, *(figure.label(name) for figure, name in zip(padded, names, strict=True)))


def _moment_terms(by: sa.CTE, side: PairSide, *, is_first: bool) -> list[Expression]:
    """Return n, Σx, Σy, Σx² and Σxy of the values of x, or Σy² of those of y."""
    zero: Expression = as_double(sa.literal_column("0"))
    u = side.standardised(by.c.k)
    if not is_first:
        return [sa.func.sum(by.c.m * u * u), *[zero] * (_MOMENTS - 1)]
    terms = [by.c.m, by.c.m * u, by.c.t, by.c.m * u * u, u * by.c.t]
    return [sa.func.sum(sa.case((by.c.k.is_not(None), term))) for term in terms]


def _moments(found: Rows) -> npt.NDArray[np.float64]:
    """Return n, Σx, Σy, Σx², Σy², Σxy over the cells in which neither is NULL."""

    def total(part: int, place: int) -> float:
        return sum(float(row[5 + place] or 0.0) for row in found if row[0] == part)

    n, x, y, xx, xy = (total(1, place) for place in range(_MOMENTS))
    return np.array([n, x, y, xx, total(2, 0), xy])


def _spearman(found: Rows) -> float | None:
    """Return Spearman's coefficient, None of a constant and of columns without ranks."""
    rows = [row[5:8] for row in found if row[0] == 4]
    square_x, square_y, cross = (sum(float(row[place] or 0.0) for row in rows) for place in range(3))
    if square_x <= 0 or square_y <= 0:
        return None
    return float(np.clip(cross / math.sqrt(square_x * square_y), -1.0, 1.0))


def _cut_cells(found: Rows) -> npt.NDArray[np.int64]:
    return _cells([(row[2], row[3], row[1]) for row in found if row[0] == 3])


def _sums(found: Rows) -> tuple[PairSums, tuple[Counts, Counts]]:
    """Return the sums, and the marginals of the complete rows."""
    sides = []
    for side in (0, 1, 2):
        rows = [row for row in found if row[0] == side]
        n = np.array([int(row[1]) for row in rows], np.int64)
        many = np.array([int(row[2]) for row in rows], np.int64)
        best = sum(int(row[3]) for row in rows)
        square = float(sum(float(row[4]) / int(row[1]) for row in rows)) if side else 0.0
        order = np.argsort(n)
        sides.append((n[order], many[order], best, square))
    (joint, cells, _, _), (by_x, many_x, best_x, square_x), (by_y, many_y, best_y, square_y) = sides
    sums = sums_of(
        (joint, cells), (by_x, many_x), (by_y, many_y), square_over=(square_x, square_y), best=(best_x, best_y)
    )
    return sums, (np.repeat(by_x, many_x), np.repeat(by_y, many_y))
