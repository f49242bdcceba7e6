"""Columns that determine each other: one of them stands for all, so that what is told of it is told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.verbs.audit.audited_table import INTEGER_TYPES, Material


def stand_ins(material: Material) -> dict[int, int]:
    """Return for each column the one that stands for it: itself, unless another holds the same in other words.

    Two columns are alike where each determines the other in every row and both are NULL in the same rows; that carries
    over from pair to pair. Of columns that are alike the one that is easiest to handle stands for all: a whole number
    or a date before other numbers, those before text, the first in the table among equals.
    """
    found = {j: j for j in range(len(material.columns))}

    def stand_in(j: int) -> int:
        while found[j] != j:
            found[j] = j = found[found[j]]
        return j

    for (x, y), pair in material.pairs.items():
        if is_alike(material.columns, x, y, pair):
            first, second = sorted((stand_in(x), stand_in(y)), key=lambda j: (_unhandiness(material.columns[j]), j))
            found[second] = first
    return {j: stand_in(j) for j in found}


def members_of(heads: Mapping[int, int]) -> dict[int, list[int]]:
    """Return stand-in → the other columns that it stands for, in the table's order; only those that have any.

    >>> members_of({0: 0, 1: 0, 2: 2, 3: 0})
    {0: [1, 3]}
    """
    found: dict[int, list[int]] = {}
    for j, head in heads.items():
        if j != head:
            found.setdefault(head, []).append(j)
    return found


def is_alike(columns: Iterable[ColumnProfile], x: int, y: int, pair: PairProfile) -> bool:
    """Whether two columns determine each other and are NULL in the same rows: then no row has just one of them."""
    if pair.x_to_y is None or pair.y_to_x is None or not (pair.x_to_y.is_exact and pair.y_to_x.is_exact):
        return False
    both = list(columns)
    return all(both[j].distinct > 1 and filled_rows(both[j]) == pair.rows for j in (x, y))


def filled_rows(column: ColumnProfile) -> int:
    """Return the rows in which a column has a value; all of them where NULL is counted as one."""
    return sum(count * number for count, number in column.fingerprint)


def _unhandiness(column: ColumnProfile) -> int:
    if column.type.lower() in INTEGER_TYPES or column.kind in ("temporal", "boolean"):
        return 0
    return {"numeric": 1, "categorical": 2, "text": 2}.get(column.kind, 3)
