"""Findings about several columns that determine another, exactly or nearly, none of them for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dependencies.exact import Combination, Dependencies, run_all
from colprofile.counting.dependencies.relation import Composite, Groups, measure
from colprofile.counting.dependencies.savings import Worth
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, LEVEL, Material, listed
from colprofile.verbs.audit.computed.numbers import combined_expression
from colprofile.verbs.audit.computed.sums_and_products import arithmetic_findings
from colprofile.verbs.audit.violations import violating_examples, violating_query


def strong_composites(
    material: Material,
    exact: Dependencies,
    barren: Iterable[Combination],
    worth: Worth,
    *,
    executor: Executor,
    stop: threading.Event,
    progress: Callable[[str, int, int], None],
) -> list[Composite]:
    """Return the exact dependencies of two columns and more, no key's, not of chance, and beyond their parts.

    ``barren`` holds left sides that are known to have too few repeated rows, and so has what they are part of, unless
    NULL leaves out other rows; the rest is as for ``minimal_dependencies``.
    """
    assert material.relation is not None
    relation, limits, known = material.relation, material.thresholds, set(barren)

    def strong(columns: Combination) -> list[Composite]:
        groups = relation.groups(columns)
        if groups.repeated < limits.support * groups.rows:
            return []
        return [
            composite
            for composite in measure(relation, columns, sorted(exact.determined[columns]))
            if limits.accept(composite.sums, composite.repeated)
            and worth.is_worth(columns, composite.target, composite.sums)
        ]

    chosen = [
        columns
        for columns in exact.determined
        if len(columns) > 1
        and not exact.has_unique_part(columns)
        and (any(map(relation.has_nulls, columns)) or known.isdisjoint(_parts(columns)))
    ]
    tasks = [partial(strong, columns) for columns in chosen]
    return [
        each for found in run_all(executor, tasks, stop, partial(progress, "judging what was found")) for each in found
    ]


def _parts(columns: Combination) -> Iterator[Combination]:
    """Yield a combination's parts, itself among them."""
    for size in range(1, len(columns) + 1):
        yield from combinations(columns, size)


def composite_findings(
    material: Material, exact: Dependencies, found: list[Composite], told: frozenset[int], table: str
) -> Iterator[Finding]:
    """Yield findings for composites, but for those that a coarser left side explains.

    Parameters
    ----------
    found
        Exact and near dependencies of two columns and more.
    told
        Columns that another finding gives back in every row: near dependencies of them say nothing new.
    """
    assert material.relation is not None
    kept = list(arithmetic_findings(material, told))
    told |= {composite.target for composite in found if not _violating(composite)}
    names = {column.name: j for j, column in enumerate(material.columns)}
    computed = {names[finding.targets[0]] for finding in kept}
    for composite in found:
        if any(material.stand_ins[j] != j for j in (*composite.columns, composite.target)):
            continue  # told of the column that stands for it
        if is_explained(exact, composite, found) or (composite.target in told and _violating(composite)):
            continue
        if composite.target in computed:
            continue  # better told
        if identifies_by_chance(material, exact, composite):
            continue
        kept.append(_finding(material, material.relation.groups(composite.columns), composite, table))
    yield from _once(material, exact, kept)


def identifies_by_chance(material: Material, exact: Dependencies, composite: Composite) -> bool:
    """Whether columns that the target determines tell its values apart only because they have so many of their own.

    An order has a customer and a date: they nearly identify it, as few customers order twice on a day. That is told
    only where independent columns with as many values would leave more of the target's values alike: their pairs that
    are alike are about Poisson, m (m − 1)/2 · Π pdep of them expected of m values.
    """
    from scipy.special import pdtr

    assert material.relation is not None
    if not exact.closure([composite.target]).issuperset(composite.columns):
        return False
    relation, codes = material.relation, material.relation.codes[composite.target]
    first = np.full(relation.width(composite.target), -1, np.int64)
    first[codes[::-1]] = np.arange(relation.rows)[::-1]
    entities = first[1:][first[1:] >= 0]
    pairs = entities.size * (entities.size - 1.0) / 2
    expected = pairs
    for j in composite.columns:
        expected *= _share_alike(relation.codes[j][entities])
    _, alike = np.unique(material.relation.groups(composite.columns).numbers[entities], return_counts=True)
    seen = float((alike * (alike - 1.0)).sum() / 2)
    return bool(pdtr(seen, expected) > LEVEL / material.tests)


def _share_alike(codes: CodeArray) -> float:
    """Return the share of pairs of rows that are alike."""
    counts = np.bincount(codes).astype(np.float64)
    return float(counts @ (counts - 1)) / max(1.0, codes.size * (codes.size - 1.0))


def _once(material: Material, exact: Dependencies, found: list[Finding]) -> Iterator[Finding]:
    """Yield of the exact findings about the same columns one alone: an expression, or the one with most bits.

    Of price, amount and total two give the third; which of them stands on the right says nothing new, nor that price
    and total give the amount but where the price is 0.
    """
    best: dict[frozenset[str], Finding] = {}
    for finding in found:
        names = frozenset((*finding.columns, *finding.targets))
        if finding.kind != "near" and (names not in best or _rank(finding) > _rank(best[names])):
            best[names] = finding
    numbers = {column.name: j for j, column in enumerate(material.columns)}
    for finding in found:
        names = frozenset((*finding.columns, *finding.targets))
        if finding.kind == "near":
            if names not in best:
                yield finding
        elif best[names] is finding:
            members = frozenset(numbers[name] for name in names)
            is_any = finding.kind == "dependency" and all(
                j in exact.determined.get(tuple(sorted(members - {j})), frozenset()) for j in members
            )
            more = f" Any {len(names) - 1} of the {len(names)} give the other." if is_any else ""
            yield replace(finding, statement=finding.statement + more)


def _rank(finding: Finding) -> tuple[bool, bool, float]:
    """Return what makes a finding better than another about the same columns: a sum is better than a difference."""
    return finding.kind == "computed", "-" not in (finding.expression or ""), finding.evidence.bits


def is_explained(exact: Dependencies, composite: Composite, others: Iterable[Composite]) -> bool:
    """Whether other columns that this left side determines determine the target as well.

    dep_time and dep_delay determine sched_dep_time, and so hour. hour, day and month determine time_hour: then
    sched_dep_time, day and month do so only because sched_dep_time determines hour. Of left sides that determine each
    other the one with fewer columns is told: sched_dep_time, and not hour and minute.
    """
    known = _closure(exact, composite.columns, composite.target)
    for other in others:
        is_as_good = _violating(other) == 0 or _violating(composite) > 0
        if not is_as_good:
            continue
        if other.columns == composite.columns:
            if composite.target in exact.determined.get((other.target,), frozenset()):
                return True
            continue
        if other.target != composite.target or composite.target in other.columns:
            continue
        if known.issuperset(other.columns):
            back = _closure(exact, other.columns, composite.target)
            is_smaller = len(other.columns) < len(composite.columns)
            if not back.issuperset(composite.columns) or is_smaller or other.columns < composite.columns:
                return True
    return False


def _violating(composite: Composite) -> int:
    return composite.sums.rows - composite.sums.best_y_by_x


def _closure(exact: Dependencies, columns: Combination, without: int) -> frozenset[int]:
    """Return all columns that these determine, step by step, not by way of ``without``."""
    found, size = set(columns), 0
    while len(found) > size:
        size = len(found)
        for left, targets in exact.determined.items():
            if without not in left and found.issuperset(left):
                found |= targets - {without}
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
        found = material.computed(names, composite.target, expression, evidence, -(evidence.log2_chance or 0.0))
        return replace(found, evidence=replace(evidence, bits=bits))
    statement = f"{left} together determine {right} {material.where(evidence.rows)}."
    return Finding("dependency", names, (target,), statement, evidence, confidence)
