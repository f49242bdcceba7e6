"""A profile as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.report import markdown, text
from colprofile.report.markdown import escaped
from colprofile.report.profile.facts import ends_of, facts, is_range
from colprofile.report.profile.findings import NOTHING, Name, Sentence, sentences
from colprofile.report.profile.pairs import determines
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile

PAIRS_SHOWN = 30
VALUES_SHOWN = 3

VALUES = "min … median … max, or most frequent"

LEGEND = (
    "bits: entropy per row that is not NULL; effective: 2^bits, the number of equally frequent values with as many "
    "bits; floor: fewest bytes to code rows independently; sorted or correlated data can take less."
)


def render_markdown(profile: Profile) -> str:
    """Return the profile as Markdown: the facts, the findings, columns and strongest pairs folded away."""
    summary = profile.summary
    columns, pairs = profile.columns, summary.strongest
    return markdown.document(
        [
            [f"### Profile of {markdown.code(text.source_name(profile.provenance, 80))}"],
            [escaped(" · ".join(facts(profile)))],
            markdown.reading_warnings(("input", profile.provenance)),
            [*map(_finding, sentences(profile))] or [NOTHING],
            markdown.folded(text.plural(len(columns), "column"), _columns(columns)) if columns else [],
            markdown.folded(_pairs_title(len(pairs)), _pairs(profile, pairs[:PAIRS_SHOWN])) if pairs else [],
            markdown.bullets(profile.notes),
            markdown.skipped(profile.skipped),
        ]
    )


def _finding(sentence: Sentence) -> str:
    severity = f"**{sentence.severity}**" if sentence.severity == "high" else sentence.severity
    return f"- {severity}: {''.join(map(_part, sentence.parts))}"


def _part(part: str | Name) -> str:
    return markdown.name(part.name) if isinstance(part, Name) else escaped(part)


def _columns(columns: Sequence[ColumnProfile]) -> Iterator[str]:
    headings = ["column", "type", ">missing", ">distinct", VALUES, ">bits", ">effective", ">floor"]
    rows = [
        [
            markdown.name(column.name),
            escaped(text.visible(column.type, 40)),
            escaped(f"{_about(column)}{text.percent(column.null_share)}"),
            f"{'≥' if column.sampled_rows is not None else ''}{text.count(column.distinct)}",
            _values(column),
            _bits(column.entropy, column.entropy_interval if column.is_estimated else None),
            text.or_dash(column.perplexity, text.effective),
            text.size(column.floor_bytes),
        ]
        for column in columns
    ]
    yield from markdown.table(headings, rows)
    yield from ("", LEGEND)


def _about(column: ColumnProfile) -> str:
    return "" if column.sampled_rows is None else "≈"


def _values(column: ColumnProfile) -> str:
    """Return minimum, median and maximum, or the most frequent values with their shares."""
    ends = ends_of(column)
    if ends is not None:
        return " … ".join(map(escaped, ends))
    if not column.top_values:
        return "–"
    if is_range(column):
        return " … ".join(markdown.code(text.data_value(end, 30)) for end in (column.minimum, column.maximum))
    return ", ".join(
        f"{markdown.code(text.data_value(top.value, 30))} {_about(column)}{escaped(text.percent(top.share))}"
        for top in column.top_values[:VALUES_SHOWN]
    )


def _bits(value: float | None, interval: tuple[float, float] | None) -> str:
    """Return a figure in bits, its interval where it is estimated."""
    return escaped(text.or_dash(value, text.bits) if interval is None else text.interval(interval, "–"))


def _pairs_title(amount: int) -> str:
    if amount <= PAIRS_SHOWN:
        return f"{text.plural(amount, 'pair')} that depend on each other"
    return f"The {PAIRS_SHOWN} strongest of {amount:,} pairs"


def _pairs(profile: Profile, pairs: Sequence[PairProfile]) -> Iterator[str]:
    summary = profile.summary
    has_planner = profile.provenance.table is not None
    headings = ["x", "y", ">dependence", ">Pearson", ">Spearman", "determines", ">bits", *[">planner"] * has_planner]
    rows = []
    for pair in pairs:
        factor = text.or_dash(pair.planner_factor, text.factor)
        rows.append(
            [
                markdown.name(pair.x),
                markdown.name(pair.y),
                text.coefficient(pair.dependence or 0.0),
                text.or_dash(pair.pearson, text.coefficient),
                text.or_dash(pair.spearman, text.coefficient),
                determines(pair, summary),
                _bits(pair.mutual_information, pair.mutual_information_interval if pair.is_estimated else None),
                *[f"{'≈' if pair.is_estimated else ''}{factor}"] * has_planner,
            ]
        )
    return markdown.table(headings, rows)
