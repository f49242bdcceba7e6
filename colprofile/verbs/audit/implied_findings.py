"""Near dependencies that follow from others: what a chain of stronger findings tells is not told again."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.audit import Finding

_LINKS = ("duplicate", "computed", "bijection", "dependency", "near")


def without_implied(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings without the near dependencies that others imply, in their order.

    flight and dest nearly determine origin, origin and dest nearly determine distance, each with fewer rows against it
    than flight and dest → distance has: that one says nothing new. Every link must be better than what it implies, so
    that nothing is left out for its own sake.
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
    reached = set(given)
    for link in known:
        if link.kind in _LINKS:
            for left, right in _ways(link):
                if given.issuperset(left) and target not in right:
                    reached.update(right)
    return any(
        link.kind in _LINKS and target in right and frozenset(left) != given and reached.issuperset(left)
        for link in known
        for left, right in _ways(link)
    )


def _ways(link: Finding) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return left and right sides: both ways for columns that determine each other."""
    ways = [(link.columns, link.targets)]
    if link.kind in ("duplicate", "bijection"):
        ways.append((link.targets, link.columns))
    return ways
