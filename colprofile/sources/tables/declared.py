"""What a database declares of many tables at once: keys, foreign keys and indexes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from colprofile.sources.tables.base import Declared, DeclaredKey, DeclaredReference
from colprofile.sources.tables.catalog import Listing, known
from colprofile.sources.tables.names import Place, named_places

_Columns = tuple[str, ...]


def declared_of(connection: sa.Connection, listing: Listing) -> Declared:
    """Return what the database declares of the tables that are listed."""
    found = _Found(listing, sa.inspect(connection).default_schema_name)
    if connection.dialect.name in ("mysql", "mariadb"):
        _read_information_schema(connection, found)
    else:
        _reflect(connection, found)
    return found.declared()


class _Found:
    """What was found of the listed tables; ``own`` is the connection's own schema."""

    def __init__(self, listing: Listing, own: str | None) -> None:
        self.listing = listing
        self.schema = own if listing.schema is None else listing.schema
        self._own = own
        self._names = {(place.schema, place.table): name for name, place in listing.places.items()}
        self._keys: dict[tuple[str, _Columns], bool] = {}
        self._references: list[DeclaredReference] = []
        self._indexes: dict[str, dict[_Columns, None]] = {name: {} for name in listing.places}

    def name(self, table: str) -> str | None:
        """Return the name of a table of the schema, None where it is not listed."""
        return self._names.get((self.listing.schema, table)) or self._names.get((None, table))

    def key(self, table: str, columns: Sequence[str], *, is_primary: bool) -> None:
        """Add a key, which has an index."""
        if (name := self.name(table)) is not None and columns:
            place = (name, tuple(columns))
            self._keys[place] = is_primary or self._keys.get(place, False)
            self._indexes[name].setdefault(tuple(columns))

    def index(self, table: str, columns: Sequence[str | None], *, is_unique: bool) -> None:
        """Add an index; None stands for what is no column, after which the columns do not count."""
        leading = tuple(column for column in takewhile(lambda column: column is not None, columns) if column)
        if is_unique and len(leading) == len(columns):
            self.key(table, leading, is_primary=False)
        elif (name := self.name(table)) is not None and leading:
            self._indexes[name].setdefault(leading)

    def reference(
        self, table: str, columns: Sequence[str], schema: str | None, target: str, target_columns: Sequence[str]
    ) -> None:
        """Add a foreign key to a table of a schema, None of the connection's own."""
        if (name := self.name(table)) is None:
            return
        place = Place(None, None if schema == self._own else schema, target)
        own, others = ([place], []) if place.schema is None else ([], [place])
        to = self._names.get((place.schema, target)) or next(iter(named_places(own, others, self.listing.places)))
        self._references.append(DeclaredReference(name, tuple(columns), to, tuple(target_columns)))

    def declared(self) -> Declared:
        """Return all that was found."""
        return Declared(
            tuple(DeclaredKey(table, columns, is_primary) for (table, columns), is_primary in self._keys.items()),
            tuple(self._references),
            {table: tuple(found) for table, found in self._indexes.items()},
        )


def _reflect(connection: sa.Connection, found: _Found) -> None:
    for table, key in _each(connection, "get_multi_pk_constraint", found):
        found.key(table, key.get("constrained_columns") or (), is_primary=True)
    for table, key in _each(connection, "get_multi_unique_constraints", found):
        found.key(table, key["column_names"], is_primary=False)
    for table, index in _each(connection, "get_multi_indexes", found):
        if not any(name.endswith("_where") for name in index.get("dialect_options", {})):  # of all rows
            found.index(table, index["column_names"], is_unique=bool(index["unique"]))
    for table, key in _each(connection, "get_multi_foreign_keys", found):
        columns, target_columns = key["constrained_columns"], key["referred_columns"]
        found.reference(table, columns, key["referred_schema"], key["referred_table"], target_columns)


def _each(connection: sa.Connection, method: str, found: _Found) -> Iterator[tuple[str, Any]]:
    """Yield tables, each with one of the things that a reflection says of it."""
    inspector = sa.inspect(connection)
    # Materialized views have indexes too; where a dialect asks table by table, views would take time for nothing.
    kind = ObjectKind.ANY if connection.dialect.name == "postgresql" else ObjectKind.TABLE
    ask, schema = getattr(inspector, method), found.listing.schema
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # of columns and indexes of kinds that it does not know
        answers = known(inspector, lambda: ask(schema=schema, kind=kind, scope=ObjectScope.ANY), {})
    for (_, table), said in answers.items():
        for each in [said] if isinstance(said, dict) else said or ():
            yield table, each


# The text of SHOW CREATE TABLE, which SQLAlchemy reads, does not tell where a hostile name ends.
_CONSTRAINTS = sa.text(
    "select table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name, "
    "referenced_column_name from information_schema.key_column_usage where table_schema = :schema "
    "order by table_name, constraint_name, ordinal_position"
)
_INDEXES = sa.text(
    "select table_name, index_name, non_unique, column_name, sub_part from information_schema.statistics "
    "where table_schema = :schema order by table_name, index_name, seq_in_index"
)


def _read_information_schema(connection: sa.Connection, found: _Found) -> None:
    """Read what MySQL and MariaDB declare, all of a schema at once."""
    asked = {"schema": found.schema}
    # A key and a foreign key may have one name, and names that differ in case are mixed in their order.
    constraints = _grouped(connection.execute(_CONSTRAINTS, asked), lambda row: (row[0], row[1], row[4] is None))
    for (table, constraint, is_key), parts in constraints.items():
        columns, schema, target = [part[2] for part in parts], parts[0][3], parts[0][4]
        if is_key:
            found.key(table, columns, is_primary=constraint == "PRIMARY")
        else:
            found.reference(table, columns, schema, target, [part[5] for part in parts])
    indexes = _grouped(connection.execute(_INDEXES, asked), lambda row: tuple(row[:3]))
    for (table, _, non_unique), parts in indexes.items():
        columns = [column if prefix is None else None for *_, column, prefix in parts]  # of a prefix, no column
        found.index(table, columns, is_unique=not non_unique)


def _grouped(rows: Iterable[Any], key: Callable[[Any], tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Any]]:
    """Return rows by what a key makes of them, in their order."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
