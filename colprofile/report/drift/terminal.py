"""A comparison in the terminal: the verdicts, then what moved, both histograms laid over each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.report.console import as_text
from colprofile.report.drift import summary
from colprofile.results.drift import ColumnDrift, Drift, Overlay, Verdict

COLUMNS_SHOWN = 40
CHARTS_SHOWN = 6
CHART_ROWS = 5
BAR_CELLS = 40
VALUES_SHOWN = 8
PARTS_SHOWN = 3
LABEL_CELLS = 20

BOTH, STALE_ONLY, FRESH_ONLY = "█", "░", "▓"
LEGEND = f"{BOTH} both   {STALE_ONLY} stale only   {FRESH_ONLY} fresh only"

STYLES: dict[Verdict, str] = {
    "broken": "bold red",
    "drifted": "bold yellow",
    "added": "cyan",
    "explained": "blue",
    "noise": "dim",
    "same": "dim",
}


def render_terminal(drift: Drift, *, width: int = 100, color: bool | None = None) -> str:
    """Return a comparison as terminal text: no line is wider than ``width`` cells.

    Parameters
    ----------
    width
        Cells to fill, at least 60.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
    """
    return as_text(_report(drift, max(60, width)), width=width, color=color)


def _report(drift: Drift, width: int) -> Group:
    parts: list[RenderableType] = [_header(drift, width), _counted(drift), Text()]
    parts.append(_table(drift, width))
    more = len(drift.columns) - COLUMNS_SHOWN
    if more > 0:
        parts.append(Text(f"… and {more:,} more columns; --html, --json or .columns_frame() show them all", "dim"))
    parts += [Text(line, "dim") for line in summary.FOOT]
    drawn = [column for column in drift.having("drifted") if column.overlay is not None]
    for column in drawn[:CHARTS_SHOWN]:
        parts += [Text(), *_chart(column, width)]
    if drawn:
        parts += [Text(), Text(LEGEND, "dim")]
    if len(drawn) > CHARTS_SHOWN:
        parts.append(Text(f"{len(drawn) - CHARTS_SHOWN} more drifted columns are drawn by --html", "dim"))
    parts += [Text(f"note: {text.visible(note, 300)}", "dim") for note in drift.notes]
    return Group(*parts)


def _header(drift: Drift, width: int) -> Text:
    room = max(12, (width - 45) // 2)
    names = Text(summary.source_name(drift.stale, room), "bold")
    names.append(" → ").append(summary.source_name(drift.fresh, room))
    names.truncate(width - 1, overflow="ellipsis")
    rows = f"{drift.stale_rows:,} → {text.plural(drift.fresh_rows, 'row')} · {text.seconds(drift.duration)}"
    return names + Text(f"\n{rows}")


def _counted(drift: Drift) -> Text:
    line = Text()
    for verdict, amount in summary.amounts(drift):
        line.append(" · " if line.plain else "", "dim").append(f"{amount} {verdict}", STYLES[verdict])
    return line if line.plain else Text("no columns", "dim")


def _table(drift: Drift, width: int) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.pad_edge = False
    table.add_column("column", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for heading in ("KL, bits", "rows off", "unseen"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("NULL", no_wrap=True)
    table.add_column("what moved", no_wrap=True)
    rows: list[list[Text]] = []
    for column in summary.gravest_first(drift)[:COLUMNS_SHOWN]:
        name = Text(text.visible(column.name), "cyan")
        name.truncate(LABEL_CELLS, overflow="ellipsis")
        shown = [Text(show(column)) for show in (summary.kl, summary.rows_off, summary.unseen, summary.nulls)]
        rows.append([name, Text(column.verdict, STYLES[column.verdict]), *shown, Text(_remark(column))])
    # Figures are never cut: what moved gets the cells that are left.
    headings = [len(str(column.header)) for column in table.columns]
    widths = [max([headings[i], *(row[i].cell_len for row in rows)]) for i in range(len(headings) - 1)]
    room = max(10, width - sum(widths) - 2 * len(widths))
    for row in rows:
        row[-1].truncate(room, overflow="ellipsis")
        table.add_row(*row)
    return table


def _remark(column: ColumnDrift) -> str:
    if column.verdict == "drifted" and column.contributions:
        return summary.moved(column, 1)
    if column.verdict == "noise":
        return f"p {summary.p_value(column)}"
    return column.explanation or summary.why(column)


def _chart(column: ColumnDrift, width: int) -> Iterable[Text]:
    name = Text(text.visible(column.name, 40), "bold cyan")
    yield name + Text(f"  {summary.why(column, max(20, width - len(name.plain) - 4))}", "dim")
    if column.overlay is not None:
        yield from (_upright(column.overlay) if column.overlay.edges else _lying(column.overlay))
    parts = summary.moved(column, PARTS_SHOWN)
    if parts:
        yield Text(f"  most: {parts}"[: width - 1], "dim")


def _upright(overlay: Overlay) -> Iterable[Text]:
    """Yield bars side by side, two cells each, with the range below."""
    most = max(*overlay.stale, *overlay.fresh) or 1.0
    for row in range(CHART_ROWS, 0, -1):
        line = Text("  ")
        for stale, fresh in zip(overlay.stale, overlay.fresh, strict=True):
            line.append(_cell(_height(stale, most) >= row, _height(fresh, most) >= row) * 2)
        yield line
    first, last = text.data_value(overlay.edges[0], 20), text.data_value(overlay.edges[-1], 20)
    cells = 2 * len(overlay.stale)
    yield Text("  " + first + last.rjust(max(len(last) + 1, cells - len(first))), "dim")


def _height(share: float, most: float) -> int:
    """Return a bar's height in rows; no bar with rows vanishes."""
    return max(1, round(CHART_ROWS * share / most)) if share > 0 else 0


def _cell(is_stale: bool, is_fresh: bool) -> str:
    return BOTH if is_stale and is_fresh else STALE_ONLY if is_stale else FRESH_ONLY if is_fresh else " "


def _lying(overlay: Overlay) -> Iterable[Text]:
    """Yield a bar a value, both sides on one line."""
    shown = list(zip(overlay.values, overlay.stale, overlay.fresh, strict=True))[:VALUES_SHOWN]
    most = max(max(stale, fresh) for _, stale, fresh in shown) if shown else 0.0
    labels = _padded([text.data_value(value, LABEL_CELLS) for value, _, _ in shown])
    for label, (_, stale, fresh) in zip(labels, shown, strict=True):
        ends = [max(1, round(BAR_CELLS * share / most)) if share > 0 else 0 for share in (stale, fresh)]
        bar = BOTH * min(ends) + (STALE_ONLY if ends[0] > ends[1] else FRESH_ONLY) * abs(ends[0] - ends[1])
        yield Text(f"  {label}  {bar} {summary.share(stale)} → {summary.share(fresh)}")


def _padded(labels: Sequence[str]) -> list[str]:
    """Return labels of one width in cells."""
    texts = [Text(label) for label in labels]
    widest = max((label.cell_len for label in texts), default=0)
    return [label.plain + " " * (widest - label.cell_len) for label in texts]
