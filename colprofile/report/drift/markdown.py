"""A comparison as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from colprofile.report import text
from colprofile.report.drift import summary
from colprofile.report.markdown import code, escaped
from colprofile.results.drift import ColumnDrift, Drift, Verdict

ROWS_SHOWN = 100
"""Columns that a table lists; GitHub cuts comments at 65,536 characters."""

SIGNS: dict[Verdict, str] = {
    "broken": "🔴 broken",
    "drifted": "🟠 drifted",
    "added": "🔵 added",
    "explained": "⚪ explained",
    "noise": "noise",
    "same": "same",
}


def render_markdown(drift: Drift) -> str:
    """Return the comparison as Markdown: a heading, a table of what matters, the rest folded away."""
    loud = [c for c in summary.gravest_first(drift) if c.verdict in ("broken", "drifted", "added")]
    quiet = [c for c in summary.gravest_first(drift) if c not in loud]
    lines = [
        f"### Data drift: {summary.headline(drift)}",
        "",
        f"{code(summary.source_name(drift.stale, 80))} ({text.plural(drift.stale_rows, 'row')}) → "
        f"{code(summary.source_name(drift.fresh, 80))} ({text.plural(drift.fresh_rows, 'row')})",
        "",
    ]
    if loud:
        lines += [*_table(loud), ""]
    if quiet:
        counted = ", ".join(f"{amount} {verdict}" for verdict, amount in summary.amounts(drift) if verdict in _QUIET)
        lines += ["<details>", f"<summary>{text.plural(len(quiet), 'other column')}: {counted}</summary>", ""]
        lines += [*_table(quiet), "", "</details>", ""]
    lines.append(
        f"KL in bits: {summary.SMOOTHED.replace('*', chr(92) + '*')} smoothed because values are new, ≥ a lower bound "
        "from bins, ≈ bins differ. Rows off: 2^KL, how far a planner with the stale histogram underestimates. "
        f"Drifted: above {drift.tolerance:g} bits and not explained by sampling (adjusted p ≤ {drift.significance:g})."
    )
    lines += ["", *(f"- {escaped(note)}" for note in drift.notes)] if drift.notes else []
    return "\n".join(lines).rstrip() + "\n"


_QUIET = ("explained", "noise", "same")


def _table(columns: Sequence[ColumnDrift]) -> Iterable[str]:
    yield "| column | verdict | KL, bits | rows off | unseen | NULL | what moved |"
    yield "|---|---|--:|--:|--:|---|---|"
    for column in columns[:ROWS_SHOWN]:
        cells = (
            code(text.visible(column.name)),
            SIGNS[column.verdict],
            escaped(summary.kl(column)),
            summary.rows_off(column),
            escaped(summary.unseen(column)),
            escaped(summary.nulls(column)),
            _remark(column),
        )
        yield f"| {' | '.join(cells)} |"
    if len(columns) > ROWS_SHOWN:
        yield f"| … and {len(columns) - ROWS_SHOWN:,} more | | | | | | |"


def _remark(column: ColumnDrift) -> str:
    if column.verdict == "drifted" and column.contributions:
        return ", ".join(
            f"{code(summary.cell_label(part, 30))} {escaped(summary.share(part.stale_share))} → "
            f"{escaped(summary.share(part.fresh_share))}"
            for part in column.contributions[:3]
        )
    return escaped(summary.why(column))
