"""The audit of a database in words: a line per table, and what was found in and between them."""

from __future__ import annotations

from colprofile.report import text
from colprofile.report.database import between
from colprofile.report.database.lines import Line, by_severity
from colprofile.report.database.overview import ColumnLine, Figure, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.audit import Finding
from colprofile.results.audit_kinds import word_of
from colprofile.results.database import DatabaseAudit, TableAudit
from colprofile.results.schema import CandidateKey, TableBits

HEADINGS = (
    Heading("rows", 1),
    Heading("columns", 4),
    Heading("bits per row", 3, "each column coded by itself, NULL a value", "bit"),
    Heading("key", 6, "the columns that identify a row", "candidate-key", "text"),
    Heading("repeated", 2, "bits per row that the table, or another one, says twice", "redundancy"),
    Heading("findings", 5, "within the table", kind="words"),
)


def rows(result: DatabaseAudit) -> list[TableRow]:
    """Return a line per table, in the database's order."""
    ledger = {line.table: line for line in result.schema.ledger}
    keys: dict[str, CandidateKey] = {}
    for key in result.schema.keys:
        if key.is_primary:
            keys.setdefault(key.table, key)
    return [_row(table, ledger.get(table.name), keys.get(table.name)) for table in result.tables]


def _row(table: TableAudit, line: TableBits | None, key: CandidateKey | None) -> TableRow:
    audit = table.result
    bits = audit.ledger.bits_apart if line is None else line.bits
    repeated = audit.ledger.redundant_bits if line is None else line.repeated_within + line.repeated_between
    high = sum(finding.severity == "high" for finding in audit.findings)
    figures = (
        Figure(text.count(audit.rows), audit.rows),
        Figure(text.count(len(audit.columns)), len(audit.columns)),
        Figure(f"{bits:,.2f}", bits),
        _key(key, audit.keys[0] if audit.keys else ()),
        Figure(f"{repeated:,.2f} ({text.percent(repeated / bits)})" if bits else "0", repeated),
        Figure(findings(audit.findings), len(audit.findings)),
    )
    return TableRow(table.name, figures, (high, repeated * audit.rows))


def _key(key: CandidateKey | None, columns: tuple[str, ...]) -> Figure:
    named = columns if key is None else key.columns
    shown = ", ".join(text.visible(name, 30) for name in named) or "–"
    broken = " (broken)" if key is not None and key.status == "violated" else ""
    return Figure(f"{shown}{broken}", shown)


def findings(found: tuple[Finding, ...]) -> str:
    """Return how many findings there are, those of bad data by severity.

    >>> findings(())
    'none'
    """
    if not found:
        return "none"
    severe = [(s, sum(finding.severity == s for finding in found)) for s in ("high", "medium")]
    named = [f"{number:,} {severity}" for severity, number in severe if number]
    rest = len(found) - sum(number for _, number in severe)
    return ", ".join(
        [*named, *([f"{rest:,} {'others' if rest > 1 else 'other'}" if named else f"{rest:,}"] if rest else [])]
    )


def lines(result: DatabaseAudit) -> list[Line]:
    """Return what was found, the most severe first, and between tables before within."""
    found = [
        (finding, table.name)
        for table in result.tables
        for finding in table.result.findings
        if finding.kind not in ("key", "together", "group")
    ]
    rows_of = {table.name: table.result.rows for table in result.tables}
    found.sort(key=lambda item: -item[0].evidence.bits * rows_of[item[1]])
    return by_severity([*between.lines(result.schema), *(_line(finding, table) for finding, table in found)])


def _line(finding: Finding, table: str) -> Line:
    return Line(
        word_of(finding.kind),
        finding.severity or "low",
        text.visible(finding.statement, between.SENTENCE),
        table,
        "" if finding.fix is None else text.visible(finding.fix.action, 200),
        finding.evidence.bits or None,
    )


def headline(result: DatabaseAudit) -> str:
    """Return the ledger of the database in a sentence."""
    ledger = result.schema.ledger
    floor = sum(line.floor_bytes for line in ledger)
    if not floor:
        return f"{text.plural(len(result.tables), 'table')} audited."
    repeated = sum(line.repeated_bytes for line in ledger)
    share = text.percent(min(1.0, repeated / floor))
    return f"At least {text.size(round(repeated))} of {text.size(round(floor))} of information are repeated ({share})."


def facts(result: DatabaseAudit) -> list[str]:
    """Return how many tables, rows and foreign keys there are."""
    schema = result.schema
    keys = text.plural(len(schema.foreign_keys), "foreign key")
    broken = sum(key.status == "violated" for key in schema.foreign_keys)
    found = sum(key.status == "found" for key in schema.foreign_keys)
    parts = [f"{found:,} not declared"] * bool(found) + [f"{broken:,} broken"] * bool(broken)
    total = sum(table.result.rows for table in result.tables)
    return [text.plural(total, "row"), f"{keys}{': ' * bool(parts)}{', '.join(parts)}"]


def columns(table: TableAudit) -> list[ColumnLine]:
    """Return the columns of a table for the search."""
    return [ColumnLine(c.name, c.type, f"{text.bits(c.bits)} bits") for c in table.result.columns]


def tiles(result: DatabaseAudit) -> list[Tile]:
    """Return the figures at the top of the page."""
    schema, ledger = result.schema, result.schema.ledger
    floor, repeated = (sum(getattr(line, name) for line in ledger) for name in ("floor_bytes", "repeated_bytes"))
    keys = schema.foreign_keys
    found = sum(key.status == "found" for key in keys)
    orphans = sum(key.inclusion.orphan_rows for key in keys)
    worst = max((error.error for error in schema.join_errors), default=None)
    return [
        ("Rows", text.count(sum(table.result.rows for table in result.tables)), ""),
        ("Foreign keys", text.count(len(keys)), f"{found:,} not declared" if found else "all declared" if keys else ""),
        ("Orphan rows", text.count(orphans), "refer to no row"),
        ("Repeated", between.size(repeated), f"of {between.size(floor)} of information"),
        ("Worst join", text.or_dash(worst, lambda bits: f"{bits:.2f} bits"), "how wrong its estimate is"),
    ]
