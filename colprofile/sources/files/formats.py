"""The formats of files: how each is recognised, and what reads it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.content import Content, content_of
from colprofile.sources.files.relation import LocalFile, Reader


@dataclass(frozen=True)
class Format:
    """A format of files.

    Attributes
    ----------
    name
        As people call it.
    suffixes
        The endings of its files, in lower case.
    reader
        Module and function that read it, imported when they are needed.
    library
        What reads it, as people know it.
    extra
        The extra of this package that installs the library, where that is not installed anyway.
    note
        What a person should know of how it is read, as a sentence; "" for nothing.
    options
        Names of those fields of ``InputOptions`` that it has a use for, besides query and where, which all have.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    library: str = "DuckDB"
    extra: str | None = None
    note: str = ""
    options: frozenset[str] = frozenset()

    def load(self) -> Reader:
        """Return the function that reads files of this format."""
        module, _, function = self.reader.partition(":")
        return cast("Reader", getattr(importlib.import_module(f"colprofile.sources.files.{module}"), function))


TEXT_OPTIONS = frozenset(
    [
        *("delimiter", "encoding", "header", "skip", "null", "decimal", "thousands", "quote", "comment"),
        *("all_text", "types", "ragged", "accept_rejects"),
    ]
)
_FLATTEN = frozenset(["flatten"])
_ENCODED = frozenset(["encoding"])
_SHEETS = frozenset(["sheet", "header", "skip", "null"])
_SHEET_NOTE = "The first sheet that has rows, or the one that --sheet names."
_STAT_NOTE = "Codes as they are, without their labels; user-defined missing values are NULL."

FORMATS = (
    Format("Parquet", (".parquet", ".pq", ".parq"), "parquet:read", options=_FLATTEN),
    Format("CSV", (".csv", ".tsv", ".tab", ".txt", ".psv"), "text.read:read", options=TEXT_OPTIONS),
    Format(
        "JSON",
        (".json", ".jsonl", ".ndjson", ".geojson"),
        "json.read:read",
        note="One record a line, one after the other, in a list, or in the one list of an object; GeoJSON features.",
        options=frozenset(["flatten", "accept_rejects", "encoding"]),
    ),
    Format(
        "Arrow", (".arrow", ".ipc", ".feather", ".arrows", ".ftr"), "arrow:read", "pyarrow", options=_FLATTEN,
        note="IPC files and streams; Feather 1 and 2.",
    ),
    Format("ORC", (".orc",), "arrow:read_orc", "pyarrow", options=_FLATTEN),
    Format("Avro", (".avro",), "avro:read", "fastavro", "avro", options=_FLATTEN),
    Format(
        "Excel", (".xlsx", ".xlsm", ".xls", ".xlsb"), "sheets.read:read", "python-calamine", "excel", _SHEET_NOTE,
        _SHEETS,
    ),
    Format("OpenDocument", (".ods",), "sheets.read:read", "python-calamine", "excel", _SHEET_NOTE, _SHEETS),
    Format("SAS", (".sas7bdat", ".xpt"), "statistics:read", "pyreadstat", "stat", _STAT_NOTE, _ENCODED),
    Format("Stata", (".dta",), "statistics:read", "pyreadstat", "stat", _STAT_NOTE, _ENCODED),
    Format("SPSS", (".sav", ".zsav", ".por"), "statistics:read", "pyreadstat", "stat", _STAT_NOTE, _ENCODED),
)  # fmt: skip

_BY_NAME = {found.name: found for found in FORMATS}
_BY_SUFFIX = {suffix: found for found in FORMATS for suffix in found.suffixes}


class ReadBy(NamedTuple):
    """A row of the table of what is read by which library."""

    format: str
    endings: str
    library: str
    install: str
    options: str
    note: str


def formats_table() -> list[ReadBy]:
    """Return what is read by which library, a row a format, for the documentation.

    >>> formats_table()[0][:4]
    ('Parquet', '.parquet, .pq, .parq', 'DuckDB', '')
    """
    return [
        ReadBy(
            found.name,
            ", ".join(found.suffixes),
            found.library,
            f"pip install 'colprofile[{found.extra}]'" if found.extra else "",
            ", ".join(f"--{name.replace('_', '-')}" for name in sorted(found.options)),
            found.note,
        )
        for found in FORMATS
    ]


def allowed_suffixes() -> str:
    """Return the endings that can be read, for messages."""
    return ", ".join(_BY_SUFFIX)


def format_of(file: LocalFile) -> Format:
    """Return the format of a file, from its content or, where that does not tell, its ending.

    Raises
    ------
    SourceError
        It is not known, cannot be read, or is not what its ending says.
    """
    named = _BY_SUFFIX.get(file.suffix)
    content = content_of(file.path)
    if content.unreadable:
        raise SourceError(f"{shorten(file.shown, 200)!r} is {content.unreadable}")
    if content.format is not None:
        return _BY_NAME[content.format]
    if named is None and content.is_text:
        return _BY_NAME["CSV"]
    if named is None:
        raise SourceError(
            f"{shorten(file.shown, 200)!r} has an unknown format: allowed are {allowed_suffixes()} (also compressed), "
            "and .duckdb, .ddb, .db"
        )
    _check_named(file, named, content)
    return named


def likely_format(file: LocalFile) -> Format:
    """Return the format that a file's ending names, or else its content.

    Raises
    ------
    SourceError
        Neither tells.
    """
    return _BY_SUFFIX.get(file.suffix) or format_of(file)


def _check_named(file: LocalFile, named: Format, content: Content) -> None:
    """Raise SourceError where a file's ending is that of a format whose beginning would have been recognised."""
    if named.name in ("CSV", "JSON"):
        return
    found = "is empty" if content.is_empty else "holds text" if content.is_text else "begins with other bytes"
    raise SourceError(
        f"{shorten(file.shown, 200)!r} has the ending of {named.name} but {found}: it may be damaged or cut off, or "
        "have the wrong ending"
    )


def remark_on(file: LocalFile, found: Format) -> str | None:
    """Return a sentence where a file's content is of another format than its ending says."""
    named = _BY_SUFFIX.get(file.suffix)
    if named is None or named is found:
        return None
    return f"{shorten(file.shown, 200)!r} is {found.name} in spite of its ending {file.suffix}, and is read as such."


def common_format(files: Sequence[LocalFile], shown: str) -> Format:
    """Return the format that all files have; raise SourceError where they have several."""
    found = {format.name: format for format in map(format_of, files)}
    if len(found) > 1:
        raise SourceError(f"{shorten(shown)!r} mixes formats, {' and '.join(found)}: give files of one at a time")
    return next(iter(found.values()))
