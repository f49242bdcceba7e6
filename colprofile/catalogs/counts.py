"""Counts for comparison with saved statistics: by GROUP BY in PostgreSQL, which returns only sums and drawn values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.explain import run
from colprofile.catalogs.postgresql import catalog_query
from colprofile.catalogs.statistics import SavedColumn, SavedTable

if TYPE_CHECKING:
    import sqlalchemy as sa

Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DrawnValue:
    """A value drawn from the data: SQL literal, rows, weight, and index among the saved values from 1, or None."""

    literal: str
    rows: int
    weight: int
    saved_index: int | None


@dataclass(frozen=True)
class SavedValueCounts:
    """A column's counts, those of its saved values separately.

    Attributes
    ----------
    saved
        int64[saved values]: rows of each, 0 where it no longer occurs.
    other_counts, other_values
        int64[entries]: the counts that occur among values that are not saved, and how many values have each.
    bin_rows, bin_other_rows
        int64[bounds + 1]: rows below the first bound, from each bound up to below the next, and from the last on; of
        all values and of those that are not saved. Empty without bounds.
    worst
        (text, rows) of the values with most rows that are not saved.
    drawn
        Values drawn by their rows.
    """

    saved: Whole
    other_counts: Whole
    other_values: Whole
    bin_rows: Whole
    bin_other_rows: Whole
    worst: tuple[tuple[str, int], ...]
    drawn: tuple[DrawnValue, ...]

    @property
    def counts(self) -> Whole:
        """Rows of every value, the largest first."""
        every = np.concatenate([self.saved[self.saved > 0], np.repeat(self.other_counts, self.other_values)])
        return np.sort(every)[::-1]


@dataclass(frozen=True)
class DrawnCombinations:
    """Combinations of several columns' values, drawn by their rows: all of them where they are no more than asked for.

    Attributes
    ----------
    rows, combinations
        Rows in which no column is NULL, and different combinations in them.
    weight, count, rank
        int64[drawn]: weight of each among the drawn, its rows, its rank among all by rows, from 1.
    marginal
        int64[drawn, columns]: rows of each column's value, in the whole table.
    saved_index
        int64[drawn, columns]: index of each value among the column's saved ones from 1, 0 for other values.
    literals
        SQL literals of the values; empty unless asked for.
    texts
        The values' texts, as extended statistics hold them; empty unless asked for.
    determined
        For two columns: rows whose x determines y, and whose y determines x. Else (0, 0).
    """

    rows: int
    combinations: int
    weight: Whole
    count: Whole
    rank: Whole
    marginal: Whole
    saved_index: Whole
    literals: tuple[tuple[str, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    determined: tuple[int, int]


def count_rows(connection: sa.Connection, table: SavedTable, columns: Sequence[SavedColumn]) -> tuple[int, list[int]]:
    """Return the table's rows, and the rows of each column that are not NULL."""
    items = ["count(*)", *(f"count({column.quoted})" for column in columns)]
    counts = [int(count) for count in run(connection, f"select {', '.join(items)} from {table.quoted}").one()]
    return counts[0], counts[1:]


def count_column(connection: sa.Connection, table: SavedTable, column: SavedColumn, draws: int) -> SavedValueCounts:
    """Return a column's counts, and predicates drawn from it: all values where there are no more than ``draws``."""
    item = _typed("item", column)
    bins = "null::int"
    if has_bins(column):
        bins = f"width_bucket(c.value, array({_bounds(item)}))"
    parts = {
        "{column}": _escaped(column.quoted),
        "{table}": _escaped(table.quoted),
        "{item}": item,
        "{bin}": bins,
    }
    parameters = {"values": list(column.values), "bounds": list(column.bounds), "draws": draws}
    query = _filled(catalog_query("count_column"), parts)
    return _column_counts(connection.exec_driver_sql(query, parameters).all(), column)


def _column_counts(rows: Sequence[Any], column: SavedColumn) -> SavedValueCounts:
    saved = np.zeros(len(column.values), np.int64)
    bin_rows = np.zeros(len(column.bounds) + 1 if has_bins(column) else 0, np.int64)
    bin_other_rows = np.zeros_like(bin_rows)
    others: list[tuple[int, int]] = []
    worst: list[tuple[str, int]] = []
    drawn: list[DrawnValue] = []
    for part, key, amount, many, value in rows:
        if part == "saved":
            saved[key - 1] = amount
        elif part == "other":
            others.append((key, amount))
        elif part == "bin":
            bin_rows[key], bin_other_rows[key] = many, amount
        elif part == "worst":
            worst.append((value, amount))
        else:
            drawn.append(DrawnValue(value, amount, many, key or None))
    others.sort()
    drawn.sort(key=lambda item: -item.rows)
    return SavedValueCounts(
        saved=saved,
        other_counts=np.array([count for count, _ in others], np.int64),
        other_values=np.array([many for _, many in others], np.int64),
        bin_rows=bin_rows,
        bin_other_rows=bin_other_rows,
        worst=tuple(worst),
        drawn=tuple(drawn),
    )


def has_bins(column: SavedColumn) -> bool:
    """Whether the column has bins to compare ranges over: arrays and composites are not asked for by range."""
    return len(column.bounds) > 1 and column.category not in ("A", "C", "P")


def bounds_above_saved(connection: sa.Connection, column: SavedColumn) -> Whole:
    """Return for each saved value the number of bounds that are not above it; shape (saved values,)."""
    if not column.values or not has_bins(column):
        return np.zeros(len(column.values), np.int64)
    item = _typed("item", column)
    query = (
        f"select width_bucket({item}, array({_bounds(item)})) "
        "from unnest(cast(%(values)s as text[])) with ordinality as v (item, place) order by v.place"
    )
    parameters = {"values": list(column.values), "bounds": list(column.bounds)}
    return np.array(connection.exec_driver_sql(query, parameters).scalars().all(), np.int64)


def draw_combinations(
    connection: sa.Connection,
    table: SavedTable,
    columns: Sequence[SavedColumn],
    draws: int,
    *,
    literals: bool = False,
    texts: bool = False,
) -> DrawnCombinations:
    """Return combinations of two or more columns' values, drawn by their rows."""
    query = _joint_query(table, columns, literals, texts)
    parameters: dict[str, Any] = {f"values{index}": list(column.values) for index, column in enumerate(columns)}
    rows = connection.exec_driver_sql(query, {**parameters, "draws": draws}).all()
    width = len(columns)
    numbers = np.array([row[: 7 + 2 * width] for row in rows], np.int64).reshape(len(rows), 7 + 2 * width)
    first = numbers[0] if len(rows) else np.zeros(7 + 2 * width, np.int64)
    drawn = numbers[numbers[:, 4] > 0]
    after = 7 + 2 * width
    taken = [row for row in rows if row[4] and row[4] > 0]
    return DrawnCombinations(
        rows=int(first[0]),
        combinations=int(first[1]),
        weight=drawn[:, 4],
        count=drawn[:, 5],
        rank=drawn[:, 6],
        marginal=drawn[:, 7 : 7 + width],
        saved_index=drawn[:, 7 + width : after],
        literals=tuple(tuple(row[after : after + width]) for row in taken) if literals else (),
        texts=tuple(tuple(row[len(row) - width :]) for row in taken) if texts else (),
        determined=(int(first[2]), int(first[3])),
    )


def _joint_query(table: SavedTable, columns: Sequence[SavedColumn], literals: bool, texts: bool) -> str:
    """Return the query of ``draw_combinations``, its parts repeated for each column."""
    indices = range(len(columns))
    values = [f"v{index}" for index in indices]
    names = [_escaped(column.quoted) for column in columns]
    source = _escaped(table.quoted)

    def repeated(pattern: str, joiner: str = ", ") -> str:
        return joiner.join(pattern.replace("#", str(index)) for index in indices)

    named = ", ".join(f"{name} as v{index}" for index, name in enumerate(names))
    filled = " and ".join(f"{name} is not null" for name in names)
    sides = "".join(
        f",\n m{index} as (select {names[index]} as value, count(*) as rows from {source} group by 1)"
        f",\n s{index} as (select {_typed('item', column)} as value, place"
        f" from unnest(cast(%(values{index})s as text[])) with ordinality as u (item, place))"
        for index, column in enumerate(columns)
    )
    joins = repeated("join m# on m#.value = d.v#\nleft join s# on s#.value = d.v#", "\n")
    extra = (", " + repeated("format('%%L', d.v#)") if literals else "") + (
        ", " + repeated("format('%%s', d.v#)") if texts else ""
    )
    pair = len(columns) == 2
    parts = {
        "{named}": named,
        "{table}": source,
        "{filled}": filled,
        "{grouping}": ", ".join(str(index + 1) for index in indices),
        "{order}": ", ".join(values),
        "{forward}": _determined("v0") if pair else "0::bigint",
        "{backward}": _determined("v1") if pair else "0::bigint",
        "{sides}": sides,
        "{marginals}": repeated("m#.rows"),
        "{saved}": repeated("coalesce(s#.place, 0)"),
        "{extra}": extra,
        "{joins}": joins,
    }
    return _filled(catalog_query("count_joint"), parts)


def _determined(value: str) -> str:
    """Return the scalar query for the rows in which a value comes with one other value only."""
    inner = f"select sum(rows) as rows from joined group by {value} having count(*) = 1"
    return f"(select coalesce(sum(rows), 0)::bigint from ({inner}) as g)"


def _bounds(item: str) -> str:
    """Return the query for the saved bounds in their order."""
    return f"select {item} from unnest(cast(%(bounds)s as text[])) with ordinality as e (item, place) order by place"


def _typed(item: str, column: SavedColumn) -> str:
    """Return SQL that turns a saved value's text into the column's type and collation."""
    collation = f" collate {column.collation}" if column.collation else ""
    return _escaped(f"cast({item} as {column.type}){collation}")


def _filled(query: str, parts: dict[str, str]) -> str:
    """Return a query with its parts set in."""
    for name, part in parts.items():
        query = query.replace(name, part)
    return query


def _escaped(name: str) -> str:
    """Return SQL that holds names with its signs of per cent doubled, where the driver looks for parameters."""
    return name.replace("%", "%%")
