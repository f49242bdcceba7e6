"""Choices: fixes that exclude each other, as one finding with the recommended one first.

hour and minute follow from sched_dep_time, and sched_dep_time from hour and minute: one of the two can go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colprofile.results.audit import Alternative, Evidence, Finding
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.changes import Change, change_for
from colprofile.verbs.audit.computed.numbers import single_expression
from colprofile.verbs.audit.fixes import fix_of_several, obstacle_to_drop, offered, with_fix
from colprofile.verbs.audit.script import Plan
from colprofile.verbs.audit.statements import name_list
from colprofile.verbs.sql_types import DIALECTS

_EXACT = ("computed", "dependency")

Fixed = tuple[Finding, Change | str]


def with_choices(audited: AuditedTable, found: Sequence[Fixed], plan: Plan) -> list[Finding]:
    """Return the findings with their fixes, those whose fixes exclude each other made one.

    Where columns determine another, and that one determines some of them, one side can go. What the plan changes is
    recommended, otherwise what saves more bits.
    """
    kept: list[Fixed] = list(found)
    result: list[Finding] = []
    for whole in found:
        if whole[0].kind in _EXACT and len(whole[0].columns) > 1 and whole in kept:
            parts = [part for part in kept if _goes_back(part[0], whole[0])]
            if parts:
                kept = [each for each in kept if each is not whole and all(each is not part for part in parts)]
                result.append(_chosen(audited, [whole], parts, plan))
    return [_with_reverse(audited, *each) for each in kept] + result


def _goes_back(part: Finding, whole: Finding) -> bool:
    """Whether a finding leads from another's target to one of its columns."""
    return part.kind in _EXACT and part.columns == whole.targets and part.targets[0] in whole.columns


def _chosen(audited: AuditedTable, first: list[Fixed], second: list[Fixed], plan: Plan) -> Finding:
    """Return the recommended one of two sides, with the other as its alternative."""
    sides = sorted((first, second), key=lambda side: _rank(side, plan), reverse=True)
    best, other = (_merged(audited, side) for side in sides)
    return replace(best, alternatives=(_alternative(other),)) if other.fix is not None else best


def _rank(side: list[Fixed], plan: Plan) -> tuple[int, int, float]:
    """Return what makes a side better: how many of its changes are planned, that it has fixes, how much it saves."""
    planned = sum(any(change is each for each in plan.changes.values()) for _, change in side)
    fixes = sum(isinstance(change, Change) for _, change in side)
    return planned, fixes, sum(finding.evidence.bits for finding, _ in side)


def _merged(audited: AuditedTable, side: list[Fixed]) -> Finding:
    """Return findings with the same left side as one."""
    findings = [finding for finding, _ in side]
    first = findings[0]
    if len(side) == 1:
        return with_fix(audited, *side[0])
    evidence = [finding.evidence for finding in findings]
    targets = tuple(finding.targets[0] for finding in findings)
    expressions = [finding.expression for finding in findings if finding.expression is not None]
    chances = [each.log2_chance for each in evidence if each.log2_chance is not None]
    changes = [change for _, change in side if isinstance(change, Change)]
    merged = Finding(
        kind="computed" if len(expressions) == len(findings) else "dependency",
        columns=first.columns,
        targets=targets,
        statement=_statement(audited, findings),
        evidence=Evidence(
            rows=min(each.rows for each in evidence),
            violating_rows=0,
            is_exact=True,
            bits=sum(each.bits for each in evidence),
            repeated_rows=evidence[0].repeated_rows,
            mu_plus=1.0,
            g3=0.0,
            log2_chance=max(chances, default=None),
        ),
        confidence=min(finding.confidence for finding in findings),
        expression="; ".join(expressions) if len(expressions) == len(findings) else None,
    )
    if len(changes) < len(side):
        reason = next(change for _, change in side if isinstance(change, str))
        return replace(merged, undefined={"fix": reason})
    obstacle = obstacle_to_drop(audited, targets)
    if obstacle:
        return replace(merged, undefined={"fix": obstacle})
    types = {column.name: column.type for column in audited.columns}
    refusals = {
        dialect: next(filter(None, (change.refusal(dialect, types) for change in changes)), "") for dialect in DIALECTS
    }
    return offered(merged, fix_of_several(changes, audited, types), refusals)


def _statement(audited: AuditedTable, findings: list[Finding]) -> str:
    """Return what one column determines in one sentence where the rows are the same, else sentence by sentence."""
    rows = {finding.evidence.rows for finding in findings}
    if len(rows) == 1 and all(finding.kind == "dependency" for finding in findings):
        targets = name_list([finding.targets[0] for finding in findings])
        return f"{name_list(findings[0].columns)} determines {targets} {audited.in_which_rows(rows.pop())}."
    return " ".join(finding.statement for finding in findings)


def _with_reverse(audited: AuditedTable, finding: Finding, change: Change | str) -> Finding:
    """Return a finding with its fix, and as an alternative to drop the other of two columns that follow each other."""
    fixed = with_fix(audited, finding, change)
    if fixed.fix is None or len(finding.columns) != 1 or len(finding.targets) != 1:
        return fixed
    (x,), (y,) = finding.columns, finding.targets
    if audited.columns[audited.numbers[y]].kind == "nested":
        return fixed  # no table can have it as its key
    back = replace(finding, columns=(y,), targets=(x,))
    if finding.kind == "computed":
        expression = single_expression(audited, audited.numbers[y], audited.numbers[x])
        if expression is None:
            return fixed
        back = audited.computed_finding([audited.numbers[y]], audited.numbers[x], expression, finding.evidence)
    elif finding.kind not in ("duplicate", "bijection"):
        return fixed
    other = with_fix(audited, back, change_for(audited, back))
    return replace(fixed, alternatives=(_alternative(other),)) if other.fix is not None else fixed


def _alternative(finding: Finding) -> Alternative:
    assert finding.fix is not None
    return Alternative(
        finding.columns, finding.targets, finding.statement, finding.evidence.bits, finding.expression, finding.fix
    )
