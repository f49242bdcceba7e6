"""Columns that move together: numbers and times that rise together, or of which one falls as the other rises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.column import unique_names
from colprofile.results.words import coefficient

if TYPE_CHECKING:
    from colprofile.results.column import ColumnProfile
    from colprofile.results.pair import PairProfile

STRONG = 0.8
"""Columns move together where their correlation is at least this, in a group on average."""

RANKED = 0.5
"""Pearson's correlation counts where the rank correlation is at least this: a few values far out make it large, too."""

FEWEST_VALUES = 5
"""A column with fewer values steps rather than moves."""


@dataclass(frozen=True, slots=True)
class Together:
    """Columns that move together.

    Attributes
    ----------
    rising, falling
        Columns that rise together, in the table's order, and those that fall as these rise. The first of ``rising`` is
        the group's first column.
    pairs
        The pairs of its columns, the strongest correlation first.
    """

    rising: tuple[str, ...]
    falling: tuple[str, ...]
    pairs: tuple[PairProfile, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the group."""
        return self.rising + self.falling


def in_words(rising: str, falling: str, group: tuple[int, int], pairs: Sequence[PairProfile]) -> str:
    """Return the sentence on columns that move together, given as lists of names with their numbers.

    >>> in_words("a and b", "c", (2, 1), [])
    'a and b rise together, and c falls as they rise.'
    """
    falls = "falls" if group[1] == 1 else "fall"
    moves = f"{falling} {falls} as {rising} rises" if group[0] == 1 else f"{rising} rise together"
    if group[0] > 1 and group[1]:
        moves += f", and {falling} {falls} as they rise"
    named = (
        ("r", [pair.pearson for pair in pairs]),
        ("rank correlation", [pair.spearman for pair in pairs]),
        # 0 is that of rows too few to tell: beside their correlation it would seem to deny it.
        ("dependence", [pair.dependence or None for pair in pairs]),
    )
    known = [(name, [value for value in values if value is not None]) for name, values in named]
    figures = ", ".join(_range(name, values) for name, values in known if values)
    return f"{moves}: {figures}." if figures else f"{moves}."


def _range(name: str, values: list[float]) -> str:
    """Return a figure of one pair, or the range of its size over several."""
    if len(values) == 1:
        return f"{name} {coefficient(values[0])}"
    low, high = (coefficient(end(map(abs, values))) for end in (min, max))
    name = f"|{name}|" if min(values) < 0 else name
    return f"{name} {low}" if low == high else f"{name} {low} to {high}"


def correlation(pair: PairProfile) -> float | None:
    """Return the rank correlation, or Pearson's where that is larger and not due to a few values far out.

    Pearson's also counts where no rank correlation is known; None where neither is.
    """
    ranked, linear = pair.spearman, pair.pearson
    if ranked is None or linear is None:
        return linear if ranked is None else ranked
    return linear if abs(linear) > abs(ranked) >= RANKED and linear * ranked > 0 else ranked


def moves_together(pair: PairProfile, tests: int) -> bool:
    """Whether a pair is correlated strongly, and by Fisher's z not by chance among so many pairs."""
    found = correlation(pair)
    if found is None or abs(found) < STRONG or pair.rows < 4:
        return False
    rows = pair.rows if pair.sampled_rows is None else min(pair.rows, pair.sampled_rows)
    z = math.atanh(min(abs(found), 1 - 1e-12)) * math.sqrt(max(0, rows - 3))
    return z * z / 2 >= math.log(2 * max(1, tests) / SIGNIFICANCE)


def columns_together(columns: Sequence[ColumnProfile], pairs: Sequence[PairProfile]) -> tuple[Together, ...]:
    """Return the groups of columns that move together, those with the strongest correlation first.

    Average linkage (Sokal & Michener 1958) on the size of the correlation: groups are joined as long as their columns
    are correlated by at least STRONG on average. Pairs that chance may explain count as uncorrelated.
    """
    if not pairs:
        return ()
    unique = unique_names(columns)
    moving = {
        column.name: j
        for j, column in enumerate(columns)
        if column.kind in ("numeric", "temporal") and column.distinct >= FEWEST_VALUES and column.name in unique
    }
    known = {
        (pair.x, pair.y): pair
        for pair in pairs
        if pair.x in moving and pair.y in moving and moves_together(pair, len(pairs))
    }
    members = sorted({name for both in known for name in both}, key=moving.__getitem__)
    places = {name: place for place, name in enumerate(members)}
    signed = np.zeros((len(members), len(members)))
    for (x, y), pair in known.items():
        signed[places[x], places[y]] = signed[places[y], places[x]] = correlation(pair)
    linked = _linked(np.abs(signed))
    groups_of = {members[j]: number for number, group in enumerate(linked) for j in group}
    within: list[list[PairProfile]] = [[] for _ in linked]
    for (x, y), pair in known.items():
        if x in groups_of and groups_of[x] == groups_of.get(y):
            within[groups_of[x]].append(pair)
    groups = []
    for group, found in zip(linked, within, strict=True):
        rises = _rises(signed[np.ix_(group, group)])
        rising = tuple(members[j] for j, up in zip(group, rises, strict=True) if up)
        falling = tuple(members[j] for j, up in zip(group, rises, strict=True) if not up)
        found.sort(key=lambda pair: -abs(correlation(pair) or 0.0))
        groups.append(Together(rising, falling, tuple(found)))
    return tuple(sorted(groups, key=lambda group: -abs(correlation(group.pairs[0]) or 0.0)))


def _linked(strengths: npt.NDArray[np.float64]) -> list[list[int]]:
    """Return the groups of two and more that average linkage joins, each in ascending order."""
    between = strengths.copy()
    groups = {j: [j] for j in range(len(between))}
    while len(groups) > 1:
        a, b = divmod(int(between.argmax()), len(between))
        if between[a, b] < STRONG:
            break
        size_a, size_b = len(groups[a]), len(groups[b])
        between[a] = between[:, a] = (size_a * between[a] + size_b * between[b]) / (size_a + size_b)
        between[b] = between[:, b] = between[a, a] = 0.0
        groups[a] += groups.pop(b)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _rises(signed: npt.NDArray[np.float64]) -> list[bool]:
    """Return which columns of a group rise with its first, along the strongest correlations that lead there.

    Two columns of a group need not be correlated strongly themselves, and 0 in ``signed`` says nothing of a direction.

    >>> _rises(np.array([[0, -0.9, 0], [-0.9, 0, 0.95], [0, 0.95, 0]]))
    [True, False, False]
    """
    size = len(signed)
    strengths = np.abs(signed)
    nearest, best = np.zeros(size, np.int64), strengths[0].copy()
    rises, outside = [True] * size, list(range(1, size))
    while outside:
        j = max(outside, key=best.__getitem__)
        outside.remove(j)
        rises[j] = rises[nearest[j]] == bool(signed[nearest[j], j] >= 0)
        closer = strengths[j] > best
        nearest[closer], best[closer] = j, strengths[j][closer]
    return rises
