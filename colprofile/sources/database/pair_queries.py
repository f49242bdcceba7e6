"""Counting pairs in the database: the sums of joint tables by GROUP BY, so that neither rows nor tables cross the wire.

What is fetched of a pair: how often each count occurs, in the joint table and in both marginals. All sums of PairSums
follow from that, and so do the expected bits; logarithms are taken here. Several pairs of a few columns can be
derived from one grouping of all of them, which is then the only look at the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.pairs import PairCount
from colprofile.measures.chance import expected_bits
from colprofile.measures.sums import PairSums
from colprofile.sources.database.column_plans import Expression, as_double
from colprofile.sources.database.pair_sides import (
    PairResult,
    PairSide,
    expected_with_unique,
    has_moments,
    sums_of,
    sums_with_constant,
    sums_with_unique,
)
from colprofile.sources.database.small_marginal import RowsOf

_PARTS = 6
"""Kinds of rows that come of one pair: cells, values of x, values of y, and the same of the bins."""

Rows = Sequence[tuple[Any, ...]]


def count_pair(x: PairSide, y: PairSide, clause: sa.FromClause, rows_of: RowsOf, dialect: str = "") -> PairResult:
    """Return the sums of a pair, its bins' sums and its moments, from one statement at most.

    With a constant column nothing has to be counted, with a unique column only the bins and the moments.
    """
    if x.is_constant or y.is_constant:
        sums = sums_with_constant(x, y)
        return PairResult(PairCount(sums, 0.0, sums, 0.0), None)
    if x.is_unique or y.is_unique:
        return _count_with_unique(x, y, clause, rows_of, dialect)
    return count_together([x, y], [(0, 1)], clause, rows_of, dialect)[0]


def _count_with_unique(x: PairSide, y: PairSide, clause: sa.FromClause, rows_of: RowsOf, dialect: str) -> PairResult:
    sums = sums_with_unique(x, y)
    # In exact arithmetic, as the kernels have it: the expectation is what the other column holds.
    expected = expected_with_unique(y if x.is_unique else x)
    binned, binned_expected, moments = sums, expected, None
    if x.is_binned or y.is_binned:
        keys = x.bin(x.plan.key, dialect), y.bin(y.plan.key, dialect)
        table = sa.select(keys[0].label("x"), keys[1].label("y")).select_from(clause)
        named = _complete(table, (x, x.plan.key), (y, y.plan.key)).subquery("n")
        counted = sa.select(named.c.x, named.c.y, as_double(sa.func.count()).label("c"))
        cells = counted.group_by(named.c.x, named.c.y).cte("cells")
        binned, binned_expected = _sums(rows_of(sa.union_all(*_fingerprints(cells, 0, None))), 0)
    if has_moments(x, y):
        u, v = x.standardised(x.plan.key), y.standardised(y.plan.key)
        both = sa.and_(x.plan.key.is_not(None), y.plan.key.is_not(None))
        terms = [as_double(sa.literal_column("1")), u, v, u * u, v * v, u * v]
        selected = sa.select(*(sa.func.sum(term).label(f"m{i}") for i, term in enumerate(terms)))
        found = rows_of(selected.select_from(clause).where(both))[0]
        moments = np.array([float(item or 0.0) for item in found])
    return PairResult(PairCount(sums, expected, binned, binned_expected), moments)


def count_together(
    sides: Sequence[PairSide],
    pairs: Sequence[tuple[int, int]],
    clause: sa.FromClause,
    rows_of: RowsOf,
    dialect: str = "",
) -> list[PairResult]:
    """Return what counting each pair of these columns gives, none of them constant or unique, by one statement."""
    found = rows_of(together_statement(sides, pairs, clause, dialect))
    of_part: dict[int, list[tuple[Any, ...]]] = {}
    for row in found:
        of_part.setdefault(int(row[0]) // _PARTS, []).append((int(row[0]) % _PARTS, *row[1:]))
    return [_result(sides[x], sides[y], of_part.get(number, [])) for number, (x, y) in enumerate(pairs)]


def _result(x: PairSide, y: PairSide, found: Rows) -> PairResult:
    sums, expected = _sums(found, 0)
    binned, binned_expected = _sums(found, 3) if x.is_binned or y.is_binned else (sums, expected)
    moments = _moments(found) if has_moments(x, y) else None
    return PairResult(PairCount(sums, expected, binned, binned_expected), moments)


def together_statement(
    sides: Sequence[PairSide], pairs: Sequence[tuple[int, int]], clause: sa.FromClause, dialect: str = ""
) -> sa.CompoundSelect[Any]:
    """Return the statement that counts pairs of some columns.

    Its rows are (part, n, how many, Σ largest cell, Σ of squared cells, five moments). Part 6 i of pair i are joint
    cells of n rows, the next are values of x and values of y with n rows, then the same of the bins.
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
    parts = _fingerprints(cells, _PARTS * number, (x, y) if has_moments(x, y) else None)
    if x.is_binned or y.is_binned:
        # First as columns, then grouped: a statement need not repeat what is bound in it.
        key_x, key_y = x.bin(cells.c.x, dialect), y.bin(cells.c.y, dialect)
        named = sa.select(key_x.label("x"), key_y.label("y"), cells.c.c).subquery(f"named{number}")
        binned = sa.select(named.c.x, named.c.y, sa.func.sum(named.c.c).label("c")).group_by(named.c.x, named.c.y)
        parts += _fingerprints(binned.cte(f"bins{number}"), _PARTS * number + 3, None)
    return parts


def _fingerprints(cells: sa.CTE, first: int, moments: tuple[PairSide, PairSide] | None) -> list[sa.Select[Any]]:
    """Return what to select of the joint cells, of x's values and of y's values."""
    zero: Expression = as_double(sa.literal_column("0"))
    nothing = [zero] * _MOMENTS
    many = sa.func.count().label("many")
    parts = [_part(first, cells.c.c, many, zero, zero, nothing).group_by(cells.c.c)]
    for place, (key, other) in enumerate(((cells.c.x, cells.c.y), (cells.c.y, cells.c.x))):
        selected = [
            key.label("k"),
            sa.func.sum(cells.c.c).label("n"),
            sa.func.max(cells.c.c).label("best"),
            sa.func.sum(cells.c.c * cells.c.c).label("square"),
        ]
        if moments is not None:
            side = moments[1 - place]
            # Only rows with two numbers count, even where NULL is a value.
            both = cells.c.c if side.nulls == 0 else sa.case((other.is_not(None), cells.c.c))
            selected.append(sa.func.sum(both).label("m"))
            if place == 0:
                selected.append(sa.func.sum(cells.c.c * side.standardised(other)).label("t"))
        by = sa.select(*selected).group_by(key).subquery(f"side{first + place + 1}")
        terms = nothing if moments is None else _moment_terms(by, moments[place], is_first=place == 0)
        sums = sa.func.sum(by.c.best), sa.func.sum(by.c.square)
        parts.append(_part(first + place + 1, by.c.n, many, *sums, terms).group_by(by.c.n))
    return parts


_MOMENTS = 5


def _part(
    part: int, n: Expression, many: Expression, best: Expression, square: Expression, moments: Sequence[Expression]
) -> sa.Select[Any]:
    named = [sa.literal_column(str(part)).label("part"), n.label("n"), many, best.label("best"), square.label("square")]
    return sa.select(*named, *(moment.label(f"m{i}") for i, moment in enumerate(moments)))


def _moment_terms(by: sa.Subquery, side: PairSide, *, is_first: bool) -> list[Expression]:
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


def _sums(found: Rows, first: int) -> tuple[PairSums, float]:
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
    sums = sums_of(
        (joint, cells), (by_x, many_x), (by_y, many_y), square_over=(square_x, square_y), best=(best_x, best_y)
    )
    return sums, float(expected_bits(np.repeat(by_x, many_x), np.repeat(by_y, many_y), False))
