"""The tables of a database's schema, from its catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.database.type_names import BY_NAME
from colprofile.sources.tables.names import Place, named_places

_PARTITIONS = sa.text(
    "select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where c.relispartition and c.relkind in ('r', 'p', 'f') and n.nspname = :schema"
)


@dataclass(frozen=True)
class Listing:
    """The tables and views of a schema, by name, and what is to be said of those that are left out."""

    schema: str | None
    places: dict[str, Place]
    views: frozenset[str]
    remarks: tuple[str, ...] = ()


def list_tables(connection: sa.Connection, schema: str | None, description: str, *, has_temporary: bool) -> Listing:
    """Return the tables and views of a schema, by default the connection's own, in the order of their names.

    Raises
    ------
    SourceNotFound
        There is no such schema, or it has no tables.
    SourceError
        The connection has no schema of its own.
    """
    inspector = sa.inspect(connection)
    own = inspector.default_schema_name
    meant = schema if schema is not None else own
    if meant is None:
        known = did_you_mean("", inspector.get_schema_names())
        raise SourceError(f"{description} names no schema: give schema=. {known}")
    if meant != own and meant not in (schemas := inspector.get_schema_names()):
        raise SourceNotFound(f"no schema {shorten(meant)!r} in {description}. {did_you_mean(meant, schemas)}")
    asked = None if meant == own else meant
    partitions = _partitions(connection, meant)
    found = [name for name in _names(inspector, asked) if name not in partitions]
    temporary = _temporary_names(inspector) if has_temporary and schema is None else []
    if not found and not temporary:
        raise SourceNotFound(_no_tables(inspector, meant, description))
    if asked is None:
        found = list(dict.fromkeys([*temporary, *found]))
        named = named_places([Place(None, None, name) for name in found], [], [])
    else:
        named = named_places([], [Place(None, asked, name) for name in found], _names(inspector, None))
    remarks = []
    if partitions:
        remarks.append(_partitions_remark(sorted(partitions)))
    views = {*_view_names(inspector, asked), *(_temporary_views(inspector) if temporary else [])}
    shown = frozenset(name for name, place in named.items() if place.table in views)
    return Listing(asked, named, shown, tuple(remarks))


def _names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    """Return the names of tables and views; some dialects list views among the tables too."""
    return sorted({*known(inspector, partial(inspector.get_table_names, schema), []), *_view_names(inspector, schema)})


def _view_names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    ways = [inspector.get_view_names]
    if inspector.dialect.name == "postgresql":
        ways.append(inspector.get_materialized_view_names)
    return [name for way in ways for name in known(inspector, partial(way, schema), [])]


def _temporary_names(inspector: sa.Inspector) -> list[str]:
    return sorted({*known(inspector, inspector.get_temp_table_names, []), *_temporary_views(inspector)})


def _temporary_views(inspector: sa.Inspector) -> list[str]:
    return list(known(inspector, inspector.get_temp_view_names, []))


def _partitions(connection: sa.Connection, schema: str) -> set[str]:
    """Return the names of tables whose rows are those of another table too."""
    if connection.dialect.name != "postgresql":
        return set()
    return set(connection.execute(_PARTITIONS, {"schema": schema}).scalars())


def _partitions_remark(names: Sequence[str]) -> str:
    some = ", ".join(repr(shorten(name)) for name in names[:3])
    amount = "1 partition is" if len(names) == 1 else f"{len(names):,} partitions are"
    more = ", …" if len(names) > 3 else ""
    return f"{amount} read with the table that has them, not by themselves: {some}{more}."


def _no_tables(inspector: sa.Inspector, schema: str, description: str) -> str:
    """Return that a schema has no tables, and which schemas have."""
    system = {"information_schema", "pg_catalog", "mysql", "performance_schema", "sys", "INFORMATION_SCHEMA"}
    others = [name for name in inspector.get_schema_names() if name != schema and name not in system]
    filled = [name for name in others[:50] if _names(inspector, name)]
    advice = f": give schema=. {did_you_mean('', filled)}" if filled else ""
    return f"{description} has no table in its schema {shorten(schema)!r}{advice}"


def known(inspector: sa.Inspector, ask: Callable[[], Any], otherwise: Any) -> Any:
    """Return what a catalog says, or something else where its dialect cannot ask for it."""
    try:
        return ask()
    except NotImplementedError:
        return otherwise
    except sa.exc.DBAPIError as error:
        if inspector.dialect.name not in BY_NAME or error.connection_invalidated:
            raise
        return otherwise
