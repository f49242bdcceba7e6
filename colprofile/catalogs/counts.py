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

    Its bins are the rows below the first bound, from each bound up to below the next, and from the last one on:
    int64[bounds + 1], empty without bounds.
    """

    saved: Whole  # rows of each saved value, 0 where it no longer occurs
    saved_bins: Whole  # bin of each saved value: how many bounds are not above it
    other_counts: Whole  # the counts that occur among values that are not saved …
    other_values: Whole  # … and how many values have each
    bin_rows: Whole
    bin_other_rows: Whole  # of values that are not saved
    worst: tuple[tuple[str, int], ...]  # text and rows of the values with most rows that are not saved
    drawn: tuple[DrawnValue, ...]  # by their rows

    @property
    def counts(self) -> Whole:
        """Rows of every value, the largest first."""
        every = np.concatenate([self.saved[self.saved > 0], np.repeat(self.other_counts, self.other_values)])
        return np.sort(every)[::-1]


@dataclass(frozen=True)
class DrawnCombinations:
    """Combinations of several columns' values, drawn by their rows: all of them where they are no more than asked for.

    Arrays are int64[drawn] or int64[drawn, columns].
    """

    rows: int  # in which no column is NULL
    combinations: int  # different ones in these rows
    weight: Whole
    count: Whole  # rows of each
    rank: Whole  # among all by rows, from 1
    marginal: Whole  # rows of each column's value, in the whole table
    saved_index: Whole  # of each value among the column's saved ones from 1, 0 for other values
    literals: tuple[tuple[str, ...], ...]  # in SQL; empty unless asked for
    texts: tuple[tuple[str, ...], ...]  # as extended statistics hold them; empty unless asked for
    determined: tuple[int, int]  # of two columns: rows whose x determines y, and whose y determines x


def count_rows(connection: sa.Connection, table: SavedTable, columns: Sequence[SavedColumn]) -> tuple[int, list[int]]:
    """Return the table's rows, and the rows of each column that are not NULL."""
    items = ["count(*)", *(f"count({column.quoted})" for column in columns)]
    counts = [int(count) for count in run(connection, f"select {', '.join(items)} from {table.quoted}").one()]
    return counts[0], counts[1:]


def count_column(connection: sa.Connection, table: SavedTable, column: SavedColumn, draws: int) -> SavedValueCounts:
    """Return a column's counts, and predicates drawn from it: all values where there are no more than ``draws``."""
    item = _typed("item", column)
    bounds = f"select {item} from unnest(cast(%(bounds)s as text[])) with ordinality as e (item, place) order by place"
    parts = {
        "{column}": _escaped(column.quoted),
        "{table}": _escaped(table.quoted),
        "{item}": item,
        "{bin}": f"width_bucket(c.value, array({bounds}))" if column.has_bins else "null::int",
    }
    parameters = {"values": list(column.values), "bounds": list(column.bounds), "draws": draws}
    query = _filled(catalog_query("count_column"), parts)
    return _column_counts(connection.exec_driver_sql(query, parameters).all(), column)


def _column_counts(rows: Sequence[Any], column: SavedColumn) -> SavedValueCounts:
    saved, saved_bins = np.zeros((2, len(column.values)), np.int64)
    bin_rows = np.zeros(len(column.bounds) + 1 if column.has_bins else 0, np.int64)
    bin_other_rows = np.zeros_like(bin_rows)
    others: list[tuple[int, int]] = []
    worst: list[tuple[str, int]] = []
    drawn: list[DrawnValue] = []
    for part, key, amount, many, value in rows:
        if part == "saved":
            saved[key - 1], saved_bins[key - 1] = amount, many
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
        saved_bins=saved_bins,
        other_counts=np.array([count for count, _ in others], np.int64),
        other_values=np.array([many for _, many in others], np.int64),
        bin_rows=bin_rows,
        bin_other_rows=bin_other_rows,
        worst=tuple(worst),
        drawn=tuple(drawn),
    )


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
    after = 7 + 2 * width
    drawn = np.array([row[:after] for row in rows], np.int64).reshape(len(rows), after)
    total, combinations, forward, backward = drawn[0, :4].tolist() if rows else (0, 0, 0, 0)
    return DrawnCombinations(
        rows=total,
        combinations=combinations,
        weight=drawn[:, 4],
        count=drawn[:, 5],
        rank=drawn[:, 6],
        marginal=drawn[:, 7 : 7 + width],
        saved_index=drawn[:, 7 + width : after],
        literals=tuple(tuple(row[after : after + width]) for row in rows) if literals else (),
        texts=tuple(tuple(row[len(row) - width :]) for row in rows) if texts else (),
        determined=(forward, backward),
    )


def _joint_query(table: SavedTable, columns: Sequence[SavedColumn], literals: bool, texts: bool) -> str:
    """Return the query of ``draw_combinations``, its parts repeated for each column."""
    indices = range(len(columns))
    names = [_escaped(column.quoted) for column in columns]
    source = _escaped(table.quoted)
    is_pair = len(columns) == 2

    def repeated(pattern: str, joiner: str = ", ") -> str:
        return joiner.join(pattern.replace("#", str(index)) for index in indices)

    sides = "".join(
        f",\n m{index} as (select {names[index]} as value, count(*) as rows from {source} group by 1)"
        f",\n s{index} as (select {_typed('item', column)} as value, place"
        f" from unnest(cast(%(values{index})s as text[])) with ordinality as u (item, place))"
        for index, column in enumerate(columns)
    )
    extra = repeated(", format('%%L', d.v#)", "") * literals + repeated(", format('%%s', d.v#)", "") * texts
    parts = {
        "{named}": ", ".join(f"{name} as v{index}" for index, name in enumerate(names)),
        "{table}": source,
        "{filled}": " and ".join(f"{name} is not null" for name in names),
        "{grouping}": ", ".join(str(index + 1) for index in indices),
        "{order}": repeated("v#"),
        "{forward}": _determined("v0") if is_pair else "0::bigint",
        "{backward}": _determined("v1") if is_pair else "0::bigint",
        "{sides}": sides,
        "{marginals}": repeated("m#.rows"),
        "{saved}": repeated("coalesce(s#.place, 0)"),
        "{extra}": extra,
        "{joins}": repeated("join m# on m#.value = d.v#\nleft join s# on s#.value = d.v#", "\n"),
    }
    return _filled(catalog_query("count_joint"), parts)


def _determined(value: str) -> str:
    """Return the scalar query for the rows in which a value comes with one other value only."""
    inner = f"select sum(rows) as rows from joined group by {value} having count(*) = 1"
    return f"(select coalesce(sum(rows), 0)::bigint from ({inner}) as g)"


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
