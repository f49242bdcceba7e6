"""register_engine: each connection of a SQLAlchemy engine to DuckDB has the functions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

import colprofile
from colprofile.errors import ArgumentError
from colprofile.sqlfunctions import register, register_engine

QUERY = text("select mutual_information(x, x % :by), entropy_estimate(x) > 0 from range(8) as t(x)")


@pytest.fixture(params=["memory", "file", "no pool"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "memory":
        made = create_engine("duckdb:///:memory:")
    else:
        pool = {"poolclass": NullPool} if request.param == "no pool" else {}
        made = create_engine(f"duckdb:///{tmp_path / 't.duckdb'}", **pool)
    yield made
    made.dispose()


def test_every_connection_has_the_functions(engine: Engine) -> None:
    assert register_engine(engine) is engine
    register_engine(engine)
    for _ in range(3):
        with engine.connect() as connection:
            assert connection.execute(QUERY, {"by": 2}).one() == (1.0, True)


def test_two_connections_at_once(tmp_path: Path) -> None:
    engine = register_engine(create_engine(f"duckdb:///{tmp_path / 't.duckdb'}"))
    with engine.connect() as one, engine.connect() as other:
        assert one.execute(QUERY, {"by": 2}).one() == other.execute(QUERY, {"by": 2}).one()
    engine.dispose()


def test_connections_that_were_open_before(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("select 1")).one()
    register_engine(engine)
    with engine.connect() as connection:
        assert connection.execute(QUERY, {"by": 2}).one() == (1.0, True)


def test_transactions_and_tables(engine: Engine) -> None:
    register_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("create table t as select range as x from range(8)"))
    with engine.connect() as connection:
        assert connection.execute(text("select perplexity(x) from t")).scalar_one() == 8.0
        connection.rollback()
        assert connection.execute(text("select perplexity(x) from t")).scalar_one() == 8.0


def test_one_connection_of_sqlalchemy(engine: Engine) -> None:
    with engine.connect() as connection:
        assert register(connection) is connection
        assert connection.execute(QUERY, {"by": 2}).one() == (1.0, True)


def test_other_engines_are_refused() -> None:
    with pytest.raises(ArgumentError, match="for sqlite: SQL functions can only be registered with DuckDB"):
        register_engine(create_engine("sqlite://"))
    with pytest.raises(ArgumentError, match="is not a SQLAlchemy engine"):
        register_engine("duckdb:///:memory:")
    other = create_engine("sqlite://")
    with other.connect() as connection, pytest.raises(ArgumentError, match="is not a connection"):
        register(connection)
    other.dispose()


def test_it_is_offered_by_the_package() -> None:
    assert colprofile.register_engine is register_engine


def test_nothing_is_said_at_exit() -> None:
    code = (
        "import colprofile\nfrom sqlalchemy import create_engine, text\n"
        "engine = colprofile.register_engine(create_engine('duckdb:///:memory:'))\n"
        "connection = engine.connect()\n"
        "connection.execute(text('select perplexity(x), entropy_estimate(x) from range(8) as t(x)')).all()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
