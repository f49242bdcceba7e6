"""An audit in the terminal: what is redundant, then what to do, most bits first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, reading, text
from colprofile.report.audit import summary
from colprofile.report.layout import Column, fitted
from colprofile.results.audit import Audit, Finding
from colprofile.results.audit_kinds import KINDS, FindingKind
from colprofile.results.quality import QUALITY_KINDS

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
    **{kind: "red" for kind in QUALITY_KINDS if kind in KINDS},
}


def render_terminal(audit: Audit, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8") -> str:
    """Return an audit as terminal text; the parameters are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(audit, cells), width=width, color=color, encoding=encoding)


def _report(audit: Audit, width: int) -> Iterator[RenderableType]:
    made = audit.provenance
    shape = text.shape(audit.rows, len(audit.columns))
    facts = [
        *filter(None, [reading.in_short(made)]),
        f"{shape}, audited in {text.seconds(made.duration)}",
        summary.amounts(audit),
    ]
    yield from console.header(text.source_name(made), facts, width)
    yield from console.warnings(summary.warnings(audit))
    yield Text(summary.headline(audit))
    yield Text()
    listed, groups = summary.listed(audit)
    shown = listed[:FINDINGS_SHOWN]
    if shown:
        tags = [Text(summary.tag(finding), STYLES[finding.kind]) for finding in shown]
        room = width - max(tag.cell_len for tag in tags) - 2
        rows = ((tag, _finding(finding, room)) for tag, finding in zip(tags, shown, strict=True))
        yield from (console.heading("What to do, most bits first"), console.statements(rows))
        where = "--html, --json or .findings show them all"
        yield from console.dim(*filter(None, [groups]))
        yield from console.more(len(listed), FINDINGS_SHOWN, "finding", where)
        yield from (Text(), *console.legend(summary.legend(shown)))
    else:
        yield from console.dim(summary.nothing(audit))
    if audit.edges:
        yield from (Text(), console.heading(summary.TREE), *_tree(audit, width))
    yield from (Text(), *console.dim(summary.what_was_searched(audit)))
    yield from console.notes(summary.notes(audit))
    yield from console.skipped(audit.skipped)


def _finding(finding: Finding, width: int) -> Text:
    """Return what was found, what to do about it, the figures behind it, and values whose rows disagree."""
    action, bits = summary.choice(finding), finding.evidence.bits
    parts = (
        action and f"→ {action}",
        f"{text.bits(bits)} bits" if bits > 0 else "",
        summary.severity_and_figures(finding),
    )
    lines = [Text(summary.statement(finding)), *console.flowing(console.dim(*filter(None, parts)), width)]
    lines += console.dim(*(f"  {summary.example(example)}" for example in finding.examples[:EXAMPLES_SHOWN]))
    return Text("\n").join(line for line in lines if line.plain)


def _tree(audit: Audit, width: int) -> list[Text]:
    """Return the strongest edges of the tree."""
    edges = audit.edges[:EDGES_SHOWN]
    names = (
        [console.name(name, text.NAME_WIDTH) for name in side]
        for side in zip(*((e.x, e.y) for e in edges), strict=True)
    )
    columns = [Column(Text("column"), side, is_left=True, least=max(4, width // 2 - 6), most=40) for side in names]
    return fitted([*columns, Column(Text("bits"), [Text(text.bits(edge.bits)) for edge in edges])], width).lines()
