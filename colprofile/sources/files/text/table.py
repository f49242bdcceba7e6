"""TextTable: one text file, looked at as a whole, as DuckDB is to read it."""

from __future__ import annotations

import codecs
import contextlib
from dataclasses import dataclass, replace

import numpy as np

from colprofile.errors import SourceError, one_line, shorten
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.files.text import kernel
from colprofile.sources.files.text.dialect import Dialect, say
from colprofile.sources.files.text.encoding import guess_encoding, marked_encoding, to_utf8, undecodable
from colprofile.sources.files.text.layout import Layout, find_layout
from colprofile.sources.files.text.memory import Bytes
from colprofile.sources.files.text.odd import Footer, find_footer, ragged_error
from colprofile.sources.files.text.sniff import Sample, guess_dialect
from colprofile.sources.files.text.stream import Blocks, TextStream, Undecodable, Utf8Check, find_stream
from colprofile.sources.files.text.types import FieldCounts
from colprofile.sources.files.text.walker import Walker
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_SAMPLE = 1 << 17
_MOST_SAMPLE = 1 << 26
_FEWEST_LINES = 50
_MOST_RECORD = 1 << 29
_LONG_FIELD = 100
"""Lines of one field that look like a quote which was never closed."""

COPY = Dialect(",")
"""How copies are written."""


class EmptyFile(SourceError):
    """A file without a header and without rows."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """One text file, looked at as a whole, as DuckDB is to read it.

    Attributes
    ----------
    stream, dialect, skip
        What DuckDB reads, how, and from which line on: the file itself or a copy in plain CSV.
    original, walker, own_dialect
        The file in UTF-8, what was found in it, and how it is written.
    encoding
        Of the file.
    layout
        Where its table begins.
    names
        Its columns; ``column0`` … where it has no header.
    fields
        What the fields of each column are.
    rows, rejected, skipped
        Rows that are read, rows that are left out, lines that are no rows.
    guessed, remarks
        As ``InputReading`` has them.
    """

    stream: TextStream
    dialect: Dialect
    skip: int
    original: TextStream
    own_dialect: Dialect
    walker: Walker
    encoding: str
    layout: Layout
    names: tuple[str, ...]
    fields: tuple[FieldCounts, ...]
    rows: int
    rejected: int
    skipped: int
    guessed: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def has_crlf(self) -> bool:
        """Whether lines of what DuckDB reads end in CR and LF."""
        return self.stream is self.original and self.walker[kernel.CRLF_ENDS] > 0

    @property
    def longest(self) -> int:
        """Bytes of the longest row, quotes doubled."""
        return 2 * self.walker[kernel.LONGEST] + 2 * len(self.names)


def look_at(file: LocalFile, workspace: Workspace, options: InputOptions) -> TextTable:
    """Return a text file as DuckDB is to read it.

    Raises
    ------
    SourceError
        It is empty, has bytes that are not of its encoding, or rows with too few or too many fields.
    """
    stream = find_stream(file.path, file.shown)
    head = stream.read(0, _SAMPLE)
    encoding, mark = marked_encoding(head)
    if len(head) == mark:
        raise EmptyFile(f"{shorten(file.shown, 200)!r} is empty: it has no header and no rows")
    given = None if options.encoding is None else codecs.lookup(options.encoding).name
    if given is not None and not (given.startswith("utf-16") and encoding and encoding.startswith("utf-16")):
        mark = mark if encoding is not None and given.startswith(encoding) else 0
        encoding = "utf-8" if given == "utf-8-sig" else given
    stream = replace(stream, begin=mark)
    remarks = []
    if encoding not in (None, "utf-8"):
        if not mark and given is None:
            remarks.append(f"the encoding was taken for {encoding}, as every other byte is 0")
        copy = to_utf8(stream, encoding, workspace, is_given=given is not None)
        return _look(copy, encoding, remarks, workspace, options, check=False)
    try:
        return _look(stream, "utf-8", remarks, workspace, options, check=True)
    except Undecodable as found:
        is_surrogate = found.data[:1] == b"\xed"
        if given is not None or found.is_mixed or is_surrogate:
            raise undecodable(stream, "utf-8", found, given is not None) from None
    encoding = guess_encoding(stream)
    remarks.append(f"the encoding was guessed to be {encoding}, as the text is not UTF-8: encoding= names another")
    return _look(
        to_utf8(stream, encoding, workspace, is_given=False), encoding, remarks, workspace, options, check=False
    )


def _look(
    stream: TextStream, encoding: str, remarks: list[str], workspace: Workspace, options: InputOptions, *, check: bool
) -> TextTable:
    begin = _skip_lines(stream, options.skip or 0)
    sample = _sample(stream, begin)
    dialect = guess_dialect(sample, options)
    layout = _layout(sample, dialect, options, begin)
    if not layout.width:
        raise EmptyFile(f"{shorten(stream.shown, 200)!r} is empty but for blank lines and comments")
    if not dialect.delimiter and options.comment is None:
        dialect = replace(dialect, comment="")  # below the first line, any text may be a value
    checked = Utf8Check() if check else None
    if checked is not None:
        checked.feed(stream.read(0, layout.offset), False)
    walker = _walker(dialect, layout, options)
    _walk(stream, walker, layout.offset, None, checked, None)
    if walker[kernel.STRAY] and options.quote is None:
        unquoted = replace(dialect, quote="", escape="")
        other = _layout(sample, unquoted, options, begin)
        literal = _walker(unquoted, other, options)
        _walk(stream, literal, other.offset, None, None, None)
        well_quoted = walker[kernel.QUOTED] - walker[kernel.STRAY]
        if not literal[kernel.ODD] and other.width == layout.width and well_quoted <= 2 * walker[kernel.STRAY]:
            dialect, layout, walker = unquoted, other, literal
    if not dialect.quote and options.quote is None:
        remarks.append(
            "quotes are part of the values, as they do not go around whole fields: quote='\"' takes them off"
        )
    if walker[kernel.UNCLOSED_LINE]:
        raise SourceError(
            f"line {walker[kernel.UNCLOSED_LINE]:,} of {shorten(stream.shown)!r} opens a quote that is never closed: "
            f"close it, or give quote='' to read quotes as text"
        )
    footer = find_footer(stream, walker, dialect)
    odd = walker[kernel.ODD] - footer.records
    if odd and not (options.ragged or options.accept_rejects):
        raise ragged_error(stream, walker, dialect, layout.names is not None)
    return _finish(stream, encoding, remarks, workspace, options, dialect, layout, walker, footer, odd)


def _finish(
    stream: TextStream,
    encoding: str,
    remarks: list[str],
    workspace: Workspace,
    options: InputOptions,
    dialect: Dialect,
    layout: Layout,
    walker: Walker,
    footer: Footer,
    odd: int,
) -> TextTable:
    target, read_as, skip, rejected = stream, dialect, layout.line, 0
    skipped = layout.skipped + footer.lines
    if footer.lines or not is_regular(walker, dialect, layout):
        most = walker[kernel.MOST_FIELDS]
        pads = options.ragged and odd > 0
        found = walker
        walker = _walker(dialect, layout, options, columns=max(layout.width, most) if pads else None, pads=pads)
        path = workspace.new_path(".csv")
        _walk(stream, walker, layout.offset, footer.offset, None, str(path))
        target = TextStream(str(path), stream.shown)
        read_as, skip = COPY, 0
        if pads:
            remarks.append(_ragged_remark(found, odd, layout.width))
        elif odd:
            rejected = odd
            remarks.append(
                f"{odd:,} rows were left out, as they do not have {layout.width:,} fields, the first in line "
                f"{int(found.found[0, 0]):,}"
            )
        del found
    skipped += walker[kernel.BLANK] + walker[kernel.COMMENTS]
    remarks += _remarks(stream, dialect, layout, walker, footer, options)
    names = layout.names if layout.names is not None else ()
    names += tuple(f"column{i}" for i in range(len(names), walker.kind_counts.shape[0]))
    fields = tuple(
        FieldCounts(counts, extremes) for counts, extremes in zip(walker.kind_counts, walker.extremes, strict=True)
    )
    return TextTable(
        stream=target, dialect=read_as, skip=skip, original=stream, own_dialect=dialect, walker=walker,
        encoding=encoding, layout=layout, names=names, fields=fields, rows=walker[kernel.GOOD], rejected=rejected,
        skipped=skipped, guessed=_guessed(options), remarks=tuple(remarks),
    )  # fmt: skip


def copied(table: TextTable, workspace: Workspace, options: InputOptions) -> TextTable:
    """Return a table of which DuckDB reads a copy in plain CSV."""
    walker = _walker(table.own_dialect, table.layout, options)
    path = workspace.new_path(".csv")
    _walk(table.original, walker, table.layout.offset, None, None, str(path))
    return replace(table, stream=TextStream(str(path), table.original.shown), dialect=COPY, skip=0)


def line_of_row(table: TextTable, row: int, options: InputOptions) -> int:
    """Return the line where a row, counted from 1, begins in the file."""
    walker = _walker(table.own_dialect, table.layout, options, pads=options.ragged, last=row)
    _walk(table.original, walker, table.layout.offset, None, None, None)
    return walker[kernel.LAST_GOOD_LINE]


def is_regular(walker: Walker, dialect: Dialect, layout: Layout) -> bool:
    """Whether DuckDB reads the file itself with the same meaning."""
    line_ends = [walker[kind] for kind in (kernel.CR_ENDS, kernel.LF_ENDS, kernel.CRLF_ENDS)]
    odd = (kernel.ODD, kernel.BLANK, kernel.COMMENTS, kernel.STRAY, kernel.CRS)
    return (
        dialect.is_plain
        and not any(walker[counter] for counter in odd)
        and sum(map(bool, line_ends)) <= 1
        and not walker[kernel.CR_ENDS]
        and b"\r" not in layout.header
        and b"\n" not in layout.header
        and layout.width > 1
    )


def _walker(
    dialect: Dialect,
    layout: Layout,
    options: InputOptions,
    *,
    columns: int | None = None,
    pads: bool = False,
    last: int = 0,
) -> Walker:
    return Walker(
        dialect,
        layout.width,
        columns=columns,
        header=layout.header if layout.width > 1 else b"",
        nulls=options.null_texts,
        pads=pads,
        line=layout.line,
        base=layout.offset,
        last=last,
    )


def _walk(
    stream: TextStream, walker: Walker, offset: int, limit: int | None, check: Utf8Check | None, copy: str | None
) -> None:
    """Walk over a stream from a byte to another, with a copy in plain CSV where a path is given."""
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(stream.open(offset))
        target = stack.enter_context(open(copy, "wb")) if copy is not None else None
        blocks = Blocks(opened, None if limit is None else limit - offset, check)
        out: Bytes = np.empty(0, np.uint8)
        while not (blocks.is_last or walker.is_done):
            data = blocks.fill()
            if data.size > _MOST_RECORD:
                raise SourceError(
                    f"line {walker[kernel.LINE] + 1:,} of {shorten(stream.shown)!r} begins a row of more than "
                    f"{_MOST_RECORD >> 20} MB, so that a quote may not be closed: give quote='' to read quotes as text"
                )
            if target is None:
                blocks.keep(data.size - walker.feed(data, blocks.is_last))
                continue
            need = 2 * data.size + 4 * walker.fields.shape[0] + 8
            if out.size < need:
                out = np.empty(need, np.uint8)
            used = -1
            while used:
                used = walker.feed(data, blocks.is_last, out)
                target.write(out[: walker[kernel.WRITTEN]].data)
                walker.count[kernel.WRITTEN] = 0
                data = data[used:]
            blocks.keep(data.size)


def _skip_lines(stream: TextStream, lines: int) -> int:
    """Return the byte after so many lines."""
    if not lines:
        return 0
    offset = 0
    end = b"\n"
    with stream.open() as opened:
        while block := opened.read(1 << 20):
            if not offset and b"\n" not in block and b"\r" in block:
                end = b"\r"
            for line in block.splitlines(keepends=True) if end == b"\r" else block.split(b"\n"):
                offset += len(line) + (end == b"\n")
                lines -= 1
                if not lines:
                    return offset
    raise SourceError(f"skip= leaves nothing of {shorten(stream.shown)!r}: give fewer lines")


def _sample(stream: TextStream, begin: int) -> Sample:
    size = _SAMPLE
    while True:
        data = stream.read(begin, size)
        if len(data) < size:
            return Sample(data, True)
        if data.count(b"\n") + data.count(b"\r") >= _FEWEST_LINES or size >= _MOST_SAMPLE:
            return Sample(data, False)
        size *= 4


def _layout(sample: Sample, dialect: Dialect, options: InputOptions, begin: int) -> Layout:
    layout = find_layout(sample, dialect, options)
    lines = options.skip or 0
    return replace(layout, offset=layout.offset + begin, line=layout.line + lines)


def _guessed(options: InputOptions) -> tuple[str, ...]:
    """Return the names of the fields of ``InputReading`` that were guessed."""
    given = {"encoding": options.encoding, "delimiter": options.delimiter, "quote": options.quote}
    names = [name for name, value in given.items() if value is None]
    return (*names, "has_header") if options.header is None else tuple(names)


def _ragged_remark(found: Walker, odd: int, width: int) -> str:
    line, _, _, fields, _ = found.found[0].tolist()
    return (
        f"{odd:,} rows do not have {width:,} fields, the first in line {line:,} has {fields:,}: missing ones are NULL, "
        "further ones have columns of their own"
    )


def _remarks(
    stream: TextStream, dialect: Dialect, layout: Layout, walker: Walker, footer: Footer, options: InputOptions
) -> list[str]:
    """Return a sentence on each thing that is not plain."""
    remarks = list(layout.remarks)
    if dialect.delimiter not in (",", "\t", "") and options.delimiter is None:
        remarks.append(f"fields are separated by {say(dialect.delimiter)}")
    if dialect.quote == "'" and options.quote is None:
        remarks.append('fields are quoted by "\'"')
    if layout.skipped:
        above = stream.read(0, min(layout.offset, _SAMPLE)).decode("utf-8", "replace").splitlines()[: layout.skipped]
        texts = [one_line(text) for text in above if text.strip()]
        if texts:
            remarks.append(
                f"{_lines(layout.skipped)} above the table {_were(layout.skipped)} left out: "
                f"{shorten(' / '.join(texts), 80)!r}"
            )
    if options.header is None and layout.names is None:
        remarks.append("no row has names of columns, so they are column0, column1, …: header=True takes the first row")
    elif options.header is None and not layout.is_certain:
        remarks.append("the first row was taken for names, though all values are text: header=False reads it as a row")
    if walker[kernel.COMMENTS]:
        number = walker[kernel.COMMENTS]
        remarks.append(f"{_lines(number)} {_were(number)} left out as comments: they begin with {dialect.comment!r}")
    if walker[kernel.REPEATED]:
        number = walker[kernel.REPEATED]
        remarks.append(
            f"{number:,} {'row repeats' if number == 1 else 'rows repeat'} the header, the first in line "
            f"{walker[kernel.REPEATED_LINE]:,}: {'it is' if number == 1 else 'they are'} read like the others"
        )
    if footer.lines:
        remarks.append(
            f"{_lines(footer.lines)} below the table {_were(footer.lines)} left out, from line {footer.line:,} on: "
            f"{shorten(footer.text, 60)!r}"
        )
    if walker[kernel.STRAY]:
        remarks.append(
            f"{walker[kernel.STRAY]:,} rows have quotes inside quoted fields, the first in line "
            f"{walker[kernel.STRAY_LINE]:,}: they are part of the values"
        )
    if walker[kernel.QUOTED_LINES] > _LONG_FIELD:
        remarks.append(
            f"the field that begins in line {walker[kernel.QUOTED_LINE]:,} has {walker[kernel.QUOTED_LINES]:,} lines: "
            "its quote may have been meant as text"
        )
    ends = [
        name
        for kind, name in ((kernel.LF_ENDS, "LF"), (kernel.CRLF_ENDS, "CRLF"), (kernel.CR_ENDS, "CR"))
        if walker[kind]
    ]
    if len(ends) > 1:
        remarks.append(f"lines end in several ways, {' and '.join(ends)}: each was taken for the end of a row")
    return remarks


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
