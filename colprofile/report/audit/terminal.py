"""An audit in the terminal: what is redundant, then what to do, most bits first."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.report.audit import summary
from colprofile.report.console import as_text
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
    "group": "blue",
    "missingness": "blue",
}


def render_terminal(audit: Audit, *, width: int = 100, color: bool | None = None) -> str:
    """Return an audit as terminal text: no line is wider than ``width`` cells.

    Parameters
    ----------
    width
        Cells to fill, at least 60.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not set.
    """
    return as_text(_report(audit, max(60, width)), width=width, color=color)


def _report(audit: Audit, width: int) -> Group:
    parts: list[RenderableType] = [_header(audit, width), Text(summary.headline(audit)), Text()]
    if audit.findings:
        parts += [Text("What to do, most bits first", "bold"), _findings(audit)]
        more = len(audit.findings) - FINDINGS_SHOWN
        if more > 0:
            parts.append(Text(f"… and {more:,} more; --html, --json or .findings show them all", "dim"))
        parts.append(Padding(Text(summary.LEGEND, "dim"), (1, 0, 0, 0)))
    else:
        parts.append(Text("Nothing is redundant: no column repeats or determines another.", "dim"))
    if audit.edges:
        parts += [Text(), _tree(audit)]
    parts += [Text(), Text(summary.what_was_searched(audit), "dim")]
    parts += [Text(f"note: {text.visible(note, 300)}", "dim") for note in audit.notes]
    for column in audit.skipped[:FINDINGS_SHOWN]:
        parts.append(Text(f"skipped: {text.visible(column.name, 40)}: {text.visible(column.reason, 200)}", "dim"))
    return Group(*parts)


def _header(audit: Audit, width: int) -> Text:
    made = audit.provenance
    source = Text(text.visible(made.source, 200))
    if made.table is not None:
        source.append(f" {text.visible(made.table, 40)}")
    tail = (
        f" · {text.plural(audit.rows, 'row')} × {text.plural(len(audit.columns), 'column')} · "
        f"{text.seconds(made.duration)}"
    )
    source.truncate(max(12, width - cell_len(tail)), overflow="ellipsis")
    source.stylize("bold")
    return source + Text(tail)


def _findings(audit: Audit) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in audit.findings[:FINDINGS_SHOWN]:
        lines = Text("\n", "dim").join([Text(summary.statement(finding)), *_details(finding)])
        table.add_row(
            Text(text.bits(finding.evidence.bits)), Text(summary.TAGS[finding.kind], STYLES[finding.kind]), lines
        )
    return table


def _details(finding: Finding) -> Iterable[Text]:
    action = summary.fix(finding)
    shown = [part for part in (f"→ {action}" if action else "", summary.figures(finding)) if part]
    if shown:
        yield Text("   ".join(shown), "dim")
    for found in finding.examples[:EXAMPLES_SHOWN]:
        yield Text(f"  {summary.example(found)}", "dim")


def _tree(audit: Audit) -> Table:
    """Return the strongest edges of the tree."""
    table = Table(
        box=None,
        title=Text("Chow–Liu tree, strongest edges", "bold"),
        title_justify="left",
        show_header=False,
        padding=(0, 2, 0, 0),
    )
    table.pad_edge = False
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for edge in audit.edges[:EDGES_SHOWN]:
        table.add_row(text.bits(edge.bits), Text(f"{text.visible(edge.x, 40)} – {text.visible(edge.y, 40)}"))
    return table
