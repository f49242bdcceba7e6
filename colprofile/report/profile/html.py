"""A profile as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from itertools import groupby, islice
from typing import Any

from colprofile.errors import ArgumentError
from colprofile.report import text, vega
from colprofile.report.charts import MATRIX_COLUMNS, Matrix, matrix
from colprofile.report.page import Origin, Section, Tile, Title, render_notebook_fragment, render_page
from colprofile.report.profile import columns as column_parts
from colprofile.report.profile import pairs as pair_parts
from colprofile.report.profile.findings import sentences
from colprofile.report.profile.graph import graph
from colprofile.report.profile.heatmaps import heat_maps
from colprofile.results.profile import Profile
from colprofile.results.summary import BLIND_DEPENDENCE, BLIND_PEARSON, Summary, is_unseen_by_pearson, summarise

PAIRS_SHOWN = 1000
"""Pairs that the page lists: all of 45 columns'. The data frame and the JSON hold the rest."""

FRAGMENT_COLUMNS = 20
FRAGMENT_PAIRS = 10
FRAGMENT_FINDINGS = 2
"""Findings of one kind that the fragment shows."""


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
    pairs = profile.pairs[:PAIRS_SHOWN]
    comparable = (pair for pair in pairs if pair.pearson is not None and pair.dependence is not None)
    maps = heat_maps(profile)
    data = {f"c{i}": drawn for i, drawn in enumerate(vega.column_data(profile.columns)) if drawn is not None}
    drawn_matrix, drawn_graph = _matrix(profile, most), graph(profile, summary, most)
    return render_page(
        "profile",
        _title(profile, summary),
        _origin(profile, summary),
        tiles=_tiles(profile, summary),
        sections=[
            Section("columns", "Columns", amount=text.count(len(profile.columns))),
            Section("pairs", "Pairs", amount=text.count(len(profile.pairs))),
            *([Section("joints", "Joint distributions", amount=text.count(len(maps)))] if maps else []),
            *(drawn.section for drawn in (drawn_matrix, drawn_graph) if drawn is not None),
        ],
        drawings=vega.drawings(data | {map.anchor: {"spec": "joint", **map.data} for map in maps}),
        anchors={column.name: f"c{index}" for index, column in enumerate(profile.columns)},
        **_parts(profile, summary),
        profile=profile,
        findings=sentences(profile),
        columns=profile.columns,
        partners=column_parts.partners(profile),
        drawn=data.keys(),
        pairs=pairs,
        evidence={id(pair): f"p{index}" for index, pair in enumerate(pairs)},
        joint_anchors={id(map.pair): map.anchor for map in maps},
        correlated=sorted(comparable, key=is_unseen_by_pearson),
        blind_corner=(BLIND_PEARSON, 1 - BLIND_DEPENDENCE),
        heat_maps=maps,
        matrix=drawn_matrix,
        graph=drawn_graph,
        more_columns=f"to_html(matrix_columns={2 * most}) or --matrix-columns {2 * most} draws more.",
    )


def render_fragment(profile: Profile) -> str:
    """Return the compact report that a notebook shows: findings, the first columns, the strongest pairs."""
    summary = summarise(profile)
    by_kind = groupby(sentences(profile), lambda sentence: sentence.kind)
    return render_notebook_fragment(
        "profile",
        _title(profile, summary),
        'profile.to_html("report.html")',
        len(profile.columns) - FRAGMENT_COLUMNS,
        **_parts(profile, summary),
        findings=[found for _, same in by_kind for found in islice(same, FRAGMENT_FINDINGS)],
        columns=profile.columns[:FRAGMENT_COLUMNS],
        pairs=summary.strongest[:FRAGMENT_PAIRS],
        evidence={},
    )


def _parts(profile: Profile, summary: Summary) -> dict[str, Any]:
    """Return what page and fragment both need to show columns and pairs."""
    return {
        "summary": summary,
        "scale": max((column.max_entropy or 0.0 for column in profile.columns), default=0.0) or 1.0,
        "column_parts": column_parts,
        "pair_parts": pair_parts,
    }


def _title(profile: Profile, summary: Summary) -> Title:
    exactness = "exact" if profile.provenance.is_exact else "estimated"
    shape = text.shape(profile.rows, len(profile.columns))
    return Title(text.source_name(profile.provenance), f"{shape} · {summary.row_bits:,.2f} bits per row · {exactness}")


def _tiles(profile: Profile, summary: Summary) -> list[Tile]:
    made, ledger, stored = profile.provenance, profile.ledger, summary.stored_bytes
    tiles = [
        ("Rows", text.count(profile.rows), ""),
        ("Columns", text.count(len(profile.columns)), ""),
        ("Bits per row", f"{summary.row_bits:,.2f}", "each column coded independently"),
    ]
    if ledger is not None:
        share = "" if ledger.redundant_share is None else text.percent(ledger.redundant_share).replace(" ", "\u00a0")
        tiles.append(("Redundant", f"{ledger.redundant_bits:,.2f}", share and f"bits per row at least, {share}"))
    times = f"{stored / summary.floor_bytes:.2f} times the floor" if stored is not None and summary.floor_bytes else ""
    sample = "" if made.sampled_rows is None else f"from {text.plural(made.sampled_rows, 'row')}"
    return [
        *tiles,
        ("Floor", text.size(summary.floor_bytes), "coding rows independently"),
        ("Stored", text.or_dash(stored, text.size), "not known" if stored is None else times),
        ("Figures", "exact" if made.is_exact else "estimated", "every row counted" if made.is_exact else sample),
    ]


def _matrix(profile: Profile, most: int) -> Matrix | None:
    """Return the dependence matrix in clusters; constant and empty columns have no dependence and are left out."""
    pairs = [pair for pair in profile.pairs if pair.dependence is not None]
    dependent = {name for pair in pairs for name in (pair.x, pair.y)}
    order = [*(name for members in profile.clusters for name in members), *(column.name for column in profile.columns)]
    return matrix([name for name in order if name in dependent], pairs, most)


def _origin(profile: Profile, summary: Summary) -> Origin:
    """Return the origin with what the reader should know: how sure the figures are, and what becomes of NULL."""
    made = profile.provenance
    if made.is_exact:
        exactness = "Every figure is exact: all rows were counted, none sampled."
    else:
        exactness = "Figures marked ≈ are estimates with their interval; none of them is exact."
    nulls = {
        "ignore": "NULL is ignored: a column's figures are over its rows that are not NULL, a pair's over the rows "
        "in which neither is.",
        "value": "NULL counts as a value of its own.",
    }[made.nulls]
    chance = []
    if summary.exact_left_out:
        verb = "is not listed as a dependency" if summary.exact_left_out == 1 else "are not listed as dependencies"
        amount = text.plural(summary.exact_left_out, "exact pair")
        chance = [f"{amount} {verb}: due to chance, or because the determining column is nearly a key."]
    sampled = [] if made.sampled_rows is None else [("Sampled rows", text.count(made.sampled_rows))]
    return Origin.of(profile, *sampled, notes=(exactness, nulls, *chance), skipped=profile.skipped)
