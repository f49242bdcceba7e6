"""Sentences in parts: text, and names of columns that each renderer shows in its own way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from colprofile.report import text


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name within a sentence."""

    name: str


Part = str | Name


def plain(parts: Iterable[Part]) -> str:
    """Return a sentence as plain text with visible names."""
    return "".join(text.visible(part.name) if isinstance(part, Name) else part for part in parts)
