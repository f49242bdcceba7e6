"""Executors count pairs: the figures of the same table read here, or an error, when executors are lost in between."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import colprofile
from colprofile.errors import SourceError
from colprofile.verbs.profile.on_workers.jobs import Answers, Job, Runner
from tests.support.differences import profile_differences

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# pyspark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROWS = 4000


def table(shift: int = 0) -> pa.Table:
    """Return columns that depend on each other; shifted ones have the same values, in other rows."""
    numbers = range(ROWS)
    return pa.table(
        {
            "a": pa.array([i * i % 91 if i % 13 else None for i in numbers]),
            "b": [(i + shift) * 7 % 640 for i in numbers],
            "c": [f"k{i * i % 1201}" for i in numbers],
            "d": [i * 17 % 1999 / 8 for i in numbers],
        }
    )


def frame_of(cluster: SparkSession, flag: Path) -> DataFrame:
    """Return the table in four partitions, the shifted one from when there is the flag."""
    first, second, place = table(), table(1), str(flag)

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        import os

        source = second if os.path.exists(place) else first
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from source.slice(1000 * number, 1000).to_batches()

    return cluster.range(0, 4, 1, 4).mapInArrow(rows, "a bigint, b bigint, c string, d double")


def before_pairs(monkeypatch: pytest.MonkeyPatch, event: Callable[[], None]) -> None:
    """Let something happen when chunks are kept and their values are known, before pairs are counted."""
    run = Runner.run
    happened: list[bool] = []

    def run_after(runner: Runner, job: Job, label: str) -> Answers:
        if not happened:
            happened.append(True)
            event()
        return run(runner, job, label)

    monkeypatch.setattr(Runner, "run", run_after)


def kill_executors() -> None:
    """Kill all executors that this process's cluster has started, with all that they keep."""
    killed = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = "--driver-url\0spark://" in (place / "cmdline").read_text() and str(os.getpid()) in ancestors(
                place
            )
        except OSError:
            continue
        if is_ours:
            os.kill(int(place.name), signal.SIGKILL)
            killed.append(place)
    assert len(killed) == 2
    time.sleep(1)


def ancestors(place: Path) -> list[str]:
    """Return the processes above one."""
    found = []
    number = place.name
    while number != "0":
        number = (place.parent / number / "stat").read_text().rpartition(")")[2].split()[1]
        found.append(number)
    return found


def test_executors_count_what_is_counted_here(cluster: SparkSession, tmp_path: Path) -> None:
    found = colprofile.profile(frame_of(cluster, tmp_path / "flag"), fetch="never")
    assert any("Counted by the workers" in note for note in found.notes)
    assert profile_differences(found, colprofile.profile(table())) == []


def test_what_lost_executors_kept_is_made_anew(
    cluster: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_pairs(monkeypatch, kill_executors)
    found = colprofile.profile(frame_of(cluster, tmp_path / "flag"), fetch="never")
    assert profile_differences(found, colprofile.profile(table())) == []


def test_what_is_made_anew_from_other_rows_is_an_error(
    cluster: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change() -> None:
        (tmp_path / "flag").touch()
        kill_executors()

    before_pairs(monkeypatch, change)
    with pytest.raises(SourceError, match="the Spark DataFrame changed while it was read"):
        colprofile.profile(frame_of(cluster, tmp_path / "flag"), fetch="never")
