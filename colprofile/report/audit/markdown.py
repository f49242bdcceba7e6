"""An audit as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator

from colprofile.report import markdown, text
from colprofile.report.audit import summary
from colprofile.report.markdown import escaped
from colprofile.results.audit import Audit

EDGES_SHOWN = 30


def render_markdown(audit: Audit) -> str:
    """Return the audit as Markdown: the headline, the findings with what to do, the ledger and the tree folded away."""
    edges = f"{summary.TREE}: {text.plural(len(audit.edges), 'edge')}"
    return markdown.document(
        [
            [f"### Audit of {markdown.code(text.source_name(audit.provenance, 80))}"],
            [f"{text.shape(audit.rows, len(audit.columns))} · {escaped(summary.amounts(audit))}"],
            markdown.warnings(summary.warnings(audit)),
            [escaped(summary.headline(audit))],
            _findings(audit) if audit.findings else [summary.nothing(audit)],
            [f"{escaped(_legend(audit))}."] if audit.findings else [],
            markdown.folded("Ledger, bits per row", _ledger(audit)),
            markdown.folded(edges, _tree(audit)) if audit.edges else [],
            markdown.bullets((summary.what_was_searched(audit), *summary.notes(audit))),
            markdown.skipped(audit.skipped),
        ]
    )


def _findings(audit: Audit) -> Iterator[str]:
    listed, groups = summary.listed(audit)
    rows = [
        [
            summary.tag(finding),
            escaped(summary.statement(finding)),
            escaped(summary.choice(finding) or summary.reason_without_fix(finding)),
            escaped(text.bits(finding.evidence.bits)),
            escaped(summary.severity_and_figures(finding)),
        ]
        for finding in listed
    ]
    yield from markdown.table(["kind", "finding", "what to do", ">bits", "evidence"], rows)
    yield from ("", groups) if groups else ()


def _legend(audit: Audit) -> str:
    return "; ".join(f"{word}: {meaning}" for word, meaning in summary.legend(audit.findings))


def _ledger(audit: Audit) -> Iterator[str]:
    rows = [
        [label, text.or_dash(bits, "{:,.2f}".format), escaped(remark)] for label, bits, remark in summary.ledger(audit)
    ]
    return markdown.table(["what", ">bits", "remark"], rows)


def _tree(audit: Audit) -> Iterator[str]:
    rows = [[markdown.name(edge.x), markdown.name(edge.y), escaped(text.bits(edge.bits))] for edge in audit.edges]
    return markdown.table(["column", "column", ">bits"], rows, EDGES_SHOWN)
