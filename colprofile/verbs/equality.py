"""Whether two columns that determine each other hold the same values, as they are or after a cast."""

from __future__ import annotations

import numpy as np

from colprofile.values import Value
from colprofile.verbs.material import Material

_CHUNK = 1 << 16


def has_equal_values(material: Material, x: int, y: int) -> bool:
    """Whether every row holds the same value in both columns: in text form, ``1.0`` being ``1``."""
    assert material.coded is not None
    first, second = material.coded.marginals[x].dictionary, material.coded.marginals[y].dictionary
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
        if any(plain_text(a) != plain_text(b) for a, b in zip(left, right, strict=True)):
            return False
    return bool(known.size)


def plain_text(value: Value) -> str:
    """Return a value's text so that equal values of different types agree.

    >>> plain_text(1.0), plain_text("1"), plain_text(True), plain_text(0.5), plain_text("1.50")
    ('1', '1', 'true', '0.5', '1.50')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
