"""A planner report as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator

from colprofile.report import markdown, text
from colprofile.report.markdown import escaped
from colprofile.report.planner import summary
from colprofile.results.planner import PlannerReport

PAIRS_SHOWN = 50


def render_markdown(report: PlannerReport) -> str:
    """Return the report as Markdown: columns and pairs with wrong estimates, the advice as SQL."""
    facts = (report.server, summary.sizes(report), summary.freshness(report))
    worst, pairs = summary.worst_columns(report), summary.listed_pairs(report)
    fine = len(report.columns) - len(worst)
    columns = f"#### Columns: {len(worst):,} with wrong estimates, {fine:,} fine"
    return markdown.document(
        [
            [f"### Planner statistics of {markdown.code(text.visible(report.quoted, 200))}"],
            [escaped(" · ".join(facts))],
            [f"{escaped(summary.headline(report))}."],
            ["#### What to do"] if report.statements else [],
            markdown.code_block(report.script(), "sql") if report.statements else [],
            markdown.bullets([summary.gain(report)] if report.is_verified else []),
            [columns],
            _columns(report) if worst else [],
            [f"{escaped(summary.COLUMNS_LEGEND)}."] if worst else [],
            [f"#### {summary.GROUPS}"] if report.groups else [],
            [f"- {_names(group.columns)}: {escaped(group.reason)}" for group in report.groups],
            [f"#### {summary.PAIRS}: {len(pairs):,}"],
            _pairs(report) if pairs else [],
            [
                f"- {text.plural(amount, 'pair')} left out ({verdict}): {escaped(reason)}"
                for verdict, amount, reason in summary.left_out(report)
            ],
            markdown.bullets([summary.agreement(report) or ""] if report.is_explained else []),
            markdown.bullets(report.notes),
            markdown.skipped(report.skipped),
        ]
    )


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(markdown.name, columns))


def _columns(report: PlannerReport) -> Iterator[str]:
    measured = [f">{heading}" for heading, _, _ in summary.measured_headings(report)]
    headings = ["column", "verdict", ">q-error", ">KL, bits", ">unseen", ">ranges, bits", ">distinct", *measured]
    rows = []
    for column in summary.worst_columns(report):
        measured_figures = [text.or_dash(error, text.bits) for error in summary.measured_errors(report, column)]
        figures = [
            text.or_dash(column.q_error, text.factor),
            text.or_dash(column.kl_divergence, text.bits),
            text.or_dash(column.unseen_share, text.percent),
            text.or_dash(column.range_divergence, text.bits),
            text.or_dash(column.distinct_factor, "{:.2g}×".format),
            *measured_figures,
        ]
        rows.append([markdown.name(column.name), column.verdict, *map(escaped, figures), escaped(column.reason)])
    return markdown.table([*headings, "evidence"], rows)


def _pairs(report: PlannerReport) -> Iterator[str]:
    rows = []
    for pair in summary.listed_pairs(report):
        predicted = (text.or_dash(error, text.bits) for error in summary.predicted_errors(pair))
        figures = [text.bits(pair.mutual_information), text.factor(pair.planner_factor), *predicted]
        names = [markdown.name(pair.x), markdown.name(pair.y)]
        rows.append([*names, pair.verdict, escaped(summary.kinds(pair)), *map(escaped, figures)])
    headings = ["x", "y", "verdict", "statistics", ">shared bits", ">factor", ">error now, bits", ">after, bits"]
    return markdown.table(headings, rows, PAIRS_SHOWN)
