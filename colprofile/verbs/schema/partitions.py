"""Tables of one shape whose names differ in a year, a number or a word: parts of one table."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from colprofile.results.schema import ForeignKey, TableRelation
from colprofile.sources.tables.base import Queries
from colprofile.values import axis_position
from colprofile.verbs.schema.compared import family
from colprofile.verbs.schema.fix_sql import literal
from colprofile.verbs.schema.matching_columns import shape_of
from colprofile.verbs.schema.names import words_of
from colprofile.verbs.schema.overlap import SKETCH
from colprofile.verbs.schema.sentences import counted, listed, named
from colprofile.verbs.schema.table_values import ColumnValues, Hashes, TableValues

AT_ONCE = 1 << 22
"""About so many hashes are sorted at once."""


def find_partitions(
    tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey], queries: Queries
) -> list[TableRelation]:
    """Return the groups of tables that are parts of one: one shape, names that differ in one word, nothing in two.

    Nothing is in two parts where no two share a key, or where a column tells the parts apart: it is constant in each,
    or its ranges do not overlap. Tables that refer to each other are no parts.
    """
    found = []
    for group in _groups(tables):
        names = {table.name for table in group}
        if any(key.table != key.target and {key.table, key.target} <= names for key in foreign_keys):
            continue
        column = _parting_column(group)
        if column is not None or _have_disjoint_keys(group):
            found.append(_relation(group, column, queries))
    return found


def _groups(tables: Sequence[TableValues]) -> Iterator[list[TableValues]]:
    """Yield the tables with rows of equal columns and types, whose names differ in one word at one place."""
    shapes: dict[tuple[tuple[str, str], ...], list[TableValues]] = defaultdict(list)
    for table in tables:
        if table.rows and len(table.columns) > 1:
            shapes[shape_of(table)].append(table)
    for shape in shapes.values():
        waiting = list(shape)
        for group in sorted(_by_pattern(shape), key=len, reverse=True):
            left = [table for table in group if table in waiting]
            if len(left) > 1:
                waiting = [table for table in waiting if table not in left]
                yield left


def _by_pattern(tables: Sequence[TableValues]) -> list[list[TableValues]]:
    """Return the tables by their names with one word, or all of the numbers, left open."""
    patterns: dict[tuple[str, ...], list[TableValues]] = defaultdict(list)
    for table in tables:
        parts = words_of(table.name)
        open_numbers = tuple("#" if part.isdigit() else part for part in parts)
        keys = {open_numbers} if "#" in open_numbers else set()
        if len(parts) > 1:
            keys |= {(*parts[:place], "*", *parts[place + 1 :]) for place in range(len(parts))}
        for key in keys:
            patterns[key].append(table)
    return list(patterns.values())


def _parting_column(group: Sequence[TableValues]) -> str | None:
    """Return the column that tells the parts apart: without NULL, its ranges in no two of them overlap.

    Of several one that is constant in each part, else a date or time.
    """

    def preference(column: ColumnValues) -> tuple[bool, bool]:
        return column.profile.distinct > 1, family(column) != "moment"

    for column in sorted(group[0].columns, key=preference):
        parts = [_namesake(table, column) for table in group]
        if all(part.profile.nulls == 0 for part in parts) and _are_apart(parts):
            return column.name
    return None


def _are_apart(parts: Sequence[ColumnValues]) -> bool:
    if all(part.profile.distinct == 1 for part in parts):
        return len({str(part.profile.minimum) for part in parts}) == len(parts)
    if family(parts[0]) not in ("number", "moment"):
        return False
    ranges = sorted((axis_position(part.profile.minimum), axis_position(part.profile.maximum)) for part in parts)
    return all(before[1] < after[0] for before, after in itertools.pairwise(ranges))


def _have_disjoint_keys(group: Sequence[TableValues]) -> bool:
    """Whether the tables have keys of one column, and no two of them share a value of any."""
    keys = set.intersection(*({table.columns[key[0]].name for key in table.keys if len(key) == 1} for table in group))
    for name in keys:
        arrays = [hashes for table in group if (hashes := table.column(name).hashes) is not None]
        # The smallest hashes are the same values in all tables: they refute it cheaply where keys are shared.
        is_disjoint = len(arrays) == len(group) and _are_disjoint([hashes[:SKETCH] for hashes in arrays])
        if not is_disjoint or not _are_disjoint(arrays):
            return False
    return bool(keys)


def _are_disjoint(arrays: Sequence[Hashes]) -> bool:
    """Whether no hash is in two of some ascending arrays: all are sorted at once, those of one range at a time."""
    ranges = sum(map(len, arrays)) // AT_ONCE + 1
    edges = np.array([number * (1 << 64) // ranges for number in range(1, ranges)], np.uint64)
    bounds = [[0, *np.searchsorted(hashes, edges).tolist(), len(hashes)] for hashes in arrays]
    for number in range(ranges):
        some = [hashes[own[number] : own[number + 1]] for hashes, own in zip(arrays, bounds, strict=True)]
        merged = np.sort(np.concatenate(some))
        if (merged[1:] == merged[:-1]).any():
            return False
    return True


def _namesake(table: TableValues, column: ColumnValues) -> ColumnValues:
    return next(each for each in table.columns if each.name.casefold() == column.name.casefold())


def _relation(group: Sequence[TableValues], column: str | None, queries: Queries) -> TableRelation:
    """Return the parts as results hold them, with SQL that counts them."""
    names = [table.name for table in group]
    rows = sum(table.rows for table in group)
    apart = "no two share a key" if column is None else f"{named(column)} tells them apart"
    parts = []
    for table in group:
        bounds = ""
        if column is not None:
            own = queries.column(_namesake(table, next(c for c in group[0].columns if c.name == column)).name)
            bounds = f", min({own}) as lowest, max({own}) as highest"
        name = literal(queries.dialect, table.name)
        parts.append(f"select {name} as part, count(*) as n{bounds} from {queries.table(table.name)}")
    return TableRelation(
        kind="partitions",
        tables=tuple(names),
        columns=tuple(each.name for each in group[0].columns),
        rows=0,
        bits=0.0,
        statement=f"{listed(names)} are {len(group):,} parts of one table with {counted(rows, 'row')}: they have the "
        f"same columns, and {apart}.",
        query=" union all ".join(parts),
    )
