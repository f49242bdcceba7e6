"""Counting in the database against the kernels: whole profiles, on PostgreSQL, MariaDB, SQLite and DuckDB's own SQL."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import colprofile
from colprofile.counting.cells import MOST_VALUES
from colprofile.measures.tables import pair_sums
from colprofile.sources.base import SourceColumn
from colprofile.sources.database import large_marginal as large
from colprofile.sources.database import pair_queries as pairquery
from colprofile.sources.database import pair_sides as pairsides
from colprofile.sources.database import small_marginal as pushdown
from colprofile.sources.database.column_plans import ColumnPlan, plan_column
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.verbs.profile import count_in_database as pushed
from colprofile.verbs.profile import joints_in_database as pictures
from colprofile.verbs.profile.pairs import pair_profile
from tests.support.differences import differences, profile_differences

ROWS = 4000

WAYS = {"one by one": (0, 10**9), "grouped together": (0, 1e-9), "fetched": (10**9, 10**9)}
"""How pairs are counted: cells at most that are fetched, and rows that a cell of a shared grouping must have."""


def flights_like(rows: int = ROWS) -> dict[str, list[Any]]:
    """Columns like those of flights: keys, near functions, NULLs, many and few values, a constant."""
    rng = random.Random(7)
    carriers = [f"C{i}" for i in range(16)]
    tails = [(f"N{i:05}", rng.choice(carriers)) for i in range(5000)]
    columns: dict[str, list[Any]] = {
        name: []
        for name in ["id", "year", "carrier", "tail", "distance", "delay", "price", "code", "empty", "only_once"]
    }
    for i in range(rows):
        tail, carrier = rng.choice(tails)
        is_cancelled = rng.random() < 0.05
        columns["id"].append(i)
        columns["year"].append(2013)
        columns["carrier"].append(carrier)
        columns["tail"].append(None if is_cancelled else tail)
        columns["distance"].append(100 * (sum(map(ord, carrier)) % 7) + rng.randrange(90))
        columns["delay"].append(None if is_cancelled else round(rng.gauss(10, 40), 2))
        columns["price"].append(round(rng.expovariate(0.01), 2))
        columns["code"].append(rng.getrandbits(62) - (1 << 61))
        columns["empty"].append(None)
        columns["only_once"].append(1.5 if i == 3 else None)
    return columns


def filled(engine: sa.Engine, columns: dict[str, list[Any]], types: dict[str, Any], name: str) -> None:
    metadata = sa.MetaData()
    table = sa.Table(name, metadata, *(sa.Column(key, types[key]) for key in columns))
    metadata.create_all(engine)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    with engine.begin() as connection:
        connection.execute(sa.insert(table), rows)


TYPES: dict[str, Any] = {
    "id": sa.Integer(),
    "year": sa.SmallInteger(),
    "carrier": sa.String(10),
    "tail": sa.String(10),
    "distance": sa.BigInteger(),
    "delay": sa.Double(),
    "price": sa.Double(),
    "code": sa.BigInteger(),
    "empty": sa.String(5),
    "only_once": sa.Double(),
}


@pytest.fixture(scope="module")
def postgres(new_postgres_database: Callable[[], sa.URL]) -> Iterator[sa.Engine]:
    engine = sa.create_engine(new_postgres_database())
    filled(engine, flights_like(), TYPES, "flights")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/flights.sqlite")
    filled(engine, flights_like(), TYPES, "flights")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def mariadb(mariadb_url: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(mariadb_url)
    filled(engine, flights_like(), TYPES, "flights")
    yield engine
    engine.dispose()


@pytest.fixture(params=["postgres", "sqlite", "mariadb"])
def engine(request: pytest.FixtureRequest) -> sa.Engine:
    found: sa.Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def fetched_profile() -> Callable[..., colprofile.Profile]:
    """A function that profiles a table by fetching its rows, once for all tests that compare with it."""

    @functools.cache
    def profile(
        engine: sa.Engine, table: str, nulls: Any, columns: tuple[str, ...] | None = None
    ) -> colprofile.Profile:
        return colprofile.profile(engine, table, fetch="always", nulls=nulls, columns=columns)

    return profile


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_both_ways_give_the_same_profile(
    engine: sa.Engine, nulls: Any, fetched_profile: Callable[..., colprofile.Profile]
) -> None:
    fetched = fetched_profile(engine, "flights", nulls)
    pushed = colprofile.profile(engine, "flights", fetch="never", nulls=nulls)
    assert profile_differences(fetched, pushed) == []
    assert len(fetched.columns) == 10 and len(fetched.pairs) == 45


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_counting_pairs_gives_the_same(
    engine: sa.Engine,
    nulls: Any,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
    fetched_profile: Callable[..., colprofile.Profile],
) -> None:
    most_fetched, rows_a_shared_cell = WAYS[way]
    monkeypatch.setattr(pushed, "_most_fetched", lambda rows: most_fetched)
    monkeypatch.setattr(pushed, "_ROWS_A_SHARED_CELL", rows_a_shared_cell)
    monkeypatch.setattr(pictures, "FETCHED_CELLS", most_fetched)
    columns = ("carrier", "distance", "delay", "tail", "only_once")
    fetched = fetched_profile(engine, "flights", nulls, columns)
    found = colprofile.profile(engine, "flights", fetch="never", nulls=nulls, columns=columns)
    assert profile_differences(fetched, found) == []
    assert len(found.pairs) == 10 and found.joints


@pytest.fixture(scope="module")
def moments(new_postgres_database: Callable[[], sa.URL]) -> Iterator[sa.Engine]:
    """Columns that are cut, or look as if they could be: times, decimals, NaN and infinities, labels, intervals."""
    engine = sa.create_engine(new_postgres_database())
    with engine.begin() as connection:
        connection.exec_driver_sql("create type mood as enum ('sad', 'never', 'ok', 'happy')")
        connection.execute(
            sa.text(
                """
            create table moments as
            select
                timestamp '2020-01-01' + interval '7 hours' * (i * i % 700) as moment,
                timestamptz '2020-01-01 00:00+00' + interval '1 hour' * (i % 500) as instant,
                case when i % 11 > 0 then date '2020-01-01' + (i % 90) end as day,
                time with time zone '00:00+00' + interval '1 minute' * (i % 77) as clock,
                interval '1 minute' * (i * 3 % 50) as span,
                case when i % 5 > 0 then (i % 70) / 100.0 end::numeric(10, 2) as amount,
                case i % 40 when 0 then 'NaN'::float8 when 1 then 'Infinity' else sqrt(i % 90) end as wild,
                case i % 40 when 1 then '-Infinity'::float8 when 2 then null else sqrt(i % 80) end as vast,
                (array['sad', 'ok', 'happy'])[1 + i % 3]::mood as mood,
                i % 17 as many,
                i % 16 as few
            from generate_series(1, 1500) as i
            """
            )
        )
    yield engine
    engine.dispose()


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("way", WAYS)
def test_columns_of_all_kinds_depend_and_rank_alike(
    moments: sa.Engine,
    nulls: Any,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
    fetched_profile: Callable[..., colprofile.Profile],
) -> None:
    most_fetched, rows_a_shared_cell = WAYS[way]
    monkeypatch.setattr(pushed, "_most_fetched", lambda rows: most_fetched)
    monkeypatch.setattr(pushed, "_ROWS_A_SHARED_CELL", rows_a_shared_cell)
    fetched = fetched_profile(moments, "moments", nulls)
    found = colprofile.profile(moments, "moments", fetch="never", nulls=nulls)
    assert profile_differences(fetched, found) == []
    assert len(found.pairs) == 55
    for one, other in (("moment", "day"), ("instant", "amount"), ("vast", "many")):
        assert found.pair(one, other).spearman is not None
    assert all("spearman" in pair.undefined for pair in found.pairs if {pair.x, pair.y} & {"clock", "span", "wild"})


def test_large_tables_of_one_cut_column_are_not_fetched_by_mariadb(
    mariadb: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["carrier", "distance", "delay", "tail"]
    fetched = colprofile.profile(mariadb, "flights", fetch="always", columns=columns)
    monkeypatch.setattr(pushed, "_most_fetched", lambda rows: 0)
    for most in (0, 1 << 16):
        monkeypatch.setattr(pairquery, "SMALL_TABLE", most)
        found = colprofile.profile(mariadb, "flights", fetch="never", columns=columns)
        assert profile_differences(fetched, found) == []


def test_halvings_are_asked_for_only_where_they_can_show_more(postgres: sa.Engine) -> None:
    asked: list[tuple[str, ...]] = []
    original = pairquery._Search._look_at_halvings

    def noted(self: Any, resolutions: Any, side: Any, other: Any, *rest: Any) -> Any:
        asked.append((side.plan.name, other.plan.name))
        return original(self, resolutions, side, other, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairquery._Search, "_look_at_halvings", noted)
        found = colprofile.profile(postgres, "flights", fetch="never", columns=["id", "price", "delay", "tail"])
    assert ("price", "tail") in asked
    assert not any("id" in pair[1:] for pair in asked)  # beside a key nothing is more than chance
    assert found.pair("price", "tail").dependence is not None


def test_pairs_beside_a_unique_column_are_not_grouped(postgres: sa.Engine) -> None:
    fetched = colprofile.profile(postgres, "flights", fetch="always", columns=["id", "distance", "tail", "delay"])
    statements = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    sa.event.listen(postgres, "before_cursor_execute", note)
    found = colprofile.profile(postgres, "flights", fetch="never", columns=["id", "distance", "tail", "delay"])
    sa.event.remove(postgres, "before_cursor_execute", note)
    assert profile_differences(fetched, found) == []
    asked = [statement for statement in statements if "LIMIT" not in statement]  # what only looks at types fetches none
    assert not any("GROUP BY flights.id, flights." in statement for statement in asked)
    assert any("sum(" in statement and "flights.id" in statement for statement in statements)


def test_columns_with_many_values_are_asked_in_the_database(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushdown.small_marginal, "__defaults__", (MOST_VALUES,))
    fetched = colprofile.profile(engine, "flights", fetch="always")
    asked: list[str] = []
    original = large.DatabaseMarginal.__init__

    def noted(self: Any, plan: ColumnPlan, *rest: Any) -> None:
        asked.append(plan.name)
        original(self, plan, *rest)

    monkeypatch.setattr(large.DatabaseMarginal, "__init__", noted)
    pushed = colprofile.profile(engine, "flights", fetch="never")
    assert sorted(asked) == sorted(["id", "tail", "delay", "price", "code"])
    assert [column.name for column in pushed.columns if column.text != fetched[column.name].text] == ["tail"]
    assert profile_differences(_without_text(fetched), _without_text(pushed)) == []


def _without_text(profile: colprofile.Profile) -> colprofile.Profile:
    """A profile without what texts look like, which is not known of columns with many values."""
    columns = [replace(c, text=None, undefined={**c.undefined, "text": ""}) for c in profile.columns]
    return replace(profile, columns=tuple(columns))


def test_a_frame_of_the_same_values_gives_the_same_figures(engine: sa.Engine) -> None:
    import pandas as pd

    columns = flights_like()
    frame = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    local = colprofile.profile(frame.convert_dtypes(), columns=["carrier", "tail", "distance", "delay"])
    pushed = colprofile.profile(engine, "flights", columns=["carrier", "tail", "distance", "delay"], fetch="never")
    for one, other in zip(local.columns, pushed.columns, strict=True):
        assert one.entropy == pytest.approx(other.entropy, abs=1e-9)
        assert one.fingerprint == other.fingerprint
    for pair in local.pairs:
        twin = pushed.pair(pair.x, pair.y)
        assert twin.mutual_information == pytest.approx(pair.mutual_information, abs=1e-9)
        assert twin.dependence == pytest.approx(pair.dependence, abs=1e-9)
        assert twin.pearson == pytest.approx(pair.pearson, abs=1e-9)


def plain_side(plan: ColumnPlan, **given: Any) -> pairsides.PairSide:
    """A column with NULLs, taken as it is."""
    fingerprint = np.array([1, 2]), np.array([1, 1])
    known: dict[str, Any] = {"width": 3, "cut": None, "starts": (), "nulls": 1, "fingerprint": fingerprint, **given}
    return pairsides.PairSide(plan=plan, is_null_a_value=False, centre=None, scale=1.0, **known)


def test_few_rows_cross_the_wire(postgres: sa.Engine) -> None:
    crossed = []
    with colprofile.open_source(postgres, "flights", fetch="never") as source:
        assert isinstance(source, SQLAlchemySource)
        inner = source.rows_of

        def counting(statement: Any) -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = inner(statement)
            crossed.append(len(rows))
            return rows

        plans = source.plans
        x, y = (plain_side(plans[name]) for name in ("id", "tail"))
        pairquery.PairCounter(source.relation.clause, "postgresql", ROWS, 1).count(x, y, counting)
    assert sum(crossed) <= 3 * np.sqrt(2 * ROWS)


# DuckDB has no dialect here: its SQL is PostgreSQL's, and the statements need nothing else.


def duckdb_rows(connection: duckdb.DuckDBPyConnection) -> Callable[[Any], list[tuple[Any, ...]]]:
    def rows_of(statement: Any) -> list[tuple[Any, ...]]:
        compiled = statement.compile(
            dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True, "render_postcompile": True},
        )
        return connection.execute(str(compiled).replace("%%", "%")).fetchall()

    return rows_of


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_of_duckdbs_own_sql_are_those_of_a_contingency_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = 500
    x = [None if v == 0 else int(v) for v in rng.integers(0, 30, rows)]
    y = [None if v == 1 else f"v{v % 7}" for v in rng.integers(0, 20, rows)]
    connection = duckdb.connect()
    connection.execute("create table t (x bigint, y varchar)")
    connection.executemany("insert into t values (?, ?)", list(zip(x, y, strict=True)))
    clause = sa.table("t", sa.column("x"), sa.column("y"))
    sides = [
        plain_side(plan_column("duckdb", name, clause.c[name], kind, ""))
        for name, kind in (("x", sa.BigInteger()), ("y", sa.String()))
    ]
    counter = pairquery.PairCounter(clause, "duckdb", rows, 1)
    found = counter.count(sides[0], sides[1], duckdb_rows(connection)).sums
    table: dict[tuple[Any, Any], int] = {}
    for cell in zip(x, y, strict=True):
        if None not in cell:
            table[cell] = table.get(cell, 0) + 1
    xs, ys = (sorted({cell[i] for cell in table}) for i in (0, 1))
    expected = pair_sums([[table.get((a, b), 0) for b in ys] for a in xs])
    for name in type(expected).__dataclass_fields__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-12), name


def test_duckdbs_own_sql_counts_a_pair_as_the_kernels_do(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({k: v for k, v in flights_like().items() if k in ("delay", "price", "carrier", "distance")})
    connection = duckdb.connect()
    connection.register("frame", frame)
    connection.execute("create table flights as from frame")
    kernels = colprofile.profile(connection, "flights")
    clause = sa.table("flights", *(sa.column(name) for name in frame.columns))
    rows_of = duckdb_rows(connection)
    counter = pairquery.PairCounter(clause, "duckdb", ROWS, math.comb(len(frame.columns), 2))
    for pair in kernels.pairs:
        sides = []
        for name in (pair.x, pair.y):
            kind: Any = sa.String() if name == "carrier" else sa.Integer() if name == "distance" else sa.Double()
            plan = plan_column("duckdb", name, clause.c[name], kind, "")
            small = pushdown.small_marginal(plan, clause, ROWS, rows_of)
            assert small is not None
            source_column = SourceColumn(name, "", plan.kind, name)
            sides.append(pushed._side(source_column, plan, *small, "ignore"))
        count = counter.count(sides[0], sides[1], rows_of)
        x, y = (
            SourceColumn(name, "", side.plan.kind, name) for name, side in zip((pair.x, pair.y), sides, strict=True)
        )
        assert differences(pair_profile(x, y, count), pair) == []
    assert len(kernels.pairs) == 6
