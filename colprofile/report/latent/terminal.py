"""Latent classes in the terminal: the bounds, the kinds of rows and what is typical, the columns that they explain."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.latent import summary
from colprofile.results.latent import LatentClass, LatentClasses

TYPICAL_SHOWN = 6
COLUMNS_SHOWN = 30
BAR_CELLS = 24
VALUE_CELLS = 20


def render_terminal(latent: LatentClasses, *, width: int = 100, color: bool | None = None) -> str:
    """Return latent classes as terminal text; ``width`` and ``color`` are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(latent, cells), width=width, color=color)


def _report(latent: LatentClasses, width: int) -> Iterator[RenderableType]:
    made = latent.provenance
    facts = (text.shape(latent.rows, len(latent.columns)), text.seconds(made.duration))
    yield console.header(text.source_name(made), facts, width)
    yield from (Text(summary.headline(latent)), Text(), _bounds(latent))
    if len(latent.classes) > 1:
        yield from (Text(), _classes(latent), Text(), _candidates(latent), Text(), _columns(latent))
        yield from console.more(len(latent.columns), COLUMNS_SHOWN, "columns", console.IN_FRAME)
    yield from console.skipped(latent.left_out)
    yield from console.dim(*summary.LEGEND)
    yield from console.notes(latent.notes)


def _bounds(latent: LatentClasses) -> Table:
    grid = console.grid("label", "figure", "text")
    for label, bits, remark in summary.bounds(latent):
        grid.add_row(label, bits, Text(remark, "dim"))
    return grid


def _classes(latent: LatentClasses) -> Table:
    table = console.table(("class", "share", "rows", "certainty", "typical"), folded="typical")
    for found in latent.classes:
        certainty = text.or_dash(found.certainty, text.percent)
        share = text.percent(found.share)
        table.add_row(str(found.number), share, text.count(found.rows), certainty, _typical(found))
    return table


def _typical(found: LatentClass) -> Text:
    items = [
        console.name(typical.column)
        + Text(f" {summary.typical_text(typical, VALUE_CELLS)} ({text.factor(typical.lift)})")
        for typical in found.typical[:TYPICAL_SHOWN]
    ]
    return console.joined(items, none="nothing stands out")


def _candidates(latent: LatentClasses) -> Table:
    table = console.table(("classes", "bits saved", ""), left=("",))
    for candidate in latent.candidates:
        bar = console.bar(summary.saved_share(candidate, latent), BAR_CELLS)
        remark = Text("  highest ELBO" if summary.is_chosen(candidate, latent) else "", "bold")
        table.add_row(str(candidate.classes), text.bits(candidate.redundancy_bits), bar + remark)
    return table


def _columns(latent: LatentClasses) -> Table:
    table = console.table(("column", "bits", "explained", "share"), left=("column", "share"))
    ordered = sorted(latent.columns, key=lambda column: -column.information)
    for column in ordered[:COLUMNS_SHOWN]:
        share = summary.explained_share(column)
        table.add_row(
            console.name(column.name),
            text.bits(column.entropy),
            text.bits(column.information),
            console.bar(share, 10, 1.0) + Text(f" {text.percent(share)}"),
        )
    return table
