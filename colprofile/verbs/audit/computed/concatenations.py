"""Texts put together from two or three columns, with fixed texts before, between and after them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from colprofile.results.audit import Finding
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.verbs.audit.audited_table import AuditedTable, Expression
from colprofile.verbs.audit.computed.several import finding_of
from colprofile.verbs.audit.literals import is_writable_text
from colprofile.verbs.sql_types import INTEGER_TYPES

_FIRST = 32  # rows that rule out nearly all
_MOST_PARTS = 3
_MOST_CANDIDATES = 12
_CHUNK = 1 << 16

Rows = npt.NDArray[np.int64]


def concatenation_findings(audited: AuditedTable, known: Collection[int]) -> Iterator[Finding]:
    """Yield the text columns, but those ``known`` to follow from others, that consist of two or three columns."""
    if not audited.has_codes:
        return
    able = [j for j in range(len(audited.columns)) if _is_part(audited, j)]
    for y in able:
        if y in known or audited.columns[y].kind not in ("text", "categorical") or audited.representatives[y] != y:
            continue
        for columns, between in _candidates(audited, y, [j for j in able if j != y]):
            if _holds(audited, columns, y, between, _complete_rows(audited, (*columns, y))):
                found = finding_of(audited, columns, y, _expression(audited, columns, between))
                if found is not None:
                    yield found
                    break


def _is_part(audited: AuditedTable, number: int) -> bool:
    column = audited.columns[number]
    is_text = column.kind in ("text", "categorical") and column.type.lower() in ("varchar", "text")
    return column.distinct > 1 and (is_text or column.type.lower() in INTEGER_TYPES)


def _complete_rows(audited: AuditedTable, columns: Sequence[int]) -> Rows:
    return np.flatnonzero(~np.any([audited.is_null(j) for j in columns], axis=0))


def _texts(audited: AuditedTable, number: int, rows: Rows) -> list[str]:
    codes = audited.coded.codes[number][rows].astype(np.int64)
    used, places = np.unique(codes, return_inverse=True)
    values = [str(value) for value in audited.coded.marginals[number].dictionary.values(used - 1)]
    return [values[place] for place in places.tolist()]


def _candidates(audited: AuditedTable, y: int, able: Sequence[int]) -> Iterator[tuple[tuple[int, ...], list[str]]]:
    """Yield columns in order, with the texts before, between and after them, that give y in a few rows."""
    filled = np.flatnonzero(~audited.is_null(y))
    few = filled[:: max(1, filled.size // _FIRST)][:_FIRST]
    written = _texts(audited, y, few)
    texts: dict[int, list[str]] = {}
    for j in able:
        if (audited.coded.codes[j][few] == 0).any():
            continue
        found = _texts(audited, j, few)
        if len(set(found)) > 1 and all(part in whole for part, whole in zip(found, written, strict=True)):
            texts[j] = found
        if len(texts) == _MOST_CANDIDATES:
            break
    for size in range(_MOST_PARTS, 1, -1):
        for columns in itertools.permutations(texts, size):
            for between in _separators(written[0], [texts[j][0] for j in columns]):
                parts = zip(*(texts[j] for j in columns), strict=True)
                if all(_joined(values, between) == whole for values, whole in zip(parts, written, strict=True)):
                    yield columns, between


def _separators(whole: str, parts: Sequence[str]) -> Iterator[list[str]]:
    """Yield what is before, between and after parts of a text, for each of their places.

    >>> list(_separators("a-b", ["a", "b"]))
    [['', '-', '']]
    """
    if not parts:
        yield [whole]
        return
    at = whole.find(parts[0]) if parts[0] else -1
    while at >= 0:
        for rest in _separators(whole[at + len(parts[0]) :], parts[1:]):
            yield [whole[:at], *rest]
        at = whole.find(parts[0], at + 1)


def _joined(parts: Sequence[str], between: Sequence[str]) -> str:
    return between[0] + "".join(part + after for part, after in zip(parts, between[1:], strict=True))


def _holds(audited: AuditedTable, columns: Sequence[int], y: int, between: Sequence[str], rows: Rows) -> bool:
    for begin in range(0, rows.size, _CHUNK):
        chunk = rows[begin : begin + _CHUNK]
        parts = zip(*(_texts(audited, j, chunk) for j in columns), strict=True)
        if any(_joined(p, between) != whole for p, whole in zip(parts, _texts(audited, y, chunk), strict=True)):
            return False
    return rows.size > 0


def _expression(audited: AuditedTable, columns: Sequence[int], between: Sequence[str]) -> Expression:
    words, sql = ([repr(between[0])], [quote_literal(between[0])]) if between[0] else ([], [])
    for name, after in zip(audited.names(columns), between[1:], strict=True):
        words += [name, *([repr(after)] if after else [])]
        sql += [f"cast({quote_identifier(name)} as varchar)", *([quote_literal(after)] if after else [])]
    is_possible = all(map(is_writable_text, between))
    return Expression.portable(" + ".join(words), " || ".join(sql) if is_possible else "")
