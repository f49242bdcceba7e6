"""Pictures of a schema: nothing lies on anything else, whatever refers to what, and no name leaves its place."""

from __future__ import annotations

import html
import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from colprofile.errors import ArgumentError, ResultError
from colprofile.report import text
from colprofile.report.database.diagram import dot, mermaid, svg
from colprofile.report.database.drawing import draw
from colprofile.report.database.layers import Layout, Line, layout
from colprofile.report.database.schema_graph import schema_graph
from colprofile.results.schema import JoinError
from tests.support import database_results
from tests.support.database_results import drawn, foreign_key, join, numbered

Box = tuple[float, float, float, float]


def boxes_of(placed: Layout, sizes: list[tuple[float, float]]) -> list[Box]:
    return [(x, y, x + w, y + h) for (x, y), (w, h) in zip(placed.corners, sizes, strict=True)]


def along(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Points of a line as it is drawn: curves with level ends, and straight pieces between them."""
    found = []
    for (x1, y1), (x2, y2) in zip(points[::2], points[1::2], strict=True):
        for step in range(21):
            t = step / 20
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append((a * x1 + (b + c) * (x1 + x2) / 2 + d * x2, (a + b) * y1 + (c + d) * y2))
    return found


def random_schema(seed: int) -> tuple[list[tuple[float, float]], list[Line]]:
    chance = random.Random(seed)
    amount = chance.choice([1, 2, 5, 9, 17, 25, 40])
    sizes = [(chance.uniform(120, 260), chance.uniform(60, 260)) for _ in range(amount)]
    lines = []
    for _ in range(chance.randrange(2 * amount)):
        a, b = chance.randrange(amount), int(amount * chance.random() ** 2)
        lines.append(Line(a, b, chance.uniform(30, sizes[a][1]), chance.uniform(30, sizes[b][1])))
    return sizes, lines


@pytest.mark.parametrize("seed", range(40))
def test_boxes_stand_apart_and_no_line_crosses_one(seed: int) -> None:
    sizes, lines = random_schema(seed)
    placed = layout(sizes, lines, 100.0)
    boxes = boxes_of(placed, sizes)
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= placed.width + 1e-6 and 0 <= top < bottom <= placed.height + 1e-6
    for line, points, back in zip(lines, placed.points, placed.is_reversed, strict=True):
        if line.source == line.target:
            assert points == ()
            continue
        first, last = (line.target, line.source) if back else (line.source, line.target)
        down = (line.into, line.out) if back else (line.out, line.into)
        assert points[0] == pytest.approx((boxes[first][2], boxes[first][1] + down[0]))
        assert points[-1] == pytest.approx((boxes[last][0], boxes[last][1] + down[1]))
        assert all(b[0] >= a[0] for a, b in pairwise(points))
        for x, y in along(points):
            assert not any(box[0] + 1 < x < box[2] - 1 and box[1] + 1 < y < box[3] - 1 for box in boxes)
    assert layout(sizes, lines, 100.0) == placed


def test_lines_run_to_the_right_but_for_one_of_each_circle() -> None:
    sizes = [(120.0, 80.0)] * 5
    lines = [Line(a, b, 50.0, 50.0) for a, b in ((0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 4))]
    placed = layout(sizes, lines, 100.0)
    assert sum(placed.is_reversed) == 1
    lefts = [x for x, _ in placed.corners]
    assert lefts[2] < lefts[3] < lefts[4]


def test_few_lines_cross() -> None:
    """A tree can be drawn without a crossing, and two rows whose order is mixed up too."""
    tree = [Line(i, (i - 1) // 2, 50.0, 50.0) for i in range(1, 15)]
    mixed = [Line(i, 6 + (5 * i + 2) % 6, 50.0, 50.0) for i in range(6)]
    for amount, lines in ((15, tree), (12, mixed)):
        placed = layout([(120.0, 80.0)] * amount, lines, 100.0)
        ends = [(points[0], points[-1]) for points in placed.points]
        for (a, b), (c, d) in combinations(ends, 2):
            if a[0] == c[0] and b[0] == d[0]:
                assert (a[1] - c[1]) * (b[1] - d[1]) >= 0


def parsed(shown: str) -> ET.Element:
    return ET.fromstring(re.sub(r"[\ud800-\udfff]", "?", shown))


SPACE = "{http://www.w3.org/2000/svg}"


def test_a_drawing_is_xml_with_every_table_key_and_reference() -> None:
    audit = database_results.hostile()
    root = parsed(svg(audit))
    assert {element.tag for element in root.iter()} <= {
        SPACE + tag for tag in ("svg", "style", "g", "title", "rect", "path", "text")
    }
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key]
    titles = [title.text for title in root.iter(f"{SPACE}title")]
    words = [element.text for element in root.iter(f"{SPACE}text")]
    for table in audit.tables:
        assert text.visible(table.name, 200) in titles
        assert text.visible(table.name, 30) in words
    assert sum("→" in (title or "") and "declared" in (title or "") for title in titles) == len(
        audit.schema.foreign_keys
    )
    assert words.count("7 orphans") + sum((word or "").endswith(", 7 orphans") for word in words) == 7


def test_labels_do_not_lie_on_each_other() -> None:
    chance = random.Random(3)
    audit = numbered(12, [(a, chance.randrange(a)) for a in range(1, 12) for _ in range(2)])
    errors = tuple(
        JoinError(join((key.table, key.columns, key.target, key.target_columns)), "x", 1.25, 1, 2.0)
        for key in audit.schema.foreign_keys
    )
    shown = parsed(svg(replace(audit, schema=replace(audit.schema, join_errors=errors))))
    under = [r for r in shown.iter(f"{SPACE}rect") if r.get("class") == "under"]
    boxes = [tuple(float(r.get(k, "0")) for k in ("x", "y", "width", "height")) for r in under]
    assert len(boxes) == len(errors)
    overlaps = [1 for a, b in combinations(boxes, 2) if abs(a[0] - b[0]) < a[2] - 0.2 and abs(a[1] - b[1]) < a[3] - 0.2]
    assert len(overlaps) <= 1


def test_a_line_says_what_it_stands_for() -> None:
    references = [(f"t{i}", (f"r{i}",), "t9", ("id",)) for i in range(4)]
    tables = {f"t{i}": ["id", f"r{i}"] for i in (*range(4), 9)}
    keys = (
        foreign_key(references[0], "declared"),
        foreign_key(references[1], "found"),
        foreign_key(references[2], "violated", orphans=3),
        foreign_key(references[3], "found", is_one=True),
    )
    errors = (
        JoinError(join(references[0]), "id", 0.5, 1, 2.0),
        JoinError(join(references[0]), "name", 1.5, 1, 2.0),
        JoinError(join(references[1]), "id", 0.01, 1, 2.0),
    )
    audit = drawn(tables, references, foreign_keys=keys, join_errors=errors)
    shown = svg(audit)
    assert ">1.50 bits<" in shown and ">3 orphans<" in shown and "0.01 bits<" not in shown
    assert "t0.r0 → t9.id: declared; worst join estimate 1.500 bits, name" in html.unescape(shown)
    assert "t1.r1 → t9.id: not declared, 97.0 % sure" in html.unescape(shown)
    assert shown.count('class="edge found"') == 2 and shown.count('class="edge  broken"') == 1
    assert 'label="A line leads from' in dot(audit)
    below = audit.to_markdown().partition("erDiagram")[2].partition("```")[2]
    assert "Dashed lines: foreign keys that are not declared. Red: has orphans" in below
    lines = mermaid(audit).splitlines()
    assert '    e0 }o--|| e4 : "r0, 1.50 bits"' in lines
    assert '    e1 }o..|| e4 : "r1"' in lines
    assert '    e2 }o--o| e4 : "r2, 3 orphans"' in lines
    assert '    e3 |o..|| e4 : "r3"' in lines
    edges = [line for line in dot(audit).splitlines() if "->" in line]
    assert edges == [
        '    t0:c1 -> t4:c0 [label="1.50 bits", arrowtail=crow];',
        '    t1:c1 -> t4:c0 [label="", arrowtail=crow, style=dashed];',
        '    t2:c1 -> t4:c0 [label="3 orphans", arrowtail=crow, color=red, fontcolor=red];',
        '    t3:c1 -> t4:c0 [label="", arrowtail=tee, style=dashed];',
    ]


def test_many_tables_are_left_out_and_counted() -> None:
    audit = numbered(70, [(i, i + 1) for i in range(9)])
    graph = schema_graph(audit)
    assert [entity.name for entity in graph.entities] == [f"t{i}" for i in range(10)]
    assert "Not drawn: 60 tables" in draw(graph).legend
    everything = schema_graph(numbered(60, [(0, 1)]))
    assert (len(everything.entities), everything.left_out) == (60, 0)
    star = schema_graph(numbered(150, [(i, 149) for i in range(149)]))
    assert len(star.entities) == 100 and star.left_out == 50
    assert len(star.relations) == 99


def test_a_key_to_a_table_that_is_not_there_is_not_drawn() -> None:
    audit = drawn({"a": ["id", "r"]}, [("a", ("r",), "gone", ("id",))])
    assert schema_graph(audit).relations == ()
    assert 'e0["a"]' in mermaid(audit)


def test_a_composite_key_begins_between_its_columns() -> None:
    audit = drawn({"a": ["id", "x", "y"], "b": ["x", "y"]}, [("a", ("x", "y"), "b", ("x", "y"))])
    assert '    e0 }o..|| e1 : "x, y"' in mermaid(audit).splitlines()
    assert "t0:c1 -> t1:c0" in dot(audit)
    assert schema_graph(audit).relations[0].columns == ("x", "y")


ENTITY = re.compile(r' {4}e\d+\["([^"\n]*)"\] \{')
ATTRIBUTE = re.compile(r' {8}([A-Za-z]\w*) ([A-Za-z]\w*)( PK)?(,?FK| FK)?( "[^"\n]*")?')
RELATION = re.compile(r' {4}e\d+ [|}]o(--|\.\.)[o|]\| e\d+ : "[^"\n]*"')


def decoded(name: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), name)


def test_mermaid_has_nothing_but_its_grammar_and_every_name() -> None:
    audit = database_results.hostile()
    first, remark, *lines = mermaid(audit).splitlines()
    assert first == "erDiagram" and remark.startswith("    %% ")
    names = []
    for line in lines:
        found = ENTITY.fullmatch(line)
        names += [decoded(found[1])] if found else []
        assert found or line == "    }" or ATTRIBUTE.fullmatch(line) or RELATION.fullmatch(line), line
        # What its parser looks for anywhere in a line, and what it takes for Markdown.
        assert not re.search(r"direction\s+(tb|bt|lr|rl)|%%|[<>`*$]|__", line, re.IGNORECASE)
    assert names == [text.visible(table.name) for table in audit.tables]
    assert sum(bool(RELATION.fullmatch(line)) for line in lines) == len(audit.schema.foreign_keys)


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("name", "BIGINT name PK"),
        ("pk", 'BIGINT c0 PK "pk"'),
        ("a b", 'BIGINT c0 PK "a b"'),
        ("größe", 'BIGINT c0 PK "größe"'),
        ("_x", 'BIGINT c0 PK "#95;x"'),
        ("a_b", "BIGINT a_b PK"),
    ],
)
def test_mermaid_takes_words_as_names_and_others_as_comments(column: str, line: str) -> None:
    assert f"        {line}" in mermaid(drawn({"t": [column]}, [])).splitlines()


def test_dot_labels_are_whole_tables() -> None:
    audit = database_results.hostile()
    first, *lines, last = dot(audit).splitlines()
    assert (first, last) == ("digraph schema {", "}")
    labels = [re.fullmatch(r"    t\d+ \[label=<(.*)>\];", line) for line in lines]
    tables = [ET.fromstring(found[1]) for found in labels if found]
    assert [t.findtext("tr/td/b") for t in tables] == [text.visible(table.name) for table in audit.tables]
    assert sum("->" in line for line in lines) == len(audit.schema.foreign_keys)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.svg", "<svg "),
        ("x.md", "```mermaid\nerDiagram\n"),
        ("x.mmd", "erDiagram\n"),
        ("x.DOT", "digraph"),
        ("x.gv", "digraph"),
    ],
)
def test_a_file_is_written_as_its_ending_says(tmp_path: Path, name: str, start: str) -> None:
    audit = numbered(3, [(0, 1), (2, 2)])
    shown = audit.to_diagram(tmp_path / name)
    written = (tmp_path / name).read_text("utf-8")
    assert written.startswith(start) and shown in written
    assert audit.to_diagram() == mermaid(audit)
    assert audit.to_diagram(tmp_path / "y.txt", "dot") == (tmp_path / "y.txt").read_text("utf-8") == dot(audit)


def test_other_formats_are_refused_and_the_data_is_kept(tmp_path: Path) -> None:
    audit = numbered(2, [(0, 1)])
    with pytest.raises(ArgumentError, match=r"'.*erd\.png' is no format of diagrams: give 'svg', 'mermaid' or 'dot'"):
        audit.to_diagram(tmp_path / "erd.png")
    with pytest.raises(ArgumentError, match="format='png' is no format"):
        audit.to_diagram(format="png")  # type: ignore[arg-type]
    data = tmp_path / "data.duckdb"
    data.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100)
    with pytest.raises(ResultError):
        audit.to_diagram(data, "svg")
    assert data.read_bytes().startswith(b"\0" * 8 + b"DUCK")
