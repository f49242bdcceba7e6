"""What is probably wrong in the data, as sentences that every renderer shows."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.profile.parts import Name, Part, plain
from colprofile.results.profile import Profile
from colprofile.results.quality import QualityIssue
from colprofile.results.quality_words import ColumnPart, quality_parts
from colprofile.results.quality_words import Part as WordPart

VALUE_WIDTH = 40
"""Characters of a value in a sentence."""


@dataclass(frozen=True, slots=True)
class QualitySentence:
    """An issue in words: ``parts`` are text, values made visible in it, and the names of columns."""

    issue: QualityIssue
    parts: tuple[Part, ...]

    def plain(self) -> str:
        """Return the sentence as plain text with visible names."""
        return plain(self.parts)


def quality_sentences(profile: Profile) -> list[QualitySentence]:
    """Return all issues as sentences, the most severe first."""
    return [sentence(issue, profile) for issue in profile.quality]


def sentence(issue: QualityIssue, profile: Profile) -> QualitySentence:
    """Return an issue of a profile in words."""
    sampled = profile.provenance.sampled_rows
    if sampled is not None and all(column.sampled_rows is None for column in profile.columns):
        sampled = None  # pairs alone are estimated
    parts = quality_parts(issue, sampled)
    return QualitySentence(issue, tuple(map(_part, parts)))


def _part(part: WordPart) -> Part:
    if isinstance(part, str):
        return part
    if isinstance(part, ColumnPart):
        return Name(part.name)
    if part.is_quoted and part.value:
        return text.visible(f"'{part.value}'", VALUE_WIDTH)
    return text.data_value(part.value, VALUE_WIDTH)
