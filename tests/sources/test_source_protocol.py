"""Every source is a Source: it has all members of the protocol, with their signatures, and they mean the same."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from colprofile.sources.base import Source
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.open import open_source

CLASSES = [DuckDBSource, SQLAlchemySource]
METHODS = [
    name
    for name, member in vars(Source).items()
    if inspect.isfunction(member) and (not name.startswith("_") or name in ("__enter__", "__exit__"))
]
ROWS = 1_000


@pytest.fixture(params=["DuckDB", "file", "frame", "SQLite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    frame = pd.DataFrame({"key": range(ROWS), "group": [f"g{i % 7}" for i in range(ROWS)]})
    if request.param == "frame":
        with open_source(frame) as opened:
            yield opened
    elif request.param == "file":
        frame.to_parquet(tmp_path / "t.parquet")
        with open_source(tmp_path / "t.parquet") as opened:
            yield opened
    elif request.param == "DuckDB":
        with duckdb.connect() as connection:
            connection.execute("create table t as select * from frame")
            with open_source(connection, "t") as opened:
                yield opened
    else:
        with sqlite3.connect(tmp_path / "t.sqlite") as database:
            frame.to_sql("t", database, index=False)
        database.close()
        with open_source(tmp_path / "t.sqlite") as opened:
            yield opened


def test_the_protocol_has_what_is_tested_here() -> None:
    assert {"count_rows", "expected_rows", "sampled_batches", "batches", "stored_bytes", "is_sampled"} <= {*METHODS}


@pytest.mark.parametrize("cls", CLASSES)
def test_classes_have_every_method_with_its_parameters(cls: type) -> None:
    for name in METHODS:
        found = getattr(cls, name, None)
        if name == "expected_rows" and found is None:  # an attribute of each instance: what opened it knows
            continue
        assert found is not None, name
        wanted = [parameter.name for parameter in inspect.signature(getattr(Source, name)).parameters.values()]
        assert [parameter.name for parameter in inspect.signature(found).parameters.values()] == wanted, name


def test_every_member_is_there(source: Source) -> None:
    assert all(hasattr(source, name) for name in (*METHODS, *Source.__annotations__))
    assert isinstance(source.description, str)
    assert source.is_pushdown is False and source.is_sampled() is False
    assert source.count_rows() == ROWS
    assert source.expected_rows() in (0, ROWS)
    assert set(source.stored_bytes()) <= {"key", "group"}


def test_sampled_batches_hold_the_drawn_rows_of_all_columns(source: Source) -> None:
    def draw(seed: int) -> list[tuple[int, str]]:
        with source.sampled_batches(source.columns, ROWS, 50, seed) as (schema, batches):
            assert len(schema) == 2
            found = [row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]
        return found

    rows = draw(1)
    assert len({key for key, _ in rows}) == 50
    assert all(group == f"g{key % 7}" for key, group in rows)
    assert rows == sorted(rows)
    assert draw(1) == rows != draw(2)


def test_a_query_that_samples_is_known_as_such() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select * from range(1000) r(i)")
        with open_source(connection, "select * from t using sample 10%") as opened:
            assert opened.is_sampled() is True
        with open_source(connection, "select * from t") as opened:
            assert opened.is_sampled() is False
