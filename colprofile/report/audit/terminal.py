"""An audit in the terminal: what is redundant, then what to do, most bits first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.audit import summary
from colprofile.results.audit import Audit, Finding, FindingKind

FINDINGS_SHOWN = 40
EXAMPLES_SHOWN = 3
EDGES_SHOWN = 8

STYLES: dict[FindingKind, str] = {
    "empty": "yellow",
    "constant": "yellow",
    "duplicate": "bold yellow",
    "computed": "bold yellow",
    "bijection": "yellow",
    "dependency": "green",
    "near": "magenta",
    "key": "bold green",
    "together": "blue",
    "group": "blue",
    "missingness": "blue",
}


def render_terminal(audit: Audit, *, width: int = 100, color: bool | None = None) -> str:
    """Return an audit as terminal text; ``width`` and ``color`` are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(audit, cells), width=width, color=color)


def _report(audit: Audit, width: int) -> Iterator[RenderableType]:
    made = audit.provenance
    facts = (text.shape(audit.rows, len(audit.columns)), text.seconds(made.duration))
    yield console.header(text.source_name(made), facts, width)
    yield from (Text(summary.headline(audit)), Text())
    if audit.findings:
        yield from (Text("What to do, most bits first", "bold"), _findings(audit))
        where = "--html, --json or .findings show them all"
        yield from console.more(len(audit.findings), FINDINGS_SHOWN, where=where)
        yield from (Text(), *console.dim(summary.LEGEND))
    else:
        yield from console.dim(summary.NOTHING)
    if audit.edges:
        yield from (Text(), Text("Chow–Liu tree, strongest edges", "bold"), _tree(audit))
    yield from (Text(), *console.dim(summary.what_was_searched(audit)))
    yield from console.notes(audit.notes)
    yield from console.skipped(audit.skipped)


def _findings(audit: Audit) -> Table:
    grid = console.grid("figure", "name", "text")
    for finding in audit.findings[:FINDINGS_SHOWN]:
        tag = Text(summary.tag(finding), STYLES[finding.kind])
        lines = Text("\n").join([Text(summary.statement(finding)), *_details(finding)])
        grid.add_row(text.bits(finding.evidence.bits), tag, lines)
    return grid


def _details(finding: Finding) -> Iterator[Text]:
    action = summary.choice(finding)
    parts = [part for part in (action and f"→ {action}", summary.figures(finding)) if part]
    if parts:
        yield Text("   ".join(parts), "dim")
    for example in finding.examples[:EXAMPLES_SHOWN]:
        yield Text(f"  {summary.example(example)}", "dim")


def _tree(audit: Audit) -> Table:
    """Return the strongest edges of the tree."""
    grid = console.grid("figure", "text")
    for edge in audit.edges[:EDGES_SHOWN]:
        grid.add_row(text.bits(edge.bits), Text(f"{text.visible(edge.x, 40)} – {text.visible(edge.y, 40)}"))
    return grid
