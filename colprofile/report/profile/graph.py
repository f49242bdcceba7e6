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
    """A column: its line and depth in the tree, the column above it and the bits that they share."""

    name: str
    line: int
    depth: int
    parent: str | None
    bits: float

    @property
    def x(self) -> int:
        """Where the label begins, in pixels."""
        return 8 + INDENT * self.depth

    @property
    def y(self) -> int:
        """The middle of the line, in pixels."""
        return LINE * self.line + LINE // 2

    @property
    def label(self) -> str:
        """The name, cut where it is long."""
        return text.visible(self.name, LABEL_WIDTH)

    @property
    def end(self) -> int:
        """Where label and bits end, in pixels."""
        characters = len(self.label) + (0 if self.parent is None else 7)
        return self.x + round(LABEL_PIXELS * characters) + 10


@dataclass(frozen=True, slots=True)
class Path:
    """A line of the drawing: an edge of the tree with its thickness, or an arc with the heads of its arrow."""

    path: str
    title: str
    thickness: float = 0.0
    heads: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """The drawing, in pixels; ``arcs_from`` is where arcs begin, and ``linked`` are the columns that have any."""

    nodes: tuple[Node, ...]
    branches: tuple[Path, ...]
    arcs: tuple[Path, ...]
    arcs_from: int
    linked: frozenset[str]
    left_out: int

    @property
    def width(self) -> int:
        """Of the drawing."""
        return self.arcs_from + (170 if self.arcs else 8)

    @property
    def height(self) -> int:
        """Of the drawing."""
        return LINE * len(self.nodes)

    @property
    def section(self) -> Section:
        """The section of a page that shows it."""
        return Section("graph", "Graph", "Dependency graph", text.count(len(self.nodes)))


def graph(profile: Profile, summary: Summary, most: int) -> Graph | None:
    """Return the tree of at most ``most`` columns with the exact dependencies among them; None without an edge.

    Each tree begins at the column that shares most bits with others; below each column come its neighbours in the
    tree, the one with most bits first.
    """
    edges = profile.edges[: most - 1]
    if not edges:
        return None
    nodes = {node.name: node for node in _nodes(edges)}
    branches = [
        _branch(nodes[node.parent], node, edges[0].bits or 1.0) for node in nodes.values() if node.parent is not None
    ]
    branches.sort(key=lambda branch: -branch.thickness)
    start = max(node.end for node in nodes.values()) + 12
    exact = [found for found in summary.exact if found.source in nodes and found.target in nodes]
    arcs = tuple(_arc(found, nodes[found.source], nodes[found.target], start) for found in exact)
    linked = frozenset(name for found in exact for name in (found.source, found.target))
    return Graph(tuple(nodes.values()), tuple(branches), arcs, start, linked, len(profile.edges) - len(edges))


def _nodes(edges: Sequence[TreeEdge]) -> Iterator[Node]:
    """Yield the columns of every tree from its root down, in the order in which they are drawn."""
    neighbours: dict[str, list[tuple[float, str]]] = {}
    for edge in edges:
        neighbours.setdefault(edge.x, []).append((edge.bits, edge.y))
        neighbours.setdefault(edge.y, []).append((edge.bits, edge.x))
    seen: set[str] = set()
    for root in sorted(neighbours, key=lambda name: -sum(bits for bits, _ in neighbours[name])):
        waiting: list[tuple[str, int, str | None, float]] = [] if root in seen else [(root, 0, None, 0.0)]
        while waiting:
            name, depth, parent, bits = waiting.pop()
            yield Node(name, len(seen), depth, parent, bits)
            seen.add(name)
            below = sorted((item for item in neighbours[name] if item[1] not in seen), key=lambda item: item[0])
            waiting += [(child, depth + 1, name, shared) for shared, child in below]


def _branch(parent: Node, child: Node, thickest: float) -> Path:
    path = f"M{child.x - INDENT + 6} {parent.y + 8}V{child.y}H{child.x - 4}"
    names = f"{text.visible(parent.name, 40)} and {text.visible(child.name, 40)}"
    thickness = round(max(1.0, THICKEST * child.bits / thickest), 1)
    return Path(path, f"{names} share {text.bits(child.bits)} bits", thickness)


def _arc(found: SingleDependency, source: Node, target: Node, start: int) -> Path:
    reach = start + min(150, REACH * abs(source.line - target.line))
    path = f"M{start} {source.y}C{reach} {source.y} {reach} {target.y} {start + 6} {target.y}"
    names = text.visible(source.name, 40), text.visible(target.name, 40)
    title = (
        f"{names[0]} and {names[1]} determine each other" if found.is_mutual else f"{names[0]} determines {names[1]}"
    )
    heads = [target.y, source.y] if found.is_mutual else [target.y]
    return Path(path, title, heads="".join(f"M{start} {y}l9 -4v8z" for y in heads))
