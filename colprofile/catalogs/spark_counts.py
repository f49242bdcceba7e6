"""Counts for Spark's estimates: made in Spark by GROUP BY, so that only sums cross."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.spark import RowsOf, SparkColumn, SparkTable
from colprofile.catalogs.spark_selectivity import Cells

Whole: TypeAlias = NDArray[np.int64]

MOST_FETCHED = 200_000
"""The most positions that are fetched to foresee a histogram."""


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Values or combinations by cell and rows: int64[groups], and int64[groups, columns] for the cells."""

    cells: Whole
    count: Whole  # rows of each value or combination …
    many: Whole  # … and how many of them there are

    @property
    def rows(self) -> int:
        """Rows in all, none of them NULL."""
        return int(self.count @ self.many)

    @property
    def values(self) -> int:
        """Different values or combinations."""
        return int(self.many.sum())


@dataclass(frozen=True, slots=True)
class DrawnPredicate:
    """Equalities with values from the data, as SQL; their true rows, their cells, and the drawn rows that have them."""

    condition: str
    rows: int
    cells: tuple[int, ...]
    weight: int


def count_spark_rows(rows_of: RowsOf, table: SparkTable) -> int:
    """Return the table's rows."""
    return int(rows_of(f"select count(*) from {table.quoted}")[0][0])


def count_cells(
    rows_of: RowsOf, table: SparkTable, columns: Sequence[SparkColumn], cells: Sequence[Cells]
) -> CellCounts:
    """Return the values of a column, or combinations of several columns' values, by cell and rows."""
    width = len(columns)
    found = ", ".join(f"{_cell(f'v{i}', columns[i], cells[i])} as k{i}" for i in range(width))
    keys = ", ".join(f"k{i}" for i in range(width))
    query = (
        f"with g as ({_grouped(table, columns)}) select {keys}, c, count(*) as m"
        f" from (select {found}, c from g) as f group by {keys}, c"
    )
    rows = np.array([tuple(map(int, row)) for row in rows_of(query)], np.int64).reshape(-1, width + 2)
    return CellCounts(cells=rows[:, :width], count=rows[:, width], many=rows[:, width + 1])


def fetch_positions(rows_of: RowsOf, table: SparkTable, column: SparkColumn) -> tuple[NDArray[np.float64], Whole]:
    """Return a column's positions in ascending order, each with its rows."""
    query = f"with g as ({_grouped(table, [column])}) select {_position('v0', column)} as p, c from g"
    found = [(float(place), int(count)) for place, count in rows_of(query)]
    positions, which = np.unique(np.array([place for place, _ in found], np.float64), return_inverse=True)
    counts = np.bincount(which, weights=[count for _, count in found], minlength=positions.size)
    return positions, counts.astype(np.int64)


def worst_misjudged(
    rows_of: RowsOf, table: SparkTable, column: SparkColumn, cells: Cells, expected: Sequence[float], most: int
) -> list[tuple[str, int, int]]:
    """Return text, rows and cell of the values with the largest rows × |log2 of true / expected rows|.

    ``expected`` are the rows that each cell's values should have, above 0.
    """
    listed = ", ".join(_double(rows) for rows in expected)
    query = (
        f"with g as ({_grouped(table, [column])}),"
        f" f as (select cast(v0 as string) as t, c, {_cell('v0', column, cells)} as k from g),"
        f" w as (select t, c, k, c * abs(log2(c / element_at(array({listed}), cast(k + 1 as int)))) as b from f)"
        f" select t, c, k from w order by b desc, t limit {most}"
    )
    return [(str(text), int(rows), int(cell)) for text, rows, cell in rows_of(query)]


def draw_predicates(
    rows_of: RowsOf,
    table: SparkTable,
    columns: Sequence[SparkColumn],
    cells: Sequence[Cells],
    counts: CellCounts,
    most: int,
) -> list[DrawnPredicate]:
    """Return predicates drawn by their rows: about ``most``, or all where there are no more."""
    width = len(columns)
    values = ", ".join(_literal_text(f"g.v{i}", columns[i]) for i in range(width))
    found = ", ".join(_cell(f"g.v{i}", columns[i], cells[i]) for i in range(width))
    grouped = f"with g as ({_grouped(table, columns)})"
    if counts.values <= most:
        query = f"{grouped} select {values}, {found}, c, c from g"
    else:
        # Rows drawn at random give each combination its weight.
        share = min(1.0, most / counts.rows)
        drawn = _grouped(table, columns, f" and rand(7) < {share!r}d")
        same = " and ".join(f"g.v{i} = s.v{i}" for i in range(width))
        query = f"{grouped}, s as ({drawn}) select {values}, {found}, g.c, s.c from g join s on {same}"
    return [
        DrawnPredicate(
            condition=" and ".join(
                f"{column.quoted} = {_literal(str(text), column)}"
                for column, text in zip(columns, row[:width], strict=True)
            ),
            rows=int(row[2 * width]),
            cells=tuple(map(int, row[width : 2 * width])),
            weight=int(row[2 * width + 1]),
        )
        for row in rows_of(query)
    ]


def _grouped(table: SparkTable, columns: Sequence[SparkColumn], also: str = "") -> str:
    """Return the query for the values v0, v1 … and their rows c, where none is NULL."""
    named = ", ".join(f"{column.quoted} as v{i}" for i, column in enumerate(columns))
    filled = " and ".join(f"{column.quoted} is not null" for column in columns)
    keys = ", ".join(column.quoted for column in columns)
    return f"select {named}, count(*) as c from {table.quoted} where {filled}{also} group by {keys}"


def _cell(value: str, column: SparkColumn, cells: Cells) -> str:
    """Return SQL for the cell of a value: twice the edges below it, and one more on an edge."""
    if not cells.edges:
        return "0"
    edges = f"array({', '.join(map(_double, cells.edges))})"
    place = _position(value, column)
    return f"2 * size(filter({edges}, e -> e < {place})) + case when array_contains({edges}, {place}) then 1 else 0 end"


def _double(number: float) -> str:
    """Return a number as Spark's literal of a double.

    >>> _double(1.5), _double(float("-inf"))
    ('1.5d', "double('-inf')")
    """
    return f"{float(number)!r}d" if math.isfinite(number) else f"double('{float(number)!r}')"


def _position(value: str, column: SparkColumn) -> str:
    """Return SQL for the number that Spark compares (EstimationUtils.toDouble)."""
    if column.base_type == "date":
        return f"cast(unix_date({value}) as double)"
    if column.base_type == "timestamp":
        return f"cast(unix_micros({value}) as double)"
    if column.base_type == "float":
        return f"cast(cast({value} as string) as double)"
    return f"cast({value} as double)"


def _literal_text(value: str, column: SparkColumn) -> str:
    """Return SQL for a text of digits, a number or hexadecimal digits from which ``_literal`` makes the value again."""
    if column.base_type in ("string", "varchar", "char", "binary"):
        return f"hex(cast({value} as binary))"
    if column.base_type == "date":
        return f"cast(unix_date({value}) as string)"
    if column.base_type == "timestamp":
        return f"cast(unix_micros({value}) as string)"
    return f"cast({value} as string)"


def _literal(text: str, column: SparkColumn) -> str:
    if column.base_type in ("string", "varchar", "char"):
        return f"cast(X'{text}' as string)"
    if column.base_type == "binary":
        return f"X'{text}'"
    if column.base_type == "date":
        return f"date_from_unix_date({text})"
    if column.base_type == "timestamp":
        return f"timestamp_micros({text})"
    return f"cast('{text}' as {column.type})"
