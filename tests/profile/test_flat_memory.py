"""A process that lives long, such as a service, keeps nothing of the profiles that it made."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ColprofileError

PAGE = os.sysconf("SC_PAGE_SIZE")


def held() -> tuple[int, int, int, int]:
    """Bytes in memory, open files, threads, and entries of the temporary folder."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)  # what is free, but kept for later, is no leak
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    files = len(os.listdir("/proc/self/fd"))
    return resident, files, threading.active_count(), len(os.listdir(tempfile.gettempdir()))


def works(folder: Path) -> list[Callable[[], object]]:
    """One small use of every verb and every kind of source, and some that fail."""
    frame = pd.DataFrame({"a": [1, 2, 3, 1] * 20, "b": [f"text {i % 7}" for i in range(80)], "c": [0.5, None] * 40})
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_parquet(folder / "t.parquet")
    frame.to_feather(folder / "t.feather")
    frame.to_json(folder / "t.json", orient="records")
    (folder / "bad.csv").write_bytes(b'a,b\n1,"2\n')
    (folder / "bad.parquet").write_bytes(b"PAR1 no more PAR1")
    with contextlib.closing(sqlite3.connect(folder / "t.sqlite")) as connection:
        frame.to_sql("t", connection, index=False)
    with duckdb.connect(str(folder / "t.duckdb")) as database:
        database.execute("create table t as select * from frame")
    colprofile.profile(frame, pairs=False).save(folder / "t.saved")
    files = [folder / f"t.{suffix}" for suffix in ("csv", "parquet", "feather", "json", "sqlite", "duckdb")]
    failing = [folder / "bad.csv", folder / "bad.parquet", folder / "none.csv"]
    return [
        *[lambda path=path: colprofile.profile(path, pairs=False) for path in files],
        lambda: colprofile.profile(frame),
        lambda: colprofile.profile(frame, sample_rows=40, pairs=False),
        lambda: colprofile.drift(folder / "t.saved", frame),
        lambda: colprofile.audit(frame[["a", "b"]]),
        lambda: colprofile.latent_classes(frame, max_classes=2),
        lambda: colprofile.Profile.load(folder / "t.saved").to_terminal(),
        *[lambda path=path: colprofile.profile(path) for path in failing],
    ]


@pytest.mark.usefixtures("usual_garbage_collection")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process holds")
def test_two_hundred_profiles_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    given = works(tmp_path)

    def run(rounds: int) -> None:
        for _ in range(rounds):
            for work in given:
                with contextlib.suppress(ColprofileError):
                    work()

    run(5)
    before = held()
    run(9)
    after = held()
    assert after[1:] == before[1:]
    assert after[0] - before[0] < 6 << 20
