"""What all terminal reports share: the width, the colours, names, tables and bars."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.results.provenance import SkippedColumn

NARROWEST = 60
"""Cells that every report needs; a narrower terminal wraps its lines."""

NARROW = 90
"""Below this width tables leave out what matters less."""

NAME_CELLS = 24
"""Cells of a name in a list; longer ones end in an ellipsis."""

SKIPPED_SHOWN = 20
IN_FRAME = "--html, --json or .columns_frame() show them all"

Given = TypeVar("Given")


def as_text(report: Callable[[int], Iterable[RenderableType]], *, width: int, color: bool | None) -> str:
    """Return the parts of a report as terminal text, without spaces at the ends of lines.

    Parameters
    ----------
    report
        Given the width in cells, returns the parts from top to bottom.
    width
        Cells to fill, at least 60. No line is wider.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
        Without colour there is no escape sequence at all.
    """
    width = max(NARROWEST, width)
    if color is None:
        color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    console.print(Group(*report(width)))
    lines = [line.rstrip() for line in stream.getvalue().split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"


def header(title: str, facts: Iterable[str], width: int) -> Text:
    """Return the first line of a report: what it is about, cut where it is too long, and a few facts."""
    tail = "".join(f" · {fact}" for fact in facts)
    line = Text(title)
    line.truncate(max(12, width - cell_len(tail)), overflow="ellipsis")
    line.stylize("bold")
    return line + Text(tail)


def dim(*lines: str) -> list[Text]:
    """Return lines that matter less."""
    return [Text(line, "dim") for line in lines]


def more(amount: int, kept: int, noun: str = "", where: str = "--html and --json show them all") -> list[Text]:
    """Return the line that says how many of ``amount`` are not shown, and where they are; none if all are."""
    return dim(f"… and {amount - kept:,} more{noun and f' {noun}'}; {where}") if amount > kept else []


def notes(result_notes: Iterable[str]) -> list[Text]:
    """Return the notes of a result."""
    return dim(*(f"note: {text.visible(note, 400)}" for note in result_notes))


def skipped(columns: Sequence[SkippedColumn]) -> list[Text]:
    """Return the columns that could not be counted, with the reasons."""
    lines = (f"skipped: {text.visible(c.name, 40)}: {text.visible(c.reason, 200)}" for c in columns[:SKIPPED_SHOWN])
    return [*dim(*lines), *more(len(columns), SKIPPED_SHOWN, "skipped columns")]


def name(column: str, cells: int = NAME_CELLS) -> Text:
    """Return a column's name, visible, at most ``cells`` wide."""
    line = Text(text.visible(column), "cyan")
    line.truncate(cells, overflow="ellipsis")
    return line


def joined(items: Sequence[Text], left_out: int = 0, none: str = "none") -> Text:
    """Return items in a row, with the number of those that are left out."""
    if not items:
        return Text(none, "dim")
    line = Text(" · ", "dim").join(items)
    return line.append(f" … and {left_out:,} more", "dim") if left_out > 0 else line


def figure(value: Given | None, show: Callable[[Given], str]) -> Text:
    """Return a figure, a dash where it is undefined."""
    return Text("–", "dim") if value is None else Text(show(value))


def bar(share: float, cells: int, rest: float = 0.0) -> Text:
    """Return a bar of ``share`` of the cells, at most all, and the part from there to ``rest`` shaded."""
    full, end = (round(cells * min(1.0, part)) for part in (share, rest))
    return Text("█" * full, "blue") + Text("░" * max(0, end - full), "dim")


def table(headings: Iterable[str], *, left: Iterable[str] = (), folded: str = "", title: str = "") -> Table:
    """Return a table without lines: headings in ``left`` and ``folded`` stand left, and only the latter wraps."""
    made = Table(
        box=None,
        title=Text(title, "bold") if title else None,
        title_justify="left",
        header_style="dim",
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
    for heading in headings:
        is_folded = heading == folded
        made.add_column(
            heading,
            justify="left" if heading in left or is_folded else "right",
            no_wrap=not is_folded,
            overflow="fold" if is_folded else "ellipsis",
        )
    return made


def grid(*columns: str) -> Table:
    """Return a table without headings: each column is "label", "figure" or "text", and only text wraps."""
    made = Table.grid(padding=(0, 2, 0, 0))
    for kind in columns:
        made.add_column(
            style="bold" if kind == "label" else "",
            justify="right" if kind == "figure" else "left",
            no_wrap=kind != "text",
            overflow="fold" if kind == "text" else "ellipsis",
        )
    return made
