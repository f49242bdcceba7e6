"""Copies of a DuckDB table, in DuckDB and in PostgreSQL, for scripts that change it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import duckdb
import sqlalchemy as sa

from colprofile.sources.identifiers import quote_identifier


def copy_of(connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyConnection:
    """A new in-memory database with a copy of the table."""
    copy = duckdb.connect()
    data = connection.sql(f"from {table}").to_arrow_table()
    copy.register("data_to_copy", data)
    copy.execute(f"create table {table} as from data_to_copy")
    copy.unregister("data_to_copy")
    return copy


def postgres_copy(url: sa.URL, connection: duckdb.DuckDBPyConnection, table: str) -> sa.Engine:
    """An Engine on the PostgreSQL database, with a copy of the table in it."""
    from colprofile.verbs.sql_types import type_in

    engine = sa.create_engine(url)
    described = connection.execute(f"describe {table}").fetchall()
    # As Python objects, instants want pytz; as text they go into any column.
    selected = ", ".join(
        f"{quote_identifier(row[0])}{'::varchar' if row[1] == 'TIMESTAMP WITH TIME ZONE' else ''}" for row in described
    )
    columns = ", ".join(f"{quote_identifier(row[0])} {type_in('postgresql', row[1])}" for row in described)
    with engine.begin() as opened:
        raw = opened.connection.cursor()
        raw.execute(f"create table {table} ({columns})")
        with raw.copy(f"copy {table} from stdin") as stream:
            for row in connection.execute(f"select {selected} from {table}").fetchall():
                stream.write_row(row)
    return engine


def run_postgres(engine: sa.Engine, script: str) -> None:
    """Run a script of several statements; an error ends its transaction."""
    with engine.connect() as opened:
        cursor = opened.connection.cursor()
        try:
            cursor.execute(script)
            opened.connection.commit()
        finally:
            cursor.execute("rollback")


def rows_of(engine: sa.Engine, query: str) -> Counter[Any]:
    """How often each row comes out of a query."""
    with engine.connect() as opened:
        return Counter(tuple(row) for row in opened.exec_driver_sql(query.replace("%", "%%")))
