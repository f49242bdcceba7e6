"""Equivalent columns: they determine each other and are NULL in the same rows. Findings name only one of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.verbs.sql_types import INTEGER_TYPES


def representatives(
    columns: Sequence[ColumnProfile], pairs: Mapping[tuple[int, int], PairProfile], measured: Collection[int] = ()
) -> dict[int, int]:
    """Return for each column the one that represents its equivalent columns: itself where it has none.

    Being equivalent carries over from pair to pair. The simplest type represents the others: a whole number, a date or
    a boolean before other numbers, those before text; the first in the table among equals. Measurements come last.
    """
    found = {j: j for j in range(len(columns))}
    for (x, y), pair in pairs.items():
        is_mutual = (
            pair.x_to_y is not None and pair.y_to_x is not None and pair.x_to_y.is_exact and pair.y_to_x.is_exact
        )
        # Both are NULL in the same rows if no row has only one of them.
        is_filled = all(columns[j].distinct > 1 and columns[j].counted_rows == pair.rows for j in (x, y))
        if found[x] != found[y] and is_mutual and is_filled:
            first, second = sorted((found[x], found[y]), key=lambda j: (j in measured, _type_rank(columns[j]), j))
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


def _type_rank(column: ColumnProfile) -> int:
    if column.type.lower() in INTEGER_TYPES or column.kind in ("temporal", "boolean"):
        return 0
    return {"numeric": 1, "categorical": 2, "text": 2}.get(column.kind, 3)
