"""Dependencies of one column on another: which there are by the figures of the pairs, and which are findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colprofile.measures.lookup import arrangement_bits, savings
from colprofile.measures.thresholds import THRESHOLDS

if TYPE_CHECKING:
    from colprofile.results.column import ColumnProfile
    from colprofile.results.pair import Determination, PairProfile


@dataclass(frozen=True, slots=True)
class SingleDependency:
    """One column determines another, exactly or nearly: ``source → target``.

    Attributes
    ----------
    source_column, target_column
        The two columns.
    pair
        The pair that shows it.
    determination
        The pair's figures in this direction.
    is_mutual
        Whether each determines the other without exception.
    is_measured, determines_measured
        Whether the source is a measurement, which determines nothing in earnest, and whether the target is: see
        ``results.measurements``.
    """

    source_column: ColumnProfile
    target_column: ColumnProfile
    pair: PairProfile
    determination: Determination
    is_mutual: bool
    is_measured: bool = False
    determines_measured: bool = False

    @property
    def source(self) -> str:
        """The name of the column that determines."""
        return self.source_column.name

    @property
    def target(self) -> str:
        """The name of the column that is determined."""
        return self.target_column.name

    @property
    def is_one_to_one(self) -> bool:
        """Whether each determines the other without exception, and neither is a measurement."""
        return self.is_mutual and not (self.is_measured or self.determines_measured)

    @property
    def is_thin(self) -> bool:
        """Whether the evidence is thin: most values of the source occur so seldom that chance could do the same."""
        dependence = self.pair.dependence
        return dependence is not None and dependence < THRESHOLDS.clear_dependence

    def thin_evidence(self, source: str) -> str:
        """Return the sentence that says that the evidence is thin, after a space; empty where it is not.

        ``source`` is the source's name as the sentence shows it.
        """
        if not self.is_thin:
            return ""
        expected, shared = self.pair.expected_mutual_information or 0.0, self.pair.mutual_information or 0.0
        column = self.source_column
        values = f"{source} has {column.distinct:,} values in {column.counted_rows:,} rows"
        chance = f", so that chance alone would explain {expected / shared:.0%} of it" if 0 < expected <= shared else ""
        return f" The evidence is thin: {values}{chance.replace('%', ' %')}."

    @property
    def target_entropy(self) -> float:
        """H of the target in bits, over the pair's complete rows."""
        return (self.pair.entropy_y if self.pair.y == self.target else self.pair.entropy_x) or 0.0

    @property
    def target_bits(self) -> float:
        """Bits of the target over the pair's complete rows, at least: what a lookup that costs nothing would save."""
        rows = self.pair.rows
        return arrangement_bits(rows, min(self.target_column.distinct, rows), self.target_entropy)

    @property
    def saved_bits(self) -> float:
        """Bits of the table that a lookup of the target by the source saves, at least: see ``measures.lookup``."""
        rows = self.pair.rows
        distinct_x, distinct_y = (min(column.distinct, rows) for column in (self.source_column, self.target_column))
        return savings(rows, distinct_x, distinct_y, self.target_entropy, self.determination.violating_rows)

    @property
    def repeated_share(self) -> float:
        """Share of the source's rows whose value occurs in another row too."""
        column = self.source_column
        unique = sum(values for count, values in column.fingerprint if count == 1)
        return 1 - unique / max(1, column.counted_rows)

    def is_finding(self, needed: float) -> bool:
        """Whether it is strong and saves more than chance: at least ``needed`` bits, see ``measures.thresholds``.

        What a measurement determines is no finding.
        """
        figures, dependence = self.determination, self.pair.dependence
        return (
            not self.is_measured
            and (dependence is None or dependence >= THRESHOLDS.dependence)
            and self.target_entropy > 0
            and THRESHOLDS.is_strong(figures.g3, figures.mu_plus, self.repeated_share)
            and THRESHOLDS.saves_enough(self.saved_bits, needed, self.target_bits)
        )


def single_dependencies(
    columns: Mapping[str, ColumnProfile], pair: PairProfile, measured: Collection[str] = ()
) -> Iterator[SingleDependency]:
    """Yield both directions of a pair that hold exactly, or with few violating rows, whether findings or not.

    ``measured`` names the columns that are measurements.
    """
    if pair.x_to_y is None or pair.y_to_x is None:
        return
    is_mutual = pair.x_to_y.is_exact and pair.y_to_x.is_exact
    for source, target, figures in ((pair.x, pair.y, pair.x_to_y), (pair.y, pair.x, pair.y_to_x)):
        if columns[target].distinct > 1 and (figures.is_exact or figures.g3 <= THRESHOLDS.violating_share):
            both = (source in measured, target in measured)
            yield SingleDependency(columns[source], columns[target], pair, figures, is_mutual, *both)
