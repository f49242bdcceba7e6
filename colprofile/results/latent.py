"""LatentClasses: what ``latent_classes()`` returns, the kinds of rows that a table has and the bits they explain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colprofile.errors import SourceNotFound, shorten
from colprofile.results.base import Result, amount, column_named
from colprofile.results.joint import Category, CategoryKind
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.values import Value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LatentColumn:
    """A column as the classes see it.

    Attributes
    ----------
    name, type
        As the database names them.
    missing
        Rows whose cell is left out: NULL, where that is not a category of its own.
    entropy
        Bits of the categories, over the cells that are not left out.
    information
        Bits that a row's class tells of its category: I(column; class), at most ``entropy``.
    categories
        In the order of the values for ranges, most frequent first otherwise.
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
        Its column.
    kind
        As Category has it.
    value, low, high
        As Category has them; a range may join neighbouring bins.
    share
        Of the class's cells in the column.
    table_share
        Of the table's.
    lift
        share / table_share.
    bits
        share · log2(lift): its part of what the class tells of the column.
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


@dataclass(frozen=True, slots=True)
class LatentClass:
    """One kind of row.

    Attributes
    ----------
    number
        From 1, the largest first.
    share
        Expected share of the rows.
    rows
        Rows that belong to it more probably than to any other class.
    certainty
        The mean probability with which those rows belong to it. None without such rows.
    typical
        What tells it apart, most bits first, at most two values a column.
    counts
        For each column of ``LatentClasses.columns`` the expected rows by category: what ``assign_classes`` computes on.
    """

    number: int
    share: float
    rows: int
    certainty: float | None
    typical: tuple[Typical, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of classes and the highest ELBO seen with it on the whole table, in bits a row.

    ``redundancy_bits`` is that ELBO less the log evidence of one class.
    """

    classes: int
    elbo: float
    redundancy_bits: float


@dataclass(frozen=True, repr=False)
class LatentClasses(Result):
    """A table's latent classes: within a class the columns are independent, as far as the model goes.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        Those that take part, in the table's order.
    classes
        The kinds of rows, the largest first; their number is the one with the highest ELBO.
    candidates
        The ELBO of each number of classes that was weighed, in ascending order.
    trace
        The ELBO after each iteration over the whole table, in bits a row: it never falls.
    elbo
        The last of ``trace`` as bits of the whole table: a lower bound of log2 p(table) under the model.
    independent_evidence
        log2 p(table) under the same model with one class, where the columns are independent: exact.
    redundancy_bits
        (elbo − independent_evidence) / rows: the bits a row that coding the columns together saves, at least, over
        coding each by itself, both codes learning as they go.
    marginal_bits
        Σ H(X_j) of the categories, bits a row; a column's cells that are left out count as 0.
    table_redundancy
        marginal_bits + elbo / rows, at least 0: never above this table's own Σ H(X_j) − H(X_1 … X_m), NULL counted as a
        value.
    distribution_redundancy
        A lower bound, with probability ``confidence``, of the same for the distribution that the rows were drawn from;
        at least 0.
    confidence
        Of ``distribution_redundancy``.
    is_converged
        Whether the last iteration gained less than the tolerance. The bounds hold in any case.
    max_classes, restarts, seed, concentration
        How it was searched; rows that the Dirichlet priors count for in advance.
    left_out
        Columns that have nothing to say, or cannot be counted, and why.
    provenance
        Source, options, version, duration.
    notes
        What the reader should know.
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
    notes: tuple[str, ...] = field(default=())

    @property
    def joint_bits(self) -> float:
        """Bits a row of coding the columns together, −elbo / rows: at least the columns' joint entropy."""
        return -self.elbo / self.rows

    def __getitem__(self, number: int) -> LatentClass:
        """Return the class with this number, from 1; SourceNotFound if there is none."""
        for found in self.classes:
            if found.number == number:
                return found
        raise SourceNotFound(f"no class {number!r}: they are numbered from 1 to {len(self.classes)}")

    def column(self, name: str) -> LatentColumn:
        """Return the column called ``name``; SourceNotFound with the near names, or why it was left out."""
        for skipped in self.left_out:
            if skipped.name == name:
                raise SourceNotFound(f"column {shorten(name)!r} was left out: {skipped.reason}")
        return column_named(self.columns, name, "latent classes")

    def classes_frame(self) -> pd.DataFrame:
        """Return one row a class, the largest first, indexed by number; certainty is missing without rows."""
        from colprofile.results.frames import frame_of

        return frame_of(LatentClass, self.classes).set_index("number")

    def typical_frame(self) -> pd.DataFrame:
        """Return one row a typical value, by class and then most bits first: the class's number, then its fields."""
        from colprofile.results.frames import frame_of

        found = [(item.number, typical) for item in self.classes for typical in item.typical]
        frame = frame_of(Typical, [typical for _, typical in found])
        frame.insert(0, "number", [number for number, _ in found])
        return frame.astype({"number": "int64"})

    def columns_frame(self) -> pd.DataFrame:
        """Return one row a column in the table's order, indexed by name, with its number of ``categories``."""
        from colprofile.results.frames import frame_of

        frame = frame_of(LatentColumn, self.columns).set_index("name")
        return frame.assign(categories=[len(column.categories) for column in self.columns])

    def candidates_frame(self) -> pd.DataFrame:
        """Return one row a number of classes, ascending, indexed by it: its ELBO and redundancy in bits per row."""
        from colprofile.results.frames import frame_of

        return frame_of(Candidate, self.candidates).set_index("classes")

    def _describe(self) -> str:
        counted = (amount(self.rows, "row"), amount(len(self.columns), "column"), amount(len(self.classes), "class"))
        return f"of {self.provenance.subject}: {', '.join(counted)}"
