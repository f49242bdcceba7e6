"""How a table's columns depend on each other: the Chow–Liu tree, the ledger of bits, and clusters of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from colprofile.results.column import ColumnProfile, row_bits
from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.results.pair import PairProfile

CLUSTERED = 0.7
"""Clusters are joined as long as their columns depend on each other by at least this on average."""

_ORDERED = 200  # columns up to which the best order of leaves is looked for: that takes their cube

NO_BITS = 1e-9
"""Bits below this are zero up to rounding."""


class Forest:
    """Columns joined one edge at a time (Kruskal 1956)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parents = {name: name for name in names}

    def root(self, name: str) -> str:
        """Return the column that stands for the tree of this one."""
        while (parent := self._parents[name]) != name:
            self._parents[name] = name = self._parents[parent]
        return name

    def join(self, x: str, y: str) -> bool:
        """Join the trees of two columns; False where they were one already."""
        first, second = self.root(x), self.root(y)
        if first == second:
            return False
        self._parents[second] = first
        return True


def shared_bits(pair: PairProfile, rows: int) -> float:
    """Return a lower bound of the bits per row of the table that a pair shares beyond chance.

    With NULL as a value two columns share at least (complete rows / rows) · I over the complete rows: by the chain
    rule, what their masks share comes on top.
    """
    beyond = (pair.mutual_information or 0.0) - (pair.expected_mutual_information or 0.0)
    return max(0.0, beyond) * pair.rows / rows if rows else 0.0


def spanning_tree(pairs: Iterable[PairProfile], rows: int) -> tuple[TreeEdge, ...]:
    """Return the maximum spanning forest of the pairs by the bits they share beyond chance, most bits first.

    This is the tree of Chow & Liu (1968), with chance left out.
    """
    weighted = [(bits, pair) for pair in pairs if (bits := shared_bits(pair, rows)) > NO_BITS]
    weighted.sort(key=lambda item: -item[0])
    forest = Forest(name for _, pair in weighted for name in (pair.x, pair.y))
    return tuple(TreeEdge(pair.x, pair.y, bits) for bits, pair in weighted if forest.join(pair.x, pair.y))


def numbered(names: Sequence[str], pairs: Iterable[PairProfile]) -> dict[tuple[int, int], PairProfile]:
    """Return pairs by column numbers; those of columns that share a name with another are left out."""
    numbers = {name: j for j, name in enumerate(names)}
    twice = {name for name, amount in Counter(names).items() if amount > 1}
    found = {}
    for pair in pairs:
        if not {pair.x, pair.y} & twice:
            x, y = sorted((numbers[pair.x], numbers[pair.y]))
            found[x, y] = pair
    return dict(sorted(found.items()))


def named_clusters(columns: Sequence[ColumnProfile], pairs: Sequence[PairProfile]) -> tuple[tuple[str, ...], ...]:
    """Return ``clusters`` by column names; none where no pair was counted."""
    names = [column.name for column in columns]
    found = clusters(columns, numbered(names, pairs)) if pairs else ()
    return tuple(tuple(names[j] for j in members) for members in found)


def clusters(
    columns: Sequence[ColumnProfile], pairs: Mapping[tuple[int, int], PairProfile]
) -> tuple[tuple[int, ...], ...]:
    """Return the columns with more than one value in clusters, those that depend on each other side by side.

    Average linkage on 1 − dependence (Sokal & Michener 1958): clusters are joined as long as their columns depend on
    each other by at least CLUSTERED on average. Single linkage would chain: the hour of departure, the timestamp, and
    by way of it the month. Pairs whose bits chance may explain count as independent. Within and between clusters the
    leaves stand so that neighbours are as near as they can be (Bar-Joseph et al. 2001). ``pairs`` are by the numbers of
    their columns, the smaller first.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    chosen = [j for j, column in enumerate(columns) if column.distinct > 1]
    if len(chosen) < 2:
        return tuple((j,) for j in chosen)
    places = {j: place for place, j in enumerate(chosen)}
    distance = np.ones((len(chosen), len(chosen)))
    np.fill_diagonal(distance, 0.0)
    for (x, y), pair in pairs.items():
        if x in places and y in places and pair.dependence:
            distance[places[x], places[y]] = distance[places[y], places[x]] = max(0.0, 1 - pair.dependence)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=len(chosen) <= _ORDERED)
    labels = fcluster(tree, 1 - CLUSTERED, "distance")
    found: dict[int, list[int]] = {}
    for place in leaves_list(tree):
        found.setdefault(int(labels[place]), []).append(chosen[place])
    return tuple(tuple(members) for members in found.values())


def ledger(rows: int, columns: Sequence[ColumnProfile], edges: Sequence[TreeEdge]) -> Ledger:
    """Return the bits of a row: of its columns separately, along the tree, and in storage."""
    apart = sum(row_bits(column) for column in columns)
    redundant = min(apart, sum(edge.bits for edge in edges))
    undefined = {"latent_class_bits": "not fitted: --latent-classes, or latent_classes=True in Python, fits them"}
    known = [column.stored_bytes for column in columns if column.stored_bytes is not None]
    stored_bits = None
    if known and len(known) == len(columns) and rows:
        stored_bits = 8 * sum(known) / rows
    else:
        undefined["stored_bits"] = "the source does not report it"
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
