"""LatentClasses: the result of ``latent_classes()``, groups of similar rows and the bits that they explain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colprofile.errors import ArgumentError, SourceNotFound, shorten
from colprofile.results.base import Result, amount
from colprofile.results.joint import Category, CategoryKind
from colprofile.results.parts import Part, column_named
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.values import Value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class LatentColumn(Part):
    """A column, as categories, and what the classes say about it.

    Attributes
    ----------
    name, type
        As in the database.
    missing
        Rows whose cell is left out because it is NULL, unless NULL is a category of its own.
    entropy
        Entropy of the categories in bits, over the cells that are not left out.
    information
        I(column; class) in bits: what a row's class says about its category; at most ``entropy``.
    categories
        Ranges in the order of the values, other categories with the most frequent first.
    """

    name: str
    type: str
    missing: int
    entropy: float
    information: float
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Typical:
    """A value, or range of values, that is more frequent in a class than in the table.

    Attributes
    ----------
    column
        Name of the column.
    kind
        As in Category.
    value, low, high
        As in Category; a range may join neighbouring bins.
    share
        Share of the class's cells in the column.
    table_share
        Share of the table's cells in the column.
    lift
        share / table_share.
    bits
        share · log2(lift): its part of what the class says about the column.
    """

    column: str
    kind: CategoryKind
    value: Value
    low: Value
    high: Value
    share: float
    table_share: float
    lift: float
    bits: float


@dataclass(frozen=True, slots=True, repr=False)
class LatentClass(Part):
    """One latent class.

    Attributes
    ----------
    number
        From 1, the largest class first.
    share
        Expected share of the rows.
    rows
        Rows for which it is the most probable class.
    certainty
        The mean probability with which those rows belong to it. None without such rows.
    typical
        Values that are more frequent than in the table, most bits first, at most two per column.
    counts
        For each column of ``LatentClasses.columns`` the expected rows by category, used by ``assign_classes``.
    """

    number: int
    share: float
    rows: int
    certainty: float | None
    typical: tuple[Typical, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of classes and the highest ELBO found with it on the whole table, in bits per row.

    ``redundancy_bits`` is that ELBO less the log evidence of one class.
    """

    classes: int
    elbo: float
    redundancy_bits: float


@dataclass(frozen=True, repr=False)
class LatentClasses(Result):
    """A table's latent classes: within a class, the model takes the columns to be independent.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        The columns used, in the table's order.
    classes
        The classes, the largest first; their number is the one with the highest ELBO.
    candidates
        The ELBO of each number of classes that was tried, in ascending order.
    trace
        The ELBO after each iteration over the whole table, in bits per row; it never falls.
    elbo
        The last of ``trace`` for the whole table: a lower bound of log2 p(table) under the model, in bits.
    independent_evidence
        log2 p(table) under the same model with one class, in which the columns are independent; exact.
    redundancy_bits
        (elbo − independent_evidence) / rows: the least bits per row that a code for all columns together saves over
        codes for each column separately, if all codes learn while they read the rows.
    marginal_bits
        Σ H(X_j) of the categories, bits per row; cells that are left out count as 0.
    table_redundancy
        marginal_bits + elbo / rows, at least 0: never above this table's own Σ H(X_j) − H(X_1 … X_m) with NULL as a
        value.
    distribution_redundancy
        The same for the distribution that the rows were drawn from: a lower bound that holds with probability
        ``confidence``; at least 0.
    confidence
        Confidence of ``distribution_redundancy``.
    is_converged
        Whether the last iteration gained less than the tolerance. The bounds hold in any case.
    max_classes, restarts, seed, concentration
        As given to ``latent_classes``.
    left_out
        Columns that hold no information, or cannot be counted, and why.
    provenance
        Source, options, version, duration.
    notes
        What a reader should know.
    """

    rows: int
    columns: tuple[LatentColumn, ...]
    classes: tuple[LatentClass, ...]
    candidates: tuple[Candidate, ...]
    trace: tuple[float, ...]
    elbo: float
    independent_evidence: float
    redundancy_bits: float
    marginal_bits: float
    table_redundancy: float
    distribution_redundancy: float
    confidence: float
    is_converged: bool
    max_classes: int
    restarts: int
    seed: int
    concentration: float
    left_out: tuple[SkippedColumn, ...]
    provenance: Provenance
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ArgumentError(f"rows={self.rows} is not allowed: give 1 or more")
        if not self.candidates or not self.trace:
            raise ArgumentError("candidates and trace must not be empty")

    @property
    def joint_bits(self) -> float:
        """Bits per row of a code for all columns together, −elbo / rows; at least the columns' joint entropy."""
        return -self.elbo / self.rows

    def __getitem__(self, number: int) -> LatentClass:
        """Return the class with this number, from 1; SourceNotFound if there is none."""
        for found in self.classes:
            if found.number == number:
                return found
        raise SourceNotFound(f"no class {number!r}: they are numbered from 1 to {len(self.classes)}")

    def __iter__(self) -> Iterator[LatentClass]:
        """Iterate over the classes, the largest first, as over ``classes``."""
        return iter(self.classes)

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.classes)

    def __contains__(self, item: object) -> bool:
        """Whether there is a class with this number; each class of the result is in it too."""
        return any(item is found or (isinstance(item, int) and item == found.number) for found in self.classes)

    def __bool__(self) -> bool:
        """Return True: a result without classes is a result too."""
        return True

    def column(self, name: str) -> LatentColumn:
        """Return the column called ``name``; SourceNotFound with the near names, or why it was left out."""
        for skipped in self.left_out:
            if skipped.name == name:
                raise SourceNotFound(f"column {shorten(name)!r} was left out: {skipped.reason}")
        return column_named(self.columns, name, "latent classes")

    def classes_frame(self) -> pd.DataFrame:
        """Return one row per class, the largest first, indexed by number; certainty is missing without rows."""
        return self._frame_of(LatentClass, self.classes).set_index("number")

    def typical_frame(self) -> pd.DataFrame:
        """Return one row per typical value, by class and then most bits first: the class's number, then its fields."""
        frame = self._frame_of(Typical, [typical for item in self.classes for typical in item.typical])
        classes = self._frame_of(LatentClass, [item for item in self.classes for _ in item.typical])
        frame.insert(0, "number", classes["number"])
        return frame

    def columns_frame(self) -> pd.DataFrame:
        """Return one row per column in the table's order, indexed by name, with its number of ``categories``."""
        frame = self._frame_of(LatentColumn, self.columns).set_index("name")
        return frame.assign(categories=[len(column.categories) for column in self.columns])

    def candidates_frame(self) -> pd.DataFrame:
        """Return one row per number of classes, ascending, indexed by it: its ELBO and redundancy in bits per row."""
        return self._frame_of(Candidate, self.candidates).set_index("classes")

    def _describe(self) -> str:
        counted = (amount(self.rows, "row"), amount(len(self.columns), "column"), amount(len(self.classes), "class"))
        return f"of {self.provenance.subject}: {', '.join(counted)}"
