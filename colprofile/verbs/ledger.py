"""The ledger of an audit: the bits of a row, and what of them is said twice."""

from __future__ import annotations

from collections.abc import Collection

from colprofile.results.audit import Dependence
from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.verbs.audit.audited_table import Material
from colprofile.verbs.profile import structure
from colprofile.verbs.profile.structure import row_bits, shared_bits

__all__ = ["dependences", "ledger", "row_bits", "shared_bits", "spanning_tree"]


def spanning_tree(material: Material, among: Collection[int] | None = None) -> tuple[TreeEdge, ...]:
    """Return the maximum spanning forest of the pairs by the bits they share beyond chance, most bits first.

    ``among`` limits it to some columns.
    """
    pairs = material.pairs.items()
    chosen = (pair for (x, y), pair in pairs if among is None or (x in among and y in among))
    return structure.spanning_tree(chosen, material.rows)


def ledger(material: Material, edges: tuple[TreeEdge, ...]) -> Ledger:
    """Return what a row holds apart, along the tree, and in storage."""
    return structure.ledger(material.rows, material.columns, edges)


def dependences(material: Material) -> tuple[Dependence, ...]:
    """Return the pairs with a dependence above 0, strongest first."""
    found = [
        Dependence(material.name(x), material.name(y), pair.dependence)
        for (x, y), pair in material.pairs.items()
        if pair.dependence
    ]
    return tuple(sorted(found, key=lambda item: -item.dependence))
