"""Small databases for tests of what lies between tables."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import duckdb

from colprofile.results.schema import ForeignKey, Inclusion
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.verbs.audit.search import audit_of_table
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.schema.table_values import TableValues, table_values


def tables_of(connection: duckdb.DuckDBPyConnection) -> tuple[DuckDBTables, list[TableValues]]:
    """Return the tables of a connection, and what an audit keeps of each."""
    names = [name for (name,) in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]
    kept = []
    for name in names:
        reading = Reading(progress=False)
        with counted_table(connection, name, Counting(sample=False, quality=False), reading) as counted:
            audit = audit_of_table(counted, 1, 0.01, threading.Event(), float("inf"))
            kept.append(table_values(name, counted, audit))
    return DuckDBTables(connection, "the DuckDB connection", names), kept


def foreign_key(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str] | str,
    target: str,
    target_columns: Sequence[str] | str,
) -> ForeignKey:
    """Return a foreign key that is meant, with the figures of a connection's tables."""
    left = (columns,) if isinstance(columns, str) else tuple(columns)
    right = (target_columns,) if isinstance(target_columns, str) else tuple(target_columns)
    names = ", ".join(f'"{name}"' for name in left)
    filled = " and ".join(f'"{name}" is not null' for name in left)
    missing = " and ".join(f's."{b}"::varchar = r."{a}"::varchar' for a, b in zip(left, right, strict=True))

    def ask(sql: str) -> int:
        return int(connection.execute(sql).fetchall()[0][0])

    rows = ask(f'select count(*) from "{table}" where {filled}')
    values = ask(f'select count(*) from (select distinct {names} from "{table}" where {filled})')
    lacking = f'"{table}" r where {filled} and not exists (select 1 from "{target}" s where {missing})'
    orphan_rows = ask(f"select count(*) from {lacking}")
    orphan_values = ask(f"select count(*) from (select distinct {names} from {lacking})")
    target_values = ask(f'select count(*) from "{target}"')
    inclusion = Inclusion(
        table, left, target, right, rows, values, target_values, orphan_rows, orphan_values, (), 10.0, 1.0
    )
    return ForeignKey(inclusion, "found", 0.9, (), rows == values, None, "", "", "")
