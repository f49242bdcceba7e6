"""A line of a database's report: one thing that was found in a table or between tables, in a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from colprofile.results.quality import Severity

ORDER: tuple[Severity, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was found.

    Attributes
    ----------
    tag
        What kind of thing it is, in a word or two.
    severity
        How much it asks for attention.
    sentence
        What was found, visible.
    table
        The table that it is about; empty between tables.
    action
        What to do; empty where there is nothing to do.
    bits
        Bits per row that it is about; None where it is not about bits.
    """

    tag: str
    severity: Severity
    sentence: str
    table: str = ""
    action: str = ""
    bits: float | None = None


def by_severity(lines: list[Line]) -> list[Line]:
    """Return lines with the most severe first, otherwise in the order in which they are."""
    return sorted(lines, key=lambda line: ORDER.index(line.severity))


def first_of_each(lines: list[Line], most: int) -> list[Line]:
    """Return lines without those of a table, or of a kind between tables, beyond the first ``most``.

    Those of high severity are all kept.
    """
    seen: Counter[str] = Counter()
    kept = []
    for line in lines:
        group = line.table or f"{line.tag}:"
        seen[group] += 1
        if seen[group] <= most or line.severity == "high":
            kept.append(line)
    return kept


def amounts(lines: list[Line]) -> list[tuple[Severity, int]]:
    """Return how many lines there are of each severity that occurs, the most severe first."""
    found: list[tuple[Severity, int]] = [(s, sum(line.severity == s for line in lines)) for s in ORDER]
    return [(severity, number) for severity, number in found if number]
