"""The schema as a picture: SVG that is drawn here, and as text for Mermaid and Graphviz."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping

from colprofile.report import text
from colprofile.report.database.drawing import Drawing, draw, label, legend
from colprofile.report.database.schema_graph import Attribute, Entity, Relation, schema_graph
from colprofile.report.markdown import escaped
from colprofile.results.database import DatabaseAudit

_WORD = re.compile(r"(?!(?:pk|fk|uk)\b)[A-Za-z][A-Za-z0-9_]*", re.IGNORECASE)
"""A name that Mermaid takes as it is: not one of its own marks of keys."""

_SPECIAL = re.compile(r"[\"#&<>`;%\\{}\[\]|*$]|_(?![a-z0-9])|(?<![a-z0-9])_|(?<=direction) (?=[tbrl])", re.IGNORECASE)
"""What Mermaid would take for markup, for an end, or, wherever it stands in a line, for a direction."""


def drawing(audit: DatabaseAudit, anchors: Mapping[str, str]) -> Drawing | None:
    """Return the drawing for a page, with links to its tables; None where there is no foreign key to draw."""
    graph = schema_graph(audit)
    return draw(graph, anchors) if graph.relations else None


def svg(audit: DatabaseAudit) -> str:
    """Return the schema as an SVG file: boxes with keys and references, and lines with the bits of their joins."""
    return f"{draw(schema_graph(audit), is_file=True).svg}\n"


def mermaid(audit: DatabaseAudit) -> str:
    r"""Return the schema as an ``erDiagram`` of Mermaid, which GitHub draws in Markdown.

    Mermaid takes few characters in names: entities are e0, e1, … with the table's name as their alias, and a column
    whose name is no word is c0, c1, … with its name as its comment.
    """
    graph = schema_graph(audit)
    lines = ["erDiagram", f"    %% {legend(graph)}"]
    for number, entity in enumerate(graph.entities):
        lines.append(f'    e{number}["{_quoted(entity.name)}"] {{')
        lines += [f"        {_attribute(i, attribute)}" for i, attribute in enumerate(entity.attributes)]
        lines.append("    }")
    for relation in graph.relations:
        many = "|o" if relation.is_one_to_one else "}o"
        line = "--" if relation.status != "found" else ".."
        one = "o|" if relation.orphan_rows else "||"
        says = ", ".join([*map(_quoted, relation.columns), *filter(None, [label(relation)])])
        lines.append(f'    e{relation.source} {many}{line}{one} e{relation.target} : "{says}"')
    return "\n".join(lines) + "\n"


def _attribute(number: int, attribute: Attribute) -> str:
    """Return a column as Mermaid has it: type, name, what it is, and its name as a comment where it is no word."""
    kind = re.sub(r"[^A-Za-z0-9_]+", "_", attribute.type).strip("_") or "unknown"
    kind = kind if _WORD.fullmatch(kind) else f"t_{kind}"
    marks = ",".join([*(["PK"] if attribute.is_key else []), *(["FK"] if attribute.is_reference else [])])
    if _WORD.fullmatch(attribute.name):
        return " ".join(filter(None, [kind, attribute.name, marks]))
    return " ".join(filter(None, [kind, f"c{number}", marks, f'"{_quoted(attribute.name)}"']))


def _quoted(name: str) -> str:
    """Return text that can stand between Mermaid's double quotes: nothing in it is markup or ends it."""
    shown = text.visible(name)
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", shown)


def mermaid_block(audit: DatabaseAudit) -> str:
    """Return the Mermaid diagram as Markdown: in a block of code, with its legend below."""
    return f"```mermaid\n{mermaid(audit)}```\n\n{escaped(legend(schema_graph(audit)))}\n"


def dot(audit: DatabaseAudit) -> str:
    """Return the schema as a graph in DOT for Graphviz: ``dot -Tsvg``."""
    graph = schema_graph(audit)
    lines = ["digraph schema {", "    rankdir=LR;", "    node [shape=plain, fontname=Helvetica, fontsize=11];"]
    shown = "\\n".join(textwrap.wrap(legend(graph), 110))
    lines += [
        f'    label="{shown}"; labelloc=b; fontname=Helvetica; fontsize=9;',
        "    edge [fontname=Helvetica, fontsize=9, dir=both, arrowhead=tee];",
    ]
    lines += [f"    t{number} [label=<{''.join(_table(entity))}>];" for number, entity in enumerate(graph.entities)]
    for relation in graph.relations:
        source, target = graph.entities[relation.source], graph.entities[relation.target]
        side = ":e" if source is target else ""
        start, end = (
            f"{_port(entity, columns)}{side}"
            for entity, columns in ((source, relation.columns), (target, relation.target_columns))
        )
        lines.append(f"    t{relation.source}{start} -> t{relation.target}{end} [{_style(relation)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _table(entity: Entity) -> Iterator[str]:
    yield '<table border="0" cellborder="1" cellspacing="0" cellpadding="4">'
    amounts = text.shape(entity.rows, entity.columns)
    yield f'<tr><td port="h" bgcolor="#cfdff5"><b>{_escaped(entity.name)}</b><br/>{amounts}</td></tr>'
    for i, attribute in enumerate(entity.attributes):
        mark = " (key)" if attribute.is_key else ""
        yield f'<tr><td port="c{i}" align="left">{_escaped(attribute.name)}{mark}</td></tr>'
    if entity.left_out:
        yield f'<tr><td align="left">and {entity.left_out:,} more</td></tr>'
    yield "</table>"


def _port(entity: Entity, columns: tuple[str, ...]) -> str:
    names = [attribute.name for attribute in entity.attributes]
    return f":c{names.index(columns[0])}" if columns[0] in names else ":h"


def _style(relation: Relation) -> str:
    style = [f'label="{label(relation)}"', f"arrowtail={'tee' if relation.is_one_to_one else 'crow'}"]
    style += ["style=dashed"] if relation.status == "found" else []
    style += ["color=red", "fontcolor=red"] if relation.orphan_rows else []
    return ", ".join(style)


def _escaped(name: str) -> str:
    """Return text for an HTML-like label of Graphviz."""
    shown = text.visible(name)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        shown = shown.replace(char, entity)
    return shown
