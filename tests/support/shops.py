"""A small shop in every kind of source that holds several tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import duckdb

SHOP: Mapping[str, str] = {
    "customer": "select i as id, 'city ' || (i % 7) as city from range(60) t(i)",
    "orders": "select i as id, i % 50 as customer_id, 'city ' || (i % 50 % 7) as city from range(400) t(i)",
    "item": "select i as id, i * 7 % 400 as order_id, i % 13 as pieces from range(900) t(i)",
}
"""Tables by name, as queries of DuckDB."""


def fill(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str] = SHOP) -> duckdb.DuckDBPyConnection:
    """Create tables in a connection, and return it."""
    for name, query in tables.items():
        quoted = '"' + name.replace('"', '""') + '"'
        connection.execute(f"create table {quoted} as {query}")
    return connection


def duckdb_shop(path: Path, tables: Mapping[str, str] = SHOP) -> str:
    """Write tables to a DuckDB file."""
    fill(duckdb.connect(str(path)), tables).close()
    return str(path)


def sqlite_shop(path: Path, tables: Mapping[str, str] = SHOP) -> str:
    """Write tables to an SQLite file."""
    made = fill(duckdb.connect(), tables)
    with sqlite3.connect(path) as connection:
        for name in tables:
            columns = made.execute(f"select * from {name}").description
            rows = made.execute(f"select * from {name}").fetchall()
            types = ", ".join(
                f"{column[0]} {'text' if column[1] == 'STRING' else 'integer'}" for column in columns or ()
            )
            connection.execute(f"create table {name} ({types})")
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", rows)
    connection.close()
    return str(path)


def folder_shop(path: Path, tables: Mapping[str, str] = SHOP) -> str:
    """Write tables to a folder: the first as CSV, the others as Parquet."""
    path.mkdir()
    for number, (name, query) in enumerate(tables.items()):
        ending = "parquet" if number else "csv"
        duckdb.connect().execute(f"copy ({query}) to '{path / name}.{ending}'")
    return str(path)
