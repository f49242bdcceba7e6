"""InputReading: how an input was read, what was guessed of it, and what of it the figures lack."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SAVED = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"(colprofile\.[a-z_]+)"')

HEAD = 256
"""Bytes of a file that tell whether it is a saved result."""


def saved_format_of(head: bytes) -> str | None:
    """Return the format of a saved result from the first bytes of its file; None where it is none.

    >>> saved_format_of(b'{"format": "colprofile.profile", "version": 1')
    'colprofile.profile'
    """
    found = _SAVED.match(head)
    return found[1].decode("ascii") if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputReading:
    """How an input was read, what was guessed of it, and what of it the figures lack.

    Attributes
    ----------
    format
        What the input is, as people call it: "CSV", "Parquet", "Excel".
    reader
        The library that read it.
    files
        Number of files.
    encoding
        Encoding of a text file, such as "utf-8" or "cp1252"; None for other inputs, as the next fields.
    delimiter
        What separates the fields; "" where there is one field only.
    quote
        The character around fields that hold delimiters or line ends; "" for none.
    has_header
        Whether names of columns were read from the file.
    skipped_lines
        Lines that are no rows: a preamble, comments, a footer. The header is not among them.
    guessed
        Names of the fields above that were guessed from the data, rather than given or fixed by the format.
    records
        Rows of the input by a count of its own, independent of the reader's; None where there is none.
    rejected_rows
        Rows of the input that are not in the figures.
    query, where
        The query over the files, and the condition on rows, that were given: only what they leave is in the figures.
    paths
        What was read, as the user named it, so that no result is written over it; passwords are removed.
    remarks
        One sentence each for what a person should know of it: guesses that are not plain, skipped and rejected rows,
        types that were changed.
    """

    format: str
    reader: str
    files: int = 1
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    has_header: bool | None = None
    skipped_lines: int = 0
    guessed: tuple[str, ...] = ()
    records: int | None = None
    rejected_rows: int = 0
    query: str | None = None
    where: str | None = None
    paths: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing was skipped, rejected or guessed that a person should know of."""
        return not (self.remarks or self.rejected_rows or self.skipped_lines)
