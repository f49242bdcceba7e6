"""The dependency graph as a drawing: the Chow–Liu tree on the left, exact dependencies as arcs on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.page import Section
from colprofile.results.ledger import TreeEdge
from colprofile.results.profile import Profile
from colprofile.results.single_dependencies import SingleDependency
from colprofile.results.summary import Summary

LINE = 24
"""Pixels from one column to the next."""

INDENT = 22
LABEL_WIDTH = 30
LABEL_PIXELS = 7.4
THICKEST = 7.0
REACH = 16
"""Pixels that an arc reaches out for each line that it spans, at most 150."""


@dataclass(frozen=True, slots=True)
class Node:
    """A column: where its label begins, and what is written after it."""

    x: int
    y: int
    label: str
    remark: str
    leader: str


@dataclass(frozen=True, slots=True)
class Branch:
    """An edge of the tree: a path, how thick it is, and what it says."""

    path: str
    thickness: float
    title: str


@dataclass(frozen=True, slots=True)
class Arc:
    """An exact dependency: a path from the column that determines to the one that follows."""

    path: str
    head: str
    title: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The drawing, in pixels."""

    nodes: tuple[Node, ...]
    branches: tuple[Branch, ...]
    arcs: tuple[Arc, ...]
    width: int
    height: int
    left_out: int

    @property
    def section(self) -> Section:
        """The section of a page that shows it."""
        return Section("graph", "Graph", "Dependency graph", text.count(len(self.nodes)))


@dataclass(slots=True)
class _Place:
    """Where a column stands in the tree."""

    name: str
    depth: int
    parent: str | None
    bits: float


def graph(profile: Profile, summary: Summary, most: int) -> Graph | None:
    """Return the tree of at most ``most`` columns with the exact dependencies among them; None without an edge.

    Each tree begins at the column that shares most bits with others; below each column come those that hang from it,
    the one with most bits first.
    """
    edges = profile.edges[: most - 1]
    if not edges:
        return None
    places = list(_outline(edges))
    lines = {place.name: number for number, place in enumerate(places)}
    thickest = edges[0].bits
    nodes, branches = [], []
    widest = max(_end(place) for place in places) + 12
    for number, place in enumerate(places):
        x, y = 8 + INDENT * place.depth, LINE * number + LINE // 2
        remark = "" if place.parent is None else text.bits(place.bits)
        nodes.append(Node(x, y, text.visible(place.name, LABEL_WIDTH), remark, f"M{_end(place)} {y}H{widest}"))
        if place.parent is not None:
            top = LINE * lines[place.parent] + LINE // 2 + 8
            path = f"M{x - INDENT + 6} {top}V{y}H{x - 4}"
            title = f"{text.visible(place.parent, 40)} and {text.visible(place.name, 40)} share {remark} bits"
            branches.append(Branch(path, round(max(1.0, THICKEST * place.bits / thickest), 1), title))
    branches.sort(key=lambda branch: -branch.thickness)
    arcs = tuple(_arcs(summary.exact, lines, widest))
    # A column that leads to no arc needs no line to the arcs' side.
    ends = {name for found in summary.exact for name in (found.source, found.target)}
    nodes = [
        node if place.name in ends and arcs else Node(node.x, node.y, node.label, node.remark, "")
        for node, place in zip(nodes, places, strict=True)
    ]
    width = widest + (170 if arcs else 8)
    return Graph(tuple(nodes), tuple(branches), arcs, width, LINE * len(places), len(profile.edges) - len(edges))


def _end(place: _Place) -> int:
    """Return where a column's label and remark end."""
    characters = len(text.visible(place.name, LABEL_WIDTH)) + (0 if place.parent is None else 7)
    return 8 + INDENT * place.depth + round(LABEL_PIXELS * characters) + 10


def _outline(edges: Sequence[TreeEdge]) -> Iterator[_Place]:
    """Yield the columns of every tree from its root down, in the order in which they are drawn."""
    near: dict[str, list[tuple[float, str]]] = {}
    for edge in edges:
        near.setdefault(edge.x, []).append((edge.bits, edge.y))
        near.setdefault(edge.y, []).append((edge.bits, edge.x))
    seen: set[str] = set()
    for root in sorted(near, key=lambda name: -sum(bits for bits, _ in near[name])):
        if root in seen:
            continue
        waiting = [_Place(root, 0, None, 0.0)]
        while waiting:
            place = waiting.pop()
            seen.add(place.name)
            yield place
            below = [(bits, name) for bits, name in near[place.name] if name not in seen]
            below.sort(key=lambda item: item[0])
            waiting += [_Place(name, place.depth + 1, place.name, bits) for bits, name in below]


def _arcs(exact: Sequence[SingleDependency], lines: dict[str, int], start: int) -> Iterator[Arc]:
    for found in exact:
        if found.source not in lines or found.target not in lines:
            continue
        top, bottom = (LINE * lines[name] + LINE // 2 for name in (found.source, found.target))
        reach = min(150, REACH * abs(lines[found.source] - lines[found.target]))
        path = f"M{start} {top}C{start + reach} {top} {start + reach} {bottom} {start + 6} {bottom}"
        source, target = text.visible(found.source, 40), text.visible(found.target, 40)
        heads = [bottom, top] if found.is_mutual else [bottom]
        title = f"{source} and {target} determine each other" if found.is_mutual else f"{source} determines {target}"
        yield Arc(path, "".join(f"M{start} {y}l9 -4v8z" for y in heads), title)
