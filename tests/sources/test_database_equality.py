"""Equality is the database's: collations of PostgreSQL, MariaDB and SQLite, counted there or here, and in drift."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.profile import Profile

STALE, FRESH = ["Ab", "ab", "B", "c "], ["AB", "aB", "b", "c", "c  "]


def filled(engine: sa.Engine, types: dict[str, str], values: dict[str, tuple[list[str], list[str]]]) -> None:
    """Create the tables a and b: each column repeats its values, in 60 rows."""
    with engine.begin() as connection:
        for table, side in (("a", 0), ("b", 1)):
            connection.exec_driver_sql(f"create table {table} ({', '.join(f'{n} {t}' for n, t in types.items())})")
            names = ", ".join(types)
            places = ", ".join(f":{name}" for name in types)
            rows = [{name: values[name][side][i % len(values[name][side])] for name in types} for i in range(60)]
            connection.execute(sa.text(f"insert into {table} ({names}) values ({places})"), rows)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    types = {"nocase": "text collate nocase", "padded": "text collate rtrim", "plain": "text"}
    filled(engine, types, dict.fromkeys(types, (STALE, FRESH)))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def mariadb(mariadb_url: sa.URL) -> Iterator[sa.Engine]:
    with sa.create_engine(mariadb_url).begin() as connection:
        connection.exec_driver_sql("create database if not exists equality default character set utf8mb4")
    engine = sa.create_engine(mariadb_url.set(database="equality"))
    types = {
        "nocase": "varchar(20) collate utf8mb4_general_ci",
        "unpadded": "varchar(20) collate utf8mb4_unicode_nopad_ci",
        "plain": "varchar(20) collate utf8mb4_nopad_bin",
    }
    filled(engine, types, dict.fromkeys(types, (STALE, FRESH)))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def postgres(postgres_url: sa.URL, new_postgres_database: Any) -> Iterator[sa.Engine]:
    """Without collations that ignore anything: they need ICU, which this server is built without."""
    engine = sa.create_engine(new_postgres_database())
    types = {"sorted": 'text collate "pg_c_utf8"', "plain": "text"}
    with engine.begin() as connection:
        available = sa.text("select count(*) from pg_available_extensions where name = 'citext'")
        if connection.execute(available).scalar_one():
            connection.exec_driver_sql("create extension citext")
            types["nocase"] = "citext"
    filled(engine, types, dict.fromkeys(types, (STALE, FRESH)))
    with engine.begin() as connection:
        for table, value in (("a", "1 month"), ("b", "30 days")):
            connection.exec_driver_sql(f"alter table {table} add span interval default interval '{value}'")
    yield engine
    engine.dispose()


DATABASES = ("sqlite", "mariadb", "postgres")


def distinct(engine: sa.Engine, table: str, name: str) -> int:
    with engine.connect() as connection:
        query = f"select count(*) from (select {name} from {table} group by {name}) q"
        return int(connection.execute(sa.text(query)).scalar_one())


def unseen(engine: sa.Engine, name: str) -> float:
    """The share of b's rows whose value is in no row of a."""
    with engine.connect() as connection:
        query = f"select count(*) from b where not exists (select 1 from a where a.{name} = b.{name})"
        return int(connection.execute(sa.text(query)).scalar_one()) / 60


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("fetch", ["always", "never"])
def test_columns_are_counted_and_compared_as_the_database_does(
    database: str, fetch: Literal["always", "never"], request: pytest.FixtureRequest
) -> None:
    engine = request.getfixturevalue(database)
    sides = [colprofile.profile(engine, t, fetch=fetch, pairs=False, quality=False, progress=False) for t in "ab"]
    for table, profile in zip("ab", sides, strict=True):
        assert not profile.skipped
        for column in profile.columns:
            assert column.distinct == distinct(engine, table, column.name), column.name
    stale = Profile.from_dict(sides[0].to_dict())
    live: dict[str, Any] = {"fresh_table": "b", "fetch": fetch}
    for fresh, options in ((engine, live), (sides[1], {})):
        found = colprofile.drift(stale, fresh, progress=False, **options)
        assert not any("by their texts" in note for note in found.notes)
        for drifted in found.columns:
            assert drifted.unseen_mass == pytest.approx(unseen(engine, drifted.name)), drifted.name


@pytest.mark.parametrize("database", DATABASES)
def test_the_smallest_text_stands_for_equal_values(database: str, request: pytest.FixtureRequest) -> None:
    engine = request.getfixturevalue(database)
    names = {column["name"] for column in sa.inspect(engine).get_columns("a")} & {"nocase"}
    fetches: tuple[Literal["always", "never"], ...] = ("always", "never")
    for name in names:
        for fetch in fetches:
            profile = colprofile.profile(engine, "a", fetch=fetch, pairs=False, quality=False, progress=False)
            assert [(top.value, top.count) for top in profile[name].top_values] == [("Ab", 30), ("B", 15), ("c ", 15)]
