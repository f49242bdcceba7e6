"""What is kept of each counted table, for questions between tables: its columns' values as hashes, and its figures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from colprofile.counting.scratch import Scratch
from colprofile.results.audit import Audit
from colprofile.results.column import ColumnProfile
from colprofile.verbs.profile.count_table import CountedTable

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class ColumnValues:
    """The different values of a column, as hashes.

    Attributes
    ----------
    table, number
        The table and the column's place in it, from 0.
    profile
        The column's figures: name, type, kind, rows, nulls, distinct, entropy, minimum, maximum.
    hashes
        uint64[distinct], ascending: a hash of each value as written, so that the text ``7`` and the number 7 are equal.
        The first k are a bottom-k sketch. None where they were not kept.
    counts
        Distinct counts in ascending order and how many values have each: the fingerprint.
    low, high
        The smallest and largest value where all are whole numbers, else None.
    """

    table: str
    number: int
    profile: ColumnProfile
    hashes: Hashes | None
    counts: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    low: int | None
    high: int | None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.profile.name

    @property
    def filled(self) -> int:
        """Rows that are not NULL."""
        return self.profile.rows - self.profile.nulls

    @property
    def is_unique(self) -> bool:
        """Whether no two rows share a value; NULL aside."""
        return 0 < self.profile.distinct == self.filled


@dataclass(frozen=True)
class TableValues:
    """What is kept of a counted table.

    Attributes
    ----------
    name
        As ``Tables.names`` has it.
    rows
        Its rows.
    columns
        Its columns that could be counted, in order.
    keys
        Minimal combinations of up to three columns that identify every row, NULL aside, as places in ``columns``.
    audit
        Its audit.
    """

    name: str
    rows: int
    columns: Sequence[ColumnValues]
    keys: Sequence[tuple[int, ...]]
    audit: Audit

    def column(self, name: str) -> ColumnValues:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)


def table_values(name: str, counted: CountedTable, audit: Audit, scratch: Scratch | None = None) -> TableValues:
    """Return what is kept of a counted table; hashes that are many go to temporary files."""
    columns = []
    for number, (profile, marginal) in enumerate(zip(counted.profile.columns, counted.coded.marginals, strict=True)):
        texts = [str(value) for value in marginal.dictionary.values(np.flatnonzero(marginal.counts))]
        words = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in texts]
        hashes = np.sort(np.frombuffer(b"".join(words), np.uint64))
        is_whole = isinstance(profile.minimum, int) and isinstance(profile.maximum, int)
        low, high = (int(profile.minimum), int(profile.maximum)) if is_whole else (None, None)  # type: ignore[arg-type]
        columns.append(ColumnValues(name, number, profile, hashes, marginal.fingerprint, low, high))
    places = {column.name: column.number for column in columns}
    keys = [tuple(places[each] for each in key) for key in audit.keys]
    return TableValues(name, counted.coded.rows, columns, keys, audit)
