"""Stand-ins for engines that cannot be run here: their own SQLAlchemy dialects, over statements translated for DuckDB.

A statement is compiled by the engine's dialect, its parameters are written into it, and sqlglot parses it as that
engine's SQL, refuses what it does not know, and translates it. What DuckDB answers shows that it means what it should
as far as sqlglot knows the engine. What sqlglot does not know of it is not tested.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import sqlalchemy as sa
import sqlglot
from sqlalchemy.pool import NullPool
from sqlglot import exp


@dataclass
class StandIn:
    """An engine: its URL, what sqlglot calls it, its types by column, and the functions it has that sqlglot lacks.

    ``codes`` are the types as the driver describes a result's columns; ``style`` is its DB-API's for parameters, and
    ``statements`` and ``parameters`` are all that was run, as it is sent, and how many each had.
    """

    url: str
    glot: str
    types: dict[str, Any]
    functions: frozenset[str] = frozenset()
    codes: dict[str, Any] = field(default_factory=dict)
    style: str = ""
    statements: list[str] = field(default_factory=list)
    parameters: list[int] = field(default_factory=list)


def stand_in_engine(engine: StandIn, connection: duckdb.DuckDBPyConnection, table: str) -> sa.Engine:
    """Return an Engine with the dialect of an engine, which reads a table of DuckDB."""
    made = sa.create_engine(engine.url, creator=lambda: _Connection(engine, connection), poolclass=NullPool)
    dialect: Any = made.dialect
    engine.style = dialect.paramstyle
    columns = [{"name": name, "type": given, "nullable": True} for name, given in engine.types.items()]
    dialect.initialize = lambda connection: None
    dialect.get_columns = lambda connection, name, schema=None, **_: [dict(column) for column in columns]
    dialect.has_table = lambda connection, name, schema=None, **_: name == table and schema in (None, "main")
    dialect.get_table_names = lambda connection, schema=None, **_: [table]
    dialect.get_view_names = lambda connection, schema=None, **_: []
    dialect.get_schema_names = lambda connection, **_: ["main"]
    dialect.default_schema_name = "main"
    dialect.on_connect = lambda: None
    return made


class _Connection:
    transaction = None  # as Trino's dialect asks

    def __init__(self, engine: StandIn, connection: duckdb.DuckDBPyConnection) -> None:
        self._engine, self._duckdb = engine, connection

    def cursor(self, *_: Any, **__: Any) -> _Cursor:
        return _Cursor(self._engine, self._duckdb.cursor())

    def autocommit(self, mode: bool) -> None:
        """As Snowflake's dialect asks."""

    def commit(self) -> None:
        """Nothing was written."""

    def rollback(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """The connection is the test's."""


class _Cursor:
    arraysize = 1

    def __init__(self, engine: StandIn, cursor: duckdb.DuckDBPyConnection) -> None:
        self._engine, self._cursor = engine, cursor
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def execute(self, sql: str, parameters: Any = None, **_: Any) -> None:
        sent = with_parameters(sql, parameters, self._engine.glot, self._engine.style)
        self._engine.statements.append(sent)
        self._engine.parameters.append(len(parameters or ()))
        found = self._cursor.execute(translated(sent, self._engine.glot, self._engine.functions))
        names = [item[0] for item in found.description]
        self.description = [(n, self._engine.codes.get(n, "unknown"), None, None, None, None, True) for n in names]
        self._rows = iter(found.fetchall())

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def close(self) -> None:
        self._cursor.close()


def with_parameters(sql: str, parameters: Any, dialect: str, style: str) -> str:
    """Return a statement with its parameters, which stand in it in a style of the DB-API, written into it."""
    if style == "qmark":
        given = iter(parameters or ())
        quoted = r"'(?:[^']|'')*'|\"[^\"]*\"|\?"
        return re.sub(quoted, lambda found: _literal(next(given), dialect) if found[0] == "?" else found[0], sql)
    shown = {name: _literal(value, dialect) for name, value in (parameters or {}).items()}
    if style == "named":
        return re.sub(r"(?<!:):`(\w+)`", lambda found: shown[found[1]], sql)
    return re.sub(r"%%|%\((\w+)(?::[^)]*)?\)s", lambda found: shown[found[1]] if found[1] else "%", sql)


def _literal(value: Any, dialect: str) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_literal(each, dialect) for each in value)}]"
    if value is None or isinstance(value, bool | int):
        return str(exp.convert(value).sql(dialect))
    kinds: list[tuple[Any, str]] = [
        (float, "double"),
        (decimal.Decimal, "decimal(38, 6)"),
        (datetime.datetime, "timestamp"),
        (datetime.date, "date"),
        (datetime.time, "time"),
    ]
    for kind, name in kinds:
        if isinstance(value, kind):
            is_instant = isinstance(value, datetime.datetime) and value.tzinfo is not None
            return str(exp.cast(exp.Literal.string(str(value)), "timestamptz" if is_instant else name).sql(dialect))
    return str(exp.Literal.string(str(value)).sql(dialect))


@functools.cache
def translated(sql: str, dialect: str, functions: frozenset[str]) -> str:
    """Return a statement of an engine as DuckDB's; AssertionError if it calls what sqlglot and ``functions`` lack."""
    tree = sqlglot.parse_one(sql, read=dialect)
    assert isinstance(tree, exp.Query), sql
    unknown = {call.name.lower() for call in tree.find_all(exp.Anonymous)} - functions
    assert not unknown, f"{dialect} has no {sorted(unknown)}"
    return tree.sql(dialect="duckdb")


def engine_type(module: str, name: str, *arguments: Any) -> Any:
    """Return a type of an engine's own, made by its package."""
    make: Any = functools.reduce(getattr, name.split("."), importlib.import_module(module))
    return make(*arguments)


__all__: Sequence[str] = ("StandIn", "engine_type", "stand_in_engine", "translated", "with_parameters")
