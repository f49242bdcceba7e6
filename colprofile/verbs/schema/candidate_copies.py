"""Which pairs of columns over a foreign key's path could be copies, by what is kept of them: most cannot."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import ForeignKey
from colprofile.verbs.schema.compared import JoinedTables, is_comparable
from colprofile.verbs.schema.names import words_of
from colprofile.verbs.schema.overlap import containment
from colprofile.verbs.schema.table_values import ColumnValues

SHARED = 0.3
"""A copy has at least this share of the other column's values, and the other way round of those it could have."""

SHARED_OF_NAMESAKES = 0.02
"""The same where the names agree: the copies may have drifted far apart."""

DEPENDENCE = 0.2
"""A copy depends on the reference at least this much, where each value of the reference has rows enough to show it."""

ROWS_TO_SHOW = 4
"""Rows per value of the reference that are enough."""


def candidate_copies(way: JoinedTables, foreign_keys: Sequence[ForeignKey]) -> list[tuple[ColumnValues, ColumnValues]]:
    """Return the pairs (column of the first table, column of the last) that could be copies."""
    passed = set(way.steps[-1].target_columns)
    referring = set(way.reference)
    refer = {
        (column, key.target, target)
        for key in foreign_keys
        if key.table == way.source.name
        for column, target in zip(key.columns, key.target_columns, strict=True)
    }
    found = []
    for column in way.source.columns:
        if column.name in referring or column.profile.distinct < 2 or _is_number_of_rows(column):
            continue
        if not _depends(way, column):
            continue
        for target in way.target.columns:
            is_itself = column is target
            if is_itself or target.name in passed or (column.name, target.table, target.name) in refer:
                continue
            if target.profile.distinct > 1 and is_comparable(column, target) and _shares_enough(way, column, target):
                found.append((column, target))
    return found


def _is_number_of_rows(column: ColumnValues) -> bool:
    """Whether a column numbers its table's rows: a key of whole numbers is nobody's copy."""
    return column.is_unique and column.low is not None


def _depends(way: JoinedTables, column: ColumnValues) -> bool:
    """Whether a column may depend on the reference: by their dependence, where there are rows enough to show it."""
    first = way.steps[0]
    if len(first.columns) > 1 or first.inclusion.rows < ROWS_TO_SHOW * first.inclusion.values:
        return True
    audit = way.source.audit
    if any(level.kind == "pairs" and not level.is_complete for level in audit.search.levels):
        return True
    pair = {first.columns[0], column.name}
    return any({each.x, each.y} == pair and each.dependence >= DEPENDENCE for each in audit.dependences)


def _shares_enough(way: JoinedTables, column: ColumnValues, target: ColumnValues) -> bool:
    """Whether two columns share values as a copy would: most of both, as far as the reference reaches."""
    least = SHARED_OF_NAMESAKES if are_namesakes(column.name, target.name) else SHARED
    own, others = containment(column, target), containment(target, column)
    if own is None or others is None:
        return least < SHARED
    coverage = 1.0
    for step in way.steps:
        coverage *= step.inclusion.coverage
    return own >= least and others >= least * min(1.0, coverage)


def are_namesakes(one: str, other: str) -> bool:
    """Whether two columns' names say the same: the same words, or the words of the one end with the other's.

    >>> are_namesakes("billing_city", "City"), are_namesakes("unitPrice", "unit_price"), are_namesakes("a", "b")
    (True, True, False)
    """
    first, second = sorted((words_of(one), words_of(other)), key=len)
    return bool(first) and second[-len(first) :] == first
