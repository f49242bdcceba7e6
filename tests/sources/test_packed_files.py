"""Compressed files and archives, for every format; damaged ones give one line and never some of their rows."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from colprofile.sources.files import spool
from tests.support.opened import refusal, rows_of

CSV = b"a,b\n1,x\n2,y\n"
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), stream)
    return stream.getvalue()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


CONTENT = {"csv": CSV, "parquet": parquet(), "json": b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]'}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_zip(name: str, **members: bytes) -> None:
    with zipfile.ZipFile(name, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)


def write_tar(name: str, members: dict[str, bytes]) -> None:
    with tarfile.open(name, "w" if name.endswith(".tar") else "w:gz") as archive:
        for member, data in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize(
    ("format", "packed"), [*(("parquet", packed) for packed in PACKERS), ("csv", "zst"), ("json", "xz")]
)
def test_every_format_in_every_compression(format: str, packed: str) -> None:
    data = PACKERS[packed](CONTENT[format])
    for name in (f"t.{format}.{packed}", f"t.{packed}"):
        Path(name).write_bytes(data)
        assert rows_of(name) == ROWS


@pytest.mark.parametrize("packed", PACKERS)
def test_parts_that_follow_each_other_are_all_read(packed: str) -> None:
    Path(f"t.csv.{packed}").write_bytes(PACKERS[packed](CSV) + PACKERS[packed](b"3,z\n"))
    assert rows_of(f"t.csv.{packed}") == [*ROWS, {"a": 3, "b": "z"}]


@pytest.mark.parametrize("packed", PACKERS)
def test_a_file_that_is_cut_off_gives_no_rows(packed: str) -> None:
    lines = b"".join(b"%d,%d\n" % (i, i * 7919 % 10_007) for i in range(20_000))
    data = PACKERS[packed](b"a,b\n" + lines)
    for end in (len(data) // 2, len(data) - 3):
        Path(f"t.csv.{packed}").write_bytes(data[:end])
        assert f"cannot unpack 't.csv.{packed}': it is damaged or cut off" in refusal(f"t.csv.{packed}")


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_an_archive_of_one_table(format: str) -> None:
    write_zip("t.zip", **{f"deep/t.{format}": CONTENT[format], "read me.txt": b"x", "__MACOSX/._t.csv": b"x"})
    write_tar("t.tar.gz", {f"../t.{format}": CONTENT[format], ".hidden.csv": b"x"})
    write_tar("t.tar", {f"/etc/t.{format}.gz": gzip.compress(CONTENT[format])})
    Path("t.tgz").write_bytes(Path("t.tar.gz").read_bytes())
    for name in ("t.zip", "t.tar.gz", "t.tgz", "t.tar"):
        assert rows_of(name) == ROWS
    assert rows_of(Path("t.tgz").read_bytes()) == ROWS
    Path("t.csv").write_bytes(Path("t.zip").read_bytes())
    assert rows_of("t.csv") == ROWS


def test_parts_of_a_table_in_an_archive() -> None:
    write_zip("t.zip", **{"year=2023/t.csv": CSV, "year=2024/t.csv": CSV})
    assert rows_of("t.zip") == [row | {"year": year} for year in (2023, 2024) for row in ROWS]
    write_tar("t.tar.gz", {"part-1.csv": CSV, "part-2.csv": CSV})
    assert rows_of("t.tar.gz") == [*ROWS, *ROWS]


def test_a_table_of_several_is_picked() -> None:
    members = {"x/orders.csv": CSV, "x/customers.csv": b"id,name,city\n1,n,c\n", "notes.txt": b"some text\n"}
    write_zip("t.zip", **members)
    line = refusal("t.zip")
    assert "'t.zip' holds several tables, 'orders.csv', 'customers.csv', 'notes.txt': pick one with table=" in line
    for table in ("x/orders.csv", "orders.csv", "orders", "ORDERS"):
        assert rows_of("t.zip", table) == ROWS
    assert refusal("t.zip", "ordres").startswith("no file 'ordres' in 't.zip'. There are: 'notes.txt',")
    write_tar("t.tar.gz", members)
    assert rows_of("t.tar.gz", "orders") == ROWS
    Path("t.csv").write_bytes(CSV)
    assert refusal("t.csv", "orders") == "'t.csv' is not a database: it has no table 'orders'"


def test_an_archive_without_data() -> None:
    write_zip("t.zip", **{"a.md": b"x", "b.pdf": b"x"})
    assert refusal("t.zip") == "'t.zip' holds no data that can be read. There are: 'a.md', 'b.pdf'."


def test_an_encrypted_archive() -> None:
    write_zip("t.zip", **{"t.csv": CSV})
    data = bytearray(Path("t.zip").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    Path("t.zip").write_bytes(data)
    assert refusal("t.zip").startswith("'t.zip' is encrypted: unpack it with its password")


@pytest.mark.parametrize("name", ["t.zip", "t.tar", "t.tar.gz"])
def test_a_damaged_archive(name: str) -> None:
    write_zip("t.zip", **{"t.csv": CSV * 100})
    for tar in ("t.tar", "t.tar.gz"):
        write_tar(tar, {"t1.csv": CSV * 100, "t2.csv": CSV * 100})
    data = bytearray(Path(name).read_bytes())
    if name == "t.zip":
        data[60] ^= 1
    else:
        del data[len(data) // 3 :]
    Path(name).write_bytes(data)
    assert f"cannot unpack {name!r}: it is damaged or cut off" in refusal(name)


def test_an_archive_of_itself_ends() -> None:
    data = CSV
    for _ in range(6):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("inner.zip", data)
        data = stream.getvalue()
    assert "is an archive in an archive in an archive: unpack it yourself" in refusal(data)


def test_what_does_not_fit_the_disk_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    # A bomb of a file says nothing of its size: the disk is looked at on the way.
    monkeypatch.setattr(spool, "_CHUNKS_PER_LOOK", 1)
    free = iter([4 << 20] * 3 + [0] * 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, spool.KEPT_FREE + next(free)))
    Path("t.csv.gz").write_bytes(gzip.compress(bytes(8 << 20)))
    assert "unpacking 't.csv.gz' would fill the disk after 3 MB: free some, or set TMPDIR" in refusal("t.csv.gz")
    free = iter([1000])
    write_zip("t.zip", **{"t.csv": bytes(2000)})
    assert "unpacking 't.zip/t.csv' would fill the disk after 0 MB" in refusal("t.zip")


def test_errors_name_a_packed_file_as_the_user_does() -> None:
    Path("t.parquet.gz").write_bytes(gzip.compress(parquet()[:-20]))
    line = refusal("t.parquet.gz")
    assert "t.parquet.gz" in line
    assert "colprofile-" not in line
