"""A profile as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.report import markdown, text
from colprofile.report.markdown import escaped
from colprofile.report.profile.findings import Name, sentences
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.summary import summarise

PAIRS_SHOWN = 30


def render_markdown(profile: Profile) -> str:
    """Return the profile as Markdown: a heading, the findings, columns and strongest pairs folded away."""
    summary = summarise(profile)
    made = profile.provenance
    exactness = "exact" if made.is_exact else "estimated"
    shape = text.shape(profile.rows, len(profile.columns))
    columns, pairs = profile.columns, summary.strongest
    return markdown.document(
        [
            [f"### Profile of {markdown.code(text.source_name(made, 80))}"],
            [f"{shape} · {summary.row_bits:,.2f} bits per row · {exactness}"],
            [f"- {''.join(map(_part, sentence.parts))}" for sentence in sentences(profile)],
            markdown.folded(text.plural(len(columns), "column"), _columns(columns)) if columns else [],
            markdown.folded(_pairs_title(len(pairs)), _pairs(pairs[:PAIRS_SHOWN])) if pairs else [],
            markdown.bullets(profile.notes),
        ]
    )


def _part(part: str | Name) -> str:
    return markdown.name(part.name) if isinstance(part, Name) else escaped(part)


def _columns(columns: Sequence[ColumnProfile]) -> Iterator[str]:
    headings = ["column", "type", ">NULL", ">distinct", ">bits", ">of maximum", ">effective", ">floor"]
    rows = [
        [
            markdown.name(column.name),
            escaped(text.visible(column.type, 40)),
            escaped(text.percent(column.null_share)),
            text.count(column.distinct),
            f"{'≈' if column.is_estimated else ''}{escaped(text.or_dash(column.entropy, text.bits))}",
            escaped(text.or_dash(column.efficiency, text.percent)),
            text.or_dash(column.perplexity, text.effective),
            text.size(column.floor_bytes),
        ]
        for column in columns
    ]
    return markdown.table(headings, rows)


def _pairs_title(amount: int) -> str:
    if amount <= PAIRS_SHOWN:
        return f"{text.plural(amount, 'pair')} that depend on each other"
    return f"The {PAIRS_SHOWN} strongest of {amount:,} pairs"


def _pairs(pairs: Sequence[PairProfile]) -> Iterator[str]:
    headings = ["x", "y", ">dependence", ">Pearson", ">bits", ">planner", ">y explained by x", ">x explained by y"]
    rows = []
    for pair in pairs:
        rough = "≈" if pair.is_estimated else ""
        shares = [None if found is None else found.uncertainty_coefficient for found in (pair.x_to_y, pair.y_to_x)]
        rows.append(
            [
                markdown.name(pair.x),
                markdown.name(pair.y),
                text.coefficient(pair.dependence or 0.0),
                text.or_dash(pair.pearson, text.coefficient),
                f"{rough}{escaped(text.or_dash(pair.mutual_information, text.bits))}",
                f"{rough}{text.or_dash(pair.planner_factor, text.factor)}",
                *(escaped(text.or_dash(share, text.percent)) for share in shares),
            ]
        )
    return markdown.table(headings, rows)
