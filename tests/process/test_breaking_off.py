"""Whatever breaks the wait of the thread that called a verb stops the work, and reaches the caller as it is."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile import stopping
from colprofile.stopping import Cancelled, Stop, result_of

T = TypeVar("T")

SLOW = "select sum(sin(a.i) * cos(b.i)) as s, count(*) as n from range(3000) a(i), range(3000000) b(i)"
"""A query that takes minutes."""


class Mine(BaseException):
    """Something that nobody expects."""


@contextlib.contextmanager
def raised_in(seconds: float, error: BaseException) -> Iterator[None]:
    """Raise an error in the main thread after so many seconds, as a handler of an alarm does."""

    def raise_it(*_: object) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


ERRORS = [SystemExit(143), TimeoutError("late"), KeyboardInterrupt(), ValueError("odd"), Mine(), GeneratorExit()]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_breaks_a_wait_stops_the_work_and_is_raised_itself(error: BaseException) -> None:
    stop, ended = Stop(), threading.Event()

    def work() -> None:
        try:
            while True:
                stop.check()
                time.sleep(0.001)
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as executor, pytest.raises(type(error)) as caught, raised_in(0.1, error):
        result_of(executor.submit(work), stop.set)
    assert caught.value is error
    assert ended.is_set()


def test_a_timeout_of_the_work_itself_is_the_works() -> None:
    def work() -> None:
        raise TimeoutError("of the work")

    with ThreadPoolExecutor(1) as executor, pytest.raises(TimeoutError, match="of the work"):
        result_of(executor.submit(work), lambda: None)


def test_a_second_break_changes_nothing() -> None:
    stop = Stop()

    def work() -> None:
        while True:
            time.sleep(0.001)
            with contextlib.suppress(Cancelled):
                stop.check()
                continue
            time.sleep(0.2)  # it takes its time
            return

    def raise_it(*_: object) -> None:
        raise errors.pop(0)

    def stop_and_end_the_alarms() -> None:
        stop.set()
        if not errors:
            signal.setitimer(signal.ITIMER_REAL, 0)

    errors: list[BaseException] = [TimeoutError("first"), TimeoutError("second")]
    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        with ThreadPoolExecutor(1) as executor:
            future = executor.submit(work)
            with pytest.raises(TimeoutError, match="first"):
                result_of(future, stop_and_end_the_alarms)
            assert future.done()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert errors == []


def test_only_ctrl_c_may_be_answered_by_finishing() -> None:
    for error, is_result in ((KeyboardInterrupt(), True), (SystemExit(143), False)):
        asked, stopped = [], threading.Event()

        def finish() -> bool:
            asked.append(1)  # noqa: B023
            return True

        def work() -> str:
            while not asked and not stopped.is_set():  # noqa: B023
                time.sleep(0.001)
            return "found so far"

        with ThreadPoolExecutor(1) as executor, raised_in(0.05, error):
            if is_result:
                assert result_of(executor.submit(work), stopped.set, finish) == "found so far"
            else:
                with pytest.raises(SystemExit):
                    result_of(executor.submit(work), stopped.set, finish)
                assert not asked


def frame() -> pd.DataFrame:
    return pd.DataFrame({f"c{j}": [(i * (j + 3)) % (7 + j) for i in range(3000)] for j in range(14)})


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "t.csv"
    frame().to_csv(path, index=False)
    for verb in (colprofile.profile, colprofile.audit, colprofile.latent_classes):
        verb(path, columns=["c0"])  # what it imports goes on in a thread where it is interrupted
    return str(path)


def verbs(csv: str) -> dict[str, Callable[[], Any]]:
    """Return calls that each take long, in another phase: opening, reading, counting, searching, fitting."""
    con = duckdb.connect()
    con.execute("create table t as select range % 97 as a, range % 89 as b from range(1000)")
    return {
        "opening files": lambda: colprofile.profile(csv, query=f"select * from ({SLOW}), data"),
        "reading a connection": lambda: colprofile.profile(con, SLOW),
        "drift": lambda: colprofile.drift(con, con, stale_table="t", fresh_table=SLOW),
        "audit": lambda: colprofile.audit(con, SLOW),
        "latent": lambda: colprofile.latent_classes(con, SLOW),
    }


@pytest.mark.parametrize("name", ["opening files", "reading a connection", "drift", "audit", "latent"])
@pytest.mark.parametrize("error", [SystemExit(143), TimeoutError("late")], ids=["exit", "timeout"])
def test_a_verb_ends_within_a_second_by_any_exception(
    name: str, error: BaseException, csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    call = verbs(csv)[name]
    threads = threading.active_count()
    with pytest.raises(type(error)) as caught, raised_in(0.15, error):
        call()
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []
    deadline = time.monotonic() + 10  # a thread that had just begun has still to see that there is no work
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads


def run_in_a_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """``asyncio.run`` in a thread: the main thread of the tests may have the loop of a browser."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(lambda: asyncio.run(work())).result()


def test_asyncio_gives_up_and_the_thread_ends(csv: str) -> None:
    ended: list[BaseException] = []

    def work() -> None:
        try:
            con = duckdb.connect()
            colprofile.profile(con, SLOW)
        except BaseException as error:
            ended.append(error)
            raise

    async def give_up() -> None:
        with colprofile.stop_on_exit():
            await asyncio.wait_for(asyncio.to_thread(work), 0.2)

    with pytest.raises(TimeoutError):
        run_in_a_loop(give_up)  # which waits for its threads
    assert isinstance(ended[0], concurrent.futures.CancelledError)


def test_asyncio_that_does_not_give_up_has_its_result(csv: str) -> None:
    async def profiled() -> colprofile.Profile:
        with colprofile.stop_on_exit():
            return await asyncio.wait_for(asyncio.to_thread(colprofile.profile, csv, pairs=False), 60)

    assert run_in_a_loop(profiled).rows == 3000


def test_a_block_that_was_left_stops_nothing_else(csv: str) -> None:
    with colprofile.stop_on_exit():
        pass
    assert colprofile.profile(csv, pairs=False).rows == 3000
    with colprofile.stop_on_exit(), colprofile.stop_on_exit():
        assert colprofile.profile(csv, pairs=False).rows == 3000


def test_loops_over_data_look_whether_to_end() -> None:
    stop = Stop()
    token = stopping.CURRENT.set(stop)
    try:
        seen = []
        with pytest.raises(Cancelled):
            for item in stopping.watched(range(5)):
                seen.append(item)
                if item == 2:
                    stop.set()
        assert seen == [0, 1, 2]
        with pytest.raises(Cancelled):
            stopping.check()
    finally:
        stopping.CURRENT.reset(token)
    stopping.check()
    assert list(stopping.watched("abc")) == ["a", "b", "c"]


def test_what_ends_statements_is_called_until_the_work_has_ended() -> None:
    stop, calls = Stop(), list[int]()

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("its connection is closed")

    stop.ends_by(fail)
    stop.ends_by(lambda: calls.append(2))
    stop.set()
    stop.set()
    assert calls == [1, 2, 1, 2]
