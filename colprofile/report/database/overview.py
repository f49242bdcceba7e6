"""The table of a database's tables: the same headings and figures for every renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table of tables.

    Attributes
    ----------
    label
        What stands above it.
    rank
        Of columns that find no room in a terminal, those of the highest rank go first.
    meaning
        What the heading stands for, for a legend.
    term
        Its key in the glossary; empty for none.
    kind
        "number"; "text", which is sorted as such; "words" that are sorted by a number.
    """

    label: str
    rank: int
    meaning: str = ""
    term: str = ""
    kind: Literal["number", "text", "words"] = "number"

    @property
    def title(self) -> str:
        """The label as the heading of a page's table."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def is_text(self) -> bool:
        """Whether it holds words, which stand on the left."""
        return self.kind != "number"


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell: what is shown, and what it is sorted by."""

    shown: str
    key: float | str | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table in the table of tables.

    Attributes
    ----------
    name
        The table.
    figures
        One for each heading.
    weight
        The more, the more important: where not all tables are shown, those that weigh most are.
    """

    name: str
    figures: tuple[Figure, ...]
    weight: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of a table, as the search over all columns shows it: the figure in words."""

    name: str
    type: str
    figure: str
