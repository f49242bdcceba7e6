"""Findings about several columns that together determine another, exactly or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np

from colprofile.counting.dependencies.exact import Dependencies
from colprofile.counting.dependencies.relation import MeasuredDependency, expected_equal_pairs
from colprofile.counting.dependencies.workers import Combination
from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable
from colprofile.verbs.audit.beyond_chance import BeyondChance
from colprofile.verbs.audit.computed.concatenations import concatenation_findings
from colprofile.verbs.audit.computed.durations import duration_findings
from colprofile.verbs.audit.computed.linear import linear_findings
from colprofile.verbs.audit.computed.numbers import combined_expression
from colprofile.verbs.audit.computed.sums_and_products import arithmetic_findings
from colprofile.verbs.audit.determinants import Determinants
from colprofile.verbs.audit.single_dependencies import determination_finding, saving_little

Beyond = dict[tuple[Combination, int], tuple[MeasuredDependency, float]]


def composite_findings(audited: AuditedTable, determinants: Determinants, known: frozenset[int]) -> Iterator[Finding]:
    """Yield findings for the dependencies of two columns and more, except for those that a coarser left side explains.

    Near dependencies of columns ``known``, which another finding determines in every row, are not reported, nor what
    measurements determine, unless it can be computed from them.
    """
    exact, found = determinants.exact, determinants.composites
    kept = list(arithmetic_findings(audited, determinants.threes, known))
    for find in (duration_findings, concatenation_findings, linear_findings):
        kept += list(find(audited, known | {audited.numbers[finding.targets[0]] for finding in kept}))
    computed = {audited.numbers[finding.targets[0]] for finding in kept}
    beyond = _beyond_chance(audited, determinants, known | computed)
    known |= {composite.target for composite in found if composite.is_exact}
    found = [composite for composite in found if composite.is_exact or audited.measured.isdisjoint(composite.columns)]
    found += [composite for composite, _ in beyond.values()]
    by_columns: defaultdict[Combination, list[MeasuredDependency]] = defaultdict(list)
    by_target: defaultdict[int, list[MeasuredDependency]] = defaultdict(list)
    for composite in found:
        by_columns[composite.columns].append(composite)
        by_target[composite.target].append(composite)
    # Thousands of composites ask for the same closures again and again.
    closure = cache(partial(_closure, exact))
    for composite in found:
        if any(audited.representatives[j] != j for j in (*composite.columns, composite.target)):
            continue  # reported of the representative
        if composite.target in computed or (composite.target in known and not composite.is_exact):
            continue
        others = by_columns[composite.columns] + by_target[composite.target]
        if is_explained(exact, closure, composite, others) or identifies_by_chance(audited, exact, composite):
            continue
        finding = _composite_finding(audited, composite, beyond)
        if finding.kind == "computed" or audited.measured.isdisjoint(composite.columns):
            kept.append(finding)
    yield from _one_of_each_set(audited, exact, kept)


def identifies_by_chance(audited: AuditedTable, exact: Dependencies, composite: MeasuredDependency) -> bool:
    """Whether columns that the target determines identify its values only because they have so many of their own.

    An order has a customer and a date: they nearly identify it, as few customers order twice on a day. That is a
    finding only where independent columns with as many values would leave more of the target's values equal: their
    pairs that are equal are about Poisson, with m (m − 1)/2 · Π pdep of them expected of m values.
    """
    from scipy.special import pdtr

    if not exact.closure([composite.target]).issuperset(composite.columns):
        return False
    relation = audited.relation
    entities = relation.at(relation.groups([composite.target]).one_of_each(relation.is_filled([composite.target])))
    expected = expected_equal_pairs((entities.counts[j] for j in composite.columns), entities.rows)
    groups = entities.groups(composite.columns)
    equal = np.append(np.diff(groups.offsets), entities.rows - groups.rows)
    seen = float((equal * (equal - 1.0)).sum() / 2)
    return bool(pdtr(seen, expected) > SIGNIFICANCE / audited.tests)


def _one_of_each_set(audited: AuditedTable, exact: Dependencies, found: list[Finding]) -> Iterator[Finding]:
    """Yield one of the exact findings about the same set of columns: an expression, or the one with most bits.

    Of price, amount and total two give the third. Which of them stands on the right is not a new finding, nor that
    price and total determine the amount except where the price is 0.
    """
    best: dict[frozenset[str], Finding] = {}
    for finding in found:
        names = frozenset((*finding.columns, *finding.targets))
        if finding.kind != "near" and (names not in best or _rank(finding) > _rank(best[names])):
            best[names] = finding
    for finding in found:
        names = frozenset((*finding.columns, *finding.targets))
        if finding.kind == "near":
            if names not in best:
                yield finding
        elif best[names] is finding:
            members = frozenset(audited.numbers[name] for name in names)
            is_any = finding.kind == "dependency" and all(
                j in exact.determined.get(tuple(sorted(members - {j})), frozenset()) for j in members
            )
            more = f" Any {len(names) - 1} of the {len(names)} determine the remaining one." if is_any else ""
            yield replace(finding, statement=finding.statement + more)


def _rank(finding: Finding) -> tuple[bool, bool, float]:
    """Return what makes a finding better than another about the same columns: a sum is better than a difference."""
    return finding.kind == "computed", "-" not in (finding.expression or ""), finding.evidence.bits


def is_explained(
    exact: Dependencies,
    closure: Callable[[Combination, int], frozenset[int]],
    composite: MeasuredDependency,
    others: Iterable[MeasuredDependency],
) -> bool:
    """Whether other columns that this left side determines determine the target as well.

    ``closure`` gives what columns determine without going through one; ``others`` are those with the same left side or
    the same target.

    dep_time and dep_delay determine sched_dep_time, and so hour. hour, day and month determine time_hour: then
    sched_dep_time, day and month do so only because sched_dep_time determines hour. Of left sides that determine each
    other the one with fewer columns is reported: sched_dep_time, and not hour and minute.
    """
    known = closure(composite.columns, composite.target)
    for other in others:
        if composite.is_exact and not other.is_exact:
            continue
        if other.columns == composite.columns:
            if composite.target in exact.determined.get((other.target,), frozenset()):
                return True
            continue
        if other.target != composite.target or composite.target in other.columns:
            continue
        if known.issuperset(other.columns):
            back = closure(other.columns, composite.target)
            is_smaller = len(other.columns) < len(composite.columns)
            if not back.issuperset(composite.columns) or is_smaller or other.columns < composite.columns:
                return True
    return False


def _closure(exact: Dependencies, columns: Combination, without: int) -> frozenset[int]:
    """Return all columns that these determine, step by step, without going through ``without``."""
    found, size = set(columns), 0
    while len(found) > size:
        size = len(found)
        for left, targets in exact.determined.items():
            if without not in left and found.issuperset(left):
                found |= targets - {without}
    return frozenset(found)


def _beyond_chance(audited: AuditedTable, determinants: Determinants, known: frozenset[int]) -> Beyond:
    """Return by left side and target the exact dependencies that save nothing and yet are no chance, with their bits.

    A target that is known to be determined needs no weak evidence.
    """
    if not audited.has_codes:
        return {}
    known |= {composite.target for composite in determinants.composites}
    found = BeyondChance(audited).composites(determinants.exact, known)
    return {(composite.columns, composite.target): (composite, bits) for composite, bits in found}


def _composite_finding(audited: AuditedTable, composite: MeasuredDependency, beyond: Beyond) -> Finding:
    evidence, columns, target = audited.evidence(composite), composite.columns, composite.target
    if (columns, target) in beyond:
        evidence = replace(evidence, log2_chance=-beyond[columns, target][1])
    expression = combined_expression(audited, columns, target) if evidence.is_exact else None
    if expression is None:
        finding = determination_finding(audited, columns, target, evidence)
        return saving_little(finding) if (columns, target) in beyond else finding
    bits = max(0.0, (evidence.mutual_information or 0.0) - EXPRESSION_BITS / audited.rows)
    evidence = replace(evidence, bits=bits * evidence.rows / audited.rows)
    return audited.computed_finding(columns, target, expression, evidence)
