"""WorkerSide: one column of pairs that workers count."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.pairs import PairColumn
from colprofile.counting.scratch import Scratch
from colprofile.sources.base import SourceColumn
from colprofile.verbs.profile.on_workers.jobs import Job, View
from colprofile.verbs.profile.options import Nulls
from colprofile.verbs.profile.pair_columns import pair_column

Lookup = npt.NDArray[Any]


@dataclass(frozen=True)
class WorkerSide:
    """A column prepared for pairs, whose codes are with the workers.

    Attributes
    ----------
    number
        Of the column.
    rows
        int64[size + 1]: rows of each code; 0 is NULL, a value or not.
    column
        The column as pairs see it, without its rows' codes: where NULL is a value, it is the last code there.
    """

    number: int
    rows: Counts
    column: PairColumn

    @classmethod
    def of(
        cls, number: int, marginal: Marginal, column: SourceColumn, nulls: Nulls, scratch: Scratch | None
    ) -> WorkerSide:
        """Return the side of a column."""
        prepared = pair_column(np.empty(0, np.uint8), marginal, column, nulls, scratch)
        return cls(number, rows_of(marginal), prepared)

    @property
    def is_null_a_value(self) -> bool:
        """Whether NULL is a value, and there is one."""
        return self.column.correlated is not None

    @cached_property
    def filled(self) -> Counts:
        """The rows of each value, without those of NULL."""
        return np.append(0, self.rows[1:])

    def own(self, job: Job) -> View:
        """Return the view of the codes as workers have them."""
        return job.view(self.number, self.rows)

    def is_filled(self, job: Job) -> View:
        """Return the view of whether there is a value, 1, or NULL, 0."""
        return job.view(self.number, self.rows, "filled", np.arange(self.rows.size) > 0)

    def at(self, job: Job, level: int | None) -> View:
        """Return the view of a halving's bins, or of the codes as pairs see them."""
        if level is not None:
            assert self.column.coded_cut is not None
            return job.view(
                self.number, self.rows, level, self._as_workers(self.column.coded_cut.bin_of_code(level)[0])
            )
        if not self.is_null_a_value:
            return self.own(job)
        return job.view(self.number, self.rows, "seen", self._as_workers(np.arange(self.column.width)))

    def _as_workers(self, of_seen: Lookup) -> Lookup:
        """Return what is known of each code as pairs see it by the codes of the workers."""
        return np.append(of_seen[-1:], of_seen[1:-1]) if self.is_null_a_value else of_seen


def rows_of(marginal: Marginal) -> Counts:
    """Return the rows of each code, NULL's first."""
    return np.append(marginal.nulls, marginal.counts)


def as_seen(table: Counts, side: WorkerSide) -> Counts:
    """Return a table by the codes of the workers as pairs see them: NULL's row is the last where NULL is a value."""
    if not side.is_null_a_value:
        return table
    return np.concatenate([np.zeros_like(table[:1]), table[1:], table[:1]])


def name_of(counts: Counts) -> str:
    """Return a name that only equal arrays share."""
    return hashlib.blake2b(np.ascontiguousarray(counts).tobytes(), digest_size=16).hexdigest()
