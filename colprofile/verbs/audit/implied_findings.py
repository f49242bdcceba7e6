"""Near dependencies that follow from other findings: they are left out."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.audit import Finding

_LINKS = ("duplicate", "computed", "bijection", "dependency", "near")


def without_implied(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings without the near dependencies that others imply, in their order.

    flight and dest nearly determine origin; origin and dest nearly determine distance. Fewer rows contradict each of
    them than contradict flight and dest → distance: that one says nothing new. Every link must be better than what it
    implies, so that no finding is left out because of itself.
    """
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda finding: finding.evidence.violating_rows):
        if finding.kind != "near" or not _follows(finding, kept):
            kept.append(finding)
    chosen = set(map(id, kept))
    return [finding for finding in found if id(finding) in chosen]


def _follows(finding: Finding, known: Sequence[Finding]) -> bool:
    """Whether links lead from a finding's left side to the columns of another left side of its target."""
    given, target = frozenset(finding.columns), finding.targets[0]
    links = [link for link in known if link.kind in _LINKS]
    directions = [(link.columns, link.targets) for link in links]
    directions += [(link.targets, link.columns) for link in links if link.kind in ("duplicate", "bijection")]
    reached = given.union(*(right for left, right in directions if given.issuperset(left) and target not in right))
    return any(target in right and frozenset(left) != given and reached.issuperset(left) for left, right in directions)
