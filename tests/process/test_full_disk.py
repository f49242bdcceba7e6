"""A disk that is full wherever something is written: one line, and nothing is left."""

from __future__ import annotations

import contextlib
import gzip
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.cli import main
from colprofile.errors import NoRoom, ResultError
from colprofile.room import no_room
from colprofile.verbs.profile.limits import Memory
from tests.support.command_line import run

ROWS = 60_000


@contextlib.contextmanager
def full_disk(size: int = 100_000) -> Iterator[None]:
    """Let no file grow beyond so many bytes: the system refuses to write more, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.integers(0, 1 << 40, ROWS), "b": rng.integers(0, 50, ROWS), "c": ["text"] * ROWS})
    text = frame.to_csv(index=False)
    (folder / "t.csv").write_text(text)
    (folder / "utf16.csv").write_bytes(text.encode("utf-16"))
    (folder / "t.csv.gz").write_bytes(gzip.compress(text.encode(), 1))
    records = frame.head(20_000).to_json(orient="records", lines=True)
    (folder / "t.json").write_bytes(records.encode("utf-16"))
    (folder / "t.ndjson.gz").write_bytes(gzip.compress(records.encode(), 1))
    table = pa.Table.from_pandas(frame)
    with pa.ipc.new_stream(str(folder / "t.arrows"), table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(str(folder / "plain.arrow"), table.schema) as writer:
        writer.write_table(table)
    (folder / "t.arrow.gz").write_bytes(gzip.compress((folder / "plain.arrow").read_bytes(), 1))
    pq.write_table(table, folder / "t.parquet")
    return folder


FILES = ["utf16.csv", "t.csv.gz", "t.json", "t.ndjson.gz", "t.arrows", "t.arrow.gz"]


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_copied_unpacked_or_converted(name: str, data: Path, temporary: Path) -> None:
    with full_disk():
        found = run("profile", str(data / name), "--no-pairs")
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.count("\n") == 1
    assert str(temporary) in found.stderr and "TMPDIR" in found.stderr
    assert list(temporary.iterdir()) == []
    assert run("profile", str(data / name), "--no-pairs").returncode == 0  # there was nothing wrong but the disk


SPILLED = f"select hash(i) % 70000 as a, i % 300 as b from range({8 * ROWS}) r(i)"


@pytest.mark.parametrize("verb", [colprofile.profile, colprofile.audit, colprofile.latent_classes])
def test_codes_that_are_spilled(verb: Callable[..., Any], temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(process=1, counting=200_000, database=None)
    monkeypatch.setattr("colprofile.verbs.profile.session.memory_shares", lambda given: memory)
    with full_disk(), pytest.raises(NoRoom, match=r"^no room for temporary files in .*: free some, or set TMPDIR"):
        verb(duckdb.connect(), SPILLED)
    assert list(temporary.iterdir()) == []


def test_what_duckdb_spills_itself(data: Path, temporary: Path) -> None:
    with full_disk(), pytest.raises(NoRoom):
        colprofile.profile(
            data / "t.parquet",
            query="select list(i order by hash(i)) as l, b from data, range(50) r(i) group by b",
            memory_limit="60MB",
            pairs=False,
        )
    assert list(temporary.iterdir()) == []


def test_frames_that_are_read_into_a_file(temporary: Path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        for _ in range(50):
            yield pa.record_batch({"a": np.arange(2000)})

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with full_disk(), pytest.raises(NoRoom):
        colprofile.profile(reader)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("option", ["--save", "--json", "--html", "--markdown"])
def test_results(option: str, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    with full_disk(200):
        found = run("profile", str(data / "t.parquet"), "--no-pairs", option, str(target))
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == f"colprofile: cannot write {str(target)!r}: File too large\n"
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "temporary"]


def test_a_result_that_is_written_to_a_full_device() -> None:
    profile = colprofile.profile(pd.DataFrame({"a": [1, 2]}))
    for write in (profile.save, profile.to_html):
        with pytest.raises(ResultError, match=r"^cannot write '/dev/full': No space left on device$"):
            write("/dev/full")


def test_no_folder_for_temporary_files_at_all(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def refuse() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    assert main(["profile", str(data / "t.parquet")]) == 2
    error = capsys.readouterr().err
    assert error == "colprofile: there is no folder for temporary files that can be written: set TMPDIR to one\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory is used up"),
        (MemoryError("Unable to allocate 3 GiB"), "memory is used up"),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"), "memory_limit= is too low"),
        (RuntimeError("can't start new thread"), "no more threads"),
        (OSError(11, "Resource temporarily unavailable"), "no more threads"),
        (OSError(28, os.strerror(28)), "no room for temporary files"),
        (OSError(27, os.strerror(27)), "no room for temporary files"),
        (duckdb.IOException("IO Error: Could not write: No space left on device"), "no room for temporary files"),
        (pa.ArrowMemoryError("malloc of size 1 failed"), "memory is used up"),
        (ImportError("x.so: failed to map segment from shared object"), "memory is used up"),
        (OSError("x.so: cannot allocate memory in static TLS block: Cannot allocate memory"), "memory is used up"),
    ],
)
def test_what_is_used_up_is_said(error: Exception, words: str) -> None:
    found = no_room(error)
    assert found is not None and words in str(found)
    outer = ValueError("reading failed")
    outer.__cause__ = error
    assert str(no_room(outer)) == str(found)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("No space left on device"),  # a value may say anything
        duckdb.ConversionException('Could not convert string "No space left on device" to INT32'),
        KeyError("Cannot allocate memory"),
        FileNotFoundError(2, "No such file or directory"),
        PermissionError(13, "Permission denied"),
    ],
)
def test_what_is_not_used_up_is_not_said(error: Exception) -> None:
    assert no_room(error) is None
