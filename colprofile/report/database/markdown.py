"""A whole database as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from colprofile.report import markdown, text
from colprofile.report.database import kinds
from colprofile.report.database.diagram import mermaid_block
from colprofile.report.database.lines import Line
from colprofile.report.database.overview import Heading, TableRow
from colprofile.report.markdown import escaped
from colprofile.results.database import DatabaseAudit

TABLES_SHOWN = 40
LINES_SHOWN = 40
MOST_DRAWN, MOST_DIAGRAM = 30, 15_000
"""Tables and characters of the diagram; GitHub cuts comments at 65,536."""


def render_markdown(result: Any) -> str:
    """Return a database's result as Markdown: the headline, what matters most, the tables, and what was skipped."""
    kind = kinds.kind_of(result)
    rows, lines = kind.rows(result), kinds.lines(result)
    stopped = kinds.incomplete(result)
    notes = (*result.notes, *(result.schema.notes if isinstance(result, DatabaseAudit) else ()))
    return markdown.document(
        [
            [f"### {kind.title} of {markdown.code(kinds.source(result, 80))}"],
            [escaped(" · ".join(kinds.facts(result)))],
            [f"- **stopped**: {escaped(stopped)}"] if stopped else [],
            [escaped(kind.headline(result))],
            _lines(lines) if lines else [],
            _tables(kind.headings, rows) if rows else [],
            _diagram(result) if isinstance(result, DatabaseAudit) else [],
            markdown.bullets(notes),
            [f"- skipped: {markdown.name(table.name)}: {escaped(table.reason)}" for table in result.skipped],
        ]
    )


def _diagram(audit: DatabaseAudit) -> list[str]:
    """Return the schema as Mermaid, which GitHub draws; nothing without foreign keys, or of many tables."""
    if not audit.schema.foreign_keys or len(audit.tables) > MOST_DRAWN:
        return []
    shown = mermaid_block(audit)
    if len(shown) > MOST_DIAGRAM:
        return []
    return markdown.folded("The schema: tables and foreign keys", [shown.rstrip("\n")])


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    rows = [
        [
            line.severity,
            line.tag,
            markdown.name(line.table) if line.table else "",
            escaped(line.sentence),
            escaped(line.action),
            "" if line.bits is None else escaped(text.bits(line.bits)),
        ]
        for line in lines
    ]
    headings = ["severity", "kind", "table", "finding", "what to do", ">bits"]
    return markdown.table(headings, rows, LINES_SHOWN)


def _tables(headings: Sequence[Heading], rows: list[TableRow]) -> Iterator[str]:
    shown = kinds.most_important(rows, TABLES_SHOWN)
    cells = [[markdown.name(row.name), *(escaped(figure.shown) for figure in row.figures)] for row in shown]
    named = ["table", *(heading.label if heading.is_text else f">{heading.label}" for heading in headings)]
    yield from markdown.table(named, cells)
    if len(rows) > len(shown):
        yield from ("", f"{text.plural(len(rows) - len(shown), 'more table')} not shown.")
