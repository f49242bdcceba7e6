"""Findings about groups: clusters of columns that share information."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.results.audit import Evidence, Finding
from colprofile.verbs.audit.audited_table import Material, listed
from colprofile.verbs.ledger import spanning_tree
from colprofile.verbs.profile.structure import Forest


def group_findings(material: Material, found: Sequence[tuple[int, ...]], told: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the clusters of two columns and more, but for those that other findings tie together already."""
    for members in found:
        names = material.names(members)
        if len(members) < 2 or _are_tied(names, told):
            continue
        bits = sum(edge.bits for edge in spanning_tree(material, members))
        strengths = [pair.dependence or 0.0 for (x, y), pair in material.pairs.items() if x in members and y in members]
        rows = min(pair.rows for (x, y), pair in material.pairs.items() if x in members and y in members)
        mean = f"{sum(strengths) / len(strengths):.2f}{'' if len(members) == 2 else ' on average'}"
        statement = f"{listed(names)} share information: their dependence is {mean}."
        evidence = Evidence(rows, 0, False, bits)
        yield Finding("group", names, (), statement, evidence, 1 - 0.001)


def _are_tied(names: Sequence[str], told: Sequence[Finding]) -> bool:
    """Whether findings about nothing but these columns lead from each of them to every other."""
    forest = Forest(names)
    for finding in told:
        columns = [*finding.columns, *finding.targets]
        if finding.targets and set(names).issuperset(columns):
            for other in columns[1:]:
                forest.join(columns[0], other)
    return len({forest.root(name) for name in names}) == 1
