"""What an audit of a whole database found between its tables: keys, foreign keys, copies, joins, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.results.parts import Part
from colprofile.results.schema_joins import Join as Join
from colprofile.results.schema_joins import JoinError as JoinError
from colprofile.results.schema_joins import JoinSize as JoinSize
from colprofile.values import Value

Status = Literal["declared", "violated", "found"]
"""Of a key or foreign key: declared and true; declared, and rows break it; not declared, and found in the data."""

FAILED = "Not found, and with it what rests on it: "
"""What the notes of steps that failed begin with."""


EVERYTHING = "everything"
"""Stands in ``Schema.unfinished`` where the source has no rows that can be joined: saved profiles, Spark."""


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """A column of a table of the database."""

    table: str
    column: str
    type: str


@dataclass(frozen=True, slots=True, repr=False)
class CandidateKey(Part):
    """Columns that identify every row of a table.

    Attributes
    ----------
    table, columns
        Where it is.
    status
        Whether the database declares it.
    is_primary
        Whether it is the declared primary key or, where none is declared, the one that is most like one.
    rows
        Rows of the table.
    violating_rows
        Rows that share their values with another, or hold NULL in a key that is declared primary.
    """

    table: str
    columns: tuple[str, ...]
    status: Status
    is_primary: bool
    rows: int
    violating_rows: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Inclusion(Part):
    """An inclusion dependency: the values of some columns are among those of other columns, except for a few.

    Values are compared as written: the text ``7`` equals the number 7. Rows where one of ``columns`` is NULL do not
    count.

    Attributes
    ----------
    table, columns
        Whose values are included.
    target, target_columns
        Among whose values.
    rows, values
        Rows without NULL, and their different values.
    target_values
        Different values of the target.
    orphan_rows, orphan_values
        Rows and values that the target lacks: 0 where the inclusion is exact.
    orphans
        At most five values that the target lacks, the most frequent first, each a tuple of the columns' values.
    bits
        Evidence that it is no chance: −log2 of the probability that so many of so many values, drawn from the numbers
        or texts that the columns could hold, would be among the target's. 0 for small numbers from 1 that fit anywhere.
    coverage
        Share of the target's values that occur.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    rows: int
    values: int
    target_values: int
    orphan_rows: int
    orphan_values: int
    orphans: tuple[tuple[Value, ...], ...]
    bits: float
    coverage: float

    @property
    def is_exact(self) -> bool:
        """Whether the target has every value."""
        return self.orphan_values == 0


@dataclass(frozen=True, slots=True, repr=False)
class ForeignKey(Part):
    """A foreign key: an inclusion in a key that is meant, by all evidence together.

    Attributes
    ----------
    inclusion
        The columns, the key that they refer to, orphans and evidence.
    status
        Whether the database declares it, and rows keep it.
    confidence
        Probability that it is meant, in [0, 1]: 1 where it is declared.
    reasons
        Why, in short sentences, the strongest first.
    is_one_to_one
        Whether no two rows refer to the same row.
    is_indexed
        Whether an index begins with its columns; None where indexes are not known, and in DuckDB, whose joins use none.
    statement
        One sentence.
    proof
        SQL that returns 0 where every row refers to one.
    orphan_query
        SQL that lists the rows that refer to none.
    """

    inclusion: Inclusion
    status: Status
    confidence: float
    reasons: tuple[str, ...]
    is_one_to_one: bool
    is_indexed: bool | None
    statement: str
    proof: str
    orphan_query: str

    @property
    def table(self) -> str:
        """The referring table."""
        return self.inclusion.table

    @property
    def columns(self) -> tuple[str, ...]:
        """The referring columns."""
        return self.inclusion.columns

    @property
    def target(self) -> str:
        """The table referred to."""
        return self.inclusion.target

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The columns referred to."""
        return self.inclusion.target_columns


@dataclass(frozen=True, slots=True, repr=False)
class RepeatedColumn(Part):
    """A column that says again what a foreign key's path leads to.

    Attributes
    ----------
    kind
        "copy": it equals a column of the table referred to. "determined": the reference determines it, and no column
        there has it.
    table, column
        The column that repeats.
    join
        The way to where it could be read, or be moved to.
    target_column
        The column that it equals; None where it is determined only.
    rows
        Rows that refer to one: those that are compared. Of a determined column those where neither it nor the
        reference is NULL.
    equal_rows
        Rows that agree, NULL equal to NULL. Of a determined column those that do not contradict it.
    bits
        Bits per row of ``table`` that it makes redundant.
    differing
        At most five differing rows, no two the same: the reference's values, the column's and the target column's.
    statement
        One sentence: what repeats, how far, and whether the differences look like history or like errors.
    query
        SQL that lists the rows that differ; None where there are none.
    """

    kind: Literal["copy", "determined"]
    table: str
    column: str
    join: Join
    target_column: str | None
    rows: int
    equal_rows: int
    bits: float
    differing: tuple[tuple[Value, ...], ...]
    statement: str
    query: str | None


@dataclass(frozen=True, slots=True, repr=False)
class TableRelation(Part):
    """Tables that say the same: one kind each.

    Attributes
    ----------
    kind
        "equal": the same rows. "contained": each row of the first is in the second; both but for at most 5 % of the
        rows. "partitions": one shape, in parts such as years. "lookup": the first is determined by the rows that refer
        to it, and holds nothing new. "one-to-one": two tables of one key, row by row.
    tables
        The tables; those that could go first, the one to keep last.
    columns
        The columns that were compared, as the first table has them.
    rows
        Rows that are repeated.
    bits
        Bits in all that they repeat.
    statement
        One sentence.
    query
        SQL that shows it: rows that the second lacks, or the counts of parts; None where there is none to show.
    """

    kind: Literal["equal", "contained", "partitions", "lookup", "one-to-one"]
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    bits: float
    statement: str
    query: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Domain(Part):
    """Columns of several tables that draw from one set of values.

    Attributes
    ----------
    columns
        The columns, the one with most values first.
    values
        Different values in all of them together.
    shared
        Share of the values of the smaller columns that the first one has.
    differs
        What is not the same: "names", "types", both, or nothing.
    statement
        One sentence.
    """

    columns: tuple[ColumnPlace, ...]
    values: int
    shared: float
    differs: tuple[Literal["names", "types"], ...]
    statement: str


@dataclass(frozen=True, slots=True)
class SchemaFix:
    """What to do about a finding between tables.

    Attributes
    ----------
    kind
        What it makes: a primary or unique key, a foreign key, an index; or it drops columns, or makes a table a view.
    table
        The table that it changes.
    action
        What it does, in one line.
    checks
        Dialect → a query that returns 0 where the change loses nothing and will be accepted.
    changes
        Dialect ("postgresql", "duckdb", "mysql") → the statements that make it. A dialect that cannot do it is missing.
    is_safe
        False where its check is known to return more than 0: rows have to be corrected first.
    """

    kind: Literal["primary key", "unique key", "foreign key", "index", "drop column", "view"]
    table: str
    action: str
    checks: dict[str, str]
    changes: dict[str, str]
    is_safe: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class TableBits(Part):
    """A table in the database's ledger.

    Attributes
    ----------
    table, rows, columns
        Which, and how large.
    bits
        Bits per row, each column coded by itself, NULL a value.
    repeated_within
        Bits per row that its own columns repeat of each other, along the Chow–Liu tree.
    repeated_between
        Bits per row that other tables say as well, in copied columns and copied rows. Not counted in
        ``repeated_within``.
    floor_bytes
        rows · bits / 8.
    repeated_bytes
        Bytes that both kinds of repetition take at that floor.
    """

    table: str
    rows: int
    columns: int
    bits: float
    repeated_within: float
    repeated_between: float
    floor_bytes: float
    repeated_bytes: float


@dataclass(frozen=True, slots=True)
class Schema:
    """What was found between the tables of a database.

    Attributes
    ----------
    keys
        Candidate keys, by table.
    foreign_keys
        Those that are meant, by table and column.
    inclusions
        All inclusion dependencies, exact and near, most evidence first, the foreign keys' too.
    repeated_columns
        Columns that a foreign key's path has too, most bits first.
    table_relations
        Tables that say the same.
    domains
        Columns of one domain in several tables under different names or types.
    join_errors
        Per foreign key and attribute, those first that EXPLAIN misjudges most.
    join_sizes
        Joins along foreign keys, those first whose estimate is farthest off, then the largest.
    ledger
        Tables, most repeated bytes first.
    fixes
        What to do, in the order in which it can be done.
    notes
        What was left out or not finished, and why.
    unfinished
        The steps and tables that were not looked at to the end; EVERYTHING where the source cannot be asked for what
        lies between its tables. Empty where nothing is missing.
    """

    keys: tuple[CandidateKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    repeated_columns: tuple[RepeatedColumn, ...] = ()
    table_relations: tuple[TableRelation, ...] = ()
    domains: tuple[Domain, ...] = ()
    join_errors: tuple[JoinError, ...] = ()
    join_sizes: tuple[JoinSize, ...] = ()
    ledger: tuple[TableBits, ...] = ()
    fixes: tuple[SchemaFix, ...] = ()
    notes: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()

    @property
    def key_columns(self) -> frozenset[tuple[str, str]]:
        """Tables and columns that primary, declared and foreign keys are made of: they stay as they are."""
        found = {(k.table, column) for k in self.keys if k.is_primary or k.status != "found" for column in k.columns}
        found |= {(key.table, column) for key in self.foreign_keys for column in key.columns}
        return frozenset(found | {(key.target, column) for key in self.foreign_keys for column in key.target_columns})
