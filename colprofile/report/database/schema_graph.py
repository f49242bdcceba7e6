"""The schema as a graph for every diagram: tables with the columns that matter, and the references between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from colprofile.results.database import DatabaseAudit, TableAudit
from colprofile.results.schema import ForeignKey, Schema, Status

ALL_DRAWN = 60
"""Tables up to which all are drawn; of more, those with foreign keys."""

MOST_DRAWN = 100
"""Tables that are drawn at most: those with most foreign keys."""

COLUMNS_DRAWN = 12
"""Columns in a table's box."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column in a table's box: a part of its key, of a reference, or both."""

    name: str
    type: str
    is_key: bool
    is_reference: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """A table: its size, the columns of its key and references, and how many more of these there are."""

    name: str
    rows: int
    columns: int
    attributes: tuple[Attribute, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key between two entities, by their numbers.

    Attributes
    ----------
    source, target
        The referring table, and the one referred to.
    columns, target_columns
        Which refer to which.
    status
        Whether the database declares it.
    orphan_rows
        Rows that refer to none.
    is_one_to_one
        Whether no two rows refer to the same row.
    bits, attribute
        The worst join estimate over it, and the column referred to that has it; None where none was computed.
    """

    source: int
    target: int
    columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    status: Status
    orphan_rows: int
    is_one_to_one: bool
    confidence: float
    bits: float | None
    attribute: str | None


@dataclass(frozen=True, slots=True)
class SchemaGraph:
    """Entities, the relations between them, and the number of tables that are left out."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    left_out: int


def schema_graph(audit: DatabaseAudit) -> SchemaGraph:
    """Return the tables to draw, in the database's order, and the foreign keys between them."""
    schema = audit.schema
    known = {table.name for table in audit.tables}
    keys = [key for key in schema.foreign_keys if {key.table, key.target} <= known]
    degree = Counter(name for key in keys for name in {key.table, key.target})
    chosen = [table for table in audit.tables if len(audit.tables) <= ALL_DRAWN or degree[table.name]]
    if len(chosen) > MOST_DRAWN:
        most = sorted(chosen, key=lambda table: -degree[table.name])[:MOST_DRAWN]
        kept = {table.name for table in most}
        chosen = [table for table in chosen if table.name in kept]
    numbers = {table.name: number for number, table in enumerate(chosen)}
    drawn = [key for key in keys if key.table in numbers and key.target in numbers]
    worst = _worst(schema)
    return SchemaGraph(
        tuple(_entity(table, schema) for table in chosen),
        tuple(_relation(key, numbers, worst) for key in drawn),
        len(audit.tables) - len(chosen),
    )


def _entity(table: TableAudit, schema: Schema) -> Entity:
    keys = dict.fromkeys(
        column for key in schema.keys if key.table == table.name and key.is_primary for column in key.columns
    )
    referring = {column for key in schema.foreign_keys if key.table == table.name for column in key.columns}
    referred = {column for key in schema.foreign_keys if key.target == table.name for column in key.target_columns}
    types = {column.name: column.type for column in table.result.columns}
    shown = [name for name in keys if name in types]
    shown += [name for name in types if name not in keys and name in referring | referred]
    attributes = [Attribute(name, types[name], name in keys, name in referring) for name in shown]
    kept = tuple(attributes[:COLUMNS_DRAWN])
    return Entity(table.name, table.result.rows, len(types), kept, len(attributes) - len(kept))


Way = tuple[str, tuple[str, ...], str, tuple[str, ...]]


def _worst(schema: Schema) -> dict[Way, tuple[float, str]]:
    """Return the worst join estimate over each foreign key, and its attribute."""
    found: dict[Way, tuple[float, str]] = {}
    for error in schema.join_errors:
        join = error.join
        if len(join.tables) == 2:
            way = (join.tables[0], tuple(join.columns[0]), join.tables[1], tuple(join.targets[0]))
            found[way] = max(found.get(way, (-1.0, "")), (error.error, error.attribute))
    return found


def _relation(key: ForeignKey, numbers: dict[str, int], worst: dict[Way, tuple[float, str]]) -> Relation:
    bits, attribute = worst.get((key.table, key.columns, key.target, key.target_columns), (None, None))
    return Relation(
        numbers[key.table],
        numbers[key.target],
        key.columns,
        key.target_columns,
        key.status,
        key.inclusion.orphan_rows,
        key.is_one_to_one,
        key.confidence,
        bits,
        attribute,
    )
