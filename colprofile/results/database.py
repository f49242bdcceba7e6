"""Results of a whole database: what a verb returns of every table, and what was found between them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from colprofile.errors import ArgumentError, SourceNotFound, did_you_mean, shorten
from colprofile.results.audit import Audit
from colprofile.results.base import Result, amount
from colprofile.results.database_script import audit_script
from colprofile.results.drift import Drift
from colprofile.results.files import write_atomically
from colprofile.results.planner import PlannerReport
from colprofile.results.profile import Profile
from colprofile.results.provenance import Provenance
from colprofile.results.schema import Schema


class OfTable(Protocol):
    """The result of one table, with its name."""

    @property
    def name(self) -> str:
        """The table's name in the database."""
        ...


Of = TypeVar("Of", bound=OfTable)

DiagramFormat = Literal["svg", "mermaid", "dot"]

DIAGRAM_ENDINGS: dict[str, DiagramFormat] = {
    "": "mermaid",
    ".md": "mermaid",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".svg": "svg",
    ".dot": "dot",
    ".gv": "dot",
}
"""The format that a file's ending says; "" where it has none, or there is no file."""


@dataclass(frozen=True, slots=True)
class SkippedTable:
    """A table that is left out of a result, or that was not reached, and why in one line."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The profile of one table of a database."""

    name: str
    result: Profile


@dataclass(frozen=True, slots=True)
class TableAudit:
    """The audit of one table of a database."""

    name: str
    result: Audit


@dataclass(frozen=True, slots=True)
class TableDrift:
    """The drift of one table of two databases."""

    name: str
    result: Drift


@dataclass(frozen=True, slots=True)
class TablePlannerReport:
    """What the planner knows of one table of a database."""

    name: str
    result: PlannerReport


class ByTable(Generic[Of]):
    """A result as the collection of its tables: they are looked up by name, and iterated in the database's order."""

    _noun: ClassVar[str]
    """What messages call the result."""

    tables: tuple[Of, ...]
    skipped: tuple[SkippedTable, ...]
    provenance: Provenance

    def __getitem__(self, name: str) -> Of:
        """Return the table called ``name``, with its ``result``; SourceNotFound with similar names, or its reason."""
        known = {table.name: table for table in self.tables}
        if name in known:
            return known[name]
        for table in self.skipped:
            if table.name == name:
                raise SourceNotFound(f"table {shorten(name)!r} is not in the {self._noun}: {table.reason}")
        given = str(name)
        raise SourceNotFound(f"no table {shorten(given)!r} in the {self._noun}. {did_you_mean(given, known)}")

    def __iter__(self) -> Iterator[Of]:
        """Iterate over the tables, each with its name and result."""
        return iter(self.tables)

    def __len__(self) -> int:
        """Return the number of tables that have a result."""
        return len(self.tables)

    def __contains__(self, table: object) -> bool:
        """Whether there is a table of this name; each table of the result is in it too."""
        return any(table is known or (isinstance(table, str) and table == known.name) for known in self.tables)

    def __bool__(self) -> bool:
        """Return True: a result without tables is a result too."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """The tables' names, in the same order."""
        return tuple(table.name for table in self.tables)

    def _ipython_key_completions_(self) -> list[str]:
        """Return what IPython and notebooks offer after ``result["``."""
        return list(self.names)

    def _describe(self) -> str:
        more = f", {len(self.skipped):,} skipped" if self.skipped else ""
        return f"of {self.provenance.subject}: {amount(len(self.tables), 'table')}{more}"


@dataclass(frozen=True, repr=False)
class DatabaseProfile(ByTable[TableProfile], Result):
    """The profiles of a database's tables.

    Attributes
    ----------
    tables
        Each table's name and profile, in the database's order.
    skipped
        Tables that could not be read, or were not reached, and why.
    provenance
        Source, options, version, duration.
    is_complete
        Whether every table was finished: False where Ctrl-C ended it.
    notes
        Remarks for the reader.
    """

    _noun = "profile"

    tables: tuple[TableProfile, ...]
    skipped: tuple[SkippedTable, ...]
    provenance: Provenance
    is_complete: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class DatabaseAudit(ByTable[TableAudit], Result):
    """The redundancy of a database: of each table, and between tables.

    Attributes
    ----------
    tables
        Each table's name and audit, in the database's order.
    schema
        What was found between the tables: keys, foreign keys, repetitions, joins, fixes.
    skipped
        Tables that could not be read, or were not reached, and why.
    provenance
        Source, options, version, duration.
    is_complete
        Whether every table was finished, and then what lies between: False where Ctrl-C ended it.
    notes
        Remarks for the reader.
    """

    _noun = "audit"

    tables: tuple[TableAudit, ...]
    schema: Schema
    skipped: tuple[SkippedTable, ...]
    provenance: Provenance
    is_complete: bool = True
    notes: tuple[str, ...] = ()

    def script(self, dialect: str = "duckdb") -> str:
        """Return all fixes as one SQL script: those between tables, then each table's own, which MySQL has none of.

        Raises
        ------
        ArgumentError
            Another dialect than "duckdb", "postgresql" and "mysql".
        """
        return audit_script(self, dialect)

    def to_diagram(self, path: str | os.PathLike[str] | None = None, format: DiagramFormat | None = None) -> str:
        """Return the schema as an entity-relationship diagram, and write it to ``path`` if given.

        Boxes are tables with their keys and foreign keys. A line carries the bits of the worst join estimate over it,
        and its orphans. Of more than 60 tables only those with foreign keys are drawn, at most 100.

        Parameters
        ----------
        path
            The file to write. In a file that ends in .md, Mermaid stands in a block of code, as GitHub draws it,
            with a legend below.
        format
            "svg", "mermaid" or "dot". By default what the file's ending says: .svg; .dot and .gv; .md, .mmd and
            .mermaid. Mermaid without an ending, or without a file.

        Raises
        ------
        ArgumentError
            Another format, or no format and an ending that says none.
        ResultError
            The file cannot be written, as for ``save``.
        """
        ending = "" if path is None else os.path.splitext(path)[1].lower()
        chosen = DIAGRAM_ENDINGS.get(ending) if format is None else format
        if chosen is None or chosen not in DIAGRAM_ENDINGS.values():
            given = f"the ending of {os.fspath(path or '')!r}" if format is None else f"format={format!r}"
            raise ArgumentError(f"{given} is no format of diagrams: give 'svg', 'mermaid' or 'dot'")
        report = self._report("diagram")
        diagram = str(getattr(report, chosen)(self))
        if path is not None:
            is_block = ending == ".md" and chosen == "mermaid"
            write_atomically(path, str(report.mermaid_block(self)) if is_block else diagram, self._inputs())
        return diagram


@dataclass(frozen=True, repr=False)
class DatabaseDrift(ByTable[TableDrift], Result):
    """How far each table of a database drifted from its stale self.

    Attributes
    ----------
    tables
        Each table of both databases, and its drift, in the fresh database's order.
    added, removed
        Tables that only the fresh one has, and those that only the stale one had.
    skipped
        Tables that could not be read, or were not reached, and why.
    stale, provenance
        Where the stale side and the fresh side come from.
    is_complete
        Whether every table was finished: False where Ctrl-C ended it.
    notes
        Remarks for the reader.
    """

    _noun = "drift"

    tables: tuple[TableDrift, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[SkippedTable, ...]
    stale: Provenance
    provenance: Provenance
    is_complete: bool = True
    notes: tuple[str, ...] = ()

    def failures(
        self, *, above: float | None = None, on: Literal["broken", "drifted"] | None = None
    ) -> tuple[tuple[str, str | None], ...]:
        """Return the tables and columns at which a pipeline should stop, as ``Drift.failures`` has them.

        A table that is gone is broken: it is there with None in place of a column.

        Raises
        ------
        ArgumentError
            As ``Drift.failures``.
        """
        gone = [(name, None) for name in self.removed if above is not None or on is not None]
        found = [(t.name, c.name) for t in self.tables for c in t.result.failures(above=above, on=on)]
        return (*gone, *found)


@dataclass(frozen=True, repr=False)
class DatabasePlannerReport(ByTable[TablePlannerReport], Result):
    """What the query planner does not know of a database's tables.

    Attributes
    ----------
    tables
        Each table's name and report, in the database's order.
    skipped
        Tables that could not be read, or were not reached, and why.
    provenance
        Source, options, version, duration.
    is_complete
        Whether every table was finished: False where Ctrl-C ended it.
    notes
        Remarks for the reader.
    """

    _noun = "planner report"

    tables: tuple[TablePlannerReport, ...]
    skipped: tuple[SkippedTable, ...]
    provenance: Provenance
    is_complete: bool = True
    notes: tuple[str, ...] = ()

    @property
    def worst_error(self) -> float:
        """Bits of the largest error in any table: what ``--fail-above`` compares."""
        return max([0.0, *(table.result.worst_error for table in self.tables)])

    def script(self) -> str:
        """Return the advice for all tables as one SQL script."""
        return "\n".join(table.result.script() for table in self.tables)
