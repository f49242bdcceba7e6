"""What is probably wrong in the data, as sentences that every renderer shows."""

from __future__ import annotations

from colprofile.report import text
from colprofile.report.profile.parts import Name, Part
from colprofile.results.profile import Profile
from colprofile.results.quality import QualityIssue
from colprofile.results.quality_words import ColumnPart, quality_parts
from colprofile.results.quality_words import Part as WordPart

VALUE_WIDTH = 40
"""Characters of a value in a sentence."""


def issue_parts(issue: QualityIssue, profile: Profile) -> tuple[Part, ...]:
    """Return an issue of a profile in words: text with values made visible in it, and the names of columns."""
    made = profile.provenance
    is_sampled = any(column.sampled_rows is not None for column in profile.columns)
    return tuple(map(_part, quality_parts(issue, made.sampled_rows if is_sampled else None)))


def _part(part: WordPart) -> Part:
    if isinstance(part, str):
        return part
    if isinstance(part, ColumnPart):
        return Name(part.name)
    if part.is_quoted and part.value:
        return text.visible(f"'{part.value}'", VALUE_WIDTH)
    return text.data_value(part.value, VALUE_WIDTH)
