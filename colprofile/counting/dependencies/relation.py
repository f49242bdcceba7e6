"""Combinations of columns: the groups of rows that are equal in all of them, and what such groups determine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dependencies.kernels import (
    combine_direct,
    combine_hashed,
    first_violation,
    neighbours,
    violating_rows,
)
from colprofile.counting.kernels import CLOGC_TABLE, SUMS, count_codes, sort_rows, sum_grouped
from colprofile.counting.marginal import Counts
from colprofile.measures.chance import expected_bits
from colprofile.measures.determination import mu_plus
from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import arrangement_bits
from colprofile.measures.sums import PairSums
from colprofile.measures.thresholds import Thresholds

GroupArray = npt.NDArray[np.uint32]

_DIRECT_CELLS = 1 << 12  # a table of all (group, code) cells up to here, or up to four times the rows


@dataclass(frozen=True)
class Groups:
    """The rows in ``size`` groups: rows that are equal in every one of ``columns`` (ascending) share one.

    ``numbers``, uint32[rows], are from 1 in the order of each group's first row; 0 where one of the columns is NULL.
    """

    columns: tuple[int, ...]
    numbers: GroupArray
    size: int

    @cached_property
    def counts(self) -> Counts:
        """int64[size + 1]: rows by group, those with NULL first."""
        counts = np.zeros(self.size + 1, np.int64)
        count_codes(self.numbers, counts)
        return counts

    @property
    def rows(self) -> int:
        """Rows without NULL in the columns."""
        return int(self.numbers.size - self.counts[0])

    @property
    def is_unique(self) -> bool:
        """Whether no two rows share a group."""
        return self.size == self.rows

    @property
    def repeated(self) -> int:
        """Rows that share their group with another: only they can support or contradict a dependency."""
        return self.rows - int(np.count_nonzero(self.counts[1:] == 1))

    @cached_property
    def first_rows(self) -> npt.NDArray[np.int64]:
        """int64[size]: the first row of each group."""
        rows = np.zeros(self.size + 1, np.int64)
        rows[self.numbers[::-1]] = np.arange(self.numbers.size)[::-1]
        return rows[1:]

    @cached_property
    def _sorted(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        offsets = np.zeros(self.size + 2, np.int64)
        np.cumsum(self.counts, out=offsets[1:])
        permutation = np.empty(self.numbers.size, np.uint32)
        sort_rows(self.numbers, offsets, permutation)
        return offsets, permutation

    @cached_property
    def parted(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """The rows that share their group, between offsets and sorted by group; those that do not. None has NULL."""
        offsets, permutation = self._sorted
        counts, rows = self.counts[1:], permutation[offsets[1] :]
        is_repeated = counts > 1
        places = np.repeat(is_repeated, counts)
        begins = np.concatenate([[0], np.cumsum(counts[is_repeated])]).astype(np.int64)
        return begins, rows[places], rows[~places]

    def violating_rows(self, codes: CodeArray, width: int, limit: int) -> int | None:
        """Return the rows to remove so that the groups determine a column; None where they are more than ``limit``."""
        offsets, permutation = self._sorted
        found = int(violating_rows(offsets, permutation, codes, width, limit))
        return None if found < 0 else found

    def repeated_beside(self, codes: CodeArray) -> int:
        """Return ``repeated`` of the rows where a column is not NULL."""
        counts = np.bincount(self.numbers[codes != 0], minlength=1)
        counts[0] = 0
        return int(counts[counts > 1].sum())

    def sums(self, codes: CodeArray, width: int) -> tuple[PairSums, float]:
        """Return the sums of the groups, as x, with a column, as y; and the bits that they share by chance."""
        offsets, permutation = self._sorted
        sums = np.zeros(1, SUMS)
        x_counts = np.zeros(self.size + 1, np.int64)
        y_counts = np.zeros(width, np.int64)
        sum_grouped(offsets, permutation, codes, x_counts, y_counts, CLOGC_TABLE, sums)
        return PairSums(*sums.item()), float(expected_bits(x_counts[1:], y_counts[1:], False))

    def violation(self, codes: CodeArray) -> tuple[int, int] | None:
        """Return two rows of one group that differ in a column, None where the groups determine it."""
        row = int(first_violation(self.numbers, np.empty(self.size + 1, np.uint32), codes))
        if row < 0:
            return None
        is_equal = (self.numbers[:row] == self.numbers[row]) & (codes[:row] != 0)
        return int(np.argmax(is_equal)), row

    def neighbours(self, limit: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Return pairs of rows that share a group, each row with the one before; at most ``limit`` of them."""
        first, second = np.empty(limit, np.uint32), np.empty(limit, np.uint32)
        used = neighbours(self.numbers, np.zeros(self.size + 1, np.uint32), first, second)
        return first[:used], second[:used]


@dataclass(frozen=True)
class Relation:
    """A table as codes, from which groups of its rows are made.

    For each column ``codes`` has uint8, uint16 or uint32[rows], 0 being NULL, and ``counts`` int64[width] by code.
    """

    codes: Sequence[CodeArray]
    counts: Sequence[Counts]

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return self.codes[0].size if self.codes else 0

    def width(self, column: int) -> int:
        """Return how many codes a column has, 0 included."""
        return self.counts[column].size

    @cached_property
    def distinct(self) -> tuple[int, ...]:
        """Values of each column that occur, without NULL."""
        return tuple(int(np.count_nonzero(counts[1:])) for counts in self.counts)

    def has_nulls(self, column: int) -> bool:
        """Whether a column has a NULL."""
        return bool(self.counts[column][0])

    def arrangement_bits(self, column: int) -> float:
        """Return the bits of a column's values where it is not NULL, at least: see ``measures.lookup``."""
        counts = self.counts[column][1:]
        return arrangement_bits(int(counts.sum()), self.distinct[column], entropy(counts) or 0.0)

    def groups(self, columns: Iterable[int]) -> Groups:
        """Return the groups of a combination of columns; the empty one has all rows in one group."""
        found = Groups((), np.ones(self.rows, np.uint32), min(1, self.rows))
        for column in columns:
            found = self.refine(found, column)
        return found

    def refine(self, groups: Groups, column: int) -> Groups:
        """Return the groups of ``groups.columns`` and one more column."""
        codes, width = self.codes[column], self.width(column)
        numbers = np.empty(self.rows, np.uint32)
        cells = (groups.size + 1) * width
        if cells <= max(_DIRECT_CELLS, 4 * self.rows):
            size = combine_direct(groups.numbers, codes, width, np.zeros(cells, np.uint32), numbers)
        else:
            slots = 1 << max(4, (2 * self.rows - 1).bit_length())
            size = combine_hashed(groups.numbers, codes, np.zeros(2 * slots, np.uint64), numbers)
        return Groups(tuple(sorted((*groups.columns, column))), numbers, int(size))

    def sample(self, rows: int) -> Relation:
        """Return this many rows drawn without replacement, the same ones every time; codes are numbered anew."""
        chosen = np.sort(np.random.default_rng(0).choice(self.rows, rows, replace=False))
        codes: list[CodeArray] = []
        counts: list[Counts] = []
        for column in self.codes:
            values, places, numbers = np.unique(column[chosen], return_inverse=True, return_counts=True)
            has_null = bool(values.size and values[0] == 0)
            codes.append((places + (not has_null)).astype(np.uint32))
            counts.append(numbers if has_null else np.concatenate([[0], numbers]))
        return Relation(codes, counts)


def expected_equal_pairs(columns: Iterable[Counts], rows: int) -> float:
    """Return how many pairs of rows would be equal in all of some columns, given by their counts, if independent.

    >>> round(expected_equal_pairs([np.array([2, 1]), np.array([2, 1])], 3), 12) == round(1 / 3, 12)
    True
    """
    pairs = rows * (rows - 1.0)
    shares = (float(counts.astype(np.float64) @ (counts - 1)) / max(1.0, pairs) for counts in columns)
    return pairs / 2 * math.prod(shares)


@dataclass(frozen=True)
class MeasuredDependency:
    """A left side of one or more columns (ascending) and a target, with the sums of their joint distribution.

    In ``sums`` the left side is x and the target y. ``expected`` are the bits that the two share by chance;
    ``repeated`` of the rows without NULL on either side share their left side with another.
    """

    columns: tuple[int, ...]
    target: int
    sums: PairSums
    expected: float
    repeated: int

    @property
    def violating_rows(self) -> int:
        """Rows to remove for it to hold exactly."""
        return self.sums.rows - self.sums.best_y_by_x

    @property
    def is_exact(self) -> bool:
        """Whether no row contradicts it."""
        return not self.violating_rows

    def is_strong(self, thresholds: Thresholds) -> bool:
        """Whether it is strong by its figures; ``LookupSavings`` says whether chance explains it."""
        rows = self.sums.rows
        if not rows or self.sums.distinct_y < 2:
            return False
        return thresholds.is_strong(self.violating_rows / rows, mu_plus(self.sums), self.repeated / rows)


def measure(relation: Relation, left: tuple[int, ...] | Groups, target: int) -> MeasuredDependency:
    """Return the dependency of a target on some columns, or on their groups where these are at hand."""
    groups = left if isinstance(left, Groups) else relation.groups(left)
    codes = relation.codes[target]
    sums, expected = groups.sums(codes, relation.width(target))
    repeated = groups.repeated_beside(codes) if relation.has_nulls(target) else groups.repeated
    return MeasuredDependency(groups.columns, target, sums, expected, repeated)
