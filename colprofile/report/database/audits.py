"""The audit of a database in words: a line per table, and what was found in and between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.report import text
from colprofile.report.database import between
from colprofile.report.database.lines import Line, by_severity
from colprofile.report.database.overview import ColumnLine, Figure, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.audit import Finding
from colprofile.results.audit_kinds import word_of
from colprofile.results.database import DatabaseAudit, TableAudit
from colprofile.results.schema import FAILED, CandidateKey, Schema, TableBits

NO_NEWS = ("key", "together", "group")
"""Kinds of findings that ask for nothing: a table's own report has them."""

LEAST_WITHIN, LEAST_SHARE = 1.0, 0.05
"""Bits per row, and their share of the row, that are worth a line where a table's own columns repeat them."""

HEADINGS = (
    Heading("rows", 1),
    Heading("columns", 4),
    Heading("bits per row", 3, "each column coded by itself, NULL a value", "bit"),
    Heading("key", 6, "the columns that identify a row", "candidate-key", "text"),
    Heading("repeated", 2, "bits per row that the table, or another one, says twice", "redundancy"),
    Heading("findings", 5, "within the table, besides keys and groups", kind="words"),
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
    found = news(table)
    high = sum(finding.severity == "high" for finding in found)
    figures = (
        Figure(text.count(audit.rows), audit.rows),
        Figure(text.count(len(audit.columns)), len(audit.columns)),
        Figure(f"{bits:,.2f}", bits),
        _key(key, audit.keys[0] if audit.keys else ()),
        Figure(_repeated(repeated, bits), repeated),
        Figure(findings(found), len(found)),
    )
    return TableRow(table.name, figures, (high, repeated * audit.rows))


def _key(key: CandidateKey | None, columns: tuple[str, ...]) -> Figure:
    named = columns if key is None else key.columns
    shown = ", ".join(text.visible(name, 30) for name in named) or "–"
    violated = " (violated)" if key is not None and key.status == "violated" else ""
    return Figure(f"{shown}{violated}", shown)


def _repeated(repeated: float, bits: float) -> str:
    """Return bits that are repeated, and their share of a row.

    >>> _repeated(0.0, 8.0), _repeated(0.001, 8.0), _repeated(2.0, 8.0)
    ('0', '<0.01', '2.00 (25.0 %)')
    """
    if repeated < 0.005 or not bits:
        return "<0.01" if repeated > 0 else "0"
    return f"{repeated:,.2f} ({text.percent(repeated / bits)})"


def news(table: TableAudit) -> list[Finding]:
    """Return the findings within a table that the database's report counts and shows."""
    return [finding for finding in table.result.findings if finding.kind not in NO_NEWS]


def findings(found: Sequence[Finding]) -> str:
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
    found = [(finding, table.name) for table in result.tables for finding in news(table)]
    rows_of = {table.name: table.result.rows for table in result.tables}
    found.sort(key=lambda item: -item[0].evidence.bits * rows_of[item[1]])
    kept = result.schema.key_columns
    within = [_line(finding, table, kept) for finding, table in found]
    found_between = between.lines(result.schema)
    return by_severity([*_failed(result.schema), *found_between, *_repeated_within(result), *within])


def _failed(schema: Schema) -> Iterator[Line]:
    """Yield the steps that failed, without which much may be missing."""
    for note in schema.notes:
        if note.startswith(FAILED):
            yield Line("not found", "high", text.visible(note, between.SENTENCE))


def _line(finding: Finding, table: str, kept: frozenset[tuple[str, str]]) -> Line:
    is_kept = any((table, column) in kept for column in finding.targets or finding.columns)
    return Line(
        word_of(finding.kind),
        finding.severity or "low",
        text.visible(finding.statement, between.SENTENCE),
        table,
        "" if finding.fix is None or is_kept else text.visible(finding.fix.action, 200),
        finding.evidence.bits or None,
    )


def _repeated_within(result: DatabaseAudit) -> Iterator[Line]:
    """Yield the tables whose own columns repeat much of a row, most bytes first, with the pairs that share most."""
    tables = {table.name: table.result for table in result.tables}
    for line in sorted(result.schema.ledger, key=lambda line: -line.repeated_within * line.rows):
        if line.table not in tables or line.repeated_within < max(LEAST_WITHIN, LEAST_SHARE * line.bits):
            continue
        pairs = [
            f"{text.visible(edge.x, 30)} and {text.visible(edge.y, 30)} ({edge.bits:.1f} bits)"
            for edge in tables[line.table].edges[:2]
        ]
        most = f"; most: {', '.join(pairs)}" if pairs else ""
        sentence = f"{line.repeated_within:.1f} bits per row are implied by other columns{most}"
        yield Line("repeated", "low", sentence, line.table)


def headline(result: DatabaseAudit) -> str:
    """Return the ledger of the database in a sentence."""
    ledger = result.schema.ledger
    floor = sum(line.floor_bytes for line in ledger)
    if not floor:
        return f"{text.plural(len(result.tables), 'table')} audited."
    repeated = sum(line.repeated_bytes for line in ledger)
    share = text.percent(min(1.0, repeated / floor))
    twice, whole = text.size(round(repeated)), text.size(round(floor))
    return f"At least {twice} of the {whole} of information is stored twice ({share})."


def facts(result: DatabaseAudit) -> list[str]:
    """Return how many tables, rows and foreign keys there are."""
    schema = result.schema
    keys = text.plural(len(schema.foreign_keys), "foreign key")
    violated = sum(key.status == "violated" for key in schema.foreign_keys)
    found = sum(key.status == "found" for key in schema.foreign_keys)
    undeclared = "none declared" if found == len(schema.foreign_keys) > 1 else f"{found:,} not declared"
    parts = [undeclared] * bool(found) + [f"{violated:,} violated"] * bool(violated)
    total = sum(table.result.rows for table in result.tables)
    return [text.plural(total, "row"), ", ".join([keys, *parts])]


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
        ("Orphan rows", text.count(orphans), "counted for each foreign key"),
        ("Repeated", between.size(repeated), f"of {between.size(floor)} of information"),
        (
            "Worst join",
            text.or_dash(worst, lambda bits: f"{bits:.2f} bits"),
            "" if worst is None else f"{text.power_of_two(worst)} too low on average",
        ),
    ]
