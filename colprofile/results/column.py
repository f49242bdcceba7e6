"""ColumnProfile: one column's information and distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from colprofile.errors import ArgumentError
from colprofile.results.histogram import Histogram
from colprofile.results.parts import Part
from colprofile.results.quality import TextShape
from colprofile.values import Value

Kind = Literal["boolean", "categorical", "numeric", "temporal", "text", "nested"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A numeric or temporal column in bins of equal width, for a small chart.

    Attributes
    ----------
    edges
        Edges of the bins, one more than ``counts``: numbers, or ISO text for temporal columns. A bin includes its left
        edge; the last bin also includes its right edge.
    counts
        Number of rows in each bin.
    left_out
        Number of rows that are not in a bin: NaN and infinities.
    """

    edges: tuple[float | str, ...]
    counts: tuple[int, ...]
    left_out: int = 0

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.counts) + 1:
            raise ArgumentError(f"{len(self.counts)} bins have {len(self.edges)} edges")


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value.

    Attributes
    ----------
    value
        The value as JSON can hold it: temporal values as ISO text, nested values and blobs as the database's text.
    count
        Number of rows that hold the value.
    share
        Share of the rows that are not NULL, in [0, 1].
    """

    value: Value
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile, which is a value of the column.

    Attributes
    ----------
    probability
        Probability of the quantile, in [0, 1].
    value
        The smallest value v such that at least ``probability`` of the rows that are not NULL are <= v.
    """

    probability: float
    value: Value


@dataclass(frozen=True, slots=True, repr=False)
class ColumnProfile(Part):
    """One column: its information and its distribution. Entropies are in bits per row that is not NULL.

    Attributes
    ----------
    name, type
        The column's name and type in the database.
    kind
        One of boolean, categorical, numeric, temporal, text and nested. Categorical is an ENUM, or text with few
        distinct values: at most 1,000, and less than a tenth of the rows.
    rows, nulls, distinct
        Number of rows, of rows that are NULL, and of distinct values that are not NULL.
    entropy
        H = log2 n − (Σ c log2 c)/n over the n rows that are not NULL, where c is the count of each distinct value.
        None if every row is NULL.
    entropy_interval
        (lower, upper) bounds of ``entropy`` in bits. They are equal if the figure is exact.
    max_entropy
        log2(distinct): the entropy that the column would have if all values were equally frequent.
    efficiency
        entropy / max_entropy, in [0, 1]. None for fewer than two values.
    perplexity
        2^entropy: the effective number of distinct values.
    minimum, maximum
        Smallest and largest value in the database's order. None for nested columns, and for columns without values.
    mean, standard_deviation
        Of numeric columns only. The standard deviation divides by n − 1, as SQL's ``stddev`` does.
    quantiles
        The 1, 5, 25, 50, 75, 95 and 99 % quantiles of numeric and temporal columns. Each is a value of the column.
    top_values
        The most frequent values, at most ten, most frequent first.
    distribution
        Equal-width bins for a small chart. Of numeric and temporal columns only.
    histogram
        The column's counts, which ``drift`` compares.
    fingerprint
        Pairs (count, number of distinct values with that count), in ascending order. Every entropy estimator can be
        computed from it.
    floor_bytes
        Fewest bytes that the column can be stored in if each row is coded independently: rows · H / 8, plus the
        entropy of which rows are NULL. Sorted or correlated data can be stored in less.
    stored_bytes
        Bytes that the source uses to store the column. None if the source does not report it.
    is_constant
        Whether the column has exactly one distinct value and no NULL.
    is_key
        Whether the column has no NULL and every value occurs once.
    undefined
        Reasons for the figures that are None, by field.
    sampled_rows
        Number of sampled rows if the column is estimated from a sample; None if it is exact. In a sampled column,
        ``entropy_interval`` and ``distinct_interval`` hold for the whole table, ``nulls`` is scaled up to the table,
        ``distinct`` is a lower bound, and all other figures are those of the sample.
    distinct_interval
        (lower, upper) bounds of the table's number of distinct values if it is estimated from a sample, else None.
    text
        What the values look like. Of text columns only.
    estimates
        Estimator → bits: estimates of the entropy of a larger population from which the table's rows were sampled.
        ``entropy`` itself is exact for the table. Empty for columns without values.
    """

    name: str
    type: str
    kind: Kind
    rows: int
    nulls: int
    distinct: int
    entropy: float | None
    entropy_interval: tuple[float, float] | None
    max_entropy: float | None
    efficiency: float | None
    perplexity: float | None
    minimum: Value
    maximum: Value
    mean: float | None
    standard_deviation: float | None
    quantiles: tuple[Quantile, ...]
    top_values: tuple[TopValue, ...]
    distribution: Distribution | None
    histogram: Histogram
    fingerprint: tuple[tuple[int, int], ...]
    floor_bytes: int
    stored_bytes: int | None
    is_constant: bool
    is_key: bool
    undefined: dict[str, str] = field(default_factory=dict)
    estimates: dict[str, float] = field(default_factory=dict)
    sampled_rows: int | None = None
    distinct_interval: tuple[float, float] | None = None
    text: TextShape | None = None

    @property
    def null_share(self) -> float:
        """Share of the rows that are NULL; 0 without rows."""
        return self.nulls / self.rows if self.rows else 0.0

    @property
    def counted_rows(self) -> int:
        """Rows that the figures are over: those that are not NULL, or all where NULL is counted as a value."""
        return sum(count * values for count, values in self.fingerprint)

    @property
    def is_estimated(self) -> bool:
        """Whether the entropy is known only within an interval."""
        return self.entropy_interval is not None and self.entropy_interval[0] != self.entropy_interval[1]


def unique_names(columns: Iterable[ColumnProfile]) -> dict[str, ColumnProfile]:
    """Return the columns by name that share it with no other."""
    found: dict[str, ColumnProfile | None] = {}
    for column in columns:
        found[column.name] = None if column.name in found else column
    return {name: column for name, column in found.items() if column is not None}


def row_bits(column: ColumnProfile) -> float:
    """Return a column's bits per row of the table: those of its NULL mask, and of its values where it is not NULL.

    Of a sampled column it is the estimated entropy of the values.
    """
    if not column.rows or column.entropy is None:
        return 0.0
    if column.sampled_rows is not None:
        return column.entropy
    filled = sum(count * number for count, number in column.fingerprint)
    if not 0 < filled < column.rows:  # no NULL, or NULL counted as a value
        return column.entropy
    share = filled / column.rows
    mask = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    return mask + share * column.entropy
