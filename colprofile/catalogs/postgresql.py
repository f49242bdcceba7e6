"""PostgreSQL's catalog: what ``ANALYZE`` saved of a table, as facts and as Histograms.

The queries are the files ``postgresql_*.sql`` of ``colprofile.sql``.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.resources
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from colprofile.catalogs.parsing import parse_dependencies, parse_distinct
from colprofile.catalogs.statistics import RelationKind, SavedColumn, SavedExtended, SavedTable
from colprofile.errors import ArgumentError, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.database.engines import described, engine_for
from colprofile.sources.identifiers import split_identifier
from colprofile.sources.urls import hide_passwords

_KINDS: dict[str, RelationKind] = {
    "r": "table",
    "p": "partitioned table",
    "m": "materialized view",
    "f": "foreign table",
}
_OTHERS = {"v": "a view", "S": "a sequence", "i": "an index", "I": "an index", "c": "a composite type"}
_EXTENDED_KINDS = {"d": "ndistinct", "f": "dependencies", "m": "mcv"}


@contextlib.contextmanager
def postgresql_engine(given: Any, reader: str) -> Iterator[sa.Engine]:
    """Yield a PostgreSQL database's Engine: the given one, or one for a URL, which is disposed of at the end.

    Raises
    ------
    ArgumentError
        Neither a URL nor an Engine, or of another database, whose statistics ``reader`` cannot read.
    """
    if isinstance(given, str | os.PathLike):
        scheme, separator, _ = os.fspath(given).partition("://")
        if not separator:
            raise ArgumentError(
                f"{shorten(os.fspath(given))!r} is not a database URL: {reader} reads the statistics of PostgreSQL and "
                "Spark; give a URL like postgresql://user@host/database or sc://host:15002"
            )
        if scheme.partition("+")[0].lower() in {"duckdb", "sqlite", "mysql", "mariadb"}:
            raise ArgumentError(_other_database(reader, hide_passwords(os.fspath(given)), scheme.partition("+")[0]))
    engine = given if isinstance(given, sa.Engine) else engine_for(given)
    try:
        if engine.dialect.name != "postgresql":
            raise ArgumentError(_other_database(reader, described(engine.url), engine.dialect.name))
        yield engine
    finally:
        if engine is not given:
            engine.dispose()


def _other_database(reader: str, given: str, name: str) -> str:
    known = f"{reader} reads the statistics of PostgreSQL and Spark"
    return f"{known}, and {given} is {name.lower()}: profile and audit work there"


@functools.cache
def catalog_query(name: str) -> str:
    """Return the text of ``sql/postgresql_<name>.sql``."""
    return importlib.resources.files("colprofile.sql").joinpath(f"postgresql_{name}.sql").read_text("utf-8")


def analyzed_tables(connection: sa.Connection, schema: str | None) -> list[str]:
    """Return the relations that have statistics, as ``read_table`` takes their names: of a schema, or what is visible.

    Raises
    ------
    SourceNotFound
        There is no such schema.
    """
    rows = connection.execute(sa.text(catalog_query("schema_tables")), {"schema": schema}).mappings().all()
    if schema is not None and not rows:
        schemas = connection.execute(sa.text("select nspname from pg_namespace")).scalars().all()
        if schema not in schemas:
            raise SourceNotFound(f"no schema {shorten(schema)!r} in the database. {did_you_mean(schema, schemas)}")
    return [str(row["quoted"]) for row in rows]


def read_table(connection: sa.Connection, table: str) -> SavedTable:
    """Return what a database, PostgreSQL 14 or later, has saved about a table.

    The table's schema is named before a dot where it is not on the search path; double quotes protect. A name that is
    not found as given is tried in lower case, as SQL would take it.

    Raises
    ------
    SourceNotFound
        No such table; the near names are given.
    SourceError
        It is a view or something else without statistics of its own, or row security hides them.
    """
    found = _find(connection, table)
    if found["kind"] not in _KINDS:
        what = _OTHERS.get(found["kind"], "no table")
        raise SourceError(
            f"{shorten(table)!r} is {what}: the planner keeps no statistics of it; name the table it reads from"
        )
    if found.pop("is_row_secured"):
        raise SourceError(
            f"row security hides rows of {found['quoted']} and all of its statistics from this user: "
            "connect as its owner, or as a role with BYPASSRLS"
        )
    about = {"oid": found["oid"], "inherited": found["has_children"]}
    columns, extended = (
        [dict(row) for row in connection.execute(sa.text(catalog_query(name)), about).mappings()]
        for name in ("columns", "extended")
    )
    names = {int(row["number"]): str(row["name"]) for row in columns}
    return SavedTable(
        **found | {"kind": _KINDS[found["kind"]]},
        columns=tuple(SavedColumn(**_with_tuples(row)) for row in columns),
        extended=tuple(_extended(row, names) for row in extended),
    )


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _find(connection: sa.Connection, table: str) -> dict[str, Any]:
    """Return what is known of the relation that a name stands for."""
    parts = split_identifier(table)
    lowered = [] if '"' in table else [[part.lower() for part in parts]]
    query = sa.text(catalog_query("table"))
    for spelling in (parts, *lowered, [table]):
        if len(spelling) > 2:
            continue
        schema = spelling[0] if len(spelling) == 2 else None
        rows = connection.execute(query, {"name": spelling[-1], "schema": schema}).mappings().all()
        if rows:
            return dict(rows[0])
    others = connection.execute(sa.text(catalog_query("tables"))).mappings().all()
    near = [row["name"] if row["is_visible"] else f"{row['schema']}.{row['name']}" for row in others]
    raise SourceNotFound(f"no table {shorten(table)!r} in the database. {did_you_mean(table, near)}")


def _extended(row: Mapping[str, Any], names: Mapping[int, str]) -> SavedExtended:
    # A combination that holds expressions too says nothing of its columns alone.
    has_lists = bool(row["values"]) and not row["has_expressions"]
    return SavedExtended(
        name=row["name"],
        quoted=row["quoted"],
        columns=tuple(row["columns"]),
        kinds=tuple(_EXTENDED_KINDS[kind] for kind in row["kinds"] if kind in _EXTENDED_KINDS),
        target=row["target"],
        distinct=parse_distinct(row["distinct_saved"], names),
        dependencies=parse_dependencies(row["dependencies"], names),
        values=_combinations(row["values"], row["value_nulls"]) if has_lists else (),
        frequencies=tuple(row["frequencies"]) if has_lists else (),
        base_frequencies=tuple(row["base_frequencies"]) if has_lists else (),
    )


def _combinations(
    values: Sequence[Sequence[str]], nulls: Sequence[Sequence[bool]]
) -> tuple[tuple[str | None, ...], ...]:
    return tuple(
        tuple(None if is_null else value for value, is_null in zip(items, flags, strict=True))
        for items, flags in zip(values, nulls, strict=True)
    )
