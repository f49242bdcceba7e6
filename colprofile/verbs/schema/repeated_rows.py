"""Tables with the same rows, or with rows that another has too: refuted by their columns, the survivors compared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colprofile.results.schema import ForeignKey, TableRelation
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.compared import family, operands
from colprofile.verbs.schema.matching_columns import Matching, match, pairs_of_names, shape_of
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import counted, listed, named
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

DIFFERING = 0.05
"""At most this share of a table's rows is missing in the one that has all others."""

MANY = 3
"""More tables of one shape than this are compared all at once first."""

NEEDED_BITS = 20.0
"""Evidence that a table's rows are in another by more than chance, in bits."""


@dataclass(frozen=True)
class Comparison:
    """Two tables' rows over columns that match: of the one, those that the other lacks, and those that it has more.

    A row that the one has twice and the other once is lacking once.
    """

    one: TableValues
    other: TableValues
    matching: Matching
    rows: int
    missing: int
    back_missing: int


def find_repeated_rows(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[TableRelation]:
    """Return the tables that are equal to others, and those that others contain, except for a few rows.

    A row counts as often as it occurs. Columns match by name or, where the tables have equally many, by their values.
    Of equal tables the last is the one to keep: the one that most foreign keys begin or end at, then the one with the
    shortest name. What the database refuses to compare is added to ``notes``.
    """
    refused = Refused("Tables were not compared", notes)
    candidates = list(_candidates(tables, queries, report, refused))
    compared: list[Comparison] = []
    for number, (one, other, matching) in enumerate(candidates):
        report("comparing tables", number, len(candidates))
        with refused.at(f"{named(one.name)} with {named(other.name)}"):
            compared.append(_compared(one, other, matching, queries))
    refused.tell()
    inside: dict[str, dict[str, Comparison]] = defaultdict(dict)
    for each in compared:
        if each.missing <= DIFFERING * each.rows and _evidence(each) >= NEEDED_BITS:
            inside[each.one.name][each.other.name] = each
    order = _by_worth(tables, foreign_keys)
    equal = [group for group in _equal_groups(inside, order) if len(group) > 1]
    grouped = {name: group[-1] for group in equal for name in group}
    found = [_equal(group, inside, queries) for group in equal]
    for name, others in inside.items():
        if name not in grouped:
            found += [_contained(each, queries) for each in _smallest(others, inside, grouped)]
    return found


def _candidates(
    tables: Sequence[TableValues], queries: Queries, report: Report, refused: Refused
) -> Iterator[tuple[TableValues, TableValues, Matching]]:
    """Yield the pairs of which the first could be in the second: its columns' values are in the second's columns."""
    shapes: dict[tuple[tuple[str, str], ...], list[TableValues]] = defaultdict(list)
    names = {table.name: shape_of(table) for table in tables}
    for table in tables:
        if table.rows:
            shapes[names[table.name]].append(table)
    alone: set[str] = set()
    for number, shape in enumerate(shapes.values()):
        report("comparing tables of one shape", number, len(shapes))
        if len(shape) > MANY:
            with refused.at(f"at once {listed([table.name for table in shape])}"):
                alone |= _without_shared_rows(shape, queries)
    for one, other in pairs_of_names(tables, 1 - DIFFERING):
        is_refuted = one.name in alone and names[one.name] == names[other.name]
        matching = None if is_refuted else match(one, other)
        if matching is not None:
            yield one, other, matching


def _without_shared_rows(shape: Sequence[TableValues], queries: Queries) -> set[str]:
    """Return which of many tables of one shape cannot be in another of them: too few of their rows occur in any.

    All rows are grouped once. A row of several tables is known by the first and the last of them, by their place.
    """
    names = [f"c{number}" for number in range(len(shape[0].columns))]
    order = sorted(shape[0].columns, key=lambda column: (column.name.casefold(), family(column)))
    parts = []
    for place, table in enumerate(shape):
        own = sorted(table.columns, key=lambda column: (column.name.casefold(), family(column)))
        sides = [_operands(queries, *pair)[0] for pair in zip(own, order, strict=True)]
        listed_columns = ", ".join(f"{sql} as {name}" for sql, name in zip(sides, names, strict=True))
        parts.append(f"select {listed_columns}, {place} as p from {queries.table(table.name)}")
    groups = (
        f"select min(p) as low, max(p) as high, count(*) as n from ({' union all '.join(parts)}) u "
        f"group by {', '.join(names)}"
    )
    found = queries.rows(f"select low, high, sum(n) from ({groups}) g where low < high group by low, high")
    alone = set()
    for place, table in enumerate(shape):
        shared = sum(int(rows) for low, high, rows in found if low <= place <= high)
        if shared < (1 - DIFFERING) * table.rows:
            alone.add(table.name)
    return alone


def _compared(one: TableValues, other: TableValues, matching: Matching, queries: Queries) -> Comparison:
    """Return how many rows of each table the other lacks: all rows are grouped once, NULL equal to NULL."""
    names, rows_of_both = _rows_of_both(one, other, matching, queries)
    groups = f"select sum(l) as l, sum(r) as r from ({rows_of_both}) u group by {', '.join(names)}"
    [(rows, missing, back)] = queries.rows(
        f"select sum(l), sum(case when l > r then l - r else 0 end), sum(case when r > l then r - l else 0 end) "
        f"from ({groups}) g"
    )
    return Comparison(one, other, matching, int(rows or 0), int(missing or 0), int(back or 0))


def _rows_of_both(one: TableValues, other: TableValues, matching: Matching, queries: Queries) -> tuple[list[str], str]:
    """Return SQL for all rows of both tables, l being 1 for one's and r for the other's, and its columns' names."""
    sides = list(zip(*(_operands(queries, *pair) for pair in matching), strict=True))
    names = [f"c{number}" for number in range(len(matching))]
    parts = [
        f"select {', '.join(f'{sql} as {name}' for sql, name in zip(side, names, strict=True))}, "
        f"{int(not number)} as l, {number} as r from {queries.table(table.name)}"
        for number, (side, table) in enumerate(zip(sides, (one, other), strict=True))
    ]
    return names, " union all ".join(parts)


def _operands(queries: Queries, column: ColumnValues, target: ColumnValues) -> tuple[str, str]:
    return operands(queries, column, queries.column(column.name), target, queries.column(target.name))


def _evidence(compared: Comparison) -> float:
    """Return −log2 of the probability that as many rows of the columns' values, drawn by chance, are in the other."""
    room = sum(math.log2(max(1, target.profile.distinct)) for _, target in compared.matching)
    return (compared.rows - compared.missing) * max(0.0, room - math.log2(max(1, compared.other.rows)))


def _by_worth(tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey]) -> dict[str, tuple[int, int, int]]:
    """Return for each table what is compared to choose which of equal ones stays: the largest does."""
    uses = {table.name: 0 for table in tables}
    for key in foreign_keys:
        if key.table != key.target:
            uses[key.table] += 1
            uses[key.target] += 1
    return {table.name: (uses[table.name], -len(table.name), -number) for number, table in enumerate(tables)}


def _equal_groups(
    inside: dict[str, dict[str, Comparison]], worth: dict[str, tuple[int, int, int]]
) -> Iterator[list[str]]:
    """Yield the groups of tables that are in each other, the one to keep last."""
    taken: set[str] = set()
    for name in worth:
        if name not in taken:
            group = [name]
            for other in inside.get(name, {}):
                is_equal = _is_equal(inside[name][other]) and other in inside and name in inside[other]
                if other not in taken and is_equal:
                    group.append(other)
            taken.update(group)
            yield sorted(group, key=lambda each: worth[each])


def _is_equal(compared: Comparison) -> bool:
    """Whether the other table has few rows more, and as many columns."""
    is_as_wide = len(compared.one.columns) == len(compared.other.columns) and not compared.other.audit.skipped
    return is_as_wide and compared.back_missing <= DIFFERING * compared.other.rows


def _smallest(
    others: dict[str, Comparison], inside: dict[str, dict[str, Comparison]], grouped: dict[str, str]
) -> list[Comparison]:
    """Return the tables that contain one: no larger one where a smaller one does, and of equal ones the one to keep."""
    kept = [name for name in others if grouped.get(name, name) == name]
    return [
        others[name]
        for name in kept
        if not any(each != name and name in inside.get(each, {}) and each not in inside.get(name, {}) for each in kept)
    ]


def _equal(group: Sequence[str], inside: dict[str, dict[str, Comparison]], queries: Queries) -> TableRelation:
    """Return tables that are equal."""
    compared = [inside[name][group[-1]] for name in group[:-1] if group[-1] in inside[name]]
    first = compared[0]
    differing = sum(each.missing + each.back_missing for each in compared)
    rows = sum(each.rows - each.missing for each in compared)
    except_for = f", except for {counted(differing, 'row')}" if differing else ""
    order = "" if _names_agree(first) else f" under other names ({_names(first)})"
    return TableRelation(
        kind="equal",
        tables=tuple(group),
        columns=tuple(column.name for column, _ in first.matching),
        rows=rows,
        bits=sum((each.rows - each.missing) * each.one.audit.ledger.bits_apart for each in compared),
        statement=f"{listed(group)} have the same {counted(first.rows, 'row')}{order}{except_for}.",
        query=_missing_query(first, queries),
    )


def _contained(compared: Comparison, queries: Queries) -> TableRelation:
    """Return a table whose rows another has."""
    one, other = compared.one, compared.other
    except_for = f", except for {counted(compared.missing, 'row')}" if compared.missing else ""
    order = "" if _names_agree(compared) else f" under other names ({_names(compared)})"
    return TableRelation(
        kind="contained",
        tables=(one.name, other.name),
        columns=tuple(column.name for column, _ in compared.matching),
        rows=compared.rows - compared.missing,
        bits=(compared.rows - compared.missing) * one.audit.ledger.bits_apart,
        statement=f"{named(other.name)} has all {counted(one.rows, 'row')} of {named(one.name)}{order}{except_for}.",
        query=_missing_query(compared, queries),
    )


def _names_agree(compared: Comparison) -> bool:
    return all(column.name.casefold() == target.name.casefold() for column, target in compared.matching)


def _names(compared: Comparison) -> str:
    others = [(a.name, b.name) for a, b in compared.matching if a.name.casefold() != b.name.casefold()]
    return listed([f"{named(one)} as {named(other)}" for one, other in others])


def _missing_query(compared: Comparison, queries: Queries) -> str:
    """Return SQL that lists the rows that the first table has, or has more often than the second."""
    names, rows = _rows_of_both(compared.one, compared.other, compared.matching, queries)
    shown = ", ".join(
        f"{name} as {queries.column(column.name)}" for name, (column, _) in zip(names, compared.matching, strict=True)
    )
    return f"select {shown} from ({rows}) u group by {', '.join(names)} having sum(l) > sum(r)"
