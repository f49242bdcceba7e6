"""What a database's catalog knows of many tables at once: their names, keys, foreign keys and indexes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.database.type_names import BY_NAME
from colprofile.sources.tables.base import Declared, DeclaredKey, DeclaredReference
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
    views = set(_view_names(inspector, asked))
    shown = frozenset(name for name, place in named.items() if place.table in views)
    return Listing(asked, named, shown, tuple(remarks))


def _names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    """Return the names of tables and views; some dialects list views among the tables too."""
    return sorted({*_known(inspector, partial(inspector.get_table_names, schema), []), *_view_names(inspector, schema)})


def _view_names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    ways = [inspector.get_view_names]
    if inspector.dialect.name == "postgresql":
        ways.append(inspector.get_materialized_view_names)
    return [name for way in ways for name in _known(inspector, partial(way, schema), [])]


def _temporary_names(inspector: sa.Inspector) -> list[str]:
    ways = (inspector.get_temp_table_names, inspector.get_temp_view_names)
    return sorted({name for way in ways for name in _known(inspector, way, [])})


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


def _known(inspector: sa.Inspector, ask: Callable[[], Any], otherwise: Any) -> Any:
    """Return what a catalog says, or something else where its dialect cannot ask for it."""
    try:
        return ask()
    except NotImplementedError:
        return otherwise
    except sa.exc.DBAPIError as error:
        if inspector.dialect.name not in BY_NAME or error.connection_invalidated:
            raise
        return otherwise


def declared_of(connection: sa.Connection, listing: Listing) -> Declared:
    """Return what the database declares of the tables that are listed."""
    inspector = sa.inspect(connection)
    names = {(place.schema, place.table): name for name, place in listing.places.items()}
    keys: dict[tuple[str, tuple[str, ...]], bool] = {}
    references, indexes = [], {name: [] for name in listing.places}  # type: ignore[var-annotated]
    for table, found in _each(inspector, "get_multi_pk_constraint", listing, names):
        if columns := tuple(found.get("constrained_columns") or ()):
            keys[table, columns] = True
    for table, found in _each(inspector, "get_multi_unique_constraints", listing, names):
        keys.setdefault((table, tuple(found["column_names"])), False)
    for table, found in _each(inspector, "get_multi_indexes", listing, names):
        columns = tuple(takewhile(lambda column: column is not None, found["column_names"]))
        if not columns or any(name.endswith("_where") for name in found.get("dialect_options", {})):
            continue  # of an expression, or of some rows only
        indexes[table].append(columns)
        if found["unique"] and len(columns) == len(found["column_names"]):
            keys.setdefault((table, columns), False)
    for table, found in _each(inspector, "get_multi_foreign_keys", listing, names):
        schema = None if found["referred_schema"] == inspector.default_schema_name else found["referred_schema"]
        place = Place(None, schema, found["referred_table"])
        own, others = ([place], []) if schema is None else ([], [place])
        target = names.get((schema, place.table)) or next(iter(named_places(own, others, listing.places)))
        columns, target_columns = tuple(found["constrained_columns"]), tuple(found["referred_columns"])
        references.append(DeclaredReference(table, columns, target, target_columns))
    for table, columns in keys:
        if columns not in indexes[table]:
            indexes[table].append(columns)
    return Declared(
        tuple(DeclaredKey(table, columns, is_primary) for (table, columns), is_primary in keys.items()),
        tuple(references),
        {table: tuple(found) for table, found in indexes.items()},
    )


def _each(
    inspector: sa.Inspector, method: str, listing: Listing, names: Mapping[tuple[str | None, str], str]
) -> Iterator[tuple[str, Any]]:
    """Yield tables that are listed, by name, with each thing that the catalog says of them."""
    # Materialized views have indexes too; where a dialect asks table by table, views would take time for nothing.
    kind = ObjectKind.ANY if inspector.dialect.name == "postgresql" else ObjectKind.TABLE
    ask = getattr(inspector, method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # of columns and indexes of kinds that it does not know
        answers = _known(inspector, lambda: ask(schema=listing.schema, kind=kind, scope=ObjectScope.ANY), {})
    for place, found in answers.items():
        name = names.get(place)
        for each in [found] if isinstance(found, dict) else found or ():
            if name is not None:
                yield name, each
