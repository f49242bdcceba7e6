"""Combinations of two and three columns in which no two rows are equal, found from the columns' codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import prod

from colprofile.counting.buffers import CodeArray
from colprofile.counting.duplicates import duplicate_rows

PREFIXES = (1 << 12, 1 << 16, 1 << 20)
"""Rows looked at before all: most combinations repeat within the first few thousand."""

MOST_ROWS = 1 << 26
"""Rows looked at in all, by default: about a second."""


def unique_combinations(
    codes: Sequence[CodeArray],
    distinct: Sequence[int],
    *,
    largest: int = 3,
    most_rows: int = MOST_ROWS,
    is_repeated: Callable[[tuple[int, ...]], bool | None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, ...]]:
    """Yield the minimal combinations of two to ``largest`` columns in which no two rows are equal.

    Parameters
    ----------
    codes, distinct
        Unsigned[rows] for each column, none of them unique by itself, and how many values each has; those that are most
        like parts of a key first, as the search ends when ``most_rows`` rows were looked at.
    is_repeated
        What is known of a combination: whether two rows are equal in it; None where that is not known.
    check
        Called between columns; it raises to stop.

    Examples
    --------
    >>> import numpy as np
    >>> columns = [np.array(column, np.uint8) for column in ([1, 1, 2, 2], [1, 2, 1, 2], [1, 1, 2, 3])]
    >>> list(unique_combinations(columns, [2, 2, 3]))
    [(0, 1), (1, 2)]
    """
    rows = codes[0].size if codes else 0
    found: list[tuple[int, ...]] = []
    left = most_rows
    for size in range(2, largest + 1):
        for chosen in combinations(range(len(codes)), size):
            if any(set(other) <= set(chosen) for other in found) or prod(distinct[j] for j in chosen) < rows:
                continue
            known = is_repeated(chosen)
            if known is None:
                if left < rows:
                    return
                known, looked_at = _has_duplicates([codes[j] for j in chosen], check)
                left -= looked_at
            if not known:
                found.append(chosen)
                yield chosen


def _has_duplicates(codes: Sequence[CodeArray], check: Callable[[], None]) -> tuple[bool, int]:
    """Return whether two rows are equal, and how many rows were looked at to know."""
    rows, looked_at = codes[0].size, 0
    for length in (*(prefix for prefix in PREFIXES if prefix < rows), rows):
        looked_at += length
        if duplicate_rows([column[:length] for column in codes], check).rows:
            return True, looked_at
    return False, looked_at
