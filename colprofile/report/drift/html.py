"""A comparison as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from colprofile.report import reading, text
from colprofile.report.charts import HEIGHT, WIDTH, Chart, bars, places, steps
from colprofile.report.downloads import downloads
from colprofile.report.drift import summary
from colprofile.report.page import Frame, Origin, Section, Tile, Title, created, render_notebook_fragment, render_page
from colprofile.results.drift import Drift, Overlay, Verdict

FRAGMENT_COLUMNS = 20
CONTRIBUTIONS_SHOWN = 10

MEANINGS: dict[Verdict, str] = {
    "broken": "missing or of another type",
    "drifted": "real and large enough to matter",
    "added": "new columns",
    "explained": "expected of keys, timestamps and names",
    "noise": "explained by sampling alone",
    "same": "at most {tolerance:g} bits",
}


def render_html(drift: Drift) -> str:
    """Return a comparison as one self-contained HTML page."""
    return _page(drift, "page")


def render_section(drift: Drift) -> str:
    """Return the page without its frame, as a section of another page."""
    return _page(drift, "section")


def _page(drift: Drift, frame: Frame) -> str:
    columns = summary.most_severe_first(drift)
    return render_page(
        "drift",
        _title(drift),
        _origin(drift),
        tiles=_tiles(drift),
        downloads=partial(downloads, drift, drift.fresh.table or drift.fresh.source, (("columns", "Columns"),)),
        frame=frame,
        sections=[Section("columns", "Columns", amount=text.count(len(columns)))],
        columns=columns,
        anchors={column.name: f"c{index}" for index, column in enumerate(columns)},
        contributions_shown=CONTRIBUTIONS_SHOWN,
        **_PARTS,
    )


def render_fragment(drift: Drift) -> str:
    """Return the compact report that a notebook shows: the columns that matter most."""
    columns = summary.most_severe_first(drift)
    return render_notebook_fragment(
        "drift",
        _title(drift),
        'drift.to_html("drift.html")',
        len(columns) - FRAGMENT_COLUMNS,
        columns=columns[:FRAGMENT_COLUMNS],
        **_PARTS,
    )


def _title(drift: Drift) -> Title:
    subtitle = f"{drift.stale_rows:,} → {text.plural(drift.fresh_rows, 'row')}"
    return Title(
        summary.headline(drift),
        subtitle,
        (text.source_name(drift.stale), text.source_name(drift.fresh)),
        warnings=reading.warnings(("stale input", drift.stale), ("fresh input", drift.fresh)),
    )


def _tiles(drift: Drift) -> list[Tile]:
    return [
        ("Stale rows", text.count(drift.stale_rows), ""),
        ("Fresh rows", text.count(drift.fresh_rows), ""),
        *(
            (verdict.capitalize(), text.count(amount), MEANINGS[verdict].format(tolerance=drift.tolerance))
            for verdict, amount in summary.amounts(drift)
        ),
    ]


def _overlay(overlay: Overlay | None) -> Chart | None:
    """Return two histograms laid over each other, with what stands under their ends."""
    most = max((0.0, *overlay.stale, *overlay.fresh)) if overlay is not None else 0.0
    if overlay is None or not most:
        return None
    if overlay.edges:
        first, last = (text.data_value((overlay.ends or overlay.edges)[end], 30) for end in (0, -1))
        label = f"Both sides' distributions from {first} to {last}"
    else:
        first, last = (text.data_value(overlay.values[end], 24) for end in (0, -1))
        label = f"Shares of the {text.plural(len(overlay.values), 'most frequent value')} on both sides"
    rest = ""
    if overlay.stale_rest or overlay.fresh_rest:
        rest = f"not drawn: {text.percent(overlay.stale_rest)} → {text.percent(overlay.fresh_rest)}"
    sides = ("stale", overlay.stale), ("fresh", overlay.fresh)
    if overlay.edges:
        across = places(overlay.edges)
        paths = tuple((side, steps([_height(share, most) for share in shares], across)) for side, shares in sides)
        return Chart(paths, WIDTH, label, first, last, rest)
    paths = tuple((side, bars(shares, most)) for side, shares in sides)
    return Chart(paths, 4 * len(overlay.stale), label, first, last, rest)


def _height(share: float, most: float) -> float:
    """Return how high a bar is; no bar with rows vanishes."""
    return max(1.0, HEIGHT * share / most) if share > 0 else 0.0


_PARTS: dict[str, Any] = {"summary": summary, "overlay": _overlay}
"""What page and fragment both need to show columns."""


def _origin(drift: Drift) -> Origin:
    sides = ("Stale", drift.stale, drift.stale_rows), ("Fresh", drift.fresh, drift.fresh_rows)
    return Origin(
        facts=(
            *(
                (side, f"{text.source_name(made)}, {text.plural(rows, 'row')}, {text.visible(made.created)}")
                for side, made, rows in sides
            ),
            *((f"{side}: {label.lower()}", value) for side, made, _ in sides for label, value in reading.details(made)),
            ("Tolerance", f"{drift.tolerance:g} bits"),
            ("Significance", f"{drift.significance:g}, corrected for the number of columns"),
            ("Smoothing", f"{drift.smoothing:g} rows per cell, where a side has none"),
            *created(drift.created, drift.duration, drift.colprofile_version),
        ),
        version=drift.colprofile_version,
        command=drift.command,
        notes=(*summary.LEGEND, *drift.notes),
    )
