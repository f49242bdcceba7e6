"""A table, or a sample of a long one, as one matrix of codes on which a kernel tests many targets at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.groups import Groups
from colprofile.counting.dependencies.relation import Relation
from colprofile.counting.dependencies.search_kernels import test_targets

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_MOST_ROWS = 1 << 18
_MOST_CELLS = 1 << 27
_SAMPLE = 1 << 16
_RARE = 1 / 12  # share of the rows up to which the rows with unusual values are few: with more, groups are faster
_STEPS = 1 << 22  # a kernel is called for about so much work at once, so that Ctrl-C is soon noticed


@dataclass(frozen=True)
class Limits:
    """What a dependency must keep to: see ``test_targets``. ``slack`` is a share of all rows on top, for a sample."""

    share: float
    least_repeated: float
    most_groups: Floats
    most_wrong: Floats
    slack: float = 0.0

    @classmethod
    def exact(cls, columns: int) -> Limits:
        """Return the limits of dependencies that hold exactly."""
        boundless = np.full(columns, np.inf)
        return cls(0.0, 0.0, boundless, boundless)


@dataclass(frozen=True)
class Tested:
    """What the kernel found for a prefix and some further columns.

    ``holds``, bool[lasts, columns], are the targets that are determined; ``groups``, ``rows`` and ``repeated`` have one
    number for each of the further columns: groups of equal rows, rows without NULL, rows that share their group.
    """

    holds: Bools
    groups: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    repeated: npt.NDArray[np.int64]
    steps: int


@dataclass(frozen=True)
class Matrix:
    """The codes of a relation, or of a sample of its rows, as one matrix."""

    relation: Relation

    @classmethod
    def of(cls, relation: Relation) -> Matrix:
        """Return the matrix of a relation; of a sample of it where it is long."""
        rows = relation.rows
        is_small = rows <= _MOST_ROWS and rows * len(relation.codes) <= _MOST_CELLS
        return cls(relation if is_small or rows <= _SAMPLE else relation.sample(_SAMPLE))

    @cached_property
    def codes(self) -> npt.NDArray[np.unsignedinteger]:
        """The codes, uint[columns, rows]."""
        dtype = np.uint8 if self.widest <= 1 << 8 else np.uint16 if self.widest <= 1 << 16 else np.uint32
        return np.stack([codes.astype(dtype, copy=False) for codes in self.relation.codes])

    @cached_property
    def widest(self) -> int:
        """One more than the largest code of any column."""
        return max((self.relation.width(j) for j in range(len(self.relation.codes))), default=1)

    @cached_property
    def _has_nulls(self) -> Bools:
        return np.array([self.relation.has_nulls(j) for j in range(len(self.relation.codes))])

    @cached_property
    def _rare(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        """The rows in which a column without NULL has not its most frequent value, if few: see ``test_targets``."""
        rows: list[npt.NDArray[np.uint32]] = []
        for codes, counts in zip(self.relation.codes, self.relation.counts, strict=True):
            few = counts[0] == 0 and counts.sum() - counts.max() <= _RARE * counts.sum()
            rows.append(np.flatnonzero(codes != counts.argmax()).astype(np.uint32) if few else np.empty(0, np.uint32))
        return np.cumsum([0, *(each.size for each in rows)]), np.concatenate(rows)

    def chunks(self, lasts: Sequence[int]) -> Iterator[Sequence[int]]:
        """Yield columns in parts so small that one kernel call does not take long."""
        size = max(1, _STEPS // (4 * self.relation.rows + 100 * len(self.relation.codes) + 1))
        for begin in range(0, len(lasts), size):
            yield lasts[begin : begin + size]

    def test(self, groups: Groups, lasts: Sequence[int], wanted: Bools, limits: Limits) -> Tested:
        """Return which wanted targets (bool[lasts, columns]) the groups with each further column determine, nearly."""
        holds = np.zeros(wanted.shape, np.bool_)
        figures = np.zeros((len(lasts), 3), np.int64)
        steps = test_targets(
            groups.offsets,
            groups.members,
            groups.singles,
            self.codes,
            self._has_nulls,
            *self._rare,
            np.asarray(lasts, np.int64),
            wanted,
            self.widest,
            limits.share,
            limits.slack * self.relation.rows,
            limits.least_repeated,
            limits.most_groups,
            limits.most_wrong,
            holds,
            figures,
        )
        return Tested(holds, figures[:, 0], figures[:, 1], figures[:, 2], int(steps))
