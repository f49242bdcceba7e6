"""Data quality: what in a column or a table is probably wrong, and the plain facts that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from colprofile.results.reading_options import ReadingOptions
from colprofile.values import Value

Severity = Literal["high", "medium", "low"]
"""high: figures or joins are wrong if nothing is done; medium: look at it before you rely on it; low: good to know."""

SEVERITIES: tuple[str, ...] = get_args(Severity)
"""The severities, the highest first."""

QualityKind = Literal[
    "duplicate_rows",
    "missing",
    "missing_together",
    "placeholder",
    "sentinel",
    "stored_as_text",
    "variants",
    "leading_zeros",
    "not_finite",
    "nearly_constant",
    "patterns",
    "gap",
    "units",
    "outliers",
]

QUALITY_KINDS: tuple[QualityKind, ...] = get_args(QualityKind)


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """Something in the data that is probably wrong, with its evidence.

    Attributes
    ----------
    kind
        "duplicate_rows": rows that repeat an earlier row in every column. "missing": a large share of NULL.
        "missing_together": columns that are NULL in the same rows. "placeholder": text that stands for a missing value,
        such as a blank, 'NA' or '?'. "sentinel": a number or date that stands for one, such as -999 or 1900-01-01.
        "stored_as_text": numbers, dates or booleans in a text column. "variants": one value in several spellings, which
        differ in case or white space. "leading_zeros": codes of digits whose leading zeros are lost in some rows.
        "not_finite": infinities or NaN. "nearly_constant": one value in nearly every row. "patterns": a few values
        that look different from all others. "gap": times missing in a regular series. "units": numbers with different
        units in one column. "outliers": numbers far from all others.
    severity
        "high", "medium" or "low".
    columns
        The columns that it is about; empty for whole rows.
    rows
        Rows that show it, or, of a gap, that are missing.
    share
        ``rows`` as a share of the table's rows, in [0, 1].
    values
        Values that show it, as (value, rows), the most frequent first, at most five. Of "variants" the most frequent
        spelling comes first; of "gap" they are the times on both sides of the longest.
    row_numbers
        Numbers of the first rows that show it, at most five, the table's first row being 1. Empty where they are not
        known: rows counted inside a database have no numbers.
    detail
        What else the sentence says: the type that text would convert to, the step of a series; None where nothing.
    options
        Of "stored_as_text" and "placeholder" in a text file: how to read it so that the issue is gone. None where no
        option does that, and for other sources.
    converting_share
        Of "stored_as_text" with ``options``: the share of the rows with a value that are numbers or dates when they are
        read so, in [0, 1]; the others are NULL. Else None.
    """

    kind: QualityKind
    severity: Severity
    columns: tuple[str, ...]
    rows: int
    share: float
    values: tuple[tuple[Value, int], ...] = ()
    row_numbers: tuple[int, ...] = ()
    detail: str | None = None
    options: ReadingOptions | None = None
    converting_share: float | None = None


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """The rows in which exactly these columns are NULL.

    Attributes
    ----------
    columns
        The columns that are NULL, in the table's order; empty for the complete rows.
    rows
        Rows with this pattern.
    """

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class TextShape:
    """What the values of a text column look like.

    Attributes
    ----------
    shortest, median, longest
        Characters of the shortest value, of the median row and of the longest value.
    patterns
        The commonest patterns of characters, as (pattern, rows), at most five: 9 stands for a run of digits, A for
        a run of capitals, a for one of small letters; other characters stand for themselves.
    """

    shortest: int
    median: int
    longest: int
    patterns: tuple[tuple[str, int], ...]
