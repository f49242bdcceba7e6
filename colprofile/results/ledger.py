"""The ledger of bits: what a table's columns hold separately, and how much of it is redundant."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TreeEdge:
    """An edge of the Chow–Liu tree.

    Attributes
    ----------
    x, y
        Column names.
    bits
        Bits per row of the table that the two share beyond chance, NULL counted as a value; at least 0.
    """

    x: str
    y: str
    bits: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """Bits per row: what the columns hold separately, and how much of it is redundant. NULL counts as a value.

    Attributes
    ----------
    bits_apart
        Σ H(X_j): each column coded separately.
    tree_bits
        Σ H − Σ (I − E[I]) over the edges of the tree: each column coded given one other, chance left out. At least the
        joint entropy of the columns.
    redundant_bits
        bits_apart − tree_bits: at least this much is redundant.
    redundant_share
        redundant_bits as a share of bits_apart. None for a table without information.
    latent_class_bits
        bits_apart minus what latent classes show to be redundant: at least the joint entropy of the columns, too. None
        where they were not fitted.
    stored_bits
        What the storage uses per row. None where the source does not know it of every column.
    undefined
        Why something is None.
    """

    bits_apart: float
    tree_bits: float
    redundant_bits: float
    redundant_share: float | None
    latent_class_bits: float | None
    stored_bits: float | None
    undefined: dict[str, str] = field(default_factory=dict)
