"""A profile as one self-contained HTML page, or as the compact fragment that a notebook shows.

The page asks for nothing from any network, can be read without JavaScript, and its Content-Security-Policy allows
the one script that is ours, so that no name or value can run anything.

Every kind of result has a template that extends ``base.html``; its sections are the partials whose names begin
with ``_``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from colprofile.report import text
from colprofile.report.charts import CHART_HEIGHT, Matrix, matrix
from colprofile.report.findings import Finding, Kind, findings
from colprofile.report.page import asset, rendered, script_hash
from colprofile.report.summary import Summary, summarise
from colprofile.report.views import Names, column_views, name_view, pair_view
from colprofile.results.profile import Profile

PAIRS_SHOWN = 1000
"""Pairs that the page lists: all of 45 columns'. The data frame and the JSON hold the rest."""

FRAGMENT_COLUMNS = 20
FRAGMENT_PAIRS = 10
FRAGMENT_FINDINGS = 2
"""Findings of one kind that the fragment shows."""

TAGS: dict[Kind, str] = {
    "constant": "constant",
    "empty": "empty",
    "key": "key",
    "exact": "exact",
    "near": "nearly exact",
    "planner": "planner",
    "curve": "not a line",
    "skipped": "skipped",
    "estimated": "estimated",
}


def render_html(profile: Profile, *, matrix_columns: int | None = None) -> str:
    """Return the report of a profile as one self-contained HTML page.

    At most 1,000 pairs are listed and 60 columns drawn in the matrix; the page says so where it leaves something out.
    """
    summary = summarise(profile)
    names = Names(profile, has_anchors=True)
    shown = profile.pairs[:PAIRS_SHOWN]
    anchors = {id(pair): f"p{index}" for index, pair in enumerate(shown)}
    found = matrix(profile)
    return rendered(
        "profile.html",
        **_common(profile, summary, names),
        script=asset("report.js"),
        script_hash=script_hash(),
        provenance=profile.provenance,
        tiles=_tiles(profile, summary),
        findings=[_finding(finding, anchors) for finding in findings(profile, summary)],
        columns=column_views(profile, names),
        has_pairs=profile.has_pairs,
        pairs=[pair_view(pair, index, names) for index, pair in enumerate(shown)],
        pair_amount=text.count(len(profile.pairs)),
        pairs_left_out=len(profile.pairs) - len(shown),
        matrix=found,
        matrix_cells=_matrix_cells(found) if found else [],
        notes=_notes(profile, summary),
        skipped=[
            {
                "name": name_view(column.name),
                "type": text.visible(column.type),
                "reason": text.visible(column.reason, 500),
            }
            for column in profile.skipped
        ],
        provenance_facts=_provenance_facts(profile),
        command=text.visible(profile.provenance.command, 500) if profile.provenance.command else None,
    )


def render_fragment(profile: Profile) -> str:
    """Return the compact report that a notebook shows: findings, the first columns, the strongest pairs."""
    summary = summarise(profile)
    names = Names(profile, has_anchors=False)
    left_out = len(profile.columns) - FRAGMENT_COLUMNS
    return rendered(
        "fragment.html",
        **_common(profile, summary, names),
        findings=[_finding(finding, {}) for finding in _first_of_each_kind(findings(profile, summary))],
        columns=column_views(profile, names)[:FRAGMENT_COLUMNS],
        pairs=[pair_view(pair, i, names) for i, pair in enumerate(summary.strongest[:FRAGMENT_PAIRS])],
        left_out=f"{text.plural(left_out, 'more column')} not shown. " if left_out > 0 else "",
    )


def _first_of_each_kind(found: Iterable[Finding]) -> Iterable[Finding]:
    seen: Counter[Kind] = Counter()
    for finding in found:
        seen[finding.kind] += 1
        if seen[finding.kind] <= FRAGMENT_FINDINGS:
            yield finding


def _common(profile: Profile, summary: Summary, names: Names) -> dict[str, Any]:
    """Return what page and fragment both need."""
    made = profile.provenance
    source = text.visible(made.source, 200)
    shape = f"{text.plural(profile.rows, 'row')} × {text.plural(len(profile.columns), 'column')}"
    return {
        "style": asset("report.css"),
        "source": source if made.table is None else f"{source} {text.visible(made.table)}",
        "subtitle": f"{shape} · {summary.row_bits:,.2f} bits a row · {'exact' if made.is_exact else 'estimated'}",
        "names": names,
        "chart_height": CHART_HEIGHT,
    }


def _tiles(profile: Profile, summary: Summary) -> list[dict[str, str]]:
    """Return the figures at the top: a label, the figure, a remark."""
    has_stored = summary.stored_bytes is not None
    made = profile.provenance
    sample = "" if made.sampled_rows is None else f"from {text.plural(made.sampled_rows, 'row')}"
    tiles = (
        ("Rows", text.count(profile.rows), ""),
        ("Columns", text.count(len(profile.columns)), ""),
        ("Bits a row", f"{summary.row_bits:,.2f}", "sum of the columns' entropies"),
        ("Floor", text.size(summary.floor_bytes), "coding rows independently"),
        ("Stored", text.size(summary.stored_bytes or 0) if has_stored else "–", "" if has_stored else "not known"),
        ("Figures", "exact" if made.is_exact else "estimated", "every row counted" if made.is_exact else sample),
    )
    return [{"label": label, "shown": shown, "remark": remark} for label, shown, remark in tiles]


def _finding(finding: Finding, anchors: dict[int, str]) -> dict[str, Any]:
    """Return a finding with its tag and the link to the pair that shows it."""
    return {
        "kind": finding.kind,
        "tag": TAGS[finding.kind],
        "parts": finding.parts,
        "anchor": anchors.get(id(finding.pair)),
    }


def _matrix_cells(found: Matrix) -> Iterable[dict[str, Any]]:
    """Yield the matrix's cells with their place in pixels and their tooltip."""
    for cell in found.cells:
        pair = cell.pair
        bits = "" if pair.mutual_information is None else f", {text.bits(pair.mutual_information)} bits shared"
        yield {
            "level": cell.level,
            "left": found.room + cell.column * found.cell_size,
            "top": found.room + cell.row * found.cell_size,
            "title": f"{text.visible(pair.x, 40)} × {text.visible(pair.y, 40)}: "
            f"{text.coefficient(pair.dependence or 0.0)}{bits}",
        }


def _notes(profile: Profile, summary: Summary) -> list[str]:
    """Return what the reader should know: how sure the figures are, NULL, and the profile's own notes."""
    made = profile.provenance
    if made.is_exact:
        sure = "Every figure is exact: all rows were counted, none sampled."
    else:
        sure = "Figures marked ≈ are estimates with their interval; none of them is exact."
    nulls = {
        "ignore": "NULL is ignored: a column's figures are over its rows that are not NULL, a pair's over the rows "
        "in which neither is.",
        "value": "NULL counts as a value of its own.",
    }[made.nulls]
    chance = (
        f"{text.plural(summary.by_chance, 'exact pair')} not listed as a dependency: values so many that chance alone "
        "explains them."
    )
    own = [text.visible(note, 500) for note in profile.notes]
    return [sure, nulls, *([chance] if summary.by_chance else []), *own]


def _provenance_facts(profile: Profile) -> list[tuple[str, str]]:
    made = profile.provenance
    facts = [("Source", text.visible(made.source, 500))]
    if made.table is not None:
        facts.append(("Table", text.visible(made.table, 200)))
    if made.sampled_rows is not None:
        facts.append(("Sampled rows", text.count(made.sampled_rows)))
    facts += [
        ("Made", text.visible(made.created)),
        ("Took", text.seconds(made.duration)),
        ("By", f"colprofile {text.visible(made.version)}"),
    ]
    return facts
