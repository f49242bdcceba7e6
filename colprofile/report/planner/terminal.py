"""A planner report in the terminal: stale columns, dependent pairs, predicted and measured errors, advice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.layout import Column, fitted
from colprofile.report.planner import summary
from colprofile.results.planner import ColumnStatistics, EstimateError, PairStatistics, PlannerReport

COLUMNS_SHOWN = 20
PAIRS_SHOWN = 12
POINTS_SHOWN = 16
STATEMENTS_SHOWN = 12
NAME_CELLS = 20

FIGURES_CELLS = 34
"""Cells that the three figures beside the axis of errors take."""

PREDICTED, MEASURED, BOTH, AFTER = "○", "×", "⊗", "●"
LEGEND = f"{BOTH} predicted and measured alike   {PREDICTED} predicted   {MEASURED} measured   {AFTER} with the advice"

STYLES = {"stale": "bold yellow", "never analysed": "bold red", "distinct": "yellow", "coarse": "yellow"}


def render_terminal(
    report: PlannerReport, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8"
) -> str:
    """Return a planner report as terminal text; the parameters are those of ``console.as_text``.

    SQL is broken between words, never within quotes; ``script()`` has it in one piece.
    """
    return console.as_text(lambda cells: _report(report, cells), width=width, color=color, encoding=encoding)


def _report(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    made = report.provenance
    facts = [text.visible(report.server, 30), summary.sizes(report), summary.freshness(report)]
    yield from console.header(text.visible(report.quoted, 80), [*facts, text.seconds(made.duration)], width)
    yield Text(summary.headline(report), "bold")
    if report.statements:
        yield from (Text(), console.heading("What to do"), *_advice(report, width))
    yield from (Text(), *_columns(report, width))
    if report.groups:
        yield from (Text(), *_groups(report))
    yield from (Text(), *_pairs(report, width))
    if report.is_explained and report.errors:
        yield from (Text(), *_errors(report, width))
    if report.skipped or report.notes:
        yield Text()
    yield from console.skipped(report.skipped)
    yield from console.notes(report.notes)


def _columns(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    """Yield the columns whose statistics are not fine, with their errors."""
    worst = summary.worst_columns(report)
    fine = len(report.columns) - len(worst)
    yield console.heading("Columns")
    if not worst:
        yield Text(f"{text.plural(fine, 'column')}: the statistics are fine")
        return
    shown = worst[:COLUMNS_SHOWN]
    verdicts = [Text(column.verdict, STYLES.get(column.verdict, "")) for column in shown]
    columns = [
        Column(Text("column"), [console.name(c.name, text.NAME_WIDTH) for c in shown], 0, True, _least(width), 40),
        Column(Text("verdict"), verdicts, 0, True),
        *_column_figures(shown),
    ]
    table = fitted(columns, width)
    yield from table.lines()
    yield from console.more(len(worst), COLUMNS_SHOWN, "column")
    if fine:
        yield from console.dim(f"{text.plural(fine, 'other column')}: the statistics are fine")
    yield from console.legend(table.legend)


def _least(width: int) -> int:
    """Return the cells to which a name may be cut."""
    return max(4, min(NAME_CELLS, width // 4))


def _column_figures(columns: Sequence[ColumnStatistics]) -> Iterator[Column]:
    figures: tuple[tuple[str, str, int, Callable[[ColumnStatistics], float | None], Callable[[float], str]], ...] = (
        ("q-error", "q-error", 1, lambda c: c.q_error, text.factor),
        ("90 %", "90 %", 5, lambda c: c.q_error_90, text.factor),
        ("KL, bits", "KL", 2, lambda c: c.kl_divergence, "{:.2f}".format),
        ("unseen", "", 4, lambda c: c.unseen_share, text.percent),
        ("ranges", "ranges", 6, lambda c: c.range_divergence, "{:.2f}".format),
        ("distinct", "distinct", 7, lambda c: c.distinct_factor, "{:.2g}×".format),
        ("after ANALYZE", "", 3, lambda c: c.fresh_error, "{:.2f} bits".format),
    )
    for heading, word, rank, value, show in figures:
        cells = [console.figure(value(column), show) for column in columns]
        yield Column(Text(heading), cells, rank, meaning=summary.MEANINGS.get(word, ""))


def _groups(report: PlannerReport) -> Iterator[RenderableType]:
    yield console.heading(summary.GROUPS)
    for group in report.groups:
        yield Text(summary.label(group.columns), "cyan")
        yield console.statements([(Text(), Text(text.visible(group.reason, 300)))])


def _pairs(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    """Yield the pairs that the planner assumes to be independent, then what was left out and why."""
    pairs, left_out = summary.listed_pairs(report), summary.left_out(report)
    yield console.heading(summary.PAIRS)
    if pairs:
        table = fitted(_pair_table(pairs[:PAIRS_SHOWN], width), width)
        yield from table.lines()
        yield from console.legend(table.legend)
        yield from console.more(len(pairs), PAIRS_SHOWN, "pair")
    for verdict, amount, reason in left_out:
        yield from console.dim(f"left out ({verdict}): {text.plural(amount, 'pair')}: {reason}")
    if not pairs and not left_out:
        yield from console.dim("none")


def _pair_table(pairs: Sequence[PairStatistics], width: int) -> list[Column]:
    errors = [summary.predicted_errors(pair) for pair in pairs]
    now, after = ([console.figure(error[side], "{:.2f}".format) for error in errors] for side in (0, 1))
    sides = (("x", [pair.x for pair in pairs]), ("y", [pair.y for pair in pairs]))
    return [
        *(
            Column(Text(side), [console.name(n, text.NAME_WIDTH) for n in names], 0, True, _least(width), 40)
            for side, names in sides
        ),
        Column(Text("statistics"), [Text(summary.kinds(pair)) for pair in pairs], 3, True, 12),
        Column(
            Text("factor"),
            [Text(text.factor(pair.planner_factor)) for pair in pairs],
            meaning="how far x = … AND y = … would be underestimated if the columns were independent",
        ),
        Column(Text("shared bits"), [Text(f"{pair.mutual_information:.2f}") for pair in pairs], 4),
        Column(Text("error now"), now, 1, meaning="bits per predicate"),
        Column(Text("after"), after, 2, meaning="with the advice"),
    ]


def _errors(report: PlannerReport, width: int) -> Iterator[RenderableType]:
    """Yield predicted and measured errors on one axis, a line for each column, pair or group."""
    found = report.errors[:POINTS_SHOWN]
    ends = [value for point in found for value in (point.predicted, point.measured, point.after) if value is not None]
    low, high = min(0.0, *ends), max(0.01, *ends)
    least = max(6, min(24, width // 4))
    cells = max(20, min(50, width - least - FIGURES_CELLS))

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (cells - 1))

    figures: list[tuple[str, list[float | None]]] = [
        ("predicted", [point.predicted for point in found]),
        ("measured", [point.measured for point in found]),
    ]
    if report.is_verified:
        figures.append(("after", [point.after for point in found]))
    labels = [Text(summary.label(point.columns), "cyan") for point in found]
    drawn = [_axis(point, place, cells) for point in found]
    columns = [
        Column(Text("column, pair or group"), labels, 0, True, least, 40),
        Column(Text(_scale(low, high, cells)), drawn, 4, True),
        *(
            Column(Text(heading), [_figure(value) for value in values], 1 + number)
            for number, (heading, values) in enumerate(figures)
        ),
    ]
    table = fitted(columns, width)
    yield console.heading("Predicted and measured errors, bits per predicate")
    yield from table.lines()
    if any(column.cells is drawn for column in table.columns):
        yield from console.dim(LEGEND if report.is_verified else LEGEND.rsplit("   ", 1)[0])
    agreement = summary.agreement(report)
    yield from console.dim(*([f"{agreement}."] if agreement else []))


def _figure(value: float | None) -> Text:
    return console.figure(value, lambda bits: f"{bits:.3f}".replace("-0.000", "0.000").replace("-", "−"))


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
    more = len(statements) - STATEMENTS_SHOWN
    for sql in statements[:STATEMENTS_SHOWN]:
        yield _sql(sql, width)
    if more > 0:
        yield from (*console.dim(f"… {text.plural(more - 1, 'more statement')} …"), _sql(statements[-1], width))
    verify = "--verify tries them in a transaction that is rolled back, and measures the gain"
    yield from console.dim(
        "--script FILE writes them as one script, each with its evidence",
        *([summary.gain(report)] if report.is_verified else [verify] if report.has_transactions else []),
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
