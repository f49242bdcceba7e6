"""The plain facts of a profile, the same for every renderer: rows, columns by kind, what is missing, duplicate rows."""

from __future__ import annotations

from collections import Counter

from colprofile.report import reading, text
from colprofile.results import reading_words
from colprofile.results.column import ColumnProfile, Kind
from colprofile.results.profile import Profile

KINDS: dict[Kind, str] = {"temporal": "time"}
"""What a kind of column is called where it is not by its name."""

RARE_SHARE = 0.0005
"""A most frequent value that is rarer says nothing."""


def facts(profile: Profile) -> list[str]:
    """Return what a reader should know first, each fact in a few words."""
    found = [
        reading.in_short(profile.provenance),
        text.plural(profile.rows, "row"),
        columns_by_kind(profile),
        missing(profile),
        duplicates(profile),
    ]
    if profile.skipped:
        found.append(f"{text.plural(len(profile.skipped), 'column')} skipped")
    if not profile.has_pairs and len(profile.columns) > 1:
        found.append("pairs not counted")
    return [fact for fact in found if fact] + [how_counted(profile)]


def columns_by_kind(profile: Profile) -> str:
    """Return how many columns there are of each kind: "19 columns: 14 numeric, 4 text, 1 time"."""
    amount = text.plural(len(profile.columns), "column")
    kinds = {KINDS.get(column.kind, column.kind) for column in profile.columns}
    if not kinds:
        return amount
    if len(kinds) == 1:
        return f"{amount}, {'all ' if len(profile.columns) > 1 else ''}{kinds.pop()}"
    return f"{amount}: {kinds_of(profile)}"


def kinds_of(profile: Profile) -> str:
    """Return how many columns there are of each kind, the most frequent first: "14 numeric, 4 text, 1 time"."""
    kinds = Counter(KINDS.get(column.kind, column.kind) for column in profile.columns)
    return ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())


def missing(profile: Profile) -> str:
    """Return the share of values that are NULL, and in how many columns; empty for a table without values."""
    columns = profile.columns
    values = sum(column.rows for column in columns)
    if not values:
        return ""
    sampled = any(column.sampled_rows is not None for column in columns)
    having = sum(column.nulls > 0 for column in columns)
    if not having:
        return "no NULL in the sample" if sampled else "no missing values"
    share = text.percent(sum(column.nulls for column in columns) / values)
    return f"{'≈' if sampled else ''}{share} of the values missing, in {text.plural(having, 'column')}"


def duplicates(profile: Profile) -> str:
    """Return the number of duplicate rows; empty where they were not counted."""
    if profile.duplicate_rows is None or not profile.rows:
        return ""
    if not profile.duplicate_rows:
        return "no duplicate rows"
    share = text.percent(profile.duplicate_rows / profile.rows)
    return f"{text.plural(profile.duplicate_rows, 'duplicate row')} ({share})"


def how_counted(profile: Profile) -> str:
    """Return how many rows the figures come from: all, or a sample for pairs or for everything."""
    made = profile.provenance
    rows = "a sample" if made.sampled_rows is None else text.plural(made.sampled_rows, "random row")
    if not made.is_sampled:
        return reading_words.rows_counted(made)
    if any(column.sampled_rows is not None or column.is_estimated for column in profile.columns):
        return f"estimated from {rows}"
    read = "" if made.reading is None or made.reading.is_plain else " that was read"
    return f"columns counted in every row{read}, pairs estimated from {rows}"


def ends_of(column: ColumnProfile) -> tuple[str, str, str] | None:
    """Return minimum, median and maximum of a numeric or temporal column in short; None where there are none."""
    if column.kind not in ("numeric", "temporal") or column.minimum is None or column.maximum is None:
        return None
    median = next((text.short_value(q.value) for q in column.quantiles if q.probability == 0.5), "–")
    return text.short_value(column.minimum), median, text.short_value(column.maximum)


def is_range(column: ColumnProfile) -> bool:
    """Whether even the most frequent value is so rare that the first and last value say more."""
    return column.top_values[0].share < RARE_SHARE and column.minimum is not None and column.maximum is not None
