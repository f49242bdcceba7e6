"""Pearson's correlation beside dependence: where the marks stand, and which pairs Pearson does not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.views import PairView
from colprofile.results.pair import PairProfile
from colprofile.results.summary import BLIND_DEPENDENCE, BLIND_PEARSON, is_unseen_by_pearson

SIDE = 200
LISTED = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A pair of numeric columns, in a square of SIDE pixels."""

    x: float
    y: float
    is_curve: bool
    title: str


@dataclass(frozen=True, slots=True)
class Correlations:
    """All marks, the corner that Pearson does not see (x, y, width, height), and the pairs in it."""

    marks: tuple[Mark, ...]
    blind: tuple[float, float, float, float]
    listed: tuple[PairView, ...]
    more: int


def correlations(pairs: Sequence[PairProfile], views: Sequence[PairView]) -> Correlations | None:
    """Return the drawing of pairs that have both figures, ``views`` being theirs in the table; None for none."""
    known = [pair for pair in pairs if pair.pearson is not None and pair.dependence is not None]
    if not known:
        return None
    unseen = [view for pair, view in zip(pairs, views, strict=True) if is_unseen_by_pearson(pair)]
    blind = (0.0, 0.0, SIDE * BLIND_PEARSON, SIDE * (1 - BLIND_DEPENDENCE))
    # Those that disagree are drawn last, above the others.
    marks = sorted(map(_mark, known), key=lambda mark: mark.is_curve)
    return Correlations(tuple(marks), blind, tuple(unseen[:LISTED]), max(0, len(unseen) - LISTED))


def _mark(pair: PairProfile) -> Mark:
    assert pair.pearson is not None
    assert pair.dependence is not None
    names = f"{text.visible(pair.x, 40)} × {text.visible(pair.y, 40)}"
    figures = f"dependence {text.coefficient(pair.dependence)}, Pearson {text.coefficient(pair.pearson)}"
    return Mark(
        round(SIDE * min(1.0, abs(pair.pearson)), 1),
        round(SIDE * (1 - pair.dependence), 1),
        is_unseen_by_pearson(pair),
        f"{names}: {figures}",
    )
