"""Arrow IPC, Feather and ORC files, and Parquet files of odd kinds: read whole, or refused in one line."""

from __future__ import annotations

import datetime as dt
import gzip
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceError
from colprofile.sources.files.arrow_columns import arrow_columns, empty_array, unique_names
from tests.support.opened_files import opened

TABLE = pa.table(
    {"i": [1, None, 3], "s": ["a", "b", None], "o": [{"x": 1, "y": {"z": "q"}}, None, {"x": 2, "y": None}]}
)
FLAT = [(1, "a", 1, "q"), (None, "b", None, None), (3, None, 2, None)]


def write_ipc(table: pa.Table, path: Path, is_stream: bool = False) -> Path:
    new = pa.ipc.new_stream if is_stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return path


WRITERS: dict[str, Callable[[pa.Table, Path], object]] = {
    "t.arrow": write_ipc,
    "t.arrows": lambda table, path: write_ipc(table, path, is_stream=True),
    "t.feather": lambda table, path: feather.write_feather(table, str(path), compression="zstd"),
    "t.orc": lambda table, path: orc.write_table(table, str(path)),
    "t.parquet": lambda table, path: pq.write_table(table, path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_files_come_back_in_order_and_flatten(name: str, tmp_path: Path) -> None:
    WRITERS[name](TABLE, tmp_path / name)
    found = opened(tmp_path / name)
    assert [tuple(row) for row in found.rows] == [tuple(row.values()) for row in TABLE.to_pylist()]
    assert found.reading.reader == ("DuckDB" if name == "t.parquet" else "pyarrow")
    assert not found.reading.remarks
    flat = opened(tmp_path / name, flatten=True)
    assert (flat.names, flat.rows) == (["i", "s", "o.x", "o.y.z"], FLAT)
    assert opened(tmp_path / name, flatten=1).names == ["i", "s", "o.x", "o.y"]
    with pytest.raises(ArgumentError, match="flatten="):
        opened(tmp_path / name, flatten=0)


def test_feather_1_is_read(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        feather.write_feather(TABLE.select(["i", "s"]), str(tmp_path / "t.feather"), version=1)
    assert opened(tmp_path / "t.feather").rows == [row[:2] for row in FLAT]


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    content = write_ipc(TABLE, tmp_path / "t.arrow").read_bytes()
    (tmp_path / "u.arrow.gz").write_bytes(gzip.compress(content))
    assert len(opened(tmp_path / "u.arrow.gz").rows) == 3


def test_files_with_other_columns_are_one_table_by_name(tmp_path: Path) -> None:
    first = write_ipc(pa.table({"i": [1], "s": ["a"]}), tmp_path / "a.arrow")
    second = write_ipc(pa.table({"x": [True], "i": [1.5]}), tmp_path / "b.arrow", is_stream=True)
    found = opened([first, second])
    assert (found.names, found.rows) == (["i", "s", "x"], [(1.0, "a", None), (1.5, None, True)])
    other = write_ipc(pa.table({"i": ["text"]}), tmp_path / "c.arrow")
    with pytest.raises(SourceError, match="does not go with"):
        opened([first, other])
    twice = write_ipc(pa.Table.from_arrays([pa.array([1])] * 2, names=["i", "i"]), tmp_path / "d.arrow")
    with pytest.raises(SourceError, match="two columns of one name"):
        opened([first, twice])


@pytest.mark.parametrize("name", ["t.arrow", "t.arrows"])
def test_one_column_never_stops_the_others(name: str, tmp_path: Path) -> None:
    bad_text = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(np.array([0, 2, 3], np.int32).tobytes()), pa.py_buffer(b"\xff\xfea")]
    )
    dense = pa.UnionArray.from_dense(
        pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["a"])], ["n", "t"]
    )
    table = pa.Table.from_arrays(
        [
            pa.array([1.5, None], pa.float16()),
            pa.array([Decimal("1.50"), None], pa.decimal256(50, 2)),
            pa.array([Decimal("1.50"), None], pa.decimal256(20, 2)),
            pa.array([1, 2], pa.duration("ns")),
            pa.array(["x", None]).dictionary_encode(),
            pa.RunEndEncodedArray.from_arrays([2], ["r"]),
            pa.array([[1], None], pa.list_view(pa.int64())),
            bad_text,
            dense,
            pa.array([1, 2]),
            pa.array([3, 4]),
        ],
        names=["half", "wide", "narrow", "ns", "dict", "runs", "view", "text", "union", "", "HALF"],
    )
    WRITERS[name](table, tmp_path / name)
    found = opened(tmp_path / name)
    assert dict(zip(found.names, zip(*found.rows, strict=True), strict=True)) == {
        "half": (1.5, None),
        "wide": ("1.50", None),
        "narrow": (Decimal("1.50"), None),
        "dict": ("x", None),
        "runs": ("r", "r"),
        "view": ([1], None),
        "text": ("\\xff\\xfe", "a"),
        "union": (1, "a"),
        "": (1, 2),
        "HALF": (3, 4),
    }
    assert list(found.skipped) == ["ns"]
    assert "would lose data" in found.skipped["ns"]
    assert "'text' has texts that are not UTF-8" in found.remarks
    assert "'wide' has decimals of 50 digits: they are read as text." in found.remarks
    made = colprofile.profile(tmp_path / name, pairs=False)
    assert [column.name for column in made.skipped] == ["ns"]


def test_columns_keep_their_places() -> None:
    schema = pa.schema([("a", pa.int64()), ("A", pa.float16()), ("", pa.string())])
    with duckdb.connect() as connection:
        found = arrow_columns(schema, connection)
    assert [getattr(column, "sql_name", None) for column in found] == ["a", "A_2", "column"]
    assert unique_names(["column", "", "COLUMN_2"]) == ["column", "column_3", "COLUMN_2"]


@pytest.mark.parametrize("mode", ["sparse", "dense"])
def test_an_empty_union_is_made(mode: str) -> None:
    kind = pa.union([pa.field("a", pa.int64()), pa.field("b", pa.string())], mode)
    assert (empty_array(kind).type, len(empty_array(kind))) == (kind, 0)


@pytest.mark.parametrize(
    ("name", "cut", "words"),
    [
        ("t.arrow", 100, "its end is missing"),
        ("t.arrows", 300, "cannot read"),
        ("t.orc", 20, "cannot read"),
        ("t.parquet", 60, "damaged or cut off"),
    ],
)
def test_a_file_that_is_cut_off_gives_one_line(name: str, cut: int, words: str, tmp_path: Path) -> None:
    WRITERS[name](TABLE, tmp_path / name)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-cut])
    with pytest.raises(SourceError, match=words) as caught:
        opened(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["t.arrow", "t.parquet"])
def test_no_rows_and_no_columns(name: str, tmp_path: Path) -> None:
    WRITERS[name](TABLE.slice(0, 0), tmp_path / name)
    assert opened(tmp_path / name).rows == []
    WRITERS[name](pa.table({}), tmp_path / name)
    with pytest.raises(SourceError, match="has no columns"):
        opened(tmp_path / name)


class TestParquet:
    def read(self, values: Any, folder: Path, **more: Any) -> Any:
        pq.write_table(pa.table({"a": values, **more}), folder / "t.parquet")
        return opened(folder / "t.parquet")

    def test_wide_decimals_are_not_made_floats(self, tmp_path: Path) -> None:
        values = [Decimal("12345678901234567890123456789012345678901.25"), None]
        found = self.read(pa.array(values, pa.decimal256(50, 2)), tmp_path, b=[1, 2])
        assert (found.types, found.rows) == (["VARCHAR", "BIGINT"], [(str(values[0]), 1), (None, 2)])
        narrow = self.read(pa.array([Decimal("1.5")], pa.decimal256(20, 2)), tmp_path)
        assert (narrow.types, narrow.rows) == (["DECIMAL(20,2)"], [(Decimal("1.50"),)])

    def test_wide_decimals_in_a_hive_tree_keep_its_columns(self, tmp_path: Path) -> None:
        (tmp_path / "y=1").mkdir()
        pq.write_table(
            pa.table({"a": pa.array([Decimal("1.5")], pa.decimal256(50, 2))}), tmp_path / "y=1" / "t.parquet"
        )
        found = opened(tmp_path)
        assert dict(zip(found.names, found.rows[0], strict=True)) == {"a": "1.50", "y": 1}

    def test_durations_are_said_to_be_numbers(self, tmp_path: Path) -> None:
        found = self.read(pa.array([dt.timedelta(seconds=2)], pa.duration("ms")), tmp_path)
        assert (found.rows, found.remarks) == ([(2000,)], "'a' has durations: they are read as whole numbers, in ms.")

    def test_moments_in_nanoseconds_are_temporal(self, tmp_path: Path) -> None:
        self.read(pa.array([1, 2], pa.timestamp("ns", "UTC")), tmp_path)
        [column] = colprofile.profile(tmp_path / "t.parquet").columns
        assert (column.type, column.kind, column.distinct) == ("TIMESTAMPTZ_NS", "temporal", 2)

    def test_a_name_in_no_utf_8_is_named(self, tmp_path: Path) -> None:
        self.read([1], tmp_path, marker=[2])
        path = tmp_path / "t.parquet"
        path.write_bytes(path.read_bytes().replace(b"marker", b"m\xff\xfekey"))
        with pytest.raises(SourceError, match=r"name is not UTF-8, .m.*xff.*xfekey"):
            opened(path)
