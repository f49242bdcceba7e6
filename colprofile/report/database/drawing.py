"""The schema as a drawing in SVG, made here: boxes with keys and references, and lines with the bits of their joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from colprofile.report import text
from colprofile.report.database.layers import Layout, Line, layout
from colprofile.report.database.schema_graph import Entity, Relation, SchemaGraph

if TYPE_CHECKING:
    from markupsafe import Markup

NAME = 30
"""Characters of a name in a box."""

CELL = 7.0
"""Pixels that a character takes, and room for wide ones."""

HEAD, ROW = 40.0, 19.0
"""Pixels of a box's heading and of one of its columns."""

LABEL_CELL = 5.8
"""Pixels that a character of a label takes."""

MARGIN = 16.0
LEAST_GAP = 80.0
"""Pixels between boxes, at least; more where labels need them."""

LEAST_BITS = 0.05
"""A join that is estimated better has no figure."""

STYLE = """
svg { background: light-dark(#ffffff, #15181d); color-scheme: light dark; }
text { font: 12px system-ui, sans-serif; fill: light-dark(#1b2430, #e6e9ee); }
.title { font-weight: 600; }
.quiet { fill: light-dark(#566273, #a0abba); font-size: 10.5px; }
.box { fill: light-dark(#f5f7fa, #1d2128); stroke: light-dark(#dde2e9, #323944); }
.head { fill: light-dark(#cfdff5, #2b3f5f); }
.edge { fill: none; stroke: light-dark(#1f5fbf, #79aaf7); stroke-width: 1.6; }
.found { stroke-dasharray: 6 4; }
.broken { stroke: light-dark(#b3261e, #ff9c94); }
.bits { font-size: 11px; }
.under { fill: light-dark(#ffffff, #15181d); }
text.broken { fill: light-dark(#b3261e, #ff9c94); stroke: none; }
"""
"""The style of a drawing that is a file of its own; a page has one of its own."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as markup, and what its lines and figures stand for in a sentence or two."""

    svg: Markup
    legend: str


def draw(graph: SchemaGraph, anchors: Mapping[str, str] | None = None, *, is_file: bool = False) -> Drawing:
    """Return the drawing; as a file of its own it brings its style and its legend.

    ``anchors`` has the anchor of each table that a page links to.
    """
    from markupsafe import Markup, escape

    sizes = [_size(entity) for entity in graph.entities]
    labels = (LABEL_CELL * len(label(relation)) for relation in graph.relations)
    gap = max(LEAST_GAP, 46 + max(labels, default=0.0))
    placed = layout(sizes, [_line(relation, graph) for relation in graph.relations], gap)
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    links = [(anchors or {}).get(entity.name) for entity in graph.entities]
    boxes = zip(graph.entities, placed.corners, sizes, links, strict=True)
    parts = [_box(entity, corner, size, link) for entity, corner, size, link in boxes]
    lines = _lines(graph, placed, sizes)
    says = legend(graph)
    amounts = text.plural(len(graph.entities), "table"), text.plural(len(graph.relations), "foreign key")
    described = f"The schema: {' and '.join(amounts)}"
    role = "group" if anchors else "img"  # an image has nothing to follow in it
    extra = f"<style>{STYLE}</style>" if is_file else ""
    foot = ""
    if is_file:
        wrapped = _wrapped(says, max(40, int(width / 6)))
        foot = "".join(
            f'<text class="quiet" x="{MARGIN}" y="{height + 14 * i:.0f}">{escape(line)}</text>'
            for i, line in enumerate(wrapped)
        )
        height += 14 * len(wrapped)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="schema" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="{role}" aria-label="{described}">'
    )
    body = "".join([*lines, *parts])
    return Drawing(Markup(f'{opening}{extra}<g transform="translate({MARGIN} {MARGIN})">{body}</g>{foot}</svg>'), says)


def legend(graph: SchemaGraph) -> str:
    """Return what the lines and figures stand for."""
    parts = [
        "A line leads from a foreign key to the key that it refers to: many rows at the forked end, one at the bar"
    ]
    statuses = {relation.status for relation in graph.relations}
    if "found" in statuses:
        parts.append("Dashed lines: foreign keys that are not declared")
    if any(relation.orphan_rows for relation in graph.relations):
        parts.append("Red: has orphans, rows that refer to no row")
    if any((relation.bits or 0.0) >= LEAST_BITS for relation in graph.relations):
        parts.append(
            "Bits: how far a planner misjudges the worst join along a line, for attribute = value; 1 bit is a factor "
            f"of 2, and a line without a figure has less than {LEAST_BITS} bits"
        )
    if graph.left_out:
        parts.append(f"Not drawn: {text.plural(graph.left_out, 'table')}")
    return ". ".join(parts) + "."


def _wrapped(sentence: str, width: int) -> list[str]:
    lines = [""]
    for word in sentence.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _size(entity: Entity) -> tuple[float, float]:
    """Return the width and height of a table's box in pixels."""
    title = 1.1 * cell_len(text.visible(entity.name, NAME))
    texts = [_amounts(entity)]
    texts += [f"{text.visible(attribute.name, NAME)}       " for attribute in entity.attributes]
    rows = len(entity.attributes) + bool(entity.left_out)
    return max(120.0, 24 + CELL * max(title, *map(cell_len, texts))), HEAD + ROW * rows + (6 if rows else 0)


def _amounts(entity: Entity) -> str:
    return text.shape(entity.rows, entity.columns)


def _port(entity: Entity, columns: Sequence[str]) -> float:
    """Return how far below a box's top the lines of columns begin: at the middle of those that it shows."""
    names = [attribute.name for attribute in entity.attributes]
    at = [names.index(column) for column in columns if column in names]
    return HEAD + ROW * (sum(at) / len(at) + 0.5) if at else HEAD / 2


def _line(relation: Relation, graph: SchemaGraph) -> Line:
    source, target = graph.entities[relation.source], graph.entities[relation.target]
    out, into = _port(source, relation.columns), _port(target, relation.target_columns)
    return Line(relation.source, relation.target, out, into)


def _box(entity: Entity, corner: tuple[float, float], size: tuple[float, float], anchor: str | None) -> str:
    from markupsafe import escape

    (x, y), (width, height) = corner, size
    name = f'<text class="title" x="{x + 10:.1f}" y="{y + 16:.1f}">{escape(text.visible(entity.name, NAME))}</text>'
    parts = [
        f'<rect class="box" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6"/>',
        f'<path class="head" d="M{x:.1f} {y + HEAD - 4:.1f}v-{HEAD - 10:.0f}q0-6 6-6h{width - 12:.1f}q6 0 6 6'
        f'v{HEAD - 10:.0f}z"/>',
        f'<a href="#{anchor}">{name}</a>' if anchor else name,
        f'<text class="quiet" x="{x + 10:.1f}" y="{y + 30:.1f}">{escape(_amounts(entity))}</text>',
    ]
    for i, attribute in enumerate(entity.attributes):
        down = y + HEAD + ROW * (i + 0.5) + 4
        mark = " ".join(["key"] * attribute.is_key + ["→"] * attribute.is_reference)
        parts.append(f'<text x="{x + 10:.1f}" y="{down:.1f}">{escape(text.visible(attribute.name, NAME))}</text>')
        if mark:
            end = x + width - 8
            parts.append(f'<text class="quiet" x="{end:.1f}" y="{down:.1f}" text-anchor="end">{mark}</text>')
    if entity.left_out:
        down = y + HEAD + ROW * (len(entity.attributes) + 0.5) + 4
        parts.append(f'<text class="quiet" x="{x + 10:.1f}" y="{down:.1f}">and {entity.left_out:,} more</text>')
    return f"<g><title>{escape(text.visible(entity.name, 200))}</title>{''.join(parts)}</g>"


def _lines(graph: SchemaGraph, placed: Layout, sizes: Sequence[tuple[float, float]]) -> list[str]:
    """Return the lines with their ends and labels; no label stands on another."""
    taken: list[tuple[float, float, float, float]] = []
    found, labels = [], []
    for relation, points, back in zip(graph.relations, placed.points, placed.is_reversed, strict=True):
        path, ends, middle = _path(relation, graph, placed, sizes, points, back)
        found.append(_edge(relation, graph, path, ends))
        says = label(relation)
        if says:
            labels.append(_label(relation, says, middle, taken))
    return [*found, *labels]


Spots = list[tuple[float, float]]
"""Places for a label, the best first."""


def _path(
    relation: Relation,
    graph: SchemaGraph,
    placed: Layout,
    sizes: Sequence[tuple[float, float]],
    points: Sequence[tuple[float, float]],
    back: bool,
) -> tuple[str, str, Spots]:
    """Return a line's path, the path of its two ends, and where its label may stand."""
    if not points:
        (x, y), (width, _) = placed.corners[relation.source], sizes[relation.source]
        line = _line(relation, graph)
        side, top, bottom = x + width, y + line.into, y + line.out
        if abs(top - bottom) < 6:
            top -= 8
        path = f"M{side:.1f} {bottom:.1f}C{side + 56:.1f} {bottom:.1f} {side + 56:.1f} {top:.1f} {side:.1f} {top:.1f}"
        ends = _end(side, bottom, 1, relation.is_one_to_one) + _end(side, top, 1, True)
        return path, ends, [(side + 46, bottom + 16), (side + 46, top - 14)]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    spots: Spots = []
    for number, ((x1, y1), (x2, y2)) in enumerate(zip(points[::2], points[1::2], strict=True)):
        path += f"L{x1:.1f} {y1:.1f}" if number else ""
        half = (x2 - x1) / 2
        path += f"C{x1 + half:.1f} {y1:.1f} {x2 - half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        if number or points[1:2] != points[2:3]:
            spots += [_on_curve((x1, y1), (x2, y2), t) for t in (0.5, 0.35, 0.65, 0.25, 0.75)]
    many, one = (points[-1], points[0]) if back else (points[0], points[-1])
    away = -1 if back else 1
    ends = _end(*many, away, relation.is_one_to_one) + _end(*one, -away, True)
    return path, ends, spots


def _on_curve(start: tuple[float, float], end: tuple[float, float], t: float) -> tuple[float, float]:
    """Return a point of the curve between two points whose ends are level."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    x = weights[0] * x1 + (weights[1] + weights[2]) * middle + weights[3] * x2
    return x, (weights[0] + weights[1]) * y1 + (weights[2] + weights[3]) * y2


def _end(x: float, y: float, away: int, is_one: bool) -> str:
    """Return a line's end: a bar for one row, a crow's foot for many."""
    if is_one:
        return f"M{x + 7 * away:.1f} {y - 5:.1f}v10"
    tip = x + 10 * away
    return f"M{x:.1f} {y - 5:.1f}L{tip:.1f} {y:.1f}L{x:.1f} {y + 5:.1f}"


def _edge(relation: Relation, graph: SchemaGraph, path: str, ends: str) -> str:
    from markupsafe import escape

    kinds = "found" if relation.status == "found" else ""
    broken = " broken" if relation.orphan_rows else ""
    return (
        f"<g><title>{escape(title(relation, graph))}</title>"
        f'<path class="edge {kinds}{broken}" d="{path}"/><path class="edge{broken}" d="{ends}"/></g>'
    )


def title(relation: Relation, graph: SchemaGraph) -> str:
    """Return everything about a reference in a line."""
    source, target = graph.entities[relation.source], graph.entities[relation.target]
    names = [
        f"{text.visible(entity.name, 60)}.{', '.join(text.visible(column, 60) for column in columns)}"
        for entity, columns in ((source, relation.columns), (target, relation.target_columns))
    ]
    parts = ["declared" if relation.status != "found" else f"not declared, {text.percent(relation.confidence)} sure"]
    if relation.orphan_rows:
        parts.append(
            f"{text.plural(relation.orphan_rows, 'row')} {'refers' if relation.orphan_rows == 1 else 'refer'} to none"
        )
    if relation.bits is not None:
        parts.append(
            f"worst join estimate {text.bits(relation.bits)} bits, {text.visible(relation.attribute or '', 60)}"
        )
    return f"{' → '.join(names)}: {'; '.join(parts)}"


def label(relation: Relation) -> str:
    """Return what stands on a line: the bits of its worst join, and its orphans; empty for neither."""
    parts = [f"{relation.bits:.2f} bits"] if relation.bits is not None and relation.bits >= LEAST_BITS else []
    parts += [text.plural(relation.orphan_rows, "orphan")] if relation.orphan_rows else []
    return ", ".join(parts)


def _label(relation: Relation, says: str, spots: Spots, taken: list[tuple[float, float, float, float]]) -> str:
    """Return the label at the first spot where it touches no other, or at the best one."""
    half = LABEL_CELL * len(says) / 2 + 3
    boxes = [(x - half, y - 8, x + half, y + 8) for x, y in spots]
    free = (i for i, box in enumerate(boxes) if not any(_overlap(box, other) for other in taken))
    i = next(free, 0)
    taken.append(boxes[i])
    x, y = spots[i]
    broken = " broken" if relation.orphan_rows else ""
    under = f'<rect class="under" x="{x - half:.1f}" y="{y - 8:.1f}" width="{2 * half:.1f}" height="16"/>'
    return f'{under}<text class="bits{broken}" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{says}</text>'


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
