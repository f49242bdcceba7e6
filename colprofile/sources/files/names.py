"""What the names of files and folders tell: formats, compressions, partitions, and what is hidden."""

from __future__ import annotations

import functools
import re
from pathlib import PurePath, PurePosixPath
from urllib.parse import unquote

from colprofile.sources.files.formats import FORMATS

_COMPRESSED = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd")
_PARTITION = re.compile(r"([^=/\\*?\[\]{}\0-\x1f\ud800-\udfff]+)=([^/\\]*)")
_DOCUMENT = re.compile(r"(read[ _-]?me|licen[cs]e|copying|change[ _-]?log|notice)([ _.-].*)?\.txt$", re.IGNORECASE)
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@functools.cache
def known_suffixes() -> frozenset[str]:
    """Return the endings of all formats."""
    return frozenset(suffix for found in FORMATS for suffix in found.suffixes)


def data_suffix(name: str) -> str:
    """Return the ending that tells the format, without that of a compression; "" where none does.

    >>> data_suffix("T.CSV.gz"), data_suffix("t.csv"), data_suffix("t.gz"), data_suffix("t.2024")
    ('.csv', '.csv', '', '')
    """
    suffix = last_suffix(name)
    return suffix if suffix in known_suffixes() else ""


def last_suffix(name: str) -> str:
    """Return the last ending in lower case, without that of a compression.

    >>> last_suffix("T.CSV.gz"), last_suffix("t.2024")
    ('.csv', '.2024')
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def is_hidden(path: str) -> bool:
    """Whether a path within a folder or an archive is hidden, or is no data: ``_SUCCESS``, checksums, indexes.

    A folder of partitions may begin with an underscore.

    >>> [is_hidden(name) for name in (".a/b.csv", "_SUCCESS", "a/_b=1/c.csv", "__MACOSX/a.csv", "a.csv.crc", "a.csv")]
    [True, True, False, True, True, False]
    """
    parts = [part for part in PurePath(path).parts if part not in (".", "..")]
    if any(part.startswith((".", "_")) and "=" not in part for part in parts):
        return True
    return path.lower().endswith((".crc", ".md5", ".sha256", "thumbs.db", "desktop.ini"))


def is_document(name: str) -> bool:
    """Whether a text file is about data, by its name, rather than data.

    >>> [is_document(name) for name in ("a/README.txt", "read_me-first.txt", "readings.txt", "readme.csv")]
    [True, True, False, False]
    """
    return bool(_DOCUMENT.match(PurePath(name).name))


def partitions_of(path: str) -> dict[str, str]:
    """Return what the folders of a path say of the rows in its file, by column, as a hive tree names them.

    >>> partitions_of("t/year=2024/city=S%C3%A3o/x.parquet")
    {'year': '2024', 'city': 'São'}
    """
    if "=" not in path:
        return {}
    folders = PurePath(path).parts[:-1]
    found = (_PARTITION.fullmatch(folder) for folder in folders if "=" in folder)
    return {match[1]: unquote(match[2]) for match in found if match}
