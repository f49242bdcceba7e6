"""What a DuckDB database declares of its tables: keys, foreign keys, indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

import duckdb

from colprofile.sources.identifiers import split_identifier
from colprofile.sources.tables.base import Declared, DeclaredKey, DeclaredReference
from colprofile.sources.tables.names import Place

_CONSTRAINTS = """
select database_name, schema_name, table_name, constraint_type, constraint_column_names,
  referenced_table, referenced_column_names
from duckdb_constraints() where constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
order by database_name, schema_name, table_name, constraint_index
"""
_INDEXES = """
select database_name, schema_name, table_name, is_unique, expressions::varchar[] from duckdb_indexes()
where not is_primary order by index_oid
"""


def declared_of(connection: duckdb.DuckDBPyConnection, places: Mapping[str, Place]) -> Declared:
    """Return what is declared of the tables at some places, by whose names they are called."""
    names = {_folded(place.parts): name for name, place in places.items()}
    keys, references = [], []
    indexes: dict[str, list[tuple[str, ...]]] = {name: [] for name in places}
    for *parts, kind, columns, target, target_columns in connection.execute(_CONSTRAINTS).fetchall():
        name = names.get(_folded(parts))
        if name is None:
            continue
        if kind == "FOREIGN KEY":  # DuckDB has none across schemas
            to = names.get(_folded([*parts[:2], target]), target)
            references.append(DeclaredReference(name, tuple(columns), to, tuple(target_columns)))
        else:
            keys.append(DeclaredKey(name, tuple(columns), kind == "PRIMARY KEY"))
            indexes[name].append(tuple(columns))
    for *parts, is_unique, expressions in connection.execute(_INDEXES).fetchall():
        name = names.get(_folded(parts))
        # What is no column stands in parentheses: of an index the columns before it count.
        columns = tuple(split_identifier(each)[0] for each in takewhile(lambda each: each[:1] != "(", expressions))
        if name is None or not columns:
            continue
        indexes[name].append(columns)
        if is_unique and len(columns) == len(expressions):
            keys.append(DeclaredKey(name, columns, False))
    return Declared(tuple(keys), tuple(references), {name: tuple(found) for name, found in indexes.items()})


def _folded(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of a name as DuckDB compares them: in any case."""
    return tuple(part.lower() for part in parts)
