"""What is missing as a picture: a bar for each column with NULL, and the columns that are NULL in the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.profile import Profile

BARS_SHOWN = 30
PATTERN_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class MissingBar:
    """A column with NULL: its name, the share of its rows, and the figure next to the bar."""

    name: str
    share: float
    figure: str


@dataclass(frozen=True, slots=True)
class PatternRow:
    """A missing pattern: for each of the columns drawn whether it is missing, rows, their share, and other columns."""

    marks: tuple[bool, ...]
    rows: int
    share: float
    others: int


@dataclass(frozen=True, slots=True)
class Missing:
    """The picture of what is missing: bars by share, the columns of the patterns, patterns, and bars left out."""

    bars: tuple[MissingBar, ...]
    columns: tuple[str, ...]
    patterns: tuple[PatternRow, ...]
    left_out: int

    def heading(self, row: PatternRow) -> str:
        """Return a pattern in words, for those who cannot see its marks."""
        names = [text.visible(name, 40) for name, mark in zip(self.columns, row.marks, strict=True) if mark]
        if row.others:
            names.append(text.plural(row.others, "more column"))
        return f"missing: {', '.join(names)}" if names else "nothing missing"


def missing(profile: Profile) -> Missing | None:
    """Return the picture of what is missing; None where nothing is."""
    having = sorted((column for column in profile.columns if column.nulls), key=lambda column: -column.null_share)
    if not having:
        return None
    bars = [
        MissingBar(
            column.name,
            column.null_share,
            f"{'≈' if column.sampled_rows is not None else ''}{text.count(column.nulls)}"
            f" ({text.percent(column.null_share)})",
        )
        for column in having[:BARS_SHOWN]
    ]
    places = _places(profile)
    return Missing(tuple(bars), places, _patterns(profile, places), len(having) - len(bars))


def _places(profile: Profile) -> tuple[str, ...]:
    """Return the columns that any pattern has, in the table's order, at most as many as can be drawn."""
    having = {name for pattern in profile.missing_patterns for name in pattern.columns}
    return tuple(column.name for column in profile.columns if column.name in having)[:PATTERN_COLUMNS]


def _patterns(profile: Profile, places: Sequence[str]) -> tuple[PatternRow, ...]:
    found = []
    total = sum(pattern.rows for pattern in profile.missing_patterns)
    rows = max(profile.provenance.sampled_rows or profile.rows, total)
    for pattern in profile.missing_patterns:
        names = set(pattern.columns)
        marks = tuple(name in names for name in places)
        found.append(PatternRow(marks, pattern.rows, pattern.rows / rows, len(names) - sum(marks)))
    return tuple(found)
