"""A comparison as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.drift import summary
from colprofile.report.page import asset, rendered, script_hash
from colprofile.report.views import Figure, NameView, figure, name_view
from colprofile.results.drift import ColumnDrift, Drift, Overlay

HEIGHT = 32
FRAGMENT_COLUMNS = 20
PARTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class OverlayView:
    """Two histograms as SVG paths in one box of ``width`` × HEIGHT, with what stands under its ends."""

    stale: str
    fresh: str
    width: int
    first: str
    last: str
    label: str
    rest: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One row of the contributions."""

    label: str
    stale: str
    fresh: str
    bits: str
    width: float


@dataclass(frozen=True, slots=True)
class DriftView:
    """One row of the columns table with its details."""

    name: NameView
    verdict: str
    type: str
    why: str
    kl: Figure
    factor: Figure
    unseen: Figure
    nulls: Figure
    p_value: Figure
    chart: OverlayView | None
    parts: tuple[PartView, ...]
    facts: tuple[tuple[str, Figure], ...]
    remarks: tuple[str, ...]


def render_html(drift: Drift) -> str:
    """Return a comparison as one self-contained HTML page."""
    columns = summary.gravest_first(drift)
    return rendered(
        "drift.html",
        **_common(drift),
        script=asset("report.js"),
        script_hash=script_hash(),
        provenance={"version": drift.colprofile_version},
        tiles=_tiles(drift),
        columns=[_view(column, f"c{index}") for index, column in enumerate(columns)],
        column_amount=text.count(len(columns)),
        notes=[text.visible(note, 500) for note in (*summary.FOOT, *drift.notes)],
        skipped=[],
        provenance_facts=[(label, text.visible(shown, 500)) for label, shown in summary.facts(drift)],
        command=text.visible(drift.command, 500) if drift.command else None,
    )


def render_fragment(drift: Drift) -> str:
    """Return the compact report that a notebook shows: the columns that matter most."""
    columns = summary.gravest_first(drift)
    left_out = len(columns) - FRAGMENT_COLUMNS
    return rendered(
        "drift_fragment.html",
        **_common(drift),
        columns=[_view(column, None) for column in columns[:FRAGMENT_COLUMNS]],
        left_out=f"{text.plural(left_out, 'more column')} not shown. " if left_out > 0 else "",
    )


def _common(drift: Drift) -> dict[str, Any]:
    return {
        "style": asset("report.css"),
        "stale": summary.source_name(drift.stale),
        "fresh": summary.source_name(drift.fresh),
        "headline": summary.headline(drift),
        "subtitle": f"{drift.stale_rows:,} → {text.plural(drift.fresh_rows, 'row')}",
        "height": HEIGHT,
    }


def _tiles(drift: Drift) -> list[dict[str, str]]:
    """Return the figures at the top: a label, the figure, a remark."""
    remarks = {
        "broken": "gone or of another type",
        "drifted": "real, and it matters",
        "added": "new columns",
        "explained": "as keys, clocks and names do",
        "noise": "sampling alone explains it",
        "same": f"at most {drift.tolerance:g} bits",
    }
    tiles = [("Stale rows", text.count(drift.stale_rows), ""), ("Fresh rows", text.count(drift.fresh_rows), "")]
    tiles += [
        (verdict.capitalize(), text.count(amount), remarks[verdict]) for verdict, amount in summary.amounts(drift)
    ]
    return [{"label": label, "shown": shown, "remark": remark} for label, shown, remark in tiles]


def _view(column: ColumnDrift, anchor: str | None) -> DriftView:
    why = column.undefined
    side = column.fresh or column.stale
    return DriftView(
        name=name_view(column.name, anchor),
        verdict=column.verdict,
        type=_types(column),
        why=summary.why(column, 500),
        kl=_marked(column),
        factor=_figure(column.cardinality_factor, summary.rows_off(column), why.get("cardinality_factor")),
        unseen=figure(column.unseen_mass, text.percent, why.get("unseen_mass")),
        nulls=_figure(side.null_share if side else None, summary.nulls(column), None),
        p_value=_figure(column.adjusted_p_value, summary.p_value(column), why.get("adjusted_p_value")),
        chart=_overlay(column.overlay),
        parts=_parts(column),
        facts=tuple(_facts(column)),
        remarks=tuple(_remarks(column)),
    )


def _figure(value: float | None, shown: str, reason: str | None) -> Figure:
    if value is None:
        return Figure("–", None, text.visible(reason or "there is nothing to compare", 300))
    return Figure(shown, float(value))


def _marked(column: ColumnDrift) -> Figure:
    return _figure(column.kl_divergence, summary.kl(column), column.undefined.get("kl_divergence"))


def _types(column: ColumnDrift) -> str:
    sides = [text.visible(side.type, 60) for side in (column.stale, column.fresh) if side is not None]
    return " → ".join(dict.fromkeys(sides))


def _facts(column: ColumnDrift) -> list[tuple[str, Figure]]:
    why = column.undefined
    rows: list[tuple[str, Figure]] = [
        ("KL(fresh ‖ stale), bits", _marked(column)),
        ("expected of sampling, bits", figure(column.noise_floor, text.bits, why.get("noise_floor"))),
        ("KL(stale ‖ fresh), bits", figure(column.reverse_kl_divergence, text.bits, why.get("reverse_kl_divergence"))),
        ("Jensen-Shannon, bits", figure(column.js_divergence, text.bits, why.get("js_divergence"))),
        ("PSI", figure(column.psi, text.bits, why.get("psi"))),
        ("entropy, bits", figure(column.entropy, text.bits, why.get("entropy"))),
        ("cross entropy, bits", figure(column.cross_entropy, text.bits, why.get("cross_entropy"))),
        ("unseen", figure(column.unseen_mass, text.percent, why.get("unseen_mass"))),
        ("vanished", figure(column.vanished_mass, text.percent, why.get("vanished_mass"))),
        ("KL of being NULL, bits", figure(column.null_bits, text.bits, why.get("null_bits"))),
        ("cells compared", figure(column.cells, text.count, None)),
    ]
    if column.stale is not None and column.fresh is not None:
        rows.append(("distinct", Figure(f"{column.stale.distinct:,} → {column.fresh.distinct:,}", 0.0)))
    return rows


def _remarks(column: ColumnDrift) -> list[str]:
    remarks = []
    if column.is_interpolated:
        remarks.append("The two sides' bins differ: rows within a bin were split as if nothing had changed inside.")
    elif column.is_lower_bound:
        remarks.append("Compared by bins or hash buckets: the divergences are lower bounds.")
    if column.smoothed:
        names = ", ".join(name.replace("_", " ") for name in column.smoothed)
        remarks.append(f"Smoothed, as a side has no row in some cell: {names}.")
    return remarks


def _parts(column: ColumnDrift) -> tuple[PartView, ...]:
    most = max((part.bits for part in column.contributions), default=0.0)
    return tuple(
        PartView(
            summary.cell_label(part),
            summary.share(part.stale_share),
            summary.share(part.fresh_share),
            text.bits(part.bits),
            round(100 * part.bits / most, 1) if most else 0.0,
        )
        for part in column.contributions[:PARTS_SHOWN]
    )


def _overlay(overlay: Overlay | None) -> OverlayView | None:
    if overlay is None or not overlay.stale:
        return None
    most = max(*overlay.stale, *overlay.fresh)
    if not most:
        return None
    if overlay.edges:
        first, last = (text.data_value(overlay.edges[end], 30) for end in (0, -1))
        label = f"Both sides' distributions from {first} to {last}"
    else:
        first, last = (text.data_value(overlay.values[end], 24) for end in (0, -1))
        label = f"Shares of the {text.plural(len(overlay.values), 'most frequent value')} on both sides"
    rest = ""
    if overlay.stale_rest or overlay.fresh_rest:
        rest = f"not drawn: {text.percent(overlay.stale_rest)} → {text.percent(overlay.fresh_rest)}"
    return OverlayView(
        _bars(overlay.stale, most), _bars(overlay.fresh, most), 4 * len(overlay.stale), first, last, label, rest
    )


def _bars(shares: Sequence[float], most: float) -> str:
    """Return bars of width 3 in steps of 4 as one path; no bar with rows vanishes."""
    parts = []
    for index, share in enumerate(shares):
        if share > 0:
            height = max(1.0, HEIGHT * share / most)
            parts.append(f"M{4 * index}.5 {HEIGHT}v-{height:.3g}h3v{height:.3g}z")
    return "".join(parts)
