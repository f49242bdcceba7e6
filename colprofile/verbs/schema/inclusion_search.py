"""The search for inclusions between single columns: refuted by a few hashes, the others decided by all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from colprofile.counting.sorted_hashes import count_missing, is_in
from colprofile.verbs.schema.table_values import ColumnValues

FIRST, SECOND = 8, 64
"""Hashes of a column looked up in another: the smallest, which are a random sample of its values."""

_FIRST_MISSING, _SECOND_MISSING = 5, 27
"""So many of them may be missing: of a column of which a fifth are, more would be in 1 of 800 and 20,000 cases."""

NEAR_SHARE = 0.2
"""A near-inclusion lacks at most this share of the values, and one of four values or more."""


Places = npt.NDArray[np.int64]


class Included(NamedTuple):
    """A column and another that has its values, except for ``orphans`` of them: places in what was searched."""

    column: int
    target: int
    orphans: int


def most_orphans(values: int) -> int:
    """Return how many of a column's values a near-inclusion may lack."""
    return max(int(values >= 4), int(values * NEAR_SHARE))


def included_columns(
    columns: Sequence[ColumnValues],
    allowed: Callable[[int, Places], Places],
    check: Callable[[int], None] = lambda _: None,
) -> Iterator[Included]:
    """Yield the pairs of columns where the values of the first are among those of the second, exactly or nearly.

    Parameters
    ----------
    columns
        All with hashes.
    allowed
        How many orphans some columns may have in a target, as far as ``most_orphans``; −1 of those that are not wanted.
    check
        Called with the number of targets that are done; it raises to stop.
    """
    hashes = [column.hashes for column in columns]
    sizes = np.array([0 if own is None else own.size for own in hashes])
    sample, owner = _samples(hashes)
    most = np.array([most_orphans(size) for size in sizes.tolist()], np.int64)
    for target, others in enumerate(hashes):
        check(target)
        if others is None or not others.size:
            continue
        missing = np.bincount(owner[~is_in(sample, others)], minlength=sizes.size)
        is_left = (sizes > 0) & (missing <= np.minimum(most, _FIRST_MISSING)) & (sizes - most <= others.size)
        is_left[target] = False
        left = np.flatnonzero(is_left)
        if not left.size:
            continue
        limits = np.minimum(allowed(target, left), most[left])
        is_left = (limits > 0) | ((limits == 0) & (missing[left] == 0) & (sizes[left] <= others.size))
        for column, limit in zip(left[is_left].tolist(), limits[is_left].tolist(), strict=True):
            orphans = _orphans(columns[column], columns[target], limit)
            if orphans <= limit:
                yield Included(column, target, orphans)


def _samples(hashes: Sequence[npt.NDArray[np.uint64] | None]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return the first hashes of all columns, ascending, and whose they are."""
    parts = [(number, own[:FIRST]) for number, own in enumerate(hashes) if own is not None and own.size]
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    words = np.concatenate([own for _, own in parts])
    owners = np.concatenate([np.full(own.size, number) for number, own in parts])
    order = np.argsort(words, kind="stable")
    return words[order], owners[order]


def _orphans(column: ColumnValues, target: ColumnValues, most: int) -> int:
    """Return how many values a target lacks; more than ``most`` are not counted on."""
    own, others = column.hashes, target.hashes
    assert own is not None and others is not None
    if is_dense(target) and column.low is not None and column.high is not None:
        assert target.low is not None and target.high is not None
        if target.low <= column.low and column.high <= target.high:
            return 0
    if own.size > 4 * SECOND and np.count_nonzero(~is_in(own[:SECOND], others)) > _SECOND_MISSING:
        return most + 1
    return count_missing(own, others, most)


def is_dense(column: ColumnValues) -> bool:
    """Whether a column has every whole number of its range."""
    return (
        column.low is not None and column.high is not None and column.high - column.low + 1 == column.profile.distinct
    )
