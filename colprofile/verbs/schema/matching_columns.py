"""Which column of another table each column of a table could be in: what refutes that two tables share rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from colprofile.verbs.schema.compared import family, is_comparable
from colprofile.verbs.schema.overlap import containment
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

VALUES_SHARED = 0.8
"""At least this share of each column's values is in the other table's: rows may differ, but few."""

Matching = list[tuple[ColumnValues, ColumnValues]]


def pairs_of_names(tables: Sequence[TableValues], least_rows: float) -> Iterator[tuple[TableValues, TableValues]]:
    """Yield the pairs of which the second has all columns of the first by name, or as many and half of its columns.

    The second has at least this share of the first one's rows.
    """
    named: dict[str, list[TableValues]] = defaultdict(list)
    marked: dict[object, list[TableValues]] = defaultdict(list)
    for table in tables:
        for name in {column.name.casefold() for column in table.columns}:
            named[name].append(table)
        for mark in {mark for column in table.columns for mark in _marks(column)}:
            marked[mark].append(table)
    for one in tables:
        if not one.rows or len(one.columns) < 2 or one.audit.skipped:
            continue
        names = {column.name.casefold() for column in one.columns}
        rarest = min((named[name] for name in names), key=len)
        wide = [each for each in rarest if names <= {column.name.casefold() for column in each.columns}]
        for other in {each.name: each for each in (*wide, *_half_matched(one, marked))}.values():
            if other is not one and other.rows >= one.rows * least_rows:
                yield one, other


def _marks(column: ColumnValues) -> list[object]:
    """Return what columns that match have in common, one of these: the name, or counts and the smallest hashes."""
    marks: list[object] = [column.name.casefold()]
    if column.hashes is not None:
        counts = tuple(part.tobytes() for part in column.counts)
        marks.append((column.profile.nulls, column.hashes.size, column.hashes[:4].tobytes(), *counts))
    return marks


def _half_matched(one: TableValues, marked: Mapping[object, Sequence[TableValues]]) -> Iterator[TableValues]:
    """Yield the tables of as many columns where at least half of one's columns could have their match."""
    times: Counter[str] = Counter()
    known = {}
    for column in one.columns:
        others = {each.name: each for mark in _marks(column) for each in marked[mark]}
        times.update(others.keys())
        known.update(others)
    for name, other in known.items():
        if 2 * times[name] >= len(one.columns) == len(other.columns):
            yield other


def shape_of(table: TableValues) -> tuple[tuple[str, str], ...]:
    """Return the names and kinds of a table's columns, in any order and case."""
    return tuple(sorted((column.name.casefold(), family(column)) for column in table.columns))


def match(one: TableValues, other: TableValues) -> Matching | None:
    """Return which column of the other each column could be in; None where one of them is in none.

    A column goes to its namesake. Where names do not match and there are equally many columns, each goes to a column of
    the same values, as often. Where at least half of the columns are matched so, each of the others goes to the one
    left that has its values and most nearly as many.
    """
    left = {column.name: column for column in other.columns}
    matching: Matching = []
    unnamed = []
    for column in one.columns:
        namesakes = [name for name in left if name.casefold() == column.name.casefold()]
        namesake = column.name if column.name in left else namesakes[0] if len(namesakes) == 1 else None
        if namesake is None:
            unnamed.append(column)
        elif not could_be_in(column, left[namesake]):
            return None
        else:
            matching.append((column, left.pop(namesake)))
    if not unnamed or len(one.columns) != len(other.columns):
        return None if unnamed else matching
    return _with_unnamed(matching, unnamed, left)


def _with_unnamed(matching: Matching, unnamed: list[ColumnValues], left: dict[str, ColumnValues]) -> Matching | None:
    """Return a matching with the columns that have no namesake."""
    others = []
    for column in unnamed:
        twin = next((name for name, target in left.items() if _are_twins(column, target)), None)
        if twin is None:
            others.append(column)
        else:
            matching.append((column, left.pop(twin)))
    if len(matching) < len(others):
        return None
    for column in others:
        able = [name for name, target in left.items() if could_be_in(column, target)]
        if not able:
            return None
        best = min(able, key=lambda name: abs(left[name].profile.distinct - column.profile.distinct))
        matching.append((column, left.pop(best)))
    return matching


def _are_twins(one: ColumnValues, other: ColumnValues) -> bool:
    """Whether two columns have the same values, and as many of each count."""
    if one.profile.nulls != other.profile.nulls or one.hashes is None or other.hashes is None:
        return False
    counts = all(map(np.array_equal, one.counts, other.counts))
    return counts and is_comparable(one, other) and np.array_equal(one.hashes, other.hashes)


def could_be_in(column: ColumnValues, target: ColumnValues) -> bool:
    """Whether the target could have all but a few of a column's values."""
    if not is_comparable(column, target) or (column.profile.nulls and not target.profile.nulls):
        return False
    shared = containment(column, target)
    return shared is None or column.profile.distinct == 0 or shared >= VALUES_SHARED
