"""The values of two columns that occur together, where one determines the other, and whether they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.values import Value
from colprofile.verbs.audit.audited_table import AuditedTable

_FIRST = 64  # pairs that rule out nearly every rule
_CHUNK = 1 << 16

Pairs = list[tuple[Any, Any]]
Positions = npt.NDArray[np.int64]


def matching_positions(audited: AuditedTable, x: int, y: int) -> tuple[Positions, Positions]:
    """Return the positions of x's values that occur with a y, and of the y that each determines."""
    codes_x, codes_y = audited.coded.codes[x], audited.coded.codes[y]
    codes = np.zeros(audited.coded.marginals[x].dictionary.size + 1, np.int64)
    filled = (codes_x != 0) & (codes_y != 0)
    codes[codes_x[filled]] = codes_y[filled]
    known = np.flatnonzero(codes)
    return known - 1, codes[known] - 1


def value_pairs(audited: AuditedTable, x: int, y: int) -> Iterator[Pairs]:
    """Yield the pairs of values that occur together, a few at first, then in chunks."""
    given, determined = matching_positions(audited, x, y)
    first, second = (audited.coded.marginals[j].dictionary for j in (x, y))
    for begin, end in [(0, _FIRST), *((at, at + _CHUNK) for at in range(_FIRST, given.size, _CHUNK))]:
        yield list(zip(first.values(given[begin:end]), second.values(determined[begin:end]), strict=True))


def has_equal_values(audited: AuditedTable, x: int, y: int) -> bool:
    """Whether every row holds the same value in both columns: in text form, ``1.0`` being ``1``."""
    form_x, form_y = _form(audited, x), _form(audited, y)
    pairs = (pair for chunk in value_pairs(audited, x, y) for pair in chunk)
    return all(canonical_text(a, form_x) == canonical_text(b, form_y) for a, b in pairs)


def _form(audited: AuditedTable, number: int) -> str:
    """Return the kind for ``canonical_text``. A boolean differs from true and false as text."""
    column = audited.columns[number]
    name = column.type.lower()
    if column.kind == "boolean":
        return "boolean"
    return "decimal" if name.startswith(("decimal", "numeric")) else "timestamp" if name.startswith("timestamp") else ""


def canonical_text(value: Value, kind: str = "") -> str:
    """Return a value's text so that equal values of different types agree.

    ``kind`` is "decimal", "boolean" or "timestamp" for values of these types, whose texts have several forms.

    >>> canonical_text(1.0), canonical_text("1"), canonical_text(0.5), canonical_text("1.50")
    ('1', '1', '0.5', '1.50')
    >>> canonical_text("1.50", "decimal"), canonical_text(True, "boolean")
    ('1.5', '1')
    >>> canonical_text("2020-01-31 00:00:00", "timestamp")
    '2020-01-31'
    """
    if kind == "boolean":
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if kind == "decimal" and "." in text:
        return text.rstrip("0").rstrip(".")
    return text.removesuffix(" 00:00:00") if kind == "timestamp" else text
