"""Audit: what ``audit()`` returns, with findings, exact dependencies, the ledger of bits and the SQL of the fixes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colprofile.errors import ArgumentError, MissingExtra, SourceNotFound, did_you_mean, shorten
from colprofile.results.audit_kinds import FindingKind, checked_kinds
from colprofile.results.base import Result, amount
from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.results.parts import ByColumn, Part
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.results.quality import SEVERITIES, Severity
from colprofile.results.search import Search
from colprofile.values import Value

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures behind a finding X → Y, over the rows where none of its columns is NULL, in bits per row.

    For kinds that are not about a dependency most of them are None.

    Attributes
    ----------
    rows
        The rows that were compared.
    violating_rows
        The fewest rows to remove for it to hold without exception.
    is_exact
        No row contradicts it.
    repeated_rows
        Rows that share X with another row: only they can support or contradict it. None where it was not counted.
    bits
        Bits per row that the finding makes redundant: what storing Y as a lookup by X saves, minus the cost of the
        lookup table and of the exceptions. For a group, what its columns share along a tree.
    mutual_information, expected_mutual_information
        I(X;Y), and E[I], what two such columns share by chance.
    uncertainty_coefficient
        I/H(Y): the fraction of Y's information that X explains, not corrected for chance.
    rfi
        (I − E[I])/H(Y), the reliable fraction of information (Mandros, Boley & Vreeken 2017).
    mu_plus
        μ+ of Parciak et al. (2024). 1 for an exact dependency.
    g3
        Share of the rows that contradict it.
    pdep
        Probability that two rows with the same X have the same Y.
    log2_chance
        If Y were shuffled, the probability of so few violating rows would be at most 2 to this power.
    """

    rows: int
    violating_rows: int
    is_exact: bool
    bits: float
    repeated_rows: int | None = None
    mutual_information: float | None = None
    expected_mutual_information: float | None = None
    uncertainty_coefficient: float | None = None
    rfi: float | None = None
    mu_plus: float | None = None
    g3: float | None = None
    pdep: float | None = None
    log2_chance: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A value of the left side whose rows disagree: the right side's values, most frequent first, and their rows."""

    determinants: tuple[Value, ...]
    values: tuple[Value, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.counts):
            raise ArgumentError(f"{len(self.values)} values have {len(self.counts)} counts")


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a finding.

    Attributes
    ----------
    action
        What it does, in one line.
    checks
        Dialect ("duckdb", "postgresql") → a query that returns 0 where the change loses nothing.
    changes
        Dialect → the statements that make the change.
    """

    action: str
    checks: dict[str, str]
    changes: dict[str, str]

    def __post_init__(self) -> None:
        if set(self.checks) != set(self.changes):
            raise ArgumentError(f"checks are for {sorted(self.checks)}, changes for {sorted(self.changes)}")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way round of a finding: columns that its left side could be restored from. It excludes the other fix.

    Attributes
    ----------
    columns, targets
        The columns that determine others, and those that could go.
    statement
        One sentence.
    bits
        Bits per row that it makes redundant.
    expression
        ``2·x + 1`` where the target can be computed; of several targets separated by semicolons.
    fix
        What to do.
    """

    columns: tuple[str, ...]
    targets: tuple[str, ...]
    statement: str
    bits: float
    expression: str | None
    fix: Fix


@dataclass(frozen=True, slots=True, repr=False)
class Finding(Part):
    """Something redundant, or columns that determine another.

    Attributes
    ----------
    kind
        One of ``KINDS``.
    columns
        The columns that determine another; the members of a key or group; of a duplicate the column to keep; of columns
        that move together those that rise.
    targets
        The columns that are determined; the column that repeats another; those that fall as others rise. Empty for
        keys, groups, constant and empty columns.
    statement
        One sentence.
    evidence
        The figures, in bits and rows.
    confidence
        One minus a bound of the probability that a table of independent columns shows any finding so strong. 1.0 for
        what is simply true of every row, such as a constant.
    expression
        ``2·x + 1`` where the target can be computed; of several targets separated by semicolons.
    query
        SQL that lists the rows that contradict it; None where there are none.
    examples
        At most five values of the left side whose rows disagree, those with most violating rows first.
    fix
        What to do about it; where None, ``undefined`` has the reason.
    undefined
        Why something is None.
    alternatives
        What can be done instead of ``fix``, which is recommended: only one of them can be done.
    severity
        How severe it is, if it is about data quality; else None.
    """

    kind: FindingKind
    columns: tuple[str, ...]
    targets: tuple[str, ...]
    statement: str
    evidence: Evidence
    confidence: float
    expression: str | None = None
    query: str | None = None
    examples: tuple[Example, ...] = ()
    fix: Fix | None = None
    undefined: dict[str, str] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()

    @property
    def directions(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The columns and targets of the finding and of its alternatives."""
        return ((self.columns, self.targets), *((other.columns, other.targets) for other in self.alternatives))

    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Dependency:
    """A minimal exact dependency: no part of ``columns`` determines ``target``.

    ``columns`` is empty where the target is constant. ``is_by_key`` says that no two rows share ``columns``, so that
    they determine everything. ``is_finding`` says that it is among the findings.
    """

    columns: tuple[str, ...]
    target: str
    is_by_key: bool
    is_finding: bool


@dataclass(frozen=True, slots=True)
class Dependence:
    """The dependence of two columns, in [0, 1], corrected for chance."""

    x: str
    y: str
    dependence: float


@dataclass(frozen=True, slots=True, repr=False)
class AuditColumn(Part):
    """A column of the audited table; ``bits`` are per row of the table, NULL counted as a value."""

    name: str
    type: str
    bits: float
    nulls: int
    distinct: int


@dataclass(frozen=True, repr=False)
class Audit(Result, ByColumn[AuditColumn]):
    """A table's redundancy: findings, most bits first.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        The columns, in the table's order.
    findings
        What was found, most bits first.
    dependencies
        All minimal exact dependencies with up to ``search.exact_determinants`` columns on the left, including those
        due to chance and keys. Empty where the audit was made from a profile.
    keys
        Minimal combinations of columns that identify every row and hold no NULL.
    ledger
        Bits per row.
    edges
        The Chow–Liu tree, most bits first.
    clusters
        All columns that are not constant, in groups: the order of the dependence matrix.
    dependences
        Pairs with a dependence above 0.
    search
        How far dependencies were searched.
    scripts
        Dialect → all fixes that can be made together, as one script.
    skipped
        Columns that could not be counted.
    provenance
        Source, options, version, duration.
    notes
        Remarks for the reader.
    """

    _place = "audit"

    rows: int
    columns: tuple[AuditColumn, ...]
    findings: tuple[Finding, ...]
    dependencies: tuple[Dependency, ...]
    keys: tuple[tuple[str, ...], ...]
    ledger: Ledger
    edges: tuple[TreeEdge, ...]
    clusters: tuple[tuple[str, ...], ...]
    dependences: tuple[Dependence, ...]
    search: Search
    scripts: dict[str, str]
    skipped: tuple[SkippedColumn, ...]
    provenance: Provenance
    notes: tuple[str, ...] = ()

    def of_kind(self, *kinds: str) -> tuple[Finding, ...]:
        """Return the findings of these kinds, most bits first. A kind can be given by its word in the reports, too.

        Raises
        ------
        ArgumentError
            A name that is not a kind of finding.
        """
        chosen = checked_kinds(kinds)
        return tuple(finding for finding in self.findings if finding.kind in chosen)

    def of_severity(self, severity: str) -> tuple[Finding, ...]:
        """Return the findings about data quality that are at least so severe: "high", "medium" or "low".

        Raises
        ------
        ArgumentError
            Another word.
        """
        if severity not in SEVERITIES:
            raise ArgumentError(f"{shorten(str(severity))!r} is not a severity: give 'high', 'medium' or 'low'")
        allowed = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return tuple(finding for finding in self.findings if finding.severity in allowed)

    def finding(self, columns: str | tuple[str, ...], target: str | None = None) -> Finding:
        """Return the finding about these columns, and about this target if given; of several, the one with most bits.

        Where that is an alternative of a finding, the finding is returned.

        Raises
        ------
        SourceNotFound
            There is no such finding, or no such column.
        """
        given = (columns,) if isinstance(columns, str) else tuple(columns)
        self._check_names((*given, *(() if target is None else (target,))))
        for place in (slice(1), slice(1, None)):
            for finding in self.findings:
                for columns, targets in finding.directions[place]:
                    if set(columns) == set(given) and (target is None or target in targets):
                        return finding
        arrow = "" if target is None else f" → {shorten(target)!r}"
        raise SourceNotFound(f"no finding about {', '.join(repr(shorten(name)) for name in given)}{arrow}")

    def determined_by(self, *columns: str) -> tuple[str, ...]:
        """Return the columns that these determine in every row without NULL, in the table's order.

        Raises
        ------
        SourceNotFound
            A name is not a column.
        """
        self._check_names(columns)
        known = set(columns)
        found = {d.target for d in self.dependencies if known.issuperset(d.columns)}
        return tuple(column.name for column in self.columns if column.name in found - known)

    def _check_names(self, names: tuple[str, ...]) -> None:
        known = [column.name for column in self.columns]
        for name in names:
            if name not in known:
                raise SourceNotFound(f"no column {shorten(name)!r} in the audit. {did_you_mean(name, known)}")

    def script(self, dialect: str = "duckdb") -> str:
        """Return the fixes as one SQL script: checks, the smaller tables, and a view that restores the original.

        Raises
        ------
        ArgumentError
            Another dialect than "duckdb" and "postgresql".
        """
        if dialect not in self.scripts:
            raise ArgumentError(f"there is no script for {dialect!r}. {did_you_mean(str(dialect), self.scripts)}")
        return self.scripts[dialect]

    def tree(self) -> nx.Graph:
        """Return the Chow–Liu tree as a networkx graph: columns with ``bits``, edges with the ``bits`` they share.

        Raises
        ------
        MissingExtra
            networkx is not installed.
        """
        graph = _networkx().Graph()
        for column in self.columns:
            graph.add_node(column.name, bits=column.bits, type=column.type)
        for edge in self.edges:
            graph.add_edge(edge.x, edge.y, bits=edge.bits)
        return graph

    def dependency_graph(self) -> nx.DiGraph:
        """Return the dependencies as a networkx digraph: an edge from each determining column to the determined one.

        Raises
        ------
        MissingExtra
            networkx is not installed.
        """
        graph = _networkx().DiGraph()
        graph.add_nodes_from(column.name for column in self.columns)
        for finding in self.of_kind("duplicate", "computed", "bijection", "dependency", "near"):
            bits = (finding.evidence.bits, *(other.bits for other in finding.alternatives))
            for (columns, targets), each in zip(finding.directions, bits, strict=True):
                for source, target in itertools.product(columns, targets):
                    graph.add_edge(source, target, kind=finding.kind, bits=each)
        return graph

    def findings_frame(self) -> pd.DataFrame:
        """Return one row per finding, most bits first: its fields of one value and those of its evidence.

        ``columns`` and ``targets`` are tuples of names. What is undefined is missing (``pd.NA``), in nullable dtypes.
        """
        return self._frame_of(Finding, self.findings, objects=("columns", "targets"))

    def dependencies_frame(self) -> pd.DataFrame:
        """Return one row per minimal exact dependency: columns (a tuple of names), target, is_by_key, is_finding."""
        return self._frame_of(Dependency, self.dependencies, objects=("columns",))

    def _describe(self) -> str:
        counted = (amount(self.rows, "row"), amount(len(self.columns), "column"), amount(len(self.findings), "finding"))
        return f"of {self.provenance.subject}: {', '.join(counted)}"


def _networkx() -> Any:
    """Return networkx, which only graphs need."""
    try:
        import networkx
    except ImportError:
        raise MissingExtra("the audit as a graph", "graph") from None
    return networkx
