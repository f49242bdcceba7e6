"""What a source is in its database: a table, a view or only rows, and what holds its columns there."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from colprofile.errors import shorten
from colprofile.sources.base import Source
from colprofile.sources.duckdb import DuckDBSource, readable_errors
from colprofile.sources.frames.libraries import is_instance
from colprofile.sources.identifiers import quote_identifier, split_identifier

if TYPE_CHECKING:
    from colprofile.sources.database.source import SQLAlchemySource

ROWS = "rows"

_WORD = re.compile(r'"(?:[^"]|"")*"|\w+')
"""A name in an expression, in quotes or without."""

_KINDS = {
    "PRIMARY KEY": "primary key",
    "FOREIGN KEY": "foreign key",
    "UNIQUE": "unique constraint",
    "CHECK": "check constraint",
}


@dataclass(frozen=True)
class Standing:
    """What a source is in its database.

    Attributes
    ----------
    kind
        "table", "view", or "rows" for a query, a condition on a table, a file or a frame: what no statement can change.
    name
        The table's or view's own name; "" for rows.
    prefix
        The quoted names of database and schema with a dot, where the table's name alone would not find it; else "".
    columns
        Names and types of all columns, in the table's order.
    primary_key
        The columns of its primary key.
    generated
        The columns that are computed from others.
    held
        Column → why it cannot be dropped or changed.
    fixed
        Why no column can be dropped or change its type; "" where that can be.
    """

    kind: str
    name: str = ""
    prefix: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    primary_key: tuple[str, ...] = ()
    generated: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    fixed: str = ""


def standing_of(source: Source) -> Standing:
    """Return what a source is in its database; of databases other than DuckDB and PostgreSQL only its columns.

    It only reads the catalog.
    """
    columns = tuple((column.name, column.type) for column in source.columns)
    if isinstance(source, DuckDBSource) and source.table is not None and not source.relation.startswith("("):
        with readable_errors(source.description):
            return _in_duckdb(source, columns)
    if is_instance(source, "colprofile.sources.database.source", "SQLAlchemySource"):  # without SQLAlchemy for files
        return _behind_sqlalchemy(cast("SQLAlchemySource", source), columns)
    return Standing(ROWS, columns=columns)


def _in_duckdb(source: DuckDBSource, columns: tuple[tuple[str, str], ...]) -> Standing:
    parts = split_identifier(source.relation)
    connection = source.connection
    if len(parts) != 3:  # known to a replacement scan alone
        return Standing(ROWS, columns=columns)
    place = "database_name = ? and schema_name = ?"
    here = connection.execute("select current_database(), current_schema()").fetchall()[0]
    is_found = parts[0] == "temp" or tuple(parts[:2]) == tuple(here)
    prefix = "" if is_found else f"{quote_identifier(parts[0])}.{quote_identifier(parts[1])}."
    if not connection.execute(f"select 1 from duckdb_tables() where {place} and table_name = ?", parts).fetchall():
        return Standing("view", parts[2], prefix, columns)
    constraints = connection.execute(
        "select constraint_type, constraint_column_names, table_name, referenced_table, referenced_column_names "
        f"from duckdb_constraints() where {place} and ? in (table_name, referenced_table)",
        parts,
    ).fetchall()
    indexes = connection.execute(
        f"select index_name from duckdb_indexes() where {place} and table_name = ?", parts
    ).fetchall()
    generated = connection.execute(
        f"select column_name, generation_expression from duckdb_columns() where {place} and table_name = ? "
        "and is_generated",
        parts,
    ).fetchall()
    rows = [
        (column, _KINDS[kind], "")
        for kind, names, table, _, _ in constraints
        if table == parts[2] and kind in _KINDS
        for column in names
    ]
    for name, expression in generated:
        words = {word.lower() for word in _WORD.findall(str(expression))}
        rows += [
            (column, "generated column", name)
            for column, _ in columns
            if column != name and not words.isdisjoint([column.lower(), quote_identifier(column).lower()])
        ]
    names = [name for name, _ in columns]
    indexed = [name for name, kind, _ in rows if kind in ("primary key", "foreign key", "unique constraint")]
    last = max((names.index(name) for name in indexed if name in names), default=0)
    held = {
        name: f"{shorten(name, 60)} comes before {shorten(names[last], 60)}, which has an index: DuckDB cannot drop it"
        for name in names[:last]
    } | _held(rows)
    referring = [table for kind, _, table, referred, _ in constraints if kind == "FOREIGN KEY" and referred == parts[2]]
    fixed = ""
    if indexes:
        fixed = (
            f"the table has the index {shorten(indexes[0][0], 60)}, and DuckDB changes no table with one: drop it first"
        )
    elif referring:
        fixed = f"a foreign key of {shorten(referring[0], 60)} refers to the table, and DuckDB changes no such table"
    return Standing(
        "table",
        parts[2],
        prefix,
        columns,
        next(
            (tuple(names) for kind, names, table, _, _ in constraints if kind == "PRIMARY KEY" and table == parts[2]),
            (),
        ),
        frozenset(name for name, _ in generated),
        held,
        fixed,
    )


def _behind_sqlalchemy(source: SQLAlchemySource, columns: tuple[tuple[str, str], ...]) -> Standing:
    import sqlalchemy as sa

    clause = source.relation.clause
    if not isinstance(clause, sa.TableClause):
        return Standing(ROWS, columns=columns)
    prefix = f"{quote_identifier(clause.schema)}." if clause.schema else ""
    if not source.relation.has_blocks:
        return Standing("view", clause.name, prefix, columns)
    if source.dialect != "postgresql":
        return Standing("table", clause.name, prefix, columns)
    text = importlib.resources.files("colprofile.sql").joinpath("postgresql_table_objects.sql").read_text("utf-8")
    names = ("column_name", "kind", "object_name")
    query = sa.text(text.rstrip()).bindparams(table=clause.name, schema=clause.schema)
    found = source.rows_of(sa.select("*").select_from(query.columns(*map(sa.column, names)).subquery()))
    rows = [(str(column), str(kind), str(name)) for column, kind, name in found]
    return Standing(
        "table",
        clause.name,
        prefix,
        columns,
        tuple(column for column, kind, _ in rows if kind == "primary key"),
        frozenset(column for column, kind, _ in rows if kind == "generated"),
        _held(row for row in rows if row[1] != "generated"),
    )


def _held(rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return the reason for each column that keys, constraints, indexes, views or generated columns use."""
    held: dict[str, str] = {}
    for column, kind, name in rows:
        named = f" {shorten(name, 60)}" if name else ""
        verb = "is used by the" if kind in ("view", "generated column") else "is part of the"
        held.setdefault(column, f"{shorten(column, 60)} {verb} {kind}{named}: drop that first")
    return held
