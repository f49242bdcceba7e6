"""Latent classes in the terminal: the bounds, the kinds of rows and what is typical, the columns that they tell of."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.report.console import as_text
from colprofile.report.latent import summary
from colprofile.results.latent import LatentClass, LatentClasses

TYPICAL_SHOWN = 6
COLUMNS_SHOWN = 30
BAR_CELLS = 24
NAME_CELLS = 24
VALUE_CELLS = 20


def render_terminal(latent: LatentClasses, *, width: int = 100, color: bool | None = None) -> str:
    """Return latent classes as terminal text: no line is wider than ``width`` cells.

    Parameters
    ----------
    width
        Cells to fill, at least 60.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
    """
    return as_text(_report(latent, max(60, width)), width=width, color=color)


def _report(latent: LatentClasses, width: int) -> Group:
    head = Text(summary.source_name(latent), "bold")
    tail = f" · {summary.shape(latent)} · {text.seconds(latent.provenance.duration)}"
    head.truncate(max(12, width - len(tail)), overflow="ellipsis")
    parts: list[RenderableType] = [head + Text(tail), Text(summary.headline(latent)), Text(), _bounds(latent)]
    if len(latent.classes) > 1:
        parts += [Text(), _classes(latent)]
        parts += [Text(), _candidates(latent)]
        parts += [Text(), _columns(latent)]
        more = len(latent.columns) - COLUMNS_SHOWN
        if more > 0:
            parts.append(Text(f"… and {more:,} more columns; --html, --json or .columns_frame() show them all", "dim"))
    for skipped in latent.left_out[:COLUMNS_SHOWN]:
        line = f"left out: {text.visible(skipped.name, NAME_CELLS)}: {text.visible(skipped.reason, 200)}"
        parts.append(Text(line, "dim"))
    parts += [Text(line, "dim") for line in (*summary.FOOT, *(f"note: {note}" for note in latent.notes))]
    return Group(*parts)


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.pad_edge = False
    for heading in headings:
        is_text = heading in ("typical", "column", "of its bits", "")
        is_folded = heading == "typical"
        table.add_column(
            heading,
            justify="left" if is_text else "right",
            no_wrap=not is_folded,
            overflow="fold" if is_folded else "ellipsis",
        )
    return table


def _bounds(latent: LatentClasses) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim", overflow="fold")
    for label, shown, remark in summary.bounds(latent):
        grid.add_row(label, shown, remark)
    return grid


def _classes(latent: LatentClasses) -> Table:
    table = _table("class", "share", "rows", "sure", "typical")
    for found in latent.classes:
        table.add_row(
            str(found.number),
            text.percent(found.share),
            text.count(found.rows),
            "–" if found.certainty is None else text.percent(found.certainty),
            _typical(found),
        )
    return table


def _typical(found: LatentClass) -> Text:
    items = []
    for typical in found.typical[:TYPICAL_SHOWN]:
        name = Text(text.visible(typical.column, NAME_CELLS), "cyan")
        items.append(name + Text(f" {summary.typical_text(typical, VALUE_CELLS)} ({text.factor(typical.lift)})"))
    return Text(" · ", "dim").join(items) if items else Text("nothing stands out", "dim")


def _candidates(latent: LatentClasses) -> Table:
    table = _table("classes", "bits saved", "")
    most = max(candidate.redundancy_bits for candidate in latent.candidates)
    for candidate in latent.candidates:
        is_chosen = candidate.classes == len(latent.classes)
        cells = round(BAR_CELLS * max(0.0, candidate.redundancy_bits) / most) if most > 0 else 0
        bar = Text("█" * cells, "blue") + Text("  highest ELBO" if is_chosen else "", "bold")
        table.add_row(str(candidate.classes), f"{candidate.redundancy_bits:.3f}".replace("-", "−"), bar)
    return table


def _columns(latent: LatentClasses) -> Table:
    table = _table("column", "bits", "told by the class", "of its bits")
    ordered = sorted(latent.columns, key=lambda column: -column.information)
    for column in ordered[:COLUMNS_SHOWN]:
        name = Text(text.visible(column.name), "cyan")
        name.truncate(NAME_CELLS, overflow="ellipsis")
        share = summary.told(column)
        bar = Text("█" * round(10 * share), "blue") + Text("░" * (10 - round(10 * share)), "dim")
        table.add_row(
            name,
            text.bits(column.entropy),
            text.bits(column.information),
            bar + Text(f" {text.percent(share)}"),
        )
    return table
