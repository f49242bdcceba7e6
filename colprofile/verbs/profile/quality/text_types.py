"""What texts would convert to: whole numbers, numbers, dates, timestamps or booleans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.dictionary import arrow_positions
from colprofile.verbs.profile.quality.notations import NOTATIONS, Notation
from colprofile.verbs.profile.quality.text_column import Mask, TextColumn, mask_of, numbers_of

SqlType = Literal["BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN"]

SHARE = 0.9
"""Share of a column's values, placeholders left out, that must look like a type."""

_LEAST_ROWS = 5
_LONGEST_INTEGER = 18
_CODE_LENGTH = 5
"""Whole numbers of one length of at least so many digits are codes, and rightly text."""

_CODE_NAMES = frozenset(
    {"id", "ids", "uid", "guid", "zip", "zipcode", "postal", "postcode", "plz", "phone", "phonenumber", "tel"}
    | {"telephone", "fax", "mobile", "cell", "code", "ssn", "isbn", "issn", "ean", "gtin", "upc", "account", "iban"}
    | {"fips", "naics", "sic", "key", "sku", "vin", "imei", "ip", "version", "serial", "barcode", "reference", "ref"}
)

_INTEGER = re.compile(r"[+-]?9")
_NUMBER = re.compile(r"[+-]?(9|9\.9?|\.9)")
_EXPONENT = re.compile(r"[+-]?9(\.9?)?[aA][+-]?9")
_WRITTEN_NUMBER = re.compile(
    r"[+-]?[$€£¥]?[\u00a0 ]?[+-]?(9([.,'’\u00a0\u202f ]9)*[.,]?|[.,]9)[\u00a0\u202f ]?[%€$£¥]?"
)
_DATE = re.compile(r"9([-/.])9\1 ?9(([ ]|A)9:9(:9)?(\.9)?( ?(A|[+-]9(:9)?))?)?")
_TIME_OF_DAY = r"[T ](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?"
_DATE_TIME = (
    r"^\s*(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}/\d{1,2}/\d{2})"
    rf"(?P<time>(?:{_TIME_OF_DAY})?)\s*$"
)
ISO = "%Y-%m-%d"
_FORMATS = (ISO, "%Y/%m/%d", "%Y.%m.%d", *(f"%{a}{s}%{b}{s}%Y" for s in "/.-" for a, b in ("dm", "md")))
_SHORT_FORMATS = ("%d/%m/%y", "%m/%d/%y")
_ISO_READ = 50_000

_BOOLEANS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})


@dataclass(frozen=True)
class TextType:
    """The type that texts would have.

    Attributes
    ----------
    type
        Its name in SQL.
    converts
        Which values a cast would convert; of dates, those of the commonest format.
    format
        How dates are written, in the letters of ``strptime``; None for other types, and where day and month cannot be
        told apart.
    notation
        How numbers are written; None for other types.
    written
        Which values are numbers in that notation, signs of currencies and of percent aside.
    """

    type: SqlType
    converts: Mask
    format: str | None = None
    notation: Notation | None = None
    written: Mask | None = None


def text_type(column: TextColumn) -> TextType | None:
    """Return what a column's texts would convert to; None where they are rightly text."""
    if column.value_rows < _LEAST_ROWS or int(np.count_nonzero(column.is_value)) < 2:
        return None
    found = _boolean(column)
    if found is not None:
        return found
    wanted = SHARE * column.value_rows
    if column.rows_of(column.has_pattern(_numbers_matching(column, _WRITTEN_NUMBER, _EXPONENT))) >= wanted:
        number = _number(column, wanted)
        if number is not None:
            return number
    if column.rows_of(column.has_pattern(_numbers_matching(column, _DATE))) >= wanted:
        return _date(column, wanted)
    return None


def _numbers_matching(column: TextColumn, *expressions: re.Pattern[str]) -> list[int]:
    """Return the numbers of the patterns that match one of some expressions."""
    return [n for n, text in column.pattern_texts.items() if any(each.fullmatch(text) for each in expressions)]


def _boolean(column: TextColumn) -> TextType | None:
    chosen = np.flatnonzero(column.is_value)
    if chosen.size > 8:
        return None
    values = {str(text).strip().lower() for text in column.column.marginal.dictionary.values(chosen)}
    return TextType("BOOLEAN", column.is_value) if values in _BOOLEANS else None


def _number(column: TextColumn, wanted: float) -> TextType | None:
    is_integer = column.has_pattern(_numbers_matching(column, _INTEGER)) & column.is_value
    converts = column.has_pattern(_numbers_matching(column, _NUMBER)) & column.is_value
    exponents = column.has_pattern(_numbers_matching(column, _EXPONENT)) & column.is_value
    if exponents.any():
        is_number = pc.match_substring_regex(column.texts(exponents), r"^\s*[+-]?\d+(\.\d*)?[eE][+-]?\d+\s*$")
        converts[np.flatnonzero(exponents)] = mask_of(is_number)
    is_whole = converts.any() and not (converts & ~is_integer).any()
    if is_whole and _is_code(column, is_integer):
        return None
    notation, written = Notation(), converts
    if (column.is_value & ~converts).any():
        notation, written = _notation(column, converts)
        if column.rows_of(written) < wanted:
            return None
    return TextType("BIGINT" if is_whole else "DOUBLE", converts, None, notation, written)


def _notation(column: TextColumn, converts: Mask) -> tuple[Notation, Mask]:
    """Return the notation in which most rows are numbers, and which values are."""
    others = [text for number, text in column.pattern_texts.items() if _WRITTEN_NUMBER.fullmatch(text)]
    signs = set("".join(others))
    best, written, most = Notation(), converts, -1
    for notation in NOTATIONS:
        if (notation.decimal in signs or notation.decimal == ".") and notation.thousands in signs | {""}:
            found = column.each(column.is_value, notation.matches, bool)
            rows = column.rows_of(found)
            if rows > most:
                best, written, most = notation, found, rows
    return best, written


def _is_code(column: TextColumn, is_integer: Mask) -> bool:
    """Whether digits are names rather than amounts: by leading zeros, by one length, or by the column's name."""
    lengths = column.scan.lengths
    longest = int(np.max(lengths, where=is_integer, initial=0))
    if (column.scan.flags[is_integer] & 4).any() or not is_integer.any() or longest > _LONGEST_INTEGER:
        return True
    return int(np.min(lengths, where=is_integer, initial=longest)) == longest >= _CODE_LENGTH or names_a_code(
        column.column.name
    )


def names_a_code(name: str) -> bool:
    """Whether a column's name says that its digits are a code.

    >>> names_a_code("zipCode"), names_a_code("customer_id"), names_a_code("price"), names_a_code("PHONE_NUMBER")
    (True, True, False, True)
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return any(word.lower() in _CODE_NAMES for word in words)


def _date(column: TextColumn, wanted: float) -> TextType | None:
    is_candidate = column.is_value
    if int(np.count_nonzero(is_candidate)) <= _ISO_READ and _are_iso(column.texts(is_candidate)):
        has_time = bool((column.scan.lengths[is_candidate] > len("2013-01-31")).any())
        return TextType("TIMESTAMP" if has_time else "DATE", is_candidate, ISO)
    readings = column.each(is_candidate, _readings, np.uint16)
    rows = [column.rows_of(_has(readings, bit)) for bit in range(_HAS_TIME)]
    if max(rows) < wanted:
        return None
    best = rows.index(max(rows))
    has_time = bool(_has(readings, _HAS_TIME).any())
    name = None if rows.count(max(rows)) > 1 else (*_FORMATS, *_SHORT_FORMATS)[best]
    return TextType("TIMESTAMP" if has_time else "DATE", _has(readings, best), name)


_HAS_TIME = len(_FORMATS) + len(_SHORT_FORMATS)
"""The bit of readings that says that there is a time of day too; those before it are of the formats."""


def _readings(texts: pa.Array) -> npt.NDArray[np.uint16]:
    """Return in which formats each text is a date, by bits."""
    found = np.zeros(len(texts), np.uint16)
    parts = pc.extract_regex(texts, _DATE_TIME)
    matching = np.flatnonzero(mask_of(parts.is_valid()))
    if not matching.size:
        return found
    dates, times = (parts.field(i).take(arrow_positions(matching)) for i in (0, 1))
    is_short = mask_of(pc.match_substring_regex(dates, r"^\d{1,2}/\d{1,2}/\d{2}$"))
    for bit, name in enumerate((*_FORMATS, *_SHORT_FORMATS)):
        is_read = _is_date(dates, name) & (is_short if name in _SHORT_FORMATS else ~is_short)
        found[matching[is_read]] |= np.uint16(1 << bit)
    found[matching[numbers_of(pc.binary_length(times)) > 0]] |= np.uint16(1 << _HAS_TIME)
    return found


def _has(readings: npt.NDArray[np.uint16], bit: int) -> Mask:
    return np.asarray(readings & np.uint16(1 << bit) > 0)


def _is_date(texts: pa.Array, name: str) -> Mask:
    """Return which texts are dates of a format; strptime takes 2013-02-30 for 2013-03-02, so that days are compared."""
    found = pc.strptime(texts, name, "s", error_is_null=True)
    is_valid = mask_of(found.is_valid())
    places = arrow_positions(np.flatnonzero(is_valid))
    parts = pc.split_pattern_regex(texts.take(places), "[-/.]").flatten().cast(pa.int64())
    day = [part for part in name if part in "dmyY"].index("d")
    is_valid[is_valid] = numbers_of(parts)[day::3] == numbers_of(pc.day(found.take(places)))
    return is_valid


def _are_iso(texts: pa.Array) -> bool:
    """Whether all texts are dates or times as ISO 8601 writes them."""
    try:
        written = texts.to_pylist()
        for text in written:
            datetime.fromisoformat(text)
        return all(text[4:5] == "-" for text in written)
    except ValueError:
        return False
