"""Databases as data: tables that can be renamed and written anywhere, the foreign keys they have, and a score."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from colprofile.results.schema import ForeignKey
from colprofile.sources.identifiers import quote_identifier


class Reference(NamedTuple):
    """A foreign key: ``columns[i]`` of ``table`` equals ``target_columns[i]`` of ``target``."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]

    @property
    def pairs(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        """What makes two references the same, whatever the order of their columns."""
        return self.table, self.target, frozenset(zip(self.columns, self.target_columns, strict=True))


def references(text: str) -> tuple[Reference, ...]:
    """Return references written one a line as ``table(column, …) target(column, …)``."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        left, right = line.rstrip(")").split(") ")
        (table, columns), (target, target_columns) = (side.split("(") for side in (left, right))
        found.append(Reference(table, tuple(columns.split(", ")), target, tuple(target_columns.split(", "))))
    return tuple(found)


@dataclass(frozen=True)
class SampleTable:
    """A table: its columns as (name, DuckDB type), and its rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]

    @property
    def definition(self) -> str:
        """The statement that creates it, in DuckDB and SQLite."""
        columns = ", ".join(f"{quote_identifier(name)} {type_}" for name, type_ in self.columns)
        return f"create table {quote_identifier(self.name)} ({columns})"


def sample_table(name: str, columns: str, rows: Iterable[Sequence[Any]]) -> SampleTable:
    """Return a table whose columns are written as ``name type, name type``."""
    pairs = (column.rsplit(" ", 1) for column in columns.split(", "))
    return SampleTable(name, tuple((column, type_) for column, type_ in pairs), list(rows))


@dataclass(frozen=True)
class SampleDatabase:
    """Tables, and the foreign keys that they truly have."""

    tables: tuple[SampleTable, ...]
    references: tuple[Reference, ...]

    def table(self, name: str) -> SampleTable:
        """Return a table by its name."""
        return next(table for table in self.tables if table.name == name)

    def renamed(self, table_name: Callable[[str], str], column_name: Callable[[str, str], str]) -> SampleDatabase:
        """Return the same under other names: ``column_name`` gets a table's old name and its column's."""
        tables = tuple(
            dataclasses.replace(
                each,
                name=table_name(each.name),
                columns=tuple((column_name(each.name, column), type_) for column, type_ in each.columns),
            )
            for each in self.tables
        )
        renamed = tuple(
            Reference(
                table_name(each.table),
                tuple(column_name(each.table, column) for column in each.columns),
                table_name(each.target),
                tuple(column_name(each.target, column) for column in each.target_columns),
            )
            for each in self.references
        )
        return SampleDatabase(tables, renamed)

    def write_duckdb(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the tables in a connection, without any constraint."""
        for table in self.tables:
            connection.execute(table.definition)
            if table.rows:
                texts = [[None if value is None else str(value) for value in row] for row in table.rows]
                columns = zip(*texts, strict=True)
                rows = pa.table(
                    [pa.array(column, pa.string()) for column in columns], [f"c{i}" for i in range(len(texts[0]))]
                )
                connection.register("sample_rows", rows)
                connection.execute(f"insert into {quote_identifier(table.name)} select * from sample_rows")
                connection.unregister("sample_rows")

    def write_sqlite(self, path: Path) -> Path:
        """Create a SQLite file, without any constraint."""
        connection = sqlite3.connect(path)
        with connection:
            for table in self.tables:
                connection.execute(table.definition)
                places = ", ".join("?" * len(table.columns))
                plain = (
                    [value if isinstance(value, int | float | None) else str(value) for value in row]
                    for row in table.rows
                )
                connection.executemany(f"insert into {quote_identifier(table.name)} values ({places})", plain)
        connection.close()
        return path

    def write_folder(self, folder: Path, ending: str = "parquet") -> Path:
        """Write one file a table: "parquet" or "csv"."""
        folder.mkdir(exist_ok=True)
        with duckdb.connect() as connection:
            self.write_duckdb(connection)
            for table in self.tables:
                path = str(folder / f"{table.name}.{ending}").replace("'", "''")
                connection.execute(f"copy {quote_identifier(table.name)} to '{path}'")
        return folder


@dataclass(frozen=True)
class Score:
    """How found foreign keys agree with the true ones; a composite one counts as a whole."""

    found: frozenset[Reference]
    missed: frozenset[Reference]
    false: frozenset[Reference]

    @property
    def precision(self) -> float:
        """Share of what was said that is true; 1 where nothing was said."""
        said = len(self.found) + len(self.false)
        return len(self.found) / said if said else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was said; 1 where nothing is."""
        true = len(self.found) + len(self.missed)
        return len(self.found) / true if true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 where nothing was found."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if self.found else float(both == 2)


def score(found: Iterable[ForeignKey | Reference], truth: Iterable[Reference]) -> Score:
    """Compare foreign keys with the true ones."""
    said = {
        each.pairs: each
        for each in (Reference(key.table, key.columns, key.target, key.target_columns) for key in found)
    }
    true = {each.pairs: each for each in truth}
    return Score(
        frozenset(true[key] for key in true if key in said),
        frozenset(true[key] for key in true if key not in said),
        frozenset(said[key] for key in said if key not in true),
    )
