"""What a database has saved about a table: columns' statistics, extended statistics, and the table's own facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

RelationKind = Literal["table", "partitioned table", "materialized view", "foreign table"]


@dataclass(frozen=True, slots=True)
class SavedColumn:
    """One column's saved statistics, values as the database's text of them.

    Attributes
    ----------
    number, name, quoted
        Its number in the table, its name, and the name as SQL has it.
    type, base_type, category
        Type with its modifier, the name of the type behind it (of a domain's base), and PostgreSQL's letter for its
        kind.
    collation
        As SQL has it, where it is not the type's own.
    is_readable
        Whether this user may read it; if not, the database shows no statistics either.
    is_generated
        A virtual generated column: extended statistics cannot hold it.
    target
        Statistics target: most values, and bins, that ANALYZE keeps.
    is_unique
        Whether a unique index on it alone exists: the planner then trusts in one row.
    is_analyzed
        Whether there is a row in ``pg_stats``.
    null_share
        Share of rows that are NULL.
    distinct
        ``n_distinct``: a number of values, or, below 0, minus their share of the rows; 0 unknown.
    values, frequencies
        Most common values and each one's share of all rows.
    bounds
        Ends of the equi-depth bins of what is neither NULL nor among ``values``.
    correlation
        Between the column's order and the rows' in storage.
    """

    number: int
    name: str
    quoted: str
    type: str
    base_type: str
    category: str
    collation: str | None
    is_readable: bool
    is_generated: bool
    target: int
    is_unique: bool
    is_analyzed: bool
    null_share: float = 0.0
    distinct: float = 0.0
    values: tuple[str, ...] = ()
    frequencies: tuple[float, ...] = ()
    bounds: tuple[str, ...] = ()
    correlation: float | None = None

    def distinct_among(self, rows: float) -> float | None:
        """Return the distinct values that the statistics stand for in a table of ``rows``; None where unknown."""
        if not self.is_analyzed or self.distinct == 0:
            return None
        return self.distinct if self.distinct > 0 else -self.distinct * rows


@dataclass(frozen=True, slots=True)
class SavedDependency:
    """A functional dependency's degree: the share of rows whose ``given`` values determine ``implied``."""

    given: tuple[str, ...]
    implied: str
    degree: float


@dataclass(frozen=True, slots=True)
class SavedExtended:
    """An extended statistics object.

    Attributes
    ----------
    name, quoted, columns
        Its name, the name as SQL has it with its schema, and the columns' names.
    kinds
        What it was created to hold: ndistinct, dependencies, mcv.
    target
        Its own statistics target; None follows its columns'.
    distinct
        Saved number of distinct combinations, by sets of columns.
    dependencies
        Saved dependencies of a degree above 0.
    values, frequencies, base_frequencies
        Most common combinations (None for NULL), each one's share of the rows and what independence would give it.
    """

    name: str
    quoted: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    target: int | None = None
    distinct: dict[frozenset[str], float] = field(default_factory=dict)
    dependencies: tuple[SavedDependency, ...] = ()
    values: tuple[tuple[str | None, ...], ...] = ()
    frequencies: tuple[float, ...] = ()
    base_frequencies: tuple[float, ...] = ()

    @property
    def is_filled(self) -> bool:
        """Whether ANALYZE has filled anything in that this user may see."""
        return bool(self.distinct or self.dependencies or self.values)


@dataclass(frozen=True, slots=True)
class SavedTable:
    """A table's saved statistics.

    Attributes
    ----------
    oid, schema, name, quoted, quoted_schema
        Which relation; ``quoted`` is schema and name as SQL has them.
    kind
        Table, partitioned table, materialized view or foreign table.
    has_children
        Whether its statistics are of the table with its partitions or inheriting tables.
    saved_rows
        ``reltuples``; None where it was never analysed or vacuumed.
    last_analyzed, modified_rows
        When it last was, in the server's time, and how many rows changed since, as the server counted.
    is_owned
        Whether this user acts as its owner and may change its statistics.
    server_version
        Of the server.
    columns, extended
        Saved statistics.
    """

    oid: int
    schema: str
    name: str
    quoted: str
    quoted_schema: str
    kind: RelationKind
    has_children: bool
    saved_rows: float | None
    last_analyzed: str | None
    modified_rows: int | None
    is_owned: bool
    server_version: str
    columns: tuple[SavedColumn, ...]
    extended: tuple[SavedExtended, ...]

    def column(self, name: str) -> SavedColumn:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)
