"""A planner report as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from colprofile.report import text
from colprofile.report.downloads import downloads
from colprofile.report.page import Frame, Origin, Section, Tile, Title, render_notebook_fragment, render_page
from colprofile.report.planner import summary
from colprofile.results.planner import EstimateError, PlannerReport

PAIRS_SHOWN = 500
FRAGMENT_COLUMNS = 10
BARS_SHOWN = 30
TABLES = ("columns", "Columns"), ("pairs", "Pairs"), ("groups", "Groups"), ("statements", "Advice")
SIZE, LOW, HIGH = 560, 56, 508
"""The side of the drawing of errors, and where its axes begin and end, in pixels."""


def render_html(report: PlannerReport) -> str:
    """Return the report as one self-contained HTML page; at most 500 pairs are listed."""
    return _page(report, "page")


def render_section(report: PlannerReport) -> str:
    """Return the page without its frame, as a section of another page."""
    return _page(report, "section")


def _page(report: PlannerReport, frame: Frame) -> str:
    measured = [point for point in report.errors if point.measured is not None]
    pairs = report.pairs[:PAIRS_SHOWN]
    groups = [Section("groups", "Groups", summary.GROUPS, text.count(len(report.groups)))] if report.groups else []
    statements = text.plural(len(report.statements), "statement")
    return render_page(
        "planner",
        _title(report),
        _origin(report),
        tiles=_tiles(report),
        downloads=partial(downloads, report, report.provenance.table or report.quoted, TABLES),
        frame=frame,
        sections=[
            Section("errors", "Errors", "Predicted and measured errors" if measured else "Predicted errors"),
            Section("columns", "Columns", amount=text.count(len(report.columns))),
            Section("pairs", "Pairs", summary.PAIRS, text.count(len(pairs))),
            *groups,
            Section("advice", "Advice", amount=statements),
        ],
        anchors={column.name: f"c{index}" for index, column in enumerate(report.columns)},
        points=report.errors[:BARS_SHOWN],
        scatter=_scatter(measured) if measured else None,
        agreement=summary.agreement(report),
        pairs=pairs,
        left_out=_left_out(report),
        **_parts(report),
    )


def render_fragment(report: PlannerReport) -> str:
    """Return the compact report that a notebook shows: columns that need something, and the advice."""
    worst = summary.worst_columns(report)
    return render_notebook_fragment(
        "planner",
        _title(report),
        'report.to_html("planner.html")',
        len(report.columns) - min(len(worst), FRAGMENT_COLUMNS),
        columns=worst[:FRAGMENT_COLUMNS],
        **_parts(report),
    )


def _parts(report: PlannerReport) -> dict[str, Any]:
    """Return what page and fragment both need."""
    return {"report": report, "summary": summary, "script_text": text.visible_lines(report.script().rstrip("\n"), 2000)}


def _title(report: PlannerReport) -> Title:
    facts = (summary.sizes(report), summary.freshness(report), text.visible(report.server, 40))
    return Title(text.visible(report.quoted, 200), " · ".join(facts))


def _tiles(report: PlannerReport) -> list[Tile]:
    stale = [column for column in report.columns if column.verdict in ("stale", "never analysed")]
    pairs = summary.listed_pairs(report)
    asked = "before and after" if report.is_verified else "before" if report.is_explained else "not run"
    return [
        ("Rows", text.count(report.rows), f"the planner assumes {report.planner_rows:,}"),
        ("Worst error", f"{report.worst_error:.2f} bits", text.power_of_two(report.worst_error)),
        ("Stale columns", text.count(len(stale)), f"of {text.plural(len(report.columns), 'column')}"),
        ("Dependent pairs", text.count(len(pairs)), "assumed independent, or covered"),
        ("Advice", text.plural(len(report.statements), "statement"), ""),
        ("EXPLAIN", asked, ""),
    ]


def _scatter(measured: list[EstimateError]) -> dict[str, Any]:
    """Return the drawing of predicted against measured errors: pixels of an error across and up, ticks, marks."""
    ends = [
        value for point in measured for value in (point.predicted, point.measured, point.after) if value is not None
    ]
    low, high = min([0.0, *ends]), max([0.1, *ends])
    step = _step(high - low)
    low, high = step * (low // step), step * -(-high // step)
    pixels = (HIGH - LOW) / (high - low)
    return {
        "size": SIZE,
        "low": LOW,
        "high": HIGH,
        "across": lambda value: round(LOW + (value - low) * pixels, 1),
        "up": lambda value: round(HIGH - (value - low) * pixels, 1),
        "ticks": [low + step * index for index in range(round((high - low) / step) + 1)],
        "marks": [(point, _point_title(point)) for point in measured],
    }


def _step(span: float) -> float:
    """Return a round distance between ticks, so that there are about six.

    >>> _step(8.9), _step(0.5), _step(30)
    (2.0, 0.1, 5.0)
    >>> _step(1e6)
    200000.0
    """
    power = 10.0 ** math.floor(math.log10(span / 6))
    return next(power * digit for digit in (1, 2, 5, 10) if span / (power * digit) <= 6)


def _point_title(point: EstimateError) -> str:
    after = "" if point.after is None else f", {point.after:.3f} with the advice"
    errors = f"predicted {point.predicted:.3f}, measured {point.measured or 0.0:.3f} bits"
    return f"{summary.label(point.columns)}: {errors}{after}"


def _left_out(report: PlannerReport) -> str:
    cut = len(report.pairs) - PAIRS_SHOWN
    parts = []
    if report.pairs_left_out:
        parts.append(f"{text.plural(report.pairs_left_out, 'pair')} with too few shared bits are not listed.")
    if cut > 0:
        parts.append(f"{text.plural(cut, 'more pair')} are in report.pairs_frame() and --json.")
    return " ".join(parts)


def _origin(report: PlannerReport) -> Origin:
    extended = ", ".join(
        f"{text.visible(item.name)} on {summary.label(item.columns)} ({', '.join(item.kinds)})"
        for item in report.extended
    )
    facts = ("Kind", report.kind), ("Extended statistics", extended or "none")
    return Origin.of(report, *facts, skipped=report.skipped)
