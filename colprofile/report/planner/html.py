"""A planner report as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.page import asset, rendered, script_hash
from colprofile.report.planner import summary
from colprofile.report.views import Figure, Item, NameView, figure, name_view
from colprofile.results.planner import (
    ColumnStatistics,
    GroupStatistics,
    Measurement,
    PairStatistics,
    PlannerReport,
)

PAIRS_SHOWN = 500
FRAGMENT_COLUMNS = 10
BARS_SHOWN = 30
SIZE, LOW, HIGH = 560, 56, 508
"""The picture's side, and where its axes begin and end, in pixels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the picture in pixels; ``after`` is where it is with the advice."""

    kind: str
    x: float
    y: float
    after: float | None
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A step of both axes: its place on each, and what stands there."""

    x: float
    y: float
    shown: str


def render_html(report: PlannerReport) -> str:
    """Return the report as one self-contained HTML page; at most 500 pairs are listed."""
    return rendered(
        "planner.html",
        **_common(report),
        script=asset("report.js"),
        script_hash=script_hash(),
        provenance=report.provenance,
        tiles=_tiles(report),
        picture=_picture(report),
        columns=[_column(column, index, report) for index, column in enumerate(report.columns)],
        pairs=[_pair(pair, report) for pair in report.pairs[:PAIRS_SHOWN]],
        pairs_left_out=_left_out(report),
        groups=[_group(group) for group in report.groups],
        statement_amount=text.plural(len(report.statements), "statement"),
        notes=[text.visible(note, 500) for note in report.notes],
        skipped=[
            {
                "name": name_view(column.name),
                "type": text.visible(column.type),
                "reason": text.visible(column.reason, 500),
            }
            for column in report.skipped
        ],
        provenance_facts=_facts(report),
        command=text.visible(report.provenance.command, 500) if report.provenance.command else None,
    )


def render_fragment(report: PlannerReport) -> str:
    """Return the compact report that a notebook shows: columns that ask for something, and the advice."""
    worst = summary.worst_columns(report)
    left = len(report.columns) - min(len(worst), FRAGMENT_COLUMNS)
    return rendered(
        "planner_fragment.html",
        **_common(report),
        columns=[_column(column, None, report) for column in worst[:FRAGMENT_COLUMNS]],
        left_out=f"{text.plural(left, 'more column')} not shown. " if left else "",
    )


def _common(report: PlannerReport) -> dict[str, Any]:
    """Return what page and fragment both need."""
    return {
        "style": asset("report.css") + asset("planner.css"),
        "table": text.visible(report.quoted, 200),
        "subtitle": f"{summary.sizes(report)} · {summary.freshness(report)} · {text.visible(report.server, 40)}",
        "script_text": _visible_lines(report.script()),
        "is_explained": report.is_explained,
        "is_verified": report.is_verified,
    }


def _visible_lines(sql: str) -> str:
    """Return SQL with its lines, and within them everything visible."""
    return "\n".join(text.visible(line, 2000) if line else "" for line in sql.rstrip("\n").split("\n"))


def _tiles(report: PlannerReport) -> list[dict[str, str]]:
    stale = [column for column in report.columns if column.verdict in ("stale", "never analysed")]
    pairs = summary.shown_pairs(report)
    tiles = (
        ("Rows", text.count(report.rows), f"the planner assumes {report.planner_rows:,}"),
        ("Worst error", f"{report.worst_error:.2f} bits", text.factor(2.0**report.worst_error)),
        ("Stale columns", text.count(len(stale)), f"of {text.plural(len(report.columns), 'column')}"),
        ("Dependent pairs", text.count(len(pairs)), "taken for independent, or served"),
        ("Advice", text.plural(len(report.statements), "statement"), ""),
        ("EXPLAIN", _asked(report), ""),
    )
    return [{"label": label, "shown": shown, "remark": remark} for label, shown, remark in tiles]


def _asked(report: PlannerReport) -> str:
    return "before and after" if report.is_verified else "before" if report.is_explained else "not asked"


def _picture(report: PlannerReport) -> dict[str, Any]:
    """Return the scatter of predicted and measured errors, or bars where nothing was measured."""
    found = summary.points(report)
    measured = [point for point in found if point.measured is not None]
    ends = [
        value for point in measured for value in (point.predicted, point.measured, point.after) if value is not None
    ]
    low, high = min([0.0, *ends]), max([0.1, *ends])
    step = _step(high - low)
    low, high = step * (low // step), step * -(-high // step)

    def across(value: float) -> float:
        return round(LOW + (value - low) / (high - low) * (HIGH - LOW), 1)

    def up(value: float) -> float:
        return round(HIGH - (value - low) / (high - low) * (HIGH - LOW), 1)

    most = max((abs(point.predicted) for point in found), default=0.0) or 1.0
    return {
        "is_measured": bool(measured),
        "is_verified": report.is_verified,
        "size": SIZE,
        "low": LOW,
        "high": HIGH,
        "label": f"Predicted and measured errors of {text.plural(len(measured), 'column, pair or group')}",
        "agreement": summary.agreement(report),
        "ticks": [
            Tick(across(low + step * index), up(low + step * index), f"{low + step * index:g}")
            for index in range(round((high - low) / step) + 1)
        ],
        "marks": [
            Mark(
                kind=point.kind,
                x=across(point.predicted),
                y=up(point.measured or 0.0),
                after=None if point.after is None else up(point.after),
                title=_title(point),
            )
            for point in measured
        ],
        "bars": [
            Item(point.label, f"{point.predicted:.2f} bits", round(100 * abs(point.predicted) / most, 1))
            for point in found[:BARS_SHOWN]
        ],
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


def _title(point: summary.Point) -> str:
    after = "" if point.after is None else f", {point.after:.3f} with the advice"
    return f"{point.label}: predicted {point.predicted:.3f}, measured {point.measured or 0.0:.3f} bits{after}"


def _column(column: ColumnStatistics, index: int | None, report: PlannerReport) -> dict[str, Any]:
    why = column.undefined
    figures = [
        figure(column.kl_divergence, _bits, why.get("kl_divergence")),
        figure(column.q_error, text.factor, why.get("q_error")),
        figure(column.q_error_90, text.factor, why.get("q_error_90")),
        figure(column.unseen_share, text.percent, why.get("unseen_share")),
        figure(column.range_divergence, _bits, why.get("range_divergence")),
        figure(column.distinct_factor, lambda value: f"{value:.2g}×", why.get("distinct_factor")),
        figure(column.fresh_error, _bits, why.get("fresh_error")),
        *_measured(report, column.measured, column.measured_after),
    ]
    return {
        "name": name_view(column.name, None if index is None else f"c{index}"),
        "type": text.visible(column.type),
        "verdict": column.verdict,
        "asks": column.verdict != "fine",
        "reason": text.visible(column.reason, 300),
        "figures": figures,
        "facts": _column_facts(column),
        "worst": [
            Item(
                text.data_value(value.value, 40),
                f"{text.plural(value.rows, 'row')}, {text.percent(value.estimated_share)} estimated for "
                f"{text.percent(value.share)} ({_off(value.factor)})",
            )
            for value in column.worst
        ],
    }


def _off(factor: float) -> str:
    """Return a factor as words: how far too low or too high.

    >>> _off(4.0), _off(0.5), _off(1.004)
    ('4.0× too low', '2.0× too high', 'right')
    """
    if max(factor, 1 / factor) < 1.05:
        return "right"
    return f"{text.factor(factor)} too low" if factor > 1 else f"{text.factor(1 / factor)} too high"


def _column_facts(column: ColumnStatistics) -> list[tuple[str, str]]:
    def known(value: float | None, shown: str) -> str:
        return "–" if value is None else shown

    return [
        ("distinct values", text.count(column.distinct)),
        ("distinct values, saved", known(column.saved_distinct, text.number(round(column.saved_distinct or 0.0)))),
        ("NULL rows", text.percent(column.nulls / column.rows if column.rows else 0.0)),
        ("NULL rows, saved", known(column.saved_null_share, text.percent(column.saved_null_share or 0.0))),
        ("statistics target", text.count(column.statistics_target)),
        ("saved values", text.count(column.saved_values)),
        ("saved bins", text.count(column.saved_bins)),
        ("largest q-error", known(column.q_error_max, text.factor(column.q_error_max or 1.0))),
        (
            "largest error of a share below a bound",
            known(column.range_distance, text.percent(column.range_distance or 0)),
        ),
        ("correlation with storage", known(column.correlation, text.coefficient(column.correlation or 0.0))),
    ]


def _measured(report: PlannerReport, before: Measurement | None, after: Measurement | None) -> list[Figure]:
    """Return the figures of EXPLAIN that were asked for."""
    asked = [(report.is_explained, before), (report.is_verified, after)]
    return [
        figure(None if found is None else found.error, _bits, "not explained") for is_asked, found in asked if is_asked
    ]


def _bits(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def _pair(pair: PairStatistics, report: PlannerReport) -> dict[str, Any]:
    found = pair.evidence
    figures = [
        figure(pair.mutual_information, _bits, None),
        figure(pair.planner_factor, text.factor, None),
        figure(None if found is None else found.predicted_error, _bits, "not examined"),
        figure(None if found is None else found.predicted_after, _bits, "nothing is advised"),
        *_measured(report, pair.measured, pair.measured_after),
    ]
    shown = pair.verdict in ("advised", "covered", "over budget")
    return {
        "x": name_view(pair.x),
        "y": name_view(pair.y),
        "verdict": pair.verdict,
        "kinds": summary.kinds(pair) if shown else "",
        "figures": figures,
        "reason": text.visible(pair.reason, 400),
    }


def _left_out(report: PlannerReport) -> str:
    cut = len(report.pairs) - PAIRS_SHOWN
    parts = [f"{text.plural(report.pairs_left_out, 'pair')} share too little to be listed."] * bool(
        report.pairs_left_out
    )
    if cut > 0:
        parts.append(f"{text.plural(cut, 'more pair')} are in report.pairs_frame() and --json.")
    return " ".join(parts)


def _group(group: GroupStatistics) -> dict[str, Any]:
    names: list[NameView] = [name_view(name) for name in group.columns]
    return {"names": names, "bits": f"{group.bits:.2f}", "reason": text.visible(group.reason, 400)}


def _facts(report: PlannerReport) -> list[tuple[str, str]]:
    made = report.provenance
    extended = ", ".join(
        f"{text.visible(item.name)} on {summary.label(item.columns)} ({', '.join(item.kinds)})"
        for item in report.extended
    )
    return [
        ("Database", text.visible(made.source, 500)),
        ("Table", f"{text.visible(report.quoted, 200)}, {report.kind}"),
        ("Extended statistics", extended or "none"),
        ("Made", text.visible(made.created)),
        ("Took", text.seconds(made.duration)),
        ("By", f"colprofile {text.visible(made.version)}"),
    ]
