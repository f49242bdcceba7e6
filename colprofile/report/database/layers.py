"""Where boxes and the lines between them stand: a layered layout, the same each time, without overlaps.

Boxes stand in layers from left to right so that lines run to the right; what cannot, because references go round in a
circle, runs back. A line that passes layers has a place of its own in each, so that it crosses no box. The order within
a layer is improved by barycentres, and the heights by isotonic regression towards the neighbours (Sugiyama et al. 1981;
Gansner et al. 1993).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAP_DOWN = 26.0
"""Pixels between two boxes of a layer."""

LINE_ROOM = 22.0
"""Pixels that a line takes where it passes a layer."""

SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be drawn: from a box at ``out`` pixels below its top to another at ``into`` pixels below its."""

    source: int
    target: int
    out: float
    into: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Left upper corners of the boxes, the points of each line from left to right, and the size of it all.

    A line of points (x, y): those of even number begin a piece that curves to the next, those of odd number end one;
    between pieces the line runs straight. A piece that ends where the next begins leads out of a layer.
    ``is_reversed`` says of each line that its left end is at its target. A line from a box to itself has no points.
    """

    corners: tuple[tuple[float, float], ...]
    points: tuple[tuple[tuple[float, float], ...], ...]
    is_reversed: tuple[bool, ...]
    width: float
    height: float


class _Node:
    """A box, or the place of a line in a layer that it passes."""

    __slots__ = ("height", "layer", "left", "right", "width", "y")

    def __init__(self, width: float, height: float, layer: int) -> None:
        self.width, self.height, self.layer = width, height, layer
        self.y = 0.0
        self.left: list[tuple[_Node, float, float]] = []
        self.right: list[tuple[_Node, float, float]] = []


def layout(sizes: Sequence[tuple[float, float]], lines: Sequence[Line], gap: float) -> Layout:
    """Return where boxes of these widths and heights stand, connected ones together, and the lines between them.

    ``gap`` is what lies between two layers, where lines and their labels are. All lengths are pixels.
    """
    corners = [(0.0, 0.0)] * len(sizes)
    points: list[tuple[tuple[float, float], ...]] = [()] * len(lines)
    is_reversed = [False] * len(lines)
    parts = []
    for members in _components(len(sizes), lines):
        own = [i for i, line in enumerate(lines) if line.source in members]
        parts.append((members, own, _connected(members, sizes, [lines[i] for i in own], gap)))
    most = max((part[2].width for part in parts), default=0.0)
    limit = max(1100.0, most)
    x = y = shelf = width = 0.0
    for members, own, part in sorted(parts, key=lambda part: -len(part[0])):
        if x and x + part.width > limit:
            x, y, shelf = 0.0, y + shelf + 2 * GAP_DOWN, 0.0
        for number, (left, top) in zip(members, part.corners, strict=True):
            corners[number] = (left + x, top + y)
        for number, path, back in zip(own, part.points, part.is_reversed, strict=True):
            points[number] = tuple((px + x, py + y) for px, py in path)
            is_reversed[number] = back
        width = max(width, x + part.width)
        x, shelf = x + part.width + gap / 2, max(shelf, part.height)
    return Layout(tuple(corners), tuple(points), tuple(is_reversed), width, y + shelf)


def _components(amount: int, lines: Iterable[Line]) -> list[list[int]]:
    """Return the boxes that lines connect, in groups."""
    group = list(range(amount))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for line in lines:
        a, b = sorted((root(line.source), root(line.target)))
        group[b] = a
    found: dict[int, list[int]] = {}
    for number in range(amount):
        found.setdefault(root(number), []).append(number)
    return list(found.values())


def _connected(
    members: Sequence[int], sizes: Sequence[tuple[float, float]], lines: Sequence[Line], gap: float
) -> Layout:
    """Return the layout of boxes that are connected, in the members' order."""
    proper = [line for line in lines if line.source != line.target]
    back = _back(members, proper)
    ends = [(line.target, line.source) if i in back else (line.source, line.target) for i, line in enumerate(proper)]
    layer = _layers(members, ends)
    nodes = {number: _Node(*sizes[number], layer[number]) for number in members}
    chains = []
    for i, (line, (left, right)) in enumerate(zip(proper, ends, strict=True)):
        start, end = (line.into, line.out) if i in back else (line.out, line.into)
        chains.append(_chain(nodes[left], nodes[right], start, end))
    rows = _ordered([*nodes.values(), *(node for chain in chains for node in chain[1:-1])])
    _heights(rows)
    lefts, width = _lefts(rows, gap)
    top = min((node.y for row in rows for node in row), default=0.0)
    for row in rows:
        for node in row:
            node.y -= top
    paths = {}
    for i, (line, chain) in enumerate(zip(proper, chains, strict=True)):
        start, end = (line.into, line.out) if i in back else (line.out, line.into)
        paths[id(line)] = (_points(chain, start, end, lefts, rows), i in back)
    found = [paths.get(id(line), ((), False)) for line in lines]
    loops = gap / 2 if len(proper) < len(lines) else 0.0
    return Layout(
        tuple((lefts[nodes[number].layer], nodes[number].y) for number in members),
        tuple(path for path, _ in found),
        tuple(reversed_ for _, reversed_ in found),
        width + loops,
        max((node.y + node.height for row in rows for node in row), default=0.0),
    )


def _back(members: Sequence[int], lines: Sequence[Line]) -> set[int]:
    """Return the lines, by number, that close a circle: without them, or turned round, there is none."""
    following: dict[int, list[tuple[int, int]]] = {number: [] for number in members}
    for i, line in enumerate(lines):
        following[line.source].append((i, line.target))
    incoming = {line.target for line in lines}
    state = dict.fromkeys(members, 0)
    found: set[int] = set()
    # Boxes that nothing refers to come first: a walk from them meets circles where they are entered.
    for first in sorted(members, key=lambda number: (number in incoming, number)):
        stack = [(first, iter(following[first]))] if not state[first] else []
        state[first] = state[first] or 1
        while stack:
            number, rest = stack[-1]
            for i, target in rest:
                if state[target] == 1:
                    found.add(i)
                elif not state[target]:
                    state[target] = 1
                    stack.append((target, iter(following[target])))
                    break
            else:
                state[number] = 2
                stack.pop()
    return found


def _layers(members: Sequence[int], ends: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return the layer of each box: right of all that refer to it, and no further from its neighbours than it must."""
    layer = dict.fromkeys(members, 0)
    for _ in members:
        before = dict(layer)
        for left, right in ends:
            layer[right] = max(layer[right], layer[left] + 1)
        if layer == before:
            break
    for _ in members:
        before = dict(layer)
        for number in members:
            rights = [layer[right] for left, right in ends if left == number]
            lefts = [layer[left] for left, right in ends if right == number]
            if len(rights) > len(lefts):
                layer[number] = min(rights) - 1
        if layer == before:
            break
    lowest = min(layer.values())
    return {number: at - lowest for number, at in layer.items()}


def _chain(left: _Node, right: _Node, start: float, end: float) -> list[_Node]:
    """Return the nodes of a line from left to right, a place in each layer that it passes, and connect them."""
    between = [_Node(0.0, LINE_ROOM, at) for at in range(left.layer + 1, right.layer)]
    chain = [left, *between, right]
    middle = LINE_ROOM / 2
    for a, b in pairwise(chain):
        out, into = start if a is left else middle, end if b is right else middle
        a.right.append((b, out, into))
        b.left.append((a, into, out))
    return chain


def _ordered(nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Return the nodes of each layer from the top down, in the best order that sweeps over the layers find."""
    rows: list[list[_Node]] = [[] for _ in range(1 + max(node.layer for node in nodes))]
    for node in nodes:
        rows[node.layer].append(node)
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        is_right = sweep % 2 == 0
        for row in rows if is_right else reversed(rows):
            place = {id(node): i for other in rows for i, node in enumerate(other)}
            # A place of many rows in a box: lines that leave it further down go further down.
            mean = {
                id(node): sum(place[id(n)] + into / (n.height + 1) for n, _, into in near) / len(near)
                if (near := node.left if is_right else node.right)
                else place[id(node)]
                for node in row
            }
            row.sort(key=lambda node: mean[id(node)])
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[_Node]]) -> int:
    """Return how often lines between neighbouring layers cross."""
    found = 0
    for row, following in pairwise(rows):
        place = {id(node): i for i, node in enumerate(following)}
        ends = [((i, out), (place[id(b)], into)) for i, node in enumerate(row) for b, out, into in node.right]
        ends.sort()
        for i, (_, end) in enumerate(ends):
            found += sum(later < end for _, later in ends[i + 1 :])
    return found


def _heights(rows: Sequence[Sequence[_Node]]) -> None:
    """Give each node its height: near those that it is connected to, in its order, without an overlap."""
    for row in rows:
        y = 0.0
        for node in row:
            node.y = y
            y += node.height + GAP_DOWN
    for sweep in range(2 * SWEEPS):
        is_right = sweep % 2 == 0
        for row in rows if is_right else reversed(rows):
            wanted = []
            for node in row:
                near = (node.left if is_right else node.right) or [*node.left, *node.right]
                wanted.append(sum(n.y + into - out for n, out, into in near) / len(near) if near else node.y)
            _place(row, wanted)


def _place(row: Sequence[_Node], wanted: Sequence[float]) -> None:
    """Place the nodes of a layer as near to where they want to be as order and gaps allow, by least squares."""
    offsets, offset = [], 0.0
    for node in row:
        offsets.append(offset)
        offset += node.height + (GAP_DOWN if node.width else GAP_DOWN / 4)
    # Pool adjacent violators: blocks of (mean, size), their means in rising order.
    blocks: list[tuple[float, int]] = []
    for want, down in zip(wanted, offsets, strict=True):
        mean, size = want - down, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        blocks.append((mean, size))
    places = [mean for mean, size in blocks for _ in range(size)]
    for node, at, down in zip(row, places, offsets, strict=True):
        node.y = at + down


def _lefts(rows: Sequence[Sequence[_Node]], gap: float) -> tuple[list[float], float]:
    """Return where each layer begins, and how wide all of them are."""
    lefts, x = [], 0.0
    for row in rows:
        lefts.append(x)
        x += max((node.width for node in row), default=0.0) + gap
    return lefts, x - gap


def _points(
    chain: Sequence[_Node], start: float, end: float, lefts: Sequence[float], rows: Sequence[Sequence[_Node]]
) -> tuple[tuple[float, float], ...]:
    """Return the points of a line: it runs straight to the end of its box's layer, and through those that it passes."""

    def right_of(layer: int) -> float:
        return lefts[layer] + max(other.width for other in rows[layer])

    first, last = chain[0], chain[-1]
    side, end_of_layer, y = lefts[first.layer] + first.width, right_of(first.layer), first.y + start
    found = [(side, y)] if side == end_of_layer else [(side, y), (end_of_layer, y), (end_of_layer, y)]
    for node in chain[1:-1]:
        y = node.y + node.height / 2
        found += [(lefts[node.layer], y), (right_of(node.layer), y)]
    return (*found, (lefts[last.layer], last.y + end))
