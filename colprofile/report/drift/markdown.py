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

CHANGES_SHOWN = 3


def render_markdown(drift: Drift) -> str:
    """Return the comparison as Markdown: a heading, a table of what matters, the rest folded away."""
    columns = summary.most_severe_first(drift)
    prominent = [column for column in columns if column.verdict in PROMINENT]
    folded = [column for column in columns if column.verdict in FOLDED]
    amounts = ", ".join(f"{amount} {verdict}" for verdict, amount in summary.amounts(drift) if verdict in FOLDED)
    sides = ((drift.stale, drift.stale_rows), (drift.fresh, drift.fresh_rows))
    meanings = [
        *summary.verdict_meanings(columns),
        *summary.MEANINGS.items(),
        *((mark, meaning) for mark, meaning in summary.marks(columns)),
    ]
    legend = "; ".join(f"{word}: {meaning}" for word, meaning in meanings)
    bounds = (
        f"A column has drifted if its KL is above {drift.tolerance:g} bits and sampling does not explain it (adjusted "
        f"p-value at most {drift.significance:g})."
    )
    names = (f"{markdown.code(text.source_name(made, 80))} ({text.plural(rows, 'row')})" for made, rows in sides)
    return markdown.document(
        [
            [f"### Data drift: {summary.headline(drift)}"],
            [" → ".join(names)],
            [", ".join(f"{amount} {verdict}" for verdict, amount in summary.amounts(drift))],
            markdown.reading_warnings(("stale input", drift.stale), ("fresh input", drift.fresh)),
            _table(prominent) if prominent else [],
            markdown.folded(f"{text.plural(len(folded), 'other column')}: {amounts}", _table(folded)) if folded else [],
            [f"{escaped(legend)}."] if columns else [],
            [escaped(bounds)] if columns else [],
            markdown.bullets(drift.notes),
        ]
    )


def _table(columns: Sequence[ColumnDrift]) -> Iterator[str]:
    headings = ["column", "verdict", "what changed", "missing", ">unseen", ">KL, bits", ">planner error", ">p-value"]
    rows = [
        [
            markdown.name(column.name),
            (PROMINENT | FOLDED)[column.verdict],
            _what_changed(column),
            *(escaped(show(column)) for show in (summary.nulls, summary.unseen, summary.kl, summary.planner_error)),
            escaped(text.or_dash(column.adjusted_p_value, summary.p_value)),
        ]
        for column in columns
    ]
    return markdown.table(headings, rows)


def _what_changed(column: ColumnDrift) -> str:
    """Return the reasons, then the largest changes of a column that drifted."""
    why = escaped(summary.why(column))
    if column.verdict != "drifted" or not column.contributions:
        return why
    changes = ", ".join(
        f"{markdown.code(summary.cell_label(part, 30))} {escaped(summary.share(part.stale_share))} → "
        f"{escaped(summary.share(part.fresh_share))}"
        for part in column.contributions[:CHANGES_SHOWN]
    )
    return f"{why}; largest changes: {changes}"
