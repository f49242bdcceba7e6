"""The records of a text file, one character at a time: the slow, readable twin of the walk over its bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from colprofile.sources.files.text import kinds
from colprofile.sources.files.text.dialect import Dialect


@dataclass
class Record:
    """A record: the line where it begins, its fields with whether each is quoted, whether a quote is astray in it."""

    line: int
    cells: list[str] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    is_stray: bool = False
    is_comment: bool = False
    raw: str = ""

    @property
    def is_blank(self) -> bool:
        return len(self.cells) == 1 and not self.quoted[0] and not self.raw.strip(" \t")


class UnclosedQuote(Exception):
    """A quote that never closes."""


def slow_records(text: str, dialect: Dialect) -> list[Record]:
    """Return the records of a text."""
    records, position, line = [], 0, 1
    while position < len(text):
        record, begin = Record(line), position
        if dialect.comment and text.startswith(dialect.comment, position):
            record.is_comment = True
            while position < len(text) and text[position] not in "\r\n":
                position += 1
        else:
            position = _fields(text, position, dialect, record)
        record.raw = text[begin:position]
        ending = _line_end(text, position, dialect)
        line += _lines(record.raw, dialect) + 1
        position += len(ending)
        records.append(record)
    return records


def _lines(text: str, dialect: Dialect) -> int:
    return len(re.findall(r"\r\n|\n|\r" if dialect.has_cr_ends else r"\n", text))


def _line_end(text: str, position: int, dialect: Dialect) -> str:
    """Return the line end at a position, "" where there is none."""
    pattern = r"\r\n|\n|\r" if dialect.has_cr_ends else r"\r+\n|\n|\r+\Z"
    found = re.compile(pattern).match(text, position)
    return found[0] if found else ""


def _fields(text: str, position: int, dialect: Dialect, record: Record) -> int:
    """Add the fields of the record at a position, and return where it ends."""
    skips_space = dialect.skips_space or dialect.delimiter == " "
    while True:
        while skips_space and text.startswith(" ", position):
            position += 1
        if dialect.delimiter == " " and record.cells and _ends(text, position, dialect):
            return position
        cell, is_quoted, is_stray, position = _field(text, position, dialect)
        if skips_space and not is_quoted and not is_stray:
            cell = cell.rstrip(" ")
        record.cells.append(cell)
        record.quoted.append(is_quoted)
        record.is_stray = record.is_stray or is_stray
        if _ends(text, position, dialect):
            return position
        position += len(dialect.delimiter)


def _ends(text: str, position: int, dialect: Dialect) -> bool:
    return position >= len(text) or bool(_line_end(text, position, dialect))


def _field(text: str, position: int, dialect: Dialect) -> tuple[str, bool, bool, int]:
    """Return a field, whether it is quoted, whether text follows its closing quote, and where it ends."""
    begin, inside = position, ""
    is_quoted = bool(dialect.quote) and text.startswith(dialect.quote, position)
    if is_quoted:
        position += 1
        while True:
            if position >= len(text):
                raise UnclosedQuote
            sign = text[position]
            if sign == dialect.escape == "\\":
                if position + 1 >= len(text):
                    raise UnclosedQuote
                inside += _unescaped(text, position, dialect)
                position += 2
            elif sign == dialect.quote and dialect.escape == sign and text.startswith(sign, position + 1):
                inside += sign
                position += 2
            elif sign == dialect.quote:
                position += 1
                break
            else:
                inside += sign
                position += 1
        while dialect.skips_space and dialect.delimiter != " " and text.startswith(" ", position):
            position += 1
    after, rest = position, ""
    while position < len(text) and not (dialect.delimiter and text.startswith(dialect.delimiter, position)):
        if _line_end(text, position, dialect):
            break
        if dialect.escape == "\\" and text[position] == "\\" and position + 1 < len(text):
            rest += _unescaped(text, position, dialect)
            position += 3 if text.startswith("\r\n", position + 1) else 2
        else:
            rest += text[position]
            position += 1
    if not is_quoted:
        return rest, False, False, position
    if position == after:
        return inside, True, False, position
    raw = text[begin:position]
    is_around = raw.endswith(dialect.quote)
    return (raw[1:-1] if is_around else raw), is_around, True, position


def _unescaped(text: str, position: int, dialect: Dialect) -> str:
    """Return what a backslash and the sign after it mean."""
    following = text[position + 1]
    if following in (dialect.quote, "\\", "\r", "\n") or (
        dialect.delimiter and text.startswith(dialect.delimiter, position + 1)
    ):
        return text[position + 1 : position + (3 if text.startswith("\r\n", position + 1) else 2)]
    return "\\" + following


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?(\d{1,5}))?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?([eE][+-]?(\d{1,5}))?", re.ASCII)
TIME = re.compile(r"(\d\d?):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?", re.ASCII)


def slow_kind(text: str) -> int:
    """Return the kind of a field that is not empty; numbers have a decimal point and commas between thousands."""
    bare = text.strip(" \t")
    if not bare:
        return kinds.SPACES
    if NUMBER.fullmatch(bare) or GROUPED.fullmatch(bare):
        return _number_kind(bare)
    if re.fullmatch(r"[+-]?(nan|inf)|infinity", bare, re.IGNORECASE) or re.fullmatch(
        r"[+-]infinity", bare, re.IGNORECASE
    ):
        return kinds.NOT_FINITE
    for form, kind in (
        (str.lower, kinds.LOWER_BOOLEAN),
        (str.title, kinds.TITLE_BOOLEAN),
        (str.upper, kinds.UPPER_BOOLEAN),
    ):
        if bare in (form("true"), form("false")):
            return kind
    return _moment_kind(bare)


def _number_kind(text: str) -> int:
    exponent = re.search(r"[eE]([+-]?\d+)$", text)
    digits = text.lstrip("+-").partition("e")[0].partition("E")[0]
    whole = digits.replace(",", "").partition(".")[0]
    if exponent and not -320 <= int(exponent[1]) <= 308 - (0 if "-" in exponent[1] else len(whole)):
        return kinds.TEXT
    if len(whole) > 1 and whole[0] == "0":
        return kinds.LEADING_ZERO
    if exponent or "." in digits:
        return kinds.DECIMAL
    if "," in digits:
        return kinds.INTEGER if len(whole) <= 18 else kinds.DECIMAL
    if len(whole) > 38:
        return kinds.HUGE_INTEGER
    return kinds.INTEGER if int(whole) < 2**63 else kinds.LARGE_INTEGER


def _moment_kind(text: str) -> int:
    if TIME.fullmatch(text):
        found = TIME.fullmatch(text)
        assert found
        return kinds.TIME if int(found[1]) < 24 and len(found[4] or "") <= 6 else kinds.TEXT
    day = re.match(r"(\d{1,4})([-/.])(\d\d?)\2(\d{1,4})(?!\d)", text, re.ASCII)
    if not day or len(text) > 40:
        return kinds.TEXT
    one, two, three = int(day[1]), int(day[3]), int(day[4])
    if len(day[1]) == 4 and len(day[4]) <= 2 and day[2] != ".":
        is_iso, is_date = True, _is_date(one, two, three)
    elif len(day[1]) <= 2 and (len(day[4]) == 4 or (len(day[4]) == 2 and day[2] != "-")):
        year = three if len(day[4]) == 4 else 2000 + three
        is_iso, is_date = False, _is_date(year, one, two) or _is_date(year, two, one)
    else:
        return kinds.TEXT
    rest = text[day.end() :]
    if not is_date:
        return kinds.TEXT
    if not rest:
        return kinds.DATE if is_iso else kinds.SHORT_DATE
    return _timestamp_kind(rest, is_iso)


def _timestamp_kind(rest: str, is_iso: bool) -> int:
    clock = TIME.match(rest, 1)
    if rest[0] not in " T" or not clock or int(clock[1]) > 23:
        return kinds.TEXT
    zone, digits = rest[clock.end() :], len(clock[4] or "")
    if re.fullmatch(r" [AaPp][Mm]", zone) and 1 <= int(clock[1]) <= 12:
        return kinds.SHORT_TIMESTAMP if not is_iso and not digits else kinds.TEXT
    if not zone:
        return (
            (kinds.TIMESTAMP if digits <= 9 else kinds.TEXT)
            if is_iso
            else (kinds.SHORT_TIMESTAMP if not digits else kinds.TEXT)
        )
    has_zone = zone == "Z" or (re.fullmatch(r"[+-]\d\d(:\d\d|\d\d)?", zone, re.ASCII) and int(zone[1:3]) <= 15)
    return kinds.ZONED_TIMESTAMP if has_zone and is_iso and digits <= 6 else kinds.TEXT


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
