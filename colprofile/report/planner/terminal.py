"""A planner report in the terminal: what is stale, what is taken for independent, a picture, advice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.report.console import as_text
from colprofile.report.planner import summary
from colprofile.results.planner import ColumnStatistics, GroupStatistics, Measurement, PairStatistics, PlannerReport

COLUMNS_SHOWN = 20
PAIRS_SHOWN = 12
POINTS_SHOWN = 16
STATEMENTS_SHOWN = 12
NAME_CELLS = 24
NARROW = 90

PREDICTED, MEASURED, BOTH, AFTER = "○", "×", "⊗", "●"
LEGEND = f"{BOTH} predicted and measured alike   {PREDICTED} predicted   {MEASURED} measured   {AFTER} with the advice"

STYLES = {"stale": "bold yellow", "never analysed": "bold red", "distinct": "yellow", "coarse": "yellow"}


def render_terminal(report: PlannerReport, *, width: int = 100, color: bool | None = None) -> str:
    """Return a planner report as terminal text: no line is wider than ``width`` cells.

    SQL is broken between words, never within quotes; ``script()`` has it in one piece.

    Parameters
    ----------
    width
        Cells to fill, at least 60.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
    """
    return as_text(_report(report, max(60, width)), width=width, color=color)


def _report(report: PlannerReport, width: int) -> Group:
    parts: list[RenderableType] = [_header(report, width), Text(), *_columns(report, width)]
    if report.groups:
        parts += [Text(), *_groups(report, width)]
    parts += [Text(), *_pairs(report, width)]
    if report.is_explained and summary.points(report):
        parts += [Text(), *_picture(report, width)]
    parts += [Text(), *_advice(report, width)]
    for skipped in report.skipped[:COLUMNS_SHOWN]:
        parts.append(Text(f"skipped {text.visible(skipped.name)}: {text.visible(skipped.reason, 200)}", "dim"))
    parts += [Text(f"note: {text.visible(note, 400)}", "dim") for note in report.notes]
    return Group(*parts)


def _header(report: PlannerReport, width: int) -> Text:
    name = Text(text.visible(report.quoted, 80), "bold")
    name.truncate(max(12, width - 40), overflow="ellipsis")
    duration = text.seconds(report.provenance.duration)
    line = f"\n{summary.sizes(report)} · {summary.freshness(report)} · {duration}"
    return name + Text(f" · {text.visible(report.server, 30)}") + Text(line)


def _table(title: str, headings: Sequence[str], left: int) -> Table:
    table = Table(box=None, title=Text(title, "bold"), title_justify="left", header_style="dim", padding=(0, 2, 0, 0))
    table.pad_edge = False
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < left else "right", no_wrap=True)
    return table


def _columns(report: PlannerReport, width: int) -> list[RenderableType]:
    """Return the columns that ask for something, with their errors."""
    worst = summary.worst_columns(report)
    fine = len(report.columns) - len(worst)
    if not worst:
        return [Text("Columns", "bold"), Text(f"{text.plural(fine, 'column')}: the statistics are fine")]
    is_narrow = width < NARROW
    headings = ["name", "verdict", "KL, bits", "q-error", "90 %", "unseen"]
    table = _table("Columns", headings if is_narrow else [*headings, "ranges", "distinct", "after ANALYZE"], 2)
    for column in worst[:COLUMNS_SHOWN]:
        cells = _column_cells(column)
        table.add_row(*(cells[:6] if is_narrow else cells))
    lines: list[RenderableType] = [table]
    if len(worst) > COLUMNS_SHOWN:
        lines.append(Text(f"… and {len(worst) - COLUMNS_SHOWN:,} more; --html and --json show them all", "dim"))
    notes = f"{text.plural(fine, 'more column')}: fine. " if fine else ""
    lines.append(
        Text(
            f"{notes}KL: mean log2 of true / estimated rows of column = value; q-error: its factor, either way;"
            " ranges: the same over the saved bins; distinct: saved / true",
            "dim",
        )
    )
    return lines


def _column_cells(column: ColumnStatistics) -> list[Text]:
    def figure(value: float | None, shown: str) -> Text:
        return Text("–", "dim") if value is None else Text(shown)

    return [
        _name(column.name),
        Text(column.verdict, STYLES.get(column.verdict, "")),
        figure(column.kl_divergence, f"{column.kl_divergence or 0.0:.2f}"),
        figure(column.q_error, text.factor(column.q_error or 1.0)),
        figure(column.q_error_90, text.factor(column.q_error_90 or 1.0)),
        figure(column.unseen_share, text.percent(column.unseen_share or 0.0)),
        figure(column.range_divergence, f"{column.range_divergence or 0.0:.2f}"),
        figure(column.distinct_factor, f"{column.distinct_factor or 0.0:.2g}×"),
        figure(column.fresh_error, f"{column.fresh_error or 0.0:.2f} bits"),
    ]


def _name(name: str, cells: int = NAME_CELLS) -> Text:
    shown = Text(text.visible(name), "cyan")
    shown.truncate(cells, overflow="ellipsis")
    return shown


def _groups(report: PlannerReport, width: int) -> list[RenderableType]:
    lines: list[RenderableType] = [Text("Columns that belong together", "bold")]
    for group in report.groups:
        names = Text(summary.label(group.columns), "cyan")
        names.truncate(width, overflow="ellipsis")
        lines += [names, Text(f"  {text.visible(group.reason, 300)}")]
    return lines


def _pairs(report: PlannerReport, width: int) -> list[RenderableType]:
    """Return the pairs that the planner assumes to be independent, then what was left out and why."""
    shown = summary.shown_pairs(report)
    lines: list[RenderableType] = [Text("Pairs that the planner assumes to be independent", "bold")]
    if shown:
        is_narrow = width < NARROW
        headings = ["x", "y", "statistics", "MI, bits", "factor", "error now", "after"]
        table = _table("", headings[:5] if is_narrow else headings, 3)
        table.title = None
        for pair in shown[:PAIRS_SHOWN]:
            cells = _pair_cells(pair)
            table.add_row(*(cells[:5] if is_narrow else cells))
        lines.append(table)
        if len(shown) > PAIRS_SHOWN:
            lines.append(Text(f"… and {len(shown) - PAIRS_SHOWN:,} more; --html and --json show them all", "dim"))
    for verdict, amount, reason in summary.left_out(report):
        lines.append(Text(f"left out ({verdict}): {text.plural(amount, 'pair')}: {reason}", "dim"))
    if len(lines) == 1:
        lines.append(Text("none", "dim"))
    return lines


def _pair_cells(pair: PairStatistics) -> list[Text]:
    now = "–" if pair.evidence is None else f"{pair.evidence.predicted_error:.2f}"
    after = None if pair.evidence is None else pair.evidence.predicted_after
    return [
        _name(pair.x, 16),
        _name(pair.y, 16),
        Text(summary.kinds(pair)),
        Text(f"{pair.mutual_information:.2f}"),
        Text(text.factor(pair.planner_factor)),
        Text(now),
        Text("–" if after is None else f"{after:.2f}"),
    ]


def _picture(report: PlannerReport, width: int) -> list[RenderableType]:
    """Return predicted and measured errors on one axis, a line for each column, pair or group."""
    found = summary.points(report)[:POINTS_SHOWN]
    ends = [value for point in found for value in (point.predicted, point.measured, point.after) if value is not None]
    low, high = min(0.0, *ends), max(0.01, *ends)
    room = min(30, max(cell_len(point.label) for point in found))
    cells = max(20, min(50, width - room - 30))

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (cells - 1))

    lines: list[RenderableType] = [Text("Predicted against measured error, bits a predicate", "bold")]
    for point in found:
        name = Text(point.label, "cyan")
        name.truncate(room, overflow="ellipsis", pad=True)
        figures = f" {point.predicted:7.3f}{_figure(point.measured)}{_figure(point.after)}"
        lines.append(name + Text(" ") + _axis(point, place, cells) + Text(figures))
    heading = (
        f"{'':{room}} {_scale(low, high, cells)} {'predict':>7}{'EXPLAIN':>9}{'after' if report.is_verified else '':>9}"
    )
    lines.insert(1, Text(heading.rstrip(), "dim"))
    lines.append(Text(LEGEND if report.is_verified else LEGEND.rsplit("   ", 1)[0], "dim"))
    lines.append(Text(f"{summary.agreement(report)}.", "dim"))
    return lines


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:9.3f}".replace("-0.000", " 0.000")


def _scale(low: float, high: float, cells: int) -> str:
    left, right = f"{low:.1f}", f"{high:.1f}"
    return left + " " * (cells - len(left) - len(right)) + right


def _axis(point: summary.Point, place: object, cells: int) -> Text:
    assert callable(place)
    signs = ["·" if cell == place(0.0) else " " for cell in range(cells)]
    if point.after is not None:
        signs[place(point.after)] = AFTER
    predicted = place(point.predicted)
    signs[predicted] = PREDICTED
    if point.measured is not None:
        measured = place(point.measured)
        signs[measured] = BOTH if measured == predicted else MEASURED
    return Text("".join(signs))


def _advice(report: PlannerReport, width: int) -> list[RenderableType]:
    if not report.statements:
        return [Text("Advice", "bold"), Text("nothing to do")]
    lines: list[RenderableType] = [Text("Advice", "bold")]
    lines += [_sql(statement.sql, width) for statement in report.statements[:STATEMENTS_SHOWN]]
    more = len(report.statements) - STATEMENTS_SHOWN
    if more > 0:
        last = report.statements[-1]
        lines.append(Text(f"… {text.plural(more - 1, 'more statement')} …", "dim"))
        lines.append(_sql(last.sql, width))
    lines.append(Text("--script FILE writes them as one script, each with its evidence", "dim"))
    if not report.is_verified:
        lines.append(Text("--verify tries them in a transaction that is rolled back, and measures the gain", "dim"))
    else:
        lines.append(Text(_gain(report), "dim"))
    return lines


def _sql(statement: str, width: int) -> Text:
    """Return a statement on lines of at most ``width`` cells where its words allow, broken outside of quotes."""
    words = re.findall(r'(?:"(?:[^"]|"")*"|[^\s"])+', f"{text.visible(statement, 2000)};")
    lines = [""]
    for word in words:
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append(f"    {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return Text("\n".join(lines), overflow="fold")


def _gain(report: PlannerReport) -> str:
    """Return what the advice gained, where EXPLAIN measured it."""
    advised: list[tuple[Measurement, Measurement]] = []
    items: list[PairStatistics | GroupStatistics] = [*report.pairs, *report.groups]
    for item in items:
        is_served = isinstance(item, GroupStatistics) or item.verdict in ("advised", "in group")
        if is_served and item.measured is not None and item.measured_after is not None:
            advised.append((item.measured, item.measured_after))
    if not advised:
        return "tried in a transaction and rolled back: nothing stays"
    before, after = (sum(abs(pair[place].error) for pair in advised) / len(advised) for place in (0, 1))
    return (
        f"tried in a transaction and rolled back: the mean error of the pairs and groups that it serves went "
        f"from {before:.2f} to {after:.2f} bits"
    )
