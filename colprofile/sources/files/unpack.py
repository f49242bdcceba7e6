"""Compressed files and archives: what is in them goes to the workspace, under no name of theirs."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.files.names import data_suffix, is_document, is_hidden, known_suffixes
from colprofile.sources.files.spool import spool
from colprofile.sources.workspace import Workspace

_COMPRESSIONS: tuple[tuple[bytes, Callable[[str], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"\xfd7zXZ\0", lzma.open),
    (b"\x28\xb5\x2f\xfd", lambda path: _open_zstd(path)),
    *((b"BZh%d1AY&SY" % level, bz2.open) for level in range(1, 10)),
)
_TARS = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
_MOST_LAYERS = 4
_TAR_BLOCK = 512
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Unpacked:
    """A file on this machine, and the name that tells what it is: ``member`` is its name in an archive, else None."""

    path: str
    name: str
    member: str | None = None


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    open: Callable[[], IO[bytes] | None]


def unpack(path: str, name: str, shown: str, table: str | None, workspace: Workspace, depth: int = 0) -> list[Unpacked]:
    """Return the files in a file: itself where it is neither compressed nor an archive.

    Parameters
    ----------
    path
        Where it is.
    name
        Its name, whose endings are taken off.
    shown
        How the user named it.
    table
        The member of an archive that is meant; by default all that are data.
    depth
        In how many archives it is.

    Raises
    ------
    SourceError
        It is damaged, cut off, encrypted, or too large for the disk; an archive without data.
    SourceNotFound
        There is no such member.
    """
    if depth > _MOST_LAYERS:
        raise SourceError(f"{shorten(shown, 200)!r} is an archive in an archive in an archive: unpack it yourself")
    with _damages(shown):
        for _ in range(_MOST_LAYERS):
            opener = _decompressor(path)
            if opener is None:
                break
            inner = name if data_suffix(name) else PurePosixPath(name).stem
            with opener(path) as stream:
                path = str(spool(stream.read, workspace, shown=shown, doing="unpacking", suffix=data_suffix(name)))
            name = _without_compression(name, inner)
        if _is_zip(path):
            with zipfile.ZipFile(path) as zipped:
                return _members(_of_zip(zipped, shown), shown, table, workspace, depth)
        if _is_tar(path, name):
            with tarfile.open(path, "r:") as tar:
                return _members(_of_tar(tar, path), shown, table, workspace, depth)
    return [Unpacked(path, name)]


def _decompressor(path: str) -> Callable[[str], Any] | None:
    with open(path, "rb") as stream:
        head = stream.read(16)
    return next((opener for magic, opener in _COMPRESSIONS if head.startswith(magic)), None)


def _without_compression(name: str, stem: str) -> str:
    """Return a name without the ending of its compression; an ending that hides a tar stays."""
    suffix = PurePosixPath(name).suffix.lower()
    return name if suffix in known_suffixes() or suffix in _TARS else stem


def _open_zstd(path: str) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.OSFile(path), "zstd")


def _is_zip(path: str) -> bool:
    """Whether it is an archive; a workbook is a zip file too."""
    with open(path, "rb") as stream:
        if stream.read(2) != b"PK":
            return False
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return not any(member.startswith(("xl/", "word/", "ppt/")) or member == "mimetype" for member in names)


def _is_tar(path: str, name: str) -> bool:
    with open(path, "rb") as stream:
        stream.seek(257)
        return stream.read(5) == b"ustar" or (name.lower().endswith(_TARS) and tarfile.is_tarfile(path))


def _of_zip(archive: zipfile.ZipFile, shown: str) -> Iterator[_Member]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        if info.flag_bits & _ENCRYPTED:
            raise SourceError(
                f"{shorten(shown, 200)!r} is encrypted: unpack it with its password, and give what is in it"
            )
        yield _Member(info.filename, info.file_size, lambda info=info: archive.open(info))  # type: ignore[misc]


def _of_tar(archive: tarfile.TarFile, path: str) -> Iterator[_Member]:
    infos = archive.getmembers()
    with open(path, "rb") as stream:
        stream.seek(archive.offset - _TAR_BLOCK if not infos else _end_of(infos[-1]))
        if stream.read(_TAR_BLOCK) != bytes(_TAR_BLOCK):
            raise tarfile.ReadError("it has no end")
    for info in infos:
        if info.isreg():
            yield _Member(info.name, info.size, lambda info=info: archive.extractfile(info))  # type: ignore[misc]


def _end_of(info: tarfile.TarInfo) -> int:
    blocks = -(-info.size // _TAR_BLOCK) if info.isreg() else 0
    return info.offset_data + blocks * _TAR_BLOCK


def _members(
    members: Iterator[_Member], shown: str, table: str | None, workspace: Workspace, depth: int
) -> list[Unpacked]:
    """Unpack the members that are meant, and what is packed in them."""
    found = []
    for member in _chosen([m for m in members if not is_hidden(m.name)], shown, table):
        stream = member.open()
        if stream is None:
            continue
        inside = f"{shown}/{member.name}"
        with stream:
            path = spool(
                stream.read,
                workspace,
                shown=inside,
                doing="unpacking",
                suffix=data_suffix(member.name),
                total=member.size,
            )
        for inner in unpack(str(path), member.name, inside, None, workspace, depth + 1):
            within = member.name if inner.member is None else f"{member.name}/{inner.member}"
            found.append(Unpacked(inner.path, inner.name, within))
    return found


def _chosen(members: Sequence[_Member], shown: str, table: str | None) -> list[_Member]:
    """Return the members that are meant: the one that ``table`` names, or all that have the ending of data."""
    names = [member.name for member in members]
    if table is not None:
        for fold in (str, str.lower):
            for part in (str, _base, _stem):
                chosen = [member for member in members if fold(part(member.name)) == fold(table)]
                if len(chosen) == 1:
                    return chosen
        raise SourceNotFound(f"no file {shorten(table)!r} in {shorten(shown, 200)!r}. {did_you_mean(table, names)}")
    data = [member for member in members if data_suffix(member.name) and not is_document(member.name)]
    if not data and len(members) == 1:
        return list(members)
    if not data:
        raise SourceError(f"{shorten(shown, 200)!r} holds no data that can be read. {did_you_mean('', names)}")
    return data


def _base(name: str) -> str:
    return PurePosixPath(name).name


def _stem(name: str) -> str:
    return _base(name).partition(".")[0]


@contextlib.contextmanager
def _damages(shown: str) -> Iterator[None]:
    """Say in one line what is wrong with a packed file."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise SourceError(_damaged(shown, error)) from error
    except (NotImplementedError, RuntimeError) as error:
        raise SourceError(
            f"cannot unpack {shorten(shown, 200)!r}: {shorten(str(error))}; unpack it yourself, and give what is in it"
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise SourceError(f"cannot read {shorten(shown, 200)!r}: {error.strerror}") from error
        raise SourceError(_damaged(shown, error)) from error


def _damaged(shown: str, error: BaseException) -> str:
    return f"cannot unpack {shorten(shown, 200)!r}: it is damaged or cut off ({shorten(str(error))}); get it again"
