"""Delta and Iceberg tables: the rows that they have now, and never the files that lie in their folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest

from colprofile.sources.files.lakes import lake_kind
from tests.support.opened import reading_of, refusal, rows_of

deltalake = pytest.importorskip("deltalake")


@pytest.fixture(scope="module")
def delta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of which rows were deleted, and which got a column later."""
    folder = tmp_path_factory.mktemp("lake") / "t"
    table = pa.table({"id": [1, 2, 3, 4], "k": ["a", "b", "a", "b"]})
    deltalake.write_deltalake(folder, table, partition_by=["k"])
    deltalake.DeltaTable(folder).delete("id < 3")
    more = pa.table({"id": [9], "k": ["c"], "extra": [1.5]})
    deltalake.write_deltalake(folder, more, mode="append", schema_mode="merge")
    return folder


@pytest.fixture(scope="module")
def iceberg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    memory = pytest.importorskip("pyiceberg.catalog.memory")
    folder = tmp_path_factory.mktemp("warehouse")
    catalog = memory.InMemoryCatalog("catalog", warehouse=str(folder))
    catalog.create_namespace("n")
    table = pa.table({"id": [1, 2, 3, 4]})
    made = catalog.create_table("n.t", table.schema)
    made.append(table)
    made.delete("id < 3")
    return folder / "n" / "t"


def test_a_delta_table(delta: Path) -> None:
    rows = sorted(rows_of(delta), key=lambda row: row["id"])
    assert rows == [
        {"id": 3, "k": "a", "extra": None},
        {"id": 4, "k": "b", "extra": None},
        {"id": 9, "k": "c", "extra": 1.5},
    ]
    assert rows_of(delta, where="extra > 1") == rows[2:]
    assert rows_of(delta, query="select max(id) as id from t") == [{"id": 9}]
    assert reading_of(delta).format == "Delta, version 2"
    assert "delimiter= is of no use" in refusal(delta, delimiter=",")


def test_files_of_a_delta_table_are_never_read_as_parquet(delta: Path) -> None:
    files = sorted(map(str, delta.glob("*/*.parquet")))
    for source in (files, files[0], f"{delta}/*/*.parquet", f"{delta}/**", delta / "k=a", delta / "k=a" / "*"):
        line = refusal(source if isinstance(source, list) else str(source))
        assert f"is part of the Delta table {str(delta)!r}" in line
    assert f"holds tables that have a folder each: name one, such as {delta.name!r}" in refusal(str(delta.parent))
    assert "is one table of kind Delta: give it alone" in refusal([str(delta), str(delta)])


def test_an_iceberg_table(iceberg: Path) -> None:
    assert rows_of(iceberg) == [{"id": 3}, {"id": 4}]
    assert reading_of(iceberg).reader == "pyiceberg"
    assert "is part of the Iceberg table" in refusal(f"{iceberg}/data/*.parquet")


def test_a_damaged_table_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    assert "cannot read the Delta table" in refusal(tmp_path)
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "00000-x.metadata.json").write_text("{}")
    (tmp_path / "_delta_log").rmdir()
    assert "cannot read the Iceberg table" in refusal(tmp_path)


def test_tables_without_their_library(delta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)
    monkeypatch.setitem(sys.modules, "pyiceberg.table", None)
    assert "reading Delta tables needs an optional package" in refusal(delta)
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "v1.metadata.json").write_text("{}")
    assert "pip install 'colprofile[iceberg]'" in refusal(tmp_path)


def test_kinds_of_tables(tmp_path: Path) -> None:
    assert lake_kind(tmp_path) is None
    (tmp_path / ".hoodie").mkdir()
    assert lake_kind(tmp_path) == "Hudi"
    assert "is a Hudi table, which is not read" in refusal(tmp_path)
