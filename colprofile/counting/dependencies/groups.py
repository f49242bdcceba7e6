"""Groups: the rows that share their values in some columns with another row, and what they determine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dependencies.kernels import first_violation, sum_shared, violating_rows
from colprofile.counting.kernels import CLOGC_TABLE, SUMS
from colprofile.counting.marginal import Counts
from colprofile.measures.chance import expected_bits
from colprofile.measures.sums import PairSums

if TYPE_CHECKING:
    from colprofile.counting.dependencies.relation import Relation

RowNumbers = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

BLOCK = 1 << 22
"""Rows per kernel call: a search that is stopped waits for no more."""

_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Groups:
    """The rows in groups: rows that are equal in every one of ``columns`` (ascending) share one.

    Rows with NULL in one of the columns are in none. ``members``, uint32[repeated], are the rows that share their group
    with another, group by group between ``offsets``, int64[shared groups + 1], ascending within each.
    """

    relation: Relation
    columns: tuple[int, ...]
    offsets: npt.NDArray[np.int64]
    members: RowNumbers

    @cached_property
    def rows(self) -> int:
        """Rows without NULL in the columns."""
        return self.relation.filled_rows(self.columns)

    @property
    def repeated(self) -> int:
        """Rows that share their group with another: only they can support or contradict a dependency."""
        return self.members.size

    @property
    def size(self) -> int:
        """How many groups there are, those of one row among them."""
        return self.rows - self.repeated + self.offsets.size - 1

    @property
    def is_unique(self) -> bool:
        """Whether no two rows share a group."""
        return not self.repeated

    @cached_property
    def singles(self) -> RowNumbers:
        """The rows that are alone in their group, ascending."""
        is_alone = self.relation.is_filled(self.columns)
        is_alone[self.members] = False
        return np.flatnonzero(is_alone).astype(np.uint32)

    @property
    def numbers(self) -> RowNumbers:
        """uint32[rows]: the number of each row's group, from 1, those of one row last; 0 of rows with NULL."""
        found = np.zeros(self.relation.rows, np.uint32)
        shared = self.offsets.size - 1
        found[self.members] = np.repeat(np.arange(1, shared + 1, dtype=np.uint32), np.diff(self.offsets))
        found[self.singles] = np.arange(shared + 1, shared + 1 + self.singles.size, dtype=np.uint32)
        return found

    def one_of_each(self, is_chosen: Bools) -> npt.NDArray[np.int64]:
        """Return of each group the first row that is chosen, bool[rows]; ascending. Rows with NULL are never chosen."""
        is_kept = is_chosen & self.relation.is_filled(self.columns)
        places = np.flatnonzero(is_kept[self.members])
        is_kept[self.members] = False
        group = np.searchsorted(self.offsets, places, "right")
        is_first = np.append(True, group[1:] != group[:-1])[: places.size]
        is_kept[self.members[places[is_first]]] = True
        return np.flatnonzero(is_kept)

    def blocks(self, check: Callable[[], None] = lambda: None) -> Iterator[tuple[int, int]]:
        """Yield (first, last) of runs of groups with about BLOCK rows; ``check``, called between them, may raise."""
        first, groups = 0, self.offsets.size - 1
        while first < groups:
            check()
            last = int(np.searchsorted(self.offsets, self.offsets[first] + BLOCK, "right")) - 1
            last = min(max(first + 1, last), groups)
            yield first, last
            first = last

    def violating_rows(self, column: int, limit: int) -> int | None:
        """Return the rows to remove so that the groups determine a column; None where they are more than ``limit``."""
        codes, width = self.relation.codes[column], self.relation.width(column)
        found = int(violating_rows(self.offsets, self.members, codes, width, limit, _NOTHING))
        return None if found < 0 else found

    def violating_by_group(self, column: int) -> Counts:
        """Return for each shared group the rows to remove so that it determines a column, int64[shared groups]."""
        found = np.zeros(self.offsets.size - 1, np.int64)
        codes, width = self.relation.codes[column], self.relation.width(column)
        violating_rows(self.offsets, self.members, codes, width, self.repeated, found)
        return found

    def repeated_beside(self, codes: CodeArray) -> int:
        """Return ``repeated`` of the rows where a column is not NULL."""
        if not self.repeated:
            return 0
        filled = np.add.reduceat(codes[self.members] != 0, self.offsets[:-1], dtype=np.int64)
        return int(filled[filled > 1].sum())

    def sums(self, column: int) -> tuple[PairSums, float]:
        """Return the sums of the groups, as x, with a column, as y; and the bits that they share by chance."""
        relation = self.relation
        sums = np.zeros(1, SUMS)
        x_counts = np.zeros(self.offsets.size, np.int64)
        y_counts = np.zeros(relation.width(column), np.int64)
        filled = relation.counts_within(column, self.columns)
        alone = sum_shared(
            self.offsets, self.members, relation.codes[column], filled, x_counts, y_counts, CLOGC_TABLE, sums
        )
        x_counts = np.concatenate([x_counts[1:], np.ones(int(alone), np.int64)])
        return PairSums(*sums.item()), float(expected_bits(x_counts, y_counts[1:], False))

    def violation(self, codes: CodeArray, check: Callable[[], None] = lambda: None) -> tuple[int, int] | None:
        """Return two rows of one group that differ in a column, None where the groups determine it."""
        for first, last in self.blocks(check):
            one, other = first_violation(self.offsets, self.members, first, last, codes)
            if one >= 0:
                return int(one), int(other)
        return None

    def neighbours(self, limit: int) -> tuple[RowNumbers, RowNumbers]:
        """Return pairs of rows that share a group, at most ``limit`` of them, evenly taken from all groups."""
        places = np.unique(np.linspace(0, self.repeated - 1, min(limit, self.repeated)).astype(np.int64))
        is_last = self.offsets[np.searchsorted(self.offsets, places + 1)] == places + 1
        places = np.unique(places - is_last)
        return self.members[places], self.members[places + 1]
