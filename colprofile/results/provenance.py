"""Provenance: where a result comes from, and which columns it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from colprofile.inputs import InputReading


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from, so that it can be made again.

    Attributes
    ----------
    source
        The file, database or data frame. Passwords are removed.
    table
        The table, view or query in the database; None for a file or a data frame.
    is_exact
        Whether all rows of the input were counted: no sample, and no row rejected.
    sampled_rows
        Number of sampled rows if not all rows were counted, else None.
    nulls
        "ignore": measures are over the rows that are not NULL. "value": NULL is counted as a value.
    version
        Version of colprofile.
    created
        Time of creation in UTC, in ISO 8601.
    duration
        Run time in seconds.
    command
        The command line that makes the result again; None if it was made in Python.
    reading
        How files were read, and what was guessed, skipped and rejected; None for a database.
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
    reading: InputReading | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether figures come from a sample, rather than from all rows that could be read."""
        return self.sampled_rows is not None

    @property
    def subject(self) -> str:
        """The source, followed by the table if there is one."""
        return self.source if self.table is None else f"{self.source} {self.table}"


@dataclass(frozen=True, slots=True)
class SkippedColumn:
    """A column that is left out of a result.

    Attributes
    ----------
    name, type
        The column's name and type in the database.
    reason
        Why it was left out, in one line.
    """

    name: str
    type: str
    reason: str
