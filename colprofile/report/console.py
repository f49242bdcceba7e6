"""What all terminal reports share: the width, the colours, names, tables and bars."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import characters, reading, text
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.results.quality import Severity
from colprofile.standard import is_terminal

NARROWEST = 20
"""Cells that every report needs."""

NAME_CELLS = 24
"""Cells of a name in a list; longer ones end in an ellipsis."""

SKIPPED_SHOWN = 20
IN_FRAME = "--html, --json or .columns_frame() show them all"

SEVERITIES: dict[Severity, str] = {"high": "bold red", "medium": "yellow", "low": "dim"}
"""How a severity looks."""

STEPS = "▁▂▃▄▅▆▇█"
"""Heights of a small histogram's bars."""

Given = TypeVar("Given")


def as_text(
    report: Callable[[int], Iterable[RenderableType]], *, width: int, color: bool | None, encoding: str = "utf-8"
) -> str:
    """Return the parts of a report as terminal text, without spaces at the ends of lines.

    Parameters
    ----------
    report
        Given the width in cells, returns the parts from top to bottom.
    width
        Cells to fill, at least 20. No line is wider.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
        Without colour there is no escape sequence at all.
    encoding
        What the terminal can show: of names and values it lacks, the escape is shown, and ASCII in the place of bars.
    """
    width = max(NARROWEST, width)
    if color is None:
        color = is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")
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
    with characters.for_terminal(encoding):
        console.print(Group(*report(width)))
    lines = [line.rstrip() for line in characters.finished(stream.getvalue(), encoding).split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"


def header(title: str, facts: Sequence[str], width: int) -> list[Text]:
    """Return the first lines of a report: what it is about, cut where it is too long, and facts in one piece."""
    return flowing([Text(middle_cut(title, width), "bold"), *map(Text, facts)], width)


def middle_cut(line: str, cells: int) -> str:
    """Return text of at most ``cells`` cells: of longer text the beginning and, longer, the end, which names the file.

    >>> middle_cut("/home/ada/projects/2024/orders.csv", 20), middle_cut("orders.csv", 20)
    ('/home/…24/orders.csv', 'orders.csv')
    """
    if cell_len(line) <= cells:
        return line
    head = set_cell_size(line, cells // 3).rstrip()
    tail = line
    while cell_len(tail) > cells - cell_len(head) - 1:
        tail = tail[1:]
    return f"{head}…{tail}"


def flowing(items: Iterable[Text], width: int) -> list[Text]:
    """Return items in a row with dots between them, on as many lines as they need; only a long item is broken."""
    lines: list[Text] = []
    for item in items:
        if lines and lines[-1].cell_len + 3 + item.cell_len <= width:
            lines[-1] = lines[-1] + Text(" · ", "dim") + item
        else:
            lines.append(item)
    return lines


def dim(*lines: str) -> list[Text]:
    """Return lines that matter less."""
    return [Text(line, "dim") for line in lines]


def heading(title: str) -> Text:
    """Return the heading of a part."""
    return Text(title, "bold")


def legend(meanings: Iterable[tuple[str, str]]) -> list[Text]:
    """Return what words stand for as one paragraph, words without a meaning left out."""
    found = [f"{word}: {meaning}" for word, meaning in meanings if meaning]
    return dim("; ".join(found)) if found else []


def kept(amount: int, most: int) -> int:
    """Return how many of ``amount`` things are shown: ``most``, or all where the line on the rest is no shorter.

    >>> kept(300, 30), kept(32, 30), kept(3, 30)
    (30, 32, 3)
    """
    return most if amount > most + 2 else amount


def more(
    amount: int, kept: int, noun: str, where: str = "--html and --json show them all", kinds: str = ""
) -> list[Text]:
    """Return the line that says how many of ``amount`` are not shown, and where they are; none if all are.

    ``kinds`` says of what kinds they are.
    """
    left_out = amount - kept
    return dim(f"… and {left_out:,} more {noun}{'s' * (left_out > 1)}{kinds}; {where}") if left_out > 0 else []


def notes(result_notes: Iterable[str]) -> list[Text]:
    """Return the notes of a result."""
    return dim(*(f"note: {text.visible(note, 400)}" for note in result_notes))


def skipped(columns: Sequence[SkippedColumn]) -> list[Text]:
    """Return the columns that could not be counted, with the reasons."""
    lines = (f"skipped: {text.visible(c.name, 40)}: {text.visible(c.reason, 200)}" for c in columns[:SKIPPED_SHOWN])
    return [*dim(*lines), *more(len(columns), SKIPPED_SHOWN, "skipped column")]


def reading_warnings(*sides: tuple[str, Provenance]) -> list[RenderableType]:
    """Return what has to be known of how inputs were read before any figure, each side with the word for it."""
    return warnings(reading.warnings(*sides))


def warnings(found: Sequence[reading.InputWarning]) -> list[RenderableType]:
    """Return what has to be known before any figure."""
    rows = ((Text(warning.word, SEVERITIES[warning.severity]), Text(warning.sentence)) for warning in found)
    return [statements(rows)] if found else []


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


def bars(counts: Sequence[int], cells: int) -> Text:
    """Return a histogram one line high, of at most ``cells`` bars; no bar with rows vanishes.

    >>> bars([0, 1, 50, 100], 4).plain, bars([1, 1, 4, 4], 2).plain
    (' ▁▅█', '▃█')
    """
    size = -(-len(counts) // cells)
    heights = [sum(counts[start : start + size]) for start in range(0, len(counts), size)] if size else []
    most = max(heights, default=0) or 1
    last = len(STEPS) - 1
    return Text("".join(STEPS[round(last * height / most)] if height else " " for height in heights), "blue")


def statements(rows: Iterable[tuple[Text, RenderableType]]) -> Table:
    """Return lines of text, each beside a word that says what it is and that is never cut."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for word, line in rows:
        made.add_row(word, line)
    return made
