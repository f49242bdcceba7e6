"""TextTable: one text file, looked at as a whole, as DuckDB is to read it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace

from colprofile.errors import shorten
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.files.text import kernel
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.encoding import guess_encoding, marked_encoding, to_utf8, undecodable
from colprofile.sources.files.text.remarks import survey_remarks
from colprofile.sources.files.text.stream import TextStream, Undecodable, find_stream
from colprofile.sources.files.text.survey import EmptyFile, Survey, new_walker, survey, walk
from colprofile.sources.files.text.types import FieldCounts
from colprofile.sources.files.text.walker import Walker
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_HEAD = 1 << 17

COPY = Dialect(",")
"""How copies are written."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """One text file, looked at as a whole, as DuckDB is to read it.

    Attributes
    ----------
    stream, dialect, skip
        What DuckDB reads, how, and from which line on: the file itself or a copy in plain CSV.
    survey, walker
        The file in UTF-8 as a whole, and what was found in its rows.
    encoding
        Of the file.
    names
        Its columns; ``column0`` … where it has no header.
    fields
        What the fields of each column are.
    rows, rejected, skipped
        Rows that are read, rows that are left out, lines that are no rows.
    remarks
        A sentence on each thing that is not plain.
    """

    stream: TextStream
    dialect: Dialect
    skip: int
    survey: Survey
    walker: Walker
    encoding: str
    names: tuple[str, ...]
    fields: tuple[FieldCounts, ...]
    rows: int
    rejected: int
    skipped: int
    remarks: tuple[str, ...]

    @property
    def is_copy(self) -> bool:
        """Whether DuckDB reads a copy in plain CSV, where nothing is in the place of missing values."""
        return self.stream is not self.survey.stream

    @property
    def has_crlf(self) -> bool:
        """Whether lines of what DuckDB reads end in CR and LF."""
        return not self.is_copy and self.walker[kernel.CRLF_ENDS] > 0

    @property
    def longest(self) -> int:
        """Bytes of the longest row, quotes doubled."""
        return 2 * self.walker[kernel.LONGEST] + 2 * len(self.names)


def look_at(file: LocalFile, workspace: Workspace, options: InputOptions) -> TextTable:
    """Return a text file as DuckDB is to read it.

    Raises
    ------
    EmptyFile
        It has no header and no rows.
    SourceError
        It has bytes that are not of its encoding, a quote that is not closed, or rows with too few or too many fields.
    """
    stream = find_stream(file.path, file.shown)
    head = stream.read(0, _HEAD)
    encoding, mark = marked_encoding(head)
    if len(head) == mark:
        raise EmptyFile(f"{shorten(file.shown, 200)!r} is empty: it has no header and no rows")
    given = None if options.encoding is None else codecs.lookup(options.encoding).name
    if given is not None and not (given.startswith("utf-16") and encoding and encoding.startswith("utf-16")):
        mark = mark if encoding is not None and given.startswith(encoding) else 0
        encoding = "utf-8" if given == "utf-8-sig" else given
    stream = replace(stream, begin=mark)
    remarks: tuple[str, ...] = ()
    if encoding in (None, "utf-8"):
        try:
            return _table(survey(stream, options, is_checked=True), "utf-8", workspace, options, remarks)
        except Undecodable as found:
            is_surrogate = found.data[:1] == b"\xed"
            if given is not None or found.is_mixed or is_surrogate:
                raise undecodable(stream, "utf-8", found, given is not None) from None
        encoding = guess_encoding(stream)
        remarks = (f"the encoding was guessed to be {encoding}, as the text is not UTF-8: encoding= names another",)
    elif not mark and given is None:
        remarks = (f"the encoding was taken for {encoding}, as every other byte is 0",)
    assert encoding is not None
    copy = to_utf8(stream, encoding, workspace, is_given=given is not None)
    return _table(survey(copy, options, is_checked=False), encoding, workspace, options, remarks)


def _table(
    found: Survey, encoding: str, workspace: Workspace, options: InputOptions, remarks: tuple[str, ...]
) -> TextTable:
    walker, layout = found.walker, found.layout
    stream, dialect, skip = found.stream, found.dialect, layout.line
    if not found.is_regular:
        pads = options.ragged and found.odd > 0
        columns = max(layout.width, walker[kernel.MOST_FIELDS]) if pads else None
        walker = new_walker(dialect, layout, options, columns=columns, pads=pads)
        stream, dialect, skip = _copy(found, walker, workspace), COPY, 0
    names = layout.names or ()
    return TextTable(
        stream=stream,
        dialect=dialect,
        skip=skip,
        survey=found,
        walker=walker,
        encoding=encoding,
        names=(*names, *(f"column{i}" for i in range(len(names), walker.kind_counts.shape[0]))),
        fields=tuple(map(FieldCounts, walker.kind_counts, walker.extremes)),
        rows=walker[kernel.GOOD],
        rejected=0 if options.ragged else found.odd,
        skipped=layout.skipped + found.footer.lines + walker[kernel.BLANK] + walker[kernel.COMMENTS],
        remarks=remarks + survey_remarks(found, options),
    )


def _copy(found: Survey, walker: Walker, workspace: Workspace) -> TextStream:
    """Return a copy in plain CSV, in the workspace."""
    path = workspace.new_path(".csv")
    walk(found.stream, walker, found.layout.offset, limit=found.footer.offset, copy=str(path))
    return TextStream(str(path), found.stream.shown)


def copied(table: TextTable, workspace: Workspace, options: InputOptions) -> TextTable:
    """Return a table that DuckDB read from the file itself with a copy in plain CSV in its place."""
    walker = new_walker(table.survey.dialect, table.survey.layout, options)
    return replace(table, stream=_copy(table.survey, walker, workspace), dialect=COPY, skip=0)


def line_of_row(table: TextTable, row: int, options: InputOptions) -> int:
    """Return the line where a row, counted from 1, begins in the file."""
    found = table.survey
    walker = new_walker(found.dialect, found.layout, options, pads=options.ragged, last=row)
    walk(found.stream, walker, found.layout.offset)
    return walker[kernel.LAST_GOOD_LINE]
