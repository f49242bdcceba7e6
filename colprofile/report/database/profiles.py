"""The profile of a database in words: a line per table, and what stands out in all of them."""

from __future__ import annotations

from colprofile.report import text
from colprofile.report.database.lines import Line, amounts, by_severity
from colprofile.report.database.overview import ColumnLine, Figure, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.database import DatabaseProfile, TableProfile

HEADINGS = (
    Heading("rows", 1),
    Heading("columns", 4),
    Heading("bits per row", 3, "each column coded by itself", "bit"),
    Heading("missing", 2, "share of the values that are NULL", "missing"),
    Heading("findings", 5, kind="words"),
)


def rows(result: DatabaseProfile) -> list[TableRow]:
    """Return a line per table, in the database's order."""
    return [_row(table) for table in result.tables]


def _row(table: TableProfile) -> TableRow:
    profile = table.result
    bits = profile.summary.row_bits
    values = sum(column.rows for column in profile.columns)
    missing = sum(column.nulls for column in profile.columns) / values if values else 0.0
    found = amounts(_lines(table))
    shown = ", ".join(f"{number:,} {severity}" for severity, number in found)
    figures = (
        Figure(text.count(profile.rows), profile.rows),
        Figure(text.count(len(profile.columns)), len(profile.columns)),
        Figure(f"{bits:,.2f}", bits),
        Figure(text.percent(missing), missing),
        Figure(shown or "none", sum(number for _, number in found)),
    )
    severe = dict(found)
    return TableRow(table.name, figures, (severe.get("high", 0), severe.get("medium", 0), profile.rows))


def _lines(table: TableProfile) -> list[Line]:
    """Return the sentences that the table's own report has."""
    sentences = table.result._report("findings").sentences(table.result)
    return [Line(found.word, found.severity, found.plain(), table.name) for found in sentences]


def lines(result: DatabaseProfile) -> list[Line]:
    """Return what stands out, the most severe first."""
    return by_severity([line for table in result.tables for line in _lines(table)])


def headline(result: DatabaseProfile) -> str:
    """Return how much stands out in a sentence."""
    found = amounts(lines(result))
    return (
        "Findings: " + ", ".join(f"{number:,} {severity}" for severity, number in found)
        if found
        else "Nothing stands out."
    )


def facts(result: DatabaseProfile) -> list[str]:
    """Return how many rows and columns there are."""
    tables = [table.result for table in result.tables]
    columns = sum(len(profile.columns) for profile in tables)
    return [text.plural(sum(profile.rows for profile in tables), "row"), text.plural(columns, "column")]


def columns(table: TableProfile) -> list[ColumnLine]:
    """Return the columns of a table for the search."""
    found = table.result.columns
    return [ColumnLine(c.name, c.type, "" if c.entropy is None else f"{text.bits(c.entropy)} bits") for c in found]


def tiles(result: DatabaseProfile) -> list[Tile]:
    """Return the figures at the top of the page."""
    tables = [table.result for table in result.tables]
    severe = dict(amounts(lines(result)))
    return [
        ("Rows", text.count(sum(profile.rows for profile in tables)), ""),
        ("Columns", text.count(sum(len(profile.columns) for profile in tables)), ""),
        ("Severe findings", text.count(severe.get("high", 0)), f"{severe.get('medium', 0):,} of medium severity"),
    ]
