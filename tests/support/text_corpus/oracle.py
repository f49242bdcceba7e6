"""A slow reader of separated text, and whether a typed value is what a text says: nothing changed, nothing lost."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

DATE_FORMATS = [f"%{a}{s}%{b}{s}%{y}" for a, b in ("dm", "md") for s in "/.-" for y in "Yy"]
_PLAIN_NUMBER = re.compile(r"\s*[+-]?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]*)?([eE][+-]?[0-9]+)?\s*")
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}


def split_records(text: str, delimiter: str, quote: str, ending: str) -> list[list[str]]:
    """Return the fields of each record: one character at a time; a doubled quote within quotes stands for itself."""
    records: list[list[str]] = []
    record: list[str] = []
    field = ""
    is_quoted, place = False, 0
    while place < len(text):
        if is_quoted:
            if text.startswith(quote * 2, place):
                field, place = field + quote, place + 2
            elif text[place] == quote:
                is_quoted, place = False, place + 1
            else:
                field, place = field + text[place], place + 1
        elif text.startswith(ending, place):
            records.append([*record, field])
            record, field, place = [], "", place + len(ending)
        elif text.startswith(delimiter, place):
            record.append(field)
            field, place = "", place + len(delimiter)
        elif quote and text[place] == quote and not field:
            is_quoted, place = True, place + 1
        else:
            field, place = field + text[place], place + 1
    if record or field:
        records.append([*record, field])
    return records


def says(text: str, value: Any, decimal: str = ".") -> bool:
    """Return whether a value is what a text says; the empty text and NULL cannot be told apart."""
    if value is None:
        return text == ""
    if isinstance(value, str):
        return value == text
    if isinstance(value, bool):
        return text.strip().lower() in ({"true", "t", "yes", "y"} if value else {"false", "f", "no", "n"})
    if isinstance(value, int | float | Decimal):
        return _says_number(text.replace(decimal, "."), value)
    if isinstance(value, datetime):
        return _says_moment(text.strip(), value)
    if isinstance(value, date):
        return value.isoformat() == text.strip() or _says_day(text.strip(), value)
    if isinstance(value, time):
        try:
            return time.fromisoformat(text.strip()) == value
        except ValueError:
            return False
    return False


def are_merged(texts: list[str], values: list[Any], decimal: str = ".") -> bool:
    """Return whether doubles are equal where the texts are different numbers."""
    pairs = zip(texts, values, strict=True)
    said = {
        (Decimal(t.strip().replace(decimal, ".")), v) for t, v in pairs if isinstance(v, float) and math.isfinite(v)
    }
    return len({value for _, value in said}) < len(said)


def _says_number(text: str, value: float | Decimal) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        said = _NOT_FINITE.get(text.strip().lower().lstrip("+-"), 0.0) * (-1 if text.strip().startswith("-") else 1)
        return said == value or (math.isnan(said) and math.isnan(value))
    if not _PLAIN_NUMBER.fullmatch(text):
        return False
    if isinstance(value, float) and any(sign in text for sign in ".eE") and float(text) == value:
        return True  # written with more digits than a double has; whether others are the same double is seen elsewhere
    try:
        return Decimal(text.strip()) == Decimal(value)
    except InvalidOperation:
        return False


def _says_day(text: str, value: date) -> bool:
    for form in DATE_FORMATS:
        try:
            if datetime.strptime(text, form).date() == value:
                return True
        except ValueError:
            continue
    return False


def _says_moment(text: str, value: datetime) -> bool:
    try:
        said = pd.Timestamp(text)
    except ValueError:
        return False
    found = pd.Timestamp(value)
    if (said.tz is None) != (found.tz is None):
        return False
    return bool(said == found)
