"""One column that determines another: the pairs' dependencies by column numbers, and their findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from colprofile.counting.dependencies.relation import measure
from colprofile.results.audit import Evidence, Finding
from colprofile.results.single_dependencies import SingleDependency, single_dependencies
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import name_list
from colprofile.verbs.audit.violations import violating_examples, violating_query


def numbered_dependencies(audited: AuditedTable) -> Iterator[tuple[int, int, SingleDependency]]:
    """Yield (x, y, x → y) for every exact or nearly exact dependency of a pair, findings or not."""
    columns = {column.name: column for column in audited.columns}
    measured = frozenset(audited.names(sorted(audited.measured)))
    for pair in audited.pairs.values():
        for single in single_dependencies(columns, pair, measured):
            yield audited.numbers[single.source], audited.numbers[single.target], single


def evidence_of(audited: AuditedTable, single: SingleDependency) -> Evidence:
    """Return the figures of a dependency: counted, or from the pair's profile where there are no codes."""
    if audited.has_codes:
        x, y = audited.numbers[single.source], audited.numbers[single.target]
        return audited.evidence(measure(audited.relation, (x,), y))
    pair, figures, entropy = single.pair, single.determination, single.target_entropy
    shared, expected = pair.mutual_information, pair.expected_mutual_information
    is_known = shared is not None and expected is not None and entropy > 0
    return Evidence(
        rows=pair.rows,
        violating_rows=figures.violating_rows,
        is_exact=figures.is_exact,
        bits=max(0.0, single.saved_bits) / audited.rows,
        mutual_information=shared,
        expected_mutual_information=expected,
        uncertainty_coefficient=figures.uncertainty_coefficient,
        rfi=((shared or 0.0) - (expected or 0.0)) / entropy if is_known else None,
        mu_plus=figures.mu_plus,
        g3=figures.g3,
        log2_chance=min(0.0, 0.0 - single.saved_bits),
    )


def dependency_finding(audited: AuditedTable, single: SingleDependency) -> Finding:
    """Return the finding that x determines y: each the other, exactly, or nearly with examples and a query."""
    x, y = audited.numbers[single.source], audited.numbers[single.target]
    evidence = evidence_of(audited, single)
    if single.is_one_to_one:
        is_equivalent = audited.representatives[x] == audited.representatives[y]
        where = "" if is_equivalent else f" {audited.in_which_rows(evidence.rows)}"
        statement = (
            f"{audited.label(x)} and {audited.label(y)} determine each other{where}, like a code and its "
            f"label.{_thin(audited, single)}"
        )
        return audited.finding("bijection", [x], [y], statement, evidence)
    found = determination_finding(audited, (x,), y, evidence)
    return replace(found, statement=found.statement + _thin(audited, single))


def _thin(audited: AuditedTable, single: SingleDependency) -> str:
    """Return the remark that the evidence is thin, where it is."""
    return single.thin_evidence(audited.label(audited.numbers[single.source]))


def determination_finding(audited: AuditedTable, columns: tuple[int, ...], target: int, evidence: Evidence) -> Finding:
    """Return the finding that columns determine another: in every row, or nearly with examples and a query."""
    names = audited.names(columns)
    verb = "determines" if len(columns) == 1 else "together determine"
    claim = f"{name_list(names)} {verb} {audited.label(target)}"
    if evidence.is_exact:
        statement = f"{claim} {audited.in_which_rows(evidence.rows)}."
        return audited.finding("dependency", columns, [target], statement, evidence)
    return audited.finding(
        "near",
        columns,
        [target],
        f"{claim} except for {evidence.violating_rows:,} of {evidence.rows:,} rows.",
        evidence,
        query=violating_query(audited, columns, target),
        examples=violating_examples(audited, columns, target),
    )


def saving_little(finding: Finding) -> Finding:
    """Return a finding with the remark that a lookup would save little: its left sides seldom repeat."""
    return replace(
        finding, statement=f"{finding.statement} Chance does not explain this, though a lookup would save little."
    )
