"""A comparison as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.report import markdown, text
from colprofile.report.drift import summary
from colprofile.report.markdown import escaped
from colprofile.results.drift import ColumnDrift, Drift, Verdict

PROMINENT: dict[Verdict, str] = {"broken": "🔴 broken", "drifted": "🟠 drifted", "added": "🔵 added"}
"""Verdicts that are not folded away."""

FOLDED: dict[Verdict, str] = {"explained": "⚪ explained", "noise": "noise", "same": "same"}


def render_markdown(drift: Drift) -> str:
    """Return the comparison as Markdown: a heading, a table of what matters, the rest folded away."""
    columns = summary.most_severe_first(drift)
    prominent = [column for column in columns if column.verdict in PROMINENT]
    folded = [column for column in columns if column.verdict in FOLDED]
    amounts = ", ".join(f"{amount} {verdict}" for verdict, amount in summary.amounts(drift) if verdict in FOLDED)
    sides = ((drift.stale, drift.stale_rows), (drift.fresh, drift.fresh_rows))
    legend = (
        f"KL in bits: {escaped(summary.SMOOTHED)} smoothed because values are new, ≥ a lower bound from bins, ≈ bins "
        "differ. Planner error: 2^KL, how far a planner with the stale histogram underestimates. Drifted: above "
        f"{drift.tolerance:g} bits and not explained by sampling (adjusted p ≤ {drift.significance:g})."
    )
    names = (f"{markdown.code(text.source_name(made, 80))} ({text.plural(rows, 'row')})" for made, rows in sides)
    return markdown.document(
        [
            [f"### Data drift: {summary.headline(drift)}"],
            [" → ".join(names)],
            _table(prominent) if prominent else [],
            markdown.folded(f"{text.plural(len(folded), 'other column')}: {amounts}", _table(folded)) if folded else [],
            [legend],
            markdown.bullets(drift.notes),
        ]
    )


def _table(columns: Sequence[ColumnDrift]) -> Iterator[str]:
    headings = ["column", "verdict", ">KL, bits", ">planner error", ">unseen", "NULL", "largest changes"]
    figures = (summary.kl, summary.planner_error, summary.unseen, summary.nulls)
    rows = [
        [
            markdown.name(column.name),
            (PROMINENT | FOLDED)[column.verdict],
            *(escaped(show(column)) for show in figures),
            _remark(column),
        ]
        for column in columns
    ]
    return markdown.table(headings, rows)


def _remark(column: ColumnDrift) -> str:
    if column.verdict != "drifted" or not column.contributions:
        return escaped(summary.why(column))
    return ", ".join(
        f"{markdown.code(summary.cell_label(part, 30))} {escaped(summary.share(part.stale_share))} → "
        f"{escaped(summary.share(part.fresh_share))}"
        for part in column.contributions[:3]
    )
