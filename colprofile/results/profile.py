"""Profile: what ``profile()`` returns, one ColumnProfile a column and one PairProfile a pair."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from colprofile.errors import SourceNotFound, did_you_mean, shorten
from colprofile.results.base import Result, amount
from colprofile.results.histogram import Distribution, Histogram, Quantile, TopValue, Value
from colprofile.results.joint import Joint
from colprofile.results.ledger import Ledger, TreeEdge

if TYPE_CHECKING:
    import pandas as pd

    from colprofile.results.findings import ProfileFinding

Kind = Literal["boolean", "categorical", "numeric", "temporal", "text", "nested"]


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: its information and its distribution. Entropies in bits a row that is not NULL.

    Attributes
    ----------
    name, type
        As the database names them.
    kind
        boolean, categorical (ENUM, or text with few values: at most 1,000 and less than a tenth of the rows),
        numeric, temporal, text or nested.
    rows, nulls, distinct
        All rows; NULL rows; distinct values that are not NULL.
    entropy
        H = log2 n − (Σ c log2 c)/n over the n rows that are not NULL. None without such rows.
    entropy_interval
        (lower, upper) in bits; the two equal where the figure is exact.
    max_entropy
        log2(distinct): the entropy if all values were equally frequent.
    efficiency
        entropy / max_entropy, in [0, 1]. None for fewer than two values.
    perplexity
        2^entropy: the effective number of values.
    minimum, maximum
        In the database's order. None for nested columns, and without values.
    mean, standard_deviation
        Of numeric columns; the standard deviation with n − 1, as SQL's ``stddev`` has it.
    quantiles
        Actual values of numeric and temporal columns at 1, 5, 25, 50, 75, 95, 99 %.
    top_values
        At most ten, most frequent first.
    distribution
        What a small chart draws, for numeric and temporal columns.
    histogram
        The saved marginal, for ``drift``.
    fingerprint
        (count, number of values with that count) in ascending order: all that an entropy estimator needs.
    floor_bytes
        rows · H / 8 for the values plus the null mask's own entropy: no code that stores rows independently needs
        fewer. Sorted or correlated data can be stored in less.
    stored_bytes
        What the source's storage uses for the column, where it knows.
    is_constant
        Exactly one distinct value and no NULL.
    is_key
        No NULL and every value once.
    undefined
        For each figure that is None: why.
    sampled_rows
        How many rows were looked at, where the column is estimated from a sample: then ``entropy_interval`` and
        ``distinct_interval`` are of the whole table, ``nulls`` scaled up, ``distinct`` the least there can be, and
        other figures are the sample's. None where the column is exact.
    distinct_interval
        (fewest, most) distinct values of the table, where they are estimated from a sample; None where exact.
    estimates
        Estimator → bits: the entropy of the larger whole of which the rows would be a sample. ``entropy`` is exact for
        the table and needs none of these. Empty without values.
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


@dataclass(frozen=True, slots=True)
class Determination:
    """How far one column determines another, X → Y, over the rows where neither is NULL.

    Attributes
    ----------
    uncertainty_coefficient
        I(X;Y)/H(Y): the fraction of Y's information that X gives. None where H(Y) = 0.
    mu_plus
        μ+ of Parciak et al. (2024): pdep(Y|X) corrected for chance, 1 for an exact dependency. None where Y is constant
        or X a key of the rows.
    g3
        Smallest share of rows to remove so that X → Y holds exactly.
    violating_rows
        g3 as rows.
    is_exact
        No violating row.
    """

    uncertainty_coefficient: float | None
    mu_plus: float | None
    g3: float
    violating_rows: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class PairProfile:
    """Two columns: what they share. Entropies in bits a row, over the rows where neither is NULL, marginals included.

    Attributes
    ----------
    x, y
        Column names.
    rows
        Complete rows: neither is NULL.
    entropy_x, entropy_y, joint_entropy
        H(X), H(Y), H(X,Y).
    mutual_information
        I(X;Y) = H(X) + H(Y) − H(X,Y), on the columns' own values.
    mutual_information_interval
        (lower, upper) in bits; the two equal where the figure is exact.
    expected_mutual_information
        E[I] if one column were randomly permuted (Vinh, Epps & Bailey 2010): the bits that mean nothing.
    dependence
        (I − E[I]) / (min(H(X), H(Y)) − E[I]) in [0, 1], numeric and temporal columns with many values cut into
        equal-mass bins first; clipped at 0. None where either column is constant.
    dependence_is_clipped
        Whether the unclipped figure was negative.
    bins_x, bins_y
        How many bins the dependence was computed on; None for a column taken as it is.
    entropy_x_given_y, entropy_y_given_x
        H(X|Y), H(Y|X).
    variation_of_information
        H(X|Y) + H(Y|X).
    distinct_pairs
        Distinct value pairs.
    pearson
        Pearson's correlation of numeric pairs, for contrast.
    planner_factor
        2^I: how far a planner that assumes independence underestimates ``x = … AND y = …``, as a geometric mean.
    x_to_y, y_to_x
        How far one determines the other.
    undefined
        For each figure that is None: why.
    sampled_rows
        How many rows were looked at, where the pair is estimated from a sample; None where it is exact.
    """

    x: str
    y: str
    rows: int
    entropy_x: float | None
    entropy_y: float | None
    joint_entropy: float | None
    mutual_information: float | None
    mutual_information_interval: tuple[float, float] | None
    expected_mutual_information: float | None
    dependence: float | None
    dependence_is_clipped: bool
    bins_x: int | None
    bins_y: int | None
    entropy_x_given_y: float | None
    entropy_y_given_x: float | None
    variation_of_information: float | None
    distinct_pairs: int
    pearson: float | None
    planner_factor: float | None
    x_to_y: Determination | None
    y_to_x: Determination | None
    undefined: dict[str, str] = field(default_factory=dict)
    sampled_rows: int | None = None

    @property
    def is_estimated(self) -> bool:
        """Whether the mutual information is known only within an interval."""
        interval = self.mutual_information_interval
        return interval is not None and interval[0] != interval[1]


@dataclass(frozen=True, slots=True)
class SkippedColumn:
    """A column that could not be counted.

    Attributes
    ----------
    name, type
        As the database names them.
    reason
        Why it could not be counted, in one line.
    """

    name: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from: enough to make it again.

    Attributes
    ----------
    source
        The file, database or frame, without passwords.
    table
        The table, view or query of a database.
    is_exact
        Whether every row was counted.
    sampled_rows
        How many rows were looked at where not all were.
    nulls
        "ignore": measures are over rows that are not NULL; "value": NULL is a value of its own.
    version
        Of colprofile.
    created
        When, in UTC, as ISO 8601.
    duration
        How long it took, in seconds.
    command
        The command line that gives the result again, where there is one.
    """

    source: str
    table: str | None
    is_exact: bool
    sampled_rows: int | None
    nulls: Literal["ignore", "value"]
    version: str
    created: str
    duration: float
    command: str | None = None

    @property
    def subject(self) -> str:
        """The source, and the table in it where there is one."""
        return self.source if self.table is None else f"{self.source} {self.table}"


@dataclass(frozen=True, repr=False)
class Profile(Result):
    """A table's profile: every column, every pair.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        One ColumnProfile a column, in the table's order.
    pairs
        One PairProfile a pair (x before y in the table's order), strongest dependence first.
        Empty where pairs were not asked for.
    skipped
        Columns that could not be counted.
    has_pairs
        Whether pairs were asked for.
    provenance
        Source, options, version, duration.
    notes
        What the reader should know: bins, clipping, stored bytes that are unknown.
    clusters
        All columns with more than one value, groups that depend on each other by at least 0.5 on average side by side:
        the order of the dependence matrix. Empty without pairs.
    edges
        The Chow–Liu tree, most bits first.
    ledger
        The bits of a row. None where pairs were not counted.
    joints
        Joint distributions of the strongest pairs whose columns at most 16 categories can show, strongest first; then
        those of pairs that depend on each other while Pearson's correlation is about 0. Empty where they were counted
        inside a database.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    pairs: tuple[PairProfile, ...]
    skipped: tuple[SkippedColumn, ...]
    has_pairs: bool
    provenance: Provenance
    notes: tuple[str, ...] = ()
    clusters: tuple[tuple[str, ...], ...] = ()
    edges: tuple[TreeEdge, ...] = ()
    ledger: Ledger | None = None
    joints: tuple[Joint, ...] = ()

    @cached_property
    def findings(self) -> tuple[ProfileFinding, ...]:
        """What stands out, what asks for action first: see ``ProfileFinding``."""
        from colprofile.results.findings import find

        return find(self)

    def __getitem__(self, name: str) -> ColumnProfile:
        """Return the column called ``name``; SourceNotFound with the near names if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise SourceNotFound(
            f"no column {shorten(name)!r} in the profile. {did_you_mean(name, (c.name for c in self.columns))}"
        )

    def pair(self, x: str, y: str) -> PairProfile:
        """Return the pair of two columns, whichever comes first in the table.

        The PairProfile keeps its own order of x and y: look at its ``x``.

        Raises
        ------
        SourceNotFound
            A name is not a column, the two are the same, or pairs were not counted.
        """
        self[x], self[y]
        for pair in self.pairs:
            if (pair.x, pair.y) in {(x, y), (y, x)}:
                return pair
        if not self.has_pairs:
            raise SourceNotFound("this profile has no pairs: make it with pairs=True")
        if x != y and len(self.pairs) < len(self.columns) * (len(self.columns) - 1) // 2:
            raise SourceNotFound(
                f"the pair of {shorten(x)!r} with {shorten(y)!r} is not among the strongest, which alone this profile "
                "has: make it without top_pairs and min_dependence"
            )
        raise SourceNotFound(
            f"no pair of {shorten(x)!r} with {shorten(y)!r} in the profile: a pair has two different columns"
        )

    def columns_frame(self) -> pd.DataFrame:
        """Return one row a column in the table's order, indexed by name.

        The fields of ColumnProfile that hold one value; ``entropy_interval`` as ``entropy_lower`` and
        ``entropy_upper``, in bits. What is undefined is missing (``pd.NA``), in nullable dtypes; ``minimum`` and
        ``maximum`` are objects, as each column has values of its own type.
        """
        from colprofile.results.frames import frame_of

        return frame_of(ColumnProfile, self.columns).set_index("name")

    def pairs_frame(self) -> pd.DataFrame:
        """Return one row a pair in the profile's order, strongest dependence first.

        The fields of PairProfile that hold one value; ``mutual_information_interval`` as
        ``mutual_information_lower`` and ``…_upper``, in bits; each Determination's fields with the prefix
        ``x_to_y_`` or ``y_to_x_``. What is undefined is missing (``pd.NA``), in nullable dtypes.
        """
        from colprofile.results.frames import frame_of

        return frame_of(PairProfile, self.pairs)

    def to_duckdb(self, con: Any, name: str, *, replace: bool = False) -> tuple[str, ...]:
        """Write the profile into a DuckDB database as tables, so that it can be queried.

        ``name_columns`` (one row a column, as ``columns_frame``; minimum and maximum as text), ``name_pairs`` (one
        row a pair, as ``pairs_frame``; only if pairs were counted) and ``name_values`` (the most frequent values:
        name, rank, value as text, count, share). What is undefined is NULL. All of them or, on an error, none.

        Parameters
        ----------
        con
            A DuckDB connection.
        name
            Beginning of the tables' names, qualified or not: 'flights_profile', 'reports.flights'. Double quotes
            protect dots.
        replace
            Whether tables of these names may be replaced.

        Returns
        -------
        tuple of str
            The tables' names, quoted for SQL.

        Raises
        ------
        SourceError
            A table exists already (without ``replace``), or the database cannot be written.
        ArgumentError
            Not a DuckDB connection, or no name.
        """
        from colprofile.sqlfunctions.profile_tables import write_tables

        return write_tables(self, con, name, replace=replace)

    def to_html(self, path: str | os.PathLike[str] | None = None, *, matrix_columns: int | None = None) -> str:
        """Return the report as one self-contained HTML page, and write it to ``path`` if given.

        Parameters
        ----------
        path
            A file to write.
        matrix_columns
            The most columns that the dependence matrix and the dependency graph draw; 60 by default.

        Raises
        ------
        ArgumentError
            ``matrix_columns`` is below 2.
        ResultError
            The file cannot be written.
        """
        return self._page(path, matrix_columns=matrix_columns)

    def _describe(self) -> str:
        counted = (amount(self.rows, "row"), amount(len(self.columns), "column"), amount(len(self.pairs), "pair"))
        return f"of {self.provenance.subject}: {', '.join(counted)}"
