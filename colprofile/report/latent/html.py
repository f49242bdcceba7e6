"""Latent classes as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.latent import summary
from colprofile.report.page import asset, rendered, script_hash
from colprofile.report.views import Item, NameView, name_view
from colprofile.results.latent import LatentClass, LatentClasses, LatentColumn

HEIGHT = 32
FRAGMENT_TYPICAL = 5
PAGE_TYPICAL = 10


@dataclass(frozen=True, slots=True)
class TypicalView:
    """A typical value: its column, the value, how much more frequent it is, and the shares behind that."""

    name: NameView
    value: str
    lift: str
    shares: str
    width: float


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class with what tells it apart."""

    number: str
    share: str
    rows: str
    certainty: str
    typical: tuple[TypicalView, ...]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column and what its row's class tells of it."""

    name: NameView
    type: str
    entropy: str
    information: str
    told: str
    width: float
    categories: str
    missing: str


def render_html(latent: LatentClasses) -> str:
    """Return latent classes as one self-contained HTML page."""
    made = latent.provenance
    return rendered(
        "latent.html",
        **_common(latent, PAGE_TYPICAL),
        script=asset("report.js"),
        script_hash=script_hash(),
        provenance=made,
        tiles=[{"label": label, "shown": shown, "remark": remark} for label, shown, remark in summary.bounds(latent)],
        candidates=_candidates(latent),
        trace=_line(latent.trace),
        trace_ends=tuple(f"{elbo:,.3f}".replace("-", "−") for elbo in (latent.trace[0], latent.trace[-1])),
        iterations=text.count(len(latent.trace)),
        height=HEIGHT,
        columns=[_column(column) for column in latent.columns],
        notes=[text.visible(note, 500) for note in (*summary.FOOT, *latent.notes)],
        skipped=[
            {"name": name_view(item.name), "type": text.visible(item.type), "reason": text.visible(item.reason, 500)}
            for item in latent.left_out
        ],
        provenance_facts=summary.facts(latent),
        command=text.visible(made.command, 500) if made.command else None,
    )


def render_fragment(latent: LatentClasses) -> str:
    """Return the compact report that a notebook shows: the classes and what is typical of them."""
    return rendered("latent_fragment.html", **_common(latent, FRAGMENT_TYPICAL))


def _common(latent: LatentClasses, most: int) -> dict[str, Any]:
    return {
        "style": asset("report.css"),
        "headline": summary.headline(latent),
        "source": summary.source_name(latent),
        "subtitle": summary.shape(latent),
        "classes": [_class(found, most) for found in latent.classes],
    }


def _class(found: LatentClass, most: int) -> ClassView:
    shown = found.typical[:most]
    highest = max((typical.bits for typical in shown), default=0.0)
    return ClassView(
        number=str(found.number),
        share=text.percent(found.share),
        rows=text.count(found.rows),
        certainty="–" if found.certainty is None else text.percent(found.certainty),
        typical=tuple(
            TypicalView(
                name_view(typical.column),
                summary.typical_text(typical),
                text.factor(typical.lift),
                f"{text.percent(typical.share)} of the class, {text.percent(typical.table_share)} of the table",
                round(100 * typical.bits / highest, 1) if highest else 0.0,
            )
            for typical in shown
        ),
    )


def _column(column: LatentColumn) -> ColumnView:
    share = summary.told(column)
    return ColumnView(
        name=name_view(column.name),
        type=text.visible(column.type),
        entropy=text.bits(column.entropy),
        information=text.bits(column.information),
        told=text.percent(share),
        width=round(100 * share, 1),
        categories=text.count(len(column.categories)),
        missing=text.count(column.missing),
    )


def _candidates(latent: LatentClasses) -> list[Item]:
    most = max(candidate.redundancy_bits for candidate in latent.candidates)
    return [
        Item(
            f"{candidate.classes}{' – highest ELBO' if candidate.classes == len(latent.classes) else ''}",
            f"{candidate.redundancy_bits:.3f}".replace("-", "−"),
            round(100 * max(0.0, candidate.redundancy_bits) / most, 1) if most > 0 else 0.0,
        )
        for candidate in latent.candidates
    ]


def _line(trace: Sequence[float]) -> str:
    """Return the ELBO by iteration as an SVG path in a box of 100 × HEIGHT; empty for a single point."""
    low, high = trace[0], trace[-1]
    if len(trace) < 2 or high <= low:
        return ""
    points = (
        f"{100 * i / (len(trace) - 1):.4g} {HEIGHT - (HEIGHT - 2) * (value - low) / (high - low) - 1:.4g}"
        for i, value in enumerate(trace)
    )
    return "M" + "L".join(points)
