"""Folders and hive trees: all files of one table, and no others."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from colprofile.sources.files import hive
from colprofile.sources.files.hive import partition_types
from colprofile.sources.files.relation import LocalFile
from tests.support.opened import reading_of, refusal, rows_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, /, **columns: list[Any]) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        rows = zip(*columns.values(), strict=True)
        path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    elif path.suffix == ".json":
        path.write_text("\n".join(f'{{"a": {value}}}' for value in columns["a"]))
    else:
        pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "json"])
def test_a_hive_tree_gives_its_columns_in_every_format(suffix: str) -> None:
    write(f"t/year=2023/month=1/x.{suffix}", a=[1])
    write(f"t/year=2024/month=12/x.{suffix}", a=[2])
    write(f"t/year=__HIVE_DEFAULT_PARTITION__/month=2/y.{suffix}", a=[3])
    expected = [
        {"a": 1, "month": 1, "year": 2023},
        {"a": 2, "month": 12, "year": 2024},
        {"a": 3, "month": 2, "year": None},
    ]
    for source in ("t", f"t/*/*/*.{suffix}", "t/year=*", [f"t/{path.name}" for path in sorted(Path("t").iterdir())]):
        assert rows_of(source) == expected
    assert rows_of("t/year=2024") == expected[1:2]


def test_a_tree_of_many_folders_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for year in (2021, 2022, 2023):
        write(f"t/year={year}/x.csv", a=[year, 1], year=[0, 0])
    few = rows_of("t"), reading_of("t")
    monkeypatch.setattr(hive, "MOST_UNITED", 2)
    assert (rows_of("t"), reading_of("t")) == few
    assert [row["a"] for row in few[0]] == [2021, 1, 2022, 1, 2023, 1]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_names_in_a_hive_tree_may_be_anything(suffix: str) -> None:
    write(f"t/the city=S%C3%A3o Paulo/x.{suffix}", a=[1])
    write(f"t/the city=a'b*[c]/x.{suffix}", a=[2])
    assert [row["the city"] for row in rows_of("t")] == ["São Paulo", "a'b*[c]"]


def test_a_column_of_the_folders_goes_before_one_of_the_files() -> None:
    for suffix in ("parquet", "csv"):
        write(f"{suffix}/year=2024/x.{suffix}", a=[1], year=[7])
        assert rows_of(suffix) == [{"a": 1, "year": 2024}]


def test_files_outside_the_folders_of_a_tree_are_said() -> None:
    for suffix in ("parquet", "csv"):
        write(f"{suffix}/x.{suffix}", a=[1])
        write(f"{suffix}/year=2024/x.{suffix}", a=[2])
        assert {row["a"]: row["year"] for row in rows_of(suffix)} == {1: None, 2: 2024}
        assert "1 of 2 files lie outside folders for year: NULL there." in reading_of(suffix).remarks


TYPED: list[tuple[list[str], Any]] = [
    (["1", "2"], "BIGINT"),
    (["0"], "BIGINT"),
    (["-5", "3"], "BIGINT"),
    (["9223372036854775807"], "BIGINT"),
    (["99999999999999999999"], "VARCHAR"),
    (["01", "2"], "VARCHAR"),
    (["+5"], "VARCHAR"),
    (["1.5"], "VARCHAR"),
    (["true"], "VARCHAR"),
    (["2024-01-01", "2024-1-31"], "DATE"),
    (["2024-13-01"], "VARCHAR"),
    (["2024-01-01", "x"], "VARCHAR"),
    (["2024-01-01 10:00:00"], "TIMESTAMP"),
    (["2024-01-01", "2024-01-01 10:00:00"], "VARCHAR"),
    (["__HIVE_DEFAULT_PARTITION__", "5"], "BIGINT"),
    (["__HIVE_DEFAULT_PARTITION__"], "VARCHAR"),
    ([""], "VARCHAR"),
]


@pytest.mark.parametrize(("values", "expected"), TYPED)
def test_columns_of_folders_have_the_types_that_duckdb_gives_them(values: list[str], expected: str) -> None:
    files = [LocalFile(path="", shown="", suffix="", partitions={"k": value}) for value in values]
    assert partition_types(files) == {"k": expected}
    for value in values:
        write(f"t/k={value}/x.parquet", a=[1])
    found = duckdb.connect().sql("select k from read_parquet('t/*/*.parquet')")
    assert [str(kind) for kind in found.types] == [expected]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("inf", "inf"),
        ("epoch", "epoch"),
        (" 1", " 1"),
        ("2024-01-01 10:00:00+02", "2024-01-01 10:00:00+02"),
        ("2024-02-03", date(2024, 2, 3)),
        ("2024-02-03 04:05:06", datetime(2024, 2, 3, 4, 5, 6)),
    ],
)
def test_a_value_of_a_folder_is_only_typed_where_nothing_of_it_is_lost(value: str, read: Any) -> None:
    """DuckDB makes dates of inf and epoch, drops the space and the offset."""
    for suffix in ("parquet", "csv"):
        write(f"{suffix}/k={value}/x.{suffix}", a=[1])
        assert rows_of(suffix) == [{"a": 1, "k": read}]


def test_hidden_files_are_no_data_and_others_are_said() -> None:
    write("t/a.csv", a=[1])
    write("t/_b.csv", a=[9])
    for name in ("ReadMe.txt", "_SUCCESS", ".a.csv.crc", "_metadata", ".hidden.csv", "README.md", "a.csv.md5"):
        Path("t", name).write_text("x")
    write("t/.git/b.csv", a=[9])
    write("t/_temporary/b.csv", a=[9])
    Path("t/up").symlink_to("..")
    assert rows_of("t") == [{"a": 1}]
    assert reading_of("t").remarks == (
        "Left out of 't', which are no files of data by their names: 'up', 'README.md', 'ReadMe.txt' and 1 more.",
    )


def test_files_without_an_ending_are_told_by_their_bytes() -> None:
    Path("t").mkdir()
    for name in ("part-00000", "part-00001"):
        Path("t", name).write_text("a,b\n1,x\n")
    assert rows_of("t") == [{"a": 1, "b": "x"}] * 2


def test_pipes_and_links_to_folders_are_not_waited_for() -> None:
    Path("t").mkdir()
    os.mkfifo("t/a.csv")
    Path("t/up").symlink_to("..")
    assert refusal("t") == "the folder 't' has no file that can be read; it holds 'up', 'a.csv'"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["a.csv", "b.parquet"], "holds files of several formats, 1 CSV ('a.csv') and 1 Parquet ('b.parquet')"),
        ([], "the folder 't' has no file that can be read"),
    ],
)
def test_folders_that_are_not_one_table(files: list[str], words: str) -> None:
    Path("t").mkdir()
    for name in files:
        write(f"t/{name}", a=[1])
    assert words in refusal("t")


def test_unrelated_tables_in_a_folder_are_named() -> None:
    for suffix in ("csv", "parquet"):
        write(f"{suffix}/orders.{suffix}", id=[1], customer=[1], amount=[5])
        write(f"{suffix}/customers.{suffix}", key=[1], city=[2], name=[3], customer=[4])
        line = f"{suffix!r} holds several tables, 'customers.{suffix}', 'orders.{suffix}': name the files of one"
        assert line in refusal(suffix)
        assert len(rows_of(f"{suffix}/orders.*")) == 1


def test_files_that_differ_in_numbers_are_parts_of_one_table() -> None:
    write("t/part-00001-4f3c2a1b9d.csv", a=[1])
    write("t/part-00002-aa12bb34cc.csv", a=[2])
    write("t/deep/er/part-00003-0012bb34cc.csv", a=[3])
    assert [row["a"] for row in rows_of("t")] == [1, 2, 3]


def test_many_files(tmp_path: Path) -> None:
    Path("t").mkdir()
    write("one.parquet", a=[1])
    for number in range(200):
        Path(f"t/{number:05}.parquet").hardlink_to("one.parquet")
    assert reading_of("t").files == 200
    assert len(rows_of("t")) == 200
