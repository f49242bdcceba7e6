"""Flatten: a column for every member of nested objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb

from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.arrow_columns import unique_names
from colprofile.sources.files.relation import Relation
from colprofile.sources.identifiers import member_expression, quote_identifier


def flattened(relation: Relation, connection: duckdb.DuckDBPyConnection, depth: bool | int) -> Relation:
    """Return a relation in which members of objects are columns of their own, named ``a.b``; lists stay as they are.

    An object that is NULL has NULL in all of its members, as one that lacks them.

    Parameters
    ----------
    depth
        How many levels of objects are opened; True for all, False for none.
    """
    if depth is False:
        return relation
    levels = None if depth is True else int(depth)
    with readable_errors("the columns"):
        columns = connection.sql(f"select * from {relation.sql} limit 0")
        own = relation.names or columns.columns
        leaves = [
            (".".join((name, *path[1:])), path)
            for sql_name, name, kind in zip(columns.columns, own, columns.types, strict=True)
            for path in _leaves((sql_name,), kind, levels)
        ]
    if all(len(path) == 1 for _, path in leaves):
        return relation
    names = [name for name, _ in leaves]
    sql_names = unique_names(names)
    selected = ", ".join(
        f"{member_expression(path)} as {quote_identifier(name)}"
        for (_, path), name in zip(leaves, sql_names, strict=True)
    )
    skipped = [column for column in relation.columns or [] if column is not None]
    return replace(
        relation,
        sql=f"(select {selected} from {relation.sql})",
        names=names if names != sql_names else None,
        columns=[*[None] * len(names), *skipped] if skipped else None,
    )


def _leaves(path: tuple[str, ...], kind: Any, levels: int | None) -> Iterator[tuple[str, ...]]:
    """Yield the path of a column, or of each member that it has down to ``levels`` levels."""
    members = kind.children if kind.id == "struct" and levels != 0 else []
    if not members or any(not name for name, _ in members):
        yield path
        return
    for name, inner in members:
        yield from _leaves((*path, name), inner, None if levels is None else levels - 1)
