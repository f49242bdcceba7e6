"""Tables that fit the width of a terminal: the less important columns go first, and figures are never cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

GAP = 2
"""Cells between two columns."""

Cell = Text | Sequence[Text]
"""What stands in a cell, or several forms of it, the longest first."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table in the terminal.

    Attributes
    ----------
    heading
        What stands above it.
    cells
        One for each row. Of several forms the first that fits is shown; if none fits, the last one is cut.
    rank
        Columns of a lower rank are shown first, those of equal rank from left to right; rank 0 is always shown.
    is_left
        Whether cells stand on the left.
    least, most
        Cells to which it may be cut, and beyond which it does not grow; None for a column that is never cut.
    enough
        Cells that it gets, where there are so many, before columns of a higher rank are shown; ``least`` if None.
    meaning
        What the heading stands for, for the legend.
    """

    heading: Cell
    cells: Sequence[Cell]
    rank: int = 0
    is_left: bool = False
    least: int | None = None
    most: int | None = None
    enough: int | None = None
    meaning: str = ""

    @property
    def name(self) -> str:
        """The heading in its shortest form."""
        return _forms(self.heading)[-1].plain

    @property
    def natural(self) -> int:
        """Cells that the longest forms take."""
        widest = max(_forms(cell)[0].cell_len for cell in (self.heading, *self.cells))
        return widest if self.most is None else min(widest, self.most)

    @property
    def narrowest(self) -> int:
        """Cells that it needs."""
        return self.natural if self.least is None else min(self.natural, self.least)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The columns of a table that fit, from left to right, and their cells."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The headings that are shown, each with its meaning."""
        return [(column.name, column.meaning) for column in self.columns]

    def lines(self) -> list[Text]:
        """Return the headings, then the rows."""
        rows = zip(*([column.heading, *column.cells] for column in self.columns), strict=True)
        lines = [self._line(cells) for cells in rows]
        lines[0].stylize("dim")
        return lines

    def _line(self, cells: Sequence[Cell]) -> Text:
        shown = []
        for cell, column, width in zip(cells, self.columns, self.widths, strict=True):
            text = _fitting(cell, width)
            space = Text(" " * (width - text.cell_len))
            shown.append(text + space if column.is_left else space + text)
        line = Text(" " * GAP).join(shown)
        line.rstrip()
        line.no_wrap = True
        return line


def fitted(columns: Sequence[Column], width: int) -> Fitted:
    """Return the columns that fit into ``width`` cells: as many as can be shown, then each as wide as there is room."""
    order = sorted(range(len(columns)), key=lambda number: columns[number].rank)
    widths: dict[int, int] = {}
    spare = width + GAP
    for number in order:
        column = columns[number]
        if column.narrowest + GAP > spare:
            break
        wanted = column.narrowest if column.enough is None else min(column.enough, column.natural)
        widths[number] = max(column.narrowest, min(wanted, spare - GAP))
        spare -= widths[number] + GAP
    if not widths:
        widths[order[0]], spare = width, 0
    for number in [number for number in order if number in widths]:
        grown = min(spare, max(0, columns[number].natural - widths[number]))
        widths[number] += grown
        spare -= grown
    kept = sorted(widths)
    return Fitted(tuple(columns[number] for number in kept), tuple(widths[number] for number in kept))


def _forms(cell: Cell) -> Sequence[Text]:
    return [cell] if isinstance(cell, Text) else cell


def _fitting(cell: Cell, width: int) -> Text:
    """Return the first form that fits, or the last one cut."""
    forms = _forms(cell)
    for form in forms:
        if form.cell_len <= width:
            return form
    cut = forms[-1].copy()
    cut.truncate(width, overflow="ellipsis")
    return cut
