"""A planner report in the terminal: stale columns, dependent pairs, predicted and measured errors, advice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.planner import summary
from colprofile.results.planner import ColumnStatistics, EstimateError, PairStatistics, PlannerReport

COLUMNS_SHOWN = 20
PAIRS_SHOWN = 12
POINTS_SHOWN = 16
STATEMENTS_SHOWN = 12
PAIR_NAME_CELLS = 16

PREDICTED, MEASURED, BOTH, AFTER = "○", "×", "⊗", "●"
LEGEND = f"{BOTH} predicted and measured alike   {PREDICTED} predicted   {MEASURED} measured   {AFTER} with the advice"

STYLES = {"stale": "bold yellow", "never analysed": "bold red", "distinct": "yellow", "coarse": "yellow"}


def render_terminal(report: PlannerReport, *, width: int = 100, color: bool | None = None) -> str:
    """Return a planner report as terminal text; ``width`` and ``color`` are those of ``console.as_text``.

    SQL is broken between words, never within quotes; ``script()`` has it in one piece.
    """
    return console.as_text(lambda cells: _report(report, cells), width=width, color=color)


def _report(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    yield console.header(text.visible(report.quoted, 80), [text.visible(report.server, 30)], width)
    duration = text.seconds(report.provenance.duration)
    yield Text(f"{summary.sizes(report)} · {summary.freshness(report)} · {duration}")
    yield from (Text(), *_columns(report, width))
    if report.groups:
        yield from (Text(), *_groups(report, width))
    yield from (Text(), *_pairs(report, width))
    if report.is_explained and report.errors:
        yield from (Text(), *_errors(report, width))
    yield from (Text(), Text("Advice", "bold"), *_advice(report, width))
    yield from console.skipped(report.skipped)
    yield from console.notes(report.notes)


def _columns(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    """Yield the columns whose statistics are not fine, with their errors."""
    worst = summary.worst_columns(report)
    fine = len(report.columns) - len(worst)
    if not worst:
        yield from (Text("Columns", "bold"), Text(f"{text.plural(fine, 'column')}: the statistics are fine"))
        return
    headings = ["name", "verdict", "KL, bits", "q-error", "90 %", "unseen", "ranges", "distinct", "after ANALYZE"]
    kept = 6 if width < console.NARROW else len(headings)
    table = console.table(headings[:kept], left=("name", "verdict"), title="Columns")
    for column in worst[:COLUMNS_SHOWN]:
        table.add_row(*_column_cells(column)[:kept])
    yield table
    yield from console.more(len(worst), COLUMNS_SHOWN)
    notes = f"{text.plural(fine, 'more column')}: fine. " if fine else ""
    yield from console.dim(f"{notes}{summary.COLUMNS_LEGEND}")


def _column_cells(column: ColumnStatistics) -> list[Text]:
    figures = (
        (column.kl_divergence, "{:.2f}".format),
        (column.q_error, text.factor),
        (column.q_error_90, text.factor),
        (column.unseen_share, text.percent),
        (column.range_divergence, "{:.2f}".format),
        (column.distinct_factor, "{:.2g}×".format),
        (column.fresh_error, "{:.2f} bits".format),
    )
    verdict = Text(column.verdict, STYLES.get(column.verdict, ""))
    return [console.name(column.name), verdict, *(console.figure(value, show) for value, show in figures)]


def _groups(report: PlannerReport, width: int) -> Iterator[Text]:
    yield Text(summary.GROUPS, "bold")
    for group in report.groups:
        names = Text(summary.label(group.columns), "cyan")
        names.truncate(width, overflow="ellipsis")
        yield from (names, Text(f"  {text.visible(group.reason, 300)}"))


def _pairs(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    """Yield the pairs that the planner assumes to be independent, then what was left out and why."""
    pairs, left_out = summary.listed_pairs(report), summary.left_out(report)
    yield Text(summary.PAIRS, "bold")
    if pairs:
        headings = ["x", "y", "statistics", "MI, bits", "factor", "error now", "after"]
        kept = 5 if width < console.NARROW else len(headings)
        table = console.table(headings[:kept], left=("x", "y", "statistics"))
        for pair in pairs[:PAIRS_SHOWN]:
            table.add_row(*_pair_cells(pair)[:kept])
        yield table
        yield from console.more(len(pairs), PAIRS_SHOWN)
    for verdict, amount, reason in left_out:
        yield from console.dim(f"left out ({verdict}): {text.plural(amount, 'pair')}: {reason}")
    if not pairs and not left_out:
        yield from console.dim("none")


def _pair_cells(pair: PairStatistics) -> list[Text]:
    return [
        console.name(pair.x, PAIR_NAME_CELLS),
        console.name(pair.y, PAIR_NAME_CELLS),
        Text(summary.kinds(pair)),
        Text(f"{pair.mutual_information:.2f}"),
        Text(text.factor(pair.planner_factor)),
        *(console.figure(error, "{:.2f}".format) for error in summary.predicted_errors(pair)),
    ]


def _errors(report: PlannerReport, width: int) -> Iterator[Text]:
    """Yield predicted and measured errors on one axis, a line for each column, pair or group."""
    found = report.errors[:POINTS_SHOWN]
    ends = [value for point in found for value in (point.predicted, point.measured, point.after) if value is not None]
    low, high = min(0.0, *ends), max(0.01, *ends)
    room = min(30, max(cell_len(summary.label(point.columns)) for point in found))
    cells = max(20, min(50, width - room - 30))

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (cells - 1))

    yield Text("Predicted and measured errors, bits per predicate", "bold")
    after = "after" if report.is_verified else ""
    heading = f"{'':{room}} {_scale(low, high, cells)} {'predict':>7}{'EXPLAIN':>9}{after:>9}"
    yield from console.dim(heading.rstrip())
    for point in found:
        name = Text(summary.label(point.columns), "cyan")
        name.truncate(room, overflow="ellipsis", pad=True)
        figures = f" {point.predicted:7.3f}{_figure(point.measured)}{_figure(point.after)}"
        yield name + Text(" ") + _axis(point, place, cells) + Text(figures)
    legend = LEGEND if report.is_verified else LEGEND.rsplit("   ", 1)[0]
    yield from console.dim(legend, f"{summary.agreement(report)}.")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:9.3f}".replace("-0.000", " 0.000")


def _scale(low: float, high: float, cells: int) -> str:
    left, right = f"{low:.1f}", f"{high:.1f}"
    return left + " " * (cells - len(left) - len(right)) + right


def _axis(point: EstimateError, place: Callable[[float], int], cells: int) -> Text:
    signs = ["·" if cell == place(0.0) else " " for cell in range(cells)]
    if point.after is not None:
        signs[place(point.after)] = AFTER
    predicted = place(point.predicted)
    signs[predicted] = PREDICTED
    if point.measured is not None:
        measured = place(point.measured)
        signs[measured] = BOTH if measured == predicted else MEASURED
    return Text("".join(signs))


def _advice(report: PlannerReport, width: int) -> Iterator[Text]:
    statements = [statement.sql for statement in report.statements]
    if not statements:
        yield Text("nothing to do")
        return
    more = len(statements) - STATEMENTS_SHOWN
    for sql in statements[:STATEMENTS_SHOWN]:
        yield _sql(sql, width)
    if more > 0:
        yield from (*console.dim(f"… {text.plural(more - 1, 'more statement')} …"), _sql(statements[-1], width))
    verify = "--verify tries them in a transaction that is rolled back, and measures the gain"
    yield from console.dim(
        "--script FILE writes them as one script, each with its evidence",
        summary.gain(report) if report.is_verified else verify,
    )


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
