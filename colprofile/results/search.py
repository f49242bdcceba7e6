"""How far an audit searched for dependencies: level by level, and what ended the search before its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.errors import ArgumentError

SearchedKind = Literal["pairs", "exact", "near", "arithmetic"]
"""What was searched: pairs of columns, exact dependencies, near ones, or columns that are the sum or the product of
two others."""

EndOfSearch = Literal["interrupt", "time", "work"]
"""What ended a search early: Ctrl-C, the seconds that it was given, or the work that it may take by default."""


@dataclass(frozen=True, slots=True)
class SearchedLevel:
    """How many combinations of columns on the left of a dependency were looked at.

    Attributes
    ----------
    kind
        What was searched: "exact" or "near" dependencies, or "arithmetic", sums and products of two columns; or
        "pairs", the pairs of columns that were counted, where some were left out.
    determinants
        Columns on the left.
    combinations
        How many combinations of so many columns there are. Columns with one value are left out; for near dependencies
        also keys, measurements, and columns that are equivalent to another. For arithmetic, columns of numbers.
    looked_at
        How many of them were looked at, those of the columns with the fewest values first.
    """

    kind: SearchedKind
    determinants: int
    combinations: int
    looked_at: int

    def __post_init__(self) -> None:
        if not 0 <= self.looked_at <= self.combinations:
            raise ArgumentError(f"{self.looked_at} of {self.combinations} combinations cannot have been looked at")

    @property
    def is_complete(self) -> bool:
        """Whether all of them were looked at."""
        return self.looked_at == self.combinations


@dataclass(frozen=True, slots=True)
class Search:
    """How far dependencies were searched.

    Attributes
    ----------
    max_determinants
        Most columns on the left side that were asked for.
    exact_determinants, near_determinants
        Up to how many columns on the left the search was complete, for exact and for near dependencies.
    tests
        Dependencies that such a table can have, with up to 3 columns on the left. The significance of each is corrected
        for all of them.
    is_complete
        False where something that was asked for was left out: see ``levels``.
    levels
        How many combinations of columns were looked at, in the order of the search.
    ended_by
        What ended the search early: "interrupt" (Ctrl-C), "time" (``max_seconds``), or "work" (what it may take by
        default); None where it is complete.
    """

    max_determinants: int
    exact_determinants: int
    near_determinants: int
    tests: int
    is_complete: bool
    levels: tuple[SearchedLevel, ...] = ()
    ended_by: EndOfSearch | None = None


_CAUSES: dict[EndOfSearch, str] = {
    "interrupt": "Interrupted: only what was found until then is listed.",
    "time": "The search ended when its time was up (--max-seconds, max_seconds=).",
    "work": "The search ended early, as all of it would take long: --max-seconds (max_seconds=) gives it more time.",
}
_LEFT_SIDES = {1: "single columns on the left", 2: "pairs of columns on the left", 3: "threes of columns on the left"}
_WHAT: dict[SearchedKind, str] = {
    "pairs": "pairs, those of the columns with the fewest values",
    "exact": "for exact dependencies",
    "near": "for near ones",
    "arithmetic": "for sums and products",
}


def what_was_left_out(search: Search) -> str:
    """Return why a search ended early, and how much it looked at on each level that is not complete; "" where all is.

    >>> levels = SearchedLevel("near", 2, 3741, 1204), SearchedLevel("exact", 3, 500, 0)
    >>> sentences = what_was_left_out(Search(3, 2, 1, 9, False, levels, "time"))
    >>> sentences[69:]
    'Looked at: pairs of columns on the left, 1,204 of 3,741 for near ones; no threes of columns on the left.'
    """
    if search.is_complete:
        return ""
    parts = []
    for determinants, left_sides in _LEFT_SIDES.items():
        levels = [level for level in search.levels if level.determinants == determinants and not level.is_complete]
        if any(level.looked_at for level in levels):
            parts.append(f"{left_sides}, {', '.join(map(_looked_at, levels))}")
        elif levels:
            parts.append(f"no {left_sides}")
    return " ".join([_CAUSES[search.ended_by or "interrupt"], *([f"Looked at: {'; '.join(parts)}."] if parts else [])])


def _looked_at(level: SearchedLevel) -> str:
    looked_at = f"{level.looked_at:,}" if level.looked_at else "none"
    return f"{looked_at} of {level.combinations:,} {_WHAT[level.kind]}"
