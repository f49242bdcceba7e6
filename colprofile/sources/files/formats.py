"""The formats of files: how each is recognised, and what reads it."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from colprofile.errors import SourceError, shorten
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
    magic
        The bytes that begin its files, where they tell.
    options
        Names of those fields of ``InputOptions`` that it has a use for, besides query and where, which all have.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    magic: tuple[bytes, ...] = ()
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

FORMATS = (
    Format("Parquet", (".parquet", ".pq"), "parquet:read", (b"PAR1",)),
    Format("CSV", (".csv", ".tsv", ".txt"), "text.read:read", (), TEXT_OPTIONS),
    Format("JSON", (".json", ".jsonl", ".ndjson"), "json:read"),
)


def allowed_suffixes() -> str:
    """Return the endings that can be read, for messages."""
    return ", ".join(suffix for found in FORMATS for suffix in found.suffixes)


def format_of(file: LocalFile) -> Format:
    """Return the format of a file, from its ending or else its first bytes.

    Raises
    ------
    SourceError
        It is not known.
    """
    for found in FORMATS:
        if file.suffix in found.suffixes:
            return found
    with contextlib.suppress(OSError), open(file.path, "rb") as stream:
        head = stream.read(16)
        for found in FORMATS:
            if any(head.startswith(magic) for magic in found.magic):
                return found
    raise SourceError(
        f"{shorten(file.shown, 200)!r} has an unknown format: allowed are {allowed_suffixes()} (also compressed), and "
        ".duckdb, .ddb, .db"
    )


def common_format(files: Sequence[LocalFile], shown: str) -> Format:
    """Return the format that all files have; raise SourceError where they have several."""
    found = {format_of(file).name: format_of(file) for file in files}
    if len(found) > 1:
        raise SourceError(f"{shorten(shown)!r} mixes formats, {' and '.join(found)}: give files of one at a time")
    return next(iter(found.values()))
