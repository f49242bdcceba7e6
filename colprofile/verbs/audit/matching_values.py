"""The values of two columns that occur together, where one column determines the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.verbs.audit.audited_table import AuditedTable

_FIRST = 64  # pairs that rule out nearly every rule
_CHUNK = 1 << 16

Pairs = list[tuple[Any, Any]]


def matching_codes(audited: AuditedTable, x: int, y: int) -> npt.NDArray[np.int64]:
    """Return y's code for each code of x, which determines it; 0 where no row has both."""
    assert audited.coded is not None
    codes_x, codes_y = audited.coded.codes[x], audited.coded.codes[y]
    found = np.zeros(audited.coded.marginals[x].dictionary.size + 1, np.int64)
    filled = (codes_x != 0) & (codes_y != 0)
    found[codes_x[filled]] = codes_y[filled]
    return found


def value_pairs(audited: AuditedTable, x: int, y: int) -> Iterator[Pairs]:
    """Yield the pairs of values that occur together, a few at first, then in chunks."""
    assert audited.coded is not None
    codes = matching_codes(audited, x, y)
    known = np.flatnonzero(codes)
    first, second = (audited.coded.marginals[j].dictionary for j in (x, y))
    for begin, end in [(0, _FIRST), *((at, at + _CHUNK) for at in range(_FIRST, known.size, _CHUNK))]:
        places = known[begin:end]
        yield list(zip(first.values(places - 1), second.values(codes[places] - 1), strict=True))
