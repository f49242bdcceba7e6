"""The joint distributions of the strongest pairs as small heat maps: where a cell stands and how dark it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.charts import LEVELS
from colprofile.report.views import Names, NameView
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.summary import is_unseen_by_pearson

LABEL = 26
"""Characters of a value beside a heat map."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A heat map in a box of ``width`` × ``height`` cells, y upwards.

    ``shades`` holds for each shade that occurs its level and one path of all its cells.
    """

    anchor: str
    pair: PairProfile
    x: NameView
    y: NameView
    width: int
    height: int
    shades: tuple[tuple[int, str], ...]
    x_ends: tuple[str, str]
    y_ends: tuple[str, str]
    figures: str
    is_curve: bool
    label: str
    data: dict[str, Any]


def heat_maps(profile: Profile, names: Names) -> list[HeatMap]:
    """Return the heat maps of a profile's joint distributions, strongest pair first."""
    pairs = {(pair.x, pair.y): pair for pair in profile.pairs}
    found = [(joint, pairs[joint.x, joint.y]) for joint in profile.joints if (joint.x, joint.y) in pairs]
    return [_heat_map(joint, pair, f"j{index}", names) for index, (joint, pair) in enumerate(found)]


def _turned(joint: Joint, pair: PairProfile) -> Joint:
    """Return the joint distribution with the column that tells more of the other as x."""
    forward, backward = pair.x_to_y, pair.y_to_x
    if forward is None or backward is None:
        return joint
    if (forward.uncertainty_coefficient or 0.0) >= (backward.uncertainty_coefficient or 0.0):
        return joint
    counts = tuple(zip(*joint.counts, strict=True))
    return Joint(joint.y, joint.x, joint.y_categories, joint.x_categories, counts)


def _heat_map(joint: Joint, pair: PairProfile, anchor: str, names: Names) -> HeatMap:
    joint = _turned(joint, pair)
    x_labels, y_labels = _labels(joint.x_categories), _labels(joint.y_categories)
    x, y = names[joint.x], names[joint.y]
    figures = [f"dependence {text.coefficient(pair.dependence or 0.0)}"]
    if pair.mutual_information is not None:
        figures.append(f"{text.bits(pair.mutual_information)} bits")
    if pair.pearson is not None:
        figures.append(f"Pearson {text.coefficient(pair.pearson)}")
    return HeatMap(
        anchor=anchor,
        pair=pair,
        x=x,
        y=y,
        width=len(x_labels),
        height=len(y_labels),
        shades=_shades(joint.counts),
        x_ends=(x_labels[0], x_labels[-1]) if x_labels else ("", ""),
        y_ends=(y_labels[0], y_labels[-1]) if y_labels else ("", ""),
        figures=" · ".join(figures),
        is_curve=is_unseen_by_pearson(pair),
        label=f"Joint distribution of {x.shown} and {y.shown}, {len(x_labels)} × {len(y_labels)} cells",
        data={"x": x.shown, "y": y.shown, "xs": x_labels, "ys": y_labels, "n": joint.counts},
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


def _labels(categories: tuple[Category, ...]) -> list[str]:
    return [category_label(category) for category in categories]


def category_label(category: Category, width: int = LABEL) -> str:
    """Return what a category holds, short.

    >>> category_label(Category("range", 5, None, 1, 3, 3)), category_label(Category("rest", 7, distinct=4))
    ('1 … 3', '4 other values')
    >>> category_label(Category("null", 2)), category_label(Category("value", 2, "a"))
    ('NULL', 'a')
    """
    if category.kind == "null":
        return "NULL"
    if category.kind == "rest":
        return text.plural(category.distinct, "other value")
    if category.kind == "value":
        return text.data_value(category.value, width)
    if category.low == category.high:
        return text.data_value(category.low, width)
    return f"{text.data_value(category.low, width // 2 + 8)} … {text.data_value(category.high, width // 2 + 8)}"
