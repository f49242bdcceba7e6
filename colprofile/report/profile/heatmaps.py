"""The joint distributions of the strongest pairs as small heat maps: where a cell stands and how dark it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.charts import LEVELS
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile

LABEL = 26
"""Characters of a value next to a heat map."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A heat map in a box of ``width`` × ``height`` cells, y upwards.

    ``shades`` holds for each shade that occurs its level and one path of all its cells.
    """

    anchor: str
    pair: PairProfile
    x: str
    y: str
    x_labels: tuple[str, ...]
    y_labels: tuple[str, ...]
    shades: tuple[tuple[int, str], ...]
    figures: str
    label: str
    data: dict[str, Any]


def heat_maps(profile: Profile) -> list[HeatMap]:
    """Return the heat maps of a profile's joint distributions, strongest pair first."""
    pairs = {(pair.x, pair.y): pair for pair in profile.pairs}
    found = [(joint, pairs[joint.x, joint.y]) for joint in profile.joints if (joint.x, joint.y) in pairs]
    return [_heat_map(_turned(joint, pair), pair, f"j{index}") for index, (joint, pair) in enumerate(found)]


def _turned(joint: Joint, pair: PairProfile) -> Joint:
    """Return the joint distribution with the column that explains more of the other as x."""
    forward, backward = pair.x_to_y, pair.y_to_x
    if forward is None or backward is None:
        return joint
    if (forward.uncertainty_coefficient or 0.0) >= (backward.uncertainty_coefficient or 0.0):
        return joint
    counts = tuple(zip(*joint.counts, strict=True))
    return Joint(joint.y, joint.x, joint.y_categories, joint.x_categories, counts)


def _heat_map(joint: Joint, pair: PairProfile, anchor: str) -> HeatMap:
    x_labels, y_labels = (tuple(map(_label, side)) for side in (joint.x_categories, joint.y_categories))
    x, y = text.visible(joint.x), text.visible(joint.y)
    figures = [f"dependence {text.coefficient(pair.dependence or 0.0)}"]
    if pair.mutual_information is not None:
        figures.append(f"{text.bits(pair.mutual_information)} bits")
    if pair.pearson is not None:
        figures.append(f"Pearson {text.coefficient(pair.pearson)}")
    return HeatMap(
        anchor=anchor,
        pair=pair,
        x=joint.x,
        y=joint.y,
        x_labels=x_labels,
        y_labels=y_labels,
        shades=_shades(joint.counts),
        figures=" · ".join(figures),
        label=f"Joint distribution of {x} and {y}, {len(x_labels)} × {len(y_labels)} cells",
        data={"x": x, "y": y, "xs": x_labels, "ys": y_labels, "n": joint.counts},
    )


def _shades(counts: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, str], ...]:
    """Return for each shade the cells that have it: their share of the rows in their column of cells."""
    paths: dict[int, list[str]] = {}
    for i, column in enumerate(counts):
        rows = sum(column)
        for j, count in enumerate(column):
            if count:
                level = max(1, min(LEVELS, round(LEVELS * count / rows)))
                paths.setdefault(level, []).append(f"M{i} {len(column) - 1 - j}h1v1h-1z")
    return tuple((level, "".join(paths[level])) for level in sorted(paths))


def _label(category: Category) -> str:
    others = text.plural(category.distinct, "other value")
    return text.category(category.kind, category.value, category.low, category.high, LABEL, others)
