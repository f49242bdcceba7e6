"""Profile: what ``profile()`` returns, with one ColumnProfile per column and one PairProfile per pair."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from colprofile.errors import ArgumentError, SourceNotFound, shorten
from colprofile.results.base import Result, amount
from colprofile.results.column import ColumnProfile
from colprofile.results.joint import Joint
from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.results.pair import PairProfile
from colprofile.results.parts import ByColumn
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.results.quality import MissingPattern, QualityIssue
from colprofile.results.words import FindingInWords
from colprofile.values import Value

if TYPE_CHECKING:
    import pandas as pd

    from colprofile.results.findings import ProfileFinding
    from colprofile.results.summary import Summary


@dataclass(frozen=True, repr=False)
class Profile(Result, ByColumn[ColumnProfile]):
    """The profile of a table: its columns and their pairs.

    Attributes
    ----------
    rows
        Number of rows of the table.
    columns
        One ColumnProfile per column, in the table's order.
    pairs
        One PairProfile per pair, strongest dependence first; x comes before y in the table. Empty if pairs were not
        asked for.
    skipped
        Columns that could not be counted.
    has_pairs
        Whether pairs were asked for.
    provenance
        Source, options, version and run time.
    notes
        What a reader should know, such as how columns were binned and which stored bytes are unknown.
    clusters
        Groups of columns whose mean dependence on each other is at least 0.7. Together they hold every column with more
        than one value, in the order of the dependence matrix. Empty without pairs.
    edges
        Edges of the Chow–Liu tree, those with most bits first.
    ledger
        The bits per row and their redundancy. None if pairs were not counted.
    joints
        Joint distributions of pairs, each column in at most 16 categories: the strongest pairs first, then pairs that
        depend on each other although Pearson's correlation is about 0. Empty if pairs were counted inside a database.
    duplicate_rows
        Rows that repeat an earlier row in every column. None where that was not counted.
    missing_patterns
        Which columns are NULL together, with the number of rows, the commonest first, at most twenty.
    quality
        What is probably wrong in the data, the most severe first.
    example_rows
        The first ten rows as they were read, of a sample its first ten, a value for each column as JSON can hold it;
        empty where they were not asked for.
    """

    _place = "profile"

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
    duplicate_rows: int | None = None
    missing_patterns: tuple[MissingPattern, ...] = ()
    quality: tuple[QualityIssue, ...] = ()
    example_rows: tuple[tuple[Value, ...], ...] = ()

    words: ClassVar[dict[str, type]] = {"findings": FindingInWords}

    @cached_property
    def summary(self) -> Summary:
        """What matters most, picked and sorted for every report: see ``Summary``."""
        from colprofile.results.summary import summarise

        return summarise(self)

    @cached_property
    def findings(self) -> tuple[ProfileFinding, ...]:
        """What stands out, the most severe first: see ``ProfileFinding``."""
        from colprofile.results.findings import find

        return tuple(find(self))

    def pair(self, x: str, y: str) -> PairProfile:
        """Return the pair of two columns, whichever comes first in the table.

        The PairProfile keeps the table's order: its ``x`` is the column that comes first in the table.

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
        """Return one row per column in the table's order, indexed by name.

        The fields of ColumnProfile that hold one value; ``entropy_interval`` as ``entropy_lower`` and
        ``entropy_upper``, in bits. What is undefined is missing (``pd.NA``), in nullable dtypes; ``minimum`` and
        ``maximum`` have dtype object, because their types differ between columns.
        """
        return self._frame_of(ColumnProfile, self.columns).set_index("name")

    def pairs_frame(self) -> pd.DataFrame:
        """Return one row per pair in the profile's order, strongest dependence first.

        The fields of PairProfile that hold one value; ``mutual_information_interval`` as
        ``mutual_information_lower`` and ``…_upper``, in bits; each Determination's fields with the prefix
        ``x_to_y_`` or ``y_to_x_``. What is undefined is missing (``pd.NA``), in nullable dtypes.
        """
        return self._frame_of(PairProfile, self.pairs)

    def to_duckdb(self, con: Any, name: str, *, replace: bool = False) -> tuple[str, ...]:
        """Write the profile to tables of a DuckDB database, so that it can be queried.

        The tables are ``name_columns`` (one row per column, as ``columns_frame``; minimum and maximum as text),
        ``name_pairs`` (one row per pair, as ``pairs_frame``; only if pairs were counted) and ``name_values`` (the most
        frequent values: name, rank, value as text, count, share). What is undefined is NULL. On an error no table is
        written.

        Parameters
        ----------
        con
            A DuckDB connection.
        name
            Prefix of the tables' names, with or without a schema: 'flights_profile', 'reports.flights'. A dot within
            double quotes is part of the name.
        replace
            Whether to replace existing tables.

        Returns
        -------
        tuple of str
            The tables' names, quoted for SQL.

        Raises
        ------
        SourceError
            A table exists and ``replace`` is False, or the database cannot be written.
        ArgumentError
            ``con`` is not a DuckDB connection, or ``name`` is empty.
        """
        from colprofile.sqlfunctions.profile_tables import write_tables

        return write_tables(self, con, name, replace=replace)

    def to_html(self, path: str | os.PathLike[str] | None = None, *, matrix_columns: int | None = None) -> str:
        """Return the report as one self-contained HTML page, and write it to ``path`` if given.

        Parameters
        ----------
        path
            File to write.
        matrix_columns
            Largest number of columns in the dependence matrix and the dependency graph; 60 by default.

        Raises
        ------
        ArgumentError
            ``matrix_columns`` is below 2.
        ResultError
            The file cannot be written, as for ``save``.
        """
        return self._page(path, matrix_columns=matrix_columns)

    def _in_words(self) -> dict[str, list[Any]]:
        sentence = self._report("findings").sentence
        return {
            "findings": [
                FindingInWords(found.word, found.severity, found.columns, found.targets, sentence(self, found).plain())
                for found in self.findings
            ]
        }

    def check(self) -> None:
        """Raise ArgumentError where a loaded profile has pairs of columns or rows that it lacks."""
        names = set(self.names)
        related: dict[str, Sequence[PairProfile | TreeEdge | Joint]] = {
            "pairs": self.pairs,
            "edges": self.edges,
            "joints": self.joints,
        }
        for what, items in related.items():
            for number, item in enumerate(items):
                for name in (item.x, item.y):
                    if name not in names:
                        raise ArgumentError(f"{what}[{number}]: there is no column {shorten(name)!r}")
        for number, pair in enumerate(self.pairs):
            if pair.rows > self.rows:
                raise ArgumentError(f"pairs[{number}]: {pair.rows} rows are more than the {self.rows} of the profile")

    def since_version(self, version: int) -> Profile:
        """Return the profile with a note on what a saved file of an older format version means by its figures."""
        old = "Saved by an older colprofile, whose dependence is another measure: profile again to compare it."
        return replace(self, notes=(*self.notes, old)) if version < 2 and self.pairs else self

    def _describe(self) -> str:
        counted = (amount(self.rows, "row"), amount(len(self.columns), "column"), amount(len(self.pairs), "pair"))
        return f"of {self.provenance.subject}: {', '.join(counted)}"
