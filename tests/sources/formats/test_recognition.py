"""What a file is by its bytes: the reader follows them, and what is no data gets one line that says what it is."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from colprofile.errors import SourceError
from colprofile.sources.files.content import Content, content_of
from colprofile.sources.files.formats import FORMATS, allowed_suffixes, common_format, format_of, formats_table
from colprofile.sources.files.relation import LocalFile
from tests.support.opened_files import opened

TABLE = pa.table({"a": [1, 2]})


def file(path: Path, content: bytes) -> LocalFile:
    path.write_bytes(content)
    return LocalFile(path=str(path), shown=path.name, suffix=path.suffix)


def packed(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def ipc(is_stream: bool) -> bytes:
    stream = io.BytesIO()
    with (pa.ipc.new_stream if is_stream else pa.ipc.new_file)(stream, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return stream.getvalue()


def written(write: Callable[[pa.Table, io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(TABLE, stream)
    return stream.getvalue()


PARQUET = written(pq.write_table)
SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(100)
ODS = ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")

READABLE = [
    ("Parquet", PARQUET),
    ("Arrow", ipc(is_stream=False)),
    ("Arrow", ipc(is_stream=True)),
    ("Arrow", written(feather.write_feather)),
    ("ORC", written(orc.write_table)),
    ("Avro", b"Obj\x01" + bytes(20)),
    ("Excel", packed(("xl/workbook.xml", b"<x/>"))),
    ("Excel", packed(("xl/workbook.bin", b"x"))),
    ("Excel", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "Workbook".encode("utf-16-le")),
    ("OpenDocument", packed(ODS)),
    ("SAS", SAS),
    ("SAS", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 30),
    ("Stata", b"<stata_dta><header><release>118</release>"),
    ("Stata", b"r\x02\x01\x00" + bytes(200)),
    ("SPSS", b"$FL2@(#) SPSS DATA FILE"),
    ("SPSS", b"$FL3@(#) SPSS DATA FILE"),
    ("SPSS", b"0" * 40 + b"ASCII SPSS PORT FILE      "),
    ("JSON", b'{"a": 1}\n'),
    ("JSON", b'\xef\xbb\xbf [\n {"a": 1}]'),
    ("JSON", '[{"a": 1}]'.encode("utf-16")),
    ("JSON", b"[1, 2]"),
    ("JSON", b"[]"),
]

UNREADABLE = [
    (b"\x89HDF\r\n\x1a\n", "HDF5.*pandas.read_hdf"),
    (b"CDF\x01", "netCDF.*xarray"),
    (b"RDX3\nX\n", r"R workspace \(.RData\).*write_parquet"),
    (gzip.compress(b"RDX3\nX\n"), "R workspace"),
    (b"%PDF-1.7", "PDF document, not data"),
    (b"\x89PNG\r\n\x1a\n", "PNG image, not data"),
    (b"\xff\xd8\xff\xe0", "JPEG image"),
    (b"PARE", "encrypted footer"),
    (b"<!DOCTYPE html><html>", "HTML page, not data: open its address"),
    (b"\n\n<html lang='en'>", "HTML page"),
    (b"<?xml version='1.0'?><a/>", "XML document"),
    (b"-- MySQL dump 10.13\n", "dump of SQL"),
    (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", "dump of SQL"),
    (b"PGDMP\x01", "dump of a PostgreSQL database"),
    (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer.*git lfs pull"),
    (b"\x93NUMPY\x01", "numpy array"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (bytes(257) + b"ustar", "tar archive"),
    (packed(("word/document.xml", b"x")), "text document"),
    (packed(ODS)[:40], "ZIP archive, or a workbook, that is damaged"),
    (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "workbook with a password",
    ),
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "WordDocument".encode("utf-16-le"), "Word document"),
]

PLAIN_TEXTS = [
    b"a,b\n1,2\n",
    b"[id],[name]\n1,2\n",
    b"{id},name\n1,2\n",
    b"<5,>7\n1,2\n",
    b"ORC,b\n1,2\n",
    "a;é\n1;2\n".encode("cp1252"),
    "a,b\n1,2\n".encode("utf-16"),
    b"\x1b[31mred\n",
]


@pytest.mark.parametrize(("name", "content"), READABLE, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("suffix", ["", ".csv", ".dat"])
def test_content_tells_the_format_whatever_the_ending(name: str, content: bytes, suffix: str, tmp_path: Path) -> None:
    assert format_of(file(tmp_path / f"t{suffix}", content)).name == name


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_content_is_seen_through_compression(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert format_of(file(tmp_path / "t", compress(PARQUET))).name == "Parquet"


@pytest.mark.parametrize(("content", "words"), UNREADABLE, ids=[words for _, words in UNREADABLE])
def test_what_is_no_data_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"'t.csv' is an? .*{words}") as caught:
        format_of(file(tmp_path / "t.csv", content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", PLAIN_TEXTS)
def test_text_is_text(content: bytes, tmp_path: Path) -> None:
    assert content_of(file(tmp_path / "t", content).path) == Content(is_text=True)
    for suffix in ("", ".csv", ".dat"):
        assert format_of(file(tmp_path / f"t{suffix}", content)).name == "CSV"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.parquet", b"a,b\n1,2\n", "ending of Parquet but holds text"),
        ("t.xlsx", b"", "ending of Excel but is empty"),
        ("t.sav", b"\0\1\2\3", "ending of SPSS but begins with other bytes"),
    ],
)
def test_an_ending_that_the_content_denies_is_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=words):
        format_of(file(tmp_path / name, content))


def test_an_unknown_format_names_every_ending_that_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unknown format") as caught:
        format_of(file(tmp_path / "t.xyz", b"\0\1\2"))
    assert all(suffix in str(caught.value) for found in FORMATS for suffix in found.suffixes)


def test_files_of_two_formats_are_not_one_table(tmp_path: Path) -> None:
    files = [file(tmp_path / "t.csv", b"a\n1\n"), file(tmp_path / "u.csv", PARQUET)]
    with pytest.raises(SourceError, match="mixes formats, CSV and Parquet"):
        common_format(files, "both")


def test_a_file_with_a_wrong_ending_is_read_and_that_is_said(tmp_path: Path) -> None:
    found = opened(Path(file(tmp_path / "t.csv", PARQUET).path))
    assert (found.names, found.rows, found.reading.format) == (["a"], [(1,), (2,)], "Parquet")
    assert "is Parquet in spite of its ending .csv" in found.remarks
    assert not opened(Path(file(tmp_path / "t", PARQUET).path)).reading.remarks


def test_the_table_of_formats_is_whole() -> None:
    rows = formats_table()
    assert [row.format for row in rows] == [found.name for found in FORMATS]
    assert ", ".join(row.endings for row in rows) == allowed_suffixes()
    by_name = {row.format: row for row in rows}
    assert by_name["Excel"].install == "pip install 'colprofile[excel]'"
    assert by_name["Excel"].options == "--header, --null, --sheet, --skip"
    assert {row.library for row in rows} == {"DuckDB", "pyarrow", "fastavro", "python-calamine", "pyreadstat"}
    assert all(callable(found.load()) for found in FORMATS)
