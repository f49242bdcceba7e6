"""Findings about several columns that determine another, exactly or nearly, none of them for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from colprofile.counting.composites import Composite, Groups, measure
from colprofile.counting.dependencies import Combination, Dependencies
from colprofile.counting.worth import Worth
from colprofile.errors import shorten
from colprofile.results.audit import Finding
from colprofile.verbs.examples import violating_examples, violating_query
from colprofile.verbs.expressions import combined_expression
from colprofile.verbs.findings_pairs import EXPRESSION_BITS
from colprofile.verbs.material import Material, listed


def strong_composites(material: Material, exact: Dependencies, worth: Worth) -> list[Composite]:
    """Return the exact dependencies of two columns and more, no key's, not of chance, and beyond their parts."""
    assert material.relation is not None
    found = []
    for columns, targets in exact.determined.items():
        if len(columns) < 2 or exact.has_unique_part(columns) or not _may_be(material, columns):
            continue
        for composite in measure(material.relation, columns, sorted(targets)):
            is_strong = material.thresholds.accept(composite.sums, composite.expected, composite.repeated)
            if is_strong and worth.is_worth(columns, composite.target, composite.sums):
                found.append(composite)
    return found


def _may_be(material: Material, columns: Combination) -> bool:
    """Whether a left side has enough repeated rows for a dependency to mean anything; asked before summing."""
    assert material.relation is not None
    groups = material.relation.groups(columns)
    return groups.repeated >= material.thresholds.support * groups.rows


def composite_findings(
    material: Material,
    exact: Dependencies,
    found: list[Composite],
    repeats: frozenset[int],
    told: frozenset[int],
    table: str,
) -> Iterator[Finding]:
    """Yield findings for composites, but for those that a coarser left side explains.

    Parameters
    ----------
    found
        Exact and near dependencies of two columns and more.
    repeats
        Columns that repeat an earlier one: what they determine is told there.
    told
        Columns that another finding gives back in every row: near dependencies of them say nothing new.
    """
    assert material.relation is not None
    told |= {composite.target for composite in found if not _violating(composite)}
    for composite in found:
        if not repeats.isdisjoint(composite.columns) or is_explained(exact, composite, found):
            continue
        if composite.target in told and _violating(composite):
            continue
        yield _finding(material, material.relation.groups(composite.columns), composite, table)


def is_explained(exact: Dependencies, composite: Composite, others: Iterable[Composite]) -> bool:
    """Whether other columns that this left side determines determine the target as well.

    dep_time and dep_delay determine sched_dep_time, and so hour. hour, day and month determine time_hour: then
    sched_dep_time, day and month do so only because sched_dep_time determines hour.
    """
    known = _single_closure(exact, composite.columns)
    for other in others:
        is_as_good = _violating(other) == 0 or _violating(composite) > 0
        if not is_as_good:
            continue
        if other.columns == composite.columns:
            if composite.target in exact.determined.get((other.target,), frozenset()):
                return True
            continue
        if other.target != composite.target:
            continue
        if known.issuperset(other.columns) and composite.target not in other.columns:
            back = _single_closure(exact, other.columns)
            if not back.issuperset(composite.columns) or other.columns < composite.columns:
                return True
    return False


def _violating(composite: Composite) -> int:
    return composite.sums.rows - composite.sums.best_y_by_x


def _single_closure(exact: Dependencies, columns: Combination) -> frozenset[int]:
    """Return columns and what each of them determines by itself."""
    found = set(columns)
    for column in columns:
        found |= exact.determined.get((column,), frozenset())
    return frozenset(found)


def _finding(material: Material, groups: Groups, composite: Composite, table: str) -> Finding:
    evidence = material.evidence(composite)
    confidence = material.confidence(-(evidence.log2_chance or 0.0))
    names, target = material.names(composite.columns), material.name(composite.target)
    left, right = listed(names), material.label(composite.target)
    if not evidence.is_exact:
        verb = "breaks" if evidence.violating_rows == 1 else "break"
        statement = (
            f"{left} together determine {right} but for {evidence.violating_rows:,} of {evidence.rows:,} rows "
            f"that {verb} it."
        )
        return Finding(
            "near",
            names,
            (target,),
            statement,
            evidence,
            confidence,
            query=violating_query(table, names, target),
            examples=violating_examples(material, groups, composite.target),
        )
    expression = combined_expression(material, groups, composite.target)
    if expression is not None:
        material.expressions[names, target] = expression
        bits = max(0.0, (evidence.mutual_information or 0.0) - EXPRESSION_BITS / material.rows)
        bits *= evidence.rows / material.rows
        statement = f"{right} = {shorten(expression.text, 200)}, in every row."
        evidence = replace(evidence, bits=bits)
        return Finding("computed", names, (target,), statement, evidence, confidence, expression=expression.text)
    statement = f"{left} together determine {right} in every row."
    return Finding("dependency", names, (target,), statement, evidence, confidence)
