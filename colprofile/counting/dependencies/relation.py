"""Combinations of columns: the groups of rows that are equal in all of them, and what such groups determine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.dependencies.groups import BLOCK, Bools, Groups
from colprofile.counting.dependencies.kernels import refine_shared, sort_shared
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Counts
from colprofile.measures.determination import mu_plus
from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import arrangement_bits
from colprofile.measures.sums import PairSums
from colprofile.measures.thresholds import Thresholds

_BLOCK = 1 << 20  # rows looked at together where masks are made


class NullAsValue(Sequence[CodeArray]):
    """Codes of columns in which NULL is a value, the first, made from others when they are needed."""

    def __init__(self, codes: Sequence[CodeArray], widths: Sequence[int]) -> None:
        self._codes, self._widths = codes, widths

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, column: Any) -> Any:
        dtype = narrowest(self._widths[column])
        return np.add(self._codes[column], dtype.type(1), dtype=dtype, casting="unsafe")


@dataclass(frozen=True)
class Relation:
    """A table as codes, from which groups of its rows are made.

    For each column ``codes`` has uint8, uint16 or uint32[rows], 0 being NULL, and ``counts`` int64[width] by code.
    """

    codes: Sequence[CodeArray]
    counts: Sequence[Counts]

    @cached_property
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

    def is_filled(self, columns: Iterable[int]) -> Bools:
        """Return which rows have NULL in none of some columns, bool[rows]."""
        found = np.ones(self.rows, np.bool_)
        for column in columns:
            if self.has_nulls(column):
                found &= self.codes[column] != 0
        return found

    def filled_rows(self, columns: Iterable[int]) -> int:
        """Return how many rows have NULL in none of some columns."""
        nullable = [column for column in columns if self.has_nulls(column)]
        if len(nullable) < 2:
            return self.rows - sum(int(self.counts[column][0]) for column in nullable)
        return sum(int(np.count_nonzero(filled)) for _, filled in self._filled_blocks(nullable))

    def counts_within(self, column: int, columns: Iterable[int]) -> Counts:
        """Return the rows of each code of a column among those that have NULL in none of others, int64[width]."""
        nullable = [each for each in columns if self.has_nulls(each)]
        if not nullable:
            return self.counts[column]
        counts = np.zeros(self.width(column), np.int64)
        for begin, filled in self._filled_blocks(nullable):
            count_codes(self.codes[column][begin : begin + _BLOCK][filled], counts)
        return counts

    def _filled_blocks(self, columns: Sequence[int]) -> Iterator[tuple[int, Bools]]:
        """Yield the first row of each block of rows, and which of them have NULL in none of some columns."""
        for begin in range(0, self.rows, _BLOCK):
            yield begin, np.logical_and.reduce([self.codes[j][begin : begin + _BLOCK] != 0 for j in columns])

    def groups(self, columns: Iterable[int], check: Callable[[], None] = lambda: None) -> Groups:
        """Return the groups of a combination of columns; the empty one has all rows in one group.

        ``check`` is called now and then; it may raise.
        """
        rows = self.rows if self.rows > 1 else 0
        found = Groups(self, (), np.array([0, rows][: 1 + (rows > 0)], np.int64), np.arange(rows, dtype=np.uint32))
        for column in columns:
            found = self.refine(found, column, check)
        return found

    def refine(self, groups: Groups, column: int, check: Callable[[], None] = lambda: None) -> Groups:
        """Return the groups of ``groups.columns`` and one more column; ``check`` is called now and then."""
        if not groups.columns:
            return self._grouped_by(column, check)
        codes, width = self.codes[column], self.width(column)
        table, places = np.zeros(width, np.uint32), np.empty(width, np.uint32)
        offsets = np.zeros(groups.repeated // 2 + 2, np.int64)
        members = np.empty(groups.repeated, np.uint32)
        size = 0
        for first, last in groups.blocks(check):
            old = (groups.offsets, groups.members, first, last)
            size = int(refine_shared(*old, codes, table, places, offsets, members, size))
        return Groups(self, tuple(sorted((*groups.columns, column))), offsets[: size + 1], members[: offsets[size]])

    def _grouped_by(self, column: int, check: Callable[[], None]) -> Groups:
        """Return the groups of one column, by counting sort."""
        counts = self.counts[column]
        is_shared = counts > 1
        is_shared[0] = False
        offsets = np.concatenate([[0], np.cumsum(counts[is_shared])])
        places = np.full(counts.size, -1, np.int64)
        places[is_shared] = offsets[:-1]
        members = np.empty(offsets[-1], np.uint32)
        codes = self.codes[column]
        for begin in range(0, self.rows, BLOCK):
            check()
            sort_shared(codes[begin : begin + BLOCK], begin, places, members)
        return Groups(self, (column,), offsets, members)

    def at(self, rows: npt.NDArray[np.integer]) -> Relation:
        """Return some rows, the codes staying as they are."""
        codes = [column[rows] for column in self.codes]
        return Relation(codes, [np.bincount(column, minlength=1).astype(np.int64) for column in codes])

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
    sums, expected = groups.sums(target)
    repeated = groups.repeated_beside(relation.codes[target]) if relation.has_nulls(target) else groups.repeated
    return MeasuredDependency(groups.columns, target, sums, expected, repeated)
