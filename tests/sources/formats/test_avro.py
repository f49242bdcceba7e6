"""Avro files: every type, unions, codecs, and what cannot be read."""

from __future__ import annotations

import datetime as dt
import sys
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest

from colprofile.errors import MissingExtra, SourceError
from tests.support.opened_files import opened

ID = uuid.UUID(int=5)
UTC = dt.UTC
NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "x", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
}

CASES: list[tuple[str, Any, list[Any], str, list[Any]]] = [
    ("int", "int", [1, -2], "INTEGER", [1, -2]),
    ("long", ["null", "long"], [2**62, None], "BIGINT", [2**62, None]),
    ("float", "float", [0.5, 1.5], "FLOAT", [0.5, 1.5]),
    ("boolean", "boolean", [True, False], "BOOLEAN", [True, False]),
    ("bytes", "bytes", [b"\xff", b""], "BLOB", [b"\xff", b""]),
    ("numbers", ["int", "double"], [1, 2.5], "DOUBLE", [1.0, 2.5]),
    ("mixed", ["null", "string", "long"], ["5", 5], "VARCHAR", ['"5"', "5"]),
    ("null", "null", [None, None], "NULL", [None, None]),
    ("date", {"type": "int", "logicalType": "date"}, [dt.date(2020, 1, 1)] * 2, "DATE", [dt.date(2020, 1, 1)] * 2),
    ("time", {"type": "int", "logicalType": "time-millis"}, [dt.time(1, 2)] * 2, "TIME", [dt.time(1, 2)] * 2),
    (
        "local",
        {"type": "long", "logicalType": "local-timestamp-micros"},
        [dt.datetime(2020, 1, 1)] * 2,
        "TIMESTAMP",
        [dt.datetime(2020, 1, 1)] * 2,
    ),
    (
        "decimal",
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        [Decimal("1.50")] * 2,
        "DECIMAL(9,2)",
        [Decimal("1.50")] * 2,
    ),
    (
        "wide",
        ["null", {"type": "bytes", "logicalType": "decimal", "precision": 50, "scale": 1}],
        [Decimal("1.5"), None],
        "VARCHAR",
        ["1.5", None],
    ),
    ("uuid", {"type": "string", "logicalType": "uuid"}, [ID, ID], "VARCHAR", [str(ID)] * 2),
    ("enum", {"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["A", "B"], "VARCHAR", ["A", "B"]),
    ("fixed", {"type": "fixed", "name": "F", "size": 2}, [b"ab", b"cd"], "BLOB", [b"ab", b"cd"]),
    ("array", {"type": "array", "items": ["null", "int"]}, [[1, None], []], "INTEGER[]", [[1, None], []]),
    ("map", {"type": "map", "values": "long"}, [{"k": 1}, {}], "MAP(VARCHAR, BIGINT)", [{"k": 1}, {}]),
    (
        "recursive",
        NODE,
        [{"x": 1, "next": {"x": 2, "next": None}}, {"x": 3, "next": None}],
        'STRUCT(x INTEGER, "next" VARCHAR)',
        [{"x": 1, "next": '{"next": null, "x": 2}'}, {"x": 3, "next": None}],
    ),
]


def write(path: Path, kind: Any, values: list[Any], codec: str = "null") -> Path:
    schema = {"type": "record", "name": "R", "namespace": "ns", "fields": [{"name": "a", "type": kind}]}
    with open(path, "wb") as file:
        fastavro.writer(file, schema, [{"a": value} for value in values], codec=codec)
    return path


@pytest.mark.parametrize(
    ("kind", "given", "sql", "values"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_every_type(kind: Any, given: list[Any], sql: str, values: list[Any], tmp_path: Path) -> None:
    found = opened(write(tmp_path / "t.avro", kind, given))
    assert (found.names, found.types, [row[0] for row in found.rows]) == (["a"], [sql], values)
    assert ("of several types" in found.remarks) == (given == ["5", 5])


def test_moments_are_in_utc(tmp_path: Path) -> None:
    kind = {"type": "long", "logicalType": "timestamp-millis"}
    found = opened(write(tmp_path / "t.avro", kind, [dt.datetime(2020, 1, 1, tzinfo=UTC)]))
    assert (found.types, found.rows[0][0].timestamp()) == (["TIMESTAMP WITH TIME ZONE"], 1577836800)


def test_records_flatten(tmp_path: Path) -> None:
    found = opened(write(tmp_path / "t.avro", NODE, [{"x": 1, "next": None}]), flatten=True)
    assert (found.names, found.rows) == (["a.x", "a.next"], [(1, None)])


@pytest.mark.parametrize("codec", ["deflate", "snappy", "zstandard", "bzip2"])
def test_codecs_and_many_batches(codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colprofile.sources.files.avro._BATCH_CELLS", 1)
    found = opened(write(tmp_path / "t.avro", "int", list(range(2_500)), codec))
    assert [row[0] for row in found.rows] == list(range(2_500))


def test_a_file_of_bare_values(tmp_path: Path) -> None:
    with open(tmp_path / "t.avro", "wb") as file:
        fastavro.writer(file, "long", [1, 2])
    found = opened(tmp_path / "t.avro")
    assert (found.names, found.rows) == (["value"], [(1,), (2,)])


@pytest.mark.parametrize(("cut", "words"), [(50, "is cut off"), (9_000, "cannot read header")])
def test_a_file_that_is_cut_off_gives_one_line(cut: int, words: str, tmp_path: Path) -> None:
    path = write(tmp_path / "t.avro", "string", ["abcdefgh"] * 1_000)
    path.write_bytes(path.read_bytes()[:-cut] if cut < 1_000 else path.read_bytes()[:40])
    with pytest.raises(SourceError, match=words):
        opened(path)


def test_no_rows(tmp_path: Path) -> None:
    assert opened(write(tmp_path / "t.avro", "int", [])).rows == []


@pytest.mark.parametrize(
    ("module", "name", "content", "extra"),
    [
        ("fastavro", "t.avro", b"Obj\x01" + bytes(50), "avro"),
        ("python_calamine", "t.ods", None, "excel"),
        ("pyreadstat", "t.sav", b"$FL2@(#) SPSS", "stat"),
        ("pyreadstat", "t.dta", b"<stata_dta>", "stat"),
    ],
)
def test_a_library_that_is_missing_is_named(
    module: str, name: str, content: bytes | None, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is None:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    else:
        (tmp_path / name).write_bytes(content)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'colprofile\[{extra}\]'"):
        opened(tmp_path / name)
