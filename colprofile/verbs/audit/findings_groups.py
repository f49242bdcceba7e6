"""Findings about groups: columns that move together, and clusters of columns that share information."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.audit import Evidence, Finding
from colprofile.results.pair import PairProfile
from colprofile.results.together import columns_together, in_words
from colprofile.results.words import coefficient
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import name_list
from colprofile.verbs.profile.structure import Forest, spanning_tree


def together_findings(audited: AuditedTable, known: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the groups of columns that move together, except for those that other findings connect already."""
    for group in columns_together(audited.columns, list(audited.pairs.values())):
        if _are_connected(group.columns, known):
            continue
        rising, falling = ([audited.numbers[name] for name in names] for names in (group.rising, group.falling))
        fallers = name_list(group.falling) if falling else ""
        statement = in_words(name_list(group.rising), fallers, (len(rising), len(falling)), group.pairs)
        bits = sum(edge.bits for edge in spanning_tree(group.pairs, audited.rows))
        evidence = Evidence(min(pair.rows for pair in group.pairs), 0, False, bits)
        yield replace(audited.finding("together", rising, falling, statement, evidence), confidence=1 - SIGNIFICANCE)


def group_findings(
    audited: AuditedTable, clusters: Sequence[tuple[int, ...]], known: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield the clusters of two columns and more, except for those that other findings connect already."""
    places = {j: place for place, members in enumerate(clusters) for j in members}
    within: dict[int, list[PairProfile]] = {}
    for (x, y), pair in audited.pairs.items():
        if x in places and places[x] == places.get(y):
            within.setdefault(places[x], []).append(pair)
    for place, members in enumerate(clusters):
        names = audited.names(members)
        if len(members) < 2 or _are_connected(names, known):
            continue
        pairs = within[place]
        mean = sum(pair.dependence or 0.0 for pair in pairs) / len(pairs)
        average = "" if len(members) == 2 else " on average"
        statement = f"{name_list(names)} share information: their dependence is {coefficient(mean)}{average}."
        bits = sum(edge.bits for edge in spanning_tree(pairs, audited.rows))
        evidence = Evidence(min(pair.rows for pair in pairs), 0, False, bits)
        yield replace(audited.finding("group", members, [], statement, evidence), confidence=1 - SIGNIFICANCE)


def _are_connected(names: Sequence[str], known: Sequence[Finding]) -> bool:
    """Whether findings lead from each of these columns to every other.

    They are about these columns alone, unless they say that columns move together, or how one is computed: a total
    moves with the price.
    """
    forest = Forest(names)
    for finding in known:
        members = {*finding.columns, *finding.targets}
        inside = [name for name in names if name in members]
        is_whole = bool(finding.targets) and len(inside) == len(members)
        if is_whole or finding.kind in ("computed", "together"):
            for other in inside[1:]:
                forest.join(inside[0], other)
    return len({forest.root(name) for name in names}) == 1
