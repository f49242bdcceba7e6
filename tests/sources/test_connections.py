"""Several connections on one snapshot: who may join, that all read the same, and that all are stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

import colprofile
from colprofile.sources.database.engines import spare_connections
from colprofile.sources.database.source import SQLAlchemySource
from tests.support.differences import profile_differences

PID = sa.select(sa.func.pg_backend_pid())
SLEEP = sa.select(sa.func.pg_sleep(60))


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    made = new_postgres_database()
    engine = sa.create_engine(made)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create table t as select k %% 7 as a, k %% 90 as b, k %% 1000 as c from generate_series(1, 5000) k"
        )
    engine.dispose()
    return made


@pytest.fixture
def source(url: sa.URL) -> Iterator[SQLAlchemySource]:
    engine = sa.create_engine(url, poolclass=NullPool)
    with SQLAlchemySource(engine, "t", fetch="never") as opened:
        yield opened


def nothing(done: int) -> None:
    """Progress that nobody looks at."""


def job(statement: Any, seconds: float = 0.0) -> Callable[[Any], Any]:
    def run(rows_of: Any) -> Any:
        time.sleep(seconds)
        return rows_of(statement)[0][0]

    return run


def test_jobs_are_shared_out_and_come_back_in_order(source: SQLAlchemySource) -> None:
    pids = source.run([job(PID, 0.2)] * 12, nothing, connections=4)
    assert len(set(pids)) == 4
    numbers = source.run([job(sa.select(sa.literal(i))) for i in range(50)], nothing, connections=3)
    assert numbers == list(range(50))
    assert len(set(source.run([job(PID, 0.05)] * 4, nothing, connections=1))) == 1


def test_all_read_the_same_snapshot_and_only_read(source: SQLAlchemySource, url: sa.URL) -> None:
    count = sa.select(sa.func.count()).select_from(sa.table("t"))
    before = source.rows_of(count)[0][0]
    writer = sa.create_engine(url, poolclass=NullPool)
    with writer.begin() as connection:
        connection.exec_driver_sql("insert into t values (1, 1, 1)")
    assert source.run([job(count, 0.1)] * 8, nothing, connections=4) == [before] * 8
    read_only = job(sa.select(sa.func.current_setting("transaction_read_only")), 0.1)
    assert source.run([read_only] * 8, nothing, connections=4) == ["on"] * 8
    with writer.begin() as connection:
        connection.exec_driver_sql("delete from t where ctid = (select max(ctid) from t)")


def test_no_lock_but_the_weakest_is_taken(source: SQLAlchemySource, url: sa.URL) -> None:
    locks = sa.text(
        "select distinct l.mode from pg_locks l join pg_stat_activity s using (pid) "
        "where s.datname = current_database() and l.locktype <> 'virtualxid'"
    ).columns(sa.column("mode"))
    job_of_all = lambda rows_of: {row[0] for row in rows_of(locks)}  # noqa: E731
    found = source.run([job_of_all] * 4, nothing, connections=4)
    assert set().union(*found) == {"AccessShareLock"}


@pytest.mark.parametrize(
    "pool",
    [
        {"pool_size": 1, "max_overflow": 0, "pool_timeout": 1},
        {"pool_size": 2, "max_overflow": 0, "pool_timeout": 1},
        {"poolclass": NullPool},
        {},
    ],
)
def test_the_pool_of_the_engine_is_respected(url: sa.URL, pool: dict[str, Any]) -> None:
    engine = sa.create_engine(url, **pool)
    most = []

    def note(*arguments: Any) -> None:
        most.append(engine.pool.checkedout() if "pool_size" in pool else 0)  # type: ignore[attr-defined]

    sa.event.listen(engine, "before_cursor_execute", note)
    fetched = colprofile.profile(engine, "t", fetch="always")
    found = colprofile.profile(engine, "t", fetch="never", threads=4)
    assert profile_differences(fetched, found) == []
    assert max(most) <= pool.get("pool_size", 0)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("show transaction_read_only").scalar() == "off"
        assert connection.exec_driver_sql("show jit").scalar() == "on"
    engine.dispose()


def test_spare_connections(url: sa.URL) -> None:
    assert spare_connections(sa.create_engine(url, poolclass=NullPool), 3) == 3
    assert spare_connections(sa.create_engine("sqlite://", poolclass=StaticPool), 3) == 0
    engine = sa.create_engine(url, pool_size=2, max_overflow=5)
    with engine.connect():
        assert spare_connections(engine, 3) == 1
    assert spare_connections(engine, 3) == 2
    engine.dispose()
    assert spare_connections(sa.create_engine(url, pool_size=0), 3) == 3


def test_who_waits_for_the_table_keeps_others_from_joining(source: SQLAlchemySource, url: sa.URL) -> None:
    engine = sa.create_engine(url, poolclass=NullPool)
    is_waiting = "select count(*) from pg_locks where not granted"

    def alter() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("alter table t add column later integer")

    waiter = threading.Thread(target=alter)
    waiter.start()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + 20
        while not connection.exec_driver_sql(is_waiting).scalar() and time.monotonic() < deadline:
            time.sleep(0.05)
    # Without a limit to their waiting the others would wait for him, he for us, and we for them.
    pids = source.run([job(PID, 0.1)] * 8, nothing, connections=4)
    assert len(set(pids)) == 1
    source.__exit__()
    waiter.join(20)
    assert not waiter.is_alive()
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table t drop column later")


@pytest.mark.parametrize(
    "of_its_own",
    [
        "create temporary table t as select 1 as a, 2 as b, 3 as c",
        "set search_path to other, public",
        "set role pg_read_all_data",
    ],
)
def test_a_session_that_sees_something_else_works_alone(url: sa.URL, of_its_own: str) -> None:
    engine = sa.create_engine(url, pool_size=4)
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema if not exists other")
        connection.exec_driver_sql("create table if not exists other.t as select 1 as a, 2 as b, 3 as c")
        connection.exec_driver_sql(of_its_own)
    try:
        with SQLAlchemySource(engine, "t", fetch="never") as source:
            assert len(set(source.run([job(PID, 0.05)] * 6, nothing, connections=4))) == 1
    finally:
        engine.dispose()
        owner = sa.create_engine(url, poolclass=NullPool)
        with owner.begin() as connection:
            connection.exec_driver_sql("drop schema other cascade")


def test_a_server_that_gives_no_more_connections(url: sa.URL) -> None:
    owner = sa.create_engine(url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.exec_driver_sql("create role single login connection limit 2")
        connection.exec_driver_sql("grant select on t to single")
    engine = sa.create_engine(url.set(username="single"), poolclass=NullPool)
    with SQLAlchemySource(engine, "t", fetch="never") as source:
        assert len(set(source.run([job(PID, 0.1)] * 8, nothing, connections=4))) == 2


def running(url: sa.URL) -> int:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return int(
            connection.exec_driver_sql(
                "select count(*) from pg_stat_activity where state = 'active' and query ilike '%%pg_sleep(%%' "
                "and datname = current_database() and pid <> pg_backend_pid()"
            ).scalar_one()
        )


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def test_an_interruption_stops_all_connections(source: SQLAlchemySource, url: sa.URL) -> None:
    caught: list[BaseException] = []

    def run() -> None:
        try:
            source.run([job(SLEEP)] * 6, nothing, connections=3)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: running(url) == 3)
    while thread.is_alive():
        source.interrupt()
        thread.join(0.01)
    assert isinstance(caught[0], KeyboardInterrupt)
    assert running(url) == 0


def test_a_job_that_fails_ends_the_others(source: SQLAlchemySource, url: sa.URL) -> None:
    broken = sa.select(sa.literal(1) / sa.literal_column("0"))
    with pytest.raises(colprofile.SourceError, match="division by zero"):
        source.run([job(SLEEP), job(SLEEP), job(broken, 0.5)], nothing, connections=3)
    assert running(url) == 0


def test_progress_that_raises_ends_the_work(source: SQLAlchemySource, url: sa.URL) -> None:
    def give_up(done: int) -> None:
        if running(url) == 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        source.run([job(SLEEP)] * 2, give_up, connections=2)
    assert running(url) == 0


def test_the_statement_timeout_holds_on_all_connections(url: sa.URL) -> None:
    engine = sa.create_engine(url, poolclass=NullPool)
    with (
        SQLAlchemySource(engine, "t", fetch="never", statement_timeout=0.3) as source,
        pytest.raises(colprofile.SourceError, match="longer than the statement timeout"),
    ):
        source.run([job(SLEEP)] * 3, nothing, connections=3)
    assert running(url) == 0


def test_a_server_that_exports_no_snapshot_serves_one_connection(url: sa.URL) -> None:
    owner = sa.create_engine(url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.exec_driver_sql("revoke execute on function pg_export_snapshot() from public")
        connection.exec_driver_sql("drop role if exists modest")
        connection.exec_driver_sql("create role modest login")
        connection.exec_driver_sql("grant select on t to modest")
    engine = sa.create_engine(url.set(username="modest"), poolclass=NullPool)
    with SQLAlchemySource(engine, "t", fetch="never") as source:
        assert len(set(source.run([job(PID, 0.05)] * 4, nothing, connections=4))) == 1
        settings = sa.select(sa.func.current_setting("transaction_read_only"), sa.func.current_setting("TimeZone"))
        assert source.rows_of(settings) == [("on", "UTC")]
        with pytest.raises(colprofile.SourceError, match="read-only transaction"):
            source.rows_of(sa.text("create temporary table x (a integer)"))  # type: ignore[arg-type]
