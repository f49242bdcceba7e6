"""A comparison in the terminal: the verdicts, then the largest changes, both histograms laid over each other."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.drift import summary
from colprofile.results.drift import ColumnDrift, Drift, Overlay, Verdict

COLUMNS_SHOWN = 40
CHARTS_SHOWN = 6
CHART_ROWS = 5
BAR_CELLS = 40
VALUES_SHOWN = 8
PARTS_SHOWN = 3
LABEL_CELLS = 20
FIGURE_CELLS = 24
"""Cells that the two shares after a bar take, with the space around them."""

LEAST_ROOM = 10
"""Cells that the largest change needs."""

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
    """Return a comparison as terminal text; ``width`` and ``color`` are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(drift, cells), width=width, color=color)


def _report(drift: Drift, width: int) -> Iterator[RenderableType]:
    yield from (*_header(drift, width), Text())
    yield _table(drift, width)
    yield from console.more(len(drift.columns), COLUMNS_SHOWN, "columns", console.IN_FRAME)
    yield from console.dim(*summary.LEGEND)
    drawn = [column for column in drift.having("drifted") if column.overlay is not None]
    for column in drawn[:CHARTS_SHOWN]:
        yield from (Text(), *_chart(column, width))
    if drawn:
        yield from (Text(), *console.dim(LEGEND))
    yield from console.more(len(drawn), CHARTS_SHOWN, "drifted columns", "--html draws them all")
    yield from console.notes(drift.notes)


def _header(drift: Drift, width: int) -> list[Text]:
    room = max(12, (width - 45) // 2)
    names = Text(f"{text.source_name(drift.stale, room)} → {text.source_name(drift.fresh, room)}", "bold")
    names.truncate(width - 1, overflow="ellipsis")
    rows = f"{drift.stale_rows:,} → {text.plural(drift.fresh_rows, 'row')} · {text.seconds(drift.duration)}"
    amounts = [Text(f"{amount} {verdict}", STYLES[verdict]) for verdict, amount in summary.amounts(drift)]
    return [names, Text(rows), console.joined(amounts, none="no columns")]


def _table(drift: Drift, width: int) -> Table:
    rows = []
    for column in summary.most_severe_first(drift)[:COLUMNS_SHOWN]:
        figures = (summary.kl, summary.planner_error, summary.unseen, summary.nulls)
        verdict = Text(column.verdict, STYLES[column.verdict])
        cells = [console.name(column.name, LABEL_CELLS), verdict, *(Text(show(column)) for show in figures)]
        rows.append([*cells, Text(_remark(column))])
    headings = ["column", "verdict", "KL, bits", "planner", "unseen", "NULL", "largest change"]
    widths = [max([len(heading), *(row[i].cell_len for row in rows)]) for i, heading in enumerate(headings[:-1])]
    # Figures are never cut: the largest change gets the cells that are left, and the last columns go if there are none.
    room = width - sum(widths) - 2 * len(widths)
    kept = 7 if room >= LEAST_ROOM else 6 if room >= -2 else 5
    table = console.table(headings[:kept], left=("column", "verdict", "NULL", "largest change"))
    for row in rows:
        row[-1].truncate(max(LEAST_ROOM, room), overflow="ellipsis")
        table.add_row(*row[:kept])
    return table


def _remark(column: ColumnDrift) -> str:
    if column.verdict == "drifted" and column.contributions:
        return summary.largest_changes(column, 1)
    if column.verdict == "noise":
        return f"p {text.or_dash(column.adjusted_p_value, summary.p_value)}"
    return column.explanation or summary.why(column)


def _chart(column: ColumnDrift, width: int) -> Iterator[RenderableType]:
    name = Text(text.visible(column.name, 40), "bold cyan")
    yield name + Text(f"  {summary.why(column, max(20, width - len(name.plain) - 4))}", "dim")
    if column.overlay is not None and column.overlay.edges:
        yield from _vertical_bars(column.overlay)
    elif column.overlay is not None:
        yield _horizontal_bars(column.overlay, min(BAR_CELLS, width - LABEL_CELLS - FIGURE_CELLS))
    parts = summary.largest_changes(column, PARTS_SHOWN)
    if parts:
        yield Text(f"  largest: {parts}"[: width - 1], "dim")


def _vertical_bars(overlay: Overlay) -> Iterator[Text]:
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


def _horizontal_bars(overlay: Overlay, cells: int) -> Table:
    """Return a bar of at most ``cells`` for each value, both sides on one line."""
    values = list(zip(overlay.values, overlay.stale, overlay.fresh, strict=True))[:VALUES_SHOWN]
    most = max(max(stale, fresh) for _, stale, fresh in values) if values else 0.0
    grid = console.grid("name", "name")
    for value, stale, fresh in values:
        ends = [max(1, round(cells * share / most)) if share > 0 else 0 for share in (stale, fresh)]
        bar = BOTH * min(ends) + (STALE_ONLY if ends[0] > ends[1] else FRESH_ONLY) * abs(ends[0] - ends[1])
        label = text.data_value(value, LABEL_CELLS)
        grid.add_row(f"  {label}", f"{bar} {summary.share(stale)} → {summary.share(fresh)}")
    return grid
