"""Content: what a file is by its bytes, whatever it is called."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast

_HEAD = 4096


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the bytes of a file tell.

    Attributes
    ----------
    format
        The name of the format that it surely is, one that can be read; None where the bytes do not tell.
    unreadable
        For what is known and cannot be read: what it is and what to do, to follow "is"; else "".
    is_text, is_empty
        Whether it looks like text; whether there is nothing in it.
    """

    format: str | None = None
    unreadable: str = ""
    is_text: bool = False
    is_empty: bool = False


COMPRESSIONS: dict[str, bytes] = {
    "gzip": b"\x1f\x8b",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bz2": b"BZh",
    "xz": b"\xfd7zXZ\0",
}
"""Compressions by the bytes that begin them."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Arrow"),
    (b"Obj\x01", "Avro"),
    (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"), "SAS"),
    (b"HEADER RECORD*******LIB", "SAS"),
    (b"<stata_dta>", "Stata"),
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
)

_EXPORT = "save the table as CSV or Parquet in the program that made it"
_LOOK = "open its address in a browser, and download the data from there"
_UNREADABLE: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 (or netCDF 4, MATLAB 7.3) file, which is not read: with pandas, "
     "pass pandas.read_hdf(path) as the source"),
    (b"CDF\x01", "a netCDF file, which is not read: open it with xarray and pass its to_dataframe()"),
    (b"CDF\x02", "a netCDF file, which is not read: open it with xarray and pass its to_dataframe()"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file, which is not read: export its table with writetable"),
    (b"RDX2\n", "an R workspace (.RData), which is not read: in R, arrow::write_parquet(table, 'table.parquet')"),
    (b"RDX3\n", "an R workspace (.RData), which is not read: in R, arrow::write_parquet(table, 'table.parquet')"),
    (b"X\n\0\0\0", "an R object (.rds), which is not read: in R, arrow::write_parquet(readRDS(file), 'table.parquet')"),
    (b"%PDF-", "a PDF document, not data: look for the table as CSV or Excel where it came from"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image, not data"),
    (b"\xff\xd8\xff", "a JPEG image, not data"),
    (b"GIF8", "a GIF image, not data"),
    (b"II*\0", "a TIFF image, not data"),
    (b"MM\0*", "a TIFF image, not data"),
    (b"PARE", "a Parquet file with an encrypted footer, which is not read: decrypt it first"),
    (b"\x93NUMPY", "a numpy array, which is not read: pass numpy.load(path) in a data frame as the source"),
    (b"PGDMP", "a dump of a PostgreSQL database: restore it with pg_restore and give the database's URL"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it and give the files in it"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it and give the files in it"),
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer in place of the file: fetch it with git lfs pull"),
    (b"{\\rtf", f"an RTF document, not data: {_EXPORT}"),
)  # fmt: skip

_SQL = re.compile(
    rb"\s*(--[^\n]*(dump|SQLite)|PRAGMA |BEGIN TRANSACTION;|SET SQL_MODE"
    rb"|CREATE (TABLE|DATABASE)|INSERT INTO|DROP TABLE)",
    re.IGNORECASE,
)
_HTML = re.compile(
    rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|script|div)\b", re.IGNORECASE | re.DOTALL
)
_JSON = re.compile(rb'\s*(\{\s*("|\}\s*(\Z|[\[{]))|\[\s*(\]\s*\Z|[{\["]|-?\d+(\.\d+)?\s*[,\]]|(true|false|null)\b))')


def content_of(path: str) -> Content:
    """Return what the bytes of a file tell; nothing where it cannot be opened, for its reader has the better error."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            if head.startswith(b"PK\x03\x04"):
                return _of_zip(path)
            if head.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
                return _of_compound(file)
            file.seek(-min(8, file.seek(0, 2)), 2)
            tail = file.read()
    except OSError:
        return Content()
    if compression_of(head) is not None:
        head, tail = _unpacked_head(path), b""
    return _of_head(head, tail)


def compression_of(head: bytes) -> str | None:
    """Return the compression that begins with these bytes, as Arrow calls it (xz, which it does not know, as "xz")."""
    return next((name for name, magic in COMPRESSIONS.items() if head.startswith(magic)), None)


def open_unpacked(path: str) -> IO[bytes]:
    """Open a file for reading, with its compression undone where it has one.

    Raises
    ------
    OSError, EOFError, lzma.LZMAError
        While reading: it is damaged.
    """
    with open(path, "rb") as file:
        compression = compression_of(file.read(8))
    openers: dict[str, Callable[[str], Any]] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}
    if compression in openers:
        return cast("IO[bytes]", openers[compression](path))
    if compression == "zstd":
        import pyarrow as pa

        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(path), "zstd"))
    return open(path, "rb")


def _unpacked_head(path: str) -> bytes:
    with contextlib.suppress(OSError, EOFError, lzma.LZMAError), open_unpacked(path) as file:
        return file.read(_HEAD)
    return b""


def _of_head(head: bytes, tail: bytes) -> Content:
    for magic, name in _STARTS:
        if head.startswith(magic):
            return Content(format=name)
    for magic, what in _UNREADABLE:
        if head.startswith(magic):
            return Content(unreadable=what)
    if head.startswith(b"ORC") and (tail[-4:-1] == b"ORC" or b"\0" in head):
        return Content(format="ORC")
    if _is_arrow_stream(head):
        return Content(format="Arrow")
    if head[40:60].startswith(b"ASCII SPSS PORT") or b"SPSSPORT" in head[:500].replace(b"\r", b"").replace(b"\n", b""):
        return Content(format="SPSS")
    if _is_old_stata(head):
        return Content(format="Stata")
    if head[257:262] == b"ustar":
        return Content(unreadable="a tar archive: unpack it and give the files in it")
    if head.startswith((b"\x09\0", b"\x09\x02", b"\x09\x04", b"\x09\x08")) and b"\0" in head[4:8]:
        return Content(format="Excel")  # from before Excel 97: a bare stream
    return _of_text(head)


def _of_text(head: bytes) -> Content:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        order = "le" if text[:1] == b"\xff" else "be"
        text = text[2 : len(text) // 2 * 2].decode(f"utf-16-{order}", "replace").encode()
    elif b"\0" in text:
        return Content()
    if _HTML.match(text):
        return Content(unreadable=f"an HTML page, not data: {_LOOK}")
    if re.match(rb"\s*<(\?xml|[A-Za-z][\w.-]*(:[\w.-]+)?\s[^>]*xmlns)", text):
        return Content(unreadable=f"an XML document, which is not read: {_EXPORT}")
    if _SQL.match(text):
        return Content(unreadable="a dump of SQL statements: load it into its database and give the database's URL")
    if _JSON.match(text):
        return Content(format="JSON", is_text=True)
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in text)
    is_text = bool(text) and control * 100 <= len(text) and (b"\n" in text or b"\r" in text)
    return Content(is_text=is_text, is_empty=not head)


def _is_arrow_stream(head: bytes) -> bool:
    """Whether the first message is there in full, or larger than what was read, and is a schema."""
    if not head.startswith(b"\xff\xff\xff\xff"):
        return False
    size = int.from_bytes(head[4:8], "little")
    return 16 <= size < 1 << 28 and size % 8 == 0


def _is_old_stata(head: bytes) -> bool:
    """Whether it is Stata's format before 117: release, byte order and the constant 1, and a zero."""
    return (
        len(head) > 109 and head[0] in (104, 105, 108, *range(110, 116)) and head[1] in (1, 2) and head[2:4] == b"\1\0"
    )


def _of_zip(path: str) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:200] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return Content(unreadable="a ZIP archive, or a workbook, that is damaged or cut off: get it again")
    if {"xl/workbook.xml", "xl/workbook.bin"} & names or any(re.match(r"xl/workbook\w*\.(xml|bin)$", n) for n in names):
        return Content(format="Excel")
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Content(format="OpenDocument")
    if any(name.startswith("word/") for name in names) or kind.startswith(b"application/vnd.oasis.opendocument.text"):
        return Content(unreadable=f"a text document, not data: {_EXPORT}")
    if any(name.startswith("ppt/") for name in names):
        return Content(unreadable=f"a presentation, not data: {_EXPORT}")
    if any(name.endswith(("/Index/Document.iwa", "Index/Document.iwa")) for name in names):
        return Content(unreadable="a Numbers or Pages document, which is not read: export it as CSV or Excel")
    return Content()


def _of_compound(file: IO[bytes]) -> Content:
    """Return what is in Microsoft's compound file, from the names of the streams in it."""
    file.seek(0)
    names = file.read(1 << 24)
    for name, content in (
        ("EncryptedPackage", Content(unreadable="a workbook with a password: save it without one in Excel")),
        ("Workbook", Content(format="Excel")),
        ("Book", Content(format="Excel")),
        ("WordDocument", Content(unreadable=f"a Word document, not data: {_EXPORT}")),
        ("PowerPoint Document", Content(unreadable=f"a presentation, not data: {_EXPORT}")),
    ):
        if name.encode("utf-16-le") in names:
            return content
    return Content(unreadable=f"a file of Microsoft Office, but no workbook: {_EXPORT}")
