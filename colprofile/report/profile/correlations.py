"""Pearson's correlation and dependence in one drawing: where the marks stand, and which pairs Pearson misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.pair import PairProfile
from colprofile.results.summary import BLIND_DEPENDENCE, BLIND_PEARSON, is_unseen_by_pearson

SIDE = 200
LISTED = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A pair of numeric columns, in a square of SIDE pixels."""

    x: float
    y: float
    is_unseen: bool
    title: str


@dataclass(frozen=True, slots=True)
class Correlations:
    """All marks, the corner of the pairs that Pearson misses (width and height), and the first of these pairs."""

    marks: tuple[Mark, ...]
    corner: tuple[float, float]
    listed: tuple[PairProfile, ...]
    more: int


def correlations(pairs: Sequence[PairProfile]) -> Correlations | None:
    """Return the drawing of the pairs that have both figures; None for none."""
    # Those that disagree are drawn last, above the others.
    marks = sorted(filter(None, map(_mark, pairs)), key=lambda mark: mark.is_unseen)
    if not marks:
        return None
    unseen = tuple(filter(is_unseen_by_pearson, pairs))
    corner = (SIDE * BLIND_PEARSON, SIDE * (1 - BLIND_DEPENDENCE))
    return Correlations(tuple(marks), corner, unseen[:LISTED], max(0, len(unseen) - LISTED))


def _mark(pair: PairProfile) -> Mark | None:
    if pair.pearson is None or pair.dependence is None:
        return None
    names = f"{text.visible(pair.x, 40)} × {text.visible(pair.y, 40)}"
    return Mark(
        round(SIDE * min(1.0, abs(pair.pearson)), 1),
        round(SIDE * (1 - pair.dependence), 1),
        is_unseen_by_pearson(pair),
        f"{names}: dependence {text.coefficient(pair.dependence)}, Pearson {text.coefficient(pair.pearson)}",
    )
