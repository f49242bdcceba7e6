"""Records of another width than the table's: footers, and rows with too few or too many fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from colprofile.errors import SourceError, one_line, shorten
from colprofile.sources.files.text import kernel
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.stream import TextStream
from colprofile.sources.files.text.walker import Walker, cells_of

_MOST_FOOTER = 20
_MOST_TAIL = 1 << 13
_FOOTER_WORDS = re.compile(
    r"(grand )?totals?\b|sums?\b|sources?\b|notes?\b|footnotes?\b|generated\b|exported\b|end of\b|eof\b|copyright\b|"
    r"data (from|as of|source)\b|(last )?updated\b|records?:|rows?:|\(?\d+ (rows?|records?)\b|[©*#\[]",
    re.IGNORECASE,
)
_MOST_SHOWN = 300


@dataclass(frozen=True)
class Footer:
    """Lines after the table.

    Attributes
    ----------
    records
        How many of the odd records they are.
    offset
        The byte where they begin; None where there are none.
    line, text
        The first of them.
    lines
        How many lines that are not blank they have.
    """

    records: int = 0
    offset: int | None = None
    line: int = 0
    text: str = ""
    lines: int = 0


def find_footer(stream: TextStream, walker: Walker, dialect: Dialect) -> Footer:
    """Return the lines after the last row that are no rows: a source, a total, a note."""
    if walker.width < 2:
        return Footer()
    apart = _after_blank_line(stream, walker) if walker[kernel.BLANK] else None
    if apart is not None:
        return apart
    if not walker[kernel.ODD] or walker[kernel.ODD] > len(walker.found):
        return Footer()
    last = [entry for entry in walker.found.tolist() if entry[4] == walker[kernel.GOOD]]
    if not last or len(last) > _MOST_FOOTER or not walker[kernel.GOOD]:
        return Footer()
    texts = [read_text(stream, entry[1], entry[2]) for entry in last]
    is_apart = last[0][0] > walker[kernel.LAST_GOOD_LINE] + 1
    for entry, text in zip(last, texts, strict=True):
        is_sentence = entry[3] < walker.width and any(letter.isalpha() for letter in text)
        is_note = _FOOTER_WORDS.match(text.strip("\"' ")) or ": " in text or (entry[3] == 1 and len(text.split()) > 2)
        if not (is_sentence and (is_apart or is_note)):
            return Footer()
    return Footer(len(last), int(last[0][1]), int(last[0][0]), texts[0], len(last))


def _after_blank_line(stream: TextStream, walker: Walker) -> Footer | None:
    """Return the lines after the last blank line, whatever their fields, where a word tells that they are a footer."""
    size = walker[kernel.BASE]
    begin = max(0, size - _MOST_TAIL)
    lines = stream.read(begin, size - begin).splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    blank = max((i for i, text in enumerate(texts) if not text), default=None)
    if blank is None or len(texts) - blank > _MOST_FOOTER or not _FOOTER_WORDS.match(texts[blank + 1].strip("\"' ")):
        return None
    offset = begin + sum(map(len, lines[: blank + 1]))
    odd = sum(int(entry[1]) >= offset for entry in walker.found)
    line = walker[kernel.LINE] - (len(lines) - blank - 1) + 1
    return Footer(odd, offset, line, one_line(texts[blank + 1]), len(texts) - blank - 1)


def read_text(stream: TextStream, start: int, stop: int) -> str:
    """Return a part of the file as text on one line."""
    return one_line(stream.read(start, min(stop - start, _MOST_SHOWN)).decode("utf-8", "replace"))


def ragged_error(stream: TextStream, walker: Walker, has_header: bool) -> SourceError:
    """Return the error that names the first row with too few or too many fields."""
    line, start, stop, fields = (int(value) for value in walker.found[0, :4])
    what = "the header" if has_header else "the first row"
    more = f", as {walker[kernel.ODD] - 1:,} more rows" if walker[kernel.ODD] > 1 else ""
    shown = shorten(read_text(stream, start, stop), 60)
    return SourceError(
        f"line {line:,} of {shorten(stream.shown)!r} has {_fields(fields)} where {what} has {walker.width:,}{more}: "
        f"{shown!r}; give ragged=True to read such rows with NULLs, or accept_rejects=True to leave them out"
    )


def _fields(number: int) -> str:
    return "1 field" if number == 1 else f"{number:,} fields"


def value_at(stream: TextStream, dialect: Dialect, offset: int) -> str:
    """Return the field that begins at a byte."""
    data = stream.read(offset, 4_096)
    if dialect.quote and offset and stream.read(offset - 1, 1) == dialect.quote.encode():
        data = dialect.quote.encode() + data
    cells = cells_of(re.split(rb"[\r\n]", data, maxsplit=1)[0], dialect)
    return cells[0] if cells else ""
