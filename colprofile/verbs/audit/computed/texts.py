"""Expressions of text: some characters of a text, its lower or upper case, a number within a fixed text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow.compute as pc

from colprofile.results.column import ColumnProfile
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.verbs.audit.audited_table import AuditedTable, Expression
from colprofile.verbs.audit.computed.text_parts import text_array
from colprofile.verbs.audit.matching_values import Pairs, matching_positions, value_pairs
from colprofile.verbs.sql_types import INTEGER_TYPES

_LONGEST = 64  # characters of a text in which parts are looked for
_MOST_DIGITS = 18


@dataclass(frozen=True)
class _Candidate:
    """An expression that may hold: as people read it, as SQL, and as a function of a value."""

    text: str
    sql: str
    compute: Callable[[Any], Any]


def text_expression(audited: AuditedTable, x: int, y: int) -> Expression | None:
    """Return y as an expression of x, where one of the two is text; None if no simple one holds for all values.

    A text may be another in lower or upper case or without spaces around it, or some of its characters, or a whole
    number between fixed texts, with zeros before it or without. A whole number may consist of the characters of a text,
    such as the month of 2013-01-31.
    """
    propose = _proposals(*(audited.columns[j] for j in (x, y)))
    few = next(value_pairs(audited, x, y)) if propose is not None else []
    if propose is None or len(few) < 3 or len({value for _, value in few}) < 2:
        return None
    for candidate in propose(audited.name(x), quote_identifier(audited.name(x)), few):
        if any(candidate.compute(a) != b for a, b in few):
            continue
        if all(candidate.compute(a) == b for pairs in value_pairs(audited, x, y) for a, b in pairs):
            return Expression.portable(candidate.text, candidate.sql if _is_ascii(audited, x, y) else "")
    return None


def _is_ascii(audited: AuditedTable, x: int, y: int) -> bool:
    """Whether the values of x that occur with a y are ASCII."""
    if audited.columns[x].kind == "numeric":
        return True
    given, _ = matching_positions(audited, x, y)
    return bool(pc.all(pc.string_is_ascii(text_array(audited.coded.marginals[x].dictionary, given))).as_py())


def _proposals(x: ColumnProfile, y: ColumnProfile) -> Callable[[str, str, Pairs], Iterator[_Candidate]] | None:
    """Return what proposes expressions for columns of these types, from a few pairs of values."""
    is_text_x, is_text_y = (column.kind in ("text", "categorical") for column in (x, y))
    if is_text_x and is_text_y:
        return _texts_of
    if is_text_x and y.type.lower() in INTEGER_TYPES:
        return partial(_numbers_in, y.type)
    return _texts_around if is_text_y and x.type.lower() in INTEGER_TYPES else None


def _texts_of(name: str, column: str, pairs: Pairs) -> Iterator[_Candidate]:
    yield _Candidate(f"lower({name})", f"lower({column})", str.lower)
    yield _Candidate(f"upper({name})", f"upper({column})", str.upper)
    yield _Candidate(f"trim({name})", f"trim({column})", lambda value: value.strip(" "))
    whole, part = max(pairs, key=lambda pair: len(pair[1]))
    size = len(part)
    if 0 < size <= _LONGEST:
        for start in range(min(len(whole), _LONGEST)):
            if whole.startswith(part, start):
                yield _characters(name, column, start, size, "{}", str)


def _numbers_in(of_type: str, name: str, column: str, pairs: Pairs) -> Iterator[_Candidate]:
    whole, number = max(pairs, key=lambda pair: abs(pair[1]))
    cast = f"cast({{}} as {of_type})"
    for start in range(min(len(whole), _LONGEST)):
        for size in range(len(str(number)), _MOST_DIGITS):
            if start + size <= len(whole) and _number(whole[start : start + size]) == number:
                yield _characters(name, column, start, size, cast, _number)


def _characters(name: str, column: str, start: int, size: int, cast: str, convert: Callable[[str], Any]) -> _Candidate:
    end = start + size
    text = f"characters {start + 1} to {end} of {name}" if size > 1 else f"character {end} of {name}"
    sql = cast.format(f"substr({column}, {start + 1}, {size})")
    return _Candidate(text, sql, lambda value: convert(value[start:end]))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _texts_around(name: str, column: str, pairs: Pairs) -> Iterator[_Candidate]:
    number, text = max(pairs, key=lambda pair: pair[0])
    found = re.fullmatch(rf"(.*?)(0*{number})(\D*)", text, re.DOTALL) if number >= 0 else None
    if found is None:
        return
    before, digits, after = found.groups()
    for width in (0, len(digits)):
        padded = f"lpad(cast({column} as varchar), {width}, '0')" if width else f"cast({column} as varchar)"
        parts = [quote_literal(before)] * bool(before) + [padded] + [quote_literal(after)] * bool(after)
        number_text = f"{name} in {width} digits" if width else name
        words = [repr(before)] * bool(before) + [number_text] + [repr(after)] * bool(after)
        yield _Candidate(" + ".join(words), " || ".join(parts), _around(before, width, after))


def _around(before: str, width: int, after: str) -> Callable[[int], str | None]:
    """Return a function that puts a number between texts; None for what SQL's lpad would cut or pad otherwise."""
    most = 10 ** (width or 40)
    return lambda number: f"{before}{number:0{width or 1}d}{after}" if 0 <= number < most else None
