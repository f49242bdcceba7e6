"""DuckDB connections with the SQL functions: one with flights and zip codes, one for tables of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from colprofile.sqlfunctions import register


@pytest.fixture(scope="module")
def data(parquet_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        register(con)
        for name, file in (("flights", "flights"), ("zips", "zipcodes")):
            con.execute(f"create table {name} as from read_parquet('{parquet_files}/{file}.parquet')")
        yield con


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield register(con)
