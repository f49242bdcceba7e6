"""An audit as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from functools import partial

from colprofile.report import reading, text
from colprofile.report.audit import summary
from colprofile.report.audit.graph import graph
from colprofile.report.charts import matrix
from colprofile.report.downloads import downloads
from colprofile.report.page import Frame, Origin, Section, Tile, Title, render_notebook_fragment, render_page
from colprofile.results.audit import Audit
from colprofile.results.reading_words import is_certain

FINDINGS_SHOWN = 300
FRAGMENT_FINDINGS = 12
EDGES_SHOWN = 60
TABLES = ("findings", "Findings"), ("dependences", "Dependences"), ("edges", "Tree")


def render_html(audit: Audit) -> str:
    """Return an audit as one self-contained HTML page: findings, dependency graph, dependence matrix, ledger."""
    return _page(audit, "page")


def render_section(audit: Audit) -> str:
    """Return the page without its frame, as a section of another page."""
    return _page(audit, "section")


def _page(audit: Audit, frame: Frame) -> str:
    pairs = sorted(audit.dependences, key=lambda pair: -pair.dependence)
    drawn_matrix = matrix((name for members in audit.clusters for name in members), pairs)
    drawn_graph = graph(audit)
    sections = [
        Section("findings", "Findings", "What to do, most bits first", text.count(len(audit.findings))),
        *([Section("graph", "Dependency graph")] if drawn_graph else []),
        *([drawn_matrix.section] if drawn_matrix else []),
        Section("ledger", "Ledger", "Ledger, bits per row"),
        *([Section("script", "Script")] if audit.scripts else []),
    ]
    return render_page(
        "audit",
        _title(audit),
        Origin.of(audit, notes=[summary.what_was_searched(audit)], skipped=audit.skipped),
        tiles=_tiles(audit),
        downloads=partial(downloads, audit, audit.provenance.table or audit.provenance.source, TABLES),
        frame=frame,
        sections=sections,
        audit=audit,
        summary=summary,
        findings=summary.listed(audit)[0][:FINDINGS_SHOWN],
        graph=drawn_graph,
        matrix=drawn_matrix,
        edges=audit.edges[:EDGES_SHOWN],
    )


def render_fragment(audit: Audit) -> str:
    """Return the compact report that a notebook shows: the findings with most bits."""
    return render_notebook_fragment(
        "audit",
        _title(audit),
        'audit.to_html("audit.html")',
        len(audit.findings) - FRAGMENT_FINDINGS,
        "finding",
        summary=summary,
        findings=summary.listed(audit)[0][:FRAGMENT_FINDINGS],
    )


def _title(audit: Audit) -> Title:
    shape = text.shape(audit.rows, len(audit.columns))
    made = audit.provenance
    subtitle = " · ".join(filter(None, [reading.in_short(made), shape]))
    warnings = summary.warnings(audit)
    return Title(text.source_name(made), subtitle, headline=summary.headline(audit), warnings=warnings)


def _tiles(audit: Audit) -> list[Tile]:
    ledger, stored = audit.ledger, audit.ledger.stored_bits
    share = "" if ledger.redundant_share is None else text.percent(ledger.redundant_share)
    determined = len(audit.of_kind("duplicate", "computed", "bijection", "dependency"))
    read = "" if is_certain(audit.provenance) else " that was read"
    return [
        ("Rows", text.count(audit.rows), ""),
        ("Columns", text.count(len(audit.columns)), ""),
        ("Bits per row", f"{ledger.bits_apart:,.2f}", "each column coded separately"),
        ("Redundant at least", f"{ledger.redundant_bits:,.2f}", share),
        ("Stored bits per row", text.or_dash(stored, "{:,.2f}".format), "not known" if stored is None else ""),
        ("Determined", text.count(determined), "in every row" + read),
        ("Nearly determined", text.count(len(audit.of_kind("near"))), "except in a few rows"),
        ("Keys", text.count(len(audit.of_kind("key"))), ""),
    ]
