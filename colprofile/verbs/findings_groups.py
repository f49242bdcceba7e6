"""Findings about groups: clusters of columns that share information."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from colprofile.measures.lookup import table_savings
from colprofile.results.audit import Evidence, Finding
from colprofile.results.profile import PairProfile
from colprofile.verbs.ledger import spanning_tree
from colprofile.verbs.material import Material, listed

CLUSTERED = 0.5
"""Clusters are joined as long as their columns depend on each other by at least this on average."""


def clusters(material: Material) -> tuple[tuple[int, ...], ...]:
    """Return the columns with more than one value in clusters, those that depend on each other side by side.

    Average linkage on 1 − dependence (Sokal & Michener 1958); pairs that are not significant count as independent.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    chosen = [j for j, column in enumerate(material.columns) if column.distinct > 1]
    if len(chosen) < 2:
        return tuple((j,) for j in chosen)
    places = {j: place for place, j in enumerate(chosen)}
    distance = np.ones((len(chosen), len(chosen)))
    np.fill_diagonal(distance, 0.0)
    for (x, y), pair in material.pairs.items():
        if x in places and y in places and is_significant(material, x, y, pair):
            distance[places[x], places[y]] = distance[places[y], places[x]] = 1 - (pair.dependence or 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=len(chosen) <= 200)
    labels = fcluster(tree, 1 - CLUSTERED, "distance")
    found: dict[int, list[int]] = {}
    for place in leaves_list(tree):
        found.setdefault(int(labels[place]), []).append(chosen[place])
    return tuple(tuple(members) for members in found.values())


def is_significant(material: Material, x: int, y: int, pair: PairProfile) -> bool:
    """Whether the bits that a pair shares pay for the table between them: see ``measures.lookup``."""
    if not pair.rows or pair.entropy_y is None or pair.entropy_y_given_x is None or pair.entropy_x is None:
        return False
    distinct = [max(1, min(material.columns[j].distinct, pair.rows)) for j in (x, y)]
    sizes = (pair.rows, distinct[0], distinct[1], pair.distinct_pairs)
    saved = table_savings(*sizes, pair.entropy_y, pair.entropy_y_given_x)
    if pair.entropy_x_given_y is not None:
        saved = max(saved, table_savings(*sizes, pair.entropy_x, pair.entropy_x_given_y))
    return saved >= math.log2(max(1, len(material.pairs)) / 0.001)


def group_findings(material: Material, found: Sequence[tuple[int, ...]], told: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the clusters of two columns and more, but for pairs of which another finding tells already."""
    for members in found:
        names = material.names(members)
        if len(members) < 2 or (len(members) == 2 and any(set(names) <= _columns(finding) for finding in told)):
            continue
        bits = sum(edge.bits for edge in spanning_tree(material, members))
        strengths = [pair.dependence or 0.0 for (x, y), pair in material.pairs.items() if x in members and y in members]
        rows = min(pair.rows for (x, y), pair in material.pairs.items() if x in members and y in members)
        statement = (
            f"{listed(names)} share information: their dependence is {sum(strengths) / len(strengths):.2f} on average."
        )
        evidence = Evidence(rows, 0, False, bits)
        yield Finding("group", names, (), statement, evidence, 1 - 0.001)


def _columns(finding: Finding) -> set[str]:
    return {*finding.columns, *finding.targets}
