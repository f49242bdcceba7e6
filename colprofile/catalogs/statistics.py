"""What a database has saved about a table: columns' statistics, extended statistics, and the table's own facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

RelationKind = Literal["table", "partitioned table", "materialized view", "foreign table"]


@dataclass(frozen=True, slots=True)
class SavedColumn:
    """One column's saved statistics, values as the database's text of them; ``quoted`` is the name as SQL has it."""

    number: int
    name: str
    quoted: str
    type: str  # with its modifier
    base_type: str  # the name of the type behind it (of a domain's base)
    category: str  # PostgreSQL's letter for the kind of type
    collation: str | None  # as SQL has it, where it is not the type's own
    is_readable: bool  # by this user; if not, the database shows no statistics either
    is_generated: bool  # a virtual generated column: extended statistics cannot hold it
    target: int  # statistics target: most values, and bins, that ANALYZE keeps
    is_unique: bool  # a unique index on it alone exists: the planner then trusts in one row
    is_analyzed: bool  # there is a row in pg_stats
    null_share: float = 0.0
    distinct: float = 0.0  # n_distinct: a number of values, or, below 0, minus their share of the rows; 0 unknown
    values: tuple[str, ...] = ()  # the most common ones …
    frequencies: tuple[float, ...] = ()  # … and each one's share of all rows
    bounds: tuple[str, ...] = ()  # ends of the equi-depth bins of what is neither NULL nor among ``values``
    correlation: float | None = None  # between the column's order and the rows' in storage

    @property
    def has_bins(self) -> bool:
        """Whether there are bins to compare ranges over: arrays and composites are not asked for by range."""
        return len(self.bounds) > 1 and self.category not in ("A", "C", "P")

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
    """An extended statistics object; ``quoted`` is its name as SQL has it, with its schema."""

    name: str
    quoted: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]  # what it was created to hold: ndistinct, dependencies, mcv
    target: int | None = None  # None follows its columns'
    distinct: dict[frozenset[str], float] = field(default_factory=dict)  # combinations, by sets of columns
    dependencies: tuple[SavedDependency, ...] = ()  # those of a degree above 0
    values: tuple[tuple[str | None, ...], ...] = ()  # most common combinations (None for NULL)
    frequencies: tuple[float, ...] = ()  # each one's share of the rows …
    base_frequencies: tuple[float, ...] = ()  # … and what independence would give it

    @property
    def is_filled(self) -> bool:
        """Whether ANALYZE has filled anything in that this user may see."""
        return bool(self.distinct or self.dependencies or self.values)


@dataclass(frozen=True, slots=True)
class SavedTable:
    """A table's saved statistics; ``quoted`` is schema and name as SQL has them."""

    oid: int
    schema: str
    name: str
    quoted: str
    quoted_schema: str
    kind: RelationKind
    has_children: bool  # the statistics are then of the table with its partitions or inheriting tables
    saved_rows: float | None  # reltuples; None where it was never analysed or vacuumed
    last_analyzed: str | None  # in the server's time
    modified_rows: int | None  # since then, as the server counted
    is_owned: bool  # this user acts as its owner and may change its statistics
    server_version: str
    columns: tuple[SavedColumn, ...]
    extended: tuple[SavedExtended, ...]

    def column(self, name: str) -> SavedColumn:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)
