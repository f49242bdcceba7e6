"""A comparison in the terminal: the verdicts, then the largest changes, both histograms laid over each other."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.drift import summary
from colprofile.report.layout import Column, fitted
from colprofile.results.drift import ColumnDrift, Drift, Overlay, Verdict

COLUMNS_SHOWN = 40
TOLD: tuple[Verdict, ...] = ("broken", "drifted", "added", "explained")
"""Verdicts that are told in a sentence."""

TOLD_SHOWN = 12
CHART_ROWS = 5
BAR_CELLS = 40
VALUES_SHOWN = 8
PARTS_SHOWN = 3
LABEL_CELLS = 20
FIGURE_CELLS = 24
"""Cells that the two shares after a bar take, with the space around them."""

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


def render_terminal(drift: Drift, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8") -> str:
    """Return a comparison as terminal text; the parameters are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(drift, cells), width=width, color=color, encoding=encoding)


def _report(drift: Drift, width: int) -> Iterator[RenderableType]:
    yield from _header(drift, width)
    told = [column for column in summary.most_severe_first(drift) if column.verdict in TOLD]
    if told:
        yield Text()
    for column in told[:TOLD_SHOWN]:
        yield from _told(column, width)
    yield from console.more(len(told), TOLD_SHOWN, "such column")
    if any(_is_drawn(column) for column in told[:TOLD_SHOWN]):
        yield from console.dim(LEGEND)
    if drift.columns:
        yield from (Text(), console.heading("Columns"), *_table(drift, width))
    if drift.skipped or drift.notes:
        yield Text()
    yield from console.skipped(drift.skipped)
    yield from console.notes(drift.notes)


def _header(drift: Drift, width: int) -> Iterator[RenderableType]:
    """Yield the verdict, what was compared, and how many columns have each verdict."""
    yield Text(summary.headline(drift), STYLES[drift.verdict] if drift.verdict in ("broken", "drifted") else "bold")
    names = [Text(text.source_name(made, width)) for made in (drift.stale, drift.fresh)]
    for name in names:
        name.truncate(max(8, (width - 3) // 2), overflow="ellipsis")
    rows = f"{drift.stale_rows:,} → {text.plural(drift.fresh_rows, 'row')}"
    facts = [Text(" → ").join(names), Text(f"{rows}, compared in {text.seconds(drift.duration)}")]
    amounts = [Text(f"{amount} {verdict}", STYLES[verdict]) for verdict, amount in summary.amounts(drift)]
    yield from console.flowing([*facts, *amounts], width)
    yield from console.reading_warnings(("stale input", drift.stale), ("fresh input", drift.fresh))


def _told(column: ColumnDrift, width: int) -> Iterator[RenderableType]:
    """Yield what has become of a column, in a sentence, and both histograms of one that drifted."""
    lines = [console.name(column.name, text.NAME_WIDTH) + Text(f": {summary.why(column)}")]
    parts = summary.largest_changes(column, PARTS_SHOWN) if column.verdict == "drifted" else ""
    lines += console.dim(f"largest changes: {parts}") if parts else []
    yield console.statements([(Text(column.verdict, STYLES[column.verdict]), Text("\n").join(lines))])
    if _is_drawn(column):
        yield from _chart(column, width)


def _is_drawn(column: ColumnDrift) -> bool:
    return column.verdict == "drifted" and column.overlay is not None


def _table(drift: Drift, width: int) -> Iterator[RenderableType]:
    """Yield the columns with their figures, a legend of what is shown, and how many more there are."""
    columns = summary.most_severe_first(drift)[:COLUMNS_SHOWN]
    verdicts = [Text(column.verdict, STYLES[column.verdict]) for column in columns]
    meanings = summary.MEANINGS
    table = fitted(
        [
            Column(Text("column"), [console.name(c.name, text.NAME_WIDTH) for c in columns], 0, True, LABEL_CELLS, 40),
            Column(Text("verdict"), verdicts, 0, True),
            Column(Text("missing"), [Text(summary.nulls(column)) for column in columns], 2),
            Column(Text("unseen"), [Text(summary.unseen(c)) for c in columns], 1, meaning=meanings["unseen"]),
            Column(Text("KL, bits"), [Text(summary.kl(c)) for c in columns], 3, meaning=meanings["KL"]),
            Column(
                Text("planner error"),
                [Text(summary.planner_error(column)) for column in columns],
                5,
                meaning=meanings["planner error"],
            ),
            Column(
                Text("p-value"),
                [console.figure(column.adjusted_p_value, summary.p_value) for column in columns],
                4,
                meaning=meanings["p-value"],
            ),
        ],
        width,
    )
    yield from table.lines()
    shown = dict(table.legend)
    marks = summary.marks(columns) if "KL, bits" in shown else []
    yield from console.legend([*summary.verdict_meanings(columns), *shown.items(), *marks])
    yield from console.more(len(drift.columns), COLUMNS_SHOWN, "column", console.IN_FRAME)


def _chart(column: ColumnDrift, width: int) -> Iterator[RenderableType]:
    if column.overlay is not None and column.overlay.edges:
        yield from _vertical_bars(column.overlay, width)
    elif column.overlay is not None:
        yield from _horizontal_bars(column.overlay, width)


def _vertical_bars(overlay: Overlay, width: int) -> Iterator[Text]:
    """Yield bars side by side, with the range below."""
    most = max(*overlay.stale, *overlay.fresh) or 1.0
    thick = 2 if 2 * len(overlay.stale) + 2 <= width else 1
    for row in range(CHART_ROWS, 0, -1):
        line = Text("  ", no_wrap=True)
        for stale, fresh in zip(overlay.stale, overlay.fresh, strict=True):
            line.append(_cell(_height(stale, most) >= row, _height(fresh, most) >= row) * thick)
        yield line
    first, last = (text.short_value(edge, 20) for edge in (overlay.edges[0], overlay.edges[-1]))
    cells = thick * len(overlay.stale)
    yield Text("  " + first + last.rjust(max(len(last) + 1, cells - len(first))), "dim")


def _height(share: float, most: float) -> int:
    """Return a bar's height in rows; no bar with rows vanishes."""
    return max(1, round(CHART_ROWS * share / most)) if share > 0 else 0


def _cell(is_stale: bool, is_fresh: bool) -> str:
    return BOTH if is_stale and is_fresh else STALE_ONLY if is_stale else FRESH_ONLY if is_fresh else " "


def _horizontal_bars(overlay: Overlay, width: int) -> list[Text]:
    """Return a bar for each value, both sides on one line."""
    values = list(zip(overlay.values, overlay.stale, overlay.fresh, strict=True))[:VALUES_SHOWN]
    most = max(max(stale, fresh) for _, stale, fresh in values) if values else 0.0
    labels = [Text(f"  {text.data_value(value, text.NAME_WIDTH)}") for value, _, _ in values]
    shares = [Text(f"{summary.share(stale)} → {summary.share(fresh)}") for _, stale, fresh in values]
    cells = max(0, min(BAR_CELLS, width - LABEL_CELLS - FIGURE_CELLS))
    bars = []
    for _, stale, fresh in values:
        ends = [max(1, round(cells * share / most)) if share > 0 else 0 for share in (stale, fresh)]
        bars.append(Text(BOTH * min(ends) + (STALE_ONLY if ends[0] > ends[1] else FRESH_ONLY) * abs(ends[0] - ends[1])))
    columns = [
        Column(Text(), labels, 0, True, max(6, min(LABEL_CELLS, width // 3)), LABEL_CELLS),
        Column(Text(), bars, 2, True),
        Column(Text(), shares, 1, True),
    ]
    return fitted(columns, width).lines()[1:]
