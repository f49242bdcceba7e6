"""A whole database as one self-contained HTML page: what lies between its tables, and each table's report when opened.

The page carries each table's report gzipped in base64, and unpacks it when the table is opened. Only then does the
browser build it, so that 200 tables are on the screen as soon as one.
"""

from __future__ import annotations

import base64
import gzip
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from colprofile.report import reading, text, vega
from colprofile.report.database import between, kinds
from colprofile.report.database.diagram import drawing
from colprofile.report.database.overview import TableRow
from colprofile.report.downloads import Downloads, downloads
from colprofile.report.glossary import GLOSSARY, Terms
from colprofile.report.page import Origin, Section, Tile, Title, render_notebook_fragment, render_page, rendered
from colprofile.results.database import DatabaseAudit
from colprofile.results.database_script import SCRIPT_DIALECTS
from colprofile.results.schema import Schema

LINES_SHOWN = 300
LINES_AT_ONCE = 30
TABLES_AT_ONCE = 300
ROWS_SHOWN, JOINS_SHOWN = 500, 200
"""Foreign keys, repeated columns and fixes that the page lists, and joins, the worst."""

MOST_SCRIPT = 100_000
"""Characters of a script that the page shows."""

TABLES = {
    "keys": "Keys",
    "foreign_keys": "Foreign keys",
    "inclusions": "Inclusions",
    "repeated_columns": "Repeated columns",
    "table_relations": "Tables that say the same",
    "domains": "Domains",
    "join_errors": "Join errors",
    "join_sizes": "Join sizes",
    "ledger": "Ledger",
}
FRAGMENT_LINES = 8
FRAGMENT_TABLES = 20
MOST_PACKED = 16_000_000
"""Characters of all packed reports; of more and larger tables the page carries what a notebook shows of each."""

MOST_WITH_JSON = 5_000_000
"""Characters of the packed reports up to which the page carries the result as JSON too, which is about as large."""

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_TERM = re.compile(r'href="#term-([a-z0-9-]+)"')


@dataclass(frozen=True, slots=True)
class Packed:
    """A table of the page: its number, its name, its report, gzipped in base64, and whether it has drawings."""

    number: int
    name: str
    report: str
    is_drawn: bool


def render_html(result: Any) -> str:
    """Return a database's result as one self-contained HTML page."""
    kind = kinds.kind_of(result)
    packed, terms = _reports(result)
    size = sum(len(table.report) for table in packed)
    lines, rows = kinds.lines(result), kind.rows(result)
    schema = result.schema if isinstance(result, DatabaseAudit) else Schema()
    anchors = {table.name: f"t{number}" for number, table in enumerate(result.tables)}
    drawn = drawing(result, anchors) if isinstance(result, DatabaseAudit) else None
    return render_page(
        "database",
        _title(result),
        _origin(result),
        tiles=_tiles(result, rows),
        downloads=partial(_downloads, result, size <= MOST_WITH_JSON),
        sections=[
            *([Section("tables", "Tables", amount=text.count(len(rows)))] if rows else []),
            *([Section("findings", "Findings", "What matters most", text.count(len(lines)))] if lines else []),
            *([Section("diagram", "Diagram", "The schema")] if drawn is not None else []),
            *_schema_sections(schema),
            *(
                [Section("skipped", "Skipped", "Skipped tables", text.count(len(result.skipped)))]
                if result.skipped
                else []
            ),
        ],
        drawings={} if any(table.is_drawn for table in packed) else None,
        script="database.js",
        anchors=anchors,
        verb=kind.verb,
        kind=kind,
        rows=rows,
        lines=lines[:LINES_SHOWN],
        lines_left_out=len(lines) - LINES_SHOWN,
        lines_at_once=LINES_AT_ONCE,
        tables_at_once=TABLES_AT_ONCE,
        schema=schema,
        between=between,
        drawing=drawn,
        most=ROWS_SHOWN,
        most_joins=JOINS_SHOWN,
        scripts=_scripts(result),
        dialects=between.dialects_of(result.provenance.source),
        skipped=result.skipped,
        columns=vega.embedded(_columns(result)),
        packed=packed,
        more_terms=sorted(terms),
    )


def render_fragment(result: Any) -> str:
    """Return the compact report that a notebook shows: the tables and what matters most."""
    kind = kinds.kind_of(result)
    rows = kind.rows(result)
    return render_notebook_fragment(
        "database",
        _title(result),
        f'{kind.verb}.to_html("{kind.verb}.html")',
        len(rows) - FRAGMENT_TABLES,
        "table",
        kind=kind,
        rows=kinds.most_important(rows, FRAGMENT_TABLES),
        lines=kinds.lines(result)[:FRAGMENT_LINES],
    )


def _reports(result: Any) -> tuple[list[Packed], set[str]]:
    """Return the tables' reports, in short where all of them are too large, and the terms that they use."""
    reports = [_section(result, number) for number in range(len(result.tables))]
    packed = [_packed(report) for report in reports]
    if sum(map(len, packed)) > MOST_PACKED:
        fragments = (str(table.result._rendered("html", "fragment")) for table in result.tables)
        reports = [_STYLE.sub("", fragment) for fragment in fragments]
        packed = [_packed(report) for report in reports]
    terms = {term for report in reports for term in _TERM.findall(report)}
    made = [
        Packed(number, table.name, own, "data-figures" in reports[number])
        for number, (table, own) in enumerate(zip(result.tables, packed, strict=True))
    ]
    return made, terms & GLOSSARY.keys()


def _section(result: Any, number: int) -> str:
    """Return the report of one table, in an audit with its columns first."""
    table = result.tables[number]
    own = table.result._rendered("html", "section")
    if not isinstance(result, DatabaseAudit):
        return str(own)
    columns = table.result.columns
    head = rendered(
        "database/columns.html",
        terms=Terms(is_page=True),
        columns=columns,
        anchors={},
        roles=between.roles(result.schema, table.name),
        referring=between.referring(result.schema, table.name),
        rows=table.result.rows,
    )
    return f"{head}{own}"


def _packed(report: str) -> str:
    return base64.b64encode(gzip.compress(report.encode("utf-8"), 6, mtime=0)).decode("ascii")


def _columns(result: Any) -> list[list[Any]]:
    """Return every table's columns for the search: names, types and figures, visible."""
    kind = kinds.kind_of(result)
    return [
        [
            text.visible(table.name),
            [[text.visible(c.name), text.visible(c.type, 40), c.figure] for c in kind.columns(table)],
        ]
        for table in result.tables
    ]


def _scripts(result: Any) -> list[tuple[str, str]]:
    """Return all fixes as one script for each dialect; those too long for a page are left to ``script()``."""
    if not isinstance(result, DatabaseAudit) or not result.schema.fixes:
        return []
    dialects = [d for d in between.dialects_of(result.provenance.source) if d in SCRIPT_DIALECTS]
    scripts = [(dialect, result.script(dialect)) for dialect in dialects]
    return [(dialect, script) for dialect, script in scripts if len(script) <= MOST_SCRIPT]


def _schema_sections(schema: Schema) -> list[Section]:
    twice = len(schema.repeated_columns) + len(schema.table_relations) + len(schema.domains)
    joins = len(schema.join_errors) + len(schema.join_sizes)
    found = (
        (Section("keys", "Foreign keys", amount=text.count(len(schema.foreign_keys))), schema.foreign_keys),
        (Section("twice", "Said twice", "What tables say twice", text.count(twice)), twice),
        (Section("joins", "Joins", "Joins in bits"), joins),
        (Section("space", "Ledger", "Ledger of the database"), schema.ledger),
        (Section("fixes", "Fixes", "What to do, as SQL", text.count(len(schema.fixes))), schema.fixes),
    )
    return [section for section, content in found if content]


def _title(result: Any) -> Title:
    kind = kinds.kind_of(result)
    stopped = kinds.incomplete(result)
    warnings = [reading.InputWarning("stopped", "high", stopped)] if stopped else []
    return Title(
        kinds.source(result), " · ".join(kinds.facts(result)), headline=kind.headline(result), warnings=warnings
    )


def _tiles(result: Any, rows: list[TableRow]) -> list[Tile]:
    kind = kinds.kind_of(result)
    skipped = f"{len(result.skipped):,} skipped" if result.skipped else ""
    return [("Tables", text.count(len(rows)), skipped), *kind.tiles(result)]


def _origin(result: Any) -> Origin:
    notes = result.schema.notes if isinstance(result, DatabaseAudit) else ()
    stale = getattr(result, "stale", None)
    compared = [] if stale is None else [("Compared with", text.source_name(stale, 500))]
    return Origin.of(result, *compared, notes=notes)


def _downloads(result: Any, is_whole: bool) -> Downloads:
    """Return the result to download; of a large one only what lies between its tables, as CSV."""
    name = result.provenance.source
    if is_whole:
        return downloads(result, name, _tables(result))
    if isinstance(result, DatabaseAudit):
        return downloads(replace(result, tables=()), name, _tables(result), is_whole=False)
    return Downloads("", "", (), is_whole=False)


def _tables(result: Any) -> list[tuple[str, str]]:
    """Return the lists between tables that are offered as CSV: where they are in the JSON, and their names."""
    schema = result.schema if isinstance(result, DatabaseAudit) else Schema()
    return [(f"schema.{field}", label) for field, label in TABLES.items() if getattr(schema, field)]
