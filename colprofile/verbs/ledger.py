"""The ledger: the bits of a row, and what of them is said twice."""

from __future__ import annotations

import math
from collections.abc import Collection

from colprofile.results.audit import Dependence, Ledger, TreeEdge
from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.verbs.material import Material


def row_bits(column: ColumnProfile) -> float:
    """Return a column's bits a row of the table: its mask's, and its values' where it is filled."""
    if not column.rows or column.entropy is None:
        return 0.0
    filled = sum(count * number for count, number in column.fingerprint)
    if filled == column.rows:  # no NULL, or NULL counted as a value
        return column.entropy
    share = filled / column.rows
    mask = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    return mask + share * column.entropy


def shared_bits(pair: PairProfile, rows: int) -> float:
    """Return the bits a row of the table that a pair shares beyond chance, at least.

    With NULL as a value two columns share at least (complete rows / rows) · I over the complete rows: by the chain
    rule, what their masks share comes on top.
    """
    beyond = (pair.mutual_information or 0.0) - (pair.expected_mutual_information or 0.0)
    return max(0.0, beyond) * pair.rows / rows if rows else 0.0


def spanning_tree(material: Material, among: Collection[int] | None = None) -> tuple[TreeEdge, ...]:
    """Return the maximum spanning forest of the pairs by the bits they share beyond chance, most bits first.

    ``among`` limits it to some columns.
    """
    import networkx as nx

    graph = nx.Graph()
    for (x, y), pair in material.pairs.items():
        if among is not None and not (x in among and y in among):
            continue
        bits = shared_bits(pair, material.rows)
        if bits > 1e-9:
            graph.add_edge(x, y, weight=bits)
    edges = nx.maximum_spanning_edges(graph, data=True)
    found = [TreeEdge(material.name(min(x, y)), material.name(max(x, y)), data["weight"]) for x, y, data in edges]
    return tuple(sorted(found, key=lambda edge: -edge.bits))


def ledger(material: Material, edges: tuple[TreeEdge, ...]) -> Ledger:
    """Return what a row holds apart, along the tree, and in storage."""
    apart = sum(row_bits(column) for column in material.columns)
    redundant = min(apart, sum(edge.bits for edge in edges))
    undefined = {"latent_class_bits": "it was not fitted"}
    stored = [column.stored_bytes for column in material.columns]
    known = [size for size in stored if size is not None]
    stored_bits = None
    if known and len(known) == len(stored) and material.rows:
        stored_bits = 8 * sum(known) / material.rows
    else:
        undefined["stored_bits"] = "the source does not tell"
    if not apart:
        undefined["redundant_share"] = "the table holds no information"
    return Ledger(
        bits_apart=apart,
        tree_bits=apart - redundant,
        redundant_bits=redundant,
        redundant_share=redundant / apart if apart else None,
        latent_class_bits=None,
        stored_bits=stored_bits,
        undefined=undefined,
    )


def dependences(material: Material) -> tuple[Dependence, ...]:
    """Return the pairs with a dependence above 0, strongest first."""
    found = [
        Dependence(material.name(x), material.name(y), pair.dependence)
        for (x, y), pair in material.pairs.items()
        if pair.dependence
    ]
    return tuple(sorted(found, key=lambda item: -item.dependence))
