"""The finding that several columns give another by an expression, where chance does not explain it."""

from __future__ import annotations

from dataclasses import replace

from colprofile.counting.dependencies.relation import measure
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import AuditedTable, Expression


def finding_of(audited: AuditedTable, columns: tuple[int, ...], y: int, expression: Expression) -> Finding | None:
    """Return the finding that an expression of columns gives y; None if it is not exact, or may be chance."""
    chosen = tuple(sorted(columns))
    evidence = audited.evidence(measure(audited.relation, chosen, y))
    filled = int(audited.relation.counts[y][1:].sum())
    saved = audited.relation.arrangement_bits(y) * evidence.rows / max(1, filled) - expression.cost
    if not evidence.is_exact or saved < audited.needed_bits:
        return None
    evidence = replace(evidence, bits=saved / audited.rows, log2_chance=-saved)
    return audited.computed_finding(columns, y, expression, evidence)
