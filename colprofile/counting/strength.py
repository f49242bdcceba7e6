"""The dependence of a pair over its resolutions, however its tables are counted: from rows or inside a database."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from colprofile.counting.kernels import fold_table
from colprofile.counting.marginal import Counts
from colprofile.measures.cuts import CUTS, HALVINGS, RESTARTS, fold_steps
from colprofile.measures.resolutions import (
    Strength,
    coefficient,
    is_beyond_chance,
    most_cells,
    needed_nats,
    shown_beyond_chance,
    strongest_fold,
)
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import PRECISION, entropies

Table = npt.NDArray[np.uint32] | npt.NDArray[np.int64]
"""Joint counts, uint32[height · width], or int64, x-major: rows and columns by code, those of NULL, 0, first."""

Bins = npt.NDArray[np.int64]

_NO_STEPS = np.zeros((0, 0), np.int64)


@dataclass(frozen=True)
class Cut:
    """An ordered column cut into bins of equal mass, from the finest cut to the coarsest.

    Attributes
    ----------
    bins
        How many bins the finest cut has, NULL's included where NULL is a value: then it is the last.
    steps
        How the other cuts are folded: see ``measures.cuts.fold_steps``.
    """

    bins: int
    steps: Bins
    _levels: dict[int, tuple[Bins, int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_counts(cls, counts: Counts, *, has_null_bin: bool) -> Cut:
        """Return the cuts of a column with these rows in each bin of the finest, in order."""
        return cls(counts.size, fold_steps(counts, has_null_bin=has_null_bin))

    def level(self, number: int) -> tuple[Bins, int]:
        """Return each finest bin's bin, from 0 for none, in the halving of that number, and how many there are."""
        if number not in self._levels:
            bins = np.arange(self.bins + 1)
            for step in self.steps[:number]:
                bins = step[bins]
            self._levels[number] = bins, int(bins.max())
        return self._levels[number]


class Side(Protocol):
    """What is asked of each column of a pair."""

    @property
    def width(self) -> int:
        """Codes of its values, NULL's, 0, among them."""

    @property
    def is_unique(self) -> bool:
        """Whether no row is NULL and every value occurs once."""

    @property
    def cut(self) -> Cut | None:
        """Its cuts; None where it is taken on its values alone."""


@dataclass(frozen=True)
class Resolutions:
    """One or two cut columns at a halving and those after it, to be looked at together.

    Attributes
    ----------
    levels
        Of both columns: the halving, 0 being the finest cut; None for a column that is taken as it is.
    """

    cuts: tuple[Cut | None, Cut | None]
    levels: tuple[int | None, int | None]
    smaller: float
    nats: float
    best: Strength

    @property
    def _first(self) -> int:
        return next(level for level in self.levels if level is not None)

    def of_table(self, table: Table, width: int) -> Strength:
        """Return the dependence that a table at ``levels`` and its folds show, or the best so far if that is more.

        With one column cut only its halvings are folded, with both cut the third chain too.
        """
        is_scaled = None not in self.levels
        chosen = slice(self._first, None if is_scaled else HALVINGS - 1)
        steps_x, steps_y = (_NO_STEPS if cut is None else cut.steps[chosen] for cut in self._taken)
        value, fold = strongest_fold(
            table, width, steps_x, steps_y, RESTARTS[chosen], self.smaller, is_scaled, self.nats, self.best.value
        )
        return self.best if fold < 0 else self._shown(float(value), CUTS[self._first + int(fold)])

    def of_halvings(self, joint_clogc: Sequence[float], own: Counts, binned: Counts) -> Strength:
        """Return the same of one column cut, from sums.

        Parameters
        ----------
        joint_clogc
            Σ c·log2 c over the joint cells, at the halving and at each of those after it.
        own
            The rows of each value of the column that is not cut, in any order.
        binned
            int64[bins + 1]: rows of each bin at the halving, from 0 for none.
        """
        cut = next(cut for cut in self._taken if cut is not None)
        best, own_clogc, shared = self.best, _clogc(own), math.inf
        for level, clogc in enumerate(joint_clogc, self._first):
            if level > self._first:
                binned = np.bincount(cut.steps[level - 1][: binned.size], binned).astype(np.int64)
            rows = int(own.sum())
            bits = math.log2(rows) - (_clogc(binned) + own_clogc - clogc) / rows if rows else 0.0
            shared = min(shared, max(0.0, bits))
            value, is_better = shown_beyond_chance(shared, binned, own, self.smaller, False, self.nats, best.value)
            if is_better:
                best = self._shown(float(value), CUTS[level])
        return best

    @property
    def _taken(self) -> list[Cut | None]:
        return [None if level is None else cut for cut, level in zip(self.cuts, self.levels, strict=True)]

    def _shown(self, value: float, bins: int) -> Strength:
        return Strength(value, *(None if cut is None else min(bins, cut.bins) for cut in self._taken))


def _clogc(counts: Counts) -> float:
    filled = counts[counts > 0]
    return float(filled @ np.log2(filled.astype(np.float64)))


def strongest(
    x: Side,
    y: Side,
    sums: PairSums,
    expected: float,
    counts: tuple[Counts, Counts] | None,
    rows: int,
    tests: int,
    look: Callable[[Resolutions], Strength],
) -> Strength:
    """Return a pair's dependence: the strongest that any resolution shows beyond chance.

    Parameters
    ----------
    x, y
        The columns, first the one with more codes.
    sums, expected
        Of the pair on own values.
    counts
        The rows of each value over the complete rows, in any order; None where a column is unique, which then shows
        nothing beyond chance.
    rows
        Of the table.
    tests
        How many pairs are looked at together.
    look
        Returns the strongest of some resolutions, or the best so far: by ``Resolutions.of_table`` or ``of_halvings``.
        Asked only where they can show more than the best.
    """
    bits = entropies(sums)
    if bits is None or (smaller := min(bits.x, bits.y)) <= PRECISION:
        return Strength(None)
    cuts = x.cut, y.cut
    nats = needed_nats(tests, cuts[0] is not None, cuts[1] is not None)
    found = Strength(0.0)
    if counts is not None:
        excess = bits.shared - expected
        value = float(coefficient(excess, smaller, False))
        if value > 0.0 and is_beyond_chance(*counts, excess, nats):
            found = Strength(value)
    most_x, most_y = (bits.shared if cut is None else min(bits.shared, math.log2(cut.bins)) for cut in cuts)
    if None not in cuts and coefficient(min(most_x, most_y), smaller, True) > found.value:
        found = look(Resolutions(cuts, (0, 0), smaller, nats, found))
    for place, other in ((0, y), (1, x)):
        cut = cuts[place]
        if cut is None or other.is_unique:
            continue
        level = finest_halving(cut, other.width, rows)
        if (
            level is None
            or coefficient(min(bits.shared, math.log2(cut.level(level)[1])), smaller, False) <= found.value
        ):
            continue
        found = look(Resolutions(cuts, (level, None) if place == 0 else (None, level), smaller, nats, found))
    return found


def finest_halving(cut: Cut, width: int, rows: int) -> int | None:
    """Return the halving that is looked at beside a column of ``width`` codes as it is; None where all are too fine."""
    room = most_cells(rows) // width - 1
    return next((level for level in range(HALVINGS) if cut.level(level)[1] <= room), None)


def binned_table(table: Table, width: int, bins_x: tuple[Bins, int], bins_y: tuple[Bins, int]) -> tuple[Table, int]:
    """Return a table with its codes added up into bins, and its width; each side is (bin of each code, width)."""
    folded = np.zeros(bins_x[1] * bins_y[1], table.dtype)
    fold_table(table, width, bins_x[0], bins_y[0], bins_y[1], folded)
    return folded, bins_y[1]


def counted(counts: npt.NDArray[np.int64]) -> Table:
    """Return joint counts of shape (height, width) as a table; with 64 bits from 2^32 rows on."""
    flat = counts.ravel()
    return flat.astype(np.int64) if flat.sum() >= 1 << 32 else flat.astype(np.uint32)
