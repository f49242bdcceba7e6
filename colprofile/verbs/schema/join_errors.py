"""find_join_errors: how wrong a planner is about ``attribute = value`` in the table that a foreign key refers to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from colprofile.measures.divergence import kl_divergence
from colprofile.results.schema import ForeignKey, JoinError
from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.join_queries import groups, join_of, matches
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import place
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

AT_ONCE = 32
"""Attributes that one query asks for."""


def find_join_errors(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[JoinError]:
    """Return the planner's mean error per foreign key and attribute, the largest that EXPLAIN shows first.

    The columns of the key referred to are left out, as planners carry ``key = value`` over to the referring column; so
    are nested columns. NULL is a value of its own, for ``attribute is null``, which planners estimate by its share in
    the same way. A foreign key along which no row is joined has no error. Those that the database refuses to join are
    added to ``notes``.
    """
    by_name = {table.name: table for table in tables}
    found: list[JoinError] = []
    refused = Refused("Errors of joins are not known along foreign keys", notes)
    for number, key in enumerate(foreign_keys):
        attributes = [
            column
            for column in by_name[key.target].columns
            if column.name not in key.target_columns and column.profile.kind != "nested"
        ]
        for start in range(0, len(attributes), AT_ONCE):
            report("errors of joins", number, len(foreign_keys))
            with refused.at(place(key.table, *key.columns)):
                found.extend(_errors_of(key, attributes[start : start + AT_ONCE], by_name, queries))
    refused.tell()
    return sorted(found, key=lambda error: (-round(error.error, 9), -round(error.bits, 9)))


def _errors_of(
    key: ForeignKey, attributes: Sequence[ColumnValues], tables: dict[str, TableValues], queries: Queries
) -> Iterator[JoinError]:
    by_attribute: list[list[tuple[int, int, int, str | None]]] = [[] for _ in attributes]
    for number, count, joined, values, text in queries.rows(_query(key, attributes, tables, queries)):
        by_attribute[int(number)].append((int(count), int(joined), int(values), text))
    for attribute, cells in zip(attributes, by_attribute, strict=True):
        cells.sort(key=lambda cell: cell[:2])
        counts, joined, values = np.array([cell[:3] for cell in cells], np.float64).reshape(-1, 3).T
        bits = kl_divergence(joined * values, counts * values)
        if bits is None:
            continue
        seen = np.flatnonzero(joined)
        rows = float(joined @ values)
        shares, estimates = joined[seen] / rows, counts[seen] / float(counts @ values) * rows
        factors = joined[seen] / np.maximum(estimates, 1)  # planners expect at least one row
        errors = shares * np.log2(factors)
        predicted = float(values[seen] @ errors)
        worst = int(np.argmax(np.abs(errors)))
        value = _as_value(cells[seen[worst]][3], attribute)
        yield JoinError(join_of(key), attribute.name, bits, value, float(factors[worst]), predicted)


def _query(
    key: ForeignKey, attributes: Sequence[ColumnValues], tables: dict[str, TableValues], queries: Queries
) -> str:
    """Return SQL for (attribute, rows n, joined rows w, values that have just these, the first of them).

    Values with equal n and w are misjudged alike, so that they need not be told apart: few rows come back, however many
    values there are.
    """
    condition = matches(queries, tables, ("t", key.target, key.target_columns), ("r", key.table, key.columns))
    chosen = ", ".join(f"t.{queries.column(column.name)} as a{number}" for number, column in enumerate(attributes))
    name = _free_name((key.table, key.target))
    parts = [_cells(number, column, name, queries) for number, column in enumerate(attributes)]
    referring = f"({groups(queries, key.table, key.columns)}) r"
    target = f"{queries.table(key.target)} t left join {referring} on {condition}"
    rows = f"select {chosen}, coalesce(r.w, 0) as w from {target}"
    return f"with {name} as ({rows}) {' union all '.join(parts)}"


def _free_name(tables: Sequence[str]) -> str:
    """Return a name that no table has: SQLite takes a table for the common table expression of its name."""
    name = "weighted"
    while any(name == table.lower() for table in tables):
        name += "_"
    return name


def _cells(number: int, column: ColumnValues, source: str, queries: Queries) -> str:
    text = queries.text(f"a{number}")
    if column.is_unique and not column.profile.nulls:
        return f"select {number} as i, 1 as n, w, count(*) as m, min({text}) as v from {source} group by w"
    values = f"select {text} as v, count(*) as n, sum(w) as w from {source} group by a{number}"
    return f"select {number} as i, n, w, count(*) as m, min(v) as v from ({values}) c group by n, w"


def _as_value(text: str | None, column: ColumnValues) -> Value:
    """Return what a text of a value says, as results hold it."""
    kind, type_name = column.profile.kind, column.profile.type.upper()
    if text is None:
        return None
    if kind == "boolean" and text in ("0", "1"):
        return text == "1"
    if kind == "numeric":
        is_float = type_name.startswith(("DOUBLE", "FLOAT", "REAL"))
        try:
            number = float(text) if is_float else int(text)
        except ValueError:  # a decimal
            return text
        return number if math.isfinite(number) else text
    return text
