"""A profile as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from colprofile.report import text
from colprofile.report.markdown import code, escaped, escaped_part
from colprofile.report.profile.findings import Name, Sentence, sentences
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.summary import is_estimated, summarise

COLUMNS_SHOWN = 100
PAIRS_SHOWN = 30
"""Rows of a table; GitHub cuts comments at 65,536 characters."""


def render_markdown(profile: Profile) -> str:
    """Return the profile as Markdown: a heading, the findings, columns and strongest pairs folded away."""
    summary = summarise(profile)
    made = profile.provenance
    source = text.visible(made.source, 80) + ("" if made.table is None else f" {text.visible(made.table, 60)}")
    facts = [
        f"{text.plural(profile.rows, 'row')} × {text.plural(len(profile.columns), 'column')}",
        f"{summary.row_bits:,.2f} bits a row",
        "exact" if made.is_exact else "estimated",
    ]
    lines = [f"### Profile of {code(source)}", "", " · ".join(facts), ""]
    found = sentences(profile)
    lines += [*(f"- {_sentence(finding)}" for finding in found), ""] if found else []
    if profile.columns:
        lines += ["<details>", f"<summary>{text.plural(len(profile.columns), 'column')}</summary>", ""]
        lines += [*_columns(profile.columns), "", "</details>", ""]
    if summary.strongest:
        lines += ["<details>", f"<summary>{_pairs_title(len(summary.strongest))}</summary>", ""]
        lines += [*_pairs(summary.strongest[:PAIRS_SHOWN]), "", "</details>", ""]
    lines += [f"- {escaped(note)}" for note in profile.notes]
    return "\n".join(lines).rstrip() + "\n"


def _sentence(finding: Sentence) -> str:
    return "".join(
        code(text.visible(part.name)) if isinstance(part, Name) else escaped_part(part) for part in finding.parts
    )


def _columns(columns: tuple[ColumnProfile, ...]) -> Iterator[str]:
    yield "| column | type | NULL | distinct | bits | of maximum | effective | floor |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for column in columns[:COLUMNS_SHOWN]:
        rough = "≈" if is_estimated(column) else ""
        yield _row(
            code(text.visible(column.name)),
            escaped(text.visible(column.type, 40)),
            escaped(text.percent(column.null_share)),
            text.count(column.distinct),
            "–" if column.entropy is None else f"{rough}{escaped(text.bits(column.entropy))}",
            "–" if column.efficiency is None else escaped(text.percent(column.efficiency)),
            "–" if column.perplexity is None else f"{column.perplexity:,.1f}",
            text.size(column.floor_bytes),
        )
    if len(columns) > COLUMNS_SHOWN:
        yield _row(f"… and {len(columns) - COLUMNS_SHOWN:,} more", *[""] * 7)


def _pairs_title(amount: int) -> str:
    if amount <= PAIRS_SHOWN:
        return f"{text.plural(amount, 'pair')} that depend on each other"
    return f"The {PAIRS_SHOWN} strongest of {amount:,} pairs"


def _pairs(pairs: Iterable[PairProfile]) -> Iterator[str]:
    yield "| x | y | dependence | Pearson | bits | planner | x tells of y | y tells of x |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for pair in pairs:
        rough = "≈" if is_estimated(pair) else ""
        shares = [None if way is None else way.uncertainty_coefficient for way in (pair.x_to_y, pair.y_to_x)]
        yield _row(
            code(text.visible(pair.x)),
            code(text.visible(pair.y)),
            text.coefficient(pair.dependence or 0.0),
            "–" if pair.pearson is None else text.coefficient(pair.pearson),
            "–" if pair.mutual_information is None else f"{rough}{escaped(text.bits(pair.mutual_information))}",
            "–" if pair.planner_factor is None else f"{rough}{text.factor(pair.planner_factor)}",
            *("–" if share is None else escaped(text.percent(share)) for share in shares),
        )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
