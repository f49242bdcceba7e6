"""TablePlace: where on a sheet a table lies, among titles, empty rows and footnotes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

Row = Sequence[Any]
"""The cells of a row; "" and None are empty."""

LOOKED_AT = 200
"""So many rows are looked at to find the header."""


@dataclass(frozen=True)
class TablePlace:
    """Where a table lies.

    Attributes
    ----------
    header
        Index of the row with the names of columns; None where there is none.
    first
        Index of the first row of data.
    titles
        How many rows above it, header aside, hold something and are left out.
    is_guess
        Whether that was found out from the cells.
    """

    header: int | None
    first: int
    titles: int
    is_guess: bool


def is_empty(cell: Any) -> bool:
    """Whether a cell holds nothing, or only white space.

    >>> [is_empty(cell) for cell in ("", None, " ", 0, False)]
    [True, True, True, False, False]
    """
    return cell is None or (isinstance(cell, str) and not cell.strip())


def filled(row: Row) -> int:
    """Return how many cells of a row hold something."""
    return sum(not is_empty(cell) for cell in row)


def table_place(rows: Sequence[Row], skip: int, header: bool | None) -> TablePlace:
    """Return where the table begins on a sheet of which ``rows`` are the first.

    The header is the first row that is about as full as the rows after it and holds names: texts that differ, or years
    and dates above columns of something else. Rows above it are titles.

    >>> table_place([["Report"], ["", ""], ["id", "name"], [1.0, "a"], [2.0, "b"]], 0, None)
    TablePlace(header=2, first=3, titles=1, is_guess=True)
    >>> table_place([[1.0, "a"], [2.0, "b"]], 0, None)
    TablePlace(header=None, first=0, titles=0, is_guess=True)

    Parameters
    ----------
    skip
        So many rows at the top are left out whatever they hold.
    header
        Whether the first row then has the names; None to find out.
    """
    places = [place for place in range(skip, len(rows)) if filled(rows[place])]
    if not places:
        return TablePlace(None, len(rows), 0, header is None)
    if header is not None or skip:
        first = places[0]
        has_names = header if header is not None else _holds_names(rows[first], [rows[p] for p in places[1:]])
        return TablePlace(first if has_names else None, first + has_names, 0, header is None)
    full = _fullness(rows[place] for place in places)
    for number, place in enumerate(places):
        if filled(rows[place]) * 2 < full or (full > 1 and filled(rows[place]) < 2):
            continue
        below = [rows[p] for p in places[number + 1 :]]
        if _is_group_heading(rows[place], below):
            continue
        has_names = _holds_names(rows[place], below)
        return TablePlace(place if has_names else None, place + has_names, number, True)
    return TablePlace(None, places[0], 0, True)


def _fullness(rows: Iterable[Row]) -> int:
    """Return how many cells most rows fill: the upper median."""
    counts = sorted(map(filled, rows))
    return counts[len(counts) // 2] if counts else 0


def _is_group_heading(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row has headings above groups of columns, with the names of the columns in the next."""
    if len(below) < 2 or not all(isinstance(cell, str) for cell in row):
        return False
    under = below[0]
    has_gaps = any(is_empty(own) and not is_empty(name) for own, name in zip(row, under, strict=False))
    return has_gaps and filled(under) > filled(row) and _holds_names(under, below[1:]) and not _is_like_text(below[1:])


def _is_like_text(rows: Sequence[Row]) -> bool:
    return all(is_empty(cell) or isinstance(cell, str) for row in rows for cell in row)


def _holds_names(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row has names of columns rather than values like those below it."""
    cells = [(place, cell) for place, cell in enumerate(row) if not is_empty(cell)]
    texts = [cell.strip() for _, cell in cells if isinstance(cell, str)]
    if not texts or len(set(texts)) < 0.5 * len(texts) or any(_is_number(text) for text in texts):
        return False
    others = [(place, cell) for place, cell in cells if not isinstance(cell, str)]
    for place, cell in others:
        under = [row[place] for row in below if place < len(row) and not is_empty(row[place])]
        if not _may_name(cell) or (under and all(type(value) is type(cell) and _may_name(value) for value in under)):
            return False
    # Texts above texts: names, unless one of them comes again in its own column.
    return not any(
        row[place] == cell for place, cell in cells if isinstance(cell, str) for row in below if place < len(row)
    )


def _may_name(cell: Any) -> bool:
    """Whether a cell that is no text may head a column: a year or a date."""
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return cell == int(cell) and 1800 <= cell <= 2200
    return isinstance(cell, dt.date)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[$€£]?\d[\d.,' ]*%?", text) is not None and not re.fullmatch(
        r"1[89]\d\d|2[01]\d\d", text
    )


def footer_rows(rows: Iterable[Row]) -> int:
    """Return how many rows at the end of a sheet are notes: little in them, and an empty row before them.

    >>> footer_rows([[1, 2, 3], [4, 5, 6], ["", "", ""], ["Source: X", "", ""]])
    1
    """
    given = list(rows)
    full = _fullness(row for row in given if filled(row))
    notes = list(takewhile(lambda row: 0 < filled(row) * 2 < full, reversed(given)))
    return len(notes) if notes and len(notes) < len(given) and not filled(given[-len(notes) - 1]) else 0


def column_letter(number: int) -> str:
    """Return what a spreadsheet calls a column, from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
