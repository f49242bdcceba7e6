"""The drift of a database in words: a line per table, and the columns that changed."""

from __future__ import annotations

from colprofile.report import text
from colprofile.report.database.lines import Line, by_severity
from colprofile.report.database.overview import ColumnLine, Figure, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.database import DatabaseDrift, TableDrift
from colprofile.results.drift import VERDICTS, Verdict
from colprofile.results.quality import Severity

HEADINGS = (
    Heading("stale rows", 3),
    Heading("fresh rows", 2),
    Heading("verdict", 0, kind="text"),
    Heading("columns changed", 1, kind="words"),
    Heading("worst KL", 4, "bits per fresh row by which the stale histogram is wrong", "kl"),
)
SEVERITIES: dict[Verdict, Severity] = {"broken": "high", "drifted": "medium", "added": "low"}
"""The verdicts that are told, and how much each asks for attention."""


def rows(result: DatabaseDrift) -> list[TableRow]:
    """Return a line per table, in the fresh database's order."""
    return [_row(table) for table in result.tables]


def _row(table: TableDrift) -> TableRow:
    drift = table.result
    worst = max((column.kl_divergence or 0.0 for column in drift.columns), default=0.0)
    counted = [(verdict, len(drift.having(verdict))) for verdict in SEVERITIES]
    changed = ", ".join(f"{number:,} {verdict}" for verdict, number in counted if number)
    figures = (
        Figure(text.count(drift.stale_rows), drift.stale_rows),
        Figure(text.count(drift.fresh_rows), drift.fresh_rows),
        Figure(drift.verdict, drift.verdict),
        Figure(f"{changed or 'none'} of {len(drift.columns):,}", sum(number for _, number in counted)),
        Figure(text.bits(worst), worst),
    )
    return TableRow(table.name, figures, (*(number for _, number in counted), worst))


def lines(result: DatabaseDrift) -> list[Line]:
    """Return the tables and columns that changed, the most severe first."""
    found = [Line("removed table", "high", f"{text.visible(name)} is no longer there") for name in result.removed]
    found += [Line("added table", "low", f"{text.visible(name)} is new") for name in result.added]
    changed = [(table.name, c) for table in result.tables for c in table.result.columns if c.verdict in SEVERITIES]
    changed.sort(key=lambda item: -(item[1].kl_divergence or 0.0))
    for table, column in changed:
        reason = text.visible("; ".join(column.reasons), 300) if column.reasons else ""
        sentence = text.visible(column.name) + (f": {reason}" if reason else "")
        found.append(Line(column.verdict, SEVERITIES[column.verdict], sentence, table, bits=column.kl_divergence))
    return by_severity(found)


def headline(result: DatabaseDrift) -> str:
    """Return in a sentence how many tables changed."""
    changed = sum(table.result.verdict in ("broken", "drifted") for table in result.tables)
    parts = [f"{changed:,} of {text.plural(len(result.tables), 'table')} changed"]
    parts += [
        f"{text.plural(len(names), 'table')} {what}"
        for names, what in ((result.removed, "removed"), (result.added, "added"))
        if names
    ]
    return f"{'; '.join(parts)}."


def facts(result: DatabaseDrift) -> list[str]:
    """Return how many columns were compared."""
    return [text.plural(sum(len(table.result.columns) for table in result.tables), "column")]


def columns(table: TableDrift) -> list[ColumnLine]:
    """Return the columns of a table for the search, in the order of its report: the most severe first."""
    found = []
    for column in table.result.having(*VERDICTS):
        side = column.fresh or column.stale
        found.append(ColumnLine(column.name, "" if side is None else side.type, column.verdict))
    return found


def tiles(result: DatabaseDrift) -> list[Tile]:
    """Return the figures at the top of the page."""
    verdicts = [column.verdict for table in result.tables for column in table.result.columns]
    changed = (verdict for verdict in SEVERITIES if verdict in verdicts)
    return [
        ("Tables added", text.count(len(result.added)), ""),
        ("Tables removed", text.count(len(result.removed)), ""),
        ("Columns", text.count(len(verdicts)), "compared"),
        *((f"Columns {verdict}", text.count(verdicts.count(verdict)), "") for verdict in changed),
    ]
