"""The dependency graph of an audit as a drawing: what determines on the left, what is determined on the right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.audit import summary
from colprofile.report.charts import LABEL_WIDTH
from colprofile.results.audit import Audit

DEPENDENCIES_SHOWN = 60
LINE = 22
"""Pixels from one line to the next."""

LABEL_PIXELS = 7.2
ROOM = 220
"""Pixels between the two sides."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Labels, each with its height, that end at ``start`` and begin at ``end``, and curves between them.

    A curve has its path, "exact" or "near", and its tooltip.
    """

    start: int
    end: int
    left: dict[str, int]
    right: dict[str, int]
    curves: tuple[tuple[str, str, str], ...]
    width: int
    height: int


def graph(audit: Audit) -> Graph | None:
    """Return the drawing of the dependencies with most bits; None without any."""
    found = [
        (
            ", ".join(text.visible(name, LABEL_WIDTH) for name in finding.columns),
            text.visible(target, LABEL_WIDTH),
            finding,
        )
        for finding in audit.of_kind("duplicate", "computed", "bijection", "dependency", "near")
        for target in finding.targets
    ][:DEPENDENCIES_SHOWN]
    if not found:
        return None
    left, right = _heights(source for source, _, _ in found), _heights(target for _, target, _ in found)
    start = 16 + int(LABEL_PIXELS * max(map(len, left)))
    end = start + ROOM
    curves = []
    for source, target, finding in found:
        y1, y2 = left[source], right[target]
        path = f"M{start + 6} {y1}C{start + ROOM // 2} {y1} {end - ROOM // 2} {y2} {end - 6} {y2}"
        curves.append((path, "near" if finding.kind == "near" else "exact", summary.statement(finding)))
    width = end + 16 + int(LABEL_PIXELS * max(map(len, right)))
    height = LINE * max(len(left), len(right))
    return Graph(start, end, left, right, tuple(curves), width, height)


def _heights(labels: Iterable[str]) -> dict[str, int]:
    """Return the height of each label in pixels, from the top down."""
    return {label: LINE * i + LINE // 2 for i, label in enumerate(dict.fromkeys(labels))}
