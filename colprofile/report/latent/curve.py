"""The bits saved by number of classes as a drawing, on true axes: a search may leave numbers of classes out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.latent import summary
from colprofile.results.base import amount
from colprofile.results.latent import LatentClasses

MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawing, in pixels: ticks as (place, label), points as (x, y, tooltip, whether it is the chosen number)."""

    path: str
    points: tuple[tuple[float, float, str, bool], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    label: str
    note: str

    width, height = 560, 220
    left, right, top, bottom = 56, 540, 12, 172


def curve(latent: LatentClasses) -> Curve:
    """Return the bits per row that each number of classes saves."""
    candidates = sorted(latent.candidates, key=lambda candidate: candidate.classes)
    first, last = candidates[0].classes, candidates[-1].classes
    saved = [candidate.redundancy_bits for candidate in candidates]
    low, high = min(0.0, *saved), max(0.0, *saved)
    high = high if high > low else low + 1.0

    def across(classes: int) -> float:
        return round(Curve.left + (Curve.right - Curve.left) * (classes - first) / max(1, last - first), 1)

    def up(bits: float) -> float:
        return round(Curve.bottom - (Curve.bottom - Curve.top) * (bits - low) / (high - low), 1)

    points = []
    for candidate in candidates:
        title = f"{amount(candidate.classes, 'class')}: {text.bits(candidate.redundancy_bits)} bits"
        is_chosen = summary.is_chosen(candidate, latent)
        points.append((across(candidate.classes), up(candidate.redundancy_bits), title, is_chosen))
    step = max(1, math.ceil((last - first + 1) / MOST_TICKS))
    x_ticks = tuple((across(classes), str(classes)) for classes in range(first, last + 1, step))
    y_ticks = tuple((up(bits), f"{bits:.3g}") for bits in dict.fromkeys((low, 0.0, (low + high) / 2, high)))
    chosen = len(latent.classes)
    return Curve(
        path="M" + "L".join(f"{x} {y}" for x, y, _, _ in points),
        points=tuple(points),
        x_ticks=x_ticks,
        y_ticks=y_ticks,
        label=f"Bits per row saved by {first} to {last} classes; {chosen} has the highest ELBO",
        note=f"{chosen} has the highest ELBO",
    )
