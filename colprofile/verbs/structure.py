"""How a table's columns hang together: the Chow–Liu tree, the ledger of bits, and columns that depend side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.results.profile import ColumnProfile, PairProfile

CLUSTERED = 0.5
"""Columns belong together that depend on each other by at least this."""

NO_BITS = 1e-9
"""Bits below this are what rounding left of zero."""


class Forest:
    """Columns joined one edge at a time (Kruskal 1956); each tree holds its columns in a line, near ones together."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parents = {name: name for name in names}
        self.lines = {name: [name] for name in self._parents}

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
        left, right = self.lines[first], self.lines[second]
        if left.index(x) < len(left) / 2:
            left.reverse()
        if right.index(y) >= len(right) / 2:
            right.reverse()
        if len(left) < len(right):
            first, second = second, first
        self.lines[first] = left + right
        del self.lines[second]
        self._parents[second] = first
        return True


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


def spanning_tree(pairs: Iterable[PairProfile], rows: int) -> tuple[TreeEdge, ...]:
    """Return the maximum spanning forest of the pairs by the bits they share beyond chance, most bits first.

    This is the tree of Chow & Liu (1968), with chance left out.
    """
    weighted = [(bits, pair) for pair in pairs if (bits := shared_bits(pair, rows)) > NO_BITS]
    weighted.sort(key=lambda item: -item[0])
    forest = Forest(name for _, pair in weighted for name in (pair.x, pair.y))
    return tuple(TreeEdge(pair.x, pair.y, bits) for bits, pair in weighted if forest.join(pair.x, pair.y))


def clusters(pairs: Iterable[PairProfile]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of all pairs with a dependence in clusters, those that depend on each other side by side.

    Single linkage on 1 − dependence (Sibson 1973). When two lines of columns meet, each is turned so that its nearer
    half comes to the seam. Clusters end where the dependence falls below 0.5; their order goes on down to 0.
    """
    strongest = sorted(
        (pair for pair in pairs if pair.dependence is not None), key=lambda pair: -(pair.dependence or 0.0)
    )
    names = dict.fromkeys(name for pair in strongest for name in (pair.x, pair.y))
    groups, whole = Forest(names), Forest(names)
    for pair in strongest:
        if (pair.dependence or 0.0) >= CLUSTERED:
            groups.join(pair.x, pair.y)
        whole.join(pair.x, pair.y)
    found: dict[str, list[str]] = {}
    for line in whole.lines.values():
        for name in line:
            found.setdefault(groups.root(name), []).append(name)
    return tuple(map(tuple, found.values()))


def ledger(rows: int, columns: Sequence[ColumnProfile], edges: Sequence[TreeEdge]) -> Ledger:
    """Return what a row holds apart, along the tree, and in storage."""
    apart = sum(row_bits(column) for column in columns)
    redundant = min(apart, sum(edge.bits for edge in edges))
    undefined = {"latent_class_bits": "it was not fitted"}
    known = [column.stored_bytes for column in columns if column.stored_bytes is not None]
    stored_bits = None
    if known and len(known) == len(columns) and rows:
        stored_bits = 8 * sum(known) / rows
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
