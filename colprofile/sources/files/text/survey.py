"""Survey: a text file in UTF-8 as a whole, how it is written and what of it is odd."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import numpy as np

from colprofile import stopping
from colprofile.errors import SourceError, shorten
from colprofile.sources.files.text import kernel
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.layout import Layout, find_layout
from colprofile.sources.files.text.memory import Bytes
from colprofile.sources.files.text.odd import Footer, find_footer, ragged_error
from colprofile.sources.files.text.sniff import Sample, guess_dialect, list_records
from colprofile.sources.files.text.stream import Blocks, TextStream, Utf8Check
from colprofile.sources.files.text.walker import Walker
from colprofile.sources.options import InputOptions

_SAMPLE = 1 << 17
_MOST_SAMPLE = 1 << 26
_FEWEST_LINES = 50
_MOST_RECORD = 1 << 29


class EmptyFile(SourceError):
    """A file without a header and without rows."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A text file in UTF-8 as a whole, how it is written and what of it is odd.

    Attributes
    ----------
    stream
        The file.
    dialect, layout
        How its fields are separated, and where its table begins.
    walker
        What was found in it.
    footer
        The lines after the table.
    odd
        Records with another number of fields than the table has, the footer left out.
    line_ends
        How its lines end: "LF", "CRLF", "CR".
    """

    stream: TextStream
    dialect: Dialect
    layout: Layout
    walker: Walker
    footer: Footer
    odd: int
    line_ends: tuple[str, ...]

    @property
    def is_regular(self) -> bool:
        """Whether DuckDB reads the file itself with the same meaning."""
        walker, layout = self.walker, self.layout
        odd = (kernel.ODD, kernel.BLANK, kernel.COMMENTS, kernel.STRAY, kernel.CRS)
        return (
            self.dialect.is_plain
            and not self.footer.lines
            and not any(walker[counter] for counter in odd)
            and self.line_ends in ((), ("LF",), ("CRLF",))
            and b"\r" not in layout.header
            and b"\n" not in layout.header
            and layout.width > 1
        )


def survey(stream: TextStream, options: InputOptions, *, is_checked: bool) -> Survey:
    """Return what a file in UTF-8 looks like; ``is_checked`` where it may be something else.

    Raises
    ------
    Undecodable
        It is not UTF-8.
    EmptyFile
        It has no header and no rows.
    SourceError
        A quote is not closed; rows have too few or too many fields, and no option allows it.
    """
    begin = _skip_lines(stream, options.skip or 0)
    sample = _sample(stream, begin)
    dialect = guess_dialect(sample, options)
    layout = _layout(sample, dialect, options, begin)
    if not layout.width:
        raise EmptyFile(f"{shorten(stream.shown, 200)!r} is empty but for blank lines and comments")
    if not dialect.delimiter and options.comment is None:
        dialect = replace(dialect, comment="")  # below the first line, any text may be a value
    check = Utf8Check() if is_checked else None
    if check is not None:
        check.feed(stream.read(0, layout.offset), False)
    walker = new_walker(dialect, layout, options)
    walk(stream, walker, layout.offset, check=check)
    if walker[kernel.STRAY] and options.quote is None:
        unquoted = replace(dialect, quote="", escape="")
        other = _layout(sample, unquoted, options, begin)
        literal = new_walker(unquoted, other, options)
        walk(stream, literal, other.offset)
        well_quoted = walker[kernel.QUOTED] - walker[kernel.STRAY]
        if not literal[kernel.ODD] and other.width == layout.width and well_quoted <= 2 * walker[kernel.STRAY]:
            dialect, layout, walker = unquoted, other, literal
    if walker[kernel.UNCLOSED_LINE]:
        raise SourceError(
            f"line {walker[kernel.UNCLOSED_LINE]:,} of {shorten(stream.shown)!r} opens a quote that is never closed: "
            f"close it, or give quote='' to read quotes as text"
        )
    footer = Footer() if options.ragged else find_footer(stream, walker, dialect)
    odd = walker[kernel.ODD] - footer.records
    if odd and not (options.ragged or options.accept_rejects):
        raise ragged_error(stream, walker, layout.names is not None)
    ends = _line_ends(walker, list_records(sample, dialect))
    return Survey(
        stream=stream, dialect=dialect, layout=layout, walker=walker, footer=footer, odd=odd, line_ends=ends
    )  # fmt: skip


def _line_ends(*walkers: Walker) -> tuple[str, ...]:
    names = {kernel.LF_ENDS: "LF", kernel.CRLF_ENDS: "CRLF", kernel.CR_ENDS: "CR"}
    return tuple(name for kind, name in names.items() if any(walker[kind] for walker in walkers))


def new_walker(
    dialect: Dialect,
    layout: Layout,
    options: InputOptions,
    *,
    columns: int | None = None,
    pads: bool = False,
    last: int = 0,
) -> Walker:
    """Return a walk over the rows below a header."""
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


def walk(
    stream: TextStream,
    walker: Walker,
    offset: int,
    *,
    limit: int | None = None,
    check: Utf8Check | None = None,
    copy: str | None = None,
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
            stopping.check()
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
