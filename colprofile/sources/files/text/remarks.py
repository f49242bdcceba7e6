"""What of a text file a person should know: one sentence on each thing that is not plain."""

from __future__ import annotations

from collections import Counter

from colprofile.errors import one_line, shorten
from colprofile.sources.files.text import kernel
from colprofile.sources.files.text.dialect import say
from colprofile.sources.files.text.survey import Survey
from colprofile.sources.options import InputOptions

_USUAL = frozenset([",", ";", "\t", "|", ""])
"""Delimiters that reports name among the facts, and that nobody takes for anything else."""

_LONG_FIELD = 100
"""Lines of one field that look like a quote which was never closed."""

_MOST_ABOVE = 1 << 14


def survey_remarks(found: Survey, options: InputOptions) -> tuple[str, ...]:
    """Return a sentence on each thing of a text file that is not plain."""
    return (
        *_dialect_remarks(found, options),
        *_header_remarks(found, options),
        *_left_out(found, options),
        *_doubtful(found),
    )


def _dialect_remarks(found: Survey, options: InputOptions) -> list[str]:
    dialect, remarks = found.dialect, []
    if dialect.delimiter not in _USUAL and options.delimiter is None:
        remarks.append(f"fields are separated by {say(dialect.delimiter)}")
    if dialect.skips_space and dialect.delimiter != " ":
        remarks.append(f"the space after each {say(dialect.delimiter)} is no part of the values")
    if dialect.quote == "'" and options.quote is None:
        remarks.append('fields are quoted by "\'"')
    if not dialect.quote and options.quote is None:
        remarks.append(
            "quotes are part of the values, as they do not go around whole fields: quote='\"' takes them off"
        )
    if len(found.line_ends) > 1:
        remarks.append(f"lines end in several ways, {' and '.join(found.line_ends)}: each ends a row")
    return remarks


def _header_remarks(found: Survey, options: InputOptions) -> list[str]:
    layout, remarks = found.layout, list(found.layout.remarks)
    if options.header is None and layout.names is None:
        remarks.append("no row has names of columns, so they are column0, column1, …: header=True takes the first row")
    elif options.header is None and not layout.is_certain:
        remarks.append("the first row was taken for names by its words alone: header=False reads it as a row")
    repeated = [name for name, number in Counter(layout.names or ()).items() if number > 1 and name]
    if repeated:
        shown = ", ".join(f"`{shorten(name, 40)}`" for name in repeated[:5])
        remarks.append(f"several columns have the same name, {shown}: what is asked for by name is the first of them")
    if found.walker[kernel.REPEATED]:
        number, line = found.walker[kernel.REPEATED], found.walker[kernel.REPEATED_LINE]
        remarks.append(
            f"1 row repeats the header, in line {line:,}: it is read like the others"
            if number == 1
            else f"{number:,} rows repeat the header, the first in line {line:,}: they are read like the others"
        )
    return remarks


def _left_out(found: Survey, options: InputOptions) -> list[str]:
    layout, walker, footer, remarks = found.layout, found.walker, found.footer, []
    if layout.skipped:
        above = found.stream.read(0, min(layout.offset, _MOST_ABOVE)).decode("utf-8", "replace")
        texts = [one_line(text) for text in above.splitlines()[: layout.skipped] if text.strip()]
        if texts:
            shown = shorten(" / ".join(texts), 80)
            remarks.append(f"{_lines(layout.skipped)} above the table {_were(layout.skipped)} left out: {shown!r}")
    if walker[kernel.COMMENTS]:
        number = walker[kernel.COMMENTS]
        remarks.append(
            f"{_lines(number)} {_were(number)} left out as comments, which begin with {found.dialect.comment!r}"
        )
    if footer.lines:
        remarks.append(
            f"{_lines(footer.lines)} below the table {_were(footer.lines)} left out, from line {footer.line:,} on: "
            f"{shorten(footer.text, 60)!r}"
        )
    if found.odd:
        line, _, _, fields, _ = walker.found[0].tolist()
        rows = f"{found.odd:,} {'row does' if found.odd == 1 else 'rows do'} not have {layout.width:,} fields"
        first = f"the first, in line {line:,}, has {fields:,}"
        done = (
            "missing ones are NULL, further ones have columns of their own"
            if options.ragged
            else f"{'it was' if found.odd == 1 else 'they were'} left out"
        )
        remarks.append(f"{rows}, {first}: {done}")
    return remarks


def _doubtful(found: Survey) -> list[str]:
    walker, remarks = found.walker, []
    if walker[kernel.STRAY]:
        number, line = walker[kernel.STRAY], walker[kernel.STRAY_LINE]
        rows = "1 row has" if number == 1 else f"{number:,} rows have"
        remarks.append(f"{rows} quotes inside quoted fields, from line {line:,} on: they are part of the values")
    if walker[kernel.QUOTED_LINES] > _LONG_FIELD:
        remarks.append(
            f"the field that begins in line {walker[kernel.QUOTED_LINE]:,} has {walker[kernel.QUOTED_LINES]:,} lines: "
            "its quote may have been meant as text"
        )
    return remarks


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
