"""Latent classes in the terminal: the bounds, the kinds of rows and what is typical, the columns that they explain."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, reading, text
from colprofile.report.latent import summary
from colprofile.report.layout import Column, fitted
from colprofile.results.latent import LatentClass, LatentClasses

TYPICAL_SHOWN = 6
COLUMNS_SHOWN = 30
BAR_CELLS = 24
VALUE_CELLS = 20

WITH_REMARKS = 56
"""Cells that the bounds need to stand beside what they bound."""


def render_terminal(
    latent: LatentClasses, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8"
) -> str:
    """Return latent classes as terminal text; the parameters are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(latent, cells), width=width, color=color, encoding=encoding)


def _report(latent: LatentClasses, width: int) -> Iterator[RenderableType]:
    made = latent.provenance
    facts = [*filter(None, [reading.in_short(made)]), summary.shape(latent), text.seconds(made.duration)]
    yield from console.header(text.source_name(made), facts, width)
    yield from console.reading_warnings(("input", made))
    yield Text(summary.headline(latent), "bold")
    if len(latent.classes) > 1:
        yield from (Text(), console.heading("Kinds of rows, and values that are typical of them"))
        for found in latent.classes:
            yield from _class(found, width)
        yield from (Text(), console.heading("How much of each column the kind explains"), *_columns(latent, width))
        yield from console.more(len(latent.columns), COLUMNS_SHOWN, "column", console.IN_FRAME)
        yield from (Text(), console.heading("Numbers of kinds that were compared"), *_candidates(latent, width))
    yield from (Text(), console.heading("Bits per row"), *_bounds(latent, width))
    yield from (Text(), *console.skipped(latent.left_out))
    yield from console.dim(*summary.LEGEND[len(latent.classes) == 1 :])
    yield from console.notes(latent.notes)


def _class(found: LatentClass, width: int) -> Iterator[RenderableType]:
    """Yield how many rows a class has, then its typical values, each in one piece."""
    items = [
        console.name(typical.column)
        + Text(f" {summary.typical_text(typical, VALUE_CELLS)} ({text.factor(typical.lift)})")
        for typical in found.typical[:TYPICAL_SHOWN]
    ]
    number = Text(str(found.number), "bold")
    lines = console.flowing(items or console.dim("nothing stands out"), width - number.cell_len - 2)
    yield console.statements([(number, Text("\n").join([Text(summary.size(found)), *lines]))])


def _columns(latent: LatentClasses, width: int) -> list[Text]:
    shown = sorted(latent.columns, key=lambda column: -column.information)[:COLUMNS_SHOWN]
    shares = [summary.explained_share(column) for column in shown]
    names = [console.name(column.name, text.NAME_WIDTH) for column in shown]
    columns = [
        Column(Text("column"), names, 0, True, max(8, min(24, width // 3)), 40),
        Column(Text("explained"), [Text(text.percent(share)) for share in shares]),
        Column(Text(), [console.bar(share, 10, 1.0) for share in shares], 3, True),
        Column(Text("bits"), [Text(text.bits(column.entropy)) for column in shown], 1),
        Column(Text("explained bits"), [Text(text.bits(column.information)) for column in shown], 2),
    ]
    return fitted(columns, width).lines()


def _candidates(latent: LatentClasses, width: int) -> list[Text]:
    shown = latent.candidates
    bars = [console.bar(summary.saved_share(candidate, latent), BAR_CELLS) for candidate in shown]
    remarks = [Text("highest ELBO" if summary.is_chosen(candidate, latent) else "", "bold") for candidate in shown]
    columns = [
        Column(Text("kinds"), [Text(str(candidate.classes)) for candidate in shown]),
        Column(Text("bits saved"), [Text(text.bits(candidate.redundancy_bits)) for candidate in shown]),
        Column(Text(), bars, 2, True, 6),
        Column(Text(), remarks, 1, True),
    ]
    return fitted(columns, width).lines()


def _bounds(latent: LatentClasses, width: int) -> Iterator[RenderableType]:
    labels, bits, remarks = zip(*summary.bounds(latent), strict=True)
    table = fitted(
        [Column(Text(), [Text(label) for label in labels], 0, True, 12), Column(Text(), list(map(Text, bits)))], width
    )
    if width < WITH_REMARKS:
        yield from table.lines()[1:]
    else:
        yield console.statements(zip(table.lines()[1:], console.dim(*remarks), strict=True))
