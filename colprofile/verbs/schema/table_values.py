"""What is kept of each counted table, for questions between tables: its columns' values as hashes, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.relation import Relation
from colprofile.counting.dependencies.unique import unique_combinations
from colprofile.counting.scratch import Scratch
from colprofile.counting.tasks import map_all
from colprofile.counting.value_hashes import hashed_values
from colprofile.results.audit import Audit
from colprofile.results.column import ColumnProfile
from colprofile.results.keys import can_identify, plausibility
from colprofile.verbs.profile.count_table import CountedTable

Hashes = npt.NDArray[np.uint64]

MOST_PARTS = 10
"""So many columns of a table are looked at as parts of composite keys, those that are most like one."""


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
        uint64[distinct], ascending: a hash of each value as written, so that the text ``7`` and the number 7 are equal
        (see ``counting.value_hashes``). Fewer than ``distinct`` where a column writes one value in several ways, such
        as ``2013-01-31`` and ``2013-01-31 00:00:00``. The first k are a bottom-k sketch. None where they were not kept.
    counts
        Distinct counts in ascending order and how many values have each: the fingerprint.
    low, high
        The smallest and largest value where all are whole numbers, as text too, else None.
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
    def place(self) -> tuple[str, str]:
        """Its table's and its own name."""
        return self.table, self.profile.name

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
        Combinations of up to three columns that identify every row, NULL aside, as places in ``columns``: all unique
        columns, and the minimal combinations of columns that can be parts of a key and hold no NULL.
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
    marginals = counted.coded.marginals
    session = counted.session
    session.report("keeping values", 0, None)
    # The largest first: it takes longest.
    order = sorted(range(len(marginals)), key=lambda number: -marginals[number].distinct)
    found = map_all(session.executor, partial(hashed_values, scratch=scratch), [marginals[place] for place in order])
    hashed = [values for _, values in sorted(zip(order, found, strict=True), key=itemgetter(0))]
    columns = []
    for number, (profile, marginal, values) in enumerate(zip(counted.profile.columns, marginals, hashed, strict=True)):
        ends = (values.low, values.high)
        columns.append(ColumnValues(name, number, profile, values.hashes, marginal.fingerprint, *ends))
    return TableValues(name, counted.coded.rows, columns, _keys(counted, columns), audit)


def _keys(counted: CountedTable, columns: Sequence[ColumnValues]) -> list[tuple[int, ...]]:
    """Return the unique columns, and the minimal combinations of two and three of those that can be parts of a key."""
    single: list[tuple[int, ...]] = [(c.number,) for c in columns if c.is_unique and c.profile.kind != "nested"]
    if counted.coded.rows < 2:
        return single
    parts = [c for c in columns if 1 < c.profile.distinct < counted.coded.rows and _is_part(c)]
    parts.sort(key=lambda c: -plausibility(c.profile, is_first=c.number == 0))
    chosen = [c.number for c in parts[:MOST_PARTS]]
    places = {columns[number].name: place for place, number in enumerate(chosen)}
    distinct_pairs: dict[tuple[int, int], int] = {}
    for pair in counted.profile.pairs:
        if pair.sampled_rows is None and pair.x in places and pair.y in places:
            first, second = sorted((places[pair.x], places[pair.y]))
            known = distinct_pairs.get((first, second), 0)  # of columns with the same name, the one with more
            distinct_pairs[first, second] = max(known, pair.distinct_pairs)
    marginals = [counted.coded.marginals[number] for number in chosen]
    found = unique_combinations(
        Relation(
            [counted.coded.codes[number] for number in chosen],
            [np.concatenate([[marginal.nulls], marginal.counts]) for marginal in marginals],
        ),
        range(len(chosen)),
        distinct_pairs=distinct_pairs,
        check=lambda: counted.session.report("looking for keys", 0, None),
    )
    return single + [tuple(sorted(chosen[place] for place in combination)) for combination in found.combinations]


def _is_part(column: ColumnValues) -> bool:
    """Whether a column can be a part of a key: whole numbers, short texts, dates."""
    profile = column.profile
    if profile.kind in ("boolean", "nested") or not can_identify(profile, is_first=column.number == 0):
        return False
    return profile.kind != "numeric" or column.low is not None
