"""Names that are odd: of columns in files that other programs wrote, and of files, in every message and output."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.errors import SourceError
from colprofile.results.base import Result
from tests.support.command_line import run
from tests.support.mutations import use
from tests.support.opened import refusal, rows_of

SEVEN = "seven77"
"""A name that is patched in the bytes of a file: no library writes those that these tests are about."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_ipc(table: pa.Table, path: str) -> None:
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def write_avro(table: pa.Table, path: str) -> None:
    fields = [
        {"name": name, "type": "string" if kind == pa.string() else "long"}
        for name, kind in zip(table.schema.names, table.schema.types, strict=True)
    ]
    with open(path, "wb") as file:
        fastavro.writer(
            file, fastavro.parse_schema({"type": "record", "name": "r", "fields": fields}), table.to_pylist()
        )


WRITERS: dict[str, Callable[[Any, str], None]] = {
    ".arrow": write_ipc,
    ".feather": lambda table, path: feather.write_feather(table, path, compression="uncompressed"),
    ".orc": lambda table, path: orc.write_table(table, path, compression="uncompressed"),
    ".parquet": lambda table, path: pq.write_table(table, path, compression="none", store_schema=False),
    ".avro": write_avro,
}


def written(suffix: str, table: pa.Table, old: bytes = b"", new: bytes = b"") -> str:
    """A file of a table in which some bytes are replaced by as many others."""
    path = f"t{suffix}"
    WRITERS[suffix](table, path)
    content = Path(path).read_bytes()
    assert old in content
    assert len(old) == len(new)
    Path(path).write_bytes(content.replace(old, new))
    return path


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_column_whose_name_is_not_utf8(suffix: str) -> None:
    path = written(suffix, pa.table({SEVEN: [1, 2], "b": [1, 1]}), b"seven77", b"sev\xff\xfe77")
    message = refusal(path)
    assert repr(path) in message
    assert r"sev\\xff\\xfe77" in message


@pytest.mark.parametrize("suffix", [".arrow", ".feather", ".parquet"])
def test_a_member_whose_name_is_not_utf8(suffix: str) -> None:
    path = written(suffix, pa.table({"a": [{"m": {SEVEN: 1}}], "b": [1]}), b"seven77", b"sev\xff\xfe77")
    assert r"sev\\xff\\xfe77" in refusal(path)


@pytest.mark.parametrize("suffix", [".arrow", ".feather", ".parquet"])
def test_names_that_sql_does_not_tell_apart_or_has_not(suffix: str) -> None:
    names = ["", "a", "A", "n\0l", "L" * 1_000_000, 'q"uo;te\n']
    path = written(suffix, pa.table([[1, 2]] * len(names), names=names))
    profile = colprofile.profile(path, pairs=False)
    assert list(profile.names) == names
    assert profile["n\0l"].distinct == 2
    use(profile, is_thorough=False)


@pytest.mark.parametrize("suffix", [".arrow", ".parquet"])
def test_names_that_repeat(suffix: str) -> None:
    path = written(suffix, pa.table([[1, 2], [1, 1], [3, 3]], names=["a", "a", ""]))
    profile = colprofile.profile(path)
    assert [(column.name, column.distinct) for column in profile.columns] == [("a", 2), ("a", 1), ("", 1)]
    use(profile, is_thorough=False)


def test_a_header_that_is_odd() -> None:
    Path("t.csv").write_bytes(b"a,na\0me,a,,na\xff\xfeme," + b"L" * 1_000_000 + b"\n1,2,3,4,5,6\n1,3,4,5,6,7\n")
    profile = colprofile.profile("t.csv", pairs=False)
    assert profile.names == ("a", "na\0me", "a", "", "naÿþme", "L" * 1_000_000)
    assert profile.rows == 2
    use(profile, is_thorough=False)


DATABASES = ["run:2024.duckdb", "~.duckdb", "file:x.duckdb", "a*b.duckdb", "https:x.db", "new\nline.db", 'it\'s "q".db']


@pytest.mark.parametrize("name", DATABASES)
def test_databases_of_odd_names_are_read(name: str) -> None:
    with duckdb.connect("plain.duckdb") as connection:
        connection.execute("create table t as select 5 as a")
    os.rename("plain.duckdb", name)
    assert rows_of(name) == [{"a": 5}]


@pytest.mark.parametrize("name", ["back\\slash.duckdb", os.fsdecode(b"no-utf8-\xff.duckdb")])
def test_databases_of_names_that_duckdb_takes_for_others(name: str) -> None:
    duckdb.connect("plain.duckdb").close()
    os.rename("plain.duckdb", name)
    assert refusal(name).endswith(": rename the file")


@pytest.mark.parametrize("name", [*DATABASES, "back\\slash.db", "a?b#c%41.db", os.fsdecode(b"no-utf8-\xff.db")])
def test_sqlite_files_of_odd_names_are_read(name: str) -> None:
    with sqlite3.connect("plain.sqlite") as connection:
        connection.execute("create table t as select 5 as a")
    connection.close()
    os.rename("plain.sqlite", name)
    with colprofile_source(name) as rows:
        assert rows == 1


class colprofile_source:
    """The number of rows of the only table of a source."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> int:
        return colprofile.profile(self.name, pairs=False, quality=False).rows

    def __exit__(self, *exception: object) -> None:
        return None


@pytest.mark.parametrize(
    "name",
    [os.fsdecode(b"no-utf8-\xff.csv"), "new\nline.csv", "\x1b[31m.csv", "-x.csv", "</script>.csv".replace("/", "")],
)
def test_every_output_of_a_file_of_an_odd_name(name: str) -> None:
    Path(name).write_text("a,b\n1,x\n2,y\n1,x\n")
    outputs = ["--html", f"{name}.html", "--markdown", f"{name}.md", "--save", f"{name}.json"]
    for verb in (["profile"], ["audit"], ["latent"]):
        done = run(*verb, *outputs, "--", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert "\x1b[31m" not in done.stdout
        result = Result.load(f"{name}.json")
        use(result, is_thorough=False)
        assert Path(f"{name}.html").read_text("utf-8").startswith("<!doctype html>")
        assert Path(f"{name}.md").read_text("utf-8")
    done = run("drift", "--", name, name)
    assert (done.returncode, done.stderr) == (0, "")
    done = run("profile", "--", f"{name}.none")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    with pytest.raises(SourceError):
        colprofile.profile(Path(f"{name}.none"))
