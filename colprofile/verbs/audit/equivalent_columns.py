"""Equivalent columns: they determine each other and are NULL in the same rows. Findings name only one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.verbs.audit.sql_types import INTEGER_TYPES


def representatives(columns: Sequence[ColumnProfile], pairs: Mapping[tuple[int, int], PairProfile]) -> dict[int, int]:
    """Return for each column the one that represents its equivalent columns: itself where it has none.

    Being equivalent carries over from pair to pair. The simplest type represents the others: a whole number, a date or
    a boolean before other numbers, those before text; the first in the table among equals.
    """
    found = {j: j for j in range(len(columns))}
    for (x, y), pair in pairs.items():
        if found[x] != found[y] and are_equivalent(columns[x], columns[y], pair):
            first, second = sorted((found[x], found[y]), key=lambda j: (_type_rank(columns[j]), j))
            found.update({j: first for j, representative in found.items() if representative == second})
    return found


def represented(found: Mapping[int, int]) -> dict[int, list[int]]:
    """Return representative → the other columns that it represents, in the table's order; only where there are any.

    >>> represented({0: 0, 1: 0, 2: 2, 3: 0})
    {0: [1, 3]}
    """
    members: dict[int, list[int]] = {}
    for j, representative in found.items():
        if j != representative:
            members.setdefault(representative, []).append(j)
    return members


def are_equivalent(first: ColumnProfile, second: ColumnProfile, pair: PairProfile) -> bool:
    """Whether two columns determine each other and are NULL in the same rows: then no row has only one of them."""
    if pair.x_to_y is None or pair.y_to_x is None or not (pair.x_to_y.is_exact and pair.y_to_x.is_exact):
        return False
    return all(column.distinct > 1 and column.counted_rows == pair.rows for column in (first, second))


def _type_rank(column: ColumnProfile) -> int:
    if column.type.lower() in INTEGER_TYPES or column.kind in ("temporal", "boolean"):
        return 0
    return {"numeric": 1, "categorical": 2, "text": 2}.get(column.kind, 3)
