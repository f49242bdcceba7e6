"""How many of a column's values another lacks, from their sorted hashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled

Hashes = npt.NDArray[np.uint64]


@compiled
def _count_missing(some: Any, others: Any, most: Any) -> Any:
    """Return how many of ``some`` are not among ``others``, both ascending; more than ``most`` are not counted on."""
    missing = 0
    place = 0
    for i in range(some.size):
        word = some[i]
        step = 1
        while place + step < others.size and others[place + step] < word:
            place += step
            step *= 2
        end = min(place + step, others.size)
        while place < end:  # the first that is not below the word lies in place … end
            middle = (place + end) >> 1
            if others[middle] < word:
                place = middle + 1
            else:
                end = middle
        if place == others.size or others[place] != word:
            missing += 1
            if missing > most:
                return missing
    return missing


def count_missing(some: Hashes, others: Hashes, most: int | None = None) -> int:
    """Return how many of ``some`` are not among ``others``, both ascending and without repeats.

    Parameters
    ----------
    some, others
        uint64[].
    most
        The count ends at one more than so many.

    Examples
    --------
    >>> some, others = np.array([1, 5, 9], np.uint64), np.array([0, 1, 2, 9], np.uint64)
    >>> count_missing(some, others), count_missing(others, some), count_missing(others, some, 0)
    (1, 2, 1)
    """
    views = some.view(), others.view()
    for view in views:
        view.setflags(write=False)  # kernels are compiled for such arrays alone
    return int(_count_missing(*views, some.size if most is None else most))


def is_in(words: Hashes, others: Hashes) -> npt.NDArray[np.bool_]:
    """Return which words are among others, ascending; few of many take little time."""
    if not others.size:
        return np.zeros(words.size, bool)
    places = np.searchsorted(others, words)
    places[places == others.size] = 0
    found: npt.NDArray[np.bool_] = others[places] == words
    return found
