"""Which columns to group together: all pairs of several columns follow from one joint table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil, sqrt
from typing import Any

import sqlalchemy as sa

from colprofile.sources.database.engine_sql import Expression
from colprofile.sources.database.small_marginal import RowsOf

Pair = tuple[int, int]

MOST_COLUMNS = 8


def shared_groupings(
    widths: Sequence[int],
    pairs: Sequence[Pair],
    most_cells: int,
    guesses: Mapping[Pair, int] | None = None,
    least: int = 1,
) -> list[tuple[tuple[int, ...], list[Pair]]]:
    """Return sets of columns whose joint table has few cells, and which of the pairs to count from each.

    Greedy: each column in turn, widest first, begins sets, which those join that multiply its cells least.

    Parameters
    ----------
    widths
        Values of each column, NULL among them.
    pairs
        (smaller, larger) numbers of columns; a set is for at least ``least`` of them.
    most_cells
        Of a set's table: the first column's values times what each further one multiplies them by.
    guesses
        How many cells a pair has. Without, as many as there can be, so that ``most_cells`` is a sure limit.
    """
    left = set(pairs)
    partners: dict[int, set[int]] = {}
    for x, y in pairs:
        partners.setdefault(x, set()).add(y)
        partners.setdefault(y, set()).add(x)

    def factor(first: int, other: int) -> float:
        most = widths[first] * widths[other]
        pair = min(first, other), max(first, other)
        cells = most if guesses is None else min(most, guesses.get(pair, most))
        return max(1.0, cells / max(1, widths[first]))

    found = []
    for first in sorted(partners, key=lambda column: -widths[column]):
        factors = sorted((factor(first, other), other) for other in range(len(widths)) if other != first)
        while (chosen := _joined(first, factors, widths[first], most_cells, left))[1:]:
            told = [pair for pair in combinations(sorted(chosen), 2) if pair in left]
            if len(told) < least:
                break
            left.difference_update(told)
            found.append((tuple(sorted(chosen)), told))
    return found


def _joined(
    first: int, factors: Sequence[tuple[float, int]], cells: float, most_cells: int, left: set[Pair]
) -> list[int]:
    """Return a column and those that join it, each for the sake of pairs that are left."""
    chosen = [first]
    for factor, other in factors:
        if cells * factor > most_cells or len(chosen) == MOST_COLUMNS:
            break
        if any((min(other, column), max(other, column)) in left for column in chosen):
            chosen.append(other)
            cells *= factor
    return chosen


def guessed_cells(
    keys: Sequence[Expression], pairs: Sequence[Pair], some: sa.FromClause, rows: int, rows_of: RowsOf
) -> dict[Pair, int]:
    """Return about how many cells pairs have, from some rows: good enough to plan by.

    Charikar, Chaudhuri, Motwani & Narasayya (PODS 2000): what occurs once stands for √(rows / some rows) values.
    """
    needed = sorted({number for pair in pairs for number in pair})
    moved = sa.sql.util.ClauseAdapter(some)
    drawn = sa.select(*(moved.traverse(keys[number]).label(f"k{number}") for number in needed)).select_from(some)
    drawn_rows = drawn.cte("some_rows")
    parts: list[sa.Select[Any]] = []
    for number, (x, y) in enumerate(pairs):
        keys_of = drawn_rows.c[f"k{x}"], drawn_rows.c[f"k{y}"]
        cells = sa.select(sa.func.count().label("c")).select_from(drawn_rows).group_by(*keys_of).subquery(f"p{number}")
        once = sa.func.sum(sa.case((cells.c.c == 1, 1), else_=0))
        named: list[Expression] = [sa.literal_column(str(number)).label("pair"), sa.func.count().label("cells")]
        parts.append(sa.select(*named, once.label("once"), sa.func.sum(cells.c.c).label("n")))
    guesses = {}
    for number, cells_seen, once_seen, drawn_number in rows_of(sa.union_all(*parts)):
        if cells_seen:
            weight = sqrt(max(1.0, rows / int(drawn_number)))
            guesses[pairs[number]] = ceil(int(cells_seen) + (weight - 1) * int(once_seen))
    return guesses
