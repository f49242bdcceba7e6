"""Whether files that lie together are parts of one table, or tables of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.formats import likely_format
from colprofile.sources.files.relation import LocalFile

_VARYING = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)
_HEAD = 1 << 14
_MOST_LISTED = 12


def refuse_several_tables(files: Sequence[LocalFile], shown: str, advice: str) -> None:
    """Raise where the files of a folder or an archive are of several formats, or several tables.

    Files are of one table if they lie in a hive tree, if their names differ in numbers alone, or if they share at least
    half of the columns of that with fewer columns.

    Raises
    ------
    SourceError
        They are not; the message names them, and ends with ``advice``.
    """
    formats: dict[str, list[LocalFile]] = {}
    for file in files:
        formats.setdefault(likely_format(file).name, []).append(file)
    if len(formats) > 1:
        counts = " and ".join(f"{len(found):,} {name} ({_listed(found, 3)})" for name, found in formats.items())
        raise SourceError(f"{shorten(shown, 200)!r} holds files of several formats, {counts}: {advice}")
    if any(file.partitions for file in files):
        return
    tables: dict[str, LocalFile] = {}
    for file in files:
        tables.setdefault(_VARYING.sub("#", _stem(file)), file)
    several = list(tables.values())
    if len(several) > 1 and not are_alike(several):
        raise SourceError(f"{shorten(shown, 200)!r} holds several tables, {_listed(several, _MOST_LISTED)}: {advice}")


def _listed(files: Sequence[LocalFile], most: int) -> str:
    more = f" and {len(files) - most:,} more" if len(files) > most else ""
    return ", ".join(repr(shorten(PurePath(file.shown).name)) for file in files[:most]) + more


def _stem(file: LocalFile) -> str:
    return PurePath(file.shown).name.partition(".")[0].lower()


def are_alike(files: Sequence[LocalFile]) -> bool:
    """Whether all files share half of their columns with the first; those whose columns are not known do."""
    first = _column_names(files[0])
    for file in files[1:]:
        names = _column_names(file)
        if first and names and 2 * len(first & names) < min(len(first), len(names)):
            return False
    return True


def _column_names(file: LocalFile) -> set[str]:
    """Return the names of a file's columns as far as its beginning shows them."""
    if likely_format(file).name == "Parquet":
        return _parquet_names(file.path)
    try:
        with open(file.path, "rb") as stream:
            head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf")
    except OSError:  # whoever reads its rows says why not
        return set()
    if b"\0" in head or head.lstrip()[:1] in (b"{", b"["):
        return set()
    line = next((line for line in head.decode("utf-8", "replace").splitlines() if line.strip()), "")
    return {name.strip(" \"'").lower() for name in re.split(r"[,;\t|]", line)}


def _parquet_names(path: str) -> set[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return {name.lower() for name in pq.read_schema(path).names}
    except (pa.ArrowException, OSError):
        return set()
