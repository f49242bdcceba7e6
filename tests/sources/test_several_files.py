"""Several files as one table: all of their columns and values, and what differs is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from tests.support.opened import reading_of, refusal, rows_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, **columns: list[Any]) -> str:
    pq.write_table(pa.table(columns), "written.tmp")
    shutil.move("written.tmp", name)
    return name


def test_a_column_that_only_a_later_file_has() -> None:
    files = [write("1.parquet", a=[1]), write("2.parquet", a=[2], b=["x"])]
    assert rows_of(files) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert reading_of(files).remarks == ("'b' is in 1 of 2 files only, '2.parquet': NULL in the others.",)


def test_integers_and_decimals_are_read_as_decimals() -> None:
    """DuckDB alone reads 1.5 as the 2 of the first file's type."""
    files = [write("1.parquet", a=[1]), write("2.parquet", a=[1.5])]
    assert [row["a"] for row in rows_of(files)] == [1.0, 1.5]
    assert reading_of(files).remarks == ("'a' is BIGINT in '1.parquet' and DOUBLE in '2.parquet': read as DOUBLE.",)


def test_numbers_and_text_are_read_as_text() -> None:
    files = [write("1.parquet", a=[1]), write("2.parquet", a=["x"]), write("3.parquet", a=["y"])]
    assert [row["a"] for row in rows_of(files)] == ["1", "x", "y"]
    assert reading_of(files).remarks == ("'a' is BIGINT in '1.parquet' and VARCHAR in 2 files: read as VARCHAR.",)


def test_columns_in_another_order_or_case_are_the_same() -> None:
    files = [write("1.parquet", a=[1], b=[2]), write("2.parquet", B=[4], a=[3])]
    assert rows_of(files) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    assert reading_of(files).remarks == ()


def test_files_that_arrow_reads() -> None:
    for name, columns in [("1.feather", {"a": [1]}), ("2.feather", {"a": [1.5], "b": ["x"]})]:
        feather.write_feather(pa.table(columns), name)
    files = ["1.feather", "2.feather"]
    assert rows_of(files) == [{"a": 1.0, "b": None}, {"a": 1.5, "b": "x"}]
    assert reading_of(files).remarks == (
        "'a' is int64 in '1.feather' and double in '2.feather': read as double.",
        "'b' is in 1 of 2 files only, '2.feather': NULL in the others.",
    )


def test_many_differences_are_counted() -> None:
    files = [write("1.parquet", a=[1]), write("2.parquet", a=[1], **{f"c{i}": [i] for i in range(9)})]
    remarks = reading_of(files).remarks
    assert len(remarks) == 6
    assert remarks[-1] == "4 more columns differ between files."


def test_files_without_a_common_column_are_different_tables() -> None:
    files = [write("1.parquet", a=[1]), write("2.parquet", b=[1])]
    assert refusal(files).startswith("'1.parquet' and '2.parquet' have no column in common: they are different tables")


@pytest.mark.parametrize(
    "name",
    [
        "run:2024-01-01.parquet",
        "a*b.parquet",
        "a?[b]{c,d}.parquet",
        "sp ace.parquet",
        "~x.parquet",
        "new\nline.parquet",
        "tab\t.parquet",
        b"no-utf8-\xff.parquet".decode("utf-8", "surrogateescape"),
        "q'uo\"te.parquet",
        "back\\slash.parquet",
        "x=1.parquet",
        "日本.parquet",
    ],
)
def test_names_of_files_are_taken_as_they_are(name: str) -> None:
    write(name, a=[5])
    write("aXb.parquet", a=[6])
    assert rows_of(name) == [{"a": 5}]
    assert rows_of([name, "aXb.parquet"]) == [{"a": 5}, {"a": 6}]
    assert reading_of(name).paths == (name,)


def test_a_pattern_is_one_where_no_file_has_that_name() -> None:
    write("a1.parquet", a=[1])
    write("a2.parquet", a=[2])
    assert [row["a"] for row in rows_of("a*.parquet")] == [1, 2]
    write("a*.parquet", a=[3])
    assert [row["a"] for row in rows_of("a*.parquet")] == [3]


def test_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    write("t.parquet", a=[1])
    assert rows_of("~/t.parquet") == [{"a": 1}]
    assert rows_of((folder / "t.parquet").as_uri()) == [{"a": 1}]


def test_a_file_that_is_given_twice_is_said() -> None:
    write("a1.parquet", a=[1])
    write("a2.parquet", a=[2])
    source = ["a*.parquet", "./a1.parquet"]
    assert [row["a"] for row in rows_of(source)] == [1, 2, 1]
    assert reading_of(source).remarks == ("'a1.parquet' is given more than once, and counted as often.",)


def test_a_database_is_no_part_of_a_list() -> None:
    Path("t.db").write_bytes(b"SQLite format 3\0" + bytes(100))
    assert "'t.db' is a database: give it alone" in refusal([write("1.parquet", a=[1]), "t.db"])


def test_a_saved_result_is_no_data_wherever_it_is() -> None:
    saved = b'{"format": "colprofile.profile", "version": 1}'
    Path("saved.json").write_bytes(saved)
    write("t.parquet", a=[1])
    for source in (["saved.json", "saved.json"], ["saved.json"], ["t.parquet", "saved.json"], "saved.js*", saved):
        assert "is a saved result of colprofile, which has no rows to count" in refusal(source)
