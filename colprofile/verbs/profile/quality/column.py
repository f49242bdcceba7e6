"""The column that rules of data quality look at, and how they say what they found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dictionary import Positions
from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.scratch import blocks
from colprofile.results.quality import QualityIssue, QualityKind, Severity
from colprofile.values import Value

MOST_VALUES = 5
MOST_ROWS = 5
_BLOCK = 1 << 16

Locate = Callable[[Positions], tuple[int, ...]]
"""Returns the numbers, from 1, of the first rows that hold one of some values."""


def nowhere(_: Positions) -> tuple[int, ...]:
    """Return no row numbers: where rows have none."""
    return ()


def first_rows(codes: CodeArray, width: int, chosen: Positions) -> tuple[int, ...]:
    """Return the numbers, from 1, of the first rows that hold one of some codes; reading ends at the fifth.

    Parameters
    ----------
    codes
        Unsigned[rows].
    width
        Codes of the column, NULL's 0 included.
    chosen
        int64[]: the codes looked for.

    Examples
    --------
    >>> first_rows(np.array([3, 1, 2, 1], np.uint8), 4, np.array([1, 2]))
    (2, 3, 4)
    """
    is_chosen = np.zeros(width, bool)
    is_chosen[chosen] = True
    found: list[int] = []
    for begin in range(0, codes.size, _BLOCK):
        found += (np.flatnonzero(is_chosen[codes[begin : begin + _BLOCK]])[:MOST_ROWS] + begin + 1).tolist()
        if len(found) >= MOST_ROWS:
            break
    return tuple(found[:MOST_ROWS])


@dataclass(frozen=True)
class Fault:
    """An issue of one column, with all values that show it.

    Attributes
    ----------
    issue
        What results say of it.
    positions
        The values, by position in the dictionary; −1 is NULL.
    corrected
        What each of them should be, by position; None where that is not known. Of "stored_as_text" the values that
        would not convert and are no placeholders.
    """

    issue: QualityIssue
    positions: Positions
    corrected: Positions | None = None


@dataclass(frozen=True)
class QualityColumn:
    """A column with its counts.

    Attributes
    ----------
    name, type
        As in the source.
    marginal
        Its values and their rows.
    rows
        Rows of the table, or of the sample that was counted.
    locate
        Finds rows that hold one of some values.
    is_of_text_file
        Whether it was read from a text file, with options that can be changed.
    """

    name: str
    type: str
    marginal: Marginal
    rows: int
    locate: Locate = nowhere
    is_of_text_file: bool = False

    @property
    def counts(self) -> Counts:
        """Rows of each value, int64[size]."""
        return self.marginal.counts

    def rows_of(self, positions: Positions) -> int:
        """Return how many rows hold one of some values."""
        return sum(int(self.counts[positions[some]].sum()) for some in blocks(positions.size))

    def fault(
        self,
        kind: QualityKind,
        severity: Severity,
        positions: Positions,
        *,
        rows: int | None = None,
        shown: Positions | None = None,
        values: tuple[tuple[Value, int], ...] | None = None,
        detail: str | None = None,
        corrected: Positions | None = None,
    ) -> Fault:
        """Return a fault of the rows that hold one of some values.

        ``shown`` are the values that its issue lists, in this order; without, the most frequent of them.
        """
        if values is None:
            values = self.values(self.most_frequent(positions) if shown is None else shown[:MOST_VALUES])
        amount = self.rows_of(positions) if rows is None else rows
        share = min(1.0, amount / self.rows) if self.rows else 0.0
        issue = QualityIssue(kind, severity, (self.name,), amount, share, values, self.locate(positions), detail)
        return Fault(issue, positions, corrected)

    def most_frequent(self, positions: Positions) -> Positions:
        """Return the most frequent of some values, ties in their own order, at most as many as an issue lists."""
        if self.marginal.dictionary.scratch is not None:
            best = np.empty(0, np.int64)
            for some in blocks(positions.size):
                best = np.sort(np.concatenate([best, positions[some]]))
                best = best[np.argsort(-self.counts[best], kind="stable")[:MOST_VALUES]]
            return best
        counts = np.zeros_like(self.counts)
        counts[positions] = self.counts[positions]
        return Marginal(self.marginal.nulls, counts, self.marginal.dictionary).most_frequent(MOST_VALUES)

    def values(self, positions: Positions) -> tuple[tuple[Value, int], ...]:
        """Return some values with their rows."""
        shown = self.marginal.dictionary.values(positions)
        return tuple(zip(shown, self.counts[positions].tolist(), strict=True))
