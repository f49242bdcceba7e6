"""Joins along foreign keys: the paths, and how wrong a planner is about values and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.results.parts import Part
from colprofile.values import Value


@dataclass(frozen=True, slots=True)
class Join:
    """A path of one or more foreign keys from a table to another: equal columns, step by step.

    ``tables`` are those on the way, the referring one first; ``columns[i]`` of ``tables[i]`` equal ``targets[i]`` of
    ``tables[i + 1]``.
    """

    tables: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    targets: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, repr=False)
class JoinError(Part):
    """How wrong a planner is about ``attribute = value`` in the table referred to, joined to the referring table.

    Attributes
    ----------
    join
        The foreign key.
    attribute
        A column of the table referred to.
    bits
        KL(attribute among the joined rows ‖ attribute in its table): the mean log2 of true over estimated rows, over
        the joined rows.
    worst_value
        The value whose rows are misjudged most, weighted by its share of the joined rows.
    worst_factor
        True over estimated rows of that value, where no estimate is below one row, as planners have it.
    predicted
        What EXPLAIN shows, in bits: as ``bits``, with estimates of at least one row. Less than ``bits`` where few rows
        refer to many. None where it was not computed.
    """

    join: Join
    attribute: str
    bits: float
    worst_value: Value
    worst_factor: float
    predicted: float | None = None

    @property
    def error(self) -> float:
        """``predicted``, or ``bits`` where that was not computed."""
        return self.bits if self.predicted is None else self.predicted


@dataclass(frozen=True, slots=True, repr=False)
class JoinSize(Part):
    """The rows of a join: counted, as a planner estimates them, and what the fingerprints alone guarantee.

    Attributes
    ----------
    join
        The tables and the columns that are equal.
    rows
        Rows of the join; None where it was not counted.
    estimate
        Rows by the planner's rule: the product of rows over the larger number of values, step by step.
    lower, upper
        Guaranteed bounds, from the fingerprints of the joined columns alone.
    """

    join: Join
    rows: int | None
    estimate: float
    lower: int
    upper: int

    @property
    def factor(self) -> float | None:
        """By how much the estimate is off, whichever way: at least 1, with no less than one row on both sides.

        None where the rows were not counted.
        """
        if self.rows is None:
            return None
        true, expected = max(1, self.rows), max(1.0, self.estimate)
        return max(true / expected, expected / true)
