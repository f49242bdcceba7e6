"""An audit as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from colprofile.report import text
from colprofile.report.audit import summary
from colprofile.report.charts import LEVELS, MATRIX_COLUMNS
from colprofile.report.page import asset, rendered, script_hash
from colprofile.report.views import name_view
from colprofile.results.audit import Audit, Finding

FINDINGS_SHOWN = 300
FRAGMENT_FINDINGS = 12
EDGES_SHOWN = 60
LINE = 22
"""Pixels from one line of the dependency graph to the next."""

LABEL = 28
"""Characters of a name in a drawing."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """One row of the findings with its details."""

    kind: str
    tag: str
    bits: str
    statement: str
    figures: str
    action: str
    reason: str
    examples: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    query: str
    checks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The dependence matrix ordered by cluster: labels, cell size and label room in pixels."""

    labels: tuple[str, ...]
    left_out: int
    cell_size: int
    room: int


@dataclass(frozen=True, slots=True)
class GraphView:
    """The dependency graph: labels ending at ``start`` and beginning at ``end``, and curves between them."""

    start: int
    end: int

    left: tuple[tuple[int, str], ...]
    right: tuple[tuple[int, str], ...]
    curves: tuple[tuple[str, str, str], ...]
    width: int
    height: int


def render_html(audit: Audit) -> str:
    """Return an audit as one self-contained HTML page: findings, dependency graph, dependence matrix, ledger."""
    matrix = _matrix(audit)
    return rendered(
        "audit.html",
        **_common(audit),
        script=asset("report.js"),
        script_hash=script_hash(),
        provenance=audit.provenance,
        tiles=_tiles(audit),
        findings=[_view(finding) for finding in audit.findings[:FINDINGS_SHOWN]],
        finding_amount=text.count(len(audit.findings)),
        findings_left_out=max(0, len(audit.findings) - FINDINGS_SHOWN),
        graph=_graph(audit),
        matrix=matrix,
        matrix_cells=list(_cells(audit, matrix)) if matrix else [],
        ledger=list(_ledger(audit)),
        edges=[(name_view(edge.x), name_view(edge.y), text.bits(edge.bits)) for edge in audit.edges[:EDGES_SHOWN]],
        scripts=[(dialect, text_of_script(body)) for dialect, body in audit.scripts.items()],
        legend=summary.LEGEND,
        notes=[summary.what_was_searched(audit), *(text.visible(note, 500) for note in audit.notes)],
        skipped=[
            {
                "name": name_view(column.name),
                "type": text.visible(column.type),
                "reason": text.visible(column.reason, 500),
            }
            for column in audit.skipped
        ],
        provenance_facts=_provenance(audit),
        command=text.visible(audit.provenance.command, 500) if audit.provenance.command else None,
    )


def render_fragment(audit: Audit) -> str:
    """Return the compact report that a notebook shows: the findings with most bits."""
    left_out = len(audit.findings) - FRAGMENT_FINDINGS
    return rendered(
        "audit_fragment.html",
        **_common(audit),
        findings=[_view(finding) for finding in audit.findings[:FRAGMENT_FINDINGS]],
        left_out=f"{text.plural(left_out, 'more finding')} not shown. " if left_out > 0 else "",
    )


def _common(audit: Audit) -> dict[str, Any]:
    made = audit.provenance
    source = text.visible(made.source, 200)
    return {
        "style": asset("report.css"),
        "source": source if made.table is None else f"{source} {text.visible(made.table)}",
        "subtitle": f"{text.plural(audit.rows, 'row')} × {text.plural(len(audit.columns), 'column')}",
        "headline": summary.headline(audit),
    }


def _tiles(audit: Audit) -> list[dict[str, str]]:
    ledger = audit.ledger
    share = "" if ledger.redundant_share is None else text.percent(ledger.redundant_share)
    stored = "–" if ledger.stored_bits is None else f"{ledger.stored_bits:,.2f}"
    determined = len(audit.of_kind("duplicate", "computed", "bijection", "dependency"))
    tiles = (
        ("Bits per row", f"{ledger.bits_apart:,.2f}", "each column coded separately"),
        ("Redundant at least", f"{ledger.redundant_bits:,.2f}", share),
        ("Stored bits per row", stored, "" if ledger.stored_bits is not None else "not known"),
        ("Determined", text.count(determined), "in every row"),
        ("Nearly determined", text.count(len(audit.of_kind("near"))), "except in a few rows"),
        ("Keys", text.count(len(audit.of_kind("key"))), ""),
    )
    return [{"label": label, "shown": shown, "remark": remark} for label, shown, remark in tiles]


def _view(finding: Finding) -> FindingView:
    fix = finding.fix
    return FindingView(
        kind=finding.kind,
        tag=summary.TAGS[finding.kind],
        bits=text.bits(finding.evidence.bits),
        statement=summary.statement(finding),
        figures=summary.figures(finding),
        action=summary.fix(finding),
        reason=text.visible(finding.undefined.get("fix", ""), 300) if fix is None and finding.undefined else "",
        examples=tuple(summary.example(found, 40) for found in finding.examples),
        facts=tuple(_facts(finding)),
        query="" if finding.query is None else text_of_script(finding.query),
        checks=()
        if fix is None
        else tuple(
            (dialect, text_of_script(fix.checks[dialect]), text_of_script(fix.changes[dialect]))
            for dialect in fix.checks
        ),
    )


def _facts(finding: Finding) -> Iterable[tuple[str, str]]:
    """Yield the figures of the evidence that there are, with their labels."""
    evidence = finding.evidence
    yield "rows compared", text.count(evidence.rows)
    yield "rows that contradict it", text.count(evidence.violating_rows)
    if evidence.repeated_rows is not None:
        yield "rows that share their left side", text.count(evidence.repeated_rows)
    for label, bits in (
        ("mutual information, bits", evidence.mutual_information),
        ("expected by chance, bits", evidence.expected_mutual_information),
    ):
        if bits is not None:
            yield label, text.bits(bits)
    for label, share in (("I/H", evidence.uncertainty_coefficient), ("pdep", evidence.pdep)):
        if share is not None:
            yield label, text.coefficient(share)
    if evidence.log2_chance is not None:
        yield "probability by chance, at most", f"2^−{-evidence.log2_chance:,.0f}"
    yield "confidence", text.percent(finding.confidence)


def text_of_script(body: str) -> str:
    """Return SQL with its line breaks, every line visible."""
    return "\n".join(text.visible(line, 10_000) if line else "" for line in body.split("\n"))


def _matrix(audit: Audit) -> MatrixView | None:
    order = [name for members in audit.clusters for name in members]
    shown = order[:MATRIX_COLUMNS]
    if len(shown) < 2:
        return None
    labels = tuple(text.visible(name, LABEL) for name in shown)
    size = max(14, min(28, 560 // len(shown)))
    room = 24 + 7 * max(len(label) for label in labels)
    return MatrixView(labels, len(order) - len(shown), size, room)


def _cells(audit: Audit, matrix: MatrixView) -> Iterable[dict[str, Any]]:
    order = [name for members in audit.clusters for name in members][: len(matrix.labels)]
    places = {name: place for place, name in enumerate(order)}
    for item in audit.dependences:
        if item.x not in places or item.y not in places:
            continue
        level = min(LEVELS, int(item.dependence * LEVELS) + 1) if item.dependence > 0.005 else 0
        title = f"{text.visible(item.x, 40)} × {text.visible(item.y, 40)}: {text.coefficient(item.dependence)}"
        for row, column in ((item.x, item.y), (item.y, item.x)):
            left = matrix.room + places[column] * matrix.cell_size
            top = matrix.room + places[row] * matrix.cell_size
            yield {"level": level, "left": left, "top": top, "title": title}


def _graph(audit: Audit) -> GraphView | None:
    """Return the dependencies with most bits as a drawing: left sides on the left, what they determine on the right."""
    found = [
        (", ".join(text.visible(name, LABEL) for name in finding.columns), text.visible(target, LABEL), finding)
        for finding in audit.of_kind("duplicate", "computed", "bijection", "dependency", "near")
        for target in finding.targets
    ][:EDGES_SHOWN]
    if not found:
        return None
    left = {label: i for i, label in enumerate(dict.fromkeys(item[0] for item in found))}
    right = {label: i for i, label in enumerate(dict.fromkeys(item[1] for item in found))}
    start = 16 + int(7.2 * max(map(len, left)))
    end = start + 220
    curves = []
    for source, target, finding in found:
        y1, y2 = (LINE * places[label] + LINE // 2 for places, label in ((left, source), (right, target)))
        path = f"M{start + 6} {y1}C{start + 110} {y1} {end - 110} {y2} {end - 6} {y2}"
        curves.append((path, "near" if finding.kind == "near" else "exact", summary.statement(finding)))
    width = end + 16 + int(7.2 * max(map(len, right)))
    height = LINE * max(len(left), len(right))
    rows = [tuple((LINE * place + LINE // 2, label) for label, place in side.items()) for side in (left, right)]
    return GraphView(start, end, rows[0], rows[1], tuple(curves), width, height)


def _ledger(audit: Audit) -> Iterable[tuple[str, str, float, str]]:
    """Yield the ledger's lines: label, bits, width of its bar in per cent, remark."""
    ledger = audit.ledger
    most = max(ledger.bits_apart, ledger.stored_bits or 0.0, 1e-300)
    for label, bits, remark in (
        ("Separate columns", ledger.bits_apart, "Σ H: each column coded separately, NULL as a value"),
        ("Along the tree", ledger.tree_bits, "each column coded given another one, chance left out"),
        (
            "Latent classes",
            ledger.latent_class_bits,
            ledger.undefined.get("latent_class_bits", "at most: each row coded by its class"),
        ),
        ("Stored", ledger.stored_bits, ledger.undefined.get("stored_bits", "what the storage uses")),
    ):
        width = 0.0 if bits is None else round(100 * bits / most, 1)
        yield label, "–" if bits is None else f"{bits:,.2f}", width, remark


def _provenance(audit: Audit) -> list[tuple[str, str]]:
    made = audit.provenance
    facts = [("Source", text.visible(made.source, 500))]
    if made.table is not None:
        facts.append(("Table", text.visible(made.table, 200)))
    return [
        *facts,
        ("Made", text.visible(made.created)),
        ("Took", text.seconds(made.duration)),
        ("By", f"colprofile {text.visible(made.version)}"),
    ]
