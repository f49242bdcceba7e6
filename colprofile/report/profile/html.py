"""A profile as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import groupby, islice
from typing import Any

from colprofile.errors import ArgumentError
from colprofile.report import reading, text
from colprofile.report.charts import MATRIX_COLUMNS, Matrix, matrix
from colprofile.report.downloads import Downloads, downloads
from colprofile.report.page import Frame, Origin, Section, Tile, Title, render_notebook_fragment, render_page
from colprofile.report.profile import columns as column_parts
from colprofile.report.profile import pairs as pair_parts
from colprofile.report.profile.drawings import POINTS_SHOWN, column_data
from colprofile.report.profile.facts import how_counted, kinds_of
from colprofile.report.profile.findings import NOTHING, sentences
from colprofile.report.profile.graph import graph
from colprofile.report.profile.heatmaps import heat_maps
from colprofile.report.profile.missing import missing
from colprofile.results import reading_words
from colprofile.results.findings import ProfileFindingKind
from colprofile.results.histogram import Histogram
from colprofile.results.profile import Profile
from colprofile.results.summary import BLIND_DEPENDENCE, BLIND_PEARSON, Summary, is_unseen_by_pearson

PAIRS_SHOWN = 1000
"""Pairs that the page lists: all of 45 columns'. The data frame and the JSON hold the rest."""

COLUMNS_SHOWN = 2_000
"""Columns that the page has room for: about 7 kB each. The data frame and the JSON hold the rest."""

COLUMNS_AT_ONCE = 50
"""Columns that the page shows until the reader asks for more."""

ALERTS_SHOWN = 1_000
"""Alerts that the page lists, the most severe."""

PAIRS_AT_ONCE = 200
SECTION_PAIRS = 60
SECTION_POINTS = 1_000
"""Pairs that a section of another page lists, and values that its drawings show: such a page has many of them."""

PAIRS_CARRIED = 5_000
"""Pairs that the JSON within a page may have: about 5 MB. Of a larger profile the page carries its tables only."""

TABLES = (
    ("columns", "Columns"),
    ("pairs", "Pairs"),
    ("quality", "Data quality"),
    ("missing_patterns", "Missing patterns"),
    ("example_rows", "Sample rows"),
    ("edges", "Tree"),
)

ALERT_TERMS: dict[ProfileFindingKind, str] = {
    "constant": "constant",
    "curve": "pearson",
    "exact": "exact-dependency",
    "key": "key",
    "near": "near-dependency",
    "planner": "planner-error",
    "redundant": "redundancy",
    "shared": "mutual-information",
    "together": "spearman",
}
"""The term of the glossary that explains a kind of alert."""

FRAGMENT_COLUMNS = 20
FRAGMENT_PAIRS = 10
FRAGMENT_FINDINGS = 2
"""Findings of one kind that the fragment shows."""


def render_html(profile: Profile, *, matrix_columns: int | None = None) -> str:
    """Return the report of a profile as one self-contained HTML page.

    At most 2,000 columns, 1,000 pairs and 1,000 alerts are listed and ``matrix_columns`` columns (60 by default) drawn
    in the matrix and the graph; the page says so where it leaves something out.

    Raises
    ------
    ArgumentError
        ``matrix_columns`` is below 2.
    """
    most = MATRIX_COLUMNS if matrix_columns is None else matrix_columns
    if most < 2:
        raise ArgumentError(f"matrix_columns={matrix_columns!r} is not allowed: give 2 or more")
    return _page(profile, "page", most)


def render_section(profile: Profile) -> str:
    """Return the page without its frame, as a section of another page."""
    return _page(profile, "section", MATRIX_COLUMNS)


def _page(profile: Profile, frame: Frame, most: int) -> str:
    summary = profile.summary
    is_page = frame == "page"
    pairs = profile.pairs[: PAIRS_SHOWN if is_page else SECTION_PAIRS]
    comparable = (pair for pair in pairs if pair.pearson is not None and pair.dependence is not None)
    maps = heat_maps(profile)
    columns, points = profile.columns[:COLUMNS_SHOWN], POINTS_SHOWN if is_page else SECTION_POINTS
    data = {f"c{i}": drawn for i, drawn in enumerate(column_data(columns, points)) if drawn is not None}
    told, gaps = sentences(profile), missing(profile)
    drawn_matrix, drawn_graph = _matrix(profile, most), graph(profile, summary, most)
    return render_page(
        "profile",
        _title(profile),
        _origin(profile, summary),
        tiles=_tiles(profile, summary),
        downloads=partial(_downloads, profile),
        frame=frame,
        sections=[
            *([Section("rows", "Sample", "First rows")] if profile.example_rows else []),
            Section("alerts", "Alerts", amount=text.count(len(told)) if told else ""),
            Section("columns", "Columns", amount=text.count(len(profile.columns))),
            *([Section("missing", "Missing", "Missing values")] if gaps else []),
            Section("bits", "Bits", "Bits and bytes"),
            Section("pairs", "Pairs", amount=_pairs_counted(profile)),
            *([Section("joints", "Joint distributions", amount=text.count(len(maps)))] if maps else []),
            *(drawn.section for drawn in (drawn_matrix, drawn_graph) if drawn is not None),
        ],
        drawings=(data | {map.anchor: {"spec": "joint", **map.data} for map in maps}) or None,
        anchors={column.name: f"c{index}" for index, column in enumerate(columns)},
        **_parts(profile, summary),
        profile=profile,
        alerts=told[:ALERTS_SHOWN],
        alerts_left_out=max(0, len(told) - ALERTS_SHOWN),
        missing=gaps,
        bits=_bits(profile, summary),
        is_partial=_is_partial(profile),
        possible_pairs=_possible_pairs(profile),
        columns_at_once=COLUMNS_AT_ONCE,
        pairs_at_once=PAIRS_AT_ONCE,
        columns=columns,
        columns_left_out=len(profile.columns) - len(columns),
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
    summary = profile.summary
    by_kind = groupby(sentences(profile), lambda sentence: sentence.kind)
    return render_notebook_fragment(
        "profile",
        _title(profile),
        'profile.to_html("report.html")',
        len(profile.columns) - FRAGMENT_COLUMNS,
        **_parts(profile, summary),
        alerts=[found for _, same in by_kind for found in islice(same, FRAGMENT_FINDINGS)],
        columns=profile.columns[:FRAGMENT_COLUMNS],
        pairs=summary.strongest[:FRAGMENT_PAIRS],
        evidence={},
    )


def _parts(profile: Profile, summary: Summary) -> dict[str, Any]:
    """Return what page and fragment both need to show columns and pairs."""
    return {
        "summary": summary,
        "scale": max((column.max_entropy or 0.0 for column in profile.columns), default=0.0) or 1.0,
        "has_spearman": any(pair.spearman is not None for pair in profile.pairs),
        "alert_terms": ALERT_TERMS,
        "nothing": NOTHING,
        "column_parts": column_parts,
        "pair_parts": pair_parts,
    }


def _downloads(profile: Profile) -> Downloads:
    """Return what the page's buttons write; of very many pairs or columns it is the tables of those that are shown."""
    name = profile.provenance.table or profile.provenance.source
    if len(profile.pairs) <= PAIRS_CARRIED and len(profile.columns) <= COLUMNS_SHOWN:
        return downloads(profile, name, TABLES)
    empty = Histogram(0, 0, 0)
    part = replace(
        profile,
        columns=tuple(
            replace(column, histogram=empty, fingerprint=(), top_values=())
            for column in profile.columns[:COLUMNS_SHOWN]
        ),
        pairs=profile.pairs[:PAIRS_SHOWN],
        joints=(),
        quality=profile.quality[:ALERTS_SHOWN],
        example_rows=tuple(row[:COLUMNS_SHOWN] for row in profile.example_rows),
    )
    return downloads(part, name, TABLES, is_whole=False)


def _pairs_counted(profile: Profile) -> str:
    """Return how many pairs the profile has, and of how many where it has the strongest only."""
    counted = text.count(len(profile.pairs))
    return f"{counted} strongest of {text.count(_possible_pairs(profile))}" if _is_partial(profile) else counted


def _possible_pairs(profile: Profile) -> int:
    return len(profile.columns) * (len(profile.columns) - 1) // 2


def _is_partial(profile: Profile) -> bool:
    """Whether the profile has the strongest pairs only."""
    return profile.has_pairs and len(profile.pairs) < _possible_pairs(profile)


def _title(profile: Profile) -> Title:
    made = profile.provenance
    exactness = "exact" if reading_words.is_certain(made) else how_counted(profile)
    shape = text.shape(profile.rows, len(profile.columns))
    how = reading.in_short(made)
    subtitle = " · ".join(filter(None, [how, shape, exactness, text.visible(made.created)]))
    return Title(text.source_name(made), subtitle, warnings=reading.warnings(("input", made)))


def _tiles(profile: Profile, summary: Summary) -> list[Tile]:
    """Return the plain facts: how much there is, of which kinds, what is missing or repeated."""
    columns = profile.columns
    values, nulls = profile.rows * len(columns), sum(column.nulls for column in columns)
    having = sum(column.nulls > 0 for column in columns)
    rough = "≈" if any(column.sampled_rows is not None for column in columns) else ""
    repeated, stored = profile.duplicate_rows, summary.stored_bytes
    tiles = [
        ("Rows", text.count(profile.rows), how_counted(profile)),
        ("Columns", text.count(len(columns)), kinds_of(profile)),
        (
            "Missing values",
            f"{rough if nulls else ''}{text.percent(nulls / values)}" if values else "–",
            f"in {text.plural(having, 'column')}" if having else "no NULL in the sample" if rough else "no NULL",
        ),
    ]
    if repeated is not None:
        share = text.percent(repeated / profile.rows) if profile.rows else ""
        tiles.append(("Duplicate rows", text.count(repeated), f"{share} of all" if repeated else "no row occurs twice"))
    if stored is not None:
        tiles.append(("Stored", text.size(stored), "by the source"))
    return tiles


def _bits(profile: Profile, summary: Summary) -> list[tuple[str, str, str, str]]:
    """Return the figures of the whole table in bits and bytes: term, label, figure, remark."""
    ledger, stored = profile.ledger, summary.stored_bytes
    found = [("entropy", "Bits per row", f"{summary.row_bits:,.2f}", "each column coded independently")]
    if ledger is not None:
        share = "" if ledger.redundant_share is None else text.percent(ledger.redundant_share).replace(" ", "\u00a0")
        remark = share and f"bits per row at least, {share}"
        found.append(("redundancy", "Redundant", f"{ledger.redundant_bits:,.2f}", remark))
    times = f"{stored / summary.floor_bytes:.2f} times the floor" if stored is not None and summary.floor_bytes else ""
    return [
        *found,
        ("floor", "Floor", text.size(summary.floor_bytes), "coding rows independently"),
        ("stored", "Stored", text.or_dash(stored, text.size), "not known" if stored is None else times),
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
    if not made.is_sampled:
        exactness = reading_words.certainty(made)
    else:
        exactness = "Figures marked ≈ are estimates with their interval; none of them is exact."
    nulls = {
        "ignore": "NULL is ignored: a column's figures are over its rows that are not NULL, a pair's over the rows "
        "in which neither is.",
        "value": "NULL counts as a value of its own.",
    }[made.nulls]
    chance = []
    if summary.exact_left_out and not made.is_sampled:
        verb = "is not listed as a dependency" if summary.exact_left_out == 1 else "are not listed as dependencies"
        amount = text.plural(summary.exact_left_out, "pair")
        chance = [
            f"{amount} without exception {verb}: due to chance, or because the determining column is nearly a key."
        ]
    facts = [] if made.sampled_rows is None else [("Sampled rows", text.count(made.sampled_rows))]
    return Origin.of(profile, *facts, notes=(exactness, nulls, *chance), skipped=profile.skipped)
