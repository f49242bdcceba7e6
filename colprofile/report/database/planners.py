"""The planner report of a database in words: a line per table, and the worst errors of all."""

from __future__ import annotations

from colprofile.report import text
from colprofile.report.database.lines import Line, by_severity
from colprofile.report.database.overview import ColumnLine, Figure, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.database import DatabasePlannerReport, TablePlannerReport
from colprofile.results.quality import Severity

HEADINGS = (
    Heading("rows", 3),
    Heading("planner's rows", 4, "what the planner assumes"),
    Heading("worst error", 0, "bits: the mean of log2(true / estimated)", "planner-now"),
    Heading("wrong columns", 1),
    Heading("statements", 2, "that help"),
)
SEVERE_BITS = 1.0
"""From this error on, a factor of 2, a line is more than a remark."""


def rows(result: DatabasePlannerReport) -> list[TableRow]:
    """Return a line per table, in the database's order."""
    return [_row(table) for table in result.tables]


def _row(table: TablePlannerReport) -> TableRow:
    report = table.result
    wrong = sum(column.verdict != "fine" for column in report.columns)
    figures = (
        Figure(text.count(report.rows), report.rows),
        Figure(text.count(report.planner_rows), report.planner_rows),
        Figure(f"{report.worst_error:,.2f}", report.worst_error),
        Figure(f"{wrong:,} of {len(report.columns):,}", wrong),
        Figure(text.count(len(report.statements)), len(report.statements)),
    )
    return TableRow(table.name, figures, (report.worst_error, report.rows))


def lines(result: DatabasePlannerReport) -> list[Line]:
    """Return the statements that help, most bits first, then columns whose statistics are wrong."""
    advised = [
        (statement.bits, table.name, statement) for table in result.tables for statement in table.result.statements
    ]
    advised.sort(key=lambda item: -item[0])
    found = [
        Line("advice", _severity(bits), text.visible(item.reason, 300), table, text.visible(item.sql, 300), bits)
        for bits, table, item in advised
    ]
    return by_severity(found)


def _severity(bits: float) -> Severity:
    return "medium" if bits >= SEVERE_BITS else "low"


def headline(result: DatabasePlannerReport) -> str:
    """Return in a sentence how wrong the planner is."""
    worst = max((table.result.worst_error for table in result.tables), default=0.0)
    advice = sum(len(table.result.statements) for table in result.tables)
    if not advice:
        return "The statistics are fine: there is nothing to do."
    return (
        f"{text.plural(advice, 'statement')} {'helps' if advice == 1 else 'help'}; "
        f"the worst error is {worst:.2f} bits, a factor of {text.power_of_two(worst).removesuffix('×')}."
    )


def facts(result: DatabasePlannerReport) -> list[str]:
    """Return how many rows there are, and what server it is."""
    servers = dict.fromkeys(text.visible(table.result.server, 40) for table in result.tables)
    return [text.plural(sum(table.result.rows for table in result.tables), "row"), *servers]


def columns(table: TablePlannerReport) -> list[ColumnLine]:
    """Return the columns of a table for the search."""
    return [ColumnLine(c.name, c.type, f"{c.verdict}, {c.error:.2f} bits") for c in table.result.columns]


def tiles(result: DatabasePlannerReport) -> list[Tile]:
    """Return the figures at the top of the page."""
    reports = [table.result for table in result.tables]
    worst = max((report.worst_error for report in reports), default=0.0)
    return [
        ("Rows", text.count(sum(report.rows for report in reports)), ""),
        ("Worst error", f"{worst:.2f} bits", text.power_of_two(worst)),
        ("Advice", text.plural(sum(len(report.statements) for report in reports), "statement"), ""),
    ]
