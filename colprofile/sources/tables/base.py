"""Tables: a source of many tables, of which each can be opened, and over which queries can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from colprofile.errors import SourceError


class NotBetween(SourceError):
    """A source of this kind cannot be asked for anything between its tables."""


@dataclass(frozen=True, slots=True)
class DeclaredKey:
    """A primary key or a unique constraint of a table, as its database has it."""

    table: str
    columns: tuple[str, ...]
    is_primary: bool


@dataclass(frozen=True, slots=True)
class DeclaredReference:
    """A foreign key as its database has it: ``columns`` of ``table`` refer to ``target_columns`` of ``target``."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a database declares of its tables.

    ``indexes`` has the columns of each index in order, those of keys too, by table; None where indexes are not known.
    """

    keys: tuple[DeclaredKey, ...] = ()
    references: tuple[DeclaredReference, ...] = ()
    indexes: dict[str, tuple[tuple[str, ...], ...]] | None = None


class Queries(Protocol):
    """SQL over the tables of one source, in one read-only transaction where the database has them.

    ``dialect`` is "duckdb", "postgresql", "mysql", "mariadb", "sqlite", or another name that SQLAlchemy has. Files are
    asked through DuckDB.
    """

    dialect: str

    def table(self, name: str) -> str:
        """Return a table of ``Tables.names`` as it stands behind FROM: quoted, with its schema."""
        ...

    def column(self, name: str) -> str:
        """Return a column's name quoted."""
        ...

    def text(self, expression: str) -> str:
        """Return SQL for the text of a value, the same in all dialects for numbers, texts, booleans and dates."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Raises
        ------
        SourceError
            The database refused it; the message has its words in one line.
        """
        ...

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        ...


class Tables(Protocol):
    """A source of many tables. Use it as a context manager: leaving it closes what it opened.

    Attributes
    ----------
    description
        The source as results name it, without passwords.
    dialect
        As for ``Queries``; "duckdb" for files.
    names
        The tables and views in the source's order, as ``table=`` takes them and as results show them.
    known
        All tables and views that there are, those too that are not chosen; as in ``names``.
    views
        Those of ``names`` that are views, materialized ones too: they have no keys, and cannot be altered.
    remarks
        What was left out, as sentences.
    """

    description: str
    dialect: str
    names: Sequence[str]
    known: Sequence[str]
    views: frozenset[str]
    remarks: Sequence[str]

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a table's own name, with its schema before it where that is not the connection's own."""
        ...

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return what a verb takes as its source and table to read one of the tables."""
        ...

    def snapshot(self) -> AbstractContextManager[bool]:
        """Read all tables, and ask all queries, at one state of the data until the block is left.

        It yields whether that is so. It is not where the database has no such transactions, and where a connection is
        given that is in a transaction of another kind.
        """
        ...

    def declared(self) -> Declared:
        """Return what the database declares; nothing for files."""
        ...

    def queries(self) -> AbstractContextManager[Queries]:
        """Open what queries are asked through."""
        ...

    def __enter__(self) -> Tables: ...

    def __exit__(self, *exception: object) -> None: ...
