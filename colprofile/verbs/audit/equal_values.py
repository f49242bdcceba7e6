"""Whether two columns that determine each other hold the same values, as they are or after a cast."""

from __future__ import annotations

import numpy as np

from colprofile.values import Value
from colprofile.verbs.audit.audited_table import Material

_CHUNK = 1 << 16


def has_equal_values(material: Material, x: int, y: int) -> bool:
    """Whether every row holds the same value in both columns: in text form, ``1.0`` being ``1``."""
    assert material.coded is not None
    first, second = material.coded.marginals[x].dictionary, material.coded.marginals[y].dictionary
    form_x, form_y = _form(material, x), _form(material, y)
    codes_x, codes_y = material.coded.codes[x], material.coded.codes[y]
    partner = np.zeros(first.size + 1, np.int64)
    partner[codes_x] = codes_y
    partner[0] = 0
    known = np.flatnonzero(partner)
    # A few values tell nearly all columns that differ.
    for begin, end in [(0, 16), *((at, at + _CHUNK) for at in range(16, known.size, _CHUNK))]:
        places = known[begin:end]
        left = first.values(places - 1)
        right = second.values(partner[places] - 1)
        if any(plain_text(a, form_x) != plain_text(b, form_y) for a, b in zip(left, right, strict=True)):
            return False
    return bool(known.size)


def _form(material: Material, number: int) -> str:
    """Return what ``plain_text`` should know of a column's type. A boolean and true and false as text stay apart."""
    column = material.columns[number]
    name = column.type.lower()
    if column.kind == "boolean":
        return "boolean"
    return "decimal" if name.startswith(("decimal", "numeric")) else "moment" if name.startswith("timestamp") else ""


def plain_text(value: Value, kind: str = "") -> str:
    """Return a value's text so that equal values of different types agree.

    ``kind`` is "decimal", "boolean" or "moment" where the value's type is, whose texts have several forms.

    >>> plain_text(1.0), plain_text("1"), plain_text(0.5), plain_text("1.50")
    ('1', '1', '0.5', '1.50')
    >>> plain_text("1.50", "decimal"), plain_text(True, "boolean"), plain_text("2020-01-31 00:00:00", "moment")
    ('1.5', '1', '2020-01-31')
    """
    if kind == "boolean":
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if kind == "decimal" and "." in text:
        return text.rstrip("0").rstrip(".")
    return text.removesuffix(" 00:00:00") if kind == "moment" else text
