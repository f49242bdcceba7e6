"""SQL that joins use: how often each key is referred to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colprofile.measures.fingerprints import Fingerprint, as_fingerprint
from colprofile.results.schema import ForeignKey, Join
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.compared import is_equal_as_stored
from colprofile.verbs.schema.table_values import TableValues


def join_of(key: ForeignKey) -> Join:
    """Return the join along one foreign key."""
    return Join((key.table, key.target), (key.columns,), (key.target_columns,))


def groups(queries: Queries, table: str, columns: Sequence[str]) -> str:
    """Return SQL for the combinations of columns without NULL, as k0, k1 …, and how many rows w each has."""
    names = [f"s.{queries.column(column)}" for column in columns]  # qualified: a column may be called k0 or w
    keys = ", ".join(f"{name} as k{number}" for number, name in enumerate(names))
    filled = " and ".join(f"{name} is not null" for name in names)
    return f"select {keys}, count(*) as w from {queries.table(table)} s where {filled} group by {', '.join(names)}"


def matches(
    queries: Queries,
    tables: Mapping[str, TableValues],
    side: tuple[str, str, Sequence[str]],
    grouped: tuple[str, str, Sequence[str]],
) -> str:
    """Return the condition that a row has the values of a group.

    Parameters
    ----------
    side
        Alias, table and columns of the row.
    grouped
        Alias of ``groups``, its table and columns.
    """
    conditions = []
    for number, (column, other) in enumerate(zip(side[2], grouped[2], strict=True)):
        left, right = f"{side[0]}.{queries.column(column)}", f"{grouped[0]}.k{number}"
        if not is_equal_as_stored(queries, tables[side[1]].column(column), tables[grouped[1]].column(other)):
            left, right = queries.text(left), queries.text(right)  # the text 7 and the number 7 are equal
        conditions.append(f"{left} = {right}")
    return " and ".join(conditions)


def combination_fingerprint(queries: Queries, table: str, columns: Sequence[str]) -> Fingerprint:
    """Return the fingerprint of a combination of columns, rows with NULL left out."""
    found = queries.rows(f"select g.w, count(*) from ({groups(queries, table, columns)}) g group by g.w")
    return as_fingerprint(([int(count) for count, _ in found], [int(many) for _, many in found]))
