"""Dates and times as texts: numbers between fixed characters, such as 2024-05, 31.12.2024 or Q2 2024."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from colprofile.sources.identifiers import quote_literal
from colprofile.verbs.audit.audited_table import Expression
from colprofile.verbs.audit.computed.time_parts import Ids, component, component_sql, times_of
from colprofile.verbs.audit.literals import is_writable_text

_PARTS = ("year", "month", "day", "hour", "minute", "second", "quarter", "doy")
_LETTERS = {
    "year": "YYYY",
    "month": "M",
    "day": "D",
    "hour": "H",
    "minute": "m",
    "second": "s",
    "quarter": "q",
    "doy": "d",
}
_JOINED = {6: (4, 2), 8: (4, 2, 2)}  # digits of 202405 and 20240531
_MOST_RUNS = 6  # of digits
_FIRST = 64

Field = tuple[str, int]
"""A part of a time, and to how many digits it is padded."""


def date_text_expression(name: str, column: str, micros: Ids, texts: Sequence[str]) -> Expression | None:
    """Return texts as the parts of times between fixed characters; None where they are not.

    ``texts`` has the text of each of the times.
    """
    if not texts or not is_writable_text(texts[0]) or sum(map(str.isdigit, texts[0])) > 4 * _MOST_RUNS:
        return None
    pieces = _pieces(texts[0])
    between, widths = pieces[::2], [len(digits) for digits in pieces[1::2]]
    if not 1 <= len(widths) <= _MOST_RUNS:
        return None
    times = times_of(micros)
    numbers = {part: component(times, part) for part in _PARTS}
    values = [int(digits) for digits in pieces[1::2]]
    choices = [
        [
            (part, padding)
            for part in _PARTS
            if int(numbers[part][0]) == value
            for padding in ((1,) if part == "year" else sorted({1, width}, reverse=True))
        ]
        for value, width in zip(values, widths, strict=True)
    ]
    places = np.arange(min(_FIRST, len(texts)))
    for fields in itertools.product(*choices):
        if _holds(fields, between, numbers, texts, places) and _holds(
            fields, between, numbers, texts, np.arange(len(texts))
        ):
            return Expression.portable(_words(name, between, fields), _sql(column, between, fields))
    return None


def _pieces(text: str) -> list[str]:
    """Return what is between runs of digits, and the runs, in turn.

    >>> _pieces("202405 x"), _pieces("Q2")
    (['', '2024', '', '05', ' x'], ['Q', '2', ''])
    """
    pieces: list[str] = []
    for n, piece in enumerate(re.split(r"([0-9]+)", text)):
        if n % 2 and len(piece) in _JOINED:
            at = 0
            for width in _JOINED[len(piece)]:
                pieces += [piece[at : at + width], ""]
                at += width
            pieces.pop()
        else:
            pieces.append(piece)
    return pieces


def _holds(
    fields: Sequence[Field], between: Sequence[str], numbers: dict[str, Ids], texts: Sequence[str], places: Ids
) -> bool:
    columns = [numbers[part][places].tolist() for part, _ in fields]
    widths = [width for _, width in fields]
    for place, *values in zip(places.tolist(), *columns, strict=True):
        written = between[0]
        for value, width, after in zip(values, widths, between[1:], strict=True):
            written += f"{value:0{width}d}{after}"
        if written != texts[place]:
            return False
    return True


def _words(name: str, between: Sequence[str], fields: Sequence[Field]) -> str:
    shown = between[0]
    for (part, width), after in zip(fields, between[1:], strict=True):
        shown += _LETTERS[part] * (1 if part == "year" else width) + after
    return f"{name} written as {shown}"


def _sql(column: str, between: Sequence[str], fields: Sequence[Field]) -> str:
    parts = [quote_literal(between[0])] if between[0] else []
    for (part, width), after in zip(fields, between[1:], strict=True):
        text = f"cast({component_sql(part, column)} as varchar)"
        parts.append(f"lpad({text}, {width}, '0')" if width > 1 else text)
        if after:
            parts.append(quote_literal(after))
    return " || ".join(parts)
