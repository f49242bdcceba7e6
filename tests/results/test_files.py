"""Files of results: whole or not at all, never over what was read or other data, in Python as on the command line."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ResultError
from colprofile.results.base import Result
from colprofile.results.files import write_atomically
from tests.golden.make_saved import FOLDER


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.json"
    pd.DataFrame({"zip": [1, 1, 2, 3] * 30, "city": ["a", "a", "b", "c"] * 30}).to_json(path, orient="records")
    return path


@pytest.mark.parametrize("verb", ["profile", "audit", "latent_classes", "drift"])
@pytest.mark.parametrize("way", ["save", "to_html"])
def test_a_result_does_not_replace_its_source(verb: str, way: str, table: Path) -> None:
    before = table.read_bytes()
    sources = [table, table] if verb == "drift" else [table]
    result: Result = getattr(colprofile, verb)(*sources)
    link = table.with_name("link.json")
    link.symlink_to(table)
    for path in (table, str(table), table.parent / "." / "t.json", link):
        with pytest.raises(ResultError, match=r"cannot write '.*\.json': it is the input; name another file"):
            getattr(result, way)(path)
    assert table.read_bytes() == before
    getattr(result, way)(table.with_name("other"))


def test_both_sides_of_a_drift_are_inputs(table: Path) -> None:
    other = table.with_name("fresh.json")
    other.write_bytes(table.read_bytes())
    drift = colprofile.drift(table, other)
    for path in (table, other):
        with pytest.raises(ResultError, match="it is the input"):
            drift.save(path)


def test_the_first_of_several_files_is_an_input(table: Path) -> None:
    other = table.with_name("u.json")
    other.write_bytes(table.read_bytes())
    with pytest.raises(ResultError, match="it is the input"):
        colprofile.profile([table, other]).save(table)


def test_a_profile_can_be_saved_where_it_was_loaded_from(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    profile = colprofile.Profile.load(FOLDER / "profile.json")
    profile.save(path)
    colprofile.Profile.load(path).save(path)
    assert colprofile.Profile.load(path) == profile


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"x" * 9, b"PAR1....", b"\0" * 8 + b"DUCK", b"ARROW1\0\0"])
def test_data_is_never_replaced(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.html"
    path.write_bytes(content)
    with pytest.raises(ResultError, match=r"it is an? .* which is never replaced; name another file"):
        colprofile.Profile.load(FOLDER / "profile.json").to_html(path)
    assert path.read_bytes() == content


def test_a_database_that_is_open_elsewhere_is_known_too(tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select 1 as a; checkpoint")
        with pytest.raises(ResultError, match="it is a DuckDB database"):
            write_atomically(path, "text")


def test_a_link_is_followed_and_permissions_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_atomically(pipe, "text")
    reader.join(10)
    assert read == ["text"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write_atomically("/dev/null", "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_write_that_ends_early_leaves_nothing(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    path = tmp_path / "out"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((KeyboardInterrupt, ResultError)):
        write_atomically(path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("out", "old")]
