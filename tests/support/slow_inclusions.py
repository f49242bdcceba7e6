"""The slow twin of the search for inclusions: sets of texts in plain Python, every pair of columns, nothing refuted."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.sample_databases import Reference, SampleDatabase, SampleTable

Values = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class SlowInclusion:
    """How the values of some columns lie among those of others."""

    rows: int
    values: int
    target_values: int
    orphan_rows: int
    orphan_values: int


def column_values(table: SampleTable, columns: tuple[str, ...]) -> Values:
    """Return how many rows have each combination of values, as texts, in rows where none is NULL."""
    places = [[name for name, _ in table.columns].index(column) for column in columns]
    rows = (tuple(row[place] for place in places) for row in table.rows)
    return Counter(tuple(map(str, row)) for row in rows if None not in row)


def slow_keys(table: SampleTable, size: int) -> list[tuple[str, ...]]:
    """Return the minimal sets of up to ``size`` columns whose values differ in every row and are never NULL."""
    found: list[tuple[str, ...]] = []
    names = [name for name, _ in table.columns]
    for count in range(1, size + 1):
        for columns in itertools.combinations(names, count):
            if any(set(key) <= set(columns) for key in found):
                continue
            if len(column_values(table, columns)) == len(table.rows) > 0:
                found.append(columns)
    return found


def compare(left: Values, right: Values) -> SlowInclusion:
    """Return the figures of one inclusion."""
    orphans = [count for value, count in left.items() if value not in right]
    return SlowInclusion(sum(left.values()), len(left), len(right), sum(orphans), len(orphans))


def slow_inclusions(database: SampleDatabase, size: int = 1) -> Iterator[tuple[Reference, SlowInclusion]]:
    """Yield all pairs of columns, or of combinations in the order of a key, that have values in common.

    For ``size`` 1 the target is any column; above it is a key of that many columns.
    """
    targets = []
    for table in database.tables:
        names = [name for name, _ in table.columns]
        wanted = (
            [(name,) for name in names] if size == 1 else [key for key in slow_keys(table, size) if len(key) == size]
        )
        targets += [(table, columns, column_values(table, columns)) for columns in wanted]
    for table in database.tables:
        names = [name for name, _ in table.columns]
        for columns in itertools.permutations(names, size):
            left = column_values(table, columns)
            for target, target_columns, right in targets:
                if (table.name, set(columns)) != (target.name, set(target_columns)) and left.keys() & right.keys():
                    reference = Reference(table.name, columns, target.name, target_columns)
                    yield reference, compare(left, right)
