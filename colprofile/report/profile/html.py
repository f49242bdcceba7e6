"""A profile as one self-contained HTML page, or as the compact fragment that a notebook shows.

The page asks for nothing from any network, can be read without JavaScript, and its Content-Security-Policy allows
the one script that is ours, so that no name or value can run anything.

Every kind of result has a template that extends ``base.html``; its sections are the partials whose names begin
with ``_``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from colprofile.errors import ArgumentError
from colprofile.report import text
from colprofile.report.charts import CHART_HEIGHT, MATRIX_COLUMNS, Matrix, matrix
from colprofile.report.page import asset, rendered, script, script_hash
from colprofile.report.profile.correlations import correlations
from colprofile.report.profile.findings import Sentence, sentences
from colprofile.report.profile.graph import graph
from colprofile.report.profile.heatmaps import HeatMap, heat_maps
from colprofile.report.vega import column_data, embedded, library_hash, packed_library, specifications
from colprofile.report.views import Names, column_views, name_view, pair_view
from colprofile.results.findings import ProfileFindingKind
from colprofile.results.profile import Profile
from colprofile.results.summary import Summary, summarise

PAIRS_SHOWN = 1000
"""Pairs that the page lists: all of 45 columns'. The data frame and the JSON hold the rest."""

FRAGMENT_COLUMNS = 20
FRAGMENT_PAIRS = 10
FRAGMENT_FINDINGS = 2
"""Findings of one kind that the fragment shows."""

TAGS: dict[ProfileFindingKind, str] = {
    "constant": "constant",
    "empty": "empty",
    "key": "key",
    "exact": "exact",
    "near": "nearly exact",
    "planner": "planner",
    "curve": "not a line",
    "skipped": "skipped",
    "estimated": "estimated",
    "redundant": "redundant",
}


def render_html(profile: Profile, *, matrix_columns: int | None = None) -> str:
    """Return the report of a profile as one self-contained HTML page.

    At most 1,000 pairs are listed and ``matrix_columns`` columns (60 by default) drawn in the matrix and the graph; the
    page says so where it leaves something out.

    Raises
    ------
    ArgumentError
        ``matrix_columns`` is below 2.
    """
    most = MATRIX_COLUMNS if matrix_columns is None else matrix_columns
    if most < 2:
        raise ArgumentError(f"matrix_columns={matrix_columns!r} is not allowed: give 2 or more")
    summary = summarise(profile)
    names = Names(profile, has_anchors=True)
    shown = profile.pairs[:PAIRS_SHOWN]
    anchors = {id(pair): f"p{index}" for index, pair in enumerate(shown)}
    found = matrix(profile, most)
    maps = heat_maps(profile, names)
    pictures = {id(map.pair): map.anchor for map in maps}
    data = column_data(profile.columns)
    pairs = [pair_view(pair, index, names, summary, pictures.get(id(pair), "")) for index, pair in enumerate(shown)]
    return rendered(
        "profile.html",
        **_common(profile, summary, names),
        **_drawings(maps, data),
        provenance=profile.provenance,
        tiles=_tiles(profile, summary),
        findings=[_finding(finding, anchors) for finding in sentences(profile)],
        columns=column_views(profile, names, [f"c{i}" if drawn else "" for i, drawn in enumerate(data)]),
        has_pairs=profile.has_pairs,
        pairs=pairs,
        correlations=correlations(shown, pairs),
        heat_maps=maps,
        has_curves=any(map.is_curve for map in maps),
        graph=graph(profile, summary, most),
        redundant=_redundant(profile),
        more_columns=f"to_html(matrix_columns={2 * most}) or --matrix-columns {2 * most} draws more.",
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


def _drawings(maps: Sequence[HeatMap], data: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """Return what a page needs to draw what comes into view; a page without drawings needs our small script only."""
    figures: dict[str, Any] = {f"c{i}": drawn for i, drawn in enumerate(data) if drawn is not None}
    figures |= {map.anchor: {"spec": "joint", **map.data} for map in maps}
    if not figures:
        return {"script": script("report.js"), "script_hash": script_hash("report.js")}
    scripts = ("report.js", "charts.js")
    return {
        "script": script(*scripts),
        "script_hash": script_hash(*scripts),
        "library": packed_library(),
        "library_hash": library_hash(),
        "drawings": embedded({"specifications": specifications(), "figures": figures}),
    }


def render_fragment(profile: Profile) -> str:
    """Return the compact report that a notebook shows: findings, the first columns, the strongest pairs."""
    summary = summarise(profile)
    names = Names(profile, has_anchors=False)
    left_out = len(profile.columns) - FRAGMENT_COLUMNS
    return rendered(
        "fragment.html",
        **_common(profile, summary, names),
        findings=[_finding(finding, {}) for finding in _first_of_each_kind(sentences(profile))],
        columns=column_views(profile, names)[:FRAGMENT_COLUMNS],
        pairs=[pair_view(pair, i, names, summary) for i, pair in enumerate(summary.strongest[:FRAGMENT_PAIRS])],
        left_out=f"{text.plural(left_out, 'more column')} not shown. " if left_out > 0 else "",
    )


def _first_of_each_kind(found: Iterable[Sentence]) -> Iterable[Sentence]:
    seen: Counter[ProfileFindingKind] = Counter()
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
    stored = _times_floor(summary) if has_stored else "not known"
    tiles = [
        ("Rows", text.count(profile.rows), ""),
        ("Columns", text.count(len(profile.columns)), ""),
        ("Bits a row", f"{summary.row_bits:,.2f}", "each column coded by itself"),
    ]
    if profile.ledger is not None:
        share = profile.ledger.redundant_share
        remark = "" if share is None else f"bits a row at least, {text.percent(share)}".replace(" %", "\u00a0%")
        tiles.append(("Redundant", f"{profile.ledger.redundant_bits:,.2f}", remark))
    tiles += [
        ("Floor", text.size(summary.floor_bytes), "coding rows independently"),
        ("Stored", text.size(summary.stored_bytes or 0) if has_stored else "–", stored),
        ("Figures", "exact" if made.is_exact else "estimated", "every row counted" if made.is_exact else sample),
    ]
    return [{"label": label, "shown": shown, "remark": remark} for label, shown, remark in tiles]


def _times_floor(summary: Summary) -> str:
    """Return how stored bytes compare with the floor."""
    if not summary.floor_bytes or summary.stored_bytes is None:
        return ""
    return f"{summary.stored_bytes / summary.floor_bytes:.2f} times the floor"


def _redundant(profile: Profile) -> str:
    """Return what the tree makes redundant, in words."""
    if profile.ledger is None:
        return ""
    return f"{profile.ledger.redundant_bits:,.2f} of {profile.ledger.bits_apart:,.2f} bits a row"


def _finding(finding: Sentence, anchors: dict[int, str]) -> dict[str, Any]:
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
        f"{text.plural(summary.exact_left_out, 'exact pair')} not listed as a dependency: chance explains them, or the "
        "column that determines the other is nearly a key."
    )
    own = [text.visible(note, 500) for note in profile.notes]
    return [sure, nulls, *([chance] if summary.exact_left_out else []), *own]


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
