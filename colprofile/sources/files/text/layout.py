"""Layout: where in a text file its table begins, and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colprofile.sources.files.text import kinds
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.memory import Numbers
from colprofile.sources.files.text.sniff import Sample, list_records, table_start
from colprofile.sources.files.text.walker import Walker, cells_of
from colprofile.sources.options import InputOptions

_SIGNED_NUMBER = re.compile(r"\s*[-+(]?\s*[$€£¥]?\s*\d[\d.,' ]*\)?\s*[$€£¥%]?\)?\s*")
_NOTATION = re.compile(r"[,$€£¥%]")
"""A number in any notation, and the signs of those that are no numbers without an option."""

_MOST_TITLES = 20
_NULL_WORDS = frozenset(["", "na", "n/a", "#n/a", "null", "none", "nan", "-", "--", ".", "?", "\\n"])
_YEARS = range(1500, 2200)
_EMPTY_KINDS = [kinds.EMPTY, kinds.QUOTED_EMPTY, kinds.NULL_TEXT, kinds.SPACES]


@dataclass(frozen=True)
class Layout:
    """Where in a text file its table begins, and what its columns are called.

    Attributes
    ----------
    width
        Fields of a row.
    names
        The columns' names as they are in the file; None where it has none.
    header
        The bytes of the record with the names.
    line, offset
        Lines and bytes before the first row.
    skipped
        Lines before the table.
    is_certain
        Whether the names differ from what is below them in kind.
    """

    width: int
    names: tuple[str, ...] | None
    header: bytes
    line: int
    offset: int
    skipped: int
    is_certain: bool = True
    remarks: tuple[str, ...] = ()


def find_layout(sample: Sample, dialect: Dialect, options: InputOptions) -> Layout:
    """Return the layout of a sample, as far as the options leave it open."""
    walker = list_records(sample, dialect)
    listed = walker.found
    is_single = int(listed[:, 3].max(initial=0)) <= 1
    found = listed[listed[:, 3] >= 0] if is_single else listed[listed[:, 3] > 0]  # where a blank line may be a row
    if is_single:
        found = found[_first_text(found) :]
        return _with_header(sample, dialect, options, found, 0, 1) if len(found) else _nothing()
    if not len(found):
        return _nothing()
    start, width = (0, int(found[0, 3])) if options.skip is not None else table_start(found[:, 3])
    if options.skip is None:
        start, width = _after_titles(sample, dialect, found, start, width, may_have_names=options.header is not False)
    if _has_trailing_delimiter(sample, dialect, found[start:], width):
        width -= 1
    return _with_header(sample, dialect, options, found, start, width)


def _has_trailing_delimiter(sample: Sample, dialect: Dialect, table: Numbers, width: int) -> bool:
    """Whether the first record ends with a delimiter that no other has."""
    if len(table) < 2 or width < 3 or int(table[0, 3]) != width or (table[1:, 3] != width - 1).any():
        return False
    return not cells_of(_record(sample, table, 0), dialect)[-1]


def _nothing() -> Layout:
    return Layout(0, None, b"", 0, 0, 0)


def _first_text(found: Numbers) -> int:
    """Return the first record that is not empty: empty lines before a header are no rows."""
    if not (found[:, 3] > 0).any():
        return len(found)
    filled = np.flatnonzero(found[:, 2] > found[:, 1])
    return int(filled[0]) if filled.size else len(found)


def _record(sample: Sample, found: Numbers, number: int) -> bytes:
    return sample.data[int(found[number, 1]) : int(found[number, 2])]


def _after_titles(
    sample: Sample, dialect: Dialect, found: Numbers, start: int, width: int, *, may_have_names: bool
) -> tuple[int, int]:
    """Return start and width after lines such as ``sep=;``, ``Title,,,`` and ``Author,Bar`` above a wider table."""
    widths = found[:, 3]
    if len(found) > start + 1 and _record(sample, found, start)[:4].lower().strip(b'"') in (b"sep=", b"sep"):
        start += 1
        width = int(widths[start])
    first, first_width = start, width
    while may_have_names and width >= 3 and start < min(_MOST_TITLES, len(found) - 1):
        cells = [cell.strip() for cell in cells_of(_record(sample, found, start), dialect)]
        following = [cell.strip() for cell in cells_of(_record(sample, found, start + 1), dialect)]
        if any(cells[1:]) or sum(map(bool, following)) == sum(map(bool, cells)) == 1:
            break
        start += 1
        width = int(widths[start])
    if start > first and not _is_header(sample, dialect, found[start:], width)[0]:
        start, width = first, first_width  # names may be missing, and only one be there
    for end in range(start + 1, min(start + 1 + _MOST_TITLES, len(found) - 1)):
        if widths[end] != width:
            rest = widths[end:]
            is_apart = int(found[end, 0]) > int(found[end - 1, 0]) + 1
            is_long = len(rest) >= 2 * (end - start) + (0 if is_apart else 1)
            is_wider = widths[end] > width and is_long and (rest == widths[end]).all()
            if is_wider and _is_header(sample, dialect, found[end:], int(widths[end]))[0]:
                return end, int(widths[end])
            break
    return start, width


def _with_header(
    sample: Sample, dialect: Dialect, options: InputOptions, found: Numbers, start: int, width: int
) -> Layout:
    table = found[start:]
    first = table[0]
    skipped = int(first[0]) - 1
    is_header, is_certain = True, True
    if options.header is None:
        is_header, is_certain = _is_header(sample, dialect, table, width)
    elif not options.header:
        is_header = False
    if not is_header:
        commented = _commented_header(sample, dialect, first, width) if options.header is None else None
        if commented is not None:
            return Layout(width, commented, b"", int(first[0]) - 1, int(first[1]), skipped - 1)
        return Layout(width, None, b"", int(first[0]) - 1, int(first[1]), skipped)
    header = _record(sample, table, 0)
    names = cells_of(header, dialect)
    remarks = []
    if len(names) < width and len(table) > 1:
        names, remark = _short_header(sample, dialect, table, names, width)
        remarks.append(remark)
    elif len(names) == width + 1 and not names[-1]:
        names.pop()
        remarks.append("the header ends with a delimiter that the rows lack")
    line, offset = _after(sample, first, table)
    return Layout(
        width=width, names=tuple(names), header=header, line=line, offset=offset, skipped=skipped,
        is_certain=is_certain, remarks=tuple(remarks),
    )  # fmt: skip


def _after(sample: Sample, first: Numbers, table: Numbers) -> tuple[int, int]:
    """Return lines and bytes before the record after the header."""
    end = int(first[2])
    if sample.data[end : end + 2] == b"\r\n":
        end += 2
    elif end < len(sample.data):
        end += 1
    inside = sample.data[int(first[1]) : int(first[2])]
    lines = inside.count(b"\n") + inside.replace(b"\r\n", b"").count(b"\r")
    return int(first[0]) + lines, end


def _short_header(
    sample: Sample, dialect: Dialect, table: Numbers, names: list[str], width: int
) -> tuple[list[str], str]:
    """Return the names of a table whose header has one field less than all of its rows."""
    rows = [cells_of(_record(sample, table, i), dialect) for i in range(1, min(len(table), 200))]
    if all(not row[-1] for row in rows):
        return [*names, ""], "rows end with a delimiter that the header lacks: the last column has no name"
    return ["", *names], "the header has one field less than the rows: the first column has no name, as R writes tables"


def _commented_header(sample: Sample, dialect: Dialect, first: Numbers, width: int) -> tuple[str, ...] | None:
    """Return the names in the last comment line above the rows, such as ``#id,name``."""
    if not dialect.comment or width < 2:
        return None
    lines = sample.data[: int(first[1])].rstrip(b"\r\n").splitlines()
    if not lines or not lines[-1].startswith(dialect.comment.encode()):
        return None
    cells = cells_of(lines[-1].lstrip(dialect.comment.encode()).strip(b" "), dialect)
    return tuple(cells) if len(cells) == width and all(cells) else None


def _is_header(sample: Sample, dialect: Dialect, table: Numbers, width: int) -> tuple[bool, bool]:
    """Return whether the first record has names, and whether the kinds of the values below tell so."""
    heads = Walker(dialect, int(table[0, 3]))
    heads.feed(np.frombuffer(_record(sample, table, 0) + b"\n", np.uint8), True)
    head_kinds = heads.kind_counts.argmax(axis=1)
    cells = cells_of(_record(sample, table, 0), dialect)
    if all(map(_SIGNED_NUMBER.fullmatch, cells)) and any(map(_NOTATION.search, cells)):
        return False, True  # no names, but numbers that an option reads
    if len(table) == 1:
        is_text = (head_kinds == kinds.TEXT).any() and not np.isin(head_kinds, _typed_kinds()).any()
        return bool(is_text), False
    body = Walker(dialect, width, pads=True)
    begin, stop = int(table[1, 1]), int(table[-1, 2])
    body.feed(np.frombuffer(sample.data[begin:stop] + b"\n", np.uint8), True)
    shift = width - len(cells) if width > len(cells) else 0
    votes, has_typed = _votes(sample, dialect, table, cells, head_kinds, body, shift)
    if votes or has_typed:
        return votes > 0, votes > 0
    return _is_unlike_the_rest(sample, dialect, table, cells), False


def _typed_kinds() -> list[int]:
    return [kind for kind in range(kinds.INTEGER, kinds.TEXT)]


def _votes(
    sample: Sample,
    dialect: Dialect,
    table: Numbers,
    cells: Sequence[str],
    head_kinds: Numbers,
    body: Walker,
    shift: int,
) -> tuple[float, bool]:
    """Return for how many columns more the first record differs from the values below it in kind than it does not."""
    votes, has_typed = 0.0, False
    years = [int(cell) for cell in cells if cell.strip().isdecimal() and int(cell) in _YEARS]
    are_years = len(years) > 1 and len(set(years)) == len(years)
    for j, cell in enumerate(cells[: body.kind_counts.shape[0] - shift]):
        counts = body.kind_counts[j + shift].copy()
        counts[_EMPTY_KINDS] = 0
        total, texts = int(counts.sum()), int(counts[kinds.TEXT])
        if not total or cell.strip().lower() in _NULL_WORDS:
            continue
        if texts > 0.5 * total:
            if head_kinds[j] != kinds.TEXT and not cell.strip().isdecimal():
                votes -= 0.25  # a number above texts
            continue
        has_typed = True
        kind = int(head_kinds[j])
        if kind == kinds.TEXT:
            votes += 1.0
        elif kind == kinds.INTEGER and cell.strip().isdecimal() and int(cell) in _YEARS:
            below = _values(sample, dialect, table, j + shift)
            is_year = sum(value.isdecimal() and int(value) in _YEARS for value in below) > 0.5 * len(below)
            votes += -1.0 if is_year else 1.0 if are_years or counts[kinds.INTEGER] < total else 0.5
        elif _family(kind) != _family(int(counts.argmax())):
            votes += 1.0
        else:
            votes -= 1.0
    return votes, has_typed


def _family(kind: int) -> int:
    """Return one number for all kinds of numbers, one for all of dates, one for booleans."""
    if kind <= kinds.NOT_FINITE:
        return 0
    return 1 if kind <= kinds.SHORT_TIMESTAMP else 2


def _values(sample: Sample, dialect: Dialect, table: Numbers, column: int) -> list[str]:
    """Return the values of a column in the first rows."""
    rows = (cells_of(_record(sample, table, i), dialect) for i in range(1, min(len(table), 50)))
    return [row[column].strip() for row in rows if len(row) > column and row[column]]


def _is_unlike_the_rest(sample: Sample, dialect: Dialect, table: Numbers, cells: Sequence[str]) -> bool:
    """Whether the first record, all of it text, has values that do not recur below it."""
    filled = [cell for cell in cells if cell.strip()]
    if 2 * len(filled) < len(cells) or 2 * len(set(filled)) < len(filled):
        return False
    for i in range(1, min(len(table), 1_000)):
        row = cells_of(_record(sample, table, i), dialect)
        if any(cell and cell == other for cell, other in zip(cells, row, strict=False)):
            return False
    return True
